"""Proper scores, V(1) <= V(0), to be added to correctness. Every claim is tested."""

from __future__ import annotations

from fractions import Fraction

from scoring_theory.catalogue.entry import Entry

SCORE_ENTRIES = (
    Entry(
        key="brier",
        title="Brier",
        formula="-(q - c)^2",
        source=(
            "Brier 1950, Monthly Weather Review 78; its axioms in Selten 1998, Experimental"
            " Economics 1"
        ),
        role="score",
        proper="strict",
        critical_weight="1",
        bounded=True,
        notes=(
            "V(p) = -p(1-p), w = 2: all thresholds have the same weight. The largest safe weight 1"
            " is that of RLCR."
        ),
    ),
    Entry(
        key="log",
        title="log",
        formula="c*log(q) + (1 - c)*log(1 - q)",
        source="Good 1952, J. R. Stat. Soc. B 14; the likelihood",
        role="score",
        proper="strict",
        critical_weight="0",
        bounded=False,
        notes=(
            "V(p) is minus the entropy, w = 1/(t(1-t)). In c + lam S no weight is safe: on hard"
            " questions a deliberately wrong answer with q = 0 earns more than a truthful one."
        ),
    ),
    Entry(
        key="spherical",
        title="spherical",
        formula="(c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2)",
        source="Roby 1965; Jose 2009, A characterization for the spherical scoring rule",
        role="score",
        proper="strict",
        critical_weight="1",
        bounded=True,
        notes="V(p) is the Euclidean length of (p, 1-p).",
    ),
    Entry(
        key="pseudospherical",
        title="pseudospherical",
        formula=(
            "(c*q^(beta - 1) + (1 - c)*(1 - q)^(beta - 1))/(q^beta + (1 - q)^beta)^((beta -"
            " 1)/beta)"
        ),
        source="Good 1971; Gneiting and Raftery 2007, J. Am. Stat. Assoc. 102",
        role="score",
        proper="strict",
        critical_weight="1",
        bounded=True,
        notes=(
            "V(p) is the beta-norm of (p, 1-p); beta = 2 is the spherical rule, beta -> 1"
            " (rescaled) the log rule."
        ),
        domains={"beta": "beta > 1"},
        constants={"beta": 3},
    ),
    Entry(
        key="power",
        title="power",
        formula=(
            "c*alpha*q^(alpha - 1) + (1 - c)*alpha*(1 - q)^(alpha - 1) - (alpha - 1)*(q^alpha + (1"
            " - q)^alpha)"
        ),
        source="Jose, Nau and Winkler 2008, Operations Research 56; the Tsallis entropy as a score",
        role="score",
        proper="strict",
        critical_weight="1/alpha",
        bounded=True,
        notes=(
            "V(p) = p^alpha + (1-p)^alpha; alpha = 2 and 3 are both Brier (affinely), alpha -> 1"
            " the log rule."
        ),
        domains={"alpha": "alpha > 1"},
        constants={"alpha": 4},
    ),
    Entry(
        key="boosting",
        title="boosting",
        formula="-(c*sqrt((1 - q)/q) + (1 - c)*sqrt(q/(1 - q)))",
        source=(
            "Buja, Stuetzle and Shen 2005 (the exponential loss of AdaBoost on the probability"
            " scale)"
        ),
        role="score",
        proper="strict",
        critical_weight="0",
        bounded=False,
        notes=(
            "V(p) = -2 sqrt(p(1-p)), which is -1/cosh of half the log odds; the penalty of"
            " confident errors is larger than that of the log score."
        ),
    ),
    Entry(
        key="beta_family",
        title="beta family",
        formula="c*(beta_cdf(q, a, b) - b/(a + b)) - a/(a + b)*beta_cdf(q, a + 1, b)",
        source="Buja, Stuetzle and Shen 2005; Merkle and Steyvers 2013, Decision Analysis 10",
        role="score",
        proper="strict",
        critical_weight="(a + b)/b",
        bounded=True,
        notes=(
            "thresholds have the Beta(a, b) distribution, total mass 1. a = b = 1 is half the Brier"
            " score; with a large a, calibration near 1 counts most."
        ),
        domains={"a": "a > 0", "b": "b > 0"},
        constants={"a": 2, "b": 8},
    ),
    Entry(
        key="winkler",
        title="Winkler",
        formula="((r - c)^2 - (q - c)^2)/((1 - r)^2 if q >= r else r^2)",
        source=(
            "Winkler 1994, Management Science 40, Evaluating probabilities: asymmetric scoring"
            " rules"
        ),
        role="score",
        proper="strict",
        critical_weight="r/2",
        bounded=True,
        notes=(
            "quadratic, 0 at the baseline r and 1 for a certain report that is correct. The divisor"
            " depends only on the side of r; with a divisor that depends on q itself (as in a"
            " public package) it is improper."
        ),
        domains={"r": "0 < r < 1"},
        constants={"r": Fraction(3, 10)},
    ),
    Entry(
        key="one_sided_log",
        title="one-sided log",
        formula="c*(1 + log(q)) - q",
        source=(
            "Schervish 1989 with w = 1/t; its loss is the generalised Kullback-Leibler divergence"
        ),
        role="score",
        proper="strict",
        critical_weight="0",
        bounded=False,
        notes="bounded for wrong answers, and unsafe at every weight because f(0+) = -inf.",
    ),
    Entry(
        key="zero_one",
        title="zero-one",
        formula="c*(q > 1/2) + (1 - c)*(q <= 1/2)",
        source="the classification error",
        role="score",
        proper="weak",
        critical_weight="1",
        bounded=True,
        notes="it depends only on the side of 1/2 on which q lies.",
    ),
    Entry(
        key="clipped_log",
        title="clipped log",
        formula="c*log(clip(q, eps, 1 - eps)) + (1 - c)*log(1 - clip(q, eps, 1 - eps))",
        source="common practice; Turtel et al. 2026, arXiv 2608.28482, use eps = 0.001",
        role="score",
        proper="weak",
        critical_weight="1/log((1 - eps)/eps)",
        bounded=True,
        notes=(
            "q is clipped: truthful reporting is optimal, and all reports beyond the clip are tied."
            " For eps = 1/1000 the largest safe weight is 0.1448."
        ),
        domains={"eps": "0 < eps < 1/2"},
        constants={"eps": Fraction(1, 1000)},
    ),
)
