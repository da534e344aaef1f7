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
# # No single fix
#
# Papers propose fixes one at a time: a better formula, several judges, a baseline, majority votes,
# separate credit. This notebook puts fixes side by side in small simulated systems in which the truth
# is known, and looks for the fault that each one leaves. Every number that a simulation measures stands
# beside its exact value.
#
# | | |
# |---|---|
# | **You will learn** | how to compare fixes fairly (a factorial design); what interactions are; what majority votes, ensembles and separate credit repair, and what they cannot |
# | **Time** | 45 minutes |
# | **You need** | notebooks 02 and 03 |

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
from IPython.display import HTML

from scoring_theory.display import table
from scoring_theory.plotting import FigureSlider
from simulations.figures import system_figure
from simulations.laboratory.combinations import effect_of, factorial_signs
from simulations.laboratory.decision_gap import changing_threshold, forecasters
from simulations.laboratory.majority import basin
from simulations.laboratory.separate_credit import sandbagging_weight, shared_logit_weight
from simulations.laboratory.systems import SYSTEM_TITLES, find_system

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Four fixes, sixteen combinations
#
# An overconfident model is trained with judges. Some of them overrate a wrong answer, and their scales
# differ: all answers to one question earn a bonus, those to another a penalty. Four fixes can be switched
# on or off:
#
# - **formula**: a proper score (Brier) is added to the reward;
# - **ensemble**: the smallest acceptance of three judges counts, instead of one judge's;
# - **contrast**: an offline baseline is subtracted from the rewards of each question;
# - **estimator**: rewards are compared with the mean and standard deviation of their group (GRPO),
#   instead of those of the whole batch (PPO, REINFORCE++).
#
# To compare them fairly, run **all 16 combinations** (Fisher, 1935). The *main effect* of a fix is the
# mean result with it minus the mean result without it, over all states of the others. The *interaction*
# of two fixes says how much more one does when the other is there.

# %%
signs = factorial_signs()
outcome = 0.3 + 0.1 * (signs["ensemble"] > 0)  # invented: the ensemble adds 0.1, the rest nothing
assert np.isclose(effect_of(outcome, signs["ensemble"]), 0.1)
assert np.isclose(effect_of(outcome, signs["formula"]), 0)
assert np.isclose(effect_of(outcome, signs["formula x ensemble"]), 0)
factors = [name for name in signs if " x " not in name]
assert factors == ["formula", "ensemble", "contrast", "estimator"]

# %% slideshow={"slide_type": "subslide"}
combinations = find_system("combinations")
trained = combinations.run(scale="short")
effects = {(row[0], row[1]): float(row[4]) for row in trained.rows}  # exact values
system_figure([trained]).figure

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What the sixteen combinations say
#
# - **Accuracy** is repaired by the ensemble, since it sees through the overrating judges. Where it does,
#   learning *faster* helps too: bonus and penalty inflate the standard deviation of the batch, which slows
#   learning, and the baseline removes them.
# - **One is enough**: so does the mean of the group, and beside it the baseline does nothing. Hence the
#   interaction of contrast and estimator is as large as the effect of the contrast, and negative.
# - **Calibration** is not repaired by the formula alone. Averaged over all states it does nothing: with a
#   judge that is wrong, it calibrates confidence to that judge.
# - **Together** they work: the interaction of formula and ensemble lowers the calibration error. That of
#   formula and estimator raises it: dividing by the standard deviation of a group works against the score.

# %%
shown = ("formula", "ensemble", "contrast", "estimator", "formula x ensemble", "formula x estimator",
         "contrast x estimator")  # fmt: skip
rows = [
    (name, f"{effects['accuracy', name]:+.3f}", f"{effects['calibration error', name]:+.3f}")
    for name in shown
]
assert all(finding.agrees for finding in trained.findings)
assert effects["accuracy", "ensemble"] > 0.1
assert abs(effects["accuracy", "formula"]) < 0.01 < effects["accuracy", "contrast"]
assert abs(effects["accuracy", "contrast"] + effects["accuracy", "contrast x estimator"]) < 0.001
assert abs(effects["calibration error", "formula"]) < 0.01
assert effects["calibration error", "formula x ensemble"] < -0.01
assert effects["calibration error", "formula x estimator"] > 0.01
HTML(table(rows, head=("effect", "on accuracy", "on calibration error")))

# %% [markdown]
# Take away the faults of the judges, overrating and scales, and the formula does what it promises: it
# lowers the calibration error. The ensemble and the baseline have nothing left to do.

# %%
honest_judges = combinations.run(scale="short", without=True)
effects_without = {(row[0], row[1]): float(row[4]) for row in honest_judges.rows}
print("formula, honest judges:", effects_without["calibration error", "formula"])
assert effects_without["calibration error", "formula"] < -0.01
assert abs(effects_without["accuracy", "ensemble"]) < 0.001
assert abs(effects_without["accuracy", "contrast"]) < 0.001

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Majority votes
#
# Without a verifier, some methods reward the model's most frequent answer as if it were right. The answer
# that is most frequent *before* training wins, right or wrong, so that nothing is corrected. The boundary
# is not one half: the right answer wins if its share exceeds that of the *strongest wrong* answer.

# %%
majority = find_system("majority")
voted = majority.run(scale="short")
for finding in voted.findings:
    print(finding)
above, below = voted.findings[:2]
assert above.exact > 0.3
assert below.exact < -0.1
assert basin(0.333) < 0.5
system_figure([voted, majority.run(scale="short", without=True)]).figure

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Separate credit
#
# Pay the tokens of the answer for correctness, and the tokens of the confidence for the score. Then no
# weight of the score can make the worse answer the better choice. With one reward for all tokens, answers
# of $p = 0.1$ and $0.4$ change places above $\lambda = 1/(1 - 0.1 - 0.4) = 2$. But if *one parameter* moves
# both answer and confidence, separate credit fails as well, and even earlier: above 0.6. (A saved page
# shows the weights 0.3, left, and 3, right.)

# %%
assert np.isclose(sandbagging_weight(0.1, 0.4), 2)
assert np.isclose(shared_logit_weight(0.1, 0.4, share=0.5), 0.6)
credit = find_system("separate-credit")
apart, together = credit.run(scale="short"), credit.run(scale="short", without=True)
assert apart.findings[0].exact > 0.3  # separate parameters: the better answer is learned ...
assert together.findings[0].exact < -0.3  # ... which one reward at weight 3 unlearns
assert apart.findings[1].exact < -0.3  # a shared parameter unlearns it all the same
settings = {3: apart} | {w: credit.run(scale="short", knobs={"weight": w}) for w in (0.3, 1)}
FigureSlider(system_figure, dict(sorted(settings.items())), name="weight", shown=[0.3, 3])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A better score can decide worse
#
# One forecaster is often moderately informed, another seldom but then very sure. The Brier score prefers
# the first. A user who acts only above 0.8 gains from the second alone. So even "optimise a proper score"
# is not the fix: *which* proper score depends on the decision (notebook 05).

# %%
gap = find_system("decision-gap")
by_brier, by_design = gap.run(scale="short", without=True), gap.run(scale="short")
share, utility, loss = (finding.exact for finding in by_brier.findings)
print("Brier training changes the utility by", round(utility, 3), "and the Brier loss by", round(loss, 3))
assert utility < 0
assert loss < 0
share, utility, loss = (finding.exact for finding in by_design.findings)
print("design training changes the utility by", round(utility, 3), "and the Brier loss by", round(loss, 3))
assert utility > 0
assert loss > 0
often = gap.knob("sure").default
assert 0.6 < changing_threshold(*forecasters(often)) < 0.8  # above it, the second decides better

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The laboratory
#
# There are about two dozen such systems: reward-model ensembles, self-training, votes, retrieval,
# rubrics, abstention and others ([all of them](../docs/systems.md)). Each has a command,
# `scoring-theory simulate NAME`, with its source and the question whether it agrees with the paper.
# Choose one, and ask it: what does it repair, and what does it leave?

# %%
system = find_system("retrieval")  # or another name of SYSTEM_TITLES
print(SYSTEM_TITLES[system.name])
print(system.verdict)
assert len(SYSTEM_TITLES) >= 24

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** Two fixes have main effects +0.1 and +0.1 on accuracy, and interaction 0. By how much does accuracy
# rise if both are switched on together, compared with neither?
#
# <details><summary>Solution</summary>
#
# By 0.2: without an interaction, effects add up.
#
# </details>
#
# **2.** Answers of $p = 0.2$ and $0.5$ and one reward for all tokens. From which weight of the Brier score on
# does training choose the worse answer?
#
# <details><summary>Solution</summary>
#
# $\lambda > 1/(1 - 0.2 - 0.5) = 3.33$.
#
# </details>
#
# **3.** A model's most frequent answer has a share of 0.4 and is wrong; the right answer has 0.35. Majority
# votes, then training on them. And if you could raise the right answer to 0.45 first (by a better prompt)?
#
# <details><summary>Solution</summary>
#
# At first the wrong answer wins, since it is the strongest. At 0.45 the right one exceeds 0.4 and wins: the
# boundary is the share of the strongest wrong answer.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
both = 0.3 + 0.1 * (signs["formula"] > 0) + 0.1 * (signs["ensemble"] > 0)
assert np.isclose(effect_of(both, signs["formula x ensemble"]), 0)
on, off = (signs["formula"] + signs["ensemble"] == each for each in (2, -2))
assert np.isclose(both[on].mean() - both[off].mean(), 0.2)
assert round(sandbagging_weight(0.2, 0.5), 2) == 3.33
assert "exceeds that of the strongest wrong answer" in voted.boundary
