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
# # Joint optimality, and how it fails
#
# A weather forecaster cannot make rain. A model *can* choose its answer, and with it how likely it is
# to be right. So a reward for a model must do two things at once: make it honest about the answer it
# gives, and make it give the best answer it has. The first is properness. The second can fail
# although the first holds, and this notebook shows how: as a game, as a curve, and as one number.
#
# | | |
# |---|---|
# | **You will learn** | why an honest model may give wrong answers on purpose; the two ways to fail; the one number that decides; the largest safe weight of a score |
# | **Time** | 45 minutes |
# | **You need** | notebook 00; "proper" (notebook 01) |

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
from scoring_theory.plotting import (
    FigureSlider,
    before_training,
    payoff_curves,
    sandbagging_curves,
    value_curves,
)
from scoring_theory.teaching import SandbaggingGame

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A game: the exam with confidence
#
# You sit an exam. To each question you give an answer *and* your confidence $q$, and the examiner
# pays by the formula $R = c - 2 (q - c)^2$: one point for a right answer, minus twice the squared
# error of your confidence. You know how hard each question is for you.
#
# For each question you may answer honestly, or you may **disown** your answer: write nonsense on
# purpose, and state confidence 0. Nonsense is wrong for sure, so your confidence is perfectly
# right, and you lose nothing: you earn 0.
#
# Set `True` for the questions whose answers you disown, and find the strategy with the most points.

# %%
exam = SandbaggingGame("c - 2*(q - c)^2", [0.1, 0.3, 0.45, 0.6, 0.9])
mine = exam.play(disown=[False, False, False, False, False])  # change this
mine

# %% [markdown] slideshow={"slide_type": "fragment"}
# The honest student loses points on the first three questions. The best strategy disowns exactly
# those: the answers that are right with probability below 1/2. It earns more, and gives fewer right
# answers.

# %%
best = exam.play(disown=exam.disowned_by_the_best())
assert exam.disowned_by_the_best().tolist() == [True, True, True, False, False]
assert best.lost == 0
assert best.total > mine.total
assert best.accuracy < mine.accuracy
best

# %% [markdown] slideshow={"slide_type": "subslide"}
# Training by reward finds the best strategy. The model that it finds is **calibrated**, its
# confidences are right, and it has learned to answer hard questions wrongly. No measure of
# calibration shows the fault.
#
# ## The same exam under three rewards
#
# Now with 19 questions, from $p$ = 0.05 to 0.95, and a student who disowns every answer below a
# cutoff. The marker is the cutoff with the most points.

# %%
difficulties = np.arange(1, 20) / 20
rewards = {
    "RLCR": Reward.parse("c - (q - c)^2", name="RLCR"),
    "2 × Brier": Reward.parse("c - 2*(q - c)^2", name="2 × Brier"),
    "c + log": Reward.parse("c + log(1 - abs(q - c))", name="c + log"),
}
games = {name: SandbaggingGame(reward, difficulties) for name, reward in rewards.items()}
sandbagging_curves(list(games.values()))

# %% [markdown]
# Under RLCR, disowning never pays. Under the other two it pays on the hard questions, and costs a
# quarter of the right answers for twice the Brier score, and two fifths for the log score.

# %%
away = {name: game.disowned_by_the_best() for name, game in games.items()}
assert {name: int(each.sum()) for name, each in away.items()} == {
    "RLCR": 0,
    "2 × Brier": 9,
    "c + log": 12,
}
honest = games["RLCR"].play(below=0).accuracy
lost = {name: 1 - game.play(disown=away[name]).accuracy / honest for name, game in games.items()}
print("share of right answers that is lost:", {name: round(each, 2) for name, each in lost.items()})
assert lost["RLCR"] == 0
assert 0.22 < lost["2 × Brier"] < 0.28
assert 0.38 < lost["c + log"] < 0.42

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The curve behind the game
#
# Let $V(p)$ be what an answer with success probability $p$ earns when it is reported as well as
# possible:
#
# $$V(p) = \max_q\; p\,R(q, 1) + (1 - p)\,R(q, 0) .$$
#
# A deliberately wrong answer earns $V(0)$. Two things can go wrong:
#
# - **Local failure.** Where $V$ goes down, the *worse* of two answers earns more.
# - **Global failure.** Where $V(p) < V(0)$, a deliberately wrong answer earns more than honest work.
#   This happens on a larger region: it includes values of $p$ where $V$ rises again, but has not
#   yet come back to $V(0)$.

# %% slideshow={"slide_type": "subslide"}
reports = {name: check(reward) for name, reward in rewards.items()}
for name, report in reports.items():
    print(f"{name}: local failure below {report.local_failure_below},", end=" ")
    print(f"global failure below {report.global_failure_below}")
assert reports["2 × Brier"].local_failure_below.exact == "1/4"
assert reports["2 × Brier"].global_failure_below.exact == "1/2"
assert reports["RLCR"].global_failure_below is None
value_curves(list(rewards.values()))

# %% [markdown]
# The thresholds of the game are those of the curve: the best student disowns the questions with
# $V(p) < V(0)$, and no others.

# %%
for name in games:
    below = reports[name].global_failure_below
    cutoff = 0.0 if below is None else float(below.value)
    assert (away[name] == (difficulties < cutoff)).all()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One number decides
#
# $V$ is a maximum of straight lines in $p$, so it is **convex**: it curves upwards. A convex curve
# on $[0, 1]$ never goes down if and only if it does not go down *at 0*. Its slope there is the
# **accuracy margin**
#
# $$m = R(0^+, 1) - R(0, 0) ,$$
#
# what a right answer earns that was stated with almost no confidence, minus what a wrong answer earns
# that was stated with confidence 0. So ([Theorem 7](../docs/theory.md#theorem-7)):
#
# > A proper reward makes the best answer with honest confidence optimal **if and only if** $m \ge 0$.
#
# This is called **joint optimality**. The theorem is checked by Coq, a program that verifies
# mathematical proofs (notebook 09).

# %%
margins = {name: report.accuracy_margin.exact for name, report in reports.items()}
print(margins)
assert margins["RLCR"] == "0"
assert margins["2 × Brier"] == "-1"
assert margins["c + log"] == "-inf"
for name, report in reports.items():
    grid = np.linspace(0, 1, 201)
    rises = bool((np.diff(rewards[name].value(grid)) >= -1e-12).all())
    assert rises == (report.accuracy_margin.value >= 0) == bool(report.jointly_optimal)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The largest safe weight
#
# Put a proper score $S$ beside correctness: $R = c + \lambda S$. The margin falls as the weight
# $\lambda$ grows, and there is a largest safe weight
#
# $$\lambda^\ast = \frac{1}{S(0, 0) - S(0^+, 1)} .$$
#
# | score | $\lambda^\ast$ |
# |---|---|
# | Brier, $-(q - c)^2$ | 1 |
# | spherical | 1 |
# | log | 0: no weight is safe |
# | log, clipped to $[0.01, 0.99]$ | $1/\log 99 \approx 0.218$ |
#
# RLCR has weight 1, exactly at the boundary.

# %%
formulas = {
    "c - lam*(q - c)^2": 1.0,
    "c + lam*spherical": 1.0,
    "c + lam*log": 0.0,
    "c + lam*log(clip(1 - abs(q - c), 1/100, 99/100))": 1 / np.log(99),
}
for formula, expected in formulas.items():
    weight = check(formula, lam="lam > 0").critical_weight
    print(f"{formula}: lam* = {weight}")
    assert np.isclose(float(weight.value), expected)
assert round(1 / np.log(99), 3) == 0.218

# %% [markdown] slideshow={"slide_type": "subslide"}
# Move the weight. In the upper panels honesty stays optimal at every weight: the weight does not
# affect properness. In the lower panels the zones of failure open as soon as the weight is above
# $\lambda^\ast = 1$.

# %%
family = Reward.parse("c - lam*(q - c)^2", lam="lam > 0")
weights = {w: family.bind(lam=w).called(f"weight {w:g}") for w in (0.25, 0.5, 1, 1.25, 1.5, 2, 3)}
FigureSlider(before_training, weights, name="weight λ", shown=[0.5, 1, 1.5, 3])

# %%
for weight, reward in weights.items():
    report = check(reward)
    assert report.strictly_proper.status == "proved"
    assert bool(report.jointly_optimal) == (weight <= 1)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Is the log score bad because it is unbounded?
#
# No. Twice the Brier score is bounded, and fails. And here is a reward without a bound that is
# safe: $R(q, 1) = q$ and $R(q, 0) = q + \log(1 - q)$. It punishes a sure mistake without limit, as
# the log score does. The difference is on the other side: a *right* answer with little confidence
# must not be punished. The margin does not ask about large confidences at all.

# %%
one_sided = Reward.parse("c*q + (1 - c)*(q + log(1 - q))", name="one-sided")
verdict = check(one_sided)
assert verdict.holds
assert one_sided.payoff(1.0, 0) == -np.inf
assert verdict.accuracy_margin.exact == "0"
payoff_curves([one_sided, rewards["c + log"]])

# %% [markdown]
# ## What you should remember
#
# - A model chooses its answer, so properness is not enough.
# - An unsafe reward makes it *honest and wrong*: calibrated, and sandbagging on hard questions.
# - For a proper reward one number decides: the accuracy margin $m \ge 0$.
# - $c + \lambda S$ is safe up to $\lambda^\ast$: 1 for Brier, nothing for log.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** Compute by hand for which $p$ a deliberately wrong answer earns more under
# $c - 3 (q - c)^2$. (Honest work earns $V(p) = p - 3 p (1 - p)$.)
#
# <details><summary>Solution</summary>
#
# $V(p) < 0$ means $1 < 3 (1 - p)$, so $p < 2/3$.
#
# </details>
#
# **2.** To mend the log score someone clips the confidence to $[\epsilon, 1 - \epsilon]$ and uses
# weight 1/4. How small may $\epsilon$ be for the reward to be safe?
#
# <details><summary>Solution</summary>
#
# $\lambda^\ast = 1/\log((1 - \epsilon)/\epsilon) \ge 1/4$ means $\epsilon \ge 1/(1 + e^4) \approx
# 0.018$. With $\epsilon = 0.01$ the reward is not safe, with 0.02 it is.
#
# </details>
#
# **3.** Is there an exam in which a student under $2 \times$ Brier loses nothing by being honest?
#
# <details><summary>Solution</summary>
#
# Yes: any exam in which every question is answered correctly with probability at least 1/2. The fault
# of the reward is invisible on easy questions.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
assert check("c - 3*(q - c)^2").global_failure_below.exact == "2/3"
least = 1 / (1 + np.e**4)
assert round(least, 3) == 0.018
clipped = Reward.parse("c + 1/4*log(clip(1 - abs(q - c), e, 1 - e))", e="0 < e < 1/2")
assert not check(clipped.bind(e="0.01")).jointly_optimal
assert check(clipped.bind(e="0.02")).jointly_optimal
easy = SandbaggingGame("c - 2*(q - c)^2", [0.5, 0.7, 0.9])
assert easy.play(below=0).lost == 0
