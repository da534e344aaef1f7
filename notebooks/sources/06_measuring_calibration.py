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
# # Measuring calibration
#
# You have a file: for each answer of a model its confidence, and whether it was right. Is the model
# calibrated? The question sounds simple, and the usual answer, one number called ECE, depends on
# choices that nobody reports. This notebook measures with care, on a synthetic file first, and then on
# yours.
#
# | | |
# |---|---|
# | **You will learn** | reliability diagrams; why ECE needs its conventions; what sampling error does; the three parts of a score; who is better for which decision |
# | **Time** | 45 minutes |
# | **You need** | notebook 00; a CSV file of your own if you have one |

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
from io import BytesIO

import numpy as np

from scoring_theory import Forecasts, binary, brier, calibrate, read_rollouts, replay, rlcr
from scoring_theory.calibration import (
    EqualMass,
    bootstrap_interval,
    brier_score,
    calibration_error_interval,
    corp_decomposition,
    expected_calibration_error,
    kuiper,
    mean_confidence,
    murphy_diagram,
    recalibrate,
    reliability_curve,
    risk_coverage,
    smooth_calibration_error,
    thin_bins,
)
from scoring_theory.calibration import accuracy as share_right
from scoring_theory.plotting import FigureSlider, comparison, corp_diagrams, reliability_grid
from scoring_theory.replaying import story
from scoring_theory.rollouts import example_rollouts

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Your file
#
# The file has a row for each answer, with the columns `confidence` (0 to 1) and `correct` (1 or 0).
# The columns `method`, `dataset` and `question` are used if they are there. Nothing is repaired in
# silence: a value that is not a confidence is an error that names the row.

# %%
small = read_rollouts(BytesIO(b"confidence,correct,method\n0.9,1,A\n0.8,0,A\n0.6,1,B\n0.5,1,B\n"))
assert small.methods == ("A", "B")
small

# %% [markdown]
# Put your file beside this notebook under the name `my_answers.csv`, and run everything again: it is
# then measured at the end. Until then we use a synthetic file of 7,200 answers whose calibration is
# known. Three methods answer the same questions and *know* the same, with success probability $p$; one
# states $(1 + p)/2$ (overconfident), one states $p$, and one states $p/2$ (underconfident).

# %%
rollouts = example_rollouts()
methods = {name: rollouts.forecasts(method=name) for name in rollouts.methods}
assert list(methods) == ["overconfident", "calibrated", "underconfident"]
assert len(rollouts) == 7200
for name, forecasts in methods.items():
    said, right = mean_confidence(forecasts), share_right(forecasts)
    print(f"{name:15} mean confidence {said:.3f}   accuracy {right:.3f}")

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Look first
#
# A **reliability diagram** shows how often answers were right (upwards) among those with a given
# confidence (to the right). On the diagonal the model is calibrated; below it, it is overconfident. The
# grey band is where a calibrated model's curve would lie with 95 % probability, given as many answers.

# %%
corp_diagrams(methods)

# %%
gap = {name: mean_confidence(f) - share_right(f) for name, f in methods.items()}
assert gap["overconfident"] > 0.2
assert gap["underconfident"] < -0.2
assert abs(gap["calibrated"]) < 0.01

# %% [markdown] slideshow={"slide_type": "slide"}
# ## One number, many conventions
#
# The expected calibration error (ECE) puts answers with similar confidences into bins, and averages
# the distance between mean confidence and accuracy. How many bins? Here are 80 answers: twenty at each
# of the confidences 0.85, 0.9, 0.95 and 1, of which 20, 12, 20 and 16 are right. Some groups are too
# modest and some too bold, and a bin that mixes them lets the errors cancel.

# %%
counts = {0.85: 20, 0.9: 12, 0.95: 20, 1.0: 16}
answers = Forecasts(
    correct=np.concatenate([np.arange(20) < count for count in counts.values()]),
    confidence=np.repeat(list(counts), 20),
)
errors = {
    "at each stated value": expected_calibration_error(answers),
    "5 bins": expected_calibration_error(answers, bins=5),
    "10 bins, closed on the left": expected_calibration_error(answers, bins=10, closed="left"),
    "10 bins, closed on the right": expected_calibration_error(answers, bins=10, closed="right"),
    "15 bins": expected_calibration_error(answers, bins=15),
    "2 bins of equal mass": expected_calibration_error(answers, bins=EqualMass(2)),
    "smooth, without bins": smooth_calibration_error(answers),
}
for convention, error in errors.items():
    print(f"{convention:30} {error:.3f}")

# %% [markdown]
# The same answers have an ECE of 0.175 or of 0.075. Models state round numbers, so even the side on
# which bins are closed matters. **Report the convention, or use the stated values themselves.**

# %%
assert np.isclose(errors["at each stated value"], 0.175)
assert np.isclose(errors["5 bins"], 0.075)
assert np.isclose(errors["10 bins, closed on the left"], 0.15)
assert np.isclose(errors["10 bins, closed on the right"], 0.075)
binned = {
    bins: {(f"{bins} bins", ""): reliability_curve(methods["overconfident"], bins=bins)}
    for bins in (3, 5, 10, 20, 40)
}
FigureSlider(reliability_grid, binned, name="bins", shown=[5, 20])

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Chance
#
# A *perfectly* calibrated model has an ECE above 0 in every finite file, because coins fall unevenly. So
# compare with what chance does. A **test** asks how probable such data are under perfect calibration;
# an **interval** says which errors are compatible with the data.

# %%
tested = {name: kuiper(forecasts).p_value for name, forecasts in methods.items()}
for name, forecasts in methods.items():
    ece = expected_calibration_error(forecasts)
    interval = calibration_error_interval(forecasts)
    ends = f"[{interval.low:.3f}, {interval.high:.3f}]"
    print(f"{name:15} ECE at the stated values {ece:.3f} {ends}  p-value {tested[name]:.3f}")
assert expected_calibration_error(methods["calibrated"]) > 0  # although it is calibrated
assert tested["calibrated"] > 0.05
assert tested["overconfident"] < 1e-6
assert tested["underconfident"] < 1e-6
assert calibration_error_interval(methods["calibrated"]).low == 0
print("80 answers:", thin_bins(answers, least=30))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Three parts of a score
#
# The mean Brier loss has three parts:
#
# $$\text{loss} = \underbrace{\text{miscalibration}}_{\text{what recalibration would gain}} -
# \underbrace{\text{discrimination}}_{\text{what the order of confidences is worth}} +
# \underbrace{\text{uncertainty}}_{\text{difficulty of the questions}}$$
#
# The three methods know the same, so discrimination is the same; they differ in miscalibration.

# %%
parts = {name: corp_decomposition(forecasts, brier) for name, forecasts in methods.items()}
for name, part in parts.items():
    loss = part.miscalibration - part.discrimination + part.uncertainty
    print(
        f"{name:15} {part.miscalibration:.3f} - {part.discrimination:.3f} + {part.uncertainty:.3f}"
        f" = {loss:.3f}"
    )
    assert np.isclose(loss, brier_score(methods[name]))
assert parts["calibrated"].miscalibration < 0.001 < 0.07 < parts["overconfident"].miscalibration
assert np.ptp([part.discrimination for part in parts.values()]) < 0.002

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Recalibrate
#
# Miscalibration can be removed afterwards, by a map from stated to observed. The map is fitted on some
# questions and applied to the others, so that the gain is not an illusion. It does not change the order
# of confidences by much, so it cannot add knowledge.

# %%
before, after = {}, {}
for name, forecasts in methods.items():
    mapped = recalibrate(forecasts, method="isotonic", rng=np.random.default_rng(0)).forecasts
    before[name], after[name] = brier_score(forecasts), brier_score(mapped)
    print(f"{name:15} Brier loss {before[name]:.3f} -> {after[name]:.3f}")
assert before["overconfident"] - after["overconfident"] > 0.07
assert abs(before["calibrated"] - after["calibrated"]) < 0.005
assert np.ptp(list(after.values())) < 0.005  # recalibrated, they are equally good

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which is better for which decision?
#
# The middle panel shows what each method earns by the bet at threshold $t$ (a **Murphy diagram**). Safe
# rewards are mixtures of these bets, so a method that is at least as good at *every* threshold is at
# least as good under every safe reward. The right panel: the error rate if only the surest answers are
# given. It depends on the order alone, so it is nearly the same for all three.

# %%
comparison(
    methods,
    {name: murphy_diagram(forecasts) for name, forecasts in methods.items()},
    {name: risk_coverage(forecasts) for name, forecasts in methods.items()},
)

# %%
bets = {name: np.asarray(murphy_diagram(forecasts).payoff) for name, forecasts in methods.items()}
for other in ("overconfident", "underconfident"):
    assert (bets["calibrated"] >= bets[other] - 0.02).all()  # up to chance, nowhere worse
    assert (bets["calibrated"] > bets[other] + 0.03).any()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Now your file
#
# If `my_answers.csv` lies beside this notebook, it is read; otherwise the synthetic file stands in. On
# the command line, `scoring-theory calibrate my_answers.csv --html report.html` measures it as above:
# the error with its interval and what chance does, the smooth error, tests, the three parts of the Brier
# loss, and the paired differences of the methods; `scoring-theory replay my_answers.csv` adds what
# rewards would have paid, and what recalibration would gain. Their ECE has ten bins (`--bins`), and may
# therefore differ a little from the ECE at the stated values that was printed under *Chance*.

# %%
mine = Path("my_answers.csv")
log = read_rollouts(mine) if mine.exists() else rollouts
report = replay(log, {"binary": binary, "rlcr": rlcr})
for label, values in calibrate(log).measures(None):
    name = "ECE in ten bins" if label == "ECE" else label
    print(f"{name:24}", "".join(f"{value:>18}" for value in values))
for sentence in story(report)[:6]:
    print("-", sentence)

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** A model states 0.9 for 10 answers, of which 9 are right, and 0.5 for 10 answers, of which 7 are
# right. What is its ECE at the stated values, and what with one bin for everything?
#
# <details><summary>Solution</summary>
#
# At the stated values $(0 + 0.2)/2 = 0.1$. With one bin: mean confidence 0.7, accuracy 0.8, so 0.1 as
# well: the errors do not have opposite signs, so nothing cancels.
#
# </details>
#
# **2.** Find a model with ECE 0 (one bin) that is badly calibrated.
#
# <details><summary>Solution</summary>
#
# It states 1 for answers that are right half of the time, and 0.5 for answers that are always right:
# mean confidence and accuracy are both 0.75. At the stated values the error is 0.5.
#
# </details>
#
# **3.** How wide is the 95 % bootstrap interval of the Brier loss of the 80 answers above, and how wide
# would you expect it to be with 8,000?
#
# <details><summary>Solution</summary>
#
# About 0.14. Widths shrink with the square root of the number of answers, so with 100 times as many
# about a tenth of it.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
modest = Forecasts(correct=[1] * 9 + [0] + [1] * 7 + [0] * 3, confidence=[0.9] * 10 + [0.5] * 10)
assert np.isclose(expected_calibration_error(modest), 0.1)
assert np.isclose(expected_calibration_error(modest, bins=1), 0.1)
hidden = Forecasts(correct=[1, 0, 1, 1], confidence=[1.0, 1.0, 0.5, 0.5])
assert np.isclose(expected_calibration_error(hidden, bins=1), 0)
assert np.isclose(expected_calibration_error(hidden), 0.5)
rng = np.random.default_rng(0)
few = bootstrap_interval(answers, brier_score, rng=rng)
many = bootstrap_interval(
    Forecasts(correct=np.tile(answers.correct, 100), confidence=np.tile(answers.confidence, 100)),
    brier_score,
    rng=rng,
    resamples=199,
)
print(f"80 answers: width {few.high - few.low:.3f}; 8,000: {many.high - many.low:.3f}")
assert 0.10 < few.high - few.low < 0.18
assert 7 < (few.high - few.low) / (many.high - many.low) < 14
