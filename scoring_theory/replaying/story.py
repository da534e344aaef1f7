"""The summary of a replay in sentences: calibration, rankings, recalibration, and caveats."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.replaying.cells import THIN
from scoring_theory.replaying.logged import logged_story

if TYPE_CHECKING:
    from scoring_theory.calibration import ConfidenceInterval
    from scoring_theory.replaying.advantages import Advantages
    from scoring_theory.replaying.cells import Cell
    from scoring_theory.replaying.comparison import Difference, Swap
    from scoring_theory.replaying.replay import Replay

MOST_SWAPS, NOTABLE, NEGLIGIBLE = 8, 0.01, 5e-4


def shown(value: float) -> str:
    """A number with three decimals, or four if its absolute value is below 0.0095.

    Example:
        >>> shown(0.1234), shown(-0.00368), shown(0.0), shown(float("nan"))
        ('0.123', '-0.0037', '0.000', '-')
    """
    if math.isnan(value):
        return "-"
    if not math.isfinite(value):
        return "inf" if value > 0 else "-inf"
    if abs(value) < 5e-5:
        return "0.000"  # without a minus sign
    return f"{value:.4f}" if abs(value) < 0.0095 else f"{value:.3f}"


def with_ends(interval: ConfidenceInterval) -> str:
    """The estimate, with its interval if there is one.

    Example:
        >>> from scoring_theory.calibration import ConfidenceInterval
        >>> with_ends(ConfidenceInterval(0.5, 0.25, 0.75, level=0.95, resamples=999))
        '0.500 [0.250, 0.750]'
    """
    if math.isnan(interval.low):
        return shown(interval.estimate)
    return f"{shown(interval.estimate)} [{shown(interval.low)}, {shown(interval.high)}]"


def story(replay: Replay) -> list[str]:
    """The results in sentences, the most important first.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])
        >>> story(replay(log, "c", intervals=False))[0]
        '2 answers of 1 method; confidences on the scale 0 to 1.'
    """
    sentences = [_what(replay), _scores(replay), *logged_story(replay.logged)]
    sentences += [_calibration(replay, place) for place in _places(replay)]
    sentences += [*_preferences(replay), *_swaps(replay)]
    sentences += [*_recalibrated(replay), *_followed(replay)]
    return [sentence for sentence in sentences if sentence]


def warnings(replay: Replay) -> list[str]:
    """The caveats: what limits the conclusions from the numbers.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import example_rollouts
        >>> warnings(replay(example_rollouts(), "c", intervals=False))
        []
    """
    caveats = []
    if replay.scale == "percent" and all(
        one.mean_confidence <= 0.01 for one in replay.at(None) if one.n
    ):
        caveats.append(
            "The mean confidence of every method is at most 1 %; if the log has confidences from 0"
            " to 1, they were divided by 100 in error."
        )
    caveats += [_unstated(one, replay.missing or 0.0) for one in replay.at(None) if one.missing]
    places = _places(replay)
    cells = [one for place in places for one in replay.at(place) if one.n]
    if thin := [_where(one, places) for one in cells if one.thin]:
        have = "has" if len(thin) == 1 else "have"
        caveats.append(
            f"{len(thin)} of {_count(len(cells), 'reliability curve')} {have} bins with fewer than"
            f" {THIN} answers; read those points with caution:"
            f" {_listed(thin, [_where(one, places) for one in cells])}."
        )
    drawn = [one for place in places for one in replay.at(place)]
    few = [f"{_where(one, places)} ({one.drawn})" for one in drawn if one.drawn < THIN]
    if few and replay.level is not None:
        unit = "question" if replay.clustered else "answer"
        caveats.append(
            f"Intervals from fewer than {THIN} {unit}s are too narrow; none is given for a single"
            f" {unit}: {', '.join(few)}."
        )
    if ruined := [f"{one.method} under {name}" for one in replay.at(None) for name in _ruined(one)]:
        caveats.append(
            f"A single error makes the mean reward -inf: {', '.join(ruined)}; such methods have"
            " equal rank."
        )
    if replay.weighted:
        caveats.append("The rows have weights, so group-relative advantages are left out.")
    if not replay.clustered and replay.level is not None:
        compared = len({cell.method for cell in replay.cells}) > 1
        caveats.append(
            "The log has no question column (`--column question=NAME`), so answers were resampled"
            " as if they were independent"
            f"{', and methods are compared without pairing their answers' if compared else ''}."
        )
    return caveats


def _listed(some: Sequence[str], of_all: Sequence[str]) -> str:
    """The names; "all but" the others if that is a much shorter list."""
    others = [one for one in of_all if one not in some]
    if len(some) > 3 and 2 * len(others) < len(some):
        return f"all but {', '.join(others)}" if others else "all of them"
    return ", ".join(some)


def _unstated(one: Cell, payoff: float) -> str:
    paid = (
        f" each has the reward {payoff:g} under every reward function and is excluded from the"
        " calibration metrics."
        if one.rewards
        else " they are excluded from the calibration metrics."
    )
    return (
        f"{one.method}: {_count(one.missing, 'answer')} of {one.n + one.missing:,} without a usable"
        f" confidence ({one.absent} absent, {one.malformed} malformed);{paid}"
        f" {_both_accuracies(one)}"
    )


def _both_accuracies(one: Cell) -> str:
    stated = f", {shown(one.accuracy)} over those with a confidence" if one.n else ""
    return f"Accuracy is {shown(one.accuracy_of_all)} over all answers{stated}."


def _ruined(one: Cell) -> list[str]:
    return [name for name, mean in one.rewards.items() if mean.estimate == -math.inf]


def _places(replay: Replay) -> Sequence[str | None]:
    return replay.datasets if len(replay.datasets) > 1 else (None,)


def _where(one: Cell, places: Sequence[str | None]) -> str:
    return one.method if None in places else f"{one.method} on {one.dataset}"


def _what(replay: Replay) -> str:
    rows = sum(one.n + one.missing for one in replay.at(None))
    where = f" on {_count(len(replay.datasets), 'dataset')}" if replay.datasets else ""
    scale = "0 to 100, divided by 100" if replay.scale == "percent" else "0 to 1"
    return (
        f"{_count(rows, 'answer')} of {_count(len(replay.methods), 'method')}{where}; confidences"
        f" on the scale {scale}."
    )


def _scores(replay: Replay) -> str:
    """What graded scores change, and what they leave out."""
    if not replay.graded:
        return ""
    return (
        "Correctness is a score in [0, 1]: accuracy is the mean score, and Brier is the mean"
        " (q - s)^2, which also grows with the variance of the score; AUROC, the ECE of perfectly"
        " calibrated models and group-relative advantages need outcomes of 0 and 1 and are left"
        " out."
    )


def _calibration(replay: Replay, place: str | None) -> str:
    """The lowest and the highest ECE on one dataset; only a significant lead is called the best."""
    cells = sorted((one for one in replay.at(place) if one.n), key=lambda one: one.ece)
    if not cells:
        return ""
    on = f"On {place}, " if place else ""
    best, worst = cells[0], cells[-1]
    if best is worst:
        ece = f"{with_ends(best.ece_interval)}{_if_calibrated(best)}"
        return f"{on}{best.method} has ECE {ece}; {direction(best)}."
    tied = [one.method for one in cells if shown(one.ece) == shown(best.ece)]
    if len(tied) == len(cells):
        return f"{on}{_joined(tied)} tie in ECE: {shown(best.ece)}{_if_calibrated(best)}."
    gap = replay.difference(None, place, worst.method, best.method)
    significant = gap.clear or math.isnan(gap.interval.low)
    lowest, highest = (
        ("is the best calibrated, with ECE", "is the worst calibrated, with ECE")
        if significant
        else ("has the lowest ECE,", "has the highest,")
    )
    first = (
        f"{on}{best.method} {lowest} {with_ends(best.ece_interval)}{_if_calibrated(best)}"
        if len(tied) == 1
        else f"{on}{_joined(tied)} tie for the lowest ECE, {shown(best.ece)}{_if_calibrated(best)}"
    )
    doubt = "" if significant else ", not statistically significant"
    return (
        f"{first}. {worst.method} {highest} {with_ends(worst.ece_interval)} (difference"
        f" {with_ends(gap.interval)}{doubt}); {direction(worst)}."
    )


def _joined(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _if_calibrated(one: Cell) -> str:
    if math.isnan(one.ece_if_calibrated):
        return ""
    models = (
        f"{100 * one.ece_interval.level:g} % of perfectly calibrated models have ECE below"
        f" {shown(one.ece_if_calibrated)}"
    )
    within = "within sampling error: " if one.ece <= one.ece_if_calibrated else ""
    return f" ({within}{models})"


def direction(one: Cell) -> str:
    """Whether a method is over- or underconfident, unless that may be chance, and its two means.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.75, 0.75], correct=[1, 0])
        >>> direction(replay(log, "c", intervals=False).cell("all"))
        'it is overconfident: mean confidence 0.750, accuracy 0.500'
    """
    word = _word(one)
    means = f"mean confidence {shown(one.mean_confidence)}, accuracy {shown(one.accuracy)}"
    return f"it is {word}: {means}" if word else means


def _word(one: Cell) -> str:
    """The direction of miscalibration; "" if it may be due to chance."""
    gap, by_chance = one.overconfidence, one.ece <= one.ece_if_calibrated
    if one.ece < NEGLIGIBLE:
        return ""
    # If over- and underconfidence cancel, the mean has no direction.
    if abs(gap.estimate) <= max(0.5 * one.ece, NEGLIGIBLE):
        return "" if by_chance else "both over- and under-confident"
    if gap.low <= 0 <= gap.high or (by_chance and not math.isnan(gap.low)):
        return ""
    return "overconfident" if gap.estimate > 0 else "under-confident"


def _preferences(replay: Replay) -> Iterator[str]:
    for one in replay.rankings:
        if one.dataset is None and len(replay.methods) > 1:
            over = _all_rows(replay)
            if len(one.methods) == 1:
                under = "under" if over else "Under"
                yield f"{over}{under} {one.reward}, {_joined(one.methods[0])} tie."
            else:
                yield f"{over}{one.reward} ranks {order(one.methods)}."


def _all_rows(replay: Replay) -> str:
    return "Over all rows, " if len(replay.datasets) > 1 else ""


def order(methods: Sequence[Sequence[str]]) -> str:
    """A ranking from the best to the worst; ties are joined by an equals sign.

    Example:
        >>> order([["RLCR"], ["Base", "RLVR"]])
        'RLCR > Base = RLVR'
    """
    return " > ".join(" = ".join(tied) for tied in methods)


def _swaps(replay: Replay) -> Iterator[str]:
    found = sorted(replay.swaps, key=lambda one: not one.clear)
    if not found and len(replay.methods) > 1 and len(replay.rewards) > 1:
        yield "No two methods change rank between the rewards."
    for one in found[:MOST_SWAPS]:
        yield swap(one, several=len(replay.datasets) > 1)
    if len(found) > MOST_SWAPS:
        yield f"The report lists {_count(len(found) - MOST_SWAPS, 'more such pair')}."


def swap(one: Swap, *, several: bool) -> str:
    """The leader under each reward, and whether the change of rank is significant.

    Args:
        one: The pair of methods.
        several: Whether the log has several datasets, so that the sentence must name one.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[1, 0.5], correct=[1, 1], method=["sure", "shy"])
        >>> [pair] = replay(log, {"binary + q": "c + q", "-q": "-q"}, intervals=False).swaps
        >>> swap(pair, several=False)
        'Under binary + q, sure leads shy by 0.500; under -q, shy leads sure by 0.500.'
    """
    where = ""
    if several:
        where = "over all rows, " if one.dataset is None else f"on {one.dataset}, "
    sides = "; ".join(_leads(side) for side in (one.for_first, one.for_second))
    settled = one.clear or math.isnan(one.for_first[0].interval.low)
    doubt = "" if settled else "; this change of rank is not statistically significant"
    sentence = f"{where}{sides}{doubt}."
    return sentence[0].upper() + sentence[1:]


def _leads(side: Sequence[Difference]) -> str:
    first, *rest = side
    more = "".join(f", under {one.measure} by {with_ends(one.interval)}" for one in rest)
    return (
        f"under {first.measure}, {first.first} leads {first.second} by"
        f" {with_ends(first.interval)}{more}"
    )


def _recalibrated(replay: Replay) -> Iterator[str]:
    """For each reward, the method and dataset with the largest gain from recalibration."""
    for name in replay.rewards:
        places = _places(replay)
        gaining = [one for place in places for one in replay.at(place) if _gains(one, name)]
        if not gaining:
            continue
        most = max(gaining, key=lambda one: one.gain[name].estimate)
        yield (
            f"With recalibrated confidences, the mean reward of {_where(most, places)} under {name}"
            f" would be {shown(most.recalibrated[name].estimate)} instead of"
            f" {shown(most.rewards[name].estimate)}; this is the largest gain,"
            f" {with_ends(most.gain[name])}{_doubt(most.gain[name])}."
        )


def _doubt(interval: ConfidenceInterval) -> str:
    return " (not statistically significant)" if interval.low <= 0 <= interval.high else ""


def _gains(one: Cell, name: str) -> bool:
    return name in one.gain and one.gain[name].estimate > NEGLIGIBLE


def _followed(replay: Replay) -> Iterator[str]:
    grouped = [one for one in replay.advantages.values() if one is not None]
    if not grouped and replay.clustered and not replay.graded and not replay.weighted:
        yield (
            "No method has two answers to one question, so there are no group-relative advantages."
        )
    for one in grouped:
        yield _agreement(one)
        yield from _reversals(one)


def _agreement(one: Advantages) -> str:
    return (
        f"{one.method}: of {_count(one.groups, 'group')} of {one.sizes[1]:g} answers (median),"
        f" {one.all_right:.1%} are all correct and {one.all_wrong:.1%} all wrong; in these groups"
        " only confidence can produce a non-zero advantage."
    )


def _reversals(one: Advantages) -> Iterator[str]:
    """Rewards for which division by the standard deviation reverses the incentive on confidence."""
    divided = {
        each.reward: each
        for each in one.followed
        if ESTIMATORS[each.estimator].scale == "group_std"
    }
    for each in one.followed:
        if ESTIMATORS[each.estimator].scale != "none":
            continue
        other = divided[each.reward]
        if each.correlation * other.correlation < -(NOTABLE**2):
            yield (
                f"{one.method} under {each.reward}: the correlation of advantage and confidence is"
                f" {shown(each.correlation)} with the group mean as baseline and"
                f" {shown(other.correlation)} after division by the group standard deviation."
            )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
