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
# # Joint optimality: accurate and calibrated at once
#
# An agent gives one of several answers to a question; answer $y$ is correct with probability $p_y$.
# It chooses an answer and a confidence $q$, and its reward is $f(q) = R(q, 1)$ if the answer is
# correct and $g(q) = R(q, 0)$ if it is wrong. With success probability $p$ and report $q$, the
# expected reward is
#
# $$U(p, q) = p\,f(q) + (1 - p)\,g(q).$$
#
# A reward is **proper** if truthful reporting is optimal, $U(p, q) \le U(p, p)$, and **strictly
# proper** if it is the only optimum. This is the classical theory of scoring rules, in which $p$ is
# given. Here, however, the agent also *chooses* $p$ when it chooses its answer. A reward is
# **jointly optimal** if, for every finite set of answers, the most probable answer with its true
# confidence has the largest expected reward.

# %%
# %matplotlib inline
# %config InlineBackend.figure_formats = ["retina"]
from io import BytesIO

from IPython.display import display
from ipywidgets import Image, SelectionSlider, Stack, VBox, jslink

from scoring_theory import Reward, check
from scoring_theory.plotting import (
    before_training,
    paper_style,
    payoff_curves,
    picture,
    value_curves,
)

# %% [markdown]
# ## One number decides
#
# The optimal expected reward, $V(p) = \sup_q U(p, q)$, is a supremum of linear functions of $p$ and
# therefore **convex**. For a proper reward it is the expected score, $V(p) = U(p, p)$. Accuracy is
# rewarded if and only if $V$ never decreases. A convex function never decreases on $[0, 1]$ if and
# only if it does not decrease *at 0*, where its slope is
#
# $$m = f(0^+) - g(0),$$
#
# the **accuracy margin**. Therefore *a proper reward is jointly optimal if and only if $m \ge 0$.*
# (The proof is machine-checked in `proofs/coq`.)
#
# For $R = c + \lambda S$ with a proper score $S$, the margin decreases linearly with the weight
# $\lambda$, and there is a **largest safe weight** $\lambda^* = 1 / (S(0, 0) - S(0^+, 1))$ above
# which the reward is not jointly optimal. For the Brier score it is 1:

# %%
check("c - lam*(q - c)**2", lam="0 < lam <= 1")

# %% [markdown]
# This is a proof for *every* weight in $(0, 1]$ at once. RLCR uses weight 1, which is exactly the
# boundary: $V(p) = p^2$ has slope 0 at 0, so on questions with small $p$ a better answer earns
# almost nothing more.
#
# ## Two ways to fail
#
# If $m < 0$, a reward fails in two ways, below two different thresholds.
#
# - **Local failure**: where $V$ decreases, the *worse* of two answers earns more.
# - **Global failure**: where $V(p) < V(0)$, truthful work earns less than a deliberately wrong
#   answer with $q = 0$. This region is larger: it includes success probabilities at which $V$
#   already increases but has not reached $V(0)$ again.
#
# With the log score at weight 1, whose penalty for confident errors is unbounded, both regions are
# wide:

# %%
report = check("c + log(1 - abs(q - c))")
print("local failure (a worse answer earns more): p below         ", report.local_failure_below)
print("global failure (a deliberate error earns more): p below    ", report.global_failure_below)

# %%
value_curves(["rlcr", "c + 2*brier", "c + log"])

# %% [markdown]
# The hollow marker is the local failure threshold, from which $V$ increases. The filled marker is
# the global failure threshold, from which truthful work earns more than a deliberately wrong
# answer.
#
# ## Change the weight
#
# Move the slider. For Brier, the margin $m = 1 - \lambda$ changes its sign at 1. For log it is
# $-\infty$ at every weight, and only the size of the regions changes. In the upper panels truthful
# reporting is optimal at every weight: the weight does not affect propriety.

# %%
weights = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3]
families = {
    "Brier": Reward.parse("c - lam*(q - c)^2", lam="lam > 0"),
    "log": Reward.parse("c + lam*log(1 - abs(q - c))", lam="lam > 0"),
}
frames = []
for lam in weights:
    bound = {name: family.bind(lam=lam) for name, family in families.items()}
    pictures = [
        picture(reward, report=check(reward), name=f"{name} (weight {lam:g})")
        for name, reward in bound.items()
    ]
    png, drawing = BytesIO(), before_training(pictures)
    with paper_style():
        drawing.savefig(png, format="png", dpi=130)
    frames.append(Image(value=png.getvalue(), format="png", width=620))
slider = SelectionSlider(options=[f"{lam:g}" for lam in weights], value="1", description="weight")
stack = Stack(children=frames, selected_index=weights.index(1))
# The link runs in the browser, so the slider works without a kernel as well.
jslink((slider, "index"), (stack, "selected_index"))
VBox([slider, stack])

# %% [markdown]
# ## Is the cause that the log score is unbounded?
#
# No. Twice the Brier score is bounded and fails. Conversely, $f(q) = q$, $g(q) = q + \log(1 - q)$
# is an unbounded reward with an unlimited penalty for confident errors, and it is safe. Only the
# reward of a *correct* answer has to stay finite near $q = 0$: the margin depends on the reward of
# small confidences, not on the penalty of large ones.

# %%
display(check("one_sided"))
payoff_curves(["one_sided", "c + log"])

# %% [markdown]
# ## All safe rewards
#
# Every safe reward is, up to a constant, a mixture of **threshold bets** $B_t(q, c) = (c - t)\,[q >
# t]$: answer and earn $1 - t$ if correct and $-t$ if wrong, or abstain and earn 0. So a safe reward
# of range 1 *is* a probability distribution over thresholds, and to design a reward, one chooses
# the decision thresholds. The binary reward has all its mass at $t = 0$. RLCR has uniform mass and
# none at 0, which is why its margin is 0.

# %%
check("(c - t)*(q > t)", t=0.75)

# %% [markdown]
# ## Try it
#
# 1. Which weights are safe for the spherical score? Start with
#    `check("c + lam*(1 - abs(q - c))/sqrt(q^2 + (1 - q)^2)", lam=1)`.
# 2. The linear penalty, $R = c - |q - c|$, looks harmless. Which confidence is optimal under it?
# 3. Clip the confidence in the log score to $[\epsilon, 1 - \epsilon]$. How small can $\epsilon$ be
#    at weight 1/4?
