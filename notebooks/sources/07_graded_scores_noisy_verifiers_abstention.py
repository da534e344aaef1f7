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
# # Graded scores, noisy verifiers, abstention
#
# So far an answer was right or wrong, the verifier knew which, and the model had to answer. Real tasks
# give partial credit, real verifiers err, and a model may say "I do not know". Each of these changes
# which rewards are safe, and each has an exact answer.
#
# | | |
# |---|---|
# | **You will learn** | why RLCR fails with partial credit, and its one-line repair; what verifier errors do to accuracy and to confidence; when a model should stay silent, and how silence becomes a loophole |
# | **Time** | 45 minutes |
# | **You need** | notebook 03 |

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

from scoring_theory import Reward, check, repair
from scoring_theory.plotting import FigureSlider, value_curves
from simulations.figures import phase_figure, system_figure
from simulations.laboratory.abstention import silent_region
from simulations.laboratory.systems import find_system
from simulations.laboratory.verifier_noise import (
    confidence_bias,
    largest_safe_weight,
    phase_diagram,
)

rlcr = Reward.parse("c - (q - c)^2", name="RLCR")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Partial credit
#
# A program passes 3 of 10 tests, for sure: its score is $s = 0.3$. Another passes all tests or none,
# evenly: its mean score is 0.5. Which should the model submit? The second has the larger mean. Now put
# the score in the place of $c$ in RLCR, as one would, and report the mean:
#
# - the sure program earns $0.3 - (0.3 - 0.3)^2 = 0.30$;
# - the other earns $0.5 - \tfrac12 (0.5 - 1)^2 - \tfrac12 (0.5 - 0)^2 = 0.25$.
#
# The worse program earns more. RLCR as written pays the mean *minus the variance* of the score, so it
# teaches to avoid variance.

# %%
sure = 0.3 - (0.3 - 0.3) ** 2
even = 0.5 * (1 - (0.5 - 1) ** 2) + 0.5 * (0 - (0.5 - 0) ** 2)
assert (sure, even) == (0.3, 0.25)
graded = check(rlcr, graded=True)
print(graded.headline())
assert graded.strictly_proper.status == "proved"  # the mean is still the best report ...
assert graded.verdict("jointly optimal").status == "refuted"  # ... of the wrong answer

# %% [markdown] slideshow={"slide_type": "subslide"}
# The repair: interpolate linearly in the score between the rewards for the scores 0 and 1,
#
# $$R(q, s) = s\,(1 - (q - 1)^2) - (1 - s)\,q^2 .$$
#
# For scores 0 and 1 it *is* RLCR. In between it depends on the mean alone, and it is the only extension
# that does ([Theorem 39](../docs/theory.md#theorem-39)).

# %%
affine = Reward.parse("c*(1 - (q - 1)^2) - (1 - c)*q^2", name="affine extension")
assert affine == rlcr  # the same for right and wrong
assert check(affine, graded=True).holds
assert repair(rlcr, graded=True).reward.text == affine.text
earned = [
    0.3 * affine.payoff(0.3, 1) + 0.7 * affine.payoff(0.3, 0),
    affine.expected_reward(0.5, 0.5),
]
assert earned[1] > earned[0]
soft = find_system("soft-verifier")
as_written, extended = soft.run(scale="short"), soft.run(scale="short", without=True)
system_figure([as_written, extended]).figure

# %% [markdown]
# In training, the share of the better answer falls under RLCR as written (left), and rises under its
# extension (right).

# %%
for outcome in (as_written, extended):
    print(outcome.findings[0])
    assert outcome.findings[0].agrees
assert as_written.findings[0].exact < -0.2
assert extended.findings[0].exact > 0.4

# %% [markdown] slideshow={"slide_type": "slide"}
# ## A verifier that errs
#
# It accepts a wrong answer with probability $a$ (false positive) and rejects a right one with
# probability $b$ (false negative). The model is paid for being *accepted*, which happens with
# probability
#
# $$p' = a + (1 - a - b)\,p .$$
#
# Two things follow. **Confidence** becomes calibrated to acceptance: its bias is $p' - p$, and no
# amount of training removes it. **Accuracy** is learned as long as $a + b < 1$. And there is a
# surprise: errors make larger weights *safe*. The model cannot be sure that a deliberately wrong
# answer is rejected, so disowning is worth less. For the Brier score $\lambda^\ast = 1/(1 - 2a)$.

# %%
assert np.isclose(confidence_bias(0.3, 0.1, 0.2), 0.3 + 0.6 * 0.2 - 0.2)
assert largest_safe_weight(0.25) == 2
double = Reward.parse("c - 2*(q - c)^2", name="2 × Brier")
without_errors, with_errors = check(double), check(double, false_positive="1/4")
assert not without_errors.holds
assert with_errors.holds
print("no errors:", without_errors.headline())
print("a = 1/4:  ", with_errors.headline())

# %% [markdown] slideshow={"slide_type": "subslide"}
# The map below was trained, cell by cell: false positive rate to the right, weight upwards. Orange in
# the left panel: the better answer is unlearned. The line is $1/(1 - 2a)$; beyond the dashed line
# $a + b > 1$, and the verifier is worse than none.

# %%
diagram = phase_diagram(0.1, errors=np.linspace(0, 1, 21), weights=np.linspace(0, 4, 17))
phase_figure(diagram).figure

# %%
known = diagram.boundary[diagram.errors < 0.45]
assert np.allclose(known, 1 / (1 - 2 * diagram.errors[diagram.errors < 0.45]))
assert np.isclose(diagram.critical_error, 1 - 0.1)

# %% [markdown] slideshow={"slide_type": "fragment"}
# If the rates are known, confidence can be mended: there is a reward whose *mean over the errors* is the
# honest one ([Theorem 40](../docs/theory.md#theorem-40)).

# %%
corrected = repair(rlcr, false_positive="1/10").reward
a = 0.1
for q in (0.0, 0.3, 0.8):
    if_right = corrected.payoff(q, 1)
    if_wrong = a * corrected.payoff(q, 1) + (1 - a) * corrected.payoff(q, 0)
    assert np.allclose([if_right, if_wrong], [rlcr.payoff(q, 1), rlcr.payoff(q, 0)])
print(corrected.text)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## "I do not know"
#
# Giving no answer earns $A$. A model stays silent where $V(p) < A$, that is, where its best answer earns
# less.
#
# | reward | $A$ | silent where |
# |---|---|---|
# | binary, $c$ | 0 | nowhere: a guess never costs anything |
# | TruthRL, $2c - 1$ | 0 | $p < 1/2$ |
# | confidence target, $c - (1 - c)\,t/(1 - t)$ | 0 | $p < t$ |
# | RLCR | $t^2$ | $p < t$ |
#
# The binary reward teaches to guess, which readers call hallucination.

# %%
assert np.isnan(silent_region(Reward.parse("c"), 0.0)).all()  # nowhere
assert np.allclose(silent_region(Reward.parse("2*c - 1"), 0.0), (0, 0.5))
target = Reward.parse("c - (1 - c)*t/(1 - t)", t="3/4")
assert np.allclose(silent_region(target, 0.0), (0, 0.75))
payments = {t: t**2 for t in (0.25, 0.5, 0.75)}
for t, pays in payments.items():
    assert np.allclose(silent_region(rlcr, pays), (0, t), atol=1e-6)
verdict = check(rlcr, abstain="1/4").settings[0].verdicts["abstaining"]
print(verdict.reason)
assert verdict.status == "proved"
assert "p < 1/2" in verdict.reason

# %% [markdown] slideshow={"slide_type": "subslide"}
# **A loophole.** If silence earns as much as the best answer, $A \ge \max(V(0), V(1))$, nothing is ever
# answered. And silence does not cure sandbagging: under $c + \log$ with $A = -0.1$, a hard question
# is not left unanswered, since a deliberately wrong answer with confidence 0 earns 0, which is more.

# %%
assert silent_region(rlcr, 1.0) == (0.0, 1.0)
log_score = Reward.parse("c + log(1 - abs(q - c))", name="c + log")
assert not check(log_score, abstain="-1/10").holds
assert log_score.payoff(0.0, 0) == 0 > -0.1
weights = {w: Reward.parse("c - lam*(q - c)^2", lam=w).called(f"weight {w:g}") for w in (0.5, 1, 2)}
FigureSlider(value_curves, weights, name="weight λ", shown=[0.5, 1, 2])

# %% [markdown]
# Read the figure with a ruler: a horizontal line at height $A$ cuts a curve where the model starts to
# answer. At weight 2 the curve goes *below* 0 in the middle, so a line at $A = -0.05$ cuts it twice:
# such a model would answer hopeless questions and moderate ones, and be silent in between.

# %%
low, high = silent_region(weights[2], -0.05)
print(f"weight 2, A = -0.05: silent for p from {low:.3f} to {high:.3f}")
assert 0.05 < low < high < 0.5

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What you should remember
#
# - With partial credit, use the straight line between the payments for 0 and 1.
# - With an erring verifier, confidence means "will be accepted". Correct the reward if you know the
#   rates.
# - Choose what silence earns from the threshold you want, $A = V(t)$, and check for the loophole.

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** A sure score of 0.2, or 0 and 1 with probability 0.7 and 0.3. Which does RLCR as written prefer?
#
# <details><summary>Solution</summary>
#
# The sure one: $0.2 > 0.3 - 0.3 \cdot 0.7 = 0.09$, although its mean is smaller.
#
# </details>
#
# **2.** A verifier accepts 40 % of the wrong answers and rejects no right one. Which weights of the Brier
# score are safe, and how large is the bias of confidence at $p = 0.5$?
#
# <details><summary>Solution</summary>
#
# Weights up to $1/(1 - 0.8) = 5$; the bias is $0.4 \cdot 0.5 = 0.2$.
#
# </details>
#
# **3.** What must silence earn under RLCR so that a model answers only above 0.9?
#
# <details><summary>Solution</summary>
#
# $A = V(0.9) = 0.81$.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
assert 0.2 > 0.3 - 0.3 * 0.7
assert np.isclose(0.3 * (1 - (0.3 - 1) ** 2) - 0.7 * 0.3**2, 0.09)
assert np.isclose(largest_safe_weight(0.4), 5)
assert np.isclose(confidence_bias(0.4, 0.0, 0.5), 0.2)
assert np.allclose(silent_region(rlcr, 0.81), (0, 0.9), atol=1e-6)
