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
# # Designing a reward
#
# A stated confidence is *used*. Below one value a system searches before it answers; below another it
# asks a person; above a third it acts alone. A reward should pay for calibration where these decisions
# are made. This notebook goes from decisions to a reward with a proof, and mends a reward that
# somebody else designed.
#
# | | |
# |---|---|
# | **You will learn** | why every safe reward is a distribution over decision thresholds; how to choose one; what a margin buys and costs; how to repair an unsafe reward |
# | **Time** | 35 minutes |
# | **You need** | notebooks 01 and 03 |

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
from scipy import stats

from scoring_theory import Reward, as_trl, check, design, repair
from scoring_theory.plotting import FigureSlider, before_training, design_figure, payoff_curves

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A safe reward is a list of prices
#
# In notebook 01 every proper score was a mixture of threshold bets $B_t(q, c) = (c - t)\,[q > t]$:
# "if you are surer than $t$, take the bet that wins $1 - t$ and loses $t$". For a *safe* reward,
# proper and jointly optimal, all bets are about being right, and the mixture is a distribution over
# the thresholds $t$ from 0 to 1 ([Theorem 16](../docs/theory.md#theorem-16)):
#
# - **Mass at $t = 0$** pays for accuracy itself: $B_0 = c$ (for any confidence above 0). It is the
#   accuracy margin $m$.
# - **Mass at $t > 0$** pays for being right about whether your success probability is above $t$.
#
# The binary reward has all its mass at 0, and RLCR has its mass spread evenly, with none at 0.

# %%
binary, rlcr = Reward.parse("c"), Reward.parse("c - (q - c)^2", name="RLCR")
assert check(binary).accuracy_margin.exact == "1"  # all of its range, which is 1
assert check(rlcr).accuracy_margin.exact == "0"
assert check(rlcr).threshold_density == "2"  # even, over a range of 2
bets = {
    t: Reward.parse("(c - t)*(q > t)", t=t).called(f"threshold {t}") for t in (0.2, 0.5, 0.75, 0.9)
}
assert all(check(bet).safe for bet in bets.values())
FigureSlider(payoff_curves, bets, name="threshold t", shown=[0.2, 0.5, 0.9])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## From decisions to a reward
#
# Our system asks a person below 0.6 and searches below 0.9. We give a tenth of the range to accuracy
# itself, and demand a little incentive at *every* threshold (the `curvature`), so that confidences
# between the thresholds are not tied. `design` returns the formula and its proof.

# %%
made = design(thresholds=[0.6, 0.9], margin=0.1, curvature=0.2, name="two gates")
print(made.text)
assert made.report.holds
assert made.report.accuracy_margin.exact == "1/10"
assert [made.report.range[k].exact for k in (0, 1)] == ["-5/8", "3/8"]  # the range is 1
made.report

# %% [markdown]
# Without the curvature the reward is proper but not strictly: 0.65 and 0.85 lead to the same
# decisions, so they earn the same.

# %%
flat = design(thresholds=[0.6, 0.9], margin=0.1)
assert flat.report.proper.status == "proved"
assert flat.report.strictly_proper.status == "refuted"
assert (flat.reward.table([0.65, 0.85])[:, 0] == flat.reward.table([0.65, 0.85])[:, 1]).all()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## See what was designed
#
# Stems are thresholds with a mass of their own; the one at 0 is the accuracy margin. Grey is RLCR with
# the same range.

# %%
design_figure(made)

# %% [markdown] slideshow={"slide_type": "subslide"}
# What does a design do for a user? It raises the price of being wrong about the decisions that
# matter. Suppose that the truth is 0.85, just below the gate of 0.9, and the model says 0.95, so that
# a search is left out that was needed. Scaled to the same range, the design charges more than three
# times as much for that as RLCR. A misreport that changes no decision is cheaper than under RLCR.

# %%
scaled = rlcr * 0.5  # the range of RLCR is 2, that of the design 1
across = [
    float(r.expected_reward(0.85, 0.85) - r.expected_reward(0.85, 0.95))
    for r in (made.reward, scaled)
]
within = [
    float(r.expected_reward(0.75, 0.75) - r.expected_reward(0.75, 0.85))
    for r in (made.reward, scaled)
]
print("cost of crossing the gate:   design {:.4f}, RLCR {:.4f}".format(*across))
print("cost of changing no decision: design {:.4f}, RLCR {:.4f}".format(*within))
assert 3 < across[0] / across[1] < 4
assert within[0] < within[1]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The margin is a choice
#
# The range is a budget. What goes into the margin pays for accuracy; what is left pays for
# calibration. A margin of 0, as in RLCR, is safe, but on very hard questions a better answer earns
# almost nothing more. Thresholds can also have any distribution, here most of them near 0.7:

# %%
margins = {
    m: design(thresholds=stats.beta(8, 3), margin=m).reward.called(f"margin of {m}")
    for m in (0.0, 0.1, 0.3, 0.6)
}
FigureSlider(before_training, margins, name="margin", shown=[0.0, 0.1, 0.6])

# %%
slopes = {m: float(reward.value(0.01) - reward.value(0.0)) / 0.01 for m, reward in margins.items()}
print(
    "what one more unit of accuracy earns on a hard question:",
    {m: round(s, 3) for m, s in slopes.items()},
)
assert all(abs(slope - m) < 1e-3 for m, slope in slopes.items())
lies = {
    m: float(r.expected_reward(0.7, 0.7) - r.expected_reward(0.7, 0.9)) for m, r in margins.items()
}
assert lies[0.0] > lies[0.1] > lies[0.3] > lies[0.6] > 0  # and calibration pays for it

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Repair a reward
#
# Twice the Brier penalty is unsafe (notebook 03). `repair` finds the closest safe reward, in mean
# square over $q$ and $c$, and says how close any safe reward could be. Often the simplest repair, a
# smaller weight, is enough, and easier to explain.

# %%
unsafe = Reward.parse("c - 2*(q - c)^2", name="2 × Brier")
mended = repair(unsafe)
print(f"distance {mended.distance:.3f}; no safe reward is closer than {mended.lower_bound:.3f}")
assert not check(unsafe).jointly_optimal
assert mended.report.safe
assert round(mended.distance, 3) == 0.167
assert mended.lower_bound <= mended.distance < mended.lower_bound + 0.01
assert check("c - (q - c)^2").holds  # the simple repair: half the weight
before_training([unsafe, mended.reward.called("repaired"), rlcr])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Use it
#
# A reward is used by a trainer as a function of completions; what an unreadable confidence earns is
# part of it. (Which trainers keep the reward: notebook 04.)

# %%
grade = as_trl(made.reward)
earned = grade(
    prompts=["2 + 2?"] * 3,
    completions=[
        "<answer>4</answer><confidence>0.95</confidence>",
        "<answer>5</answer><confidence>0.3</confidence>",
        "<answer>4</answer>",  # no confidence: the lowest reward there is
    ],
    solution=["4"] * 3,
)
print([round(r, 3) for r in earned])
assert earned[2] == float(made.report.range[0].value)
assert check(made.reward, estimator="rlcr").holds
assert not check(made.reward, estimator="trl_default", outcomes="by_answer").holds

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** A hospital acts alone only if the model is at least 95 % sure. Design a strictly proper reward
# of range 1 with most of its mass there, and margin 0.05. What does a wrong answer with confidence 1
# earn?
#
# <details><summary>Solution</summary>
#
# `design(thresholds=[0.95], margin=0.05, curvature=0.1)`: the bet at 0.95 has mass 0.85, so a sure
# wrong answer loses $0.85 \cdot 0.95$ and $0.1/2$ for the curvature: $-0.8575$.
#
# </details>
#
# **2.** Is the sum of two safe rewards safe? Is the difference?
#
# <details><summary>Solution</summary>
#
# The sum is: masses add up. The difference need not be: $c$ and $c - (q - c)^2$ are safe, and
# $c - (c - (q - c)^2) = (q - c)^2$ rewards lies.
#
# </details>
#
# **3.** Mend the reward $c + \log(1 - |q - c|)$, clipped to $[0.01, 0.99]$, by the smallest change of its
# weight alone. Which weight?
#
# <details><summary>Solution</summary>
#
# $\lambda^\ast = 1/\log 99 \approx 0.218$ (notebook 03).
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
hospital = design(thresholds=[0.95], margin=0.05, curvature=0.1)
assert hospital.report.holds
assert np.isclose(hospital.reward.payoff(1.0, 0), -0.8575)
assert check(made.reward + rlcr).safe
assert check(binary - rlcr).proper.status == "refuted"
log_clipped = "c + lam*log(clip(1 - abs(q - c), 1/100, 99/100))"
assert check(log_clipped, lam="lam > 0").critical_weight.exact == "1/log(99)"
