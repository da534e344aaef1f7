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
# # Why binary reward makes models overconfident
#
# Models that were trained with a binary reward (1 for a correct answer, 0 for a wrong one) are often
# too sure of themselves. The obvious explanation, "the reward pushes confidence up", is false: a
# binary reward does not push confidence anywhere. This notebook shows what does, one mechanism at
# a time, and each time removes the mechanism to see the effect disappear.
#
# | | |
# |---|---|
# | **You will learn** | that a binary reward gives confidence no direction; five mechanisms that move it all the same; how to test an explanation by taking away its cause |
# | **Time** | 40 minutes |
# | **You need** | notebook 00; what "strictly proper" means (notebook 01) |

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
from dataclasses import replace

import numpy as np

from scoring_theory import Reward
from scoring_theory.plotting import FigureSlider
from simulations import Experiment, LearningRule, Tabular, everything_off, mechanism, run
from simulations.figures import drift_figure, system_figure
from simulations.laboratory.systems import find_system
from simulations.worlds import bank_of

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What a trained agent is here
#
# The agents of this course are small: for every question an agent has a probability for each answer
# and for each confidence from 0 to 1. In each step it samples a few answers with confidences (a
# **group** of rollouts), receives rewards, and makes what earned more than the average of the group
# a little more probable. That is policy-gradient reinforcement learning, without the language. The
# success probabilities of the answers are known, so that we know what calibrated would be.
#
# ## First, nothing
#
# The reward is binary. Every confidence then has the same expected reward, so the expected change
# of confidence is **exactly 0** ([Theorem 35](../docs/theory.md#theorem-35)). Eight runs:

# %%
record = run(everything_off())
confidence = record.metric("mean_confidence")  # a row for each run, a column for each checkpoint
change = confidence[:, -1] - confidence[:, 0]
error = change.std(ddof=1) / len(change) ** 0.5
print(f"mean change of confidence in {len(change)} runs: {change.mean():.3f} ± {error:.3f}")
print(f"accuracy: {record.metric('accuracy')[:, 0].mean():.3f} -> {record.final('accuracy'):.3f}")

# %% [markdown]
# The change is of the size of its standard error: what you see is chance. Accuracy, which is
# rewarded, rises. So **any systematic rise of confidence needs a mechanism**. Here are five.

# %%
binary = Reward.parse("c", name="binary")
levels = np.linspace(0, 1, 11)
assert np.ptp(binary.expected_reward(0.4, levels)) == 0  # every confidence earns the same
assert abs(change.mean()) < 3 * error
assert record.final("accuracy") > record.metric("accuracy")[:, 0].mean() + 0.1

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 1. Coupling: confidence reads the answer probability
#
# Suppose that a model's confidence comes from how probable its own answer is: a fluent answer feels
# sure. Training makes the rewarded answers more probable, and *that* raises confidence, although
# nobody rewarded it. Left: with the coupling. Right: the same training, without it.

# %%
coupling = find_system("coupling")
coupled, uncoupled = coupling.run(scale="short"), coupling.run(scale="short", without=True)
system_figure([coupled, uncoupled]).figure

# %%
with_it, without_it = coupled.findings[0], uncoupled.findings[0]
print("with:   ", with_it)
print("without:", without_it)
assert with_it.agrees
assert without_it.agrees
assert with_it.exact > 0.25
assert abs(without_it.exact) < 1e-9

# %% [markdown] slideshow={"slide_type": "subslide"}
# Accuracy rises alike on both sides; only confidence differs. The exact value is computed without
# any sampling, from the equations of the mean. The slider sets how strongly confidence follows the
# answer probability: the more, the more it rises. At slope 0, confidence stays where it was. (A saved
# page shows the slopes 0.25, left, and 1, right.)

# %%
slopes = {0: uncoupled, 1: coupled} | {
    slope: coupling.run(scale="short", knobs={"slope": slope}) for slope in (0.25, 0.5)
}
FigureSlider(system_figure, dict(sorted(slopes.items())), name="slope", shown=[0.25, 1])

# %%
rises = [slopes[slope].findings[0].exact for slope in (0, 0.25, 0.5, 1)]
print("rise of confidence at slopes 0, 0.25, 0.5, 1:", [round(rise, 3) for rise in rises])
assert abs(rises[0]) < 1e-9
assert rises[0] < rises[1] < rises[2] < rises[3]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 2. Sampling noise: each run ends somewhere
#
# On average nothing happens to confidence, but a model is trained once, not on average. A single run
# drifts at random: a confidence that happens to be sampled with right answers becomes more probable,
# is sampled more often for that reason, and in the end it is the only one left. Thin lines are
# single runs. Without the noise (right; the learning rate is small) the runs stay together.

# %%
noise = find_system("sampling-noise")
noisy, quiet = noise.run(scale="short"), noise.run(scale="short", without=True)
system_figure([noisy, quiet]).figure

# %%
spread, small = noisy.findings[0], quiet.findings[0]
print("with:   ", spread)
print("without:", small)
assert spread.agrees
assert small.agrees
assert spread.exact > 10 * small.exact

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 3. The estimator: dividing by the standard deviation
#
# Many trainers divide the rewards of a group by their standard deviation. The reward here is RLCR,
# $c - (q - c)^2$, which is strictly proper, and all rollouts of a group are right or wrong together,
# with probability 0.7. Confidence should end at 0.7, and it runs to 1. Notebook 04 explains this by
# hand. Without the division (right) it ends at 0.7.

# %%
estimator = find_system("estimator")
divided, plain = estimator.run(scale="short"), estimator.run(scale="short", without=True)
system_figure([divided, plain]).figure

# %%
print("with:   ", divided.findings[0])
print("without:", plain.findings[0])
assert divided.findings[0].agrees
assert plain.findings[0].agrees
assert np.isclose(divided.findings[0].exact, 1 - 0.7, atol=1e-3)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 4. A verifier that errs
#
# A verifier accepts a wrong answer with probability $a$ and rejects a correct one with probability
# $b$. The model learns the verifier: an answer that is right with probability $p$ is *accepted*
# with probability $p' = a + (1 - a - b) p$, and a calibrated model states $p'$, not $p$. For
# $a = 0.3$, $b = 0.1$ and a hard question with $p = 0.2$ that is $0.3 + 0.6 \cdot 0.2 = 0.42$,
# too sure by 0.22. More training does not help, since the model is calibrated to what it is paid by.

# %%
verifier = find_system("verifier-noise")
erring = verifier.run(scale="short")
overconfidence = erring.findings[1]
print(overconfidence)
accepted = 0.3 + (1 - 0.3 - 0.1) * 0.2
assert np.isclose(accepted, 0.42)
assert abs(overconfidence.exact - (accepted - 0.2)) < 0.005
assert overconfidence.agrees

# %% [markdown] slideshow={"slide_type": "slide"}
# ## 5. Shift: training was easier
#
# Confidence is learned on the questions of training. If the questions of the exam look alike but
# are harder, a perfectly calibrated model is overconfident there, under *every* reward.

# %%
shift = find_system("shift")
harder, same = shift.run(scale="short"), shift.run(scale="short", without=True)
system_figure([harder, same]).figure

# %%
print("harder questions:", harder.findings[0])
print("same questions:  ", same.findings[0])
assert harder.findings[0].agrees
assert same.findings[0].agrees
assert harder.findings[0].exact > 0.2
assert abs(same.findings[0].exact) < 1e-9

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What is proved, and what is not
#
# | mechanism | would a proper reward cure it? |
# |---|---|
# | coupling | yes: a strictly proper reward moves confidence to $p$ |
# | sampling noise | yes, since confidence is then pulled back to $p$ |
# | estimator | no: it is a fault of the trainer, and it spoils the proper reward |
# | verifier errors | no: confidence becomes calibrated to the verifier |
# | shift | no: nothing in training knows about the exam |
#
# That each mechanism works as described is proved, or computed exactly, for agents like these. That
# language models become overconfident *through* these mechanisms, in the same order of magnitude, is
# a **conjecture**.
#
# The first row can be tried at once: the same coupled agent, with RLCR in place of the binary
# reward. After as many steps, its gap is less than a quarter as large.

# %% slideshow={"slide_type": "subslide"}
rlcr = Reward.parse("c - (q - c)^2", name="RLCR")
experiment = mechanism("coupling", scale="short").on
under_binary = run(replace(experiment, name="binary"))
under_rlcr = run(replace(experiment, reward=rlcr, name="RLCR"))
for trained in (under_binary, under_rlcr):
    gap = trained.final("mean_confidence") - trained.final("accuracy")
    print(f"{trained.name}: confidence minus accuracy {gap:.3f}, ECE {trained.final('ece'):.3f}")

# %%
gaps = [
    trained.final("mean_confidence") - trained.final("accuracy")
    for trained in (under_binary, under_rlcr)
]
assert gaps[0] > 0.35
assert abs(gaps[1]) < gaps[0] / 4
drift_figure([under_binary, under_rlcr]).figure

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** A verifier accepts 20 % of the wrong answers and never rejects a correct one. A model ends
# calibrated to it. What confidence does it state where it is right half of the time?
#
# <details><summary>Solution</summary>
#
# $p' = 0.2 + 0.8 \cdot 0.5 = 0.6$: too sure by 0.1.
#
# </details>
#
# **2.** Is there a success probability at which the model of exercise 1 is *not* overconfident?
#
# <details><summary>Solution</summary>
#
# The bias is $p' - p = a - (a + b) p = 0.2 (1 - p)$, which is 0 only at $p = 1$.
#
# </details>
#
# **3.** Does mechanism 3 also act if the rollouts of a group are right or wrong *independently* of
# each other, and does a larger group help? Run three experiments with the agent `Tabular` on
# questions with $p$ = 0.3, 0.7 and 0.9, reward RLCR: estimator `"group_mean"`, and `"group_std"` with
# groups of 4 and of 32.
#
# <details><summary>Solution</summary>
#
# It acts, and a larger group helps: after 2,000 steps the calibration error (ECE) is smallest for the
# group mean (and still falls), about twice as large for groups of 4 that are divided, and in between
# for groups of 32.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
assert np.isclose(0.2 + 0.8 * 0.5, 0.6)
p = np.linspace(0, 1, 11)
assert np.allclose((0.2 + 0.8 * p) - p, 0.2 * (1 - p))
world = bank_of([0.3, 0.7, 0.9] * 4, answers=2)
base = Experiment(
    reward=rlcr,
    agent=Tabular(head_start=20.0, noise=0.0),
    world=world,
    elsewhere=world,
    training=LearningRule(batch=world.questions, learning_rate=0.3),
    steps=2000,
    replicates=4,
)
calibration_error = {"group mean": run(base).final("ece")}
for size in (4, 32):
    divided_by_spread = base.with_training(estimator="group_std", group_size=size)
    calibration_error[f"standard deviation, G = {size}"] = run(divided_by_spread).final("ece")
print({name: round(error, 2) for name, error in calibration_error.items()})
mean, few, many = calibration_error.values()
assert mean < many < few
assert few > 1.5 * mean
