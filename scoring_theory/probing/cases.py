"""Completions in the format of a reader: every confidence, right and wrong, and unreadable ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from scoring_theory.readers import (
    Reader,
    WrittenForm,
    write_completion,
    write_statement,
    written_forms,
)

_OFF_GRID = ("1/1000", "1/200", "123/1000", "1234/10000", "4567/10000", "789/1000", "999/1000")
"""Confidences between whole percents, by which a formula that fits only there is noticed."""
_FEW = 11  # confidences of an answer that is neither right nor wrong
_PHRASES = ("no idea", "zzz")


class QuestionKind(NamedTuple):
    """A kind of question: a truth of some type, with a right and a wrong answer.

    Example:
        >>> QuestionKind("What is 2 + 2?", "4", "4", "5").wrong
        '5'
    """

    question: str
    truth: Any
    right: Any
    wrong: Any


_GSM8K = "2 + 2 = <<2+2=4>>4\n#### 4"
QUESTION_KINDS = (
    QuestionKind("What is 2 + 2?", "4", "4", "917"),
    QuestionKind("What is the capital of France?", "Paris", "Paris", "London"),
    QuestionKind("What is 2 + 2?", _GSM8K, "4", "917"),
    QuestionKind("Which is it? A) Paris B) London", "B", "B", "C"),
    QuestionKind("What is 2 + 2?", ["4"], "4", "917"),
    QuestionKind("What is 2 + 2?", "\\boxed{4}", "4", "917"),
    QuestionKind("What is 2 + 2?", 4, "4", "917"),
    QuestionKind("What is 2 + 2?", {"target": ["4"], "answer": "4"}, "4", "917"),
)
"""Tried one after another, until a function tells the right answer from the wrong one."""
_EVENTS = (("1", "0"), (1, 0), (True, False), ("yes", "no"), ("Yes", "No"))
"""Truths of a forecast: that the event happened, and that it did not."""
_PARTLY = (
    ("4", "5", "an answer that is nearly right"),
    ("red green blue black", "red green", "an answer that names a half of the truth"),
    (["red", "green", "blue", "black"], "red green", "an answer that names a half of the truth"),
)


@dataclass(frozen=True)
class ProbeCase:
    """One completion, and what it is.

    Attributes:
        completion: its text.
        question: the prompt.
        truth: what the framework passes as the truth.
        kind: "stated" for a readable confidence, "between" for one between whole levels, "unread"
            for an unreadable one, "empty" for no answer, "partly" for a half-right answer, "form"
            for what a reader reads as a stated one, written in another form.
        right: whether the answer is right.
        level: the number of the confidence, for "stated", "partly" and "form".
        label: what is unreadable, what is half right, or how the other form differs.
        stated: the text that stands for the confidence.

    Example:
        >>> ProbeCase("4", "2 + 2?", "4", "empty", right=True).level
        -1
    """

    completion: str
    question: str
    truth: Any
    kind: str
    right: bool
    level: int = -1
    label: str = ""
    stated: str | None = None

    def described(self) -> dict[str, Any]:
        """What the child needs."""
        return {"completion": self.completion, "question": self.question, "truth": self.truth}


def stated_levels(reader: Reader) -> list[Fraction]:
    """The confidences that are tried: all phrases, 0..10, 0..100, or whole percents and a few more.

    Example:
        >>> len(stated_levels(Reader(scale="ten"))), len(stated_levels(Reader(scale="percent")))
        (11, 101)
    """
    if reader.words:
        return sorted({Fraction(str(value)) for _, value in reader.words})
    if reader.scale == "ten":
        return [Fraction(n, 10) for n in range(11)]
    percents = {Fraction(n, 100) for n in range(101)}
    return sorted(
        percents if reader.scale == "percent" else percents | set(map(Fraction, _OFF_GRID))
    )


def between(reader: Reader) -> list[Fraction]:
    """Confidences between the whole numbers of a scale, which some functions cannot read.

    Example:
        >>> between(Reader(scale="ten"))[0], between(Reader())
        (Fraction(1, 4), [])
    """
    if reader.words or reader.scale not in ("ten", "percent"):
        return []
    top = 10 if reader.scale == "ten" else 100
    return [Fraction(2 * n + 1, 2 * top) for n in (2, top // 2, top - 2)]


def worlds(reader: Reader, world: QuestionKind | None) -> list[QuestionKind]:
    """The kinds of questions that are tried: the given one, or all.

    Example:
        >>> len(worlds(Reader(), None)), len(worlds(Reader(), QUESTION_KINDS[0]))
        (8, 1)
    """
    if world is not None:
        return [world]
    if reader.reads_answers:
        return list(QUESTION_KINDS)
    return [QuestionKind("Will it rain tomorrow?", yes, yes, no) for yes, no in _EVENTS]


def cases_of(
    reader: Reader, world: QuestionKind, form: WrittenForm | None = None
) -> list[ProbeCase]:
    r"""Every completion for one kind of question, in one form; by default in the documented one.

    Example:
        >>> cases = cases_of(Reader(), QUESTION_KINDS[0])
        >>> cases[0].completion
        '<answer>4</answer><confidence>0</confidence>'
        >>> {case.label for case in cases if case.kind == "unread"} >= {"no confidence", "nan"}
        True
    """
    made: list[ProbeCase] = []
    levels = stated_levels(reader)
    form = written_forms(reader)[0] if form is None else form

    def add(kind: str, right: bool, completion: str, **more: Any) -> None:
        truth = world.truth
        if not reader.reads_answers:
            truth = world.right if right else world.wrong
        made.append(ProbeCase(completion, world.question, truth, kind, right, **more))

    for right, answer in ((True, world.right), (False, world.wrong)):
        for at, level in enumerate(levels):
            text = _written(reader, str(answer), float(level), form)
            add("stated", right, text, level=at)
        for other in filter(form.beside, written_forms(reader)):
            for at in _few(len(levels) - 1):
                text = _written(reader, str(answer), float(levels[at]), other)
                add("form", right, text, level=at, label=_difference(form, other))
    for level in between(reader):
        for right, answer in ((True, world.right), (False, world.wrong)):
            add("between", right, write_completion(reader, str(answer), float(level), form))
    for label, stated in unreadable(reader, form):
        for right, answer in ((True, world.right), (False, world.wrong)):
            text = write_statement(reader, str(answer), stated, form)
            add("unread", right, text, label=label, stated=stated)
    add("empty", False, "", label="no text at all")
    add("empty", False, "I do not know.", label="neither answer nor confidence")
    if reader.reads_answers:
        made.extend(_partly(reader, world, levels, form))
    return made


@lru_cache(maxsize=8192)
def _written(reader: Reader, answer: str, confidence: float, form: WrittenForm) -> str:
    """A readable completion; several kinds of questions have the same answers."""
    return write_completion(reader, answer, confidence, form)


def _few(most: int) -> tuple[int, int, int]:
    """The numbers of three confidences out of 0 to `most`."""
    return most // 4, most // 2, 3 * most // 4


def _difference(form: WrittenForm, other: WrittenForm) -> str:
    """What is different in another form."""
    if form.percent != other.percent:
        return f"a number with{'' if other.percent else 'out'} a percent sign"
    if form.quoted != other.quoted:
        return "a number as a text" if other.quoted else "a number that is no text"
    return "tags on lines of their own" if other.lines else "tags on one line"


def _partly(
    reader: Reader, world: QuestionKind, levels: Sequence[Fraction], form: WrittenForm
) -> Iterator[ProbeCase]:
    """ChildAnswers that are half right, and the right ones to the same truths."""
    step = max(1, (len(levels) - 1) // (_FEW - 1))
    for truth, answer, label in _PARTLY:
        right = " ".join(truth) if isinstance(truth, list) else truth
        for at in range(0, len(levels), step):
            for whole, text in ((True, right), (False, answer)):
                completion = _written(reader, text, float(levels[at]), form)
                yield ProbeCase(completion, world.question, truth, "partly", whole, at, label)


def unreadable(reader: Reader, form: WrittenForm) -> list[tuple[str, str | None]]:
    """What may stand in the place of a confidence without being one, with a label.

    Example:
        >>> dict(unreadable(Reader(scale="percent"), WrittenForm()))["above the scale"]
        '150'
        >>> dict(unreadable(Reader(), WrittenForm(percent=True)))["above the scale"]
        '150%'
    """
    top = 100 if form.percent else {"ten": 10, "percent": 100}.get(reader.scale, 1)
    sign = "%" if form.percent else ""
    found: list[tuple[str, str | None]] = [("no confidence", None), ("an empty one", "")]
    if reader.words:
        return [*found, *((f"the words {phrase!r}", phrase) for phrase in _PHRASES)]
    found += [
        ("a word", "high"),
        ("nan", "nan"),
        ("infinity", "inf"),
        ("below the scale", f"-{top}{sign}"),
    ]
    if reader.scale != "rlcr":
        found.append(("above the scale", f"{1.5 * top:g}{sign}"))
    if reader.scale == "unit":
        found.append(("a percentage", "85"))
    return found


def scouts(cases: Sequence[ProbeCase]) -> list[int]:
    """The numbers of a few right cases, and then of as many wrong ones with the same confidences.

    Example:
        >>> len(scouts(cases_of(Reader(), QUESTION_KINDS[0])))
        6
    """
    stated = [case for case in cases if case.kind == "stated"]
    most = max(case.level for case in stated)
    wanted = _few(most)
    return [
        at
        for right in (True, False)
        for level in wanted
        for at, case in enumerate(cases)
        if case.kind == "stated" and case.right is right and case.level == level
    ]
