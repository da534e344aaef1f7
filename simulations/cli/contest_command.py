"""`scoring-theory contest`: compare a designed reward with RLCR by decisions after training."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from scoring_theory.cli import design_command, paths
from scoring_theory.cli.parser import CommandDefinition, UsageError, number_of

if TYPE_CHECKING:
    from scoring_theory.designing import Design
    from simulations.contest import ContestResult
    from simulations.training.kernels import FloatArray

CONTEST = "-contest"
"""The ending of the second figure's name."""
_VANISHED = 0.01
"""A lead has vanished if less than this part of it is left."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand: those of `design`, and those of the contest."""
    design_command.add_design_arguments(parser, figure=partial(paths.figures, parts=("", CONTEST)))
    parser.add_argument(
        "--decision", action="append", default=[], metavar="T",
        help="another decision threshold for the comparison; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--short", action="store_true", help="few runs and steps, for a quick preview"
    )
    parser.add_argument(
        "--seed", type=number_of(int, 0), default=0, metavar="N", help="random seed (0)"
    )


def _run(options: argparse.Namespace) -> int:
    """Design a reward, train agents with it and with RLCR, and compare their decisions."""
    from scoring_theory.cli.terminal import print_json, working

    with working(
        "designing a reward, and training agents with it and with RLCR", quiet=options.quiet
    ):
        made = design_command.designed(options)
        outcome = _contest(made, options)
    if options.json:
        print_json({**design_command.design_json(made), "contest": _to_json(outcome)})
    else:
        design_command.print_design(made)
        _print_contest(outcome)
    design_command.write_design(made, options)
    if options.figure:
        _draw(outcome, options)
    return 0


def _to_json(outcome: ContestResult) -> dict[str, object]:
    ends = outcome.payoff[:, :, -1]
    return {
        "steps": int(outcome.steps[-1]),
        "thresholds": list(outcome.thresholds),
        "best": outcome.best.tolist(),
        "payoff": {name: ends[i].tolist() for i, name in enumerate(outcome.names)},
        "course": [asdict(course) for course in outcome.course(1, 0)],
    }


def _contest(made: Design, options: argparse.Namespace) -> ContestResult:
    """The contest at the given thresholds, or else at the quartiles of the distribution."""
    from simulations.contest import contest, contestants, rlcr_of_range

    designed = {
        float(design_command.numbers_of(text, 1, "")[0][0]) for text in options.threshold
    } or _quartiles(made)
    further = {_decision(text) for text in options.decision}
    rewards = [rlcr_of_range(made.thresholds.total), made.reward]
    return contest(
        contestants(rewards, scale="short" if options.short else "full", seed=options.seed),
        sorted(designed | further),
        expected=not options.short,
    )


def _decision(text: str) -> float:
    """The threshold of a further decision.

    Raises:
        UsageError: it is no number from 0 to 1.
    """
    wanted = "--decision takes a number from 0 to 1, such as 0.3"
    number = float(design_command.numbers_of(text, 1, wanted)[0][0])
    if "=" in text or not 0 <= number <= 1:
        raise UsageError(f"{wanted}; got {text!r}")
    return number


def _quartiles(made: Design) -> set[float]:
    import numpy as np

    grid = np.linspace(0, 1, 1001)
    reached = made.thresholds.cdf(grid)
    return {
        float(grid[np.searchsorted(reached, share * reached[-1])]) for share in (0.25, 0.5, 0.75)
    }


def _print_contest(outcome: ContestResult) -> None:
    from scoring_theory.cli.terminal import print_prose, print_table

    replicates, last = outcome.payoff.shape[1], outcome.steps[-1]
    print()
    print_prose(
        f"Mean of (c - t)*(q > t): tabular agent, {replicates} runs of {last} steps. The largest"
        " lead of the design over RLCR in time (negative: RLCR leads), with 10 % and 90 % quantiles"
        " over runs, and the step at which half of it is gone:"
    )
    print()
    head = ["decision", "largest lead", "at step", "half gone at step", f"lead at {last}", "best"]
    rows = []
    for d, (t, course) in enumerate(zip(outcome.thresholds, outcome.course(1, 0), strict=True)):
        at = list(outcome.steps).index(course.at)
        half = f"after {last}" if course.half_gone_at is None else f"{course.half_gone_at}"
        lead = outcome.lead(1, 0)[:, :, d]
        largest, end = (_band(lead[:, i]) for i in (at, -1))
        rows.append([f"q > {t:g}", largest, f"{course.at}", half, end, f"{outcome.best[d]:.4f}"])
    print_table(head, rows, numbers=head[1:])
    print()
    print_prose(
        "Every strictly proper reward ends at the same decisions; what differs is how soon. `best`"
        " is the payoff of the most probable answer with its true probability."
    )
    print_prose(fate_of_leads(outcome))


def fate_of_leads(outcome: ContestResult) -> str:
    """Whether the lead of each decision has vanished at the end, or by which factor it shrank.

    In the mean over runs, where a lead of less than two standard errors is none, and without noise,
    along the expected updates, where these are known.

    Args:
        outcome: a contest of two rewards.

    Example:
        >>> import numpy as np
        >>> from simulations.contest import ContestResult
        >>> payoff = np.array([[0, 0, 0], [0, 0.4, 0.1]])[:, None, :, None]
        >>> steps = np.array([0, 10, 20])
        >>> fate_of_leads(ContestResult(("a", "b"), (0.5,), steps, payoff, None, np.ones(1)))
        'In the mean over runs, at step 20 the lead at q > 0.5 has shrunk by a factor of 4.'
    """
    import numpy as np

    runs = outcome.lead(1, 0)
    count = len(runs)
    noise = 2 * runs[:, -1].std(axis=0, ddof=1) / count**0.5 if count > 1 else runs[0, -1] * 0
    told = [_fates(outcome, "In the mean over runs", runs.mean(axis=0), noise)]
    if outcome.expected is not None:
        exact = outcome.expected[1] - outcome.expected[0]
        told.append(_fates(outcome, "Without noise", exact, np.zeros_like(noise)))
    return " ".join(told)


def _fates(outcome: ContestResult, how: str, lead: FloatArray, noise: FloatArray) -> str:
    fates = [
        f"the lead at q > {t:g} {_fate(lead[:, d], float(noise[d]))}"
        for d, t in enumerate(outcome.thresholds)
    ]
    return f"{how}, at step {outcome.steps[-1]} {'; '.join(fates)}."


def _fate(lead: FloatArray, noise: float) -> str:
    """What has become of the largest lead at the end; a lead up to `noise` is none."""
    largest, end = float(lead[abs(lead).argmax()]), float(lead[-1])
    if abs(largest) <= noise or not largest:
        return "is none"
    if abs(end) <= max(noise, _VANISHED * abs(largest)):
        return "has vanished"
    if end * largest < 0:
        return f"has turned round (from {largest:+.4f} to {end:+.4f})"
    factor = largest / end
    return f"has shrunk by a factor of {factor:.3g}" if factor > 1.005 else "has not shrunk yet"


def _band(values: FloatArray) -> str:
    import numpy as np

    low, high = np.percentile(values, (10, 90))
    return f"{np.mean(values):+.4f} [{low:+.4f}, {high:+.4f}]"


def _draw(outcome: ContestResult, options: argparse.Namespace) -> None:
    from simulations.figures import contest_figure

    paths.save_figure(contest_figure(outcome), options.figure, part=CONTEST, quiet=options.quiet)


CONTEST_COMMAND = CommandDefinition(
    description="""\
Design a reward as `scoring-theory design` does, train agents with it and with RLCR, and compare the
decisions that their confidences lead to: act if q > t, and receive 1 - t for a correct answer and
-t for a wrong one. Both rewards have the same range, random seeds and learning rate. --figure PATH
plots the design, and the comparison as PATH-contest.""",
    examples="""\
examples:
  scoring-theory contest --threshold 0.6 --curvature 0.2
  scoring-theory contest --threshold 0.6 --curvature 0.2 --decision 0.3 --short
  scoring-theory contest --beta 8,3 --figure out/contest""",
    exit_codes={
        0: "the agents are trained and compared",
        2: "invalid input, or no reward meets the request; the message is on stderr",
    },
    add_arguments=_add_arguments,
    run=_run,
)
