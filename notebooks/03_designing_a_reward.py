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
# # Designing a reward for given decisions
#
# Stated confidence is *used* for decisions: for example, below one value a system searches before
# it answers, and below another it asks a person. Every safe reward is, up to a constant, a mixture
# of **threshold bets** $B_t(q, c) = (c - t)\,[q > t]$: act if confidence is above $t$, and earn $1
# - t$ if correct and $-t$ if wrong. So to design a reward, choose the decision thresholds. The
# advantage estimator of a trainer can change the optimum again, which the last section checks.

# %%
# %matplotlib inline
# %config InlineBackend.figure_formats = ["retina"]
import numpy as np
from scipy import stats

from scoring_theory import Reward, check
from scoring_theory.advantage import effective_advantage
from scoring_theory.designing import design, repair
from scoring_theory.plotting import (
    advantage_curves,
    advantage_pictures,
    before_training,
    design_figure,
)

# %% [markdown]
# ## Choose the decision thresholds
#
# The system asks a person below .6 and searches below .9. A tenth of the range rewards accuracy
# itself (the accuracy margin). A Schervish weight of at least .2 at every threshold (the curvature)
# makes the reward strictly proper.

# %%
gates = design(thresholds=[0.6, 0.9], margin=0.1, curvature=0.2)
print(gates.text)
gates.report

# %% [markdown]
# The report is proved, and a kernel without any dependencies can verify its certificates. In the
# figure, stems are point masses of thresholds; the one at 0 is the accuracy margin. Grey is RLCR,
# $c - (q - c)^2$, with the same range: its weight is uniform over all thresholds, and its margin is
# 0.

# %%
design_figure(gates)

# %% [markdown]
# The thresholds can also have any distribution of `scipy.stats` on $[0, 1]$, for example with most
# decisions near .7:

# %%
around = design(thresholds=stats.beta(8, 3), margin=0.1)
print(around.text)
design_figure(around)

# %% [markdown]
# ## Repair an existing reward
#
# Correctness plus a clipped log score is proper up to the clipping but not jointly optimal: on hard
# questions a deliberately wrong answer earns more. `repair` finds the closest safe reward, in mean
# square over $q$ and $c$, as the solution of a convex program; the result is proved like any other
# reward.

# %%
unsafe = Reward.parse("c + log(clip(1 - abs(q - c), 1/100, 99/100))", name="clipped log")
repaired = repair(unsafe)
print(f"distance {repaired.distance:.3f}; no safe reward is closer than {repaired.lower_bound:.3f}")
rewards = [unsafe, repaired.reward.called("repaired")]
before_training(rewards)

# %% [markdown]
# ## The effect of the advantage estimator
#
# Policy-gradient trainers optimise the *advantage*, not the raw reward. Subtracting the group mean
# does no harm. Dividing by the standard deviation of the group, as several trainers do by default,
# moves the optimum: in groups that are all correct or all wrong, the standard deviation comes only
# from the confidences, and small differences of confidence are magnified. As a result, confidences
# above $p$ are reinforced for likely answers and below $p$ for unlikely ones.

# %%
report = check(gates.reward, estimator="trl_default", outcomes="by_answer", bias=0.05)
print(report.training.honest.reason)
advantage_curves(advantage_pictures(report))

# %% [markdown]
# If the rollouts of a group are correct or wrong independently, the bias decreases with the size of
# the group. The next cell computes the equilibrium reports for an answer with success probability
# 0.7, for several group sizes:

# %%
levels = np.arange(11) / 10
rlcr = Reward.parse("c - (q - c)^2")
for size in (4, 8, 16, 32, 64):
    print(effective_advantage(rlcr, 0.7, levels, estimator="grpo", group_size=size))

# %% [markdown]
# Without the division there is no bias at any size:

# %%
print(effective_advantage(rlcr, 0.7, levels, estimator="rlcr"))
check(gates.reward, estimator="rlcr").outcome()

# %% [markdown]
# To use the reward in a training run, call `as_trl(gates.reward)`, `as_verl`, `as_openrlhf` or
# `as_verifiers` of `scoring_theory.adapters`, or write a self-contained file with `scoring-theory
# export`.
