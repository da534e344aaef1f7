"""The tables of a replay, once for Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_theory.replaying.story import order, shown, swap, with_ends

if TYPE_CHECKING:
    from scoring_theory.replaying.cells import Cell
    from scoring_theory.replaying.replay import Replay

DEFINITIONS = (
    "n: answers that state a confidence. Accuracy, confidence (the mean stated one), Brier, ECE and AUROC are theirs; "
    "where some answers state none, accuracy of all counts these, too.",
    "Brier: mean (q - c)^2, smaller is better; q is the stated confidence, c is 1 for a correct answer, 0 for a wrong "
    "one.",
    "ECE: sum over ten equal-width bins of |sum (q - c)| / n; a bin is closed on the left, 1.0 is in the last. Its "
    "interval is for the ECE that infinitely many such answers would have in these bins; no bootstrap covers that, so "
    "that it is calculated from the errors of the gaps, by whole questions.",
    "If calibrated: what the ECE of calibrated answers with the same confidences stays below with the chance of the "
    "intervals: the larger of what independent outcomes show, and outcomes as alike within questions as they are. An "
    "ECE below it is no evidence against calibration.",
    "Grey bands: where curves of calibrated answers with independent outcomes would lie; answers that are alike within "
    "questions need wider ones.",
    "AUROC: the chance that a right answer states more than a wrong one, ties counting half; - when only one kind "
    "occurs.",
    "Mean reward: mean R(q, c) over all answers, those without a usable confidence included at what they were declared "
    "to be paid.",
    "Other intervals: percentile bootstrap over whole questions where the log names them (their normal limit beyond "
    "20,000), widened by Student's t where these are few. "
    "Differences are paired: the same questions are drawn for both methods. An interval that leaves out 0 is called "
    "clear.",
    "Recalibrated: isotonic regression of c on q, fitted without the fold it is applied to (five folds, two beyond "
    "100,000 answers; questions whole).",
    "Advantage: group_mean is the reward minus the mean over the answers of the same method to the same question; "
    "group_std divides by their standard deviation (over G - 1), and is 0 where all are paid alike.",
)


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its heading.

    Attributes:
        title: The heading.
        note: A sentence below it, or "".
        head: The names of the columns.
        rows: The cells as texts.
        numbers: Which columns are set flush right.
        long: Whether a page may fold it away.
    """

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[str]
    long: bool = False


def sections(replay: Replay) -> list[Section]:
    """Every table that has a row."""
    made = (_calibration, _earned, _rankings, _swaps, _behind, _recalibrated, _advantages)
    return [section for section in (make(replay) for make in made) if section.rows]


def how(replay: Replay) -> str:
    """What the brackets are."""
    if replay.level is None:
        return ""
    over = "questions" if replay.clustered else "answers"
    return f"Brackets: {replay.level:.0%} intervals over {over}, seed {replay.seed}."


def _place(replay: Replay, dataset: str | None) -> tuple[str, ...]:
    return (("(all)" if dataset is None else dataset),) if replay.datasets else ()


def _head(replay: Replay, *names: str) -> tuple[str, ...]:
    return ("dataset", *names) if replay.datasets else names


def _sorted(replay: Replay) -> list[Cell]:
    return [one for place in (None, *replay.datasets) for one in replay.at(place)]


def _calibration(replay: Replay) -> Section:
    numbers = ("n", "accuracy", "confidence", "Brier", "ECE", "if calibrated", "AUROC")
    missing = any(one.missing for one in replay.cells)
    extra = ("accuracy of all", "absent", "malformed") if missing else ()
    rows = []
    for one in _sorted(replay):
        ece = with_ends(one.ece_interval)
        measured = (one.accuracy, one.mean_confidence, one.brier)
        row = (
            one.method,
            f"{one.n:,}",
            *map(shown, measured),
            ece,
            shown(one.ece_if_calibrated),
            shown(one.auroc),
        )
        lost = (
            (shown(one.accuracy_of_all), f"{one.absent:,}", f"{one.malformed:,}") if missing else ()
        )
        rows.append((*_place(replay, one.dataset), *row, *lost))
    head = _head(replay, "method", *numbers, *extra)
    return Section(
        "Right and calibrated", how(replay), head, tuple(rows), frozenset({*numbers, *extra})
    )


def _earned(replay: Replay) -> Section:
    rows = tuple(
        (*_place(replay, one.dataset), one.method, *map(with_ends, one.rewards.values()))
        for one in _sorted(replay)
    )
    head = _head(replay, "method", *replay.rewards)
    rows = rows if replay.rewards else ()
    return Section(
        "What each reward would have paid", how(replay), head, rows, frozenset(replay.rewards)
    )


def _rankings(replay: Replay) -> Section:
    rows = tuple(
        (*_place(replay, one.dataset), one.reward, order(one.methods)) for one in replay.rankings
    )
    rows = rows if len(replay.methods) > 1 else ()
    return Section(
        "Whom each reward ranks first",
        "",
        _head(replay, "reward", "best > ... > worst"),
        rows,
        frozenset(),
    )


def _swaps(replay: Replay) -> Section:
    several = len(replay.datasets) > 1
    rows = tuple(
        (
            *_place(replay, one.dataset),
            f"{one.first}, {one.second}",
            swap(one, several=several),
            _clear(one.clear, replay),
        )
        for one in replay.swaps
    )
    head = _head(replay, "methods", "who leads", "beyond chance")
    note = "Pairs that some rewards order one way and some the other, with paired intervals."
    return Section("Methods that change places", note, head, rows, frozenset(), long=len(rows) > 20)


def _clear(clear: bool, replay: Replay) -> str:
    return "-" if replay.level is None else "yes" if clear else "no"


def _behind(replay: Replay) -> Section:
    rows = [
        (*_place(replay, place), one.reward, best, method, with_ends(interval))
        for one in replay.rankings
        for place in (one.dataset,)
        for best in one.methods[0][:1]
        for tied in one.methods
        for method in tied
        if method != best
        for interval in (replay.difference(one.reward, place, best, method).interval,)
    ]
    for place in replay.places:
        cells = sorted((one for one in replay.at(place) if one.n), key=lambda one: one.ece)
        for one in cells[1:]:
            less = replay.difference(None, place, cells[0].method, one.method).interval
            rows.append(
                (*_place(replay, place), "ECE", cells[0].method, one.method, with_ends(less))
            )
    head = _head(replay, "measure", "first", "method", "first minus method")
    note = "Paired: the same questions are drawn for both."
    return Section(
        "Distance to the first",
        note,
        head,
        tuple(rows),
        frozenset({"first minus method"}),
        long=True,
    )


def _recalibrated(replay: Replay) -> Section:
    rows = tuple(
        (
            *_place(replay, one.dataset),
            one.method,
            name,
            with_ends(one.rewards[name]),
            with_ends(mean),
            with_ends(one.gain[name]),
        )
        for one in _sorted(replay)
        for name, mean in one.recalibrated.items()
    )
    numbers = ("as stated", "recalibrated", "gain")
    note = (
        "What calibration alone would have earned, with the same answers and the same order of"
        " confidence."
    )
    title = "If it had stated its recalibrated confidence"
    return Section(
        title,
        note,
        _head(replay, "method", "reward", *numbers),
        rows,
        frozenset(numbers),
        long=True,
    )


_SIDES: Sequence[tuple[str, bool]] = (
    ("right", True),
    ("right", False),
    ("wrong", True),
    ("wrong", False),
)


def _advantages(replay: Replay) -> Section:
    numbers = ("groups", "all right", "all wrong", "correlation with q", *(
        f"{side}, q {'>=' if sure else '<'} 1/2" for side, sure in _SIDES
    ))  # fmt: skip
    note = "Mean advantage of answers by what they stated and whether they were right."
    title = "What an optimiser would have followed"
    rows = tuple(_advantage_rows(replay))
    return Section(
        title, note, ("method", "reward", "estimator", *numbers), rows, frozenset(numbers)
    )


def _advantage_rows(replay: Replay) -> Iterator[tuple[str, ...]]:
    for one in replay.advantages.values():
        if one is None:
            continue
        group = (f"{one.groups:,}", f"{one.all_right:.1%}", f"{one.all_wrong:.1%}")
        for each in one.followed:
            means = (
                each.mean("right" if side == "right" else "wrong", sure=sure)
                for side, sure in _SIDES
            )
            yield (
                one.method,
                each.reward,
                each.estimator,
                *group,
                shown(each.correlation),
                *map(shown, means),
            )
        for name in one.ruined:
            yield (one.method, name, "none: paid -inf", *group, *["-"] * 5)
