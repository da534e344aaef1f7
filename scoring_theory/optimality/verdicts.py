"""Reasons in words, with numbers that one can put in by hand."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs.kernel.intervals import Undetermined
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import Rejected, const
from proofs.kernel.verifier import Subject, difference
from proofs.quantity import Quantity
from proofs.search.as_text import quantity
from proofs.search.prover import Decided, Prover
from scoring_theory.verdict import Verdict


def _pays(value: Limit) -> str:
    """A payoff as a person would write it: three decimals, or digits that count where it is tiny or huge."""
    number = quantity(value).value
    return f"{number:.3f}" if 0.0005 <= abs(number) < 1000 and abs(number) != 1 else f"{number:.6g}"


def _exact(value: Limit) -> str:
    found: Quantity = quantity(value)
    return found.exact


def _bound(prover: Prover, certificate: Mapping[str, Any]) -> tuple[Subject, str]:
    values = certificate.get("values", {})
    told = "".join(f"{name} = {value}, " for name, value in values.items())
    return Subject(prover.formula, prover.parameters).bind(values), told


def _witness(certificate: Mapping[str, Any], **paid: Limit) -> dict[str, str]:
    numbers = {
        k: str(certificate[k]) for k in ("p", "q", "p_low", "q_low", "p_high") if k in certificate
    }
    return {**certificate.get("values", {}), **numbers, **{k: _exact(v) for k, v in paid.items()}}


def proper_verdict(prover: Prover) -> Verdict:
    """Properness in words."""
    found = prover.proper
    if found.decision == "proved":
        return Verdict(
            "proved", "no report earns more than the truth", certificate=found.certificate
        )
    if found.decision == "refuted" and found.certificate:
        return _dishonesty_pays(prover, found.certificate)
    return Verdict("undecided", found.reason)


def _dishonesty_pays(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    subject, told = _bound(prover, c)
    p, q = Fraction(c["p"]), Fraction(c["q"])
    honest, other = subject.expected(p, p), subject.expected(p, q)
    pays = [_pays(honest), _pays(other)]
    if pays[0] == pays[1]:
        pays = [f"{quantity(x).value:.12g}" for x in (honest, other)]
    reason = f"{told}p = {p}: honest q = {p} pays {pays[0]}; q = {q} pays {pays[1]}"
    if pays[0] == pays[1]:
        reason = (
            f"{told}p = {p}: q = {q} pays {quantity(difference(other, honest)).value:.3g} more than"
            f" honest q = {p}"
        )
    return Verdict("refuted", reason, _witness(c, honest_pays=honest, other_pays=other), c)


def strict_verdict(prover: Prover) -> Verdict:
    """Strictness in words."""
    found = prover.strict
    if prover.proper.decision != "proved":
        return proper_verdict(prover)
    if found.decision == "proved":
        return Verdict(
            "proved", "every other report earns less than the truth", certificate=found.certificate
        )
    if found.decision == "refuted" and found.certificate:
        c = found.certificate
        subject, told = _bound(prover, c)
        p, q = Fraction(str(c["p"])), Fraction(str(c["q"]))
        paid = subject.expected(p, q)
        if _flat(prover):
            reason = (
                "every confidence earns the same, so nothing ties the stated confidence to the"
                " truth"
            )
        else:
            reason = f"{told}p = {p}: honest q = {p} pays {_pays(paid)}, and so does q = {q}"
        return Verdict("refuted", reason, _witness(c, honest_pays=paid, other_pays=paid), c)
    return Verdict("undecided", found.reason)


def _flat(prover: Prover) -> bool:
    """Whether the payoffs do not depend on q at all."""
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
    """Joint optimality in words."""
    found = prover.jointly_optimal
    if found.decision == "proved":
        told = "" if margin is None else f" = {margin.exact}"
        reason = f"the accuracy margin{told} is not negative, so a better answer never earns less"
        return Verdict("proved", reason, certificate=found.certificate)
    if found.decision == "refuted" and found.certificate:
        c = found.certificate
        if "p_low" not in c:
            told = "" if margin is None else f" = {margin.exact}"
            reason = (
                f"the accuracy margin{told} is negative, so for every small enough p a deliberately"
                " wrong answer with q = 0 earns more than the honest one"
            )
            return Verdict("refuted", reason, certificate=c)
        if c["p_low"] == c["p_high"]:
            lone = _dishonesty_pays(prover, {**c, "p": c["p_high"], "q": c["q_low"]})
            return Verdict(
                "refuted",
                f"not even one answer alone is reported honestly: {lone.reason}",
                lone.witness,
                c,
            )
        return _wrong_answer_pays(prover, c)
    return Verdict("undecided", found.reason)


def _wrong_answer_pays(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    subject, told = _bound(prover, c)
    low, high, q = (Fraction(c[k]) for k in ("p_low", "p_high", "q_low"))
    honest, other = subject.expected(high, high), subject.expected(low, q)
    rival = "a deliberately wrong answer" if low == 0 else f"an answer with p = {low}"
    reason = (
        f"{told}p = {high}: honest pays {_pays(honest)}; {rival} with q = {q} pays {_pays(other)}"
    )
    return Verdict("refuted", reason, _witness(c, honest_pays=honest, other_pays=other), c)


def accuracy_verdict(prover: Prover, joint: Verdict) -> Verdict:
    """Whether V is nondecreasing, in words."""
    found: Decided = prover.accuracy
    if found is prover.jointly_optimal:
        return joint
    if found.decision == "proved" and found.certificate:
        q0 = found.certificate.get("q0")
        reason = f"always reporting q = {q0} already earns a better answer no less"
        if q0 is None:
            reason = "whatever the report, a right answer earns no less than a wrong one"
        return Verdict("proved", reason, certificate=found.certificate)
    if found.decision == "refuted" and found.certificate:
        c = found.certificate
        worse, better = f"p = {c['p_low']} and q = {c['q_low']}", f"p = {c['p_high']}"
        reason = f"an answer with {worse} earns more than any report on an answer with {better}"
        return Verdict("refuted", reason, _witness(c), c)
    return Verdict("undecided", found.reason)
