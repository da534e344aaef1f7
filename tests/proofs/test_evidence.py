"""Sign certificates: true evidence is accepted, and evidence that was tampered with is not."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.kernel.evidence import check_sign
from proofs.kernel.formula import FormulaError, parse, parse_domain
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Expression, Rejected, const
from proofs.kernel.signs import Region
from proofs.kernel.translate import Translator
from proofs.search.find_evidence import find_evidence, univariate
from proofs.search.roots import bernstein, from_polynomial

HALVES = ["0", "1/2", "1"]


def square(g: str, h: str, **more: object) -> dict[str, object]:
    return {"kind": "terms", "square": g, "rest": h, **more}


TERMS: Mapping[str, object] = {"kind": "terms"}


def on(text: str, *domains: str, low: str = "0", high: str = "1") -> tuple[Expression, Region]:
    known = dict(parse_domain(domain) for domain in domains)
    region = Region(known, const(Fraction(low)), const(Fraction(high)))
    return Translator(region).smooth(parse(text, known)), region


def sign(
    evidence: Mapping[str, object], text: str, *domains: str, low: str = "0", high: str = "1"
) -> int:
    expression, region = on(text, *domains, low=low, high=high)
    return check_sign(expression, region, evidence)


@given(
    st.lists(st.fractions(-3, 3, max_denominator=4), min_size=1, max_size=6),
    st.fractions(0, 1, max_denominator=8),
)
def test_bernstein_coefficients_give_the_polynomial_back(
    coefficients: list[Fraction], share: Fraction
) -> None:
    low, high = Fraction(1, 5), Fraction(3, 4)
    found, d = bernstein(coefficients, low, high), len(coefficients) - 1
    basis = [Fraction(1)]
    for n in range(d):  # de Casteljau's triangle of the basis
        basis = [
            ((1 - share) * (basis[j] if j <= n else 0)) + (share * basis[j - 1] if j else 0)
            for j in range(n + 2)
        ]
    q = low + share * (high - low)
    assert sum(b * w for b, w in zip(found, basis, strict=True)) == sum(
        x * q**n for n, x in enumerate(coefficients)
    )


@pytest.mark.parametrize(
    ("evidence", "text", "domains", "expected"),
    [
        (TERMS, "q + (1 - q) - 1", [], 0),
        (TERMS, "sqrt(1 + q)^3 - (1 + q)*sqrt(1 + q)", [], 0),
        (TERMS, "q^2 + 1", [], 1),
        (TERMS, "0", [], 0),
        (TERMS, "lam*q", ["0 <= lam <= 1"], 0),
        (TERMS, "lam*q", ["0 < lam <= 1"], 1),
        (TERMS, "-log(q)*q^(1/2)", [], 1),
        ({"kind": "terms", "degree": 0}, "1 - q^2", [], 1),
        ({"kind": "terms", "degree": 6}, "q^2 - q + 3/8", [], 1),
        ({"kind": "terms", "cells": ["0", "1/3", "2/3", "1"]}, "q^2 - q + 0.2501", [], None),
        ({"kind": "terms", "cells": ["0", "1/2", "1"]}, "q^2 - q + 1/4", [], 1),
        (square("q - 1/2", "1"), "(q - 1/2)^2", [], 1),
        (square("q - 1/2", "1", cells=HALVES), "(q - 1/2)^2", [], 1),
        (square("1", "0"), "0", [], 0),
        (square("2*q^2 - 1", "q", cells=HALVES), "q*(2*q^2 - 1)^2", [], 1),
        (square("q^2 - 1/2", "4*q", cells=HALVES), "q*(2*q^2 - 1)^2", [], 1),
        (square("1", "(1 + q)*sqrt(2 + q)", cells=HALVES), "(1 + q)*sqrt(2 + q)", [], 1),
        (square("q - 1/3", "lam"), "lam*(q - 1/3)^2", ["0 < lam"], 1),
        (square("q - 1/3", "lam"), "lam*(q - 1/3)^2", ["0 <= lam"], 0),
        (
            {
                **square("q - 1/2", "1 + 2*q*log(q)"),
                "kind": "boxes",
                "cells": ["0", "1/16", "1/4", "1/2", "15/16", "1"],
            },
            "(q - 1/2)^2*(1 + 2*q*log(q))",
            [],
            1,
        ),
        (
            {"kind": "boxes", "cells": ["0", "1/16", "1/4", "1/2", "15/16", "1"]},
            "1 + 2*q*log(q)",
            [],
            1,
        ),
        ({"kind": "boxes", "cells": ["0", "1/2", "1"]}, "2 + q", [], 1),
    ],
)
def test_true_evidence(
    evidence: Mapping[str, object], text: str, domains: list[str], expected: int | None
) -> None:
    if expected is None:
        with pytest.raises(Rejected):
            sign(evidence, text, *domains)
    else:
        assert sign(evidence, text, *domains) == expected


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (TERMS, "-1e-300"),
        (TERMS, "q - 1/2"),
        (TERMS, "-q"),
        (TERMS, "(q - 1/2)^2"),
        ({"kind": "terms", "degree": 40}, "q^2 - q + 0.2499"),
        ({"kind": "terms", "degree": 41}, "1"),
        ({"kind": "terms", "degree": -1}, "1"),
        ({"kind": "terms", "degree": "3"}, "1"),
        ({"kind": "terms", "degree": True}, "1"),
        ({"kind": "terms", "degree": 1.0}, "1"),
        ({"kind": "bernstein"}, "1"),
        ({"kind": "zero"}, "0"),
        ({"kind": "boxes", "cells": HALVES, "degree": 0}, "1"),
        ({"kind": "terms", "cells": ["0", "1/2"]}, "1"),
        ({"kind": "terms", "cells": None}, "1"),
        ({"kind": "terms", "cells": HALVES}, "q^2 - q + 0.2499"),
        ({"kind": "boxes"}, "1"),
        ({"kind": "boxes", "cells": "01"}, "1"),
        ({"kind": "boxes", "cells": [0, 1]}, "1"),
        ({"kind": "boxes", "cells": ["0", "1", "1"]}, "1"),
        ({"kind": "boxes", "cells": ["0"]}, "1"),
        ({"kind": "boxes", "cells": []}, "1"),
        ({"kind": "boxes", "cells": ["1", "0"]}, "1"),
        ({"kind": "boxes", "cells": ["0", "1/2"]}, "1"),
        ({"kind": "boxes", "cells": ["1/2", "1"]}, "1"),
        ({"kind": "boxes", "cells": ["-1", "1"]}, "1"),
        ({"kind": "boxes", "cells": ["0", "2"]}, "1"),
        ({"kind": "boxes", "cells": ["0", "1/2", "1/4", "1"]}, "1"),
        ({"kind": "boxes", "cells": HALVES}, "0"),
        ({"kind": "boxes", "cells": HALVES}, "q - 1/2"),
        ({"kind": "boxes", "cells": HALVES}, "(q - 1/2)^2"),
        ({"kind": "boxes", "cells": ["0", "1/64", "1/2", "63/64", "1"]}, "1 + 3*q*log(q)"),
        ({"kind": "boxes", "cells": HALVES}, "log(q) + 1"),
        ({"kind": "boxes", "cells": ["0", "nan", "1"]}, "1"),
        (square("1", "2*q - 1", cells=HALVES), "2*q - 1"),
        (square("q - 1/2", "1"), "(q - 1/2)^2 - 1e-9"),
        (square("q - 1/2", "1"), "1e-300"),
        (square("q - 1/2", "1", cells=["0", "1/2"]), "(q - 1/2)^2"),
        (square("1/2 + q", "1"), "(q - 1/2)^2"),
        (square("", "1"), "0"),
        (square("1", ""), "0"),
        (square("0", "1"), "0"),
        (square("q - q", "-1"), "0"),
        (square("sqrt(-1)", "1"), "-1"),
        (square("1", "1"), "sqrt(q) + q"),
        (square("log(q)", "1"), "log(q)^2"),
        (square("1", "log(q)"), "log(q)"),
        (square("q - 1/2", "-1"), "-(q - 1/2)^2"),
        (square("c", "1"), "1"),
        (square("x", "1"), "1"),
        ({"kind": "terms", "square": "1"}, "1"),
        ({"kind": "terms", "rest": "1"}, "1"),
        ({"kind": "terms", "square": ["1"], "rest": "1"}, "1"),
        (square("1", "1", x=1), "1"),
        ({"kind": "proved"}, "1"),
        ({"kind": None}, "1"),
        ({"kind": ["terms"]}, "1"),
        ({}, "1"),
    ],
)
def test_false_evidence_is_rejected(evidence: Mapping[str, object], text: str) -> None:
    with pytest.raises((Rejected, Undetermined, FormulaError, TypeError)):
        sign(evidence, text)


def test_cells_must_cover_the_piece_and_nothing_else() -> None:
    cells = {"kind": "boxes", "cells": ["1/4", "3/8", "1/2"]}
    assert sign(cells, "q - 1/5", low="1/4", high="1/2") == 1
    for low, high in (("1/5", "1/2"), ("1/4", "5/8"), ("1/3", "1/2")):
        with pytest.raises(Rejected, match="cells"):
            sign(cells, "q + 1", low=low, high=high)


@pytest.mark.parametrize(
    ("text", "low", "high"), [("q - 1/8", "0", "1/2"), ("7/8 - q", "1/2", "1")]
)
def test_a_box_next_to_an_end_is_about_this_end(text: str, low: str, high: str) -> None:
    cells = {"kind": "boxes", "cells": [low, high]}
    assert sign(cells, f"{text} + 1/8 + 1/10^9", low=low, high=high) == 1
    with pytest.raises(Rejected, match="no positive bound"):
        sign(cells, text, low=low, high=high)


def test_boxes_see_a_dip_inside_a_cell() -> None:
    """Positive at all ends and middles, negative in a window of width 1/500."""
    text = "(q - 1/3)^2 - 1/10^6"
    cells = {"kind": "boxes", "cells": [str(Fraction(n, 64)) for n in range(65)]}
    with pytest.raises(Rejected):
        sign(cells, text)


def test_a_parameter_keeps_boxes_and_squares_away() -> None:
    for evidence in ({"kind": "boxes", "cells": HALVES}, square("lam", "1", cells=HALVES)):
        with pytest.raises(Rejected):
            sign(evidence, "lam^2", "0 < lam < 1")


def test_the_polynomial_of_an_expression() -> None:
    expression, region = on("(1 - q^2)*sqrt(1 + q)/q")
    assert univariate(expression, region) == [1, 0, -1]
    with pytest.raises(Rejected):
        univariate(*on("1 + sqrt(1 + q)"))


@given(st.lists(st.fractions(-3, 4, max_denominator=3), min_size=1, max_size=5))
def test_what_the_search_finds_is_true_of_the_polynomial(coefficients: list[Fraction]) -> None:
    expression = from_polynomial(coefficients)
    found = find_evidence(expression, Region({}))
    values = [
        sum(x * Fraction(k, 97) ** n for n, x in enumerate(coefficients)) for k in range(1, 97)
    ]
    if found.evidence is not None:
        assert min(values) >= 0
    elif found.negative_at is not None:
        assert sum(x * found.negative_at**n for n, x in enumerate(coefficients)) < 0
    else:
        assert found.reason
