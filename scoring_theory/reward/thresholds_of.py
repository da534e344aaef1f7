"""Reading the threshold density, the jumps and the margin off the two payoffs of a proper reward."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from proofs.kernel.formula import CONFIDENCE, Apply, Name, Node, substitute
from proofs.trees import unparse
from scoring_theory.expression import breakpoints, from_sympy, resolve, symbol, to_sympy

if TYPE_CHECKING:
    from sympy import Expr

    from scoring_theory.reward.reward import Reward


def read(reward: Reward) -> tuple[str, str, dict[str, str]]:
    """Margin, density and atoms as texts; see `scoring_theory.thresholds.from_reward`."""
    import sympy

    for name in reward.free_parameters:
        raise ValueError(f"`{name}` needs a value to read thresholds: use bind({name}=...)")
    f, g = reward.on_correct, reward.on_wrong
    inner = sorted({x for side in (f, g) for x in breakpoints(side) if 0 < x < 1}, key=float)
    ends = [sympy.Integer(0), *inner, sympy.Integer(1)]
    pieces = [(_piece(f, pair), _piece(g, pair)) for pair in pairwise(ends)]
    densities = [_density(*piece, pair) for piece, pair in zip(pieces, pairwise(ends), strict=True)]
    atoms = {}
    for at, (before, after) in zip(inner, pairwise(pieces), strict=True):
        mass = _jump(before, after, at)
        if mass != 0:
            atoms[_text(at)] = _text(mass)
    return _margin(pieces[0], g), _joined(densities, inner), atoms


def _piece(side: Node, pair: tuple[Expr, Expr]) -> Expr:
    return to_sympy(resolve(side, float((pair[0] + pair[1]) / 2)))


def _density(f: Expr, g: Expr, pair: tuple[Expr, Expr]) -> Expr:
    import sympy

    q = symbol(CONFIDENCE)
    inside = sympy.Symbol("inside", positive=True)
    up, down = (_plain(slope) for slope in (f.diff(q) / (1 - q), -g.diff(q) / q))
    gap = (up - down).subs(q, inside)
    if sympy.simplify(gap) != 0:
        at = (pair[0] + pair[1]) / 2 + (pair[1] - pair[0]) / 7
        if abs(sympy.N(gap.subs(inside, at), 30)) > 1e-20:
            raise ValueError(
                f"the payoffs do not belong to one proper rule: at t = {at} the correct side asks for the density"
                f" {sympy.N(up.subs(q, at), 6)}, the wrong side for {sympy.N(down.subs(q, at), 6)}"
            )
    return min((up, down), key=lambda e: e.count_ops())


def _plain(expression: Expr) -> Expr:
    """Simplified, with Beta functions of numbers worked out."""
    import sympy

    def worked_out(a: Expr, b: Expr) -> Expr:
        return sympy.gammasimp(sympy.gamma(a) * sympy.gamma(b) / sympy.gamma(a + b))

    return sympy.simplify(expression.replace(sympy.beta, worked_out))


def _jump(before: tuple[Expr, Expr], after: tuple[Expr, Expr], at: Expr) -> Expr:
    import sympy

    q = symbol(CONFIDENCE)
    rise, fall = (sympy.simplify((y - x).subs(q, at)) for x, y in zip(before, after, strict=True))
    mass = sympy.simplify(rise - fall)
    if sympy.simplify(rise - (1 - at) * mass) != 0 or mass < 0:
        raise ValueError(
            f"the payoffs jump by {rise} (correct) and {fall} (wrong) at t = {at},"
            " which is no bet m (1 - t), -m t with m >= 0"
        )
    return mass


def _margin(first: tuple[Expr, Expr], on_wrong: Node) -> str:
    import sympy

    inside = sympy.Symbol("inside", positive=True)
    f, g = (sympy.limit(side.subs(symbol(CONFIDENCE), inside), inside, 0, "+") for side in first)
    if f.is_infinite or g.is_infinite:
        return "-inf" if f < g else "inf"
    return _text(sympy.simplify(f - g))


def _text(value: Expr) -> str:
    return unparse(from_sympy(value))


def _joined(densities: list[Expr], cuts: list[Expr]) -> str:
    nodes = [substitute(from_sympy(density), {CONFIDENCE: Name("t")}) for density in densities]
    whole = nodes[-1]
    for node, cut in zip(reversed(nodes[:-1]), reversed(cuts), strict=True):
        if node != whole:
            whole = Apply("if", (Apply("<", (Name("t"), from_sympy(cut))), node, whole))
    return unparse(whole)
