"""The calibration of a log without any reward: scores, their decomposition, errors and tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoring_theory.calibration import (
    CalibrationTest,
    Decomposition,
    corp_decomposition,
    kuiper,
    log_loss,
    smooth_calibration_error,
    spiegelhalter,
)
from scoring_theory.calibration.confidence_intervals import RESAMPLES
from scoring_theory.catalogue import brier
from scoring_theory.display import in_short, line, one_line, table
from scoring_theory.replaying.cells import Settings
from scoring_theory.replaying.comparison import interval_json, number_json
from scoring_theory.replaying.paired_scores import ScoreDifference, score_differences
from scoring_theory.replaying.replay import Replay, replay
from scoring_theory.replaying.story import shown
from scoring_theory.rollouts.rollouts import require_rollouts

if TYPE_CHECKING:
    from scoring_theory.calibration import ConfidenceInterval, Forecasts
    from scoring_theory.calibration.binning import Closed
    from scoring_theory.replaying.cells import Cell
    from scoring_theory.rollouts.rollouts import Rollouts

CALIBRATE_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class CalibrationCell:
    """The calibration of one method, on one dataset or on all of them.

    Attributes:
        cell: Counts, accuracy, Brier score, ECE with interval and chance level, and AUROC.
        log_loss: The mean log loss; smaller is better, infinite if a certain answer is wrong.
        certain_errors: The number of wrong answers with confidence 1 and of correct ones with 0.
        parts: The CORP decomposition of the Brier score: miscalibration (MCB), discrimination (DSC)
            and uncertainty (UNC); None for graded scores and where no confidence is stated.
        smooth_ece: The smooth calibration error; smaller is better.
        tests: Tests of perfect calibration by name, as far as they are defined; empty for graded
            scores.

    Example:
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.75, 0.75, 1.0], correct=[1, 0, 0])
        >>> one = calibrate(log, intervals=False).cell("all")
        >>> one.log_loss, one.certain_errors, round(one.parts.uncertainty, 3)
        (inf, 1, 0.222)
    """

    cell: Cell
    log_loss: float
    certain_errors: int
    parts: Decomposition | None
    smooth_ece: float
    tests: Mapping[str, CalibrationTest]

    __repr__ = one_line

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; NaN becomes null, and an infinite loss the text "inf"."""
        one = self.cell
        names = ("n", "accuracy", "accuracy_of_all", "mean_confidence", "brier", "ece", "auroc")
        parts = self.parts
        return {
            **{name: number_json(getattr(one, name)) for name in names},
            "absent": one.absent,
            "malformed": one.malformed,
            "log_loss": number_json(self.log_loss),
            "certain_errors": self.certain_errors,
            "miscalibration": None if parts is None else parts.miscalibration,
            "discrimination": None if parts is None else parts.discrimination,
            "uncertainty": None if parts is None else parts.uncertainty,
            "overconfidence": interval_json(one.overconfidence),
            "ece_interval": interval_json(one.ece_interval),
            "ece_if_calibrated": number_json(one.ece_if_calibrated),
            "smooth_ece": number_json(self.smooth_ece),
            "tests": {
                name: {"statistic": number_json(test.statistic), "p": number_json(test.p_value)}
                for name, test in self.tests.items()
            },
            "thin_bins": one.thin,
        }


@dataclass(frozen=True, slots=True)
class Calibration:
    """The result of `calibrate`.

    Attributes:
        replayed: The same log replayed under no reward: source, intervals, steps, and cells.
        cells: For each method, the cell of all its rows and then one per dataset.
        differences: For every pair of methods with common questions, the paired differences of
            Brier score and log loss.

    Example:
        >>> from scoring_theory.rollouts import Rollouts
        >>> calibrate(Rollouts(confidence=[0.5, 0.5], correct=[1, 0]), intervals=False)
        Calibration(methods=('all',))
    """

    replayed: Replay
    cells: tuple[CalibrationCell, ...]
    differences: tuple[ScoreDifference, ...] = ()

    def __repr__(self) -> str:
        datasets = self.replayed.datasets
        return line(
            "Calibration",
            f"methods={in_short(self.replayed.methods)}",
            *([f"datasets={in_short(datasets)}"] if datasets else []),
        )

    def _repr_html_(self) -> str:
        """A table with a row for each measure and a column for each method, over all rows."""
        cells = self.at(None)
        source = self.replayed.source
        return table(
            ([label, *values] for label, values in self.measures(None)),
            head=("", *(one.cell.method for one in cells)),
            caption=f"Calibration{': ' if source else ''}{source}",
            most=20,
        )

    def cell(self, method: str, dataset: str | None = None) -> CalibrationCell:
        """The cell of a method, on one dataset or on all rows.

        Raises:
            KeyError: If there is no such cell.
        """
        for one in self.cells:
            if (one.cell.method, one.cell.dataset) == (method, dataset):
                return one
        raise KeyError(f"no cell of method {method!r} and dataset {dataset!r}")

    def at(self, dataset: str | None) -> tuple[CalibrationCell, ...]:
        """The cells of one dataset; None for the cells of all rows."""
        return tuple(one for one in self.cells if one.cell.dataset == dataset)

    def measures(self, dataset: str | None) -> list[tuple[str, list[str]]]:
        """Each measure by its label, with one text for each method; what says nothing is left out.

        Example:
            >>> from scoring_theory.rollouts import Rollouts
            >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])
            >>> calibrate(log, intervals=False).measures(None)[0]
            ('answers', ['2'])
        """
        cells = self.at(dataset)
        rows = []
        for label, text in _MEASURES.items():
            values = [text(one) for one in cells]
            if any(value not in ("-", "") for value in values):
                rows.append((label, values))
        return rows

    def to_json(self) -> dict[str, Any]:
        """The JSON object of `scoring-theory calibrate --json`, with `schema` 1.

        `methods[method]` holds every measure over all rows, and under `datasets` those of each
        dataset; what is undefined is null, an infinite log loss is the text "inf". `differences`
        holds those of each pair of methods; `over_time` is that of `replay`.
        """
        whole = self.replayed.to_json()
        methods: dict[str, Any] = {}
        for one in self.cells:
            if one.cell.dataset is None:
                methods[one.cell.method] = one.to_json()
            else:
                own = methods[one.cell.method].setdefault("datasets", {})
                own[one.cell.dataset] = one.to_json()
        kept = (
            "source", "scale", "graded", "reading", "bins", "closed", "weighted", "intervals",
        )  # fmt: skip
        return {
            "schema": CALIBRATE_SCHEMA,
            **{name: whole[name] for name in kept},
            "methods": methods,
            "differences": [one.to_json() for one in self.differences],
            "over_time": whole["over_time"],
        }


def calibrate(
    rollouts: Rollouts,
    *,
    intervals: bool = True,
    level: float = 0.95,
    seed: int = 0,
    resamples: int = RESAMPLES,
    bins: int = 10,
    closed: Closed = "left",
) -> Calibration:
    """Measure the calibration of every method of a log; no confidence is changed.

    Brier score, log loss, the CORP decomposition of the Brier score (MCB - DSC + UNC), the expected
    calibration error with its interval and with the level that a perfectly calibrated model stays
    below, the smooth calibration error, tests of perfect calibration, and AUROC; and the paired
    differences of every two methods in Brier score and log loss, where they answered the same
    questions. To recalibrate confidences, use `recalibrate`.

    Source: Dimitriadis, Gneiting, Jordan 2021 (CORP); Spiegelhalter 1986; Kuiper's test as in
        Arrieta-Ibarra et al. 2022.

    Args:
        rollouts: The log.
        intervals: Whether to compute intervals and the chance level of ECE.
        level: Nominal coverage in (0, 1).
        seed: A whole number of at least 0; the same seed gives the same intervals.
        resamples: Number of bootstrap resamples, at least 2.
        bins: The number of bins of equal width of ECE.
        closed: Which end of a bin belongs to it, "left" or "right".

    Raises:
        ValueError: If an option is outside its domain.
        TypeError: If the log is the name of a file or a data frame.

    Example:
        >>> from scoring_theory.rollouts import example_rollouts
        >>> found = calibrate(example_rollouts(), intervals=False)
        >>> one = found.cell("overconfident")
        >>> round(one.cell.brier, 3), round(one.parts.miscalibration, 2)
        (0.25, 0.08)
        >>> one.tests["Spiegelhalter"].p_value < 1e-6
        True
    """
    require_rollouts(rollouts, "calibrate")
    replayed = replay(
        rollouts,
        {},
        intervals=intervals,
        level=level,
        seed=seed,
        resamples=resamples,
        graded=rollouts.graded,
        bins=bins,
        closed=closed,
    )
    settings = Settings(resamples=resamples if intervals else 0, level=level, seed=seed)
    return Calibration(
        replayed,
        tuple(_measured(rollouts, one) for one in replayed.cells),
        score_differences(rollouts, settings),
    )


def _measured(rollouts: Rollouts, one: Cell) -> CalibrationCell:
    if not one.n:
        return CalibrationCell(one, math.nan, 0, None, math.nan, {})
    forecasts = rollouts.forecasts(method=one.method, dataset=one.dataset)
    if rollouts.graded:
        return CalibrationCell(one, math.nan, 0, None, math.nan, {})
    q, c = forecasts.confidence, forecasts.correct
    return CalibrationCell(
        cell=one,
        log_loss=log_loss(forecasts).value,
        certain_errors=int(((q == 1) & (c == 0)).sum() + ((q == 0) & (c == 1)).sum()),
        parts=corp_decomposition(forecasts, brier),
        smooth_ece=smooth_calibration_error(forecasts),
        tests=dict(_tests(forecasts)),
    )


def _tests(forecasts: Forecasts) -> Iterator[tuple[str, CalibrationTest]]:
    """The tests that are defined: some need other values than 0, 1/2 and 1."""
    for name, test in {"Spiegelhalter": spiegelhalter, "Kuiper": kuiper}.items():
        try:
            yield name, test(forecasts)
        except ValueError:
            continue


def _part(name: str) -> Callable[[CalibrationCell], str]:
    return lambda one: "-" if one.parts is None else shown(getattr(one.parts, name))


def _p_value(name: str) -> Callable[[CalibrationCell], str]:
    def text(one: CalibrationCell) -> str:
        if name not in one.tests:
            return "-"
        p = one.tests[name].p_value
        return "< 0.0001" if p < 1e-4 else shown(p)

    return text


def _log_loss(one: CalibrationCell) -> str:
    errors = one.certain_errors
    why = f" ({errors:,} certain error{'' if errors == 1 else 's'})" if errors else ""
    return f"{shown(one.log_loss)}{why}"


def _without(one: CalibrationCell) -> str:
    return f"{one.cell.missing:,}" if one.cell.missing else "-"


def _ends(interval: ConfidenceInterval) -> str:
    """The ends alone, on a line of their own, so that three methods fit a terminal."""
    if math.isnan(interval.low):
        return "-"
    return f"[{shown(interval.low)}, {shown(interval.high)}]"


_MEASURES: Mapping[str, Callable[[CalibrationCell], str]] = {
    "answers": lambda one: f"{one.cell.n + one.cell.missing:,}",
    "without a confidence": _without,
    "accuracy of all": lambda one: shown(one.cell.accuracy_of_all) if one.cell.missing else "-",
    "accuracy": lambda one: shown(one.cell.accuracy),
    "mean confidence": lambda one: shown(one.cell.mean_confidence),
    "confidence - accuracy": lambda one: shown(one.cell.overconfidence.estimate),
    "  its interval": lambda one: _ends(one.cell.overconfidence),
    "Brier score (loss)": lambda one: shown(one.cell.brier),
    "  miscalibration MCB": _part("miscalibration"),
    "  discrimination DSC": _part("discrimination"),
    "  uncertainty UNC": _part("uncertainty"),
    "log loss": _log_loss,
    "ECE": lambda one: shown(one.cell.ece),
    "  interval of ECE": lambda one: _ends(one.cell.ece_interval),
    "  if calibrated": lambda one: (
        "-" if math.isnan(one.cell.ece_if_calibrated) else f"< {shown(one.cell.ece_if_calibrated)}"
    ),
    "smooth ECE": lambda one: shown(one.smooth_ece),
    "p, Spiegelhalter": _p_value("Spiegelhalter"),
    "p, Kuiper": _p_value("Kuiper"),
    "AUROC": lambda one: shown(one.cell.auroc),
}
