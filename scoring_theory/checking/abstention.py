"""Abstaining, a third action beside a correct and a wrong answer: for which p it earns more."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs.kernel.formula import FormulaError
from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import NEGATIVE_INFINITY, POSITIVE_INFINITY, Limit
from proofs.kernel.normal_form import ZERO, Expression, Rejected, atom, const
from proofs.kernel.normal_form import Q as Q_ATOM
from proofs.kernel.normal_form import U as U_ATOM
from proofs.kernel.signs import constant_sign
from proofs.kernel.subject import Subject, difference
from proofs.quantity import Quantity
from proofs.search.as_text import quantity, to_text
from proofs.search.counterexamples import Certificate, accepted, base_certificate
from proofs.search.prover import Prover
from scoring_theory.checking.setting import Setting
from scoring_theory.optimality.failure_thresholds import decimals_around, root
from scoring_theory.optimality.parts import main_part
from scoring_theory.verdict import Verdict

_NAME = "with abstention"
_SHORT = 16  # characters of an exact number in a sentence
_STEPS = 64
"""Success probabilities k/64 at which a p with V(p) < A is looked for, besides the breakpoints."""


def abstention(prover: Prover, payoff: str | float | Fraction) -> Setting:
    """For which success probabilities an agent earns more by abstaining, which earns A.

        abstain iff V(p) < A,   V(p) = sup_q U(p, q)

    V is convex, so these p form an interval; for a jointly optimal reward V increases, and the
    interval is a threshold, p < p_A. Where a deliberately wrong answer earns V(0) >= A, an agent
    prefers that to abstaining. The payoff A is a loophole if A >= max(V(0), V(1)): then abstaining
    always earns as much as an answer. Nothing is claimed of an improper reward.

    Args:
        prover: the search about the reward.
        payoff: A, a number or a formula without q and c.

    Raises:
        ValueError: `payoff` is not a finite number.

    Source: `docs/theory.md`, Theorem 42; Kalai et al. 2025 for thresholds.

    Example:
        >>> setting = abstention(Prover("2*c - 1"), 0)  # TruthRL
        >>> print(setting.demands["abstaining"].reason)
        abstaining earns more than an answer exactly for p < 1/2
    """
    paid, text = _payoff(payoff)
    found: dict[str, Any] = {}
    rows = [("abstaining earns", text), *_competing(prover, paid)]
    if prover.proper.decision == "refuted":  # V is then not what a truthful report earns
        rows.append(("abstaining", "is compared with truthful answers for proper rewards only"))
        return Setting(_NAME, rows=rows, data={"pays": text})
    if prover.proper.decision != "proved" or prover.free:
        what = "a reward that is proved proper" if not prover.free else "fixed parameters"
        verdict = Verdict("undecided", f"abstention is decided for {what}")
    else:
        try:
            verdict, found = _decided(main_part(prover), paid, text)
        except (Rejected, Undetermined) as reason:
            verdict = Verdict("undecided", str(reason))
    return Setting(_NAME, demands={"abstaining": verdict}, rows=rows, data={"pays": text, **found})


def _payoff(payoff: str | float | Fraction) -> tuple[Expression, str]:
    text = payoff if isinstance(payoff, str) else str(Fraction(str(payoff)))
    try:
        value = Subject("0", {}).point(text)
    except (FormulaError, Rejected, Undetermined, ArithmeticError) as error:
        raise ValueError(
            f"the payoff of abstaining must be a number, got {text!r}: {error}"
        ) from None
    return value, to_text(value)


def _decided(part: Prover, paid: Expression, text: str) -> tuple[Verdict, dict[str, Any]]:
    """The verdict and the region for a proper reward without free parameters."""
    base = {**base_certificate(part.formula, part.parameters, ""), **part.case(), "pays": text}
    at_zero, at_one = (_gap(part, p, paid) for p in (Fraction(0), Fraction(1)))
    if at_zero <= 0 and at_one <= 0:
        certificate = {**base, "claim": "abstention always earns as much"}
        reason = f"abstaining earns {text}, at least as much as a certain answer, right or wrong"
        shown = certificate if accepted(certificate) else None
        return Verdict("refuted", reason, {"pays": text}, shown), {"region": ["0", "1"]}
    inside = _inside(part, paid)
    if inside is None:
        return _never(part, base, paid)
    low = Quantity("0", 0.0) if at_zero <= 0 else _crossing(part, paid, Fraction(0), inside)
    high = Quantity("1", 1.0) if at_one <= 0 else _crossing(part, paid, inside, Fraction(1))
    region = {
        "from": ["0", _next_to(part, paid, 0, inside)] if at_zero == 0 else _end(low, Fraction(0)),
        "to": [_next_to(part, paid, 1, inside), "1"] if at_one == 0 else _end(high, Fraction(1)),
    }
    certificate = {**base, "claim": "abstention earns more between", **region}
    reason = f"abstaining earns more than an answer exactly for {_where(low, high)}"
    found = {"region": [low.to_json(), high.to_json()]}
    return Verdict("proved", reason, None, certificate if accepted(certificate) else None), found


def _never(part: Prover, base: Certificate, paid: Expression) -> tuple[Verdict, dict[str, Any]]:
    """The verdict where no p with V(p) < A was found: a report that always earns A proves it."""
    for q in dict.fromkeys((Fraction(0), *part.numeric_cuts, *_grid(), Fraction(1))):
        certificate = {**base, "claim": "abstention never earns more", "q": str(q)}
        if accepted(certificate):
            reason = (
                f"abstaining never earns more than an answer: q = {q} earns at least as much,"
                " correct or wrong"
            )
            return Verdict("proved", reason, {"q": str(q)}, certificate), {"region": None}
    reason = "neither a p at which abstaining earns more nor a proof that there is none was found"
    return Verdict("undecided", reason), {}


def _gap(part: Prover, p: Fraction, paid: Expression) -> int:
    """The sign of V(p) - A."""
    gap = difference(part.subject.expected(p, p), paid)
    if not isinstance(gap, Expression):
        return 1 if gap is POSITIVE_INFINITY else -1
    return constant_sign(gap)


def _grid() -> list[Fraction]:
    return [Fraction(k, _STEPS) for k in range(1, _STEPS)]


def _inside(part: Prover, paid: Expression) -> Fraction | None:
    """A p with V(p) < A, if one is found; then a bisection follows the slope of V downwards."""
    for p in (Fraction(0), Fraction(1), *part.numeric_cuts, *_grid()):
        if _gap(part, p, paid) < 0:
            return p
    low, high = Fraction(0), Fraction(1)
    for _ in range(_STEPS):  # V falls where R(p, 1) < R(p, 0), and A may lie just above its minimum
        middle = (low + high) / 2
        if _gap(part, middle, paid) < 0:
            return middle
        slope = difference(*(part.subject.payoff(const(middle), c) for c in (1, 0)))
        falls = (
            constant_sign(slope) < 0
            if isinstance(slope, Expression)
            else slope is NEGATIVE_INFINITY
        )
        low, high = (middle, high) if falls else (low, middle)
    return None


def _crossing(part: Prover, paid: Expression, low: Fraction, high: Fraction) -> Quantity:
    """The p between `low` and `high` at which V(p) - A changes its sign."""
    subject, rises = part.subject, _gap(part, low, paid) < 0
    for piece in subject.pieces:
        start, end = (max(low, piece.region.ends()[0]), min(high, piece.region.ends()[1]))
        if start >= end:
            continue
        at_end = _gap(part, end, paid)
        if (at_end >= 0) == rises:
            wrong, right = (piece.smooth(subject.payoffs[c]) for c in (0, 1))
            gain = atom(Q_ATOM) * right + atom(U_ATOM) * wrong - paid
            return root(gain if rises else -gain, start, end)
    raise Rejected("the end of the region is not found")


def _next_to(part: Prover, paid: Expression, end: int, inside: Fraction) -> str:
    """A p next to 0 or 1 with V(p) < A, where V is A at that end."""
    hair = Fraction(1, 10**9)
    near = hair if end == 0 else 1 - hair
    return str(near if _gap(part, near, paid) < 0 else inside)


def _end(end: Quantity, bound: Fraction) -> list[str]:
    """Two numbers around an end of the region; 0 and 1 are written twice."""
    if end.value == bound:
        return [str(bound), str(bound)]
    return decimals_around(end.value)


def _where(low: Quantity, high: Quantity) -> str:
    first, last = (
        end.exact if len(end.exact) <= _SHORT else f"{end.value:.6g}" for end in (low, high)
    )
    if low.value == 0:
        return f"p < {last}"
    return f"p > {first}" if high.value == 1 else f"p between {first} and {last}"


def _competing(prover: Prover, paid: Expression) -> list[tuple[str, str]]:
    """That a deliberately wrong answer earns more than abstaining, for an unsafe reward."""
    if prover.jointly_optimal.decision != "refuted" or prover.free:
        return []
    try:
        wrong: Limit = prover.subject.payoff(ZERO, 0)
        gap = difference(wrong, paid)
        earns = constant_sign(gap) if isinstance(gap, Expression) else 1
    except (Rejected, Undetermined):
        return []
    if earns < 0:
        return []
    shown = quantity(wrong).exact
    how = "more than" if earns else "as much as"
    return [("instead", f"a deliberately wrong answer with q = 0 earns {shown}, {how} abstaining")]
