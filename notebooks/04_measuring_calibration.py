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
# Models say 0.9, 0.95, or exactly 1. So stated confidences sit on a grid, with many ties, and
# measures that were made for scores without ties go wrong: bins split what belongs together, an
# edge decides a number. Here are the measures that do not, what they mean, and how sure they are.

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
# ## One number, many conventions
#
# Twenty answers each at 0.85, 0.9, 0.95 and 1, of which 20, 12, 20 and 16 are right. Compared *at
# each stated value*, nothing has to be decided. Bins mix values that err in opposite directions,
# and who closes them on which side decides what is mixed.

# %%
right = {0.85: 20, 0.9: 12, 0.95: 20, 1.0: 16}
answers = Forecasts(
    correct=np.concatenate([np.arange(20) < count for count in right.values()]),
    confidence=np.repeat(list(right), 20),
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
# ## How sure?
#
# Eighty answers say little. Tests ask whether a calibrated model would look like this; intervals
# resample the questions, all answers to one question together.

# %%
interval = bootstrap_interval(answers, brier_score, rng=np.random.default_rng(0), method="bca")
print(f"Brier score {interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]")
print(f"Kuiper's test of calibration: p = {kuiper(answers).p_value:.4f}")

# %% [markdown]
# ## What a score is made of
#
# Any proper score is miscalibration - discrimination + uncertainty: what recalibration would win,
# what the ordering of the answers is worth, and what is left to chance. Isotonic regression says it
# without bins.

# %%
rollouts = example_rollouts()  # three made-up methods that know the same, and state it differently
methods = {name: rollouts.forecasts(method=name) for name in rollouts.methods}
for name, rows in methods.items():
    parts = corp_decomposition(rows, brier)
    print(
        f"{name:15} miscalibration {parts.miscalibration:.3f}  discrimination {parts.discrimination:.3f}"
    )

# %%
curves = {name: corp_curve(rows, rng=np.random.default_rng(0)) for name, rows in methods.items()}
corp_diagrams(curves)

# %% [markdown]
# The grey band is where a calibrated model with these values would lie. Below the diagonal,
# confidence is too high.
#
# ## Which model is better, for whom?
#
# For somebody who acts above one threshold, the middle panel: the mean payoff of that bet. All safe
# rewards are mixtures of such bets, so a curve that is never below another is better under *every*
# one of them. On the right, how many of the surest answers are wrong: that asks for the order
# alone, which these three share.

# %%
comparison(
    curves,
    {name: murphy_diagram(rows) for name, rows in methods.items()},
    {name: risk_coverage(rows) for name, rows in methods.items()},
)

# %% [markdown]
# ## What recalibration would win
#
# A map fitted on some questions and applied to the others, so that it cannot flatter itself.

# %%
for name, rows in methods.items():
    mapped = recalibrate(rows, method="isotonic", rng=np.random.default_rng(0)).forecasts
    for when, each in (("as stated", rows), ("recalibrated", mapped)):
        print(
            f"{name:15} {when:13} ECE {expected_calibration_error(each, bins=10):.3f}  Brier {brier_score(each):.3f}"
        )

# %% [markdown]
# ## The whole report of a log
#
# `scoring-theory replay your_log.csv --html report.html` does all of it, with intervals, for every
# method and dataset, and says which methods would change places under another reward.

# %%
report = replay(rollouts, {"binary": binary, "rlcr": rlcr})
for sentence in story(report):
    print("-", sentence)
