"""Remarks of a probe: what the verdict is about, and what looks like a misunderstanding."""

from __future__ import annotations

from collections.abc import Iterator

from scoring_theory.probing.formulas import Formula
from scoring_theory.probing.seen import Seen, payoff_number, payoff_text, quoted
from scoring_theory.readers import written_forms


def not_understood(seen: Seen) -> Iterator[str]:
    """A sentence about each function that pays every completion alike, whatever is in it.

    The empty text does not count: many functions return early there.
    """
    about = [at for at, case in enumerate(seen.cases) if case.completion]
    forms = len(written_forms(seen.reader))
    meant = "which is no safe reward"
    if len(seen.names) > 1:
        meant = "and then the others can be checked without it"
    for name, first, second in zip(seen.names, seen.first, seen.second, strict=True):
        paid = {payoff_text(each) for row in (first, second) for each in (row[at] for at in about)}
        if len(paid) > 1 or any(isinstance(first[at], str) for at in about):
            continue
        yield (
            f"{name} pays {payoff_text(first[0])} for all {len(about)} completions, right or wrong,"
            f" readable or not, such as {_sample(seen)}{f', in {forms} forms' * (forms > 1)}: it"
            " reads another format (give --reader), it does not understand the truths that were"
            f" tried (give --truth and --wrong), or it pays a constant, {meant}"
        )
        yield from _no_answer(seen)


def remarks_on(seen: Seen, formula: Formula) -> Iterator[str]:
    """What the verdict is about, and what looks like a misunderstanding."""
    yield from _no_answer(seen)
    for at in seen.nameless:
        yield (
            f"{seen.names[at]} has no `__name__`, as a partial or an instance has none: TRL 1.16"
            " takes that of its function or class, but releases before July 2026 stop with an"
            " AttributeError"
        )
    if formula.grid is not None and not seen.reader.words:
        yield "whole numbers alone are read, so the verdict is about these"
    if seen.reader.words:
        yield "the verdict is about the confidences of the phrases"
    yield from _forms(seen)
    pairs = list(zip(seen.on_correct, seen.on_wrong, strict=True))
    omitted = {
        case.right: payoff_number(paid) for case, paid in seen.rows("unread") if case.stated is None
    }
    alike = sum(seen.near(f, omitted[True]) and seen.near(g, omitted[False]) for f, g in pairs)
    if len(pairs) > alike > len(pairs) / 2:
        yield (
            f"{alike} of {len(pairs)} confidences are paid as if there were none: the function"
            f" seems to read another format or scale than that of {_sample(seen)}; give --reader"
        )
    if all(seen.near(right, wrong) for right, wrong in pairs) and seen.reader.reads_answers:
        yield (
            f"right and wrong answers are paid alike, such as {_sample(seen)}; if that is not"
            " meant, the truths that were tried are not understood: give --truth and --wrong"
        )
    if all(seen.near(f, pairs[0][0]) and seen.near(g, pairs[0][1]) for f, g in pairs):
        yield (
            f"every confidence is paid alike, such as that of {_sample(seen)}; if that is not"
            " meant, the function reads another format: give --reader"
        )


def _no_answer(seen: Seen) -> Iterator[str]:
    """A sentence about a pattern that makes a forecast of every completion."""
    if seen.reader.pattern and not seen.reader.reads_answers:
        yield (
            "the pattern of the reader has no {answer}, so that completions state the probability"
            " of an event, and no answer"
        )


def _forms(seen: Seen) -> Iterator[str]:
    """A sentence about each form that the reader accepts and the function does not read."""
    for label, cases in seen.other_forms().items():
        case, paid = cases[0]
        read, expected = seen.stated(case.level, right=case.right)
        yield (
            f"it reads {quoted(read)}, but not {quoted(case)} ({label}), which the reader accepts"
            f" as well: that is paid {payoff_text(paid)} instead of {payoff_text(expected)}"
        )


def _sample(seen: Seen) -> str:
    """A completion with a right answer and a middling confidence, as the function got it."""
    return quoted(seen.stated(len(seen.levels) // 4, right=True)[0])
