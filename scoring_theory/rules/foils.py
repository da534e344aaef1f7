"""Foils: rewards for confidence that are not proper, each a mistake that somebody has made or nearly made."""

from __future__ import annotations

from fractions import Fraction

from scoring_theory.rules.rule import Rule

FOILS = (
    Rule(
        "linear", "linear", "-abs(q - c)", "the absolute error; Savage 1971 calls it the trap", "no", None, bounded=True,
        notes="the best report is 0 below p = 1/2 and 1 above it: it buys false certainty.",
    ),
    Rule(
        "signed_confidence", "signed confidence", "(2*c - 1)*q",
        "the naive bet: stake q on being right", "no", None, bounded=True,
        notes="linear in q: stake everything above p = 1/2, nothing below.",
    ),
    Rule(
        "odds_penalty", "odds penalty", "c - (1 - c)*q/(1 - q)",
        "Kalai's penalty t/(1-t) with the stated confidence in place of the announced target", "no", None, bounded=False,
        notes="a right answer earns 1 whatever q is, a wrong one costs more the larger q: q = 0 is best for every p.",
    ),
    Rule(
        "floored_log", "floored log", "c*log(max(q, eps)) + (1 - c)*log(max(1 - q, eps))",
        "log(max(x, eps)), a usual guard against log(0)", "no", None, bounded=True,
        notes="the floor binds one payoff and not the other, so near the ends a more extreme report costs nothing:"
        " for p below about eps the best report is 0. Clip the report, not the argument of each logarithm.",
        domains={"eps": "0 < eps < 1/2"}, defaults={"eps": Fraction(1, 100)},
    ),
    Rule(
        "shifted_log", "shifted log", "c*log(q + eps) + (1 - c)*log(1 - q + eps)",
        "log(x + eps), the other usual guard", "no", None, bounded=True,
        notes="the best report is p + eps (2p - 1), cut to [0, 1]: pushed away from 1/2.",
        domains={"eps": "eps > 0"}, defaults={"eps": Fraction(1, 100)},
    ),
    Rule(
        "smoothed_log", "label-smoothed log", "(c + s*(1/2 - c))*log(q) + (1 - c + s*(c - 1/2))*log(1 - q)",
        "label smoothing, Szegedy et al. 2016, as a reward", "no", None, bounded=False,
        notes="the best report is p + s (1/2 - p): pulled toward 1/2.",
        domains={"s": "0 < s < 1"}, defaults={"s": Fraction(1, 10)},
    ),
    Rule(
        "focal", "focal", "c*(1 - q)^gamma*log(q) + (1 - c)*q^gamma*log(1 - q)",
        "Lin et al. 2017; improper by Charoenphakdee et al. 2021, On focal loss for class-posterior estimation",
        "no", None, bounded=False,
        notes="finds the right side of 1/2 but reports too close to it.",
        domains={"gamma": "gamma > 0"}, defaults={"gamma": 2},
    ),
    Rule(
        "cubic_error", "cubic error", "-abs(q - c)^3", "the exponent of Brier taken to be free", "no", None, bounded=True,
        notes="|q - c|^k is proper for k = 2 only; for k = 3 the best report is sqrt(p)/(sqrt(p) + sqrt(1-p)).",
    ),
    Rule(
        "root_error", "root error", "-abs(q - c)^(3/2)", "the exponent of Brier taken to be free", "no", None,
        bounded=True, notes="|q - c|^k is proper for k = 2 only; for k = 3/2 the best report is p^2/(p^2 + (1-p)^2).",
    ),
    Rule(
        "moving_winkler", "Winkler with a moving divisor",
        "((r - c)^2 - (q - c)^2)/max(1/1000, (1 - r)^2 - (1 - q)^2 if q >= r else r^2 - q^2)",
        "the mistake of a public package: normalised by what certainty in q itself would have earned", "no", None,
        bounded=True, notes="the divisor must depend on the side of r only; here reports stick near the baseline r.",
        domains={"r": "0 < r < 1"}, defaults={"r": Fraction(1, 2)},
    ),
    Rule(
        "doubled_wrong", "doubled penalty", "-(2 - c)*(q - c)^2", "Brier with errors weighted twice", "no", None,
        bounded=True, notes="weighting the two sides of a proper rule differently breaks it: the best report is p/(2 - p).",
    ),
)  # fmt: skip
