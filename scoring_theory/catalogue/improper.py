"""Improper rules, as counterexamples: mistakes that have been made or are easily made."""

from __future__ import annotations

from fractions import Fraction

from scoring_theory.catalogue.entry import Entry

IMPROPER_ENTRIES = (
    Entry(
        key="linear",
        title="linear",
        formula="-abs(q - c)",
        source="the absolute error; Savage 1971 calls it the trap",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes="the optimal report is 0 for p < 1/2 and 1 for p > 1/2.",
    ),
    Entry(
        key="signed_confidence",
        title="signed confidence",
        formula="(2*c - 1)*q",
        source="a naive bet: stake q on being correct",
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes="linear in q: the optimal report is 1 for p > 1/2 and 0 for p < 1/2.",
    ),
    Entry(
        key="odds_penalty",
        title="odds penalty",
        formula="c - (1 - c)*q/(1 - q)",
        source=(
            "Kalai's penalty t/(1-t) with the stated confidence in place of the announced target"
        ),
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=False,
        notes=(
            "the reward of a correct answer does not depend on q, the penalty of a wrong one"
            " increases with q: the optimal report is 0 for every p."
        ),
    ),
    Entry(
        key="floored_log",
        title="floored log",
        formula="c*log(max(q, eps)) + (1 - c)*log(max(1 - q, eps))",
        source="log(max(x, eps)), a usual guard against log(0)",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "near the ends only one of the two logarithms is floored, so that a more extreme report"
            " has no cost: for p below about eps the optimal report is 0. Clip q itself, not the"
            " argument of each logarithm."
        ),
        domains={"eps": "0 < eps < 1/2"},
        constants={"eps": Fraction(1, 100)},
    ),
    Entry(
        key="shifted_log",
        title="shifted log",
        formula="c*log(q + eps) + (1 - c)*log(1 - q + eps)",
        source="log(x + eps), another usual guard against log(0)",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes="the optimal report is p + eps (2p - 1), clipped to [0, 1]: overconfident.",
        domains={"eps": "eps > 0"},
        constants={"eps": Fraction(1, 100)},
    ),
    Entry(
        key="smoothed_log",
        title="label-smoothed log",
        formula="(c + s*(1/2 - c))*log(q) + (1 - c + s*(c - 1/2))*log(1 - q)",
        source="label smoothing, Szegedy et al. 2016, as a reward",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=False,
        notes="the optimal report is p + s (1/2 - p): shrunk toward 1/2.",
        domains={"s": "0 < s < 1"},
        constants={"s": Fraction(1, 10)},
    ),
    Entry(
        key="focal",
        title="focal",
        formula="c*(1 - q)^gamma*log(q) + (1 - c)*q^gamma*log(1 - q)",
        source=(
            "Lin et al. 2017; improper by Charoenphakdee et al. 2021, On focal loss for"
            " class-posterior estimation"
        ),
        role="score",
        proper="no",
        critical_weight=None,
        bounded=False,
        notes="the optimal report is on the correct side of 1/2, but too close to it.",
        domains={"gamma": "gamma > 0"},
        constants={"gamma": 2},
    ),
    Entry(
        key="cubic_error",
        title="cubic error",
        formula="-abs(q - c)^3",
        source="the Brier score with another exponent",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "|q - c|^k is proper for k = 2 only; for k = 3 the optimal report is sqrt(p)/(sqrt(p) +"
            " sqrt(1-p))."
        ),
    ),
    Entry(
        key="root_error",
        title="root error",
        formula="-abs(q - c)^(3/2)",
        source="the Brier score with another exponent",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "|q - c|^k is proper for k = 2 only; for k = 3/2 the optimal report is p^2/(p^2 +"
            " (1-p)^2)."
        ),
    ),
    Entry(
        key="moving_winkler",
        title="Winkler with a moving divisor",
        formula=(
            "((r - c)^2 - (q - c)^2)/max(1/1000, (1 - r)^2 - (1 - q)^2 if q >= r else r^2 - q^2)"
        ),
        source=(
            "a mistake in a public package: normalised by the score of certainty, with q in the"
            " place of the baseline r"
        ),
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "the divisor must depend only on the side of r; here optimal reports are close to r."
        ),
        domains={"r": "0 < r < 1"},
        constants={"r": Fraction(1, 2)},
    ),
    Entry(
        key="doubled_wrong",
        title="doubled penalty",
        formula="-(2 - c)*(q - c)^2",
        source="Brier with errors weighted twice",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "different weights for the two payoffs make a proper rule improper: the optimal report"
            " is p/(2 - p)."
        ),
    ),
)
