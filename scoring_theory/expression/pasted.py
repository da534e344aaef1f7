"""Formulas as people paste them; what rewrites them is loaded only where it is needed."""

from __future__ import annotations

from collections.abc import Collection

from proofs.kernel.formula import FormulaError, Node, parse


def rewritten(text: str, declared: Collection[str] = ()) -> str:
    """`scoring_theory.expression.aliases.rewrite`.

    Example:
        >>> rewritten("2(q - c)²")
        '2*(q - c)^2'
    """
    from scoring_theory.expression.aliases import rewrite

    return rewrite(text, declared)


def parse_pasted(text: str, declared: Collection[str] = ()) -> Node:
    """The syntax tree of a formula in the grammar, or else in the notation of `rewrite`.

    Raises:
        FormulaError: the text is neither.

    Example:
        >>> from proofs.trees import unparse
        >>> unparse(parse_pasted("2(q - c)²"))
        '2*(q - c)^2'
    """
    try:
        return parse(text, declared)
    except FormulaError:
        plain = rewritten(text, declared)
        if plain == text:
            raise
        return parse(plain, declared)
