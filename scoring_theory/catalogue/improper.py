"""Improper entries, as counterexamples: each a mistake that somebody has made or nearly made."""

from __future__ import annotations

from fractions import Fraction

from scoring_theory.catalogue.entry import Entry

ENTRIES = (
    Entry(
        key="linear",
        title="linear",
        formula="-abs(q - c)",
        source="the absolute error; Savage 1971 calls it the trap",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes="the best report is 0 below p = 1/2 and 1 above it: it buys false certainty.",
    ),
    Entry(
        key="signed_confidence",
        title="signed confidence",
        formula="(2*c - 1)*q",
        source="the naive bet: stake q on being right",
        role="reward",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes="linear in q: stake everything above p = 1/2, nothing below.",
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
            "a right answer earns 1 whatever q is, a wrong one costs more the larger q: q = 0 is"
            " best for every p."
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
            "the floor binds one payoff and not the other, so near the ends a more extreme report"
            " costs nothing: for p below about eps the best report is 0. Clip the report, not the"
            " argument of each logarithm."
        ),
        domains={"eps": "0 < eps < 1/2"},
        constants={"eps": Fraction(1, 100)},
    ),
    Entry(
        key="shifted_log",
        title="shifted log",
        formula="c*log(q + eps) + (1 - c)*log(1 - q + eps)",
        source="log(x + eps), the other usual guard",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes="the best report is p + eps (2p - 1), cut to [0, 1]: pushed away from 1/2.",
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
        notes="the best report is p + s (1/2 - p): pulled toward 1/2.",
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
        notes="finds the right side of 1/2 but reports too close to it.",
        domains={"gamma": "gamma > 0"},
        constants={"gamma": 2},
    ),
    Entry(
        key="cubic_error",
        title="cubic error",
        formula="-abs(q - c)^3",
        source="the exponent of Brier taken to be free",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "|q - c|^k is proper for k = 2 only; for k = 3 the best report is sqrt(p)/(sqrt(p) +"
            " sqrt(1-p))."
        ),
    ),
    Entry(
        key="root_error",
        title="root error",
        formula="-abs(q - c)^(3/2)",
        source="the exponent of Brier taken to be free",
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "|q - c|^k is proper for k = 2 only; for k = 3/2 the best report is p^2/(p^2 +"
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
            "the mistake of a public package: normalised by what certainty in q itself would have"
            " earned"
        ),
        role="score",
        proper="no",
        critical_weight=None,
        bounded=True,
        notes=(
            "the divisor must depend on the side of r only; here reports stick near the baseline r."
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
            "weighting the two sides of a proper rule differently breaks it: the best report is"
            " p/(2 - p)."
        ),
    ),
)
