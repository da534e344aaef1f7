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
# The usual reward, $R = c$, does not look at the stated confidence $q$. Then every confidence earns
# the same, and the expected gradient on a confidence that is free to move is **exactly 0**: what
# raises one level lowers it as often. So if confidence drifts, something carries it. Here are five
# such mechanisms, each alone. For each there is a *switch*, one argument that is different, without
# which the effect is gone, and an *exact* size to hold the measured one against.

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
# ## First, nothing
#
# Binary reward, a free confidence for each answer, the group's mean as the baseline, a verifier
# that never errs, one world. Sixteen runs, each with its own luck: each wanders a little, and the
# mean hardly moves. (Exactly unmoved, on average, are the logits. A softmax of logits that wander
# leans toward the levels that it prefers already: over a thousand runs the mean of these
# confidences rises by 0.010. It is an effect of the size of the steps.)

# %%
still = run(everything_off())
stated = still.metric("mean_confidence")  # one row for each run, one column for each checkpoint
change = stated[:, -1] - stated[:, 0]
print(
    f"change of mean confidence: {change.mean():+.3f}, standard error {change.std(ddof=1) / len(change) ** 0.5:.3f}"
)

# %% [markdown]
# ## Five mechanisms, with and without

# %%
pairs = []
for name in MECHANISMS:
    made = mechanism(name, scale="short")
    pairs.append((made.trial(run(made.on)), made.trial(run(made.off), without=True)))
    print(
        f"{name}: {made.story}\n  Without it: {made.switch}.\n  {EFFECTS[made.effect].capitalize()}:",
        end="",
    )
    for side, one in zip(("with", "without"), pairs[-1], strict=True):
        print(
            f"  {side} {one.measured:.3f} ± {one.standard_error:.3f} (exact {one.exact:.3f})",
            end="",
        )
    print("\n")

# %%
mechanisms_figure(pairs).figure

# %% [markdown]
# The third deserves a closer look, since its switch is the default of several trainers. The reward
# is
# $c - (q - c)^2$, which is honest. All rollouts of a group speak about one event, which happens
# with probability 0.7. Dividing by the group's standard deviation makes every group count alike,
# however far apart its confidences are: 7 times of 10 the higher confidence wins by one unit, 3
# times of 10 it loses by one unit, and so it rises to 1.

# %%
mechanism_figure(*pairs[2]).figure

# %% [markdown]
# ## An experiment of your own
#
# An `Experiment` is a description and nothing else: who learns (`agent`), from what (`reward`), how
# (`training`), in which `world`, and `elsewhere`, where it is measured out of distribution. `run`
# makes a `Record` of it; the same description gives the same bits. Here: is the third mechanism
# there when the rollouts of a group are right or wrong **independently** of each other, and does a
# larger group help?

# %%
world = bank_of([0.3, 0.7, 0.9] * 4, answers=2)  # twelve questions with one hopeful answer each
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
    print(
        f"{record.name:>20}: accuracy {record.final('accuracy'):.3f}, ECE {record.final('ece'):.3f}"
    )

# %%
drift_figure(records).figure

# %% [markdown]
# ## Try it
#
# 1. Take `outcomes="shared"` for the world of your experiment. Does the larger group still help?
# 2. Pay a fifth of the wrong answers: `judged = noisy_verifier(world, false_positive=0.2)` from
#    `simulations.worlds`, then `world=judged.as_paid(), elsewhere=judged`. Where does confidence
#    go, in and out of distribution?
# 3. A whole grid of experiments that survives being killed: `sweep(experiments,
#    store="study.sqlite")` from `simulations.sweep`. On the command line, `scoring-theory simulate
#    --mechanism all --figure out/mechanisms`.
