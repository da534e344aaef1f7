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
# # Right and honest at once
#
# An agent faces a question. It can give one of several answers; answer $y$ is right with
# probability $p_y$. It chooses an answer and a confidence $q$, and is paid $f(q) = R(q, 1)$ if the
# answer is right and $g(q) = R(q, 0)$ if it is wrong. In expectation, with success probability $p$
# and report $q$, that is
#
# $$U(p, q) = p\,f(q) + (1 - p)\,g(q).$$
#
# A reward is **proper** if the truth is a best report, $U(p, q) \le U(p, p)$, and **strictly**
# proper if it is the only one. That is the classical theory of scoring rules, and it takes $p$ as
# given. But here the agent also *chooses* $p$, by choosing its answer. A reward is **jointly
# optimal** if, of every finite set of answers, the best answer with its true confidence earns the
# most.

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
# What the best report earns, $V(p) = \sup_q U(p, q)$, is a supremum of straight lines in $p$ and
# therefore **convex**. For a proper reward it is what honesty earns, $V(p) = U(p, p)$. Being right
# pays exactly if $V$ never falls. And a convex function never falls on $[0, 1]$ exactly if it does
# not fall *at 0*, where its slope is
#
# $$m = f(0^+) - g(0),$$
#
# the **accuracy margin**. So: *a proper reward is jointly optimal if and only if $m \ge 0$.* One
# number, at one end. (The theorem is machine-checked in `proofs/coq`.)
#
# For $R = c + \lambda S$ with a proper score $S$, the margin falls linearly with the weight, and
# there is a **critical weight** $\lambda^* = 1 / (S(0, 0) - S(0^+, 1))$ above which joint
# optimality is lost. For the Brier score it is 1:

# %%
check("c - lam*(q - c)**2", lam="0 < lam <= 1")

# %% [markdown]
# That was a proof for *every* weight in $(0, 1]$ at once. RLCR uses weight 1, so it sits exactly on
# the boundary:
# $V(p) = p^2$ is flat at 0, and on hopeless questions trying harder earns almost nothing.
#
# ## Two ways to fail
#
# When $m < 0$, two different things go wrong, below two different thresholds.
#
# - **Locally**: where $V$ falls, of two answers the *worse* one earns more.
# - **Globally**: where $V(p) < V(0)$, honest work earns less than an answer that is wrong *on
#   purpose*, stated with
#   $q = 0$. This region is larger: it is enough that giving up is better than working, even where
#   working a bit better would pay.
#
# With the log score at weight 1, which punishes confident errors without bound, both are wide:

# %%
report = check("c + log(1 - abs(q - c))")
print("worse answers earn more below    ", report.local_failure_below)
print("being wrong on purpose pays below", report.global_failure_below)

# %%
value_curves(["rlcr", "c + 2*brier", "c + log"])

# %% [markdown]
# Hollow: where $V$ turns up (local). Filled: where working starts to beat giving up (global).
#
# ## Turn the weight
#
# Move the slider. For Brier, the margin $m = 1 - \lambda$ changes its sign at 1; for log it is
# $-\infty$ at every weight, and only the size of the zones changes. Above, the honest report stays
# the best one at every weight: properness does not care.

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
        picture(one, report=check(one), name=f"{name} (weight {lam:g})")
        for name, one in bound.items()
    ]
    png, drawing = BytesIO(), before_training(pictures)
    with paper_style():
        drawing.savefig(png, format="png", dpi=130)
    frames.append(Image(value=png.getvalue(), format="png", width=620))
slider = SelectionSlider(options=[f"{lam:g}" for lam in weights], value="1", description="weight")
stack = Stack(children=frames, selected_index=weights.index(1))
jslink(
    (slider, "index"), (stack, "selected_index")
)  # in the browser: it turns without a kernel, too
VBox([slider, stack])

# %% [markdown]
# ## Is the trouble that log is unbounded?
#
# No. Twice Brier is bounded and fails. And here is a reward that is unbounded, ruinous for
# confident errors, and safe: $f(q) = q$, $g(q) = q + \log(1 - q)$. Only the payoff for being
# *correct* has to stay finite near $q = 0$: what matters is how hard it is to earn the first bit of
# credit, not how hard one can fall.

# %%
display(check("one_sided"))
payoff_curves(["one_sided", "c + log"])

# %% [markdown]
# ## All safe rewards
#
# Every safe reward is, up to a constant, a mixture of **threshold bets** $B_t(q, c) = (c - t)\,[q >
# t]$: answer and be paid $1 - t$ or $-t$, or abstain and get 0. So a safe reward of range 1 *is* a
# probability distribution over thresholds, and designing a reward is choosing where confidence will
# be used. The binary reward puts all its mass at $t = 0$; RLCR spreads it evenly and puts none at
# 0, which is why its margin is 0.

# %%
check("(c - t)*(q > t)", t=0.75)

# %% [markdown]
# ## Try it
#
# 1. Which weight is safe for the spherical score? `check("c + lam*(1 - abs(q - c))/sqrt(q^2 + (1 -
#    q)^2)", lam=1)`
# 2. The linear penalty, $R = c - |q - c|$, looks harmless. What does it teach?
# 3. Clip the log score, $\log$ of a confidence kept in $[\epsilon, 1 - \epsilon]$. How small may
#    $\epsilon$ be at
#   weight 1/4?
