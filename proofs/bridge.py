"""From a certificate that the kernel accepts to a Coq file with the same claim: polynomial rules on one piece."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs.export import Polynomial, WeightTerm, bernstein_weight, coq_file
from proofs.kernel.check import Subject, verify, weight
from proofs.kernel.normal_form import Rejected, expand, polynomial

MOST_RAISED = 40


def coq_of(certificate: Mapping[str, Any]) -> str:
    """The Coq file of a certificate of properness or joint optimality, strict wherever the rule is.

    The kernel's evidence becomes a sum of terms c t^i (1-t)^j g(t)^2 with c >= 0: Bernstein coefficients of a high
    enough degree on the whole of [0, 1], times the square of a certificate by squares.

    Raises:
        Rejected: the kernel does not accept the certificate, or the rule is not one polynomial piece without free
            parameters; the message says which.

    Example:
        >>> text = coq_of({"schema": 1, "formula": "c - (q-c)^2", "parameters": {}, "claim": "jointly optimal",
        ...                "breakpoints": [], "evidence": [{"kind": "terms"}]})
        >>> "_jointly_optimal" in text
        True
    """
    verify(certificate)
    if "evidence" not in certificate or certificate["claim"] not in ("proper", "strictly proper", "jointly optimal"):
        raise Rejected(f"a certificate of properness or joint optimality is needed, got {certificate['claim']!r}")
    subject = Subject(certificate["formula"], certificate["parameters"], certificate.get("breakpoints", ()))
    if len(subject.pieces) != 1:
        raise Rejected(
            f"only a rule of one piece can be exported to Coq, and this one has {len(subject.pieces)} pieces"
        )
    on_wrong, on_correct = (_coefficients(subject, c) for c in (0, 1))
    density = polynomial(expand(weight(subject, 0)))
    if density is None:
        raise Rejected("the threshold density is not a polynomial in t")
    terms = _terms(density, certificate["evidence"][0])
    name = "rule_" + hashlib.sha256(json.dumps(certificate, sort_keys=True).encode()).hexdigest()[:12]
    return f"(* {_comment(certificate)} *)\n\n" + coq_file(name, on_correct, on_wrong, terms)


def _coefficients(subject: Subject, correct: int) -> Polynomial:
    found = polynomial(expand(subject.pieces[0].smooth(subject.payoffs[correct])))
    if found is None:
        raise Rejected("a payoff is not a polynomial in q with rational coefficients")
    return tuple(found)


def _terms(density: list[Fraction], evidence: Mapping[str, Any]) -> tuple[WeightTerm, ...]:
    if not any(density):
        return ()
    square: Polynomial = (Fraction(1),)
    rest = density
    if evidence["kind"] == "squares":
        square, rest = tuple(map(Fraction, evidence["g"])), [Fraction(x) for x in evidence["h"]]
    for raised in range(MOST_RAISED + 1):
        try:
            return bernstein_weight(rest, raise_by=raised, base=square)
        except ValueError:
            continue
    raise Rejected(f"no Bernstein degree within {MOST_RAISED} of the polynomial's own shows its sign on all of [0, 1]")


def _comment(certificate: Mapping[str, Any]) -> str:
    """The formula as typed, which cannot close the comment: the grammar has no '*)' outside a product in brackets."""
    return f"{certificate['claim']}: R(q, c) = {certificate['formula']}".replace("*)", "* )").replace("(*", "( *")
