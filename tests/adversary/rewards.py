"""Random rewards on a wide distribution: eight families, about a tenth of all rewards or more each.

Half of the rewards are right by construction, half are damaged: by a hair, by a coefficient between
1e-300 and 1e150, at one point, or beyond repair. What was built says nothing about the verdict;
`tests.adversary.judge` does.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from tests.adversary.language import C, Q, Reward, Span, Tree, call, name, put, tree

ONE = tree(1)
Rule = tuple[Tree, tuple[Tree, ...]]
"""A scoring rule and the points at which it was cut."""


def log(x: Tree | int | Fraction) -> Tree:
    return call("log", x)


def exp(x: Tree | int | Fraction) -> Tree:
    return call("exp", x)


def by_outcome(right: Tree, wrong: Tree) -> Tree:
    """C * right + (1 - c) * wrong."""
    return C * right + (ONE - C) * wrong


BRIER = -((Q - C) ** 2)
LOG = by_outcome(log(Q), log(1 - Q))
SPHERICAL = by_outcome(Q, 1 - Q) / call("sqrt", Q**2 + (1 - Q) ** 2)
EASY = (BRIER, BRIER, LOG, SPHERICAL, by_outcome(Q - 1, Q + log(1 - Q)), tree(0))


def rational(rng: Random, low: int = 1, high: int = 40) -> Fraction:
    return Fraction(rng.randint(low, high), rng.choice((1, 2, 3, 4, 5, 7, 10)))


def unit(rng: Random) -> Fraction:
    """A number in (0, 1), now and then next to an end."""
    if rng.random() < 0.12:
        tiny = Fraction(rng.randint(1, 9), 10 ** rng.randint(2, 12))
        return tiny if rng.random() < 0.5 else 1 - tiny
    bottom = rng.choice((2, 3, 4, 5, 7, 8, 10, 20, 100))
    return Fraction(rng.randint(1, bottom - 1), bottom)


def small(rng: Random) -> Fraction:
    """A number of either sign, from 1e-9 to 1/10."""
    return rng.choice((-1, 1)) * Fraction(rng.randint(1, 9), 10 ** rng.randint(2, 9))


def extreme(rng: Random) -> Fraction:
    """From 1e-300 to 1e150."""
    return Fraction(rng.randint(1, 9)) * Fraction(10) ** rng.choice(
        (rng.randint(-300, -20), rng.randint(-40, 40), rng.randint(20, 150))
    )


def irrational(rng: Random) -> Tree:
    """A number in (0, 1) that is a root, an exponential or a logarithm of rationals, or made of
    one.
    """
    x = unit(rng)
    kinds: tuple[Callable[[], Tree], ...] = (
        lambda: call("sqrt", x),
        lambda: call("sqrt", Fraction(rng.choice((2, 3, 5, 7)), rng.choice((8, 11, 20, 50)))),
        lambda: exp(-rational(rng, 1, 12)),
        lambda: log(1 + x * Fraction(3, 2)),
        lambda: ONE - call("sqrt", x),
        lambda: 1 / exp(rational(rng, 1, 9)),
        lambda: 1 / (1 + exp(rng.choice((-1, 1)) * rational(rng, 1, 12))),
        lambda: (
            tree(x) ** rng.choice((Fraction(1, 3), Fraction(2, 3), Fraction(3, 2), Fraction(5, 2)))
        ),
        lambda: (call("sqrt", 5) - 1) / 2,
        lambda: call("sqrt", 2) - 1,
        lambda: log(2) / log(rng.choice((3, 5, 10))),
        lambda: ONE - exp(-rational(rng, 1, 9)),
        lambda: tree(2) ** (-rational(rng, 1, 12)),
        lambda: exp(Fraction(-1, 2)) * x,
    )
    return rng.choice(kinds)()


def bet(rng: Random, t: Tree, stake: Tree | None = None) -> Tree:
    """(c - t) where q > t, in one of the ways in which people write it."""
    prize, strict = C - (t if stake is None else stake), rng.random() < 0.5
    above = t < Q if strict else t <= Q
    return rng.choice(
        (above * prize, prize * above, call("if", above, prize, 0), call("if", t >= Q, 0, prize))
    )


def frozen(rng: Random, score: Tree, t: Tree, upper: Tree | None = None) -> Tree:
    """The score at a report that is kept above t, or between t and another number."""
    if upper is not None:
        kept = rng.choice((call("clip", Q, t, upper), call("min", call("max", Q, t), upper)))
    else:
        kept = rng.choice((call("max", Q, t), call("min", Q, t), call("if", t < Q, Q, t)))
    return put(score, {"q": kept})


def smooth(rng: Random) -> Tree:
    """A proper smooth score V + (c - q) V'."""
    k = rational(rng, 1, 9)
    value, slope = rng.choice(
        (
            (Q**2, 2 * Q),
            (Q**3, 3 * Q**2),
            (Q**4 / 12, Q**3 / 3),
            (exp(k * Q), k * exp(k * Q)),
            (exp(-k * Q), -k * exp(-k * Q)),
            (log(1 + exp(k * Q)), k * exp(k * Q) / (1 + exp(k * Q))),
            (1 / (Q + k), -1 / (Q + k) ** 2),
            (-log(Q + k), -1 / (Q + k)),
            (Q * log(Q), log(Q) + 1),
            (-call("sqrt", Q), -1 / (2 * call("sqrt", Q))),
            (Q ** Fraction(3, 2), Fraction(3, 2) * call("sqrt", Q)),
            (Q ** (1 + k), (1 + k) * Q**k),
            (call("sqrt", Q**2 + k), Q / call("sqrt", Q**2 + k)),
            (
                (Q - Fraction(1, 3)) ** 2 * (Q + 2),
                2 * (Q - Fraction(1, 3)) * (Q + 2) + (Q - Fraction(1, 3)) ** 2,
            ),
        )
    )
    return value + (C - Q) * slope


def score(rng: Random) -> Tree:
    return rng.choice((*EASY[:5], smooth(rng), smooth(rng)))


def irrational_breakpoints(rng: Random) -> Rule:
    t = irrational(rng)
    twice = call("sqrt", Fraction(rng.randint(1, 9), 10))
    kinds: tuple[Callable[[], Rule], ...] = (
        lambda: (bet(rng, t), (t,)),
        lambda: (bet(rng, t) + bet(rng, tree(unit(rng))), (t,)),
        lambda: (frozen(rng, score(rng), t), (t,)),
        lambda: (frozen(rng, BRIER, tree(Fraction(1, 50)), t), (t,)),
        lambda: (-(call("max", call("abs", Q - C), t) ** 2), (t, 1 - t)),
        lambda: (bet(rng, t) + bet(rng, twice), (t, twice)),
        lambda: ((C - t) * (exp(Q) > exp(t)), (t,)),
        lambda: ((C - twice) * (twice**2 < Q**2), (twice,)),
        lambda: ((C - exp(-2)) * (log(Q) > -2), (exp(-2),)),
        lambda: (call("if", t < Q, score(rng), score(rng)), (t,)),
        lambda: (call("if", t < Q, BRIER + (C - t), BRIER), (t,)),
    )
    return rng.choice(kinds)()


def conditions(rng: Random) -> Rule:
    t, u = unit(rng), unit(rng)
    kinds: tuple[Callable[[], Tree], ...] = (
        lambda: call("if", Fraction(1, 2) < C, log(Q), log(1 - Q)),
        lambda: call("==", C, 1) * (2 * Q - Q**2) - call("==", C, 0) * Q**2,
        lambda: -(call("max", Q - C, 0) ** 2) - call("max", C - Q, 0) ** 2,
        lambda: -((Q - C) ** 2) * (Q > C) - (Q - C) ** 2 * (Q <= C),
        lambda: call("if", call("and", t < Q, C > 0), 1 - t, call("if", t < Q, -tree(t), 0)),
        lambda: call("if", call("or", t > Q, u < Q), BRIER, BRIER + small(rng) * C),
        lambda: -(call("abs", Q - C) ** rng.choice((1, 2, 3))),
        lambda: call("if", call("abs", Q - C) < t, BRIER, -((Q - C) ** 2) * 1),
        lambda: (t < Q) * (C - t) * call("not", Q > 2) + call("!=", C, 2) * BRIER,
        lambda: call("if", call("!=", Q, t), BRIER, BRIER + rng.choice((small(rng), 0)) * (C - t)),
        lambda: call("min", Q, C) - Q**2 / 2 - rng.choice((tree(0), C / 2)),
        lambda: call("if", call("==", C, 0), -(Q**2), 2 * Q - Q**2 - rng.choice((0, 1))),
        lambda: call("if", Q >= C, -((Q - C) ** 2), -((C - Q) ** 2)) + (t < Q) * (C - t),
        lambda: -call("clip", (Q - C) ** 2, 0, rng.choice((Fraction(1), t))),
        lambda: call("if", call("and", t < Q, u > Q), tree(0), BRIER),
        lambda: (
            (call("==", Q, 1) * C + call("==", Q, 0) * (1 - C))
            * rng.choice((small(rng), Fraction(0)))
            + BRIER
        ),
        lambda: call("if", call("not", t < Q), tree(0), C - t),
    )
    return rng.choice(kinds)(), (tree(t), tree(u))


def beta_families(rng: Random) -> Rule:
    halves = [
        Fraction(n, d)
        for n, d in ((1, 2), (1, 3), (2, 3), (1, 1), (3, 2), (2, 1), (5, 2), (3, 1), (4, 1))
    ]
    a, b = rng.choice(halves), rng.choice(halves)

    def one(a: Fraction, b: Fraction) -> Tree:
        return C * call("beta_cdf", Q, a, b) - a / (a + b) * call("beta_cdf", Q, a + 1, b)

    unscaled = C * call("beta_function", a, b) * call("beta_cdf", Q, a, b) - call(
        "beta_function", a + 1, b
    ) * call("beta_cdf", Q, a + 1, b)
    odds = by_outcome(-(((1 - Q) / Q) ** Fraction(1, 2)), -((Q / (1 - Q)) ** Fraction(1, 2)))
    kinds: tuple[Callable[[], Tree], ...] = (
        lambda: one(a, b),
        lambda: one(a, b),
        lambda: unscaled,
        lambda: one(a, b) + one(b, a),
        lambda: odds,
        lambda: one(a, b) + bet(rng, tree(unit(rng))),
        lambda: frozen(rng, one(a, b), tree(unit(rng))),
        lambda: one(a, b) * rational(rng) + BRIER,
        lambda: put(one(a, b), {"q": 1 - Q, "c": 1 - C}),
    )
    return rng.choice(kinds)(), ()


def floored_logs(rng: Random) -> Rule:
    e, k = Fraction(rng.randint(1, 40), rng.choice((100, 1000, 10**6))), rational(rng, 2, 30)
    base = rng.choice((1, 1, 2, 10))
    unit_of = tree(1) if base == 1 else log(base)
    floor = exp(-k) if base == 1 else tree(base) ** (-k)
    kinds: tuple[Callable[[], Tree], ...] = (
        lambda: by_outcome(log(call("max", Q, e)), log(call("max", 1 - Q, e))),
        *[lambda: frozen(rng, LOG, tree(e), 1 - tree(e))] * 4,
        lambda: by_outcome(
            log(call("max", Q, e)) + call("max", e - Q, 0) / e * 0, log(1 - call("max", Q, e))
        ),
        lambda: frozen(rng, LOG, exp(-k), 1 - exp(-k)),
        lambda: frozen(rng, LOG / k, tree(e)) + bet(rng, tree(1 - e)),
        lambda: by_outcome(
            call("max", log(Q) / unit_of, -k), call("max", log(1 - Q) / unit_of, -k)
        ),
        lambda: by_outcome(log(e + (1 - 2 * e) * Q), log(e + (1 - 2 * e) * (1 - Q))),
        lambda: call("max", LOG, -k),
        lambda: by_outcome(call("max", log(Q), -k), log(1 - Q)),
        lambda: by_outcome(
            call("clip", log(Q) / unit_of, -k, 0), call("clip", log(1 - Q) / unit_of, -k, 0)
        ),
        lambda: log(call("max", 1 - call("abs", Q - C), e)),
        lambda: call("max", log(1 - call("abs", Q - C)), -k),
        lambda: call("clip", LOG, -k, -(small(rng) ** 2)),
        lambda: by_outcome(log(call("max", Q, e)) / -log(e), log(call("max", 1 - Q, e)) / -log(e)),
    )
    return rng.choice(kinds)(), (tree(e), 1 - tree(e), floor, 1 - floor)


def odd_in_c(rng: Random) -> Rule:
    """Parts in c^2, exp(c), log(1 + c): on outcomes 0 and 1 they are affine."""
    k = rational(rng, 1, 9)
    one = rng.choice(
        (
            C**2,
            (exp(C) - 1) / (exp(1) - 1),
            log(1 + C) / log(2),
            C**k,
            call("sqrt", C),
            tree(2) ** C - 1,
        )
    )
    other = rng.choice((C, C**3, one))
    kinds: tuple[Callable[[], Tree], ...] = (
        lambda: put(score(rng), {"c": one}),
        lambda: one * log(Q) + (1 - other) * log(1 - Q),
        lambda: one * k - (Q - other) ** 2,
        lambda: exp(C) * k - (Q - C) ** 2 * one - (Q - C) ** 2 * (1 - one),
        lambda: -exp(k * (1 - 2 * C) * (Q - Fraction(1, 2))),
        lambda: by_outcome(2 * Q - Q**2, -(Q**2)) + C**2 - C,
        lambda: -((Q - one) ** 2) + (Fraction(1, 3) < Q) * (one - Fraction(1, 3)),
    )
    return rng.choice(kinds)(), ()


def mixtures(rng: Random) -> Rule:
    parts, cuts = tree(0), []
    for _ in range(rng.randint(2, 3)):
        rule, at = rng.choice(
            (plain, plain, irrational_breakpoints, floored_logs, beta_families, conditions)
        )(rng)
        share = tree(rng.choice((extreme(rng), rational(rng), small(rng), small(rng))))
        parts, cuts = parts + share * rule, [*cuts, *at]
    return parts, tuple(cuts)


def plain(rng: Random) -> Rule:
    """Scores and bets without tricks, polynomials of either sign."""
    t = tree(unit(rng))
    weight = [Fraction(rng.randint(-3, 6), rng.choice((1, 2, 3))) for _ in range(rng.randint(1, 6))]
    right = sum(
        (x * (Q ** (n + 1) / (n + 1) - Q ** (n + 2) / (n + 2)) for n, x in enumerate(weight)),
        tree(0),
    )
    wrong = sum((-x * Q ** (n + 2) / (n + 2) for n, x in enumerate(weight)), tree(0))
    kinds: tuple[Callable[[], Tree], ...] = (
        lambda: smooth(rng),
        lambda: score(rng),
        lambda: smooth(rng) + score(rng),
        lambda: by_outcome(right, wrong),
        lambda: bet(rng, t),
        lambda: bet(rng, t) + BRIER,
        lambda: frozen(rng, score(rng), t),
        lambda: by_outcome(log(Q), tree(0)),
        lambda: -call("abs", Q - C),
        lambda: by_outcome(-1 / Q, log(Q)),
        lambda: call("sqrt", (Q + 1) ** 2) * C - (Q**2 / 2 + Q) * tree(rng.choice((1, 2))) / 2,
    )
    return rng.choice(kinds)(), (t,)


def _span(rng: Random, low: Fraction | None, high: Fraction | None) -> Span:
    return Span(low, high, low is None or rng.random() < 0.5, high is None or rng.random() < 0.5)


def with_parameters(rng: Random) -> Reward:
    """One or two free parameters: weights, thresholds, ends of clips, exponents, shares; ends open
    and closed.
    """
    lam, t = name("lam"), name("t")
    near = Fraction(1) + rng.choice((Fraction(0), small(rng), Fraction(0)))
    half = rng.choice((Fraction(1, 2), Fraction(1, 4), Fraction(2, 5)))
    weight = _span(rng, Fraction(0), rng.choice((near, Fraction(3, 5), Fraction(1, 10), None)))
    lows = Fraction(0) if rng.random() < 0.6 else unit(rng) / 3
    threshold = _span(rng, lows, rng.choice((Fraction(1), Fraction(1), 1 - unit(rng) / 3)))
    ends = Span(unit(rng) / 20, half, rng.random() < 0.5, high_open=True)
    exponent = _span(
        rng, Fraction(rng.choice((1, 2))), rng.choice((None, Fraction(5), Fraction(3)))
    )
    cut, e = tree(unit(rng)), log(tree(2))
    power_rule = lam * by_outcome(Q ** (lam - 1), (1 - Q) ** (lam - 1)) - (lam - 1) * (
        Q**lam + (1 - Q) ** lam
    )
    kinds: tuple[Callable[[], tuple[Tree, dict[str, Span]]], ...] = (
        lambda: (C + lam * score(rng), {"lam": weight}),
        lambda: (
            C + lam * rng.choice((floored_logs, beta_families, irrational_breakpoints))(rng)[0],
            {"lam": weight},
        ),
        lambda: (bet(rng, t), {"t": threshold}),
        lambda: (C + bet(rng, t) + rational(rng) * bet(rng, cut), {"t": threshold}),
        lambda: (bet(rng, t) + rng.choice((BRIER, small(rng) * (cut < Q))), {"t": threshold}),
        lambda: (C + BRIER / 2 + lam * bet(rng, t), {"lam": weight, "t": threshold}),
        lambda: (C + frozen(rng, BRIER, t, 1 - t), {"t": ends}),
        lambda: (C + (frozen(rng, LOG, t, 1 - t)) / rng.randint(3, 8), {"t": ends}),
        lambda: (C + frozen(rng, BRIER, t), {"t": threshold}),
        lambda: (C + power_rule / rng.randint(1, 4), {"lam": exponent}),
        lambda: (C * t - (Q - C) ** 2, {"t": _span(rng, near, rng.choice((Fraction(2), None)))}),
        lambda: (
            lam * BRIER + (1 - lam) * SPHERICAL + C,
            {"lam": _span(rng, Fraction(0), Fraction(1))},
        ),
        lambda: (
            lam * LOG + small(rng) * call("==", Q, 1),
            {"lam": Span(Fraction(0), Fraction(1, 3), True, False)},
        ),
        lambda: (
            C * Q**t - t / (t + 1) * Q ** (t + 1),
            {"t": _span(rng, Fraction(rng.choice((0, 1))), None)},
        ),
        lambda: (C + BRIER + lam * (C - Q), {"lam": _span(rng, Fraction(0), Fraction(1))}),
        lambda: (C - (Q - C) ** 2 * exp(-lam), {"lam": _span(rng, Fraction(0), None)}),
        lambda: (
            C + e * lam * BRIER,
            {"lam": _span(rng, Fraction(0), Fraction(rng.choice((1, 2))))},
        ),
        lambda: (C - lam * call("abs", Q - C) - BRIER * 0, {"lam": weight}),
        lambda: (C + lam * BRIER, {"lam": Span(near, near, False, False)}),
        lambda: (
            C * call("beta_cdf", Q, t, 1) - t / (t + 1) * call("beta_cdf", Q, t + 1, 1),
            {"t": Span(Fraction(rng.choice((0, 1))), rng.choice((None, Fraction(4))), True, True)},
        ),
    )
    formula, domains = rng.choice(kinds)()
    span = {
        key: Span(x.low, x.high, x.low_open or (x.low == 0 and key == "lam"), x.high_open)
        if rng.random() < 0.5
        else x
        for key, x in domains.items()
    }
    return Reward("free parameters", formula, span, (cut, tree(half)))


def damaged(rng: Random, formula: Tree) -> Tree:
    """Nothing, or a term that may break it."""
    t, h = unit(rng), small(rng)
    choices: tuple[Callable[[], Tree], ...] = (
        *[lambda: formula] * 24,
        lambda: formula + h * Q * C,
        lambda: formula + h * (1 - C) * Q,
        lambda: formula + h * call("==", Q, t),
        lambda: formula + h * C,
        lambda: formula + h * (t < Q) * (C - t - small(rng)),
        lambda: formula + extreme(rng) * C * Q,
        lambda: formula + extreme(rng) * -1 * C * (t < Q),
        lambda: formula + h * call("==", Q, 1) * C,
        lambda: formula + h * call("==", Q, 0) * (1 - C),
        lambda: -formula,
        lambda: formula - h**2 * Q**3 * C,
    )
    return rng.choice(choices)()


FAMILIES: tuple[tuple[str, Callable[[Random], Rule], int], ...] = (
    ("irrational breakpoints", irrational_breakpoints, 15),
    ("conditions on q and c", conditions, 12),
    ("Beta families", beta_families, 11),
    ("logs with floors and clips", floored_logs, 13),
    ("parts in c^2, exp(c), log(1 + c)", odd_in_c, 11),
    ("mixtures, 1e-300 to 1e150", mixtures, 11),
    ("smooth, polynomial, bets", plain, 12),
)
PARAMETERS = 15


def draw(rng: Random) -> Reward:
    """A random reward."""
    if rng.random() * (PARAMETERS + sum(share for *_, share in FAMILIES)) < PARAMETERS:
        made = with_parameters(rng)
        return Reward(made.family, damaged(rng, made.formula), made.domains, made.cuts)
    ((family, build, _),) = rng.choices(FAMILIES, [share for *_, share in FAMILIES])
    rule, cuts = build(rng)
    weight = rng.choice(
        (Fraction(1), Fraction(1), rational(rng), small(rng) ** 2, Fraction(1, 2), extreme(rng))
    )
    for_answers = rng.choice((tree(0), C, C, C, rational(rng) * C))
    return Reward(family, damaged(rng, for_answers + weight * rule), {}, cuts)
