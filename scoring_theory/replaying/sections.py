"""The tables of a replay report, shared by Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from scoring_theory.pages import Section
from scoring_theory.replaying.logged import TOLERANCE
from scoring_theory.replaying.over_time import shown_steps
from scoring_theory.replaying.story import order, shown, swap, with_ends

if TYPE_CHECKING:
    from scoring_theory.replaying.cells import Cell
    from scoring_theory.replaying.replay import Replay

DEFINITIONS = (
    (
        "n: the number of answers with a confidence. Accuracy, confidence (the mean), Brier, ECE"
        " and AUROC are computed from these answers. If some answers have none, accuracy of all"
        " includes them."
    ),
    (
        "Brier: mean (q - c)^2, smaller is better; q is the stated confidence, c is 1 for a correct"
        " answer and 0 for a wrong one."
    ),
    (
        "ECE: the sum over ten equal-width bins of |sum (q - c)| / n; bins are closed on the left,"
        " and 1.0 is in the last one. The interval is for the ECE of infinitely many such answers"
        " in the same bins. No bootstrap interval covers it; it is computed from the standard"
        " errors of the gaps, with questions as independent units."
    ),
    (
        "If calibrated: the quantile of ECE under perfect calibration with the same confidences, at"
        " the level of the intervals (consistency resampling). It is the larger of two quantiles:"
        " for independent outcomes, and for outcomes with the correlation within questions that the"
        " log has. An ECE below it is no evidence against calibration."
    ),
    (
        "Grey bands: the range of the curves of calibrated answers with independent outcomes; if"
        " answers are correlated within questions, the bands should be wider."
    ),
    (
        "AUROC: the probability that a correct answer has more confidence than a wrong one, ties"
        " counting one half; - if all answers are correct or all are wrong."
    ),
    (
        "Mean reward: mean R(q, c) over all answers; an answer without a usable confidence has the"
        " reward that was declared for it."
    ),
    (
        "Other intervals: percentile bootstrap over whole questions if the log names them (the"
        " normal limit beyond 20,000 questions), widened by Student's t if there are few."
        " If the log names the questions, they are drawn once for all methods, so that differences"
        " are paired as far as methods answered the same ones. An interval that excludes 0 is"
        " called significant."
    ),
    (
        "Recalibrated: isotonic regression of c on q, cross-fitted (five folds, two beyond 100,000"
        " answers; questions are not split)."
    ),
    (
        "Advantage: group_mean is the reward minus the mean reward of the answers of the same"
        " method to the same question; group_std divides by their standard deviation (with G - 1),"
        " and is 0 if all rewards of the group are equal; leave_one_out_std takes the mean and the"
        " standard deviation of the other answers (not divided where that is 0); maxrl divides by"
        " the mean reward, and is 0 where that is not positive."
    ),
)


_BINARY = ("Brier:", "If calibrated:", "Grey bands:", "AUROC:", "Advantage:")
"""What is defined for outcomes of 0 and 1 only, or differently."""
_SCORES = (
    "Scores: correctness is a score s in [0, 1], and c in these definitions is s. Accuracy is the"
    " mean score, an answer is paid s R(q, 1) + (1 - s) R(q, 0), and Brier is the mean (q - s)^2,"
    " smaller is better, which is at least the mean variance of the score; q is the stated"
    " confidence."
)


_TEN_BINS = (
    "ten equal-width bins of |sum (q - c)| / n; bins are closed on the left, and 1.0 is in the last"
    " one."
)
_WEIGHTED = (
    "Weights: each answer counts with its weight in every mean, sum and interval; n counts rows."
    " Group-relative advantages are left out."
)


def _bins(replay: Replay) -> str:
    number = "ten" if replay.bins == 10 else f"{replay.bins}"
    ends = "1.0 is in the last one" if replay.closed == "left" else "0.0 is in the first one"
    return (
        f"{number} equal-width bins of |sum (q - c)| / n; bins are closed on the {replay.closed},"
        f" and {ends}."
    )


def definitions(replay: Replay) -> tuple[str, ...]:
    """The definitions of what the report shows."""
    own = tuple(text.replace(_TEN_BINS, _bins(replay)) for text in DEFINITIONS)
    if replay.weighted:
        own = (*own, _WEIGHTED)
    if not replay.graded:
        return own
    kept = (text for text in own if not text.startswith(_BINARY))
    return (_SCORES, *(text.replace("Brier, ECE and AUROC", "Brier and ECE") for text in kept))


def sections(replay: Replay) -> list[Section]:
    """The tables with at least one row.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])
        >>> [section.title for section in sections(replay(log, "c", intervals=False))]
        ['Accuracy and calibration', 'Mean reward', 'Reward after recalibration']
    """
    makers = (
        _calibration,
        _mean_rewards,
        _logged,
        over_time_section,
        _rankings,
        _swaps,
        _gaps_to_the_best,
        _recalibrated,
        _advantages,
    )
    return [section for section in (make(replay) for make in makers) if section.rows]


def how(replay: Replay) -> str:
    """A sentence on the numbers in brackets; "" without intervals.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> how(replay(Rollouts(confidence=[0.5, 0.5], correct=[1, 0]), "c", resamples=9))
        'Brackets: 95% intervals over answers, seed 0.'
    """
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
    binary = () if replay.graded else ("if calibrated", "AUROC")
    numbers = ("n", "accuracy", "confidence", "Brier", "ECE", *binary)
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
            *(() if replay.graded else (shown(one.ece_if_calibrated), shown(one.auroc))),
        )
        unstated = (shown(one.accuracy_of_all), f"{one.absent:,}", f"{one.malformed:,}")
        rows.append((*_place(replay, one.dataset), *row, *(unstated if missing else ())))
    head = _head(replay, "method", *numbers, *extra)
    return Section(
        "Accuracy and calibration", how(replay), head, tuple(rows), frozenset({*numbers, *extra})
    )


def _mean_rewards(replay: Replay) -> Section:
    rows = tuple(
        (*_place(replay, one.dataset), one.method, *map(with_ends, one.rewards.values()))
        for one in _sorted(replay)
    )
    head = _head(replay, "method", *replay.rewards)
    rows = rows if replay.rewards else ()
    return Section("Mean reward", how(replay), head, rows, frozenset(replay.rewards))


def _logged(replay: Replay) -> Section:
    numbers = ("answers", "different", "largest difference")
    rows = tuple(
        (
            one.reward,
            f"{one.compared:,}",
            f"{one.different:,}",
            f"{one.largest:.2g}",
            ", ".join(map(str, one.rows)) or "-",
        )
        for one in replay.logged
    )
    note = f"Against the reward in the log; differences up to {TOLERANCE:g} are rounding."
    head = ("reward", *numbers, "first rows that differ")
    return Section("Logged reward", note, head, rows, frozenset(numbers))


_MOST_STEPS = 100


def over_time_section(replay: Replay) -> Section:
    """The table over time; without rows if the log has no steps."""
    head, rows, numbers = steps_table(replay, most=_MOST_STEPS)
    shown_of = len(rows) < len(replay.over_time)
    note = f"{len(rows):,} of {len(replay.over_time):,} steps." if shown_of else ""
    return Section(
        "Over time", note, tuple(head), tuple(map(tuple, rows)), frozenset(numbers), long=True
    )


def steps_table(replay: Replay, *, most: int) -> tuple[list[str], list[list[str]], list[str]]:
    """The head, the rows and the columns of numbers of the table over time.

    Args:
        replay: The replay.
        most: The largest number of steps of each method.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 1], correct=[1, 0], step=[10, 20])
        >>> head, rows, _ = steps_table(replay(log, "c", intervals=False), most=9)
        >>> head[:4], rows[1][:4]
        (['step', 'n', 'accuracy', 'confidence'], ['20', '1', '0.000', '1.000'])
    """
    several = len(replay.methods) > 1
    missing = any(one.missing for one in replay.over_time)
    numbers = ["step", "n", *(["missing"] if missing else [])]
    numbers += ["accuracy", "confidence", "Brier", "ECE", *replay.rewards]
    rows = [
        [
            *([one.method] if several else []),
            f"{one.step:g}" if abs(one.step) < 1e6 else f"{one.step:.0f}",
            str(one.n),
            *([str(one.missing)] if missing else []),
            *map(shown, (one.accuracy, one.mean_confidence, one.brier, one.ece)),
            *map(shown, one.rewards.values()),
        ]
        for one in shown_steps(replay.over_time, most)
    ]
    return [*(["method"] if several else []), *numbers], rows, numbers


def _rankings(replay: Replay) -> Section:
    rows = tuple(
        (*_place(replay, one.dataset), one.reward, order(one.methods)) for one in replay.rankings
    )
    rows = rows if len(replay.methods) > 1 else ()
    return Section(
        "Ranking by reward",
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
            _significant(one.clear, replay),
        )
        for one in replay.swaps
    )
    head = _head(replay, "methods", "who leads", "significant")
    note = "Pairs of methods in different order under different rewards, with paired intervals."
    return Section(
        "Changes of ranking",
        note,
        head,
        rows,
        long=len(rows) > 20,
        words=frozenset({"who leads"}),
    )


def _significant(clear: bool, replay: Replay) -> str:
    if replay.level is None:
        return "-"
    return "yes" if clear else "no"


def _gaps_to_the_best(replay: Replay) -> Section:
    rows = []
    for ranking in replay.rankings:
        best, *others = (method for tied in ranking.methods for method in tied)
        for method in others:
            gap = replay.difference(ranking.reward, ranking.dataset, best, method).interval
            place = _place(replay, ranking.dataset)
            rows.append((*place, ranking.reward, best, method, with_ends(gap)))
    for dataset in replay.places:
        by_ece = sorted((one for one in replay.at(dataset) if one.n), key=lambda one: one.ece)
        for other in by_ece[1:]:
            best = by_ece[0].method
            gap = replay.difference(None, dataset, best, other.method).interval
            rows.append((*_place(replay, dataset), "ECE", best, other.method, with_ends(gap)))
    head = _head(replay, "measure", "best", "method", "best minus method")
    note = (
        "Questions are drawn once for both methods: paired as far as both answered the same ones."
        if replay.clustered
        else "Not paired: the log has no column of questions, so the answers of the two methods are"
        " drawn apart. If both answered the same questions, name the column (--column"
        " question=NAME): the intervals of mean rewards usually become narrower."
    )
    numbers = frozenset({"best minus method"})
    return Section("Gap to the best method", note, head, tuple(rows), numbers, long=True)


def gaps_table(replay: Replay) -> tuple[list[str], list[list[str]]]:
    """The head and the rows of a table of the best method minus each, over all rows of the log.

    A column for each reward, and one for ECE, whose smallest value is the best.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5], correct=[1, 1], method=["sure", "shy"])
        >>> gaps_table(replay(log, "c - (q - c)^2", intervals=False))
        (['method', 'c - (q - c)^2', 'ECE'], [['sure', 'best', 'best'], ['shy', '0.250', '-0.500']])
    """
    leaders: dict[str | None, str] = {
        one.reward: one.methods[0][0] for one in replay.rankings if one.dataset is None
    }
    stated = [one for one in replay.at(None) if one.n]
    if stated:
        leaders[None] = min(stated, key=lambda one: one.ece).method

    def gap(measure: str | None, best: str, method: str) -> str:
        if method == best:
            return "best"
        if measure is None and method not in {one.method for one in stated}:
            return "-"
        return with_ends(replay.difference(measure, None, best, method).interval)

    head = ["method", *("ECE" if measure is None else measure for measure in leaders)]
    rows = [[name, *(gap(*leader, name) for leader in leaders.items())] for name in replay.methods]
    return head, rows


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
        "The mean reward of the same answers with recalibrated confidences in the same order: the"
        " effect of calibration alone."
    )
    return Section(
        "Reward after recalibration",
        note,
        _head(replay, "method", "reward", *numbers),
        rows,
        frozenset(numbers),
        long=True,
    )


_SIDES: Sequence[tuple[Literal["right", "wrong"], bool]] = (
    ("right", True),
    ("right", False),
    ("wrong", True),
    ("wrong", False),
)


def _advantages(replay: Replay) -> Section:
    columns = (
        f"{'correct' if side == 'right' else 'wrong'}, q {'>=' if sure else '<'} 1/2"
        for side, sure in _SIDES
    )
    numbers = ("groups", "all correct", "all wrong", "correlation with q", *columns)
    head = ("method", "reward", "estimator", *numbers)
    note = "The mean advantage by correctness and confidence, as a policy-gradient trainer sees it."
    rows = tuple(_advantage_rows(replay))
    return Section("Group-relative advantages", note, head, rows, frozenset(numbers))


def _advantage_rows(replay: Replay) -> Iterator[tuple[str, ...]]:
    for one in replay.advantages.values():
        if one is None:
            continue
        group = (f"{one.groups:,}", f"{one.all_right:.1%}", f"{one.all_wrong:.1%}")
        for each in one.followed:
            means = (each.mean(side, sure=sure) for side, sure in _SIDES)
            yield (
                one.method,
                each.reward,
                each.estimator,
                *group,
                shown(each.correlation),
                *map(shown, means),
            )
        for name in one.ruined:
            yield (one.method, name, "none: reward -inf", *group, *["-"] * 5)
