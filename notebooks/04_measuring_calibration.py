# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Measuring calibration of stated confidences
#
# Models state confidences such as 0.9, 0.95, or exactly 1. These have many ties, and calibration
# metrics for continuous scores are then unreliable: their value depends on the number of bins and
# on the side on which bins are closed. This notebook shows metrics that handle ties, their
# interpretation and their uncertainty.

# %%
# %matplotlib inline
# %config InlineBackend.figure_formats = ["retina"]
import numpy as np

from scoring_theory import binary, brier, rlcr
from scoring_theory.calibration import (
    EqualMass,
    Forecasts,
    bootstrap_interval,
    brier_score,
    corp_curve,
    corp_decomposition,
    expected_calibration_error,
    kuiper,
    murphy_diagram,
    recalibrate,
    risk_coverage,
    smooth_calibration_error,
    thin_bins,
)
from scoring_theory.plotting import comparison, corp_diagrams
from scoring_theory.replaying import replay, story
from scoring_theory.rollouts import example_rollouts

# %% [markdown]
# ## One metric, many conventions
#
# There are twenty answers at each of the confidences 0.85, 0.9, 0.95 and 1, of which 20, 12, 20 and
# 16 are correct. The calibration error *at each stated value* needs no convention. Bins combine
# values with errors of opposite signs, and the side on which they are closed decides which values
# are combined.

# %%
counts = {0.85: 20, 0.9: 12, 0.95: 20, 1.0: 16}
answers = Forecasts(
    correct=np.concatenate([np.arange(20) < count for count in counts.values()]),
    confidence=np.repeat(list(counts), 20),
)
print("at each stated value        ", round(expected_calibration_error(answers), 4))
for bins in (5, 10, 15):
    for side in ("left", "right"):
        error = expected_calibration_error(answers, bins=bins, closed=side)
        print(f"{bins:2} bins, closed on the {side:5}  ", round(error, 4))
print(
    "2 bins of equal mass        ", round(expected_calibration_error(answers, bins=EqualMass(2)), 4)
)
print("smooth, without bins        ", round(smooth_calibration_error(answers), 4))
print(thin_bins(answers, least=30))

# %% [markdown]
# ## Uncertainty
#
# Eighty answers give imprecise estimates. A test of calibration computes how probable such data are
# under perfect calibration. Bootstrap intervals resample questions, together with all answers to
# each question.

# %%
interval = bootstrap_interval(answers, brier_score, rng=np.random.default_rng(0), method="bca")
print(f"Brier score {interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]")
print(f"Kuiper's test of calibration: p = {kuiper(answers).p_value:.4f}")

# %% [markdown]
# ## Decomposition of a score
#
# The mean loss of a proper score is miscalibration - discrimination + uncertainty. Miscalibration
# is what recalibration would gain, discrimination is the value of ordering the answers by
# confidence, and uncertainty is the loss of a constant forecast at the mean accuracy. Isotonic
# regression estimates the parts without bins.

# %%
# Three synthetic methods with the same information, which state different confidences.
rollouts = example_rollouts()
methods = {name: rollouts.forecasts(method=name) for name in rollouts.methods}
for name, rows in methods.items():
    parts = corp_decomposition(rows, brier)
    miscalibration, discrimination = parts.miscalibration, parts.discrimination
    print(f"{name:15} miscalibration {miscalibration:.3f}  discrimination {discrimination:.3f}")

# %%
curves = {name: corp_curve(rows, rng=np.random.default_rng(0)) for name, rows in methods.items()}
corp_diagrams(curves)

# %% [markdown]
# The grey band is the 95 % consistency band under perfect calibration. Below the diagonal,
# confidence is too high.
#
# ## Which method is better for which decision?
#
# The middle panel shows the mean payoff of each threshold bet. All safe rewards are mixtures of
# these bets, so a method whose curve is never below that of another has a mean reward at least as
# large under *every* safe reward. The right panel shows risk (error rate) against coverage. It
# depends only on the order of the confidences, which is the same for these three methods.

# %%
comparison(
    curves,
    {name: murphy_diagram(rows) for name, rows in methods.items()},
    {name: risk_coverage(rows) for name, rows in methods.items()},
)

# %% [markdown]
# ## The gain from recalibration
#
# The recalibration map is fitted on some questions and applied to the others, so that the estimate
# is not optimistic (cross-fitting).

# %%
for name, rows in methods.items():
    mapped = recalibrate(rows, method="isotonic", rng=np.random.default_rng(0)).forecasts
    for label, forecasts in (("as stated", rows), ("recalibrated", mapped)):
        ece, loss = expected_calibration_error(forecasts, bins=10), brier_score(forecasts)
        print(f"{name:15} {label:13} ECE {ece:.3f}  Brier {loss:.3f}")

# %% [markdown]
# ## The complete report of a log
#
# `scoring-theory replay your_log.csv --html report.html` computes all of this, with intervals, for
# every method and dataset, and reports whether the ranking of the methods depends on the reward.

# %%
report = replay(rollouts, {"binary": binary, "rlcr": rlcr})
for sentence in story(report):
    print("-", sentence)
