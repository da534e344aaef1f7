"""Alarms about what has changed since training began: runaway confidence, sandbagging, format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scoring_theory.watching.windows import (
    WatchedUpdate,
    excess_error,
    mean_over,
    signed_estimate,
    unreadable_share,
)


def changes(
    first: Sequence[WatchedUpdate],
    recent: Sequence[WatchedUpdate],
    *,
    last: int,
    margin: float,
    level: float,
    estimator: str | None,
) -> Iterator[tuple[str, str, str]]:
    """The rule, the sentence and the remedy of each change between two windows that do not overlap.

    Args:
        first: the first window of the training.
        recent: the last one.
        last: the number of the last update.
        margin: the smallest change that is worth an alarm.
        level: the level of each comparison, see `level_of`.
        estimator: the name of the trainer's estimator; None if it is not known.
    """
    when = f"Over updates {last - len(recent) + 1} to {last}"
    confidence, gap = mean_over(recent, "confidence", "stated"), mean_over(recent, "gap", "stated")
    rise = confidence - mean_over(first, "confidence", "stated")
    for rule, sign, end in (("confidence_to_one", 1, 1), ("confidence_to_zero", -1, 0)):
        apart, moved = signed_estimate(sign, gap), signed_estimate(sign, rise)
        if apart.value >= margin and apart.above(level) and moved.above(level):
            yield (
                rule,
                f"{when} the mean confidence is {confidence.value:.3g}, which is"
                f" {abs(gap.value):.2g} {'above' if sign > 0 else 'below'} the accuracy of the"
                f" same answers and {abs(rise.value):.2g} {'more' if sign > 0 else 'less'} than"
                f" in updates 1 to {len(first)}: it runs to {end}.",
                _check_together(estimator),
            )
    accuracy = mean_over(recent, "right", "answers")
    fall = mean_over(first, "right", "answers") - accuracy
    if fall.value >= margin and fall.above(level):
        before, now = (excess_error(updates) for updates in (first, recent))
        if now <= before:
            yield (
                "sandbagging",
                f"{when} accuracy is {accuracy.value:.3g}, {fall.value:.2g} less than in"
                f" updates 1 to {len(first)}, while the ECE above its level by chance went from"
                f" {before:.2g} to {now:.2g}: answers may be wrong on purpose, with a low"
                " confidence.",
                "Unless the questions have become harder, check that the reward is jointly"
                " optimal (scoring-theory check FORMULA) and lower the weight of its score to"
                " at most its critical weight.",
            )
    unread = unreadable_share(recent)
    more = unread - unreadable_share(first)
    if more.value >= margin and more.above(level):
        yield (
            "format_collapse",
            f"{when} a share of {unread.value:.2g} of the answers has no readable confidence,"
            f" {more.value:.2g} more than in updates 1 to {len(first)}.",
            "Look at such completions: a confidence that is left out, cut off by the length"
            " limit or on another scale needs a lower `missing`, a longer limit or another"
            " `reader`.",
        )


def _check_together(estimator: str | None) -> str:
    if estimator is None:
        return (
            "The estimator was not given, so check the reward together with the one that the"
            " trainer uses (scoring-theory check FORMULA --estimator NAME)."
        )
    return (
        "Check reward and estimator together"
        f" (scoring-theory check FORMULA --estimator {estimator})."
    )
