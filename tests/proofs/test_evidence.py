"""Sign certificates: true evidence is accepted, and evidence that was tampered with is not."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.evidence import bernstein, check_sign, times, univariate
from proofs.kernel.formula import FormulaError, parse, parse_domain
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Expression, Rejected, const, derivative, from_polynomial
from proofs.kernel.signs import Region
from proofs.kernel.translate import Translator
from scoring_theory.prover.evidence import find_evidence

HALVES = ["0", "1/2", "1"]
TERMS: Mapping[str, object] = {"kind": "terms"}


def on(text: str, *domains: str, low: str = "0", high: str = "1") -> tuple[Expression, Region]:
    known = dict(parse_domain(domain) for domain in domains)
    region = Region(known, const(Fraction(low)), const(Fraction(high)))
    return Translator(region).expression(parse(text, known)), region


def sign(evidence: Mapping[str, object], text: str, *domains: str, low: str = "0", high: str = "1") -> int:
    expression, region = on(text, *domains, low=low, high=high)
    return check_sign(expression, derivative(expression), region, evidence)


@given(st.lists(st.fractions(-3, 3, max_denominator=4), min_size=1, max_size=6), st.fractions(0, 1, max_denominator=8))
def test_bernstein_coefficients_give_the_polynomial_back(coefficients: list[Fraction], share: Fraction) -> None:
    low, high = Fraction(1, 5), Fraction(3, 4)
    found, d = bernstein(coefficients, low, high), len(coefficients) - 1
    basis = [Fraction(1)]
    for n in range(d):  # de Casteljau's triangle of the basis
        basis = [((1 - share) * (basis[j] if j <= n else 0)) + (share * basis[j - 1] if j else 0) for j in range(n + 2)]
    q = low + share * (high - low)
    assert sum(b * w for b, w in zip(found, basis, strict=True)) == sum(x * q**n for n, x in enumerate(coefficients))


def test_product_of_polynomials() -> None:
    assert times([Fraction(1), Fraction(2)], [Fraction(3), Fraction(4)]) == [3, 10, 8]


@pytest.mark.parametrize(
    ("evidence", "text", "domains", "expected"),
    [
        ({"kind": "zero"}, "q + (1 - q) - 1", [], 0), (TERMS, "q^2 + 1", [], 1), (TERMS, "0", [], 0),
        (TERMS, "lam*q", ["0 <= lam <= 1"], 0), (TERMS, "lam*q", ["0 < lam <= 1"], 1),
        (TERMS, "-log(q)*q^(1/2)", [], 1),
        ({"kind": "bernstein", "degree": 0}, "1 - q^2", [], 1),
        ({"kind": "bernstein", "degree": 6}, "q^2 - q + 3/8", [], 1),
        ({"kind": "squares", "g": ["-1/2", "1"], "h": ["1"], "cells": ["0", "1"]}, "(q - 1/2)^2", [], 1),
        ({"kind": "squares", "g": ["1"], "h": ["0"], "cells": ["0", "1"]}, "0", [], None),
        ({"kind": "squares", "g": ["-1", "0", "2"], "h": ["0", "1"], "cells": HALVES}, "q*(2*q^2 - 1)^2", [], None),
        ({"kind": "squares", "g": ["-1", "0", "2"], "h": ["1"], "cells": HALVES}, "q*(2*q^2 - 1)^2", [], 1),
        ({"kind": "squares", "g": ["1"], "h": ["1", "1"], "cells": HALVES}, "(1 + q)*sqrt(2 + q)", [], 1),
        ({"kind": "boxes", "cells": ["0", "1/16", "1/4", "1/2", "15/16", "1"]}, "1 + 2*q*log(q)", [], 1),
        ({"kind": "boxes", "cells": ["0", "1/2", "1"]}, "2 + q", [], 1),
    ],
)  # fmt: skip
def test_true_evidence(evidence: Mapping[str, object], text: str, domains: list[str], expected: int | None) -> None:
    if expected is None:
        with pytest.raises(Rejected):
            sign(evidence, text, *domains)
    else:
        assert sign(evidence, text, *domains) == expected


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        ({"kind": "zero"}, "q"), ({"kind": "zero"}, "1e-300"), (TERMS, "q - 1/2"), (TERMS, "-q"),
        (TERMS, "(q - 1/2)^2"),
        ({"kind": "bernstein", "degree": 40}, "q^2 - q + 0.2499"), ({"kind": "bernstein", "degree": 41}, "1"),
        ({"kind": "bernstein", "degree": -1}, "1"), ({"kind": "bernstein", "degree": "3"}, "1"),
        ({"kind": "bernstein", "degree": True}, "1"), ({"kind": "bernstein", "degree": 1.0}, "1"),
        ({"kind": "bernstein"}, "1"),
        ({"kind": "terms", "degree": 0}, "1"), ({"kind": "boxes"}, "1"), ({"kind": "boxes", "cells": "01"}, "1"),
        ({"kind": "boxes", "cells": [0, 1]}, "1"), ({"kind": "boxes", "cells": ["0", "1", "1"]}, "1"),
        ({"kind": "boxes", "cells": ["0"]}, "1"), ({"kind": "boxes", "cells": []}, "1"),
        ({"kind": "boxes", "cells": ["1", "0"]}, "1"),
        ({"kind": "boxes", "cells": ["0", "1/2"]}, "1"), ({"kind": "boxes", "cells": ["1/2", "1"]}, "1"),
        ({"kind": "boxes", "cells": ["-1", "1"]}, "1"), ({"kind": "boxes", "cells": ["0", "2"]}, "1"),
        ({"kind": "boxes", "cells": ["0", "1/2", "1/4", "1"]}, "1"), ({"kind": "boxes", "cells": HALVES}, "0"),
        ({"kind": "boxes", "cells": HALVES}, "q - 1/2"), ({"kind": "boxes", "cells": HALVES}, "(q - 1/2)^2"),
        ({"kind": "boxes", "cells": ["0", "1/64", "1/2", "63/64", "1"]}, "1 + 3*q*log(q)"),
        ({"kind": "boxes", "cells": HALVES}, "log(q) + 1"), ({"kind": "boxes", "cells": ["0", "nan", "1"]}, "1"),
        ({"kind": "squares", "g": ["1"], "h": ["-1", "2"], "cells": HALVES}, "2*q - 1"),
        ({"kind": "squares", "g": ["-1/2", "1"], "h": ["1"], "cells": HALVES}, "(q - 1/2)^2 - 1e-9"),
        ({"kind": "squares", "g": ["-1/2", "1"], "h": ["1"], "cells": ["0", "1/2"]}, "(q - 1/2)^2"),
        ({"kind": "squares", "g": ["1/2", "1"], "h": ["1"], "cells": HALVES}, "(q - 1/2)^2"),
        ({"kind": "squares", "g": [], "h": ["1"], "cells": HALVES}, "0"),
        ({"kind": "squares", "g": ["1"], "h": [], "cells": HALVES}, "0"),
        ({"kind": "squares", "g": ["1"], "h": ["1"], "cells": HALVES}, "sqrt(q) + q"),
        ({"kind": "squares", "g": ["1"] * 3000, "h": ["1"] * 3000, "cells": HALVES}, "q"),
        ({"kind": "squares", "g": ["1"], "h": ["1"]}, "1"),
        ({"kind": "squares", "g": ["1"], "h": ["1"], "cells": HALVES, "x": 1}, "1"),
        ({"kind": "proved"}, "1"), ({"kind": None}, "1"), ({"kind": ["terms"]}, "1"), ({}, "1"),
    ],
)  # fmt: skip
def test_false_evidence_is_rejected(evidence: Mapping[str, object], text: str) -> None:
    with pytest.raises((Rejected, Undetermined, FormulaError, TypeError)):
        sign(evidence, text)


def test_cells_must_cover_the_piece_and_nothing_else() -> None:
    cells = {"kind": "boxes", "cells": ["1/4", "3/8", "1/2"]}
    assert sign(cells, "q - 1/5", low="1/4", high="1/2") == 1
    for low, high in (("1/5", "1/2"), ("1/4", "5/8"), ("1/3", "1/2")):
        with pytest.raises(Rejected, match="cells"):
            sign(cells, "q + 1", low=low, high=high)


def test_boxes_see_a_dip_inside_a_cell() -> None:
    """Positive at all ends and middles, negative in a window of width 1/500."""
    text = "(q - 1/3)^2 - 1/10^6"
    cells = {"kind": "boxes", "cells": [str(Fraction(n, 64)) for n in range(65)]}
    with pytest.raises(Rejected):
        sign(cells, text)


def test_a_parameter_keeps_boxes_and_squares_away() -> None:
    for evidence in ({"kind": "boxes", "cells": HALVES}, {"kind": "squares", "g": ["1"], "h": ["1"], "cells": HALVES}):
        with pytest.raises(Rejected):
            sign(evidence, "lam + q", "0 < lam < 1")


def test_the_polynomial_of_an_expression() -> None:
    expression, region = on("(1 - q^2)*sqrt(1 + q)/q")
    assert univariate(expression, region) == [1, 0, -1]
    with pytest.raises(Rejected):
        univariate(*on("1 + sqrt(1 + q)"))


@given(st.lists(st.fractions(-3, 4, max_denominator=3), min_size=1, max_size=5))
def test_what_the_search_finds_is_true_of_the_polynomial(coefficients: list[Fraction]) -> None:
    expression = from_polynomial(coefficients)
    found = find_evidence(expression, Region({}))
    values = [sum(x * Fraction(k, 97) ** n for n, x in enumerate(coefficients)) for k in range(1, 97)]
    if found.evidence is not None:
        assert min(values) >= 0
    elif found.negative_at is not None:
        assert sum(x * found.negative_at**n for n, x in enumerate(coefficients)) < 0
    else:
        assert found.reason
