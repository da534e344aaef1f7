"""From an accepted certificate of a piecewise polynomial rule to a Coq file with the same claim."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs.kernel.claims import weight
from proofs.kernel.formula import CONFIDENCE, parse
from proofs.kernel.limits import Limit
from proofs.kernel.normal_form import Expression, Rejected, expand, polynomial
from proofs.kernel.signs import Region
from proofs.kernel.subject import Subject
from proofs.kernel.translate import Translator
from proofs.kernel.verifier import verify
from proofs.to_coq.coq_formula import coq_formula
from proofs.to_coq.one_piece import WeightTerm, bernstein_weight, coq_file
from proofs.to_coq.one_piece_text import FORMULA
from proofs.to_coq.polynomials import Polynomial, at
from proofs.to_coq.several_pieces import Cut, Piece, coq_of_pieces, payoffs_of, piece_names

MOST_RAISED = 40
COQ_CLAIMS = ("proper", "strictly proper", "jointly optimal")


def coq_of(certificate: Mapping[str, Any]) -> str:
    """The Coq file of a certificate of properness or joint optimality, strict if the rule is.

    The kernel's evidence becomes, piece by piece, a sum of terms c (t - a)^i (b - t)^j g(t)^2 with
    c >= 0: Bernstein coefficients of a high enough degree on the whole piece [a, b], times the
    square of a certificate by squares. If the formula is made of arithmetic, `min`, `max`, `abs`,
    `clip`, comparisons and choices, the file also holds it as typed, with a proof that the payoffs
    are its values.

    Raises:
        Rejected: the kernel does not accept the certificate, or the rule has a free parameter, a
            payoff that is not a polynomial on a piece, or -inf at an end; the message says which.

    Example:
        >>> text = coq_of({"schema": 2, "formula": "c - (q-c)^2", "parameters": {},
        ...                "claim": "jointly optimal", "evidence": [{"kind": "terms"}]})
        >>> "_jointly_optimal" in text
        True
    """
    verify(certificate)
    if certificate["claim"] not in COQ_CLAIMS:
        raise Rejected(
            "a certificate of properness or joint optimality is needed, got"
            f" {certificate['claim']!r}"
        )
    if "split" in certificate:
        name = certificate["split"]["parameter"]
        raise Rejected(
            f"the certificate is split by the parameter {name!r}; give it one value to export"
        )
    subject = Subject(
        certificate["formula"], certificate["parameters"], certificate.get("breakpoints", ())
    )
    values = _values(subject)
    pieces, cuts = _pieces(subject, certificate["evidence"]), _cuts(subject)
    name = (
        "rule_" + hashlib.sha256(json.dumps(certificate, sort_keys=True).encode()).hexdigest()[:12]
    )
    if len(pieces) == 1 and all(_continuous(pieces[0], cut) for cut in cuts):
        text, names = (
            coq_file(name, pieces[0].on_correct, pieces[0].on_wrong, pieces[0].weight),
            [name],
        )
    else:
        text, names = coq_of_pieces(name, pieces, cuts), piece_names(name, len(pieces))
    typed = coq_formula(parse(subject.formula, subject.domains), values)
    if typed is not None:
        text += FORMULA.format(name=name, formula=typed, unfolded=", ".join(map(payoffs_of, names)))
    return f"(* {_comment(certificate)} *)\n\n{text}"


def _values(subject: Subject) -> dict[str, Fraction]:
    """The value of each parameter.

    Raises:
        Rejected: a parameter is free.
    """
    values = {}
    for name, domain in subject.domains.items():
        if domain.low is None or domain.low != domain.high:
            raise Rejected(
                f"the parameter {name!r} is free ({subject.parameters[name]}); give it one value to"
                " export"
            )
        values[name] = domain.low
    return values


def _cuts(subject: Subject) -> list[Cut]:
    """0, the breakpoints, and 1, with the payoffs there."""
    cuts = []
    for point in subject.points:
        where = point.constant()
        if where is None:
            raise Rejected("a breakpoint is not a rational number")
        cuts.append(Cut(where, *(_paid(subject.payoff(point, c), where) for c in (1, 0))))
    return cuts


def _paid(value: Limit, where: Fraction) -> Fraction:
    if not isinstance(value, Expression):
        raise Rejected(f"the payoff at q = {where} is infinite")
    coefficients = polynomial(expand(value))
    if coefficients is None or any(coefficients[1:]):
        raise Rejected(f"the payoff at q = {where} is not a rational number")
    return coefficients[0]


def _pieces(subject: Subject, evidence: list[Mapping[str, Any]]) -> list[Piece]:
    """Payoffs and density of each piece as polynomials."""
    pieces = []
    for index, (translator, of_piece) in enumerate(zip(subject.pieces, evidence, strict=True)):
        low, high = translator.region.ends()
        on_wrong, on_correct = (
            polynomial(expand(translator.smooth(payoff))) for payoff in subject.payoffs
        )
        density = polynomial(expand(weight(subject, index)))
        if on_wrong is None or on_correct is None or density is None:
            where = f"between {low} and {high} " if len(subject.pieces) > 1 else ""
            raise Rejected(f"a payoff {where}is not a polynomial in q with rational coefficients")
        pieces.append(
            Piece(tuple(on_correct), tuple(on_wrong), _terms(density, of_piece, low, high))
        )
    return pieces


def _continuous(piece: Piece, cut: Cut) -> bool:
    return (at(piece.on_correct, cut.point), at(piece.on_wrong, cut.point)) == (
        cut.on_correct,
        cut.on_wrong,
    )


def _read(text: str) -> list[Fraction]:
    """The coefficients of a polynomial of the evidence."""
    coefficients = polynomial(
        expand(Translator(Region({})).smooth(parse(text, variables=(CONFIDENCE,))))
    )
    if coefficients is None:
        raise Rejected(f"the evidence must hold polynomials in q, got {text:.40}")
    return coefficients


def _terms(
    density: list[Fraction], evidence: Mapping[str, Any], low: Fraction, high: Fraction
) -> tuple[WeightTerm, ...]:
    if not any(density):
        return ()
    square: Polynomial = (Fraction(1),)
    rest = density
    if "square" in evidence:
        g, h = (_read(evidence[key]) for key in ("square", "rest"))
        square, rest = tuple(g), h
    for raised in range(MOST_RAISED + 1):
        try:
            return bernstein_weight(rest, raise_by=raised, base=square, low=low, high=high)
        except ValueError:
            continue
    raise Rejected(
        f"no Bernstein degree within {MOST_RAISED} of the density's own shows its sign on all of"
        f" [{low}, {high}]"
    )


def _comment(certificate: Mapping[str, Any]) -> str:
    """The claim and the formula as typed, for a Coq comment, which they cannot open or close."""
    return f"{certificate['claim']}: R(q, c) = {certificate['formula']}".replace(
        "*)", "* )"
    ).replace("(*", "( *")
