"""Formulas of the kernel's grammar, as SymPy expressions and as NumPy functions.

    to_sympy(node)          kernel tree -> SymPy
    from_sympy(expression)  SymPy -> kernel tree, if the grammar has the functions
    evaluate(node, values)  float64 arrays, with the right value at q = 0 and q = 1
    piece_ends(node)        the points where a piecewise formula may change its piece
    polynomial_pieces(node) the polynomials of a piecewise polynomial
    resolve(node, at)       the smooth formula of the piece around a point

NumPy and SymPy are loaded by the functions that need them, so that importing this package is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring_theory.expression.numeric import evaluate
    from scoring_theory.expression.pieces import piece_ends, polynomial_pieces, resolve
    from scoring_theory.expression.symbolic import from_sympy, symbol, to_sympy

__all__ = [
    "evaluate",
    "from_sympy",
    "piece_ends",
    "polynomial_pieces",
    "resolve",
    "symbol",
    "to_sympy",
]

_HOMES = {
    "piece_ends": "pieces", "polynomial_pieces": "pieces", "resolve": "pieces",
    "evaluate": "numeric",
    "from_sympy": "symbolic", "symbol": "symbolic", "to_sympy": "symbolic",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
