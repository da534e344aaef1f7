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
# # What makes a score proper
#
# How do you get somebody to tell you what they really believe? You let them bet. This notebook
# starts from a single bet and ends with the theorem that every honest score is a mixture of bets.
#
# | | |
# |---|---|
# | **You will learn** | why some scores reward honesty and others reward exaggeration; what "proper" means; how every proper score is made of bets |
# | **Time** | 40 minutes |
# | **You need** | probabilities and averages; no earlier notebook |

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

from scoring_theory import Reward, check
from scoring_theory.plotting import FigureSlider, before_training, payoff_curves, regret_map

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One bet
#
# A friend offers you a ticket. It costs 60 cents, and it pays 1 euro if it rains tomorrow. You
# believe that it will rain with probability $p$. Should you buy?
#
# If it rains, you gain $1 - 0.6 = 0.4$. If not, you lose 0.6. On average you gain
#
# $$p \cdot 0.4 - (1 - p) \cdot 0.6 = p - 0.6 .$$
#
# So you buy if you believe more than 0.6, and otherwise you do not. **Your decision tells your
# friend on which side of the price your belief lies**, and you have no reason to deceive anyone.

# %%
price = 0.6
beliefs = np.array([0.3, 0.6, 0.9])
gain = beliefs * (1 - price) - (1 - beliefs) * price
print("belief", beliefs, "-> average gain of buying", gain.round(2))
assert np.allclose(gain, beliefs - price)
assert gain[0] < 0 < gain[2]

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Say a number, and somebody buys for you
#
# Now you do not decide yourself. You state a number $q$, and an agent buys the ticket of price $t$
# for you if $q > t$. You earn
#
# $$B_t(q, c) = (c - t)\,[q > t],$$
#
# where $c$ is 1 if it rains and 0 if not, and $[q > t]$ is 1 if $q > t$ and 0 otherwise. This is
# called a **threshold bet**. Saying what you believe makes the agent decide as you would. But any
# other number on the same side of the price does as well: with one bet, the truth is best, but not
# *alone* the best.

# %%
bet = Reward.parse("(c - t)*(q > t)", t=0.6).called("one bet, price 0.6")
report = check(bet)
assert report.proper.status == "proved"  # the truth is never beaten ...
assert report.strictly_proper.status == "refuted"  # ... but it is tied
assert bet.expected_reward(0.9, 0.9) == bet.expected_reward(0.9, 0.7)
report

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Many bets
#
# A second ticket of another price separates beliefs on both sides of that price, too. With more
# tickets, every number that you could state buys a different portfolio, up to the distance of two
# prices. Below, $n$ tickets have evenly spread prices. The staircase comes close to a smooth curve.
# (In a running notebook, the slider chooses $n$.)

# %%
stairs = {
    n: " + ".join(f"2/{n}*(c - {2 * k + 1}/{2 * n})*({2 * k + 1}/{2 * n} < q)" for k in range(n))
    for n in (1, 2, 4, 10, 20)
}
bets = {n: Reward.parse(text, name=f"{n} bets" if n > 1 else "1 bet") for n, text in stairs.items()}
FigureSlider(payoff_curves, bets, name="bets", shown=[1, 4, 20])

# %%
smooth = Reward.parse("c - (q - c)^2", name="RLCR")
grid = np.linspace(0, 1, 1001)
distances = {
    n: float(np.abs(made.table(grid) - smooth.table(grid)).max()) for n, made in bets.items()
}
print("largest distance from the smooth curve:", {n: round(d, 3) for n, d in distances.items()})
assert all(distance <= 1 / n for n, distance in distances.items())

# %% [markdown]
# The smooth curve is a bet at *every* price from 0 to 1. Adding them up is an integral, and the
# integral is a formula that you may know: with two tickets of every price you earn
#
# $$\int_0^1 2 (c - t)\,[q > t]\,dt = \int_0^q 2 (c - t)\,dt = 2 c q - q^2 = c - (q - c)^2 ,$$
#
# because $c^2 = c$. Apart from the $c$, which you cannot change by what you say, this is the
# **Brier score** $-(q - c)^2$ of weather forecasters: the squared error of the forecast.

# %%
# Both sides agree for c = 0 and c = 1, hence always; check() compares the formulas exactly.
assert Reward.parse("2*c*q - q^2") == Reward.parse("c - (q - c)^2")
assert Reward.from_density("2") == Reward.parse("-(q - c)^2")
assert check(smooth).threshold_density == "2"  # two tickets at every price

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Proper
#
# Let $U(p, q)$ be the expected score of stating $q$ when the truth is $p$:
#
# $$U(p, q) = p\,R(q, 1) + (1 - p)\,R(q, 0) .$$
#
# A score is **proper** if the truth is never beaten, $U(p, q) \le U(p, p)$ for all $p$ and $q$,
# and **strictly proper** if it is beaten *and tied* by nothing. One bet is proper; bets at every
# price are strictly proper. For the Brier score the cost of a misreport is simply its square:
#
# $$U(p, p) - U(p, q) = (p - q)^2 .$$

# %%
p, q = np.meshgrid(grid[::10], grid[::10], indexing="ij")
brier = Reward.parse("-(q - c)^2", name="Brier score")
cost = brier.expected_reward(p, p) - brier.expected_reward(p, q)
assert np.allclose(cost, (p - q) ** 2)
assert check(brier).strictly_proper.status == "proved"
regret_map(cost, grid[::10], name="Brier score")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A score that looks fair and is not
#
# "Lose the distance between what you said and what happened": $-|q - c|$. It looks as natural as
# the square. But its expected score is a *straight line* in $q$, so one of the two ends is always
# best: whoever believes more than 1/2 should say 1. The score rewards exaggeration.

# %%
linear = Reward.parse("-abs(q - c)", name="distance")
refuted = check(linear).proper
print(refuted.reason)
assert refuted.status == "refuted"
assert linear.best_report(0.7) == 1
assert linear.best_report(0.3) == 0

# %% [markdown] slideshow={"slide_type": "subslide"}
# The upper panels show what a misreport gains under three scores when the truth is $p = 0.7$. Where
# a curve is above 0, lying pays. (The lower panels belong to notebook 03. They show that none of
# the three rewards accuracy: a score by itself does not ask for right answers.)

# %%
scores = [brier, linear, Reward.parse("log(1 - abs(q - c))", name="log score")]
assert not any(check(score).jointly_optimal for score in scores)
before_training(scores)

# %% [markdown]
# For the distance, a lie gains $2p - 1$ times the exaggeration if $p > 1/2$. The log score
# $\log q$ or $\log(1 - q)$ is strictly proper like the Brier score, but punishes a sure mistake
# without a bound.

# %%
assert np.isclose(linear.expected_reward(0.7, 1.0) - linear.expected_reward(0.7, 0.7), 0.4 * 0.3)
assert check(scores[2]).strictly_proper.status == "proved"
assert scores[2].payoff(1.0, 0) == -np.inf

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Every proper score is a mixture of bets
#
# We built a proper score by adding bets. The converse is a theorem (Schervish 1989;
# [Theorem 2](../docs/theory.md#theorem-2)): **every** proper score is, up to a constant for each
# outcome, a mixture of threshold bets. The number of tickets at price $t$ is the **Schervish
# weight** $w(t)$. It says which decisions the score cares about:
#
# | score | tickets $w(t)$ at price $t$ | cares about |
# |---|---|---|
# | Brier | $2$ | all decisions alike |
# | log | $1/(t(1 - t))$ | near-certain decisions most |
# | one bet | everything at one price | one decision |

# %%
assert check(brier).threshold_density == "2"
log_weight = Reward.parse(check(scores[2]).threshold_density.replace("t", "q"))
inside = grid[1:-1]
assert np.allclose(log_weight.payoff(inside, 1), 1 / (inside * (1 - inside)))
for score in (brier, scores[2]):
    print(f"{score.name}: w(t) = {check(score).threshold_density}")

# %% [markdown]
# So "which proper score shall I use?" is the question "which decisions will be made with these
# probabilities?". Notebook `05_designing_a_reward` answers it.
#
# ## What you should remember
#
# - A bet reveals on which side of its price a belief lies.
# - Proper: the truth is never beaten. Strictly proper: it is the only best report.
# - Brier and log are strictly proper. The distance $|q - c|$ is not even proper.
# - Proper scores are mixtures of bets, and nothing else.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** You believe 0.75 and a ticket costs 0.5. What do you gain on average by buying, and what
# would you gain by stating 0.75 to the Brier score instead of 0.5?
#
# <details><summary>Solution</summary>
#
# Buying gains $0.75 - 0.5 = 0.25$. Under the Brier score the misreport 0.5 costs
# $(0.75 - 0.5)^2 = 0.0625$, so the truth gains 0.0625.
#
# </details>
#
# **2.** A teacher grades forecasts with $-(q - c)^4$. Is that proper? If not, what should a student
# say who believes 0.8?
#
# <details><summary>Solution</summary>
#
# It is not proper. The student minimises $0.8 (1 - q)^4 + 0.2 q^4$, so $(q/(1 - q))^3 = 4$ and
# $q \approx 0.614$: this score rewards hedging towards 1/2.
#
# </details>
#
# **3.** Which score has $w(t) = 6 t (1 - t)$, that is, cares most about decisions near 1/2? Build it
# with `Reward.from_density` and check that it is strictly proper. What does a misreport of 0.5 cost
# when the truth is 0.7, compared with the Brier score?
#
# <details><summary>Solution</summary>
#
# `Reward.from_density("6*t*(1 - t)")` is strictly proper. The cost of a misreport is
# $\int_{0.5}^{0.7} (0.7 - t)\,w(t)\,dt = 0.0292$, less than the 0.04 of the Brier score, which has two
# tickets everywhere: $6 t (1 - t)$ is at most 1.5.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
assert np.isclose(0.75 - 0.5, 0.25)
assert np.isclose(brier.expected_reward(0.75, 0.75) - brier.expected_reward(0.75, 0.5), 0.0625)
fourth = Reward.parse("-(q - c)^4")
assert check(fourth).proper.status == "refuted"
said = 4 ** (1 / 3) / (1 + 4 ** (1 / 3))
assert round(said, 3) == 0.614
assert abs(grid[np.argmax(fourth.expected_reward(0.8, grid))] - said) <= 0.001
middle = Reward.from_density("6*t*(1 - t)")
assert check(middle).strictly_proper.status == "proved"
middle_cost = middle.expected_reward(0.7, 0.7) - middle.expected_reward(0.7, 0.5)
assert round(float(middle_cost), 4) == 0.0292
assert middle_cost < 0.04
