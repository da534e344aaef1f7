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
# A language model answers a question and states its confidence: "Paris, 0.9". A verifier decides
# whether the answer is correct, and the model receives a **reward** $R(q, c)$ that depends on its
# confidence $q$ and its correctness $c$. Reinforcement learning increases the expected reward. So
# there is a question to answer before training: *does this reward make the model both accurate and
# calibrated?*
#
# The usual reward, $R = c$, rewards accuracy and ignores $q$. With the penalty $(q - c)^2$ for
# miscalibrated confidence, $R = c - (q - c)^2$ rewards both. What happens with twice that penalty?
# `check` decides it:

# %%
# %matplotlib inline
# %config InlineBackend.figure_formats = ["retina"]
from scoring_theory import Reward, brier, check, correctness

check("c - 2*(q - c)**2")

# %% [markdown]
# Joint optimality is refuted by a numerical counterexample that you can check by hand. Take a hard
# question, which the model answers correctly with probability 1/4, and let it report this
# truthfully, $q = 1/4$. Its expected reward is
#
# $$\tfrac14\left(1 - 2\left(\tfrac34\right)^2\right) +
# \tfrac34\left(-2\left(\tfrac14\right)^2\right) = -\tfrac18 .$$
#
# A deliberately wrong answer with $q = 0$ earns exactly 0, which is more, so training will
# reinforce deliberately wrong answers (sandbagging). With weight 1 this cannot happen:

# %%
check(correctness + brier)

# %% [markdown]
# A reward is an object that you can add, scale, evaluate and compare. Rewards that differ only by
# an added constant and a positive factor have the same optimal policies, so they compare as equal.

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
# ## Four rewards in one figure
#
# The upper panels show the gain in expected reward from stating $q$ instead of the success
# probability, here $p = 0.7$; for a strictly proper reward it is largest at $q = p$. The lower
# panels show the expected reward of truthful reporting on a question with success probability $p$.
# It should increase: where it decreases, the worse of two answers earns more. Where it is below the
# reward of a deliberately wrong answer, training reinforces deliberately wrong answers.

# %%
from scoring_theory.plotting import before_training

before_training(["binary", "rlcr", "c + 2*brier", "c + log"])

# %% [markdown]
# ## Where to go from here
#
# - `01_joint_optimality`: why one number decides joint optimality, and the two ways in which a
#   reward can fail.
# - `02_calibration_drift`: how confidence changes in training, and through which mechanisms.
# - `03_designing_a_reward`: how to design a reward for given decision thresholds, and how trainers
#   transform it.
# - `04_measuring_calibration`: calibration metrics for confidences with many ties, and their
#   uncertainty.
# - On the command line: `scoring-theory check "your formula"`, `scoring-theory replay
#   your_log.csv`, `scoring-theory simulate --short`.
