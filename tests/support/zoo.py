"""Rewards that people type, with the verdict and the numbers that theory gives: the named hard
cases.

Margins are R(0+, 1) - R(0, 0), weights 1/(S(0, 0) - S(0+, 1)), both by hand from the formula at q =
0; failure thresholds are roots of D and of V - V(0), all of them found anew by mpmath's findroot in
`test_zoo`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tests.support.random_rewards import BRIER, LOG, POWER, PSEUDOSPHERICAL, from_weight

OVER = "((1 + k*c)*log(1 + k*q) - k*q)/((1 + k)*log(1 + k) - k)"
UNDER = "(k*q + (1 + k - k*c)*log(1 - k*q/(1 + k)))/(k - log(1 + k))"
CLIPPED = "(c*log(clip(q, eps, 1 - eps)) + (1 - c)*log(1 - clip(q, eps, 1 - eps)))"
CLIPPED_BRIER = "(clip(q, eps, 1 - eps) - c)^2"
PSEUDO, TSALLIS = PSEUDOSPHERICAL.format(b="b"), POWER.format(a="a")
SPHERICAL = "(c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2)"
BETA = "(c*(beta_cdf(q, a, b) - b/(a + b)) - a/(a + b)*beta_cdf(q, a + 1, b))"
WINKLER = "((r - c)^2 - (q - c)^2)/((1 - r)^2 if q >= r else r^2)"
LOG_WEIGHT = (
    "c*(q - q^2/2 + {k}*(q^2*log(q)/2 - q^2/4 - q^3*log(q)/3 + q^3/9)) - (1 - c)*(q^2/2 +"
    " {k}*(q^3*log(q)/3 - q^3/9))"
)
"""The rule with weight w(t) = 1 + k t log t, which is least at 1/e, where it is 1 - k/e."""

STRICT, WEAK, UNSAFE, WEAK_UNSAFE, FOIL, OPEN = "ppp", "prp", "ppr", "prr", "rrr", "uuu"
"""Proper, strictly proper, jointly optimal: p proved, r refuted, u undecided."""


@dataclass(frozen=True)
class Named:
    """A reward, its parameters' values and domains, the verdicts, and exact numbers where theory
    names them.
    """

    formula: str
    verdict: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    margin: str | None = None
    weight: str | None = None
    fails: tuple[str, str] | None = None


def _touching(drop: Fraction) -> str:
    return from_weight([1 - drop, Fraction(0), Fraction(-4), Fraction(0), Fraction(4)])


def _dense() -> str:
    """Bernstein coefficients 1 + (i mod 4) of degree 22: a positive weight."""
    weight = [Fraction(0)] * 23
    for i in range(23):
        for j in range(23 - i):
            weight[i + j] += (
                Fraction(1 + i % 4) * math.comb(22, i) * math.comb(22 - i, j) * (-1) ** j
            )
    return f"2*c + {from_weight(weight)}"


def _clipped(
    formula: str, verdict: str, *, margin: str | None = None, weight: str | None = None, **at: str
) -> Named:
    return Named(formula, verdict, {"eps": "0 < eps < 1/2", **at}, margin, weight)


OPEN_UNIT, HALF_OPEN, CLOSED = (
    {"t": f"0 {a} t {b} 1"} for a, b in (("<", "<"), ("<=", "<"), ("<=", "<="))
)
ANY, SAFE, BEYOND = "lam > 0", "0 < lam <= 1", "lam > 1"

ZOO: Mapping[str, Named] = {
    # Tan et al. 2026: symbolic k, alone and weighted beside correctness
    "overconfidence, k > 0": Named(OVER, STRICT, {"k": "k > 0"}, "0"),
    "overconfidence, k >= 1": Named(OVER, STRICT, {"k": "k >= 1"}, "0"),
    "overconfidence beside c": Named(
        f"c + lam*{OVER}", STRICT, {"k": "k > 0", "lam": ANY}, "1", "inf"
    ),
    "overconfidence, unscaled": Named("(1 + k*c)*log(1 + k*q) - k*q", STRICT, {"k": "k > 0"}, "0"),
    "underconfidence, k > 0": Named(UNDER, STRICT, {"k": "k > 0"}, "0"),
    "underconfidence, k <= 10": Named(UNDER, STRICT, {"k": "0 < k <= 10"}, "0"),
    "underconfidence beside c": Named(
        f"c + lam*{UNDER}", STRICT, {"k": "k > 0", "lam": ANY}, "1", "inf"
    ),
    "Brier-k, k <= 1": Named("c - k*(q - c)^2", STRICT, {"k": "0 < k <= 1"}, "1 - k", "1"),
    "Brier-k, k > 1": Named("c - k*(q - c)^2", UNSAFE, {"k": "k > 1"}, "1 - k", "1"),
    "Brier-k, k >= 0": Named("c - k*(q - c)^2", WEAK_UNSAFE, {"k": "k >= 0"}, "1 - k", "1"),
    "Log-k": Named(f"c + k*{LOG}", UNSAFE, {"k": "k > 0"}, "-inf", "0"),
    "Log-k, k may be 0": Named(
        f"c + k*{LOG}", WEAK_UNSAFE, {"k": "0 <= k <= 1"}, "1 if k == 0 else -inf"
    ),
    "correctness against log": Named(f"lam*c + {LOG}", UNSAFE, {"lam": ANY}, "-inf", "0"),
    "log, lam = 1": Named(
        f"c + {LOG}", UNSAFE, {}, "-inf", "0", ("1/(1 + exp(1))", "0.64841952744070018")
    ),
    # a correctness weight, Damani et al. 2025
    "lam c - Brier, lam >= 1": Named("lam*c - (q - c)^2", STRICT, {"lam": "lam >= 1"}, "-1 + lam"),
    "convex mixture of c and Brier": Named(
        "lam*c - (1 - lam)*(q - c)^2", WEAK, {"lam": "1/2 <= lam <= 1"}, "-1 + 2*lam"
    ),
    "twice Brier": Named("c - 2*(q - c)^2", UNSAFE, {}, "-1", "1/2", ("1/4", "1/2")),
    "three times Brier": Named("c - 3*(q - c)^2", UNSAFE, {}, "-2", "1/3", ("1/3", "2/3")),
    # clip bounds with a symbolic parameter: lam* = 1/log((1 - eps)/eps)
    "clipped log at lam*": _clipped(f"c + {CLIPPED}/log((1 - eps)/eps)", WEAK, margin="0"),
    "clipped log at lam lam*": _clipped(
        f"c + lam*{CLIPPED}/log((1 - eps)/eps)", WEAK, margin="1 - lam", lam=SAFE
    ),
    "clipped log at twice lam*": _clipped(
        f"c + 2*{CLIPPED}/log((1 - eps)/eps)", WEAK_UNSAFE, margin="-1"
    ),
    "clipped log, any lam": _clipped(
        f"c + lam*{CLIPPED}",
        WEAK_UNSAFE,
        margin="1 + lam*log(eps) - lam*log(1 - eps)",
        weight="1/(-log(eps) + log(1 - eps))",
        lam=ANY,
    ),
    "clipped log, box inside lam*": _clipped(
        f"c + lam*{CLIPPED}", WEAK, eps="1/100 <= eps < 1/2", lam="0 < lam <= 1/5"
    ),
    "clipped log, box beyond lam*": _clipped(
        f"c + lam*{CLIPPED}", WEAK_UNSAFE, eps="0 < eps <= 1/100", lam="lam >= 1/4"
    ),
    "clipped log, eps may be 0": _clipped(CLIPPED, WEAK_UNSAFE, eps="0 <= eps < 1/2"),
    "clipped log, eps = 0.001, inside": _clipped(
        f"c + lam*{CLIPPED}", WEAK, weight="1/log(999)", eps="eps = 0.001", lam="0 < lam <= 0.144"
    ),
    "clipped log, eps = 0.001, beyond": _clipped(
        f"c + lam*{CLIPPED}", WEAK_UNSAFE, eps="eps = 0.001", lam="0 < lam <= 0.145"
    ),
    "clipped Brier, lam <= 1": _clipped(
        f"c - lam*{CLIPPED_BRIER}", WEAK, weight="1/(1 - 2*eps)", lam=SAFE
    ),
    "clipped Brier at lam*": _clipped(f"c - {CLIPPED_BRIER}/(1 - 2*eps)", WEAK, margin="0"),
    "clipped Brier at twice lam*": _clipped(
        f"c - 2*{CLIPPED_BRIER}/(1 - 2*eps)", WEAK_UNSAFE, margin="-1", weight="1/2"
    ),
    "Brier clipped to [a, b]": Named(
        "c - lam*(clip(q, a, b) - c)^2",
        WEAK,
        {"a": "0 < a < 1/4", "b": "3/4 < b < 1", "lam": SAFE},
        "1 - lam + 2*a*lam",
        "1/(1 - 2*a)",
    ),
    "floored log": _clipped("c + c*log(max(q, eps)) + (1 - c)*log(max(1 - q, eps))", FOIL),
    # thresholds, Kalai et al. 2025, with closed ends
    "threshold bet, 0 <= t <= 1": Named("(c - t)*(q > t)", WEAK, CLOSED, "1 if t == 0 else 0"),
    "threshold bet, q >= t": Named("(c - t)*(q >= t)", WEAK, CLOSED),
    "threshold bet, 0 < t < 1": Named("(c - t)*(q > t)", WEAK, OPEN_UNIT, "0"),
    "confidence target, 0 <= t < 1": Named(
        "(c - (1 - c)*t/(1 - t))*(q > t)", WEAK, HALF_OPEN, "1 if t == 0 else 0"
    ),
    "confidence target with if": Named(
        "1 if c and q > t else (0 if q <= t else -t/(1 - t))", WEAK, OPEN_UNIT, "0"
    ),
    "bet beside c": Named(
        "c + lam*(c - t)*(q > t)",
        WEAK,
        {**CLOSED, "lam": "lam >= 0"},
        "1 + lam if t == 0 else 1",
        "inf",
    ),
    "bet beside RLCR": Named(
        "c - (q - c)^2 + mu*(c - t)*(q > t)",
        STRICT,
        {**CLOSED, "mu": "mu >= 0"},
        "mu if t == 0 else 0",
    ),
    "bet beside weighted Brier": Named(
        "c - lam*(q - c)^2 + mu*(c - t)*(q > t)",
        WEAK,
        {**CLOSED, "lam": "0 <= lam <= 1", "mu": "mu >= 0"},
    ),
    "Brier above a floor": Named(
        "c - lam*((q - c)^2 if q > t else (t - c)^2)",
        WEAK,
        {**HALF_OPEN, "lam": SAFE},
        "1 - lam + 2*lam*t",
    ),
    "ramp above t": Named("2*max(q - t, 0)*(c - q) + max(q - t, 0)^2", WEAK, CLOSED, "0"),
    "TruthRL at any t": Named("(2*c - 1)*(q > t)", FOIL, {"t": "0 < t < 1/3"}),
    # several breakpoints with parameters
    "bets at t and (t + 1)/2": Named(
        "(c - t)*(q > t) + (c - (t + 1)/2)*(q > (t + 1)/2)", WEAK, OPEN_UNIT, "0"
    ),
    "bets at t and t^2": Named("(c - t)*(q > t) + (c - t^2)*(q > t^2)", WEAK, OPEN_UNIT, "0"),
    "bets at t and 1/3": Named(
        "(c - t)*(q > t) + (c - 1/3)*(q > 1/3)", WEAK, CLOSED, "1 if t == 0 else 0"
    ),
    "bets at a and b": Named(
        "u*(c - a)*(q > a) + v*(c - b)*(q > b)",
        WEAK,
        {"a": "0 < a < 1/2", "b": "1/2 <= b <= 1", "u": "u >= 0", "v": "v >= 0"},
        "0",
    ),
    "three levels": Named(
        "c + (0 if q <= a else (c - a) if q <= b else 2*c - a - b)",
        WEAK,
        {"a": "0 < a < 1/2", "b": "1/2 < b < 1"},
        "1",
        "inf",
    ),
    "clip where its bounds cross": Named(
        "c - (clip(q, t, 1/2) - c)^2", WEAK, {"t": "0 < t <= 1/2"}
    ),
    "bets in either order": Named(
        "(c - a)*(q > a) + (c - b)*(q > b)", OPEN, {"a": "0 < a < 1", "b": "0 < b < 1"}
    ),
    # families on both sides of lam*
    "spherical, lam <= 1": Named(f"c + lam*{SPHERICAL}", STRICT, {"lam": SAFE}, "1 - lam", "1"),
    "spherical, a hair beyond": Named(
        f"c + lam*{SPHERICAL}", UNSAFE, {"lam": "0 < lam <= 1.000000001"}, "1 - lam", "1"
    ),
    "pseudospherical, lam <= 1": Named(
        f"c + lam*{PSEUDO}", STRICT, {"b": "b > 1", "lam": SAFE}, "1 - lam", "1"
    ),
    "pseudospherical, lam > 1": Named(
        f"c + lam*{PSEUDO}", UNSAFE, {"b": "b > 1", "lam": BEYOND}, "1 - lam", "1"
    ),
    "power, lam <= lam*": Named(
        f"c + lam*{TSALLIS}/a", STRICT, {"a": "a > 1", "lam": SAFE}, "1 - lam", "1"
    ),
    "power, lam > lam*": Named(
        f"c + lam*{TSALLIS}/a", UNSAFE, {"a": "a > 1", "lam": BEYOND}, "1 - lam", "1"
    ),
    "power, any lam": Named(
        f"c + lam*{TSALLIS}", UNSAFE, {"a": "a > 1", "lam": ANY}, "1 - a*lam", "1/a"
    ),
    "Winkler at lam*": Named(f"c + r/2*{WINKLER}", STRICT, {"r": "0 < r < 1"}, "0"),
    "Winkler at twice lam*": Named(f"c + r*{WINKLER}", UNSAFE, {"r": "0 < r < 1"}, "-1", "1/2"),
    "beta, lam <= lam*": Named(
        f"c + lam*(a + b)/b*{BETA}",
        STRICT,
        {"a": "a > 0", "b": "b > 0", "lam": SAFE},
        "1 - lam",
        "1",
    ),
    "beta, lam > lam*": Named(
        f"c + lam*(a + b)/b*{BETA}",
        UNSAFE,
        {"a": "a > 0", "b": "b > 0", "lam": BEYOND},
        "1 - lam",
        "1",
    ),
    "beta(1.3, 2.7), lam <= 1": Named(
        f"c + lam*{BETA}",
        STRICT,
        {"a": "a = 1.3", "b": "b = 2.7", "lam": SAFE},
        "1 - 27*lam/40",
        "40/27",
    ),
    "beta(1.3, 2.7), lam = 1.5": Named(
        f"c + 1.5*{BETA}",
        UNSAFE,
        {"a": "a = 1.3", "b": "b = 2.7"},
        "-1/80",
        "80/81",
        ("0.01004747654950457", "0.01911458190474014"),
    ),
    "exponential": Named("exp(k*q)*(1 + k*(c - q))", STRICT, {"k": "k > 0"}, "k"),
    "one-sided": Named("c + lam*(q + (1 - c)*log(1 - q))", STRICT, {"lam": ANY}, "1", "inf"),
    "one-sided log": Named("c + lam*(c*(1 + log(q)) - q)", UNSAFE, {"lam": ANY}, "-inf", "0"),
    # improper ones with parameters
    "absolute error": Named("c - k*abs(q - c)", FOIL, {"k": "k > 0"}),
    "|q - c|^k": Named("c - abs(q - c)^k", FOIL, {"k": "k > 2"}),
    "DCPO": Named("c - (g*c + (1 - g)*a - q)^2/2", FOIL, {"g": "0 < g < 1", "a": "0 <= a <= 1"}),
    "PPO-C": Named("c + w*(c - m)*(q - 1/2)", FOIL, {"w": "w > 0", "m": "0 < m < 1"}),
    # transcendental and near the boundary
    "w = 1 + 2 t log t": Named(LOG_WEIGHT.format(k="2"), STRICT),
    "w = 1 + 3 t log t": Named(LOG_WEIGHT.format(k="3"), FOIL),
    "w = 1 + 2.718281828459045 t log t": Named(LOG_WEIGHT.format(k="2.718281828459045"), STRICT),
    "w = 1 + 2.718281828459046 t log t": Named(LOG_WEIGHT.format(k="2.718281828459046"), FOIL),
    "w = 1 + e t log t, tangent": Named(LOG_WEIGHT.format(k="exp(1)"), OPEN),
    "w = (2 t^2 - 1)^2": Named(_touching(Fraction(0)), STRICT),
    "w = (2 t^2 - 1)^2 - 1e-9": Named(_touching(Fraction(1, 10**9)), FOIL),
    "w of degree 22": Named(_dense(), STRICT),
    "a tower of powers": Named("c - (1 - c)*q^(q^q)", FOIL),
    "Brier and a hair": Named(f"c + {BRIER} + c*q/10^8", FOIL),
}
