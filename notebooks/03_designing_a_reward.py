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
# # A reward for the decisions you have
#
# Confidence is stated to be *used*: below one value the system searches before it answers, below
# another it asks a person. Every reward that makes a model right and honest is, up to a constant, a
# mixture of **threshold bets**
# $B_t(q, c) = (c - t)\,[q > t]$: act if confidence is above $t$, and be paid $1 - t$ or $-t$. So
# designing a reward is saying where confidence will be used. Then a trainer takes it apart again,
# unless one looks.

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
# ## Say where confidence will be used
#
# Search below .6, a person below .9; a tenth of the range for accuracy itself, whatever the
# confidence; and a little pull everywhere, so that no two confidences earn the same.

# %%
gates = design(thresholds=[0.6, 0.9], margin=0.1, curvature=0.2)
print(gates.text)
gates.report

# %% [markdown]
# The report is proved, and its certificates can be checked by a kernel that needs nothing but
# Python. Stems are the masses at single thresholds; the one at 0 is the accuracy margin. Grey is
# RLCR, $c - (q - c)^2$, at the same range: it spends itself evenly on all thresholds, and has no
# margin.

# %%
design_figure(gates)

# %% [markdown]
# Any distribution of `scipy.stats` on $[0, 1]$ will do. If decisions lie somewhere around .7:

# %%
around = design(thresholds=stats.beta(8, 3), margin=0.1)
print(around.text)
design_figure(around)

# %% [markdown]
# ## Or repair the one you have
#
# A log score beside correctness, here clipped, is honest and, on hard questions, pays for being
# wrong. The closest safe reward, in mean square over $q$ and $c$, is a convex program; what comes
# back is proved like any other.

# %%
unsafe = Reward.parse("c + log(clip(1 - abs(q - c), 1/100, 99/100))", name="clipped log")
repaired = repair(unsafe)
print(f"distance {repaired.distance:.3f}; no safe reward is closer than {repaired.lower_bound:.3f}")
rewards = [unsafe, repaired.reward.called("repaired")]
before_training(rewards)

# %% [markdown]
# ## What the trainer makes of it
#
# A trainer follows the *advantage*. Less the mean of the group, all is well. Divided by the group's
# standard deviation, as several trainers do by default, the optimum moves: groups that agree, all
# right or all wrong, have only the spread of their confidences to be divided by. Then it pays to be
# surer of a likely answer, and less sure of an unlikely one.

# %%
report = check(gates.reward, estimator="trl_default", outcomes="by_answer", bias=0.05)
print(report.training.honest.reason)
advantage_curves(advantage_pictures(report))

# %% [markdown]
# How the group's size helps, when its rollouts are right or wrong independently: which confidences
# are stable, that is, invaded by no other, where an answer is right 7 times of 10?

# %%
levels = np.arange(11) / 10
rlcr = Reward.parse("c - (q - c)^2")
for size in (4, 8, 16, 32, 64):
    print(effective_advantage(rlcr, 0.7, levels, estimator="grpo", group_size=size))

# %% [markdown]
# And without the division, at any size:

# %%
print(effective_advantage(rlcr, 0.7, levels, estimator="rlcr"))
check(gates.reward, estimator="rlcr").outcome()

# %% [markdown]
# From here to a training run it is one call: `as_trl(gates.reward)`, `as_verl`, `as_openrlhf` or
# `as_verifiers` of `scoring_theory.adapters`, or `scoring-theory export` for a file that stands
# alone.
