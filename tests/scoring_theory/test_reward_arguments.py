"""Whatever takes a reward takes a formula, a `Reward` and an entry of the catalogue alike, and says
what it wants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from proofs.kernel.formula import FormulaError
from scoring_theory import Forecasts, Reward, Rollouts, check, design, effective_advantage, replay
from scoring_theory.adapters import as_openrlhf, as_trl, as_verl
from scoring_theory.adapters.export import source_code
from scoring_theory.advantage import smallest_group_size
from scoring_theory.calibration import corp_decomposition, mean_reward, totals
from scoring_theory.catalogue import CATALOGUE, PUBLISHED
from scoring_theory.catalogue.coercion import as_reward, as_rewards
from scoring_theory.designing import repair
from scoring_theory.designing.repair import even
from scoring_theory.plotting import (
    advantage_picture,
    before_training,
    payoff_curves,
    picture,
    value_columns,
    value_curves,
)
from simulations import Experiment, Tabular, bank
from simulations.contest import contestants

ANSWERS = Forecasts([1, 0, 1, 1], [0.9, 0.5, 0.4, 0.9])
LOG = Rollouts(confidence=[0.9, 0.5] * 4, correct=[1, 0] * 4)
SAID = "<answer>4</answer><confidence>90%</confidence>"
ALIKE = ("c - (q - c)^2", Reward.parse("c - (q - c)^2"), PUBLISHED["rlcr"])


def experiment(reward: Any) -> Experiment:
    return Experiment(reward=reward, agent=Tabular(), world=bank(32), elsewhere=bank(32))


TAKERS: dict[str, Callable[[Any], Any]] = {
    "check": lambda r: check(r).accuracy_margin.exact,
    "repair": lambda r: repair(r).reward.text,
    "even": lambda r: even(r).reward.text,
    "replay, one": lambda r: (
        next(iter(replay(LOG, r, resamples=9).cells[0].rewards.values())).estimate
    ),
    "replay, a list": lambda r: (
        next(iter(replay(LOG, [r], resamples=9).cells[0].rewards.values())).estimate
    ),
    "replay, a mapping": lambda r: (
        replay(LOG, {"R": r}, resamples=9).cells[0].rewards["R"].estimate
    ),
    "corp_decomposition": lambda r: corp_decomposition(ANSWERS, r).score,
    "mean_reward": lambda r: mean_reward(ANSWERS, r),
    "totals": lambda r: next(iter(totals(ANSWERS, rewards=[r]).mean_rewards.values())),
    "effective_advantage": (
        lambda r: effective_advantage(r, 0.7, [0, 0.7, 1], estimator="dr_grpo").matrix.tolist()
    ),
    "smallest_group_size": lambda r: smallest_group_size(r, 0.7, 0.2, estimator="dr_grpo"),
    "components": lambda r: (
        check("c - (q - c)^2", components=[("all", 1, r)]).training.components.status
    ),
    "picture": lambda r: picture(r, points=3).value.tolist(),
    "pictures": lambda r: value_columns([r])["y"].tolist(),
    "advantage_picture": (
        lambda r: advantage_picture(r, 0.7, estimator="grpo", points=3).followed.tolist()
    ),
    "value_curves": lambda r: len(value_curves([r]).axes),
    "before_training": lambda r: len(before_training([r]).axes),
    "payoff_curves": lambda r: len(payoff_curves([r]).axes),
    "as_trl": lambda r: as_trl(r)([SAID], [SAID], solution=["4"]),
    "as_verl": lambda r: as_verl(r)("", SAID, "4")["score"],
    "as_openrlhf": lambda r: as_openrlhf(r)([SAID], [""], ["4"])["rewards"],
    "exported": lambda r: (
        source_code(r, "f.py", framework="trl").partition('"""')[2].partition("Written")[0]
    ),
    "Experiment": lambda r: experiment(r).payoffs()[0].tolist(),
    "contestants": lambda r: contestants([r])[0].reward.text,
}


@pytest.mark.parametrize("name", TAKERS)
def test_a_formula_a_reward_and_an_entry_are_taken_alike(name: str) -> None:
    found = [TAKERS[name](reward) for reward in ALIKE]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("name", TAKERS)
@pytest.mark.parametrize("wrong", [5, None, check])
def test_anything_else_is_refused_with_what_is_expected(name: str, wrong: Any) -> None:
    if name == "totals" and wrong is None:
        wrong = 5.0
    with pytest.raises(
        TypeError, match=r"expected a reward: a formula such as 'c - \(q - c\)\^2', a Reward or"
    ):
        TAKERS[name](wrong)


def test_the_name_of_an_entry_stands_for_its_formula() -> None:
    assert check("brier").reward == CATALOGUE["brier"].reward
    assert corp_decomposition(ANSWERS, "rlcr") == corp_decomposition(ANSWERS, CATALOGUE["rlcr"])
    with pytest.raises(FormulaError, match="unknown name 'nonsense'"):
        check("nonsense")


def test_a_design_stands_for_its_reward() -> None:
    made = design(thresholds=[0.5], margin=0.5)
    assert as_reward(made) is made.reward


def test_the_defaults_of_a_family_give_way_to_parameters() -> None:
    assert check(CATALOGUE["power"], alpha=2).reward.parameters == {"alpha": "alpha = 2"}
    assert as_reward(CATALOGUE["power"]).parameters == CATALOGUE["power"]().parameters
    assert as_reward("c - lam*(q - c)^2", parameters={"lam": 1}).parameters == {"lam": "lam = 1"}
    with pytest.raises(ValueError, match="`beta` is not a parameter"):
        as_reward(PUBLISHED["rlcr"], parameters={"beta": 2})


def test_rewards_in_a_list_go_by_their_names() -> None:
    rewards = as_rewards(["c", Reward.parse("c", name="binary"), PUBLISHED["rlcr"]])
    assert list(rewards) == ["c", "binary", "RLCR"]
    with pytest.raises(ValueError, match="two rewards have the name 'c': give a mapping"):
        as_rewards(["c", "c"])


def test_a_log_is_replayed_under_a_list_by_name() -> None:
    assert replay(LOG, ["c", PUBLISHED["rlcr"]], resamples=9).rewards == ("c", "RLCR")


def test_rewards_are_drawn_with_the_thresholds_that_a_check_finds() -> None:
    drawn = value_columns(["c - 2*(q - c)^2"])
    marks = {kind: drawn["x"][drawn["series"] == f"c - 2*(q - c)^2: {kind} failure threshold"]
             for kind in ("local", "global")}  # fmt: skip
    assert (marks["local"].tolist(), marks["global"].tolist()) == ([0.25], [0.5])
