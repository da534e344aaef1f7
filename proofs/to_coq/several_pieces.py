"""From a piecewise polynomial rule to one Coq file that proves its properties.

On each piece the proof is that of `one_piece`. A cut needs no calculus either. At a cut b the two
payoffs may jump by (df, dg). If b df + (1 - b) dg = 0 and df - dg >= 0, the jump does not change
the expected reward of the truthful report, and it lowers that of any other report by
(p - b)(df - dg). Two proper pieces with a common end are proper together: for p <= b <= q and
D = f - g, U(p, q) = U(b, q) + (p - b) D(q) <= V(b) + (p - b) D(b) = U(p, b) <= V(p).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from proofs.to_coq import several_pieces_text as text_of
from proofs.to_coq.one_piece import (
    WeightTerm,
    proper_text,
    rational_text,
    require_identifier,
    witness,
)
from proofs.to_coq.one_piece_text import HEADER, JOINTLY_OPTIMAL, STRICTLY_JOINTLY_OPTIMAL
from proofs.to_coq.polynomials import Polynomial, at


@dataclass(frozen=True, slots=True)
class Piece:
    """A rule on an open interval.

    Args:
        on_correct: R(q, 1) as coefficients in q, lowest degree first.
        on_wrong: R(q, 0), likewise.
        weight: the density that generates both.
    """

    on_correct: Polynomial
    on_wrong: Polynomial
    weight: tuple[WeightTerm, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A point where pieces meet, or an end of [0, 1], with both payoffs there."""

    point: Fraction
    on_correct: Fraction
    on_wrong: Fraction


def coq_of_pieces(name: str, pieces: Sequence[Piece], cuts: Sequence[Cut]) -> str:
    """A Coq file that proves the rule proper and decides strictness and joint optimality.

    Args:
        name: the beginning of every name of the rule: letters, digits and underscores, first a
            letter.
        pieces: the rule between one cut and the next.
        cuts: 0, every point where the rule changes, and 1, in this order.

    Returns:
        The text of the file, for `coqc`. The theorems are those of `one_piece.coq_file`; the strict
        ones occur if no density is identically 0.

    Raises:
        ValueError: the name is not an identifier, the cuts do not increase from 0 to 1, or a weight
        is
            not the density of its piece. Unfair jumps are not looked for: Coq rejects the file.

    >>> zero, half = Fraction(0), Fraction(1, 2)
    >>> cuts = [Cut(zero, zero, zero), Cut(half, zero, zero), Cut(Fraction(1), half, -half)]
    >>> text = coq_of_pieces("bet", [Piece((), (), ()), Piece((half,), (-half,), ())], cuts)
    >>> "Theorem bet_proper" in text, "Theorem bet_jointly_optimal" in text
    (True, True)
    """
    require_identifier(name)
    points = [cut.point for cut in cuts]
    if points[:1] != [0] or points[-1:] != [1] or any(a >= b for a, b in pairwise(points)):
        raise ValueError(f"`cuts` must increase from 0 to 1, got {', '.join(map(str, points))}")
    if len(pieces) != len(cuts) - 1:
        raise ValueError(f"`pieces` must lie between {len(cuts)} cuts, got {len(pieces)}")
    names = piece_names(name, len(pieces))
    spans = list(pairwise(points))
    text = HEADER.format(name=name) + text_of.GENERAL
    for own, piece, (low, high) in zip(names, pieces, spans, strict=True):
        text += proper_text(own, piece.on_correct, piece.on_wrong, piece.weight, low, high)
    on_correct = _table(
        [f"{own}_on_correct q" for own in names], points, [cut.on_correct for cut in cuts]
    )
    on_wrong = _table(
        [f"{own}_on_wrong q" for own in names], points, [cut.on_wrong for cut in cuts]
    )
    text += text_of.RULE.format(name=name, on_correct=on_correct, on_wrong=on_wrong)
    for own, (low, high) in zip(names, spans, strict=True):
        low_text, high_text = rational_text(low), rational_text(high)
        text += text_of.CUT.format(
            name=name, piece=own, low=low_text, high=high_text, pieces=payoffs_of(own)
        )
    text += text_of.RULE_PROPER.format(name=name, proof=_glued(names, points, ""))
    strict = all(any(term.scale for term in piece.weight) for piece in pieces)
    if strict:
        text += text_of.RULE_STRICTLY_PROPER.format(
            name=name, proof=_glued(names, points, "strictly_")
        )
    return text + _accuracy(name, pieces[0], points[1], strict=strict)


def piece_names(name: str, count: int) -> list[str]:
    """The beginning of the names of each piece.

    Example:
        >>> piece_names("bet", 2)
        ['bet_piece_1', 'bet_piece_2']
    """
    return [f"{name}_piece_{i + 1}" for i in range(count)]


def _table(pieces: Sequence[str], points: Sequence[Fraction], values: Sequence[Fraction]) -> str:
    """A payoff by cases, from 0 up: the value at each point, and the piece up to the next one."""
    text = ""
    for point, value, piece in zip(points, values, pieces, strict=False):
        text += f"if Req_EM_T q {rational_text(point)} then {rational_text(value)} else\n  "
        text += (
            f"if Rlt_dec q {rational_text(points[points.index(point) + 1])} then {piece} else\n  "
        )
    return text + rational_text(values[-1])


def _glued(names: Sequence[str], points: Sequence[Fraction], how: str) -> str:
    """The proof that all pieces are proper together, from 0 up."""
    steps = [f"apply (piece_{how}honest _ _ _ _ _ _ {own}_cut {own}_{how}proper)" for own in names]
    glue = "glue_strictly" if how else "glue"
    joined = [
        f"apply {glue} with (b := {rational_text(point)}); [lra | {step} |].\n  "
        for point, step in zip(points[1:-1], steps, strict=False)
    ]
    return "".join(joined) + f"{steps[-1]}."


def payoffs_of(piece: str) -> str:
    """The Coq definitions of the payoffs of a piece, outermost first.

    Example:
        >>> payoffs_of("bet").split(", ")[0]
        'bet_on_correct'
    """
    return ", ".join(
        f"{piece}_{part}" for part in ("on_correct", "on_wrong", "correct_whole", "wrong_whole")
    )


def _accuracy(name: str, first: Piece, high: Fraction, *, strict: bool) -> str:
    """The theorem about joint optimality, which follows from the first piece.

    It holds if and only if R(0+, 1) >= R(0, 0), and R(0, 0) = R(0+, 0).
    """
    f, g, piece = first.on_correct, first.on_wrong, payoffs_of(f"{name}_piece_1")
    if at(f, Fraction(0)) < at(g, Fraction(0)):
        point = rational_text(witness(f, g, high / 2))
        return text_of.RULE_NOT_JOINTLY_OPTIMAL.format(name=name, witness=point, piece=piece)
    text = text_of.RULE_BETTER_ANSWER + JOINTLY_OPTIMAL
    if strict:
        text += text_of.RULE_BETTER_ANSWER_STRICTLY + STRICTLY_JOINTLY_OPTIMAL
    return text.format(name=name, high=rational_text(high), piece=piece)
