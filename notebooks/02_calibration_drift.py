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
# # How confidence drifts in training
#
# The usual reward, $R = c$, ignores the stated confidence $q$. Every confidence then has the same
# expected reward, and the expected gradient of a confidence that has its own parameters is
# **exactly 0**. Any systematic drift must come from a mechanism. This notebook shows five
# mechanisms, each in isolation. For each one there is an *ablation*, which changes a single
# argument and removes the effect, and an *exact* value of the effect with which the simulation is
# compared.

# %%
# %matplotlib inline
# %config InlineBackend.figure_formats = ["retina"]
from dataclasses import replace

from scoring_theory import Reward
from simulations import (
    MECHANISMS,
    Experiment,
    LearningRule,
    Tabular,
    everything_off,
    mechanism,
    run,
)
from simulations.figures import drift_figure, mechanism_figure, mechanisms_figure
from simulations.mechanisms import EFFECTS
from simulations.worlds import bank_of

# %% [markdown]
# ## Without any mechanism
#
# The reward is binary, each answer has its own confidence parameters, the baseline is the group
# mean, the verifier does not err, and training and measurement use the same world. Eight runs have
# independent random streams: the confidence of a single run changes a little at random, and the
# mean over runs hardly changes. (It is the logits whose mean does not change at all. The softmax of
# logits that change at random moves towards the levels that are already preferred: over a thousand
# runs the mean confidence rises by 0.010. This is an effect of the finite step size.)

# %%
record = run(everything_off())
confidence = record.metric(
    "mean_confidence"
)  # one row for each run, one column for each checkpoint
change = confidence[:, -1] - confidence[:, 0]
standard_error = change.std(ddof=1) / len(change) ** 0.5
print(f"change of mean confidence: {change.mean():+.3f}, standard error {standard_error:.3f}")

# %% [markdown]
# ## Five mechanisms, with and without

# %%
pairs = []
for name in MECHANISMS:
    chosen = mechanism(name, scale="short")
    pairs.append((chosen.trial(run(chosen.on)), chosen.trial(run(chosen.off), without=True)))
    print(f"{name}: {chosen.story}")
    print(f"  Without it: {chosen.switch}.")
    print(f"  {EFFECTS[chosen.effect].capitalize()}:", end="")
    for side, trial in zip(("with", "without"), pairs[-1], strict=True):
        measured = f"{trial.measured:.3f} ± {trial.standard_error:.3f}"
        print(f"  {side} {measured} (exact {trial.exact:.3f})", end="")
    print("\n")

# %%
mechanisms_figure(pairs).figure

# %% [markdown]
# The third mechanism is important in practice, since several trainers divide by the standard
# deviation of the group by default. The reward is $c - (q - c)^2$, which is strictly proper. All
# rollouts of a group share one outcome, which is correct with probability 0.7. The division gives
# every group the same weight, however different its confidences are: with probability 0.7 the
# higher confidence gains one unit, with probability 0.3 it loses one unit, and so confidence rises
# to 1.

# %%
mechanism_figure(*pairs[2]).figure

# %% [markdown]
# ## Your own experiment
#
# An `Experiment` is a description: the `agent` that learns, its `reward`, the learning rule
# (`training`), the `world` of training, and the world `elsewhere`, in which the agent is measured
# out of distribution. `run` returns a `Record`; the same description gives bit-identical results.
# The next experiment answers a question: does the third mechanism also act if the rollouts of a
# group are correct or wrong **independently** of each other, and does a larger group help?

# %%
# Twelve questions, each with one answer that can be correct and one that is never correct.
world = bank_of([0.3, 0.7, 0.9] * 4, answers=2)
base = Experiment(
    reward=Reward.parse("c - (q - c)^2"),
    agent=Tabular(head_start=20.0, noise=0.0),
    world=world,
    elsewhere=world,
    training=LearningRule(batch=world.questions, learning_rate=0.3),
    steps=3000,
    replicates=4,
)
experiments = [replace(base, name="group mean")]
for n in (4, 32):
    divided = base.with_training(estimator="group_std", group_size=n)
    experiments.append(replace(divided, name=f"deviation, G = {n}"))
records = [run(experiment) for experiment in experiments]
for record in records:
    accuracy, ece = record.final("accuracy"), record.final("ece")
    print(f"{record.name:>20}: accuracy {accuracy:.3f}, ECE {ece:.3f}")

# %%
drift_figure(records).figure

# %% [markdown]
# ## Try it
#
# 1. Make the world of your experiment with `outcomes="shared"`. Does the larger group still help?
# 2. Let the verifier accept a fifth of the wrong answers: use
#    `judged = noisy_verifier(world, false_positive=0.2)` from `simulations.worlds`, then
#    `world=judged.as_paid(), elsewhere=judged`. How does confidence change, and how well is it
#    calibrated to the verifier and to the truth?
# 3. Run a grid of experiments that can be resumed after an interruption:
#    `sweep(experiments, store="study.sqlite")` from `simulations.sweep`. On the command line, use
#    `scoring-theory simulate all --figure out/mechanisms`.
