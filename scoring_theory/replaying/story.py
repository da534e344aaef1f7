"""A replay told in sentences: who is calibrated where, whom each reward prefers, and what to be careful about."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scoring_theory.advantage.estimators import ESTIMATORS
from scoring_theory.replaying.cells import THIN

if TYPE_CHECKING:
    from scoring_theory.calibration import ConfidenceInterval
    from scoring_theory.replaying.advantages import Advantages
    from scoring_theory.replaying.cells import Cell
    from scoring_theory.replaying.comparison import Difference, Swap
    from scoring_theory.replaying.replay import Replay

MOST_SWAPS, NOTABLE, NOTHING = 8, 0.01, 5e-4


def shown(value: float) -> str:
    """Three decimals, and four for what is smaller than .01.

    Example:
        >>> shown(0.1234), shown(-0.00368), shown(0.0), shown(float("nan"))
        ('0.123', '-0.0037', '0.000', '-')
    """
    if math.isnan(value):
        return "-"
    if not math.isfinite(value):
        return "inf" if value > 0 else "-inf"
    return (
        f"{value:.4f}"
        if 5e-5 <= abs(value) < 0.0095
        else f"{value if abs(value) >= 5e-5 else 0.0:.3f}"
    )


def with_ends(interval: ConfidenceInterval) -> str:
    """The estimate, and its interval where there is one."""
    if math.isnan(interval.low):
        return shown(interval.estimate)
    return f"{shown(interval.estimate)} [{shown(interval.low)}, {shown(interval.high)}]"


def story(replay: Replay) -> list[str]:
    """What there is to say, most important first."""
    told = [_what(replay), *(_calibration(replay, place) for place in _places(replay))]
    told += [*_preferences(replay), *_swaps(replay), *_recalibrated(replay), *_followed(replay)]
    return [sentence for sentence in told if sentence]


def warnings(replay: Replay) -> list[str]:
    """What a reader should know before believing a number."""
    found = []
    if replay.scale == "percent" and all(
        one.mean_confidence <= 0.01 for one in replay.at(None) if one.n
    ):
        found.append(
            "The mean confidence of every method is at most 1 %; if the log stated 0 to 1, it was"
            " divided by 100 in error."
        )
    found += [_unstated(one, replay.missing or 0.0) for one in replay.at(None) if one.missing]
    places = _places(replay)
    cells = [one for place in places for one in replay.at(place) if one.n]
    if thin := [_where(one, places) for one in cells if one.thin]:
        rest = "rests" if len(thin) == 1 else "rest"
        found.append(
            f"{len(thin)} of {_count(len(cells), 'reliability curve')} {rest} in part on bins with"
            f" fewer than {THIN} answers, whose frequencies say little:"
            f" {_listed(thin, [_where(one, places) for one in cells])}."
        )
    drawn = [one for place in places for one in replay.at(place)]
    few = [f"{_where(one, places)} ({one.drawn})" for one in drawn if one.drawn < THIN]
    if few and replay.level is not None:
        what = "questions" if replay.clustered else "answers"
        found.append(
            f"Intervals that resample fewer than {THIN} {what} are too narrow, and of a single one"
            f" there is none: {', '.join(few)}."
        )
    if ruined := [f"{one.method} under {name}" for one in replay.at(None) for name in _ruined(one)]:
        found.append(
            f"Certain errors are ruinous: {', '.join(ruined)} earned -inf; of two such methods"
            " neither is ahead."
        )
    if not replay.clustered:
        found.append(
            "The log names no questions, so that answers were resampled as if they were"
            " independent."
        )
    return found


def _listed(some: Sequence[str], of_all: Sequence[str]) -> str:
    """All of them, or by the others, where these are fewer than half as many."""
    others = [one for one in of_all if one not in some]
    if len(some) > 3 and 2 * len(others) < len(some):
        return f"all but {', '.join(others)}" if others else "all of them"
    return ", ".join(some)


def _unstated(one: Cell, payoff: float) -> str:
    return (
        f"{one.method}: {_count(one.missing, 'answer')} of {one.n + one.missing:,} without a usable confidence "
        f"({one.absent} absent, {one.malformed} malformed); each was paid {payoff:g} under every reward and is in no "
        f"measure of calibration. {_both_accuracies(one)}"
    )


def _both_accuracies(one: Cell) -> str:
    stated = f", {shown(one.accuracy)} of those that state a confidence" if one.n else ""
    return f"It is right on {shown(one.accuracy_of_all)} of all its answers{stated}."


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


def _calibration(replay: Replay, place: str | None) -> str:
    cells = sorted((one for one in replay.at(place) if one.n), key=lambda one: one.ece)
    if not cells:
        return ""
    on = f"On {place}, " if place else ""
    best, worst = cells[0], cells[-1]
    if best is worst:
        return f"{on}{best.method} has the ECE {with_ends(best.ece_interval)}{_chance(best)}; {_direction(best)}."
    tied = [one.method for one in cells if shown(one.ece) == shown(best.ece)]
    if len(tied) == len(cells):
        return f"{on}{_joined(tied)} tie in calibration: ECE {shown(best.ece)}{_chance(best)}."
    gap = replay.difference(None, place, worst.method, best.method)
    clear = gap.clear or math.isnan(gap.interval.low)
    named = (
        ("is the best calibrated: ECE", "is the worst, ECE")
        if clear
        else ("has the lowest ECE,", "has the highest,")
    )
    first = (
        f"{on}{best.method} {named[0]} {with_ends(best.ece_interval)}{_chance(best)}"
        if len(tied) == 1
        else f"{on}{_joined(tied)} tie for the lowest ECE, {shown(best.ece)}{_chance(best)}"
    )
    luck = "" if clear else " (not beyond chance)"
    return (
        f"{first}. {worst.method} {named[1]} {with_ends(worst.ece_interval)}, which is "
        f"{with_ends(gap.interval)} more{luck}; {_direction(worst)}."
    )


def _joined(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _chance(one: Cell) -> str:
    if math.isnan(one.ece_if_calibrated):
        return ""
    if one.ece <= one.ece_if_calibrated:
        return f" (no more than the {shown(one.ece_if_calibrated)} that chance explains)"
    return f" (chance alone explains {shown(one.ece_if_calibrated)})"


def _direction(one: Cell) -> str:
    word = _word(one)
    stated = (
        f"it states {shown(one.mean_confidence)} and is right {shown(one.accuracy)} of the time"
    )
    return f"it is {word}: {stated}" if word else stated


def _word(one: Cell) -> str:
    """Which way confidence errs, or "" where that could be chance."""
    gap, by_chance = one.overconfidence, one.ece <= one.ece_if_calibrated
    if one.ece < NOTHING:
        return ""
    # Where over- and underconfidence cancel, the mean says nothing.
    if abs(gap.estimate) <= max(0.5 * one.ece, NOTHING):
        return "" if by_chance else "both over- and under-confident"
    if gap.low <= 0 <= gap.high or (by_chance and not math.isnan(gap.low)):
        return ""
    return "overconfident" if gap.estimate > 0 else "under-confident"


def _preferences(replay: Replay) -> Iterator[str]:
    for one in replay.rankings:
        if one.dataset is None and len(replay.methods) > 1:
            over = _all_rows(replay)
            if len(one.methods) == 1:
                yield f"{over or 'Under '}{'under ' if over else ''}{one.reward}, {_joined(one.methods[0])} tie."
            else:
                yield f"{over}{one.reward} ranks {order(one.methods)}."


def _all_rows(replay: Replay) -> str:
    return "Over all rows, " if len(replay.datasets) > 1 else ""


def order(methods: Sequence[Sequence[str]]) -> str:
    """From the best to the worst, equals joined.

    Example:
        >>> order([["RLCR"], ["Base", "RLVR"]])
        'RLCR > Base = RLVR'
    """
    return " > ".join(" = ".join(tied) for tied in methods)


def _swaps(replay: Replay) -> Iterator[str]:
    found = sorted(replay.swaps, key=lambda one: not one.clear)
    if not found and len(replay.methods) > 1 and len(replay.rewards) > 1:
        yield "No two methods change places with the reward."
    for one in found[:MOST_SWAPS]:
        yield swap(one, several=len(replay.datasets) > 1)
    if len(found) > MOST_SWAPS:
        yield f"{len(found) - MOST_SWAPS} more pairs change places; the report lists them."


def swap(one: Swap, *, several: bool) -> str:
    """Who leads whom under which rewards, and whether that could be luck."""
    where = (
        ""
        if not several
        else f"on {one.dataset}, "
        if one.dataset is not None
        else "over all rows, "
    )
    sides = "; ".join(_leads(side) for side in (one.for_first, one.for_second))
    unknown = one.clear or math.isnan(one.for_first[0].interval.low)
    luck = "" if unknown else "; that they change places is not beyond chance"
    told = f"{where}{sides}{luck}."
    return told[0].upper() + told[1:]


def _leads(side: Sequence[Difference]) -> str:
    first, *rest = side
    more = "".join(f", under {one.measure} by {with_ends(one.interval)}" for one in rest)
    return (
        f"under {first.measure}, {first.first} leads {first.second} by"
        f" {with_ends(first.interval)}{more}"
    )


def _recalibrated(replay: Replay) -> Iterator[str]:
    for name in replay.rewards:
        known = [one for place in _places(replay) for one in replay.at(place) if _gains(one, name)]
        if not known:
            continue
        most = max(known, key=lambda one: one.gain[name].estimate)
        yield (
            f"Had it stated its recalibrated confidence, {_where(most, _places(replay))} would have"
            f" earned {shown(most.recalibrated[name].estimate)} instead of"
            f" {shown(most.rewards[name].estimate)} under {name}, {with_ends(most.gain[name])}"
            f" more: the largest such gain{_luck(most.gain[name])}."
        )


def _luck(interval: ConfidenceInterval) -> str:
    """What to add where an interval holds 0."""
    return ", and not beyond chance" if interval.low <= 0 <= interval.high else ""


def _gains(one: Cell, name: str) -> bool:
    return name in one.gain and one.gain[name].estimate > 5e-4


def _followed(replay: Replay) -> Iterator[str]:
    found = [one for one in replay.advantages.values() if one is not None]
    if not found and replay.clustered:
        yield (
            "No method answers a question twice, so there are no groups and no group-relative"
            " advantages."
        )
    for one in found:
        yield _agreement(one)
        yield from _reversals(one)


def _agreement(one: Advantages) -> str:
    return (
        f"{one.method}: of {_count(one.groups, 'group')} of {one.sizes[1]:g} answers (median),"
        f" {one.all_right:.1%} are all right and {one.all_wrong:.1%} all wrong; in these, only the"
        " stated confidence can make a difference."
    )


def _reversals(one: Advantages) -> Iterator[str]:
    """Where dividing by the standard deviation turns what the reward pushes."""
    divided = {
        each.reward: each for each in one.followed if ESTIMATORS[each.estimator].scale != "none"
    }
    for each in one.followed:
        other = divided[each.reward]
        if each.correlation * other.correlation < -(NOTABLE**2):
            yield (
                f"{one.method} under {each.reward}: advantages and confidence correlate by"
                f" {shown(each.correlation)} with the group's mean and by"
                f" {shown(other.correlation)} after division by its standard deviation."
            )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
