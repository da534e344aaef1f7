"""What `simulate --signal` prints below the table: runs beside their exact expected update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulations.experiment import Experiment
    from simulations.record import Record

BESIDE_EXACT = ("accuracy", "mean_confidence", "brier", "answer_entropy")


def learned(record: Record) -> bool:
    """Whether training has changed the policy of any run.

    Example:
        >>> from simulations import run, standard_experiments
        >>> learned(run(standard_experiments("short")[0]))
        True
    """
    return any(
        bool((record.metric(name) != record.metric(name)[:, :1]).any())
        for name in ("accuracy", "mean_confidence", "answer_entropy", "confidence_entropy")
    )


def print_signal(
    todo: Sequence[Experiment], records: Sequence[Record], limits: Sequence[Record], refused: str
) -> None:
    """Print the signal, each metric beside its exact value, and what could not be learned.

    Args:
        todo: The experiments.
        records: Their records.
        limits: The records of their expected updates; empty if they cannot be enumerated.
        refused: Why they cannot be.
    """
    from scoring_theory.cli.terminal import paint, print_prose, print_table
    from simulations.metrics import METRICS

    signal = todo[0].signal
    if signal is None:
        return
    print()
    print(paint(f"Signal {signal.name}", "head"))
    numbers = ", ".join(f"{key} = {value}" for key, value in signal.describe().items()
                        if key != "name")  # fmt: skip
    print_prose(
        f"{signal.story[0].upper()}{signal.story[1:]}{f' ({numbers})' if numbers else ''}."
        f" Source: {signal.source}."
    )
    if limits:
        head = ["reward", "at the end", "measured", "± s.e.", "exact"]
        rows = []
        for record, limit in zip(records, limits, strict=True):
            for name in BESIDE_EXACT:
                values, exact = (one.metric(name)[:, -1] for one in (record, limit))
                error = (values - exact).std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else 0
                cells = (values.mean(), error, exact.mean())
                shown = [f"{cell:z.3f}" for cell in cells]
                shown[1] = shown[1] if len(values) > 1 else "-"
                rows.append([record.name, METRICS[name], *shown])
        print_table(head, rows, numbers=head[2:])
        print_prose(
            "Exact: the expected update from the same start, by enumeration of every group. The"
            " standard error is that of the difference. What is left beyond chance is the bias of"
            " a finite step size: half the --learning-rate with twice the --steps lowers it."
        )
    else:
        print_prose(f"No exact value: {refused}.")
    for record in records:
        if not learned(record):
            print_prose(
                f"{record.name}: all advantages are 0, so nothing was learned; a larger"
                " --group-size or a reward that depends on confidence changes this"
            )
