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
# # Start here
#
# A language model answers a question and says how sure it is: "Paris, 0.9". A verifier says right
# or wrong, and the model is paid a **reward** $R(q, c)$ for its confidence $q$ and its correctness
# $c$. Reinforcement learning then does whatever earns more. So before training, it is worth asking:
# *does this reward make a model both right and honest?*
#
# The usual reward, $R = c$, pays for being right and says nothing about $q$. Subtracting a penalty
# for misplaced confidence, $R = c - (q - c)^2$, pays for both. And twice that penalty? Ask.

# %%
# %matplotlib inline
# %config InlineBackend.figure_formats = ["retina"]
from scoring_theory import Reward, brier, check, correctness

check("c - 2*(q - c)**2")

# %% [markdown]
# Refuted, and with numbers that you can put in by hand. Take a hard question, which the model gets
# right one time in four, and let it say so honestly, $q = 1/4$:
#
# $$\tfrac14\left(1 - 2\left(\tfrac34\right)^2\right) + \tfrac34\left(-2\left(\tfrac14\right)^2\right) = -\tfrac18 .$$
#
# An answer that is wrong *on purpose*, with $q = 0$, earns exactly 0. Training will find that out.
# At weight 1 it cannot happen:

# %%
check(correctness + brier)

# %% [markdown]
# A reward is an object: add, scale, evaluate, compare. Rewards that differ by a constant and a
# positive factor are the same to a learner, and so they are equal.

# %%
rlcr = correctness + brier
print(
    rlcr.text,
    "|",
    rlcr.payoff([0.0, 0.5, 1.0], correct=1),
    "|",
    rlcr == Reward.parse("1 + c - (q - c)^2"),
)

# %% [markdown]
# ## One figure
#
# Four rewards before any training. Above: what a model gains by stating $q$ instead of the truth,
# here $p = 0.7$; an honest reward peaks at the truth. Below: what honest work earns on a question
# with success probability $p$. It should rise: where it falls, the worse of two answers earns more,
# and where it is below what a deliberately wrong answer earns, training drifts toward being wrong
# on purpose.

# %%
from scoring_theory.plotting import before_training

before_training(["binary", "rlcr", "c + 2*brier", "c + log"])

# %% [markdown]
# ## Where to go from here
#
# - `03_joint_optimality`: why one number decides, and the two ways in which a reward fails.
# - `04_calibration_drift`: what training does to confidence, and through which mechanism.
# - `05_designing_a_reward`: from the decisions that confidence is for to a reward, and what
#   trainers make of it.
# - `06_measuring_calibration`: calibration of confidences that sit on a grid, and how sure one can
#   be of it.
# - On the command line: `scoring-theory check "your formula"`, `scoring-theory replay
#   your_log.csv`, `scoring-theory simulate --short`.
