"""From a rule that is a polynomial on each of finitely many pieces to one Coq file that proves what the rule does.

On each piece the proof is that of `one_piece`. A cut costs no calculus either: at a cut b the two
payoffs may jump by (df, dg), and if b df + (1 - b) dg = 0 and df - dg >= 0, the jump leaves the
honest report what it had and takes (p - b)(df - dg) from the others, whichever side they are on.
Two honest pieces with a common end then glue: for p <= b <= q, U(p, q) = U(b, q) + (p - b) D(q) <=
V(b) + (p - b) D(b) = U(p, b) <= V(p), with D = f - g.
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
    """A rule on an open interval: both payoffs as polynomials in q, and the density that generates them."""

    on_correct: Polynomial
    on_wrong: Polynomial
    weight: tuple[WeightTerm, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A point where pieces meet, or an end, and what a report of exactly this pays."""

    point: Fraction
    on_correct: Fraction
    on_wrong: Fraction


def coq_of_pieces(name: str, pieces: Sequence[Piece], cuts: Sequence[Cut]) -> str:
    """A Coq file that proves the rule proper, at the cuts too, and decides strictness and joint optimality.

    Args:
        name: begins every name that is the rule's own; letters, digits and underscores, first a
            letter.
        pieces: the rule between one cut and the next.
        cuts: 0, every point where the rule changes, and 1, in this order.

    Returns:
        The text of the file, for `coqc`; the theorems are those of `one_piece.coq_file`, the strict
        ones where no density is identically 0.

    Raises:
        ValueError: the name is no identifier, the cuts do not increase from 0 to 1, or a weight is
            not the density of its piece. An unfair jump is not found here: Coq refuses the file.

    >>> zero, half = Fraction(0), Fraction(1, 2)
    >>> cuts = [Cut(zero, zero, zero), Cut(half, zero, zero), Cut(Fraction(1), half, -half)]
    >>> text = coq_of_pieces("bet", [Piece((), (), ()), Piece((half,), (-half,), ())], cuts)
    >>> [line.split()[1] for line in text.splitlines() if line.startswith("Theorem bet_") and "piece" not in line]
    ['bet_proper', 'bet_jointly_optimal']
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
    for one, piece, (low, high) in zip(names, pieces, spans, strict=True):
        text += proper_text(one, piece.on_correct, piece.on_wrong, piece.weight, low, high)
    on_correct = _table(
        [f"{one}_on_correct q" for one in names], points, [cut.on_correct for cut in cuts]
    )
    on_wrong = _table(
        [f"{one}_on_wrong q" for one in names], points, [cut.on_wrong for cut in cuts]
    )
    text += text_of.RULE.format(name=name, on_correct=on_correct, on_wrong=on_wrong)
    for one, (low, high) in zip(names, spans, strict=True):
        low_text, high_text = rational_text(low), rational_text(high)
        text += text_of.CUT.format(
            name=name, piece=one, low=low_text, high=high_text, pieces=payoffs_of(one)
        )
    text += text_of.PROPER.format(name=name, proof=_glued(names, points, ""))
    strict = all(any(term.scale for term in piece.weight) for piece in pieces)
    if strict:
        text += text_of.STRICTLY_PROPER.format(name=name, proof=_glued(names, points, "strictly_"))
    return text + _accuracy(name, pieces[0], points[1], strict=strict)


def piece_names(name: str, count: int) -> list[str]:
    """What the names of each piece begin with."""
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
    """The proof that all pieces are honest together, from 0 up."""
    steps = [f"apply (piece_{how}honest _ _ _ _ _ _ {one}_cut {one}_{how}proper)" for one in names]
    glue = "glue_strictly" if how else "glue"
    joined = [
        f"apply {glue} with (b := {rational_text(point)}); [lra | {step} |].\n  "
        for point, step in zip(points[1:-1], steps, strict=False)
    ]
    return "".join(joined) + f"{steps[-1]}."


def payoffs_of(piece: str) -> str:
    """The definitions that make up a piece, outermost first."""
    return ", ".join(
        f"{piece}_{part}" for part in ("on_correct", "on_wrong", "correct_whole", "wrong_whole")
    )


def _accuracy(name: str, first: Piece, high: Fraction, *, strict: bool) -> str:
    """Joint optimality follows from the first piece: R(0+, 1) >= R(0, 0), and R(0, 0) = R(0+, 0)."""
    f, g, piece = first.on_correct, first.on_wrong, payoffs_of(f"{name}_piece_1")
    if at(f, Fraction(0)) < at(g, Fraction(0)):
        found = rational_text(witness(f, g, high / 2))
        return text_of.NOT_JOINTLY_OPTIMAL.format(name=name, witness=found, piece=piece)
    text = text_of.BETTER_ANSWER + JOINTLY_OPTIMAL
    if strict:
        text += text_of.BETTER_ANSWER_STRICTLY + STRICTLY_JOINTLY_OPTIMAL
    return text.format(name=name, high=rational_text(high), piece=piece)
