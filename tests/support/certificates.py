"""Certificates by hand, and whether the kernel accepts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import SCHEMA, verify

TERMS: list[dict[str, object]] = [{"kind": "terms"}]
BRIER = "c - (q - c)^2"


def certificate(
    claim: str, formula: str, parameters: Mapping[str, str] | None = None, **fields: object
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "formula": formula,
        "parameters": dict(parameters or {}),
        "claim": claim,
        **fields,
    }


def accepted(given: Mapping[str, Any]) -> bool:
    try:
        verify(given)
    except Rejected:
        return False
    return True


def accepts(
    claim: str, formula: str, parameters: Mapping[str, str] | None = None, **fields: object
) -> bool:
    """Whether the claim passes with these fields."""
    return accepted(certificate(claim, formula, parameters, **fields))


def proper(
    formula: str,
    parameters: Mapping[str, str] | None = None,
    *points: str,
    claim: str = "proper",
    **fields: object,
) -> bool:
    """Whether the claim passes with breakpoints at these points, and the signs of the terms where
    nothing is said.
    """
    plain = {"breakpoints": list(points), "evidence": TERMS * (len(points) + 1)}
    return accepts(claim, formula, parameters, **{**plain, **fields})


GOOD = certificate("strictly proper", BRIER, breakpoints=[], evidence=TERMS)
