"""What the kernel checks for graded scores: `c` is any number in [0, 1], and q states its mean.

Under a law of the score s with mean m the report q earns E R(q, s). Let f = R(., 1), g = R(., 0)
and H(q, s) = R(q, s) - s f(q) - (1 - s) g(q), the part of the reward that is not affine in s.

    proper             E R(q, s) <= E R(m, s) for every law and every q
    jointly optimal    E R(q, s) under one law <= E R(m, s) under another, of at least its mean

`grades` lists the scores that occur, 0 and 1 among them; without it every law on [0, 1] counts.
`cuts` are the points in q, perhaps in terms of c, at which the formula changes its branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from proofs.kernel import formula as syntax
from proofs.kernel.claims import (
    CUT_FIELDS,
    FREE_FIELDS,
    Claims,
    check_proper,
    jointly_optimal,
    probability,
)
from proofs.kernel.limits import NEGATIVE_INFINITY, Limit
from proofs.kernel.normal_form import (
    ONE,
    ZERO,
    Expression,
    atom,
    const,
    depends_on,
    expand,
    is_zero,
)
from proofs.kernel.signs import Region, is_nonnegative, is_positive
from proofs.kernel.subject import (
    MAX_BREAKPOINTS,
    NEAR,
    Subject,
    combined,
    finite,
    greater,
    need,
)
from proofs.kernel.translate import Translator

MAX_GRADES = 101
MAX_ATOMS = 8
OPEN_UNIT = syntax.Domain(Fraction(0), Fraction(1))

Law = Sequence[tuple[Fraction, Fraction]]
"""Scores and their probabilities."""


@dataclass(frozen=True)
class Grade:
    """The formula at one score inside (0, 1), or at all of them at once.

    Example:
        >>> half = Grade(Subject("c - (q - c)^2", {}), Fraction(1, 2))
        >>> half.excess(half.within(ZERO, ONE)).constant()
        Fraction(1, 4)
    """

    subject: Subject
    value: Fraction | None
    """None stands for every score, as a parameter with the name `c`."""

    @property
    def domains(self) -> Mapping[str, syntax.Domain]:
        """The domains of the parameters, and of the score where it is one of them."""
        mine = {} if self.value is not None else {syntax.CORRECT: OPEN_UNIT}
        return {**self.subject.domains, **mine}

    @property
    def s(self) -> Expression:
        """The score."""
        return atom(("param", syntax.CORRECT)) if self.value is None else const(self.value)

    @property
    def node(self) -> syntax.Node:
        """R(., s)."""
        return self.subject.node if self.value is None else self.subject.at_score(self.value)

    def within(self, low: Expression, high: Expression) -> Translator:
        """An open piece of q."""
        return Translator(Region(self.domains, low, high))

    def at(self, q: Expression) -> Translator:
        """One point of q."""
        ends = (const(1 - NEAR), ONE) if q == ONE else (ZERO, const(NEAR))
        return Translator(Region(self.domains, *ends), q)

    def excess(self, here: Translator) -> Expression:
        """H(q, s), expanded."""
        wrong, right = (here.smooth(payoff) for payoff in self.subject.payoffs)
        return expand(here.smooth(self.node) - self.s * right - (ONE - self.s) * wrong)

    def points(self, cuts: Sequence[str]) -> list[Expression]:
        """0, the cuts and 1.

        Raises:
            Rejected: they do not increase.
        """
        constants = Region(self.domains)
        read = (syntax.parse(cut, self.domains, variables=()) for cut in cuts)
        points = [ZERO, *(Translator(constants).smooth(node) for node in read), ONE]
        for low, high in pairwise(points):
            need(is_positive(high - low, constants), "the cuts must increase strictly in (0, 1)")
        return points


def check_excess(score: Grade, cuts: Sequence[str], *, vanishes: bool) -> None:
    """Check that H(q, s) is one number h for all q in (0, 1), and that q = 0 and 1 are not better.

    With h, R(q, s) - h is affine in s inside (0, 1). A certain report may bend downwards:
    E R(0, s) <= E h + V(m) for all laws if R(0, s) - h lies below the tangent of V at 0, and
    likewise at 1. Above a convex V no concave function starts at V(0) with a larger slope.

    Args:
        score: the formula at its scores.
        cuts: where the formula changes its branch.
        vanishes: whether h must be 0.

    Raises:
        Rejected: one of these is not shown.

    Example:
        >>> rlcr = Grade(Subject("c - (q - c)^2", {}), None)
        >>> check_excess(rlcr, [], vanishes=False)
        >>> check_excess(rlcr, [], vanishes=True)
        Traceback (most recent call last):
        proofs.kernel.normal_form.Rejected: R(q, c) is not affine in c on (0, 1)
    """
    need(len(cuts) <= MAX_BREAKPOINTS, f"at most {MAX_BREAKPOINTS} cuts are read")
    points = score.points(cuts)
    h = score.excess(score.within(*points[:2]))
    need("q" not in depends_on(h), "R(q, c) - c R(q, 1) - (1-c) R(q, 0) depends on q")
    need(not (vanishes and h.terms), "R(q, c) is not affine in c on (0, 1)")
    later = [score.within(low, high) for low, high in pairwise(points[1:])]
    for here in (*map(score.at, points[1:-1]), *later):
        same = is_zero(score.excess(here) - h)
        need(same, "R(q, c) - c R(q, 1) - (1-c) R(q, 0) depends on q")
    for sure in (0, 1):
        _check_end(score, h, sure)


def _check_end(score: Grade, h: Expression, sure: int) -> None:
    """Check R(0, s) - h <= s f(0+) + (1-s) g(0), or R(1, s) - h <= s f(1) + (1-s) g(1-)."""
    subject, point = score.subject, ONE if sure else ZERO
    stated = score.at(point).value(score.node)
    if stated is NEGATIVE_INFINITY:
        return
    last = len(subject.pieces) - 1 if sure else 0
    here = finite(subject.payoff(point, sure), "the payoff of a sure report")
    beside = finite(subject.near(last, sure, sure), "the payoff next to a sure report")
    need(is_zero(here - beside), f"V jumps at the sure report {sure}, which is stated for no score")
    other = finite(subject.near(last, 1 - sure, sure), "the payoff next to a sure report")
    right, wrong = (here, other) if sure else (other, here)
    tangent = score.s * right + (ONE - score.s) * wrong
    room = tangent + h - finite(stated, "the payoff of a sure report at a grade")
    need(
        is_nonnegative(room, Region(score.domains)),
        f"for some score the sure report {sure} is not shown to be below the tangent of V",
    )


def grades(c: Mapping[str, Any]) -> list[Fraction] | None:
    """The scores that occur; None for all of [0, 1].

    Raises:
        Rejected: they do not increase from 0 to 1, or they are too many.

    Example:
        >>> [str(s) for s in grades({"grades": ["0", "1/2", "1"]})]
        ['0', '1/2', '1']
    """
    if "grades" not in c:
        return None
    need(len(c["grades"]) <= MAX_GRADES, f"at most {MAX_GRADES} grades are read")
    values = [probability(text) for text in c["grades"]]
    need(
        values[:1] == [0] and values[-1:] == [1] and all(a < b for a, b in pairwise(values)),
        "the grades must increase from 0 to 1",
    )
    return values


def _scores(subject: Subject, c: Mapping[str, Any]) -> Iterator[Grade]:
    values = grades(c)
    inside: Sequence[Fraction | None] = [None] if values is None else values[1:-1]
    return (Grade(subject, value) for value in inside)


def _proper(subject: Subject, c: Mapping[str, Any]) -> None:
    strict = check_proper(subject, c["evidence"])
    need(strict or not c["claim"].startswith("strictly"), "only weakly proper")
    for score in _scores(subject, c):
        check_excess(score, c.get("cuts", ()), vanishes=False)


def _jointly_optimal(subject: Subject, c: Mapping[str, Any]) -> None:
    jointly_optimal(subject, c)
    for score in _scores(subject, c):
        check_excess(score, c.get("cuts", ()), vanishes=True)


def law(pairs: Sequence[Sequence[str]], allowed: Sequence[Fraction] | None) -> Law:
    """A law of the score from the texts of scores and probabilities.

    Raises:
        Rejected: it is not a law with at most `MAX_ATOMS` atoms on the allowed scores.

    Example:
        >>> law([["0", "1/2"], ["1", "1/2"]], None)[1]
        (Fraction(1, 1), Fraction(1, 2))
    """
    need(
        0 < len(pairs) <= MAX_ATOMS and all(len(pair) == 2 for pair in pairs),
        f"a law is a list of 1 to {MAX_ATOMS} pairs of a score and its probability",
    )
    atoms = [(probability(s), probability(x)) for s, x in pairs]
    need(sum(x for _, x in atoms) == 1, "the probabilities of a law must add up to 1")
    for s, _ in atoms:
        need(allowed is None or s in allowed, f"{s} is not one of the grades")
    return atoms


def mean(atoms: Law) -> Fraction:
    """The mean of a law.

    Example:
        >>> mean([(Fraction(1), Fraction(1, 2)), (Fraction(0), Fraction(1, 2))])
        Fraction(1, 2)
    """
    return sum((s * x for s, x in atoms), Fraction(0))


def earned(subject: Subject, atoms: Law, q: Fraction) -> Limit:
    """E R(q, s); a score of probability 0 counts 0.

    Example:
        >>> third = [(Fraction(1, 3), Fraction(1))]
        >>> earned(Subject("c - (q - c)^2", {}), third, Fraction(1, 3)).constant()
        Fraction(1, 3)
    """
    return combined(*((x, subject.payoff(const(q), s)) for s, x in atoms if x))


def _witness(subject: Subject, c: Mapping[str, Any]) -> None:
    """Compare E R(q, s) under one law with E R(m, s) under another, or the same, of mean m."""
    names = ("low", "high") if "low" in c else ("law", "law")
    low, high = (law(c[name], grades(c)) for name in names)
    need(mean(low) <= mean(high), "the mean of `low` must not exceed that of `high`")
    bound = subject.bind(c.get("values", {}))
    more = greater(
        earned(bound, low, probability(c["q"])),
        earned(bound, high, mean(high)),
    )
    need(more, "the expected reward of the true mean is not shown to be smaller")


_EVIDENCE = CUT_FIELDS | {"cuts", "grades"}
GRADED_CLAIMS: Claims = {
    "proper for graded scores": (_proper, {"evidence"}, _EVIDENCE),
    "strictly proper for graded scores": (_proper, {"evidence"}, _EVIDENCE),
    "jointly optimal for graded scores": (_jointly_optimal, {"evidence"}, _EVIDENCE),
    "not proper for graded scores": (_witness, {"law", "q"}, FREE_FIELDS | {"grades"}),
    "not jointly optimal for graded scores": (
        _witness,
        {"low", "high", "q"},
        FREE_FIELDS | {"grades"},
    ),
}
