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
# # Trainers that undo your reward
#
# You have a reward that is proved to be honest. You give it to a trainer, and confidence runs to 1.
# Nobody made a mistake in the proof: the trainer did not optimise your reward. It optimised the
# **advantage**, and on the way it divided by a standard deviation. This notebook computes that by
# hand, with a group of four, and then draws the map of trainers.
#
# | | |
# |---|---|
# | **You will learn** | what an advantage is; why dividing by the standard deviation of a group changes what is best; which trainers keep your reward and which do not; how to check the function, the configuration and the run that you have |
# | **Time** | 55 minutes |
# | **You need** | notebook 00; mean and standard deviation |

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
from tempfile import TemporaryDirectory

import numpy as np
from IPython.display import HTML

from scoring_theory import (
    ESTIMATORS,
    READERS,
    ConfidenceMonitor,
    Reader,
    Reward,
    check,
    effective_advantage,
    probe,
    read_config,
    scorer,
)
from scoring_theory.advantage import (
    agreeing_pull,
    kept_report,
    large_group_bias,
    lone_score,
    mixed_report,
)
from scoring_theory.display import table
from scoring_theory.plotting import FigureSlider, advantage_curves, watched_runs
from scoring_theory.plotting.advantage_curves import advantage_picture
from simulations.gallery.watched import first_alarms, watched_panels

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What GRPO does with rewards
#
# For each question the model writes a group of $G$ answers (rollouts). They earn rewards
# $r_1, \dots, r_G$. GRPO makes rollout $i$ more or less probable in proportion to its **advantage**
#
# $$A_i = \frac{r_i - \text{mean}(r)}{\text{std}(r)} .$$
#
# Subtracting the mean is harmless: it only asks "better than my siblings?". Dividing by the standard
# deviation looks harmless as well: it is "only a change of units". But the unit is different in every
# group.
#
# ## By hand: four rollouts
#
# Our question is a forecast: all rollouts of a group share one outcome, right with probability
# $p = 0.7$. The reward is RLCR, $c - (q - c)^2$. Three rollouts are honest and state 0.7. One is bolder
# and states 0.8. **If the outcome is right:**

# %%
rlcr = Reward.parse("c - (q - c)^2", name="RLCR")
stated = np.array([0.7, 0.7, 0.7, 0.8])
right = rlcr.payoff(stated, 1)
print("rewards:            ", right.round(4))
print("minus the mean:     ", (right - right.mean()).round(4))
print("divided by std, too:", ((right - right.mean()) / right.std(ddof=1)).round(4))
assert np.allclose(right, [0.91, 0.91, 0.91, 0.96])
assert np.isclose(right[3] - right.mean(), 0.0375)
assert np.isclose((right[3] - right.mean()) / right.std(ddof=1), 1.5)

# %% [markdown] slideshow={"slide_type": "fragment"}
# **If the outcome is wrong:**

# %%
wrong = rlcr.payoff(stated, 0)
print("rewards:            ", wrong.round(4))
print("minus the mean:     ", (wrong - wrong.mean()).round(4))
print("divided by std, too:", ((wrong - wrong.mean()) / wrong.std(ddof=1)).round(4))
assert np.allclose(wrong, [-0.49, -0.49, -0.49, -0.64])
assert np.isclose(wrong[3] - wrong.mean(), -0.1125)
assert np.isclose((wrong[3] - wrong.mean()) / wrong.std(ddof=1), -1.5)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What the bold rollout earns on average
#
# Right comes with probability 0.7, wrong with 0.3.
#
# - **Mean only:** $0.7 \cdot 0.0375 - 0.3 \cdot 0.1125 = -0.0075$. Boldness loses a little. Good: the
#   large loss when wrong outweighs the small gain when right. That is what makes a score proper.
# - **Divided:** $0.7 \cdot 1.5 - 0.3 \cdot 1.5 = +0.6$. Boldness wins, and by a lot. The division made
#   the large loss and the small gain *equally large*.
#
# In a group where one rollout differs from the rest, the standard deviation *is* that difference, up
# to a factor. So what is left is only the sign: $\pm 3/\sqrt{4} = \pm 1.5$, **for every reward**. The
# penalty has been divided away, and what remains is the question "was I bold in the direction that
# happens more often?".

# %%
by_mean = 0.7 * (right[3] - right.mean()) + 0.3 * (wrong[3] - wrong.mean())
divided = 0.7 * 1.5 - 0.3 * 1.5
assert np.isclose(by_mean, -0.0075)
assert np.isclose(divided, 0.6)
assert lone_score(4) == 3 / 4**0.5 == 1.5
assert np.isclose(lone_score(4) * agreeing_pull(0.7, 4, outcomes="shared"), divided)
for reward in (rlcr, Reward.parse("c + log(1 - abs(q - c))"), Reward.parse("c - 9*(q - c)^2")):
    paid = reward.payoff(stated, 1)
    assert np.isclose((paid[3] - paid.mean()) / paid.std(ddof=1), 1.5)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Where it ends
#
# If one rollout gains by going up from 0.7, all will, and then the next goes up from 0.8. A
# confidence from which no single rollout gains by leaving is called **stable**. With the mean only,
# the truth is the one stable confidence. With the division it is 1 if $p > 1/2$, and 0 if $p < 1/2$.

# %%
levels = np.arange(21) / 20
for p in (0.3, 0.7):
    for estimator in ("group_mean", "group_std"):
        found = effective_advantage(
            rlcr, p, levels, estimator=estimator, outcomes="shared", group_size=4
        )
        print(found)
        expected = [p] if estimator == "group_mean" else [round(p)]
        assert np.allclose(found.stable, expected)

# %% [markdown]
# The figure shows the gain from stating $q$ while all others are honest: in expected reward (left)
# and in the advantage that the trainer uses (right). The dot is the truth. On the right every
# confidence on one side of it gains.

# %%
gains = {
    p: advantage_picture(rlcr, p, estimator="grpo", outcomes="shared")
    for p in (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9)
}
FigureSlider(advantage_curves, gains, name="success probability p", shown=[0.3, 0.7])

# %%
for p, drawn in gains.items():
    assert drawn.paid.max() <= 1e-12  # a proper reward: no misreport gains reward
    assert (drawn.followed.max() > 0.1) == (p != 0.5)  # a misreport gains advantage

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What if the rollouts are right or wrong independently?
#
# Then most groups are mixed, and the difference between right and wrong answers dominates the
# standard deviation, so the unit is nearly the same in every group. The damage comes from the groups
# that happen to agree: their standard deviation comes from the confidences alone. Large groups agree
# more rarely, so the bias shrinks, about like $3 (2p - 1)/(2G)$.

# %%
fine = np.arange(101) / 100
for size in (4, 8, 32, 64):
    found = effective_advantage(rlcr, 0.7, fine, estimator="grpo", group_size=size)
    print(found)
    if size <= 8:
        assert np.allclose(found.stable, 1)
    else:
        assert np.abs(found.stable - mixed_report(0.7, size)).max() < 0.01
assert np.isclose(large_group_bias(0.7, 64), 3 * 0.4 / 128)
assert abs(mixed_report(0.7, 64) - (0.7 + large_group_bias(0.7, 64))) < 0.001

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The map
#
# Stable confidences for RLCR where the truth is 0.7, in groups of 8, for the estimators that trainers
# use and for three ways in which the outcomes of a group hang together: independent, shared by equal
# answers, or shared by the whole group.

# %%
models = ("independent", "by_answer", "shared")
names = (
    "none",
    "group_mean",
    "leave_one_out",
    "group_std",
    "global_mean",
    "batch_std",
    "whitened",
    "leave_one_out_std",
)
assert set(names) <= set(ESTIMATORS)
stable = {
    (name, model): effective_advantage(
        rlcr, 0.7, levels, estimator=name, outcomes=model, group_size=8
    )
    for name in names
    for model in models
}
rows = [
    (
        name,
        ESTIMATORS[name].formula,
        *(
            f"{', '.join(f'{level:g}' for level in stable[name, model].stable)}"
            + ("" if stable[name, model].honest else "  ✗")
            for model in models
        ),
    )
    for name in names
]
HTML(table(rows, head=("estimator", "advantage", "independent", "by answer", "shared")))

# %% [markdown]
# One column of the table would mislead: the estimator of the others' standard deviation
# (`leave_one_out_std`) is honest where outcomes are independent and not where they are shared. The
# plain mean, the batch's standard deviation and no baseline at all are honest everywhere: they change
# the unit, but it is the same unit for every rollout.

# %%
honest = {name: [stable[name, model].honest for model in models] for name in names}
assert honest["group_std"] == [False, False, False]
assert honest["leave_one_out_std"] == [True, False, False]
assert all(all(honest[name]) for name in names if name not in ("group_std", "leave_one_out_std"))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Ask before you train
#
# `check` knows the defaults of trainers by name, and proves or refutes the pair of reward and trainer:

# %%
report = check(rlcr, estimator="trl_default", outcomes="by_answer")
print(report.training.honest.reason)
assert report.strictly_proper.status == "proved"
assert report.training.honest.status == "refuted"
verdicts = {
    name: check(rlcr, estimator=name, outcomes="by_answer").training.honest.status
    for name in ("trl_default", "verl_default", "grpo", "dr_grpo", "rloo", "rlcr", "trl_none")
}
HTML(table(verdicts.items(), head=("trainer", "truthful reporting in training")))

# %% [markdown] slideshow={"slide_type": "fragment"}
# So the cure costs one line of configuration: in TRL, `scale_rewards="none"`; in verl,
# `algorithm.norm_adv_by_std_in_grpo=False`. The page [trainers](../docs/trainers.md) shows, with the
# real trainer, confidence running to 1 under the default and settling at the truth without it.

# %%
refuted = {name for name, status in verdicts.items() if status == "refuted"}
assert refuted == {"trl_default", "verl_default", "grpo"}
assert all(verdicts[name] == "proved" for name in verdicts if name not in refuted)

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The completions that you have
#
# What follows is about the files that you run. First the format: one model writes 90 %, another 0.9,
# a third `\\boxed{4}` and a line. A **reader** says where answer and confidence stand and on which
# scale. It is data: the same one goes into the reward function, into an exported file and into the
# reading of a log. With the wrong reader nobody is honest, however good the reward is: 90 is no
# probability, so that the answer earns the lowest payoff, -1, although it is right.

# %%
said = "Two and two. <answer>4</answer><confidence>90</confidence>"
boxed = "So \\boxed{4}.\nConfidence: 90%"
mine = Reader(answer="<final>", confidence="Probability:", occurrence="last")
paid = {
    "tags": scorer(rlcr)(said, "4").reward,
    "percent": scorer(rlcr, reader="percent")(said, "4").reward,
    "boxed": scorer(rlcr, reader="boxed")(boxed, "4").reward,
    str(mine): scorer(rlcr, reader=mine)("<final>4</final>\nProbability: 0.9", "4").reward,
}
assert paid.pop("tags") == -1
assert all(np.isclose(reward, 0.99) for reward in paid.values())
assert READERS["percent"] == Reader(scale="percent")
HTML(table(paid.items(), head=("reader", "reward of a right answer at 90 %")))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The reward function that you have
#
# Somebody wrote this function for RLCR, and it looks right. `probe` calls it as the trainer would, in
# a process of its own, with right and wrong answers at every confidence and with completions that
# have none. (On the command line: `scoring-theory check --python my_reward.py:reward`.)

# %%
temporary = TemporaryDirectory()
folder = Path(temporary.name)
written = folder / "my_reward.py"
written.write_text(
    """
import re


def reward(completions, answer, **kwargs):
    rewards = []
    for completion, gold in zip(completions, answer):
        correct = f"<answer>{gold}</answer>" in completion
        stated = re.search(r"<confidence>([0-9.]+)</confidence>", completion)
        penalty = (float(stated.group(1)) - correct) ** 2 if stated else 0.0
        rewards.append(correct - penalty)
    return rewards
"""
)
probed = probe(f"{written}:reward")
print(*probed.text().splitlines()[:4], sep="\n")

# %% [markdown] slideshow={"slide_type": "fragment"}
# Its payoffs are exactly those of RLCR, which is proved, and still it is refuted: without a confidence
# nothing is subtracted. At $p = 1/2$ that earns $1/2$, and the truthful report earns $1/4$. So a model
# learns to leave its confidence out, while the curve of its rewards goes up. On completions that state
# percentages the same function is wrong in another way.

# %%
assert probed.formula == "c - (q - c)^2"
assert [defect.kind for defect in probed.defects] == ["missing"]
assert rlcr.expected_reward(0.5, 0.5) == 0.25
on_percent = probe(f"{written}:reward", reader="percent")
print(*on_percent.text().splitlines()[:4], sep="\n")
assert on_percent.defects[0].kind == "scale"

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The configuration that you have
#
# Reward and trainer have to be judged together, and the trainer is a launch script or a YAML file.
# `read_config` reads it without running anything, says of each setting what it does to the optimum,
# and its options go into `check`. (On the command line: `scoring-theory check REWARD --config
# run_grpo.sh`.)

# %%
launch = folder / "run_grpo.sh"
launch.write_text(
    "python3 -m verl.trainer.main_ppo \\\n"
    "    algorithm.adv_estimator=grpo \\\n"
    "    actor_rollout_ref.rollout.n=8 \\\n"
    "    actor_rollout_ref.actor.optim.lr=1e-6\n"
)
reading = read_config(launch)
report = check(rlcr, **reading.options())
print(report.training.honest.reason)
HTML(
    table(
        [(one.name, one.value, one.effect) for one in reading.settings],
        head=("setting", "value", "effect"),
    )
)

# %% [markdown] slideshow={"slide_type": "fragment"}
# One more line in the script, and the pair is proved:

# %%
cured = folder / "run_without_scaling.sh"
cured.write_text(launch.read_text().rstrip() + " algorithm.norm_adv_by_std_in_grpo=False\n")
kept = check(rlcr, **read_config(cured).options())
print(kept.training.honest)
assert not report.holds
assert "algorithm.norm_adv_by_std_in_grpo" in [one.name for one in reading.changes]
assert kept.holds

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The run that you have
#
# Some things show only while a model is trained. `ConfidenceMonitor` takes confidences and outcomes of
# each step, replays every group through the estimator, and raises an alarm with a sentence and a
# remedy. Here 32 questions a step are right 7 times of 10, all rollouts of a question alike, and the
# model states 0.6, 0.7 or 0.8. Nothing is wrong with its calibration yet:

# %%
rng = np.random.default_rng(0)
monitor = ConfidenceMonitor(rlcr, estimator="trl_default")
for _step in range(10):
    outcome = np.repeat(rng.random(32) < 0.7, 8)
    for alarm in monitor.update(rng.choice([0.6, 0.7, 0.8], 256), outcome, 8):
        print(f"after step {alarm.update}: {alarm.sentence}")
figures = monitor.figures()
assert [alarm.rule for alarm in monitor.alarms] == ["estimator_at_odds"]
assert monitor.alarms[0].update == 5
assert abs(figures.gap) < 0.05
assert figures.predicted == 1
assert figures.gain_of_one > 0

# %% [markdown] slideshow={"slide_type": "fragment"}
# The next figure is recorded from TRL's own trainer: eight seeds under the default, and eight without
# the division, twice as long. The circles are alarms. Under the default each run raises one while its
# mean confidence is still below 0.75, and after 70 steps it is above 0.8 and rising. Without the
# division there is no alarm, and after 140 steps every run is within 0.02 of the truth.

# %%
recorded = watched_panels()
assert list(recorded) == ['scale_rewards="group"', 'scale_rewards="none"']
group, none = recorded.values()
alarms = first_alarms(group)
assert len(group) == len(none) == len(alarms) == 8
assert max(confidence for _, confidence in alarms) < 0.75
assert min(run["confidence"][-1] for run in group) > 0.8
assert max(abs(run["confidence"][-1] - 0.7) for run in none) < 0.02
assert first_alarms(none) == []
drawing = watched_runs(recorded, success_probability=0.7, bound=0.85)
drawing

# %% [markdown]
# How to connect it with a trainer, and how often an alarm is false:
# [watching.md](../docs/watching.md).

# %% [markdown] slideshow={"slide_type": "skip"}
# ## Exercises
#
# **1.** By hand: a group of four under the binary reward, one rollout is right. Which advantages does
# GRPO compute? And if all four are right?
#
# <details><summary>Solution</summary>
#
# Rewards 1, 0, 0, 0 have mean 1/4 and standard deviation 1/2, so the advantages are 1.5 and three
# times -0.5. If all are right, all rewards are equal and all advantages are 0: nothing is learned from
# that question.
#
# </details>
#
# **2.** Another trainer drops the groups that are all right or all wrong (dynamic sampling), and does
# not divide. Is that harmless? For $p = 0.9$ and $G = 4$, what is the best report?
#
# <details><summary>Solution</summary>
#
# No. The best report becomes P(correct given that the group is kept), which is 0.709 and not 0.9:
# dropping the groups that are all right hides evidence of success ([Theorem
# 45](../docs/theory.md#theorem-45)).
#
# </details>
#
# **3.** The same four rollouts (0.7, 0.7, 0.7, 0.8), shared outcome. For which $p$ does boldness win
# under the mean alone, and for which under the division?
#
# <details><summary>Solution</summary>
#
# Under the mean it wins if $p \cdot 0.0375 > (1 - p) \cdot 0.1125$, that is for $p > 3/4$: the middle of
# 0.7 and 0.8, as it should be. Under the division it wins for $p > 1/2$.
#
# </details>

# %% tags=["solution"] slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
# The answers, asserted.
one_right = np.array([1.0, 0, 0, 0])
assert np.allclose((one_right - one_right.mean()) / one_right.std(ddof=1), [1.5, -0.5, -0.5, -0.5])
assert round(kept_report(0.9, 4), 3) == 0.709
p = np.linspace(0, 1, 1001)
gain = p * (right[3] - right.mean()) + (1 - p) * (wrong[3] - wrong.mean())
assert np.allclose(p[gain > 1e-9].min(), 0.751)
assert np.allclose(p[1.5 * p - 1.5 * (1 - p) > 1e-9].min(), 0.501)
