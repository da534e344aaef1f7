# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Start here: a reward for confidence
#
# A language model answers a question and states its confidence: "Paris, 0.9". A verifier decides
# whether the answer is correct, and the model receives a **reward** that depends on both. Training
# increases the expected reward. So there is a question to ask *before* training: does this reward
# make the model accurate and honest at once?
#
# | | |
# |---|---|
# | **You will learn** | what a reward for confidence is; how `check` decides a question about one; what can go wrong |
# | **Time** | 15 minutes |
# | **You need** | probabilities, and nothing else |
#
# To run a cell, press Shift and Enter. Every number that the text claims is asserted in a cell
# below it: if a claim were false, the notebook would stop there.

# %% slideshow={"slide_type": "skip"}
from importlib.util import find_spec
from pathlib import Path

if find_spec("scoring_theory") is None:  # then install it from the wheel beside this notebook
    wheels = sorted(Path().resolve().glob("scoring_theory-*.whl"))
    assert wheels, "put the file scoring_theory-...-py3-none-any.whl beside this notebook"
    # %pip install --quiet "{wheels[-1]}[notebooks]"

# %% slideshow={"slide_type": "skip"}
# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 120}
import numpy as np

from scoring_theory import Reward, brier, check, correctness
from scoring_theory.plotting import FigureSlider, before_training, value_curves

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Two letters
#
# - $q$ is the **stated confidence**, a number from 0 to 1.
# - $c$ is **correctness**: 1 if the answer is correct and 0 if it is wrong.
#
# A reward is a formula in these two letters. The usual one, $R = c$, pays for correct answers and
# ignores $q$. Another, used by a method called RLCR, subtracts a penalty for miscalibrated
# confidence: $R = c - (q - c)^2$.

# %%
rlcr = Reward.parse("c - (q - c)^2", name="RLCR")
payments = rlcr.payoff([0.9, 0.9, 0.5], [1, 0, 0])
print("correct, said 0.9:", payments[0].round(2))
print("wrong,   said 0.9:", payments[1].round(2))
print("wrong,   said 0.5:", payments[2].round(2))
assert np.allclose(payments, [0.99, -0.81, -0.25])

# %% [markdown]
# A wrong answer costs more the surer it was. A reward is an object that you can add, scale and
# compare. Two rewards that differ by a constant and a positive factor teach the same thing, so they
# compare as equal.

# %%
assert correctness + brier == rlcr
assert Reward.parse("5 + 3*(c - (q - c)^2)") == rlcr
correctness + brier

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Ask before you train
#
# What happens with *twice* that penalty? It sounds like more honesty. `check` decides it:

# %%
report = check("c - 2*(q - c)^2")
report

# %% [markdown] slideshow={"slide_type": "slide"}
# The first line says that honesty is safe: the reward is **strictly proper**, so the true
# probability is the only best confidence. But it is **not jointly optimal**, and the report gives
# numbers that you can check by hand. Take a hard question, which the model answers correctly with
# probability 1/4. Honest work, with $q = 1/4$, earns on average
#
# $$\tfrac14\left(1 - 2\left(\tfrac34\right)^2\right) +
# \tfrac34\left(-2\left(\tfrac14\right)^2\right) = -\tfrac18 .$$
#
# A **deliberately wrong answer** with confidence 0 earns $0 - 2 \cdot 0 = 0$, which is more. So
# training teaches the model to give wrong answers on purpose, on every question that it answers
# correctly with probability below 1/2. This is called **sandbagging**.

# %%
double = Reward.parse("c - 2*(q - c)^2", name="twice the penalty")
assert report.strictly_proper.status == "proved"
assert report.jointly_optimal.status == "refuted"
assert double.expected_reward(1 / 4, 1 / 4) == -1 / 8
assert double.payoff(0.0, 0) == 0
assert report.global_failure_below.exact == "1/2"

# %% [markdown]
# With weight 1 this cannot happen, and that is proved for all probabilities at once:

# %%
assert check(rlcr).holds
check(rlcr)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Four rewards in one figure
#
# Upper panels: what a model gains by stating $q$ instead of the truth, which is 0.7 here. For an
# honest reward the curve is largest, and 0, at the truth. Lower panels: what honest work earns on
# a question with success probability $p$. It should never go down as $p$ goes up: where it goes
# down, the *worse* of two answers earns more.

# %%
rewards = [
    Reward.parse("c", name="binary"),
    rlcr,
    double,
    Reward.parse("c + log(1 - abs(q - c))", name="c + log score"),
]
before_training(rewards)

# %% [markdown]
# The binary reward does not care about confidence: all $q$ earn the same. RLCR passes both rows.
# The other two are honest, and sandbag on hard questions.

# %%
binary, _, _, log_score = (check(reward) for reward in rewards)
assert np.ptp(rewards[0].expected_reward(0.7, np.linspace(0, 1, 11))) == 0
assert binary.jointly_optimal.status == "proved"
assert log_score.strictly_proper.status == "proved"
assert log_score.jointly_optimal.status == "refuted"
assert round(float(log_score.global_failure_below.value), 3) == 0.648

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Change the weight
#
# In a running notebook, move the slider. (A saved page shows three settings in one figure.) The
# curve is the expected reward of honest work under $c - \lambda (q - c)^2$. Up to $\lambda = 1$ it
# never goes down.

# %%
family = Reward.parse("c - lam*(q - c)^2", lam="lam > 0")
weights = {lam: family.bind(lam=lam).called(f"weight {lam:g}") for lam in (0.25, 0.5, 1, 1.5, 2, 3)}
FigureSlider(value_curves, weights, name="weight λ", shown=[0.5, 1, 2])

# %%
grid = np.linspace(0, 1, 101)
falls = {lam: bool((np.diff(reward.value(grid)) < 0).any()) for lam, reward in weights.items()}
assert falls == {0.25: False, 0.5: False, 1: False, 1.5: True, 2: True, 3: True}

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The course
#
# | notebook | question | minutes |
# |---|---|---|
# | `01_what_makes_a_score_proper` | why does a bet make people say what they believe? | 40 |
# | `02_why_binary_reward_makes_models_overconfident` | if nothing pushes confidence, why does it rise? | 40 |
# | `03_joint_optimality_and_how_it_fails` | when does honesty make a model sandbag? | 45 |
# | `04_trainers_that_undo_your_reward` | what does GRPO do to a reward that was proved? | 55 |
# | `05_designing_a_reward` | how do I choose a reward for my decisions? | 35 |
# | `06_measuring_calibration` | is a model calibrated, given a file of its answers? | 45 |
# | `07_graded_scores_noisy_verifiers_abstention` | what if the world is not right or wrong? | 45 |
# | `08_no_single_fix` | why does no single repair work? | 45 |
# | `09_reading_a_proof` | why should I believe the word "proved"? | 40 |
# | `10_from_bandit_to_transformer` | does a transformer behave as the theory says? | 35 |
#
# Notebooks 01 to 03 build on each other; after them, take the others in any order.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** What does RLCR pay for a wrong answer that was stated with confidence 0.2, and what does
# the binary reward pay for it?
#
# <details><summary>Solution</summary>
#
# RLCR pays $0 - 0.2^2 = -0.04$; the binary reward pays 0, whatever the confidence was.
#
# </details>
#
# **2.** Someone proposes $R = c - |q - c|$: "pay for being right, subtract the error of the
# confidence". Which confidence earns the most when $p = 0.7$? Try it with `best_report`.
#
# <details><summary>Solution</summary>
#
# Confidence 1, not 0.7. The expected reward is a straight line in $q$, so an end is always best:
# the reward is improper, and makes the model exaggerate.
#
# </details>
#
# **3.** Which is the largest weight $\lambda$ for which $c - \lambda (q - c)^2$ is safe? Ask `check`
# for the whole family at once: `check("c - lam*(q - c)^2", lam="lam > 0")`.
#
# <details><summary>Solution</summary>
#
# It is 1. The report calls it the *critical weight*, and it is the $\lambda^\ast$ of the next
# notebooks.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
assert np.isclose(rlcr.payoff(0.2, 0), -0.04)
assert Reward.parse("c").payoff(0.2, 0) == 0
linear = Reward.parse("c - abs(q - c)")
assert linear.best_report(0.7) == 1
assert check(linear).proper.status == "refuted"
assert check("c - lam*(q - c)^2", lam="lam > 0").critical_weight.exact == "1"
