"""Verdicts in words, with numbers that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import Rejected, const
from proofs.kernel.subject import Subject, difference
from proofs.quantity import Quantity
from proofs.search.as_text import quantity
from proofs.search.prover import Decided, Prover
from scoring_theory.verdict import Verdict


def short(value: Limit) -> str:
    """A reward with three decimals, or with six significant digits if it is tiny or huge.

    Example:
        >>> short(const(Fraction(1, 4)))
        '0.250'
    """
    number = quantity(value).value
    return f"{number:.3f}" if 0.0005 <= abs(number) < 1000 and abs(number) != 1 else f"{number:.6g}"


_LONGEST = 80  # characters of a number in a witness


def _exact(value: Limit) -> str:
    """The exact number; 17 digits of one that is too long to read, which p and q give exactly."""
    number: Quantity = quantity(value)
    return number.exact if len(number.exact) <= _LONGEST else f"{number.value:.17g}"


def bound(prover: Prover, certificate: Mapping[str, Any]) -> tuple[Subject, str]:
    """The formula at the values of a counterexample, and these values as the start of a text.

    Example:
        >>> bound(Prover("c*lam", {"lam": "lam > 0"}), {"values": {"lam": "1/2"}})[1]
        'lam = 1/2, '
    """
    values = certificate.get("values", {})
    prefix = "".join(f"{name} = {value}, " for name, value in values.items())
    return Subject(prover.formula, prover.parameters).bind(values), prefix


def _witness(certificate: Mapping[str, Any], **paid: Limit) -> dict[str, str]:
    numbers = {
        k: str(certificate[k]) for k in ("p", "q", "p_low", "q_low", "p_high") if k in certificate
    }
    return {**certificate.get("values", {}), **numbers, **{k: _exact(v) for k, v in paid.items()}}


def proper_verdict(prover: Prover) -> Verdict:
    """The verdict on properness.

    Example:
        >>> proper_verdict(Prover("-abs(q - c)")).reason
        'p = 1/4: expected reward -0.375 with truthful q = 1/4, -0.250 with q = 0'
    """
    decided = prover.proper
    if decided.decision == "proved":
        return Verdict(
            "proved",
            "no report has a larger expected reward than q = p",
            certificate=decided.certificate,
        )
    if decided.decision == "refuted" and decided.certificate:
        return _misreport_is_better(prover, decided.certificate)
    return Verdict("undecided", decided.reason)


def _misreport_is_better(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    """The verdict of a counterexample to properness."""
    subject, prefix = bound(prover, c)
    p, q = Fraction(c["p"]), Fraction(c["q"])
    honest, other = subject.expected(p, p), subject.expected(p, q)
    reason = prefix + _compared(p, honest, other, f"with q = {q}")
    return Verdict("refuted", reason, _witness(c, honest_pays=honest, other_pays=other), c)


def _compared(p: Fraction, honest: Limit, other: Limit, how: str) -> str:
    """Two expected rewards; those that look alike have more digits, or else their difference."""
    shown = [short(honest), short(other)]
    if shown[0] == shown[1]:
        shown = [f"{quantity(x).value:.12g}" for x in (honest, other)]
    if shown[0] == shown[1]:
        gain = quantity(difference(other, honest)).value
        return (
            f"p = {p}: the expected reward {how} is larger by {gain:.3g} than with truthful q = {p}"
        )
    return f"p = {p}: expected reward {shown[0]} with truthful q = {p}, {shown[1]} {how}"


def strict_verdict(prover: Prover) -> Verdict:
    """The verdict on strict properness.

    Example:
        >>> strict_verdict(Prover("c - (q - c)^2")).reason
        'every report other than q = p has a smaller expected reward'
    """
    decided = prover.strict
    if prover.proper.decision != "proved":
        return proper_verdict(prover)
    if decided.decision == "proved":
        return Verdict(
            "proved",
            "every report other than q = p has a smaller expected reward",
            certificate=decided.certificate,
        )
    if decided.decision == "refuted" and decided.certificate:
        c = decided.certificate
        subject, prefix = bound(prover, c)
        p, q = Fraction(str(c["p"])), Fraction(str(c["q"]))
        tied = subject.expected(p, q)
        if _flat(prover):
            reason = (
                "every confidence has the same expected reward, so there is no incentive to state"
                " the true probability"
            )
        else:
            reason = (
                f"{prefix}p = {p}: expected reward {short(tied)} with truthful q = {p}, and the"
                f" same with q = {q}"
            )
        return Verdict("refuted", reason, _witness(c, honest_pays=tied, other_pays=tied), c)
    return Verdict("undecided", decided.reason)


def _flat(prover: Prover) -> bool:
    """Whether neither payoff depends on q."""
    subject = prover.subject
    try:
        at_half = [subject.payoff(const(Fraction(1, 2)), c) for c in (0, 1)]
        same = all(
            subject.payoff(const(Fraction(n, 7)), c) == at_half[c]
            for n in (0, 1, 5, 7)
            for c in (0, 1)
        )
        return same and len(subject.pieces) == 1
    except (Rejected, Undetermined):
        return False


def joint_verdict(prover: Prover, margin: Quantity | None) -> Verdict:
    """The verdict on joint optimality.

    Example:
        >>> joint_verdict(Prover("c - 2*(q - c)^2"), None).witness["p_high"]
        '1/4'
    """
    decided = prover.jointly_optimal
    value = "" if margin is None else f" {margin.exact}"
    if decided.decision == "proved":
        reason = (
            f"the accuracy margin{value} is not negative, so the expected reward never decreases"
            " with accuracy"
        )
        return Verdict("proved", reason, certificate=decided.certificate)
    if decided.decision == "refuted" and decided.certificate:
        c = decided.certificate
        if "p_low" not in c:
            reason = (
                f"the accuracy margin{value} is negative, so for every small enough p a"
                " deliberately wrong answer with q = 0 has a larger expected reward than a truthful"
                " report"
            )
            return Verdict("refuted", reason, certificate=c)
        if c["p_low"] == c["p_high"]:
            lone = _misreport_is_better(prover, {**c, "p": c["p_high"], "q": c["q_low"]})
            return Verdict(
                "refuted",
                f"a misreport is better even with a single answer ({lone.reason})",
                lone.witness,
                c,
            )
        return _worse_answer_is_better(prover, c)
    return Verdict("undecided", decided.reason)


def _worse_answer_is_better(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    """The verdict of a counterexample with two answers, of which the worse one is misreported."""
    subject, prefix = bound(prover, c)
    low, high, q = (Fraction(c[k]) for k in ("p_low", "p_high", "q_low"))
    honest, other = subject.expected(high, high), subject.expected(low, q)
    rival = "a deliberately wrong answer" if low == 0 else f"an answer with p = {low}"
    reason = prefix + _compared(high, honest, other, f"for {rival} with q = {q}")
    return Verdict("refuted", reason, _witness(c, honest_pays=honest, other_pays=other), c)


def accuracy_verdict(prover: Prover, joint: Verdict) -> Verdict:
    """The verdict on whether V is nondecreasing.

    Example:
        >>> prover = Prover("-abs(q - c)")
        >>> accuracy_verdict(prover, joint_verdict(prover, None)).reason
        'p = 0 with q = 0 has a larger expected reward than p = 1/2 with any q'
    """
    decided: Decided = prover.accuracy
    if decided is prover.jointly_optimal:
        return joint
    if decided.decision == "proved" and decided.certificate:
        q0 = decided.certificate.get("q0")
        reason = (
            f"V is convex, and the constant report q = {q0} has an expected reward of at least V(0)"
            " for every p"
        )
        if q0 is None:
            reason = "at every confidence a correct answer has at least the reward of a wrong one"
        return Verdict("proved", reason, certificate=decided.certificate)
    if decided.decision == "refuted" and decided.certificate:
        c = decided.certificate
        reason = (
            f"p = {c['p_low']} with q = {c['q_low']} has a larger expected reward than"
            f" p = {c['p_high']} with any q"
        )
        return Verdict("refuted", reason, _witness(c), c)
    return Verdict("undecided", decided.reason)
