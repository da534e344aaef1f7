"""Random rewards as typed text: proper by construction, improper by a hair, piecewise, singular,
parametric.

Every generator takes a `random.Random`, so that hypothesis can shrink it and a long run can count
with it. What a generator builds says nothing about the verdict: truth is decided elsewhere, by
brute force.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from hypothesis import strategies as st

Random = random.Random
Case = tuple[str, str, dict[str, str]]
"""The kind of the reward, its formula, and the domains of its parameters."""

POWER = "(({a})*(c*q^({a} - 1) + (1 - c)*(1 - q)^({a} - 1)) - ({a} - 1)*(q^({a}) + (1 - q)^({a})))"
PSEUDOSPHERICAL = (
    "(c*q^({b} - 1) + (1 - c)*(1 - q)^({b} - 1))/(q^({b}) + (1 - q)^({b}))^(({b} - 1)/({b}))"
)
LOG = "(c*log(q) + (1 - c)*log(1 - q))"
BRIER = "-(q - c)^2"
ONE_SIDED = "(c*(q - 1) + (1 - c)*(q + log(1 - q)))"

CONVEX = (
    ("q^2", "2*q"),
    ("q^3", "3*q^2"),
    ("q^(3/2)", "3/2*q^(1/2)"),
    ("exp(q)", "exp(q)"),
    ("exp(-2*q)", "-2*exp(-2*q)"),
    ("q*log(q) + (1 - q)*log(1 - q)", "log(q) - log(1 - q)"),
    ("q*log(q)", "log(q) + 1"),
    ("-sqrt(q*(1 - q))", "-(1 - 2*q)/(2*sqrt(q*(1 - q)))"),
    ("sqrt(q^2 + (1 - q)^2)", "(2*q - 1)/sqrt(q^2 + (1 - q)^2)"),
    ("abs(q - 1/3)", "(1 if q > 1/3 else -1)"),
    ("max(q - 3/5, 0)^2", "2*max(q - 3/5, 0)"),
    ("log(1 + exp(3*q))", "3*exp(3*q)/(1 + exp(3*q))"),
    ("1/(1 + q)", "-1/(1 + q)^2"),
    ("-log(1 + q)", "-1/(1 + q)"),
    ("-sqrt(q)", "-1/(2*sqrt(q))"),
)
"""Convex functions V and their slopes; V + (c - q) V' is proper."""


def rational(rng: Random, low: int = -6, high: int = 6) -> Fraction:
    return Fraction(rng.randint(low, high), rng.choice((1, 1, 2, 3, 4)))


def hair(rng: Random) -> Fraction:
    """Nothing, or a small number of either sign."""
    return rng.choice(
        (
            Fraction(0),
            Fraction(1, 1000),
            Fraction(-1, 1000),
            Fraction(-1, 10**6),
            Fraction(1, 10**9),
        )
    )


def polynomial(coefficients: list[Fraction]) -> str:
    return " + ".join(f"({x})*q^{n}" for n, x in enumerate(coefficients) if x) or "0"


def from_weight(weight: list[Fraction]) -> str:
    """c R1 + (1 - c) R0 with R1' = (1 - q) w and R0' = -q w."""
    right, wrong = ([Fraction(0)] * (len(weight) + 2) for _ in range(2))
    for n, x in enumerate(weight):
        right[n + 1] += x / (n + 1)
        right[n + 2] -= x / (n + 2)
        wrong[n + 2] -= x / (n + 2)
    return f"c*({polynomial(right)}) + (1 - c)*({polynomial(wrong)})"


def squares(rng: Random) -> str:
    """The square of a polynomial as weight, lifted or lowered by a hair."""
    root = [rational(rng) for _ in range(rng.randint(1, 3))]
    weight = [Fraction(0)] * (2 * len(root) - 1)
    for i, x in enumerate(root):
        for j, y in enumerate(root):
            weight[i + j] += x * y
    weight[0] += hair(rng)
    return f"{rational(rng, 0, 3)}*c + {from_weight(weight)}"


def any_weight(rng: Random) -> str:
    return (
        f"{rational(rng, 0, 3)}*c +"
        f" {from_weight([rational(rng) for _ in range(rng.randint(1, 7))])}"
    )


def broken(rng: Random) -> str:
    """A good rule and a term that breaks the first-order identity."""
    extra = rng.choice(
        (
            "c*q^3/1000000",
            "(1 - c)*q/100000",
            "c*(1 - q)*q",
            "(-c/10)",
            "abs(q - 1/2)/1000",
            "q^(5/2)/10^6",
        )
    )
    return f"{squares(rng)} + {extra}"


def logarithms(rng: Random) -> str:
    parts = [
        f"({rational(rng, 0, 4)})*{LOG}",
        f"({rational(rng, 0, 4)})*{ONE_SIDED}",
        f"({rational(rng, -2, 4)})*{BRIER}",
    ]
    return "2*c + " + " + ".join(parts) + rng.choice(("", "", " + c*log(q + 1/50)/20"))


def powers(rng: Random) -> str:
    a, b = (
        rng.choice(("3/2", "5/2", "4/3", "2", "3", "7/3", "1/2")),
        rng.choice(("3/2", "2", "5/2", "3")),
    )
    first, second = POWER.format(a=a), PSEUDOSPHERICAL.format(b=b)
    return f"c + ({rational(rng, -1, 3)})*{first} + ({rational(rng, -1, 3)})*{second}"


def clipped(rng: Random) -> str:
    low, high = Fraction(rng.randint(1, 20), 100), 1 - Fraction(rng.randint(1, 20), 100)
    z = f"clip(q, {low}, {high})"
    kinds = (
        f"c*log({z}) + (1 - c)*log(1 - {z})",
        f"-({z} - c)^2",
        f"c*log(max(q, {low})) + (1 - c)*log(max(1 - q, {low}))",
        f"-(max(q, {low}) - c)^2",
        f"-abs({z} - c)",
        f"-max(abs(q - c), {low})^2",
        f"-min((q - c)^2, {high})",
        f"-(abs(abs(q - 1/2) - {low}) - c)^2",
        f"-(clip(clip(q, 1/8, 7/8), {low}, {high}) - c)^2",
    )
    return f"c + ({rational(rng, 0, 3)})*({rng.choice(kinds)})"


def thresholds(rng: Random) -> str:
    """Bets (c - t) [q > t], some with a wrong stake, and perhaps a smooth rule below them."""
    bets = []
    for _ in range(rng.randint(1, 3)):
        t = rng.choice(
            (
                Fraction(rng.randint(1, 19), 20),
                Fraction(1, 10 ** rng.randint(2, 8)),
                1 - Fraction(1, 10**6),
            )
        )
        stake = t + (hair(rng) if rng.random() < 0.3 else 0)
        bets.append(f"({rational(rng, -1, 5)})*(q {rng.choice(('>', '>='))} {t})*(c - {stake})")
    return " + ".join(bets) + rng.choice(("", f" + {BRIER}", " + c", f" + c + {LOG}"))


def endpoints(rng: Random) -> str:
    """A sound rule with a bonus or a fine at an end, or next to it."""
    extra = (
        "(q == 1)*c/1000",
        "(q == 1)*(1 - c)*(-1)",
        "(q == 1)*(1 - c)",
        "(q < 1/1000000)*c",
        "(q == 0)*c*(-1)",
        "(q == 0)*c*0.01",
        "(q == 0)*(1 - c)*(-0.01)",
        "(q == 0)*(1 - c)*0.01",
        "(q != 1)*c/100",
        "(q <= 0)*c/100",
        "(0 < q < 1)*c",
        "(q == 1/2)*c/1000",
        "(q == 1/2)*(c - 1/2)",
        "(q == 1/3)*(1/3 - c)/100",
    )
    return f"c - (q - c)^2 + {rng.choice(extra)}"


def generated(rng: Random) -> str:
    """V + (c - q) V' for one or two convex functions; a negative or altered one breaks it."""
    parts = []
    for _ in range(rng.randint(1, 2)):
        value, slope = rng.choice(CONVEX)
        share = rng.choice((1, 1, 2, Fraction(1, 3), Fraction(1, 50), -1, Fraction(-1, 20)))
        slip = rng.choice(("", "", "", f"*{1 + hair(rng)}"))
        parts.append(f"({share})*({value} + (c - q)*({slope}){slip})")
    return f"{rational(rng, 0, 3)}*c + " + " + ".join(parts)


def joined(rng: Random) -> str:
    """One rule below t and another above, with the jump paid rightly, nearly rightly, or not at
    all.
    """
    t, slip = Fraction(rng.randint(1, 9), 10), hair(rng)
    mass = rng.choice((0, 1, Fraction(1, 10), Fraction(-1, 10)))
    right = f"{mass}*(c - {t + slip})"
    below, above = rng.choice(
        (
            (f"{BRIER}", f"{BRIER} + {right}"),
            (f"{BRIER}", f"{right} - {(t - 1) ** 2}*c - {t**2}*(1 - c)"),
            ("0", f"(2*q - q^2)*c - q^2*(1 - c) - {2 * t - t**2}*c + {t**2}*(1 - c) + {right}"),
            (f"c*q - q^2/2 - {t}*c + {t**2 / 2}", f"{right}"),
        )
    )
    return f"c + ({below} if q {rng.choice(('<', '<='))} {t} else {above})"


def beta_rules(rng: Random) -> str:
    """A Beta density of thresholds: c F(q) - M(q)."""
    a, b = (rng.choice(("1/2", "1", "3/2", "2", "3", "5/2")) for _ in range(2))
    slip = rng.choice(("", "", " + c*q/10^6", " - c/100"))
    return (
        f"({rational(rng, 0, 3)})*c + c*beta_cdf(q, {a}, {b}) - {a}/({a} + {b})*beta_cdf(q, {a} +"
        f" 1, {b}){slip}"
    )


def singular(rng: Random) -> str:
    kinds = (
        "c*log(q)",
        "(1 - c)*log(1 - q) + c*q",
        "-c/sqrt(q)",
        "c*sqrt(q)",
        "-c*sqrt((1 - q)/q) - (1 - c)*sqrt(q/(1 - q))",
        "c*(2 - 1/q) + (1 - c)*log(q)",
        "c*log(q) + (1 - c)*(1 - q)",
        "c*(q - q*log(q)) - (1 - c)*q^2",
        "-log(q)*c",
        "c*(log(q) + 1/q) + (1 - c)*log(q)",
        "c*q^(1/3) - (1 - c)*q^(4/3)/4",
        "c*(1 - 1/q^2)",
        "-(1 - c)*q/(1 - q)",
    )
    return f"{rational(rng, 0, 3)}*c + ({rational(rng, -2, 4)})*({rng.choice(kinds)})" + rng.choice(
        ("", f" + {BRIER}")
    )


def parametric(rng: Random) -> Case:
    rule, critical = rng.choice(
        (
            (BRIER, 1),
            (PSEUDOSPHERICAL.format(b=2), 1),
            (POWER.format(a=3), Fraction(1, 3)),
            (ONE_SIDED, 1),
            (LOG, 0),
            ("-(clip(q, 1/5, 4/5) - c)^2", Fraction(5, 3)),
            ("(q > 1/4)*(c - 1/4)", 2),
        )
    )
    high = max(
        critical + rng.choice((0, 0, hair(rng), Fraction(1, 2), Fraction(-1, 10))), Fraction(1, 50)
    )
    domain = rng.choice(
        (
            f"0 < lam <= {high}",
            f"0 <= lam <= {high}",
            f"lam in (0, {high})",
            f"lam >= {high}",
            f"lam = {high}",
        )
    )
    return "parametric weight", f"c + lam*({rule})", {"lam": domain}


def parametric_cut(rng: Random) -> Case:
    formula, domain = rng.choice(
        (
            ("(q > t)*(c - t)", "0 < t < 1"),
            ("c + (q >= t)*(c - t)", "0 <= t < 1"),
            ("(q > t)*(c - t^2)", "0 < t < 1"),
            ("(q > t)*(c - t)", "0 <= t <= 1"),
            ("(q > t)*(c - t) + (q > 1/3)*(c - 1/3)", "0 < t <= 1"),
            ("c - (clip(q, t, 1/2) - c)^2", "0 < t <= 1/2"),
            ("((1 + t*c)*log(1 + t*q) - t*q)/((1 + t)*log(1 + t) - t)", "t > 0"),
            ("(t*q + (1 + t - t*c)*log(1 - t*q/(1 + t)))/(t - log(1 + t))", "0 < t <= 9"),
            (
                "c + (c*log(clip(q, t, 1 - t)) + (1 - c)*log(1 - clip(q, t, 1 - t)))/4",
                "1/100 <= t < 1/2",
            ),
            (
                "c + (c*log(clip(q, t, 1 - t)) + (1 - c)*log(1 - clip(q, t, 1 - t)))/5",
                "1/100 <= t < 1/2",
            ),
            ("c - (clip(q, t, 1 - t) - c)^2", "0 < t < 1/2"),
            ("c - (max(q, t) - c)^2", "0 <= t <= 1/2"),
            ("(c - q)*(q > t)*2 + q^2 - t^2 if q > t else 0", "0 < t < 1"),
            ("c - abs(q - t)", "0 < t < 1"),
            ("c - (q - c)^2 if t*q > 0 else c - abs(q - c)", "0 <= t <= 1"),
            ("t*c - (q - c)^2", "1 <= t <= 2"),
            ("c*q^t - t/(t + 1)*q^(t + 1)", "t > 0"),
            ("t*c + c*q^t - t/(t + 1)*q^(t + 1)", "0 < t <= 3"),
            ("c*beta_cdf(q, t, 1) - t/(t + 1)*beta_cdf(q, t + 1, 1)", "t > 0"),
            ("c - t*(q - c)^2 - (1 - t)*abs(q - c)", "0 <= t <= 1"),
        )
    )
    return "parametric cut", formula, {"t": domain}


def broken_bits(rng: Random) -> str:
    """Any tree at all: sums, products and choices of small pieces; almost always improper."""
    leaves = (
        "q",
        "c",
        "1 - q",
        "1/2",
        "q^2",
        "log(q)",
        "exp(-q)",
        "sqrt(q)",
        "abs(q - 1/3)",
        "(q > 2/3)",
        "2",
        "c*q",
    )
    text = rng.choice(leaves)
    for _ in range(rng.randint(1, 4)):
        other = rng.choice(leaves)
        text = rng.choice(
            (
                f"({text}) + {other}",
                f"({text})*({other})",
                f"min({text}, {other})",
                f"({text}) - {other}",
                f"({text} if q < 3/4 else {other})",
                f"max({text}, {other})",
                f"abs({text})",
            )
        )
    return f"{rng.choice(('', 'c + '))}{text}"


PLAIN: tuple[Callable[[Random], str], ...] = (
    squares,
    any_weight,
    broken,
    logarithms,
    powers,
    clipped,
    thresholds,
    thresholds,
    endpoints,
    generated,
    generated,
    joined,
    beta_rules,
    singular,
    broken_bits,
)


def case(rng: Random) -> Case:
    """A random reward."""
    pick = rng.randrange(len(PLAIN) + 2)
    if pick < len(PLAIN):
        return PLAIN[pick].__name__, PLAIN[pick](rng), {}
    return parametric(rng) if pick == len(PLAIN) else parametric_cut(rng)


cases: st.SearchStrategy[Case] = st.randoms(use_true_random=False).map(case)
"""For hypothesis: the choices behind a case are drawn, so a failing one shrinks."""
