"""The bandit of the page, in a headless Chromium, against the exact mean field."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from scoring_theory.reward import Reward
from simulations.agents import Coupled
from simulations.meanfield import coupled_recursion
from simulations.training import LearningRule
from simulations.worlds import World

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

CONFIDENCE_BIAS, ACCURACY_BIAS = 1.0, 0.12
"""How far the mean of runs may be from the mean field, per unit of learning rate. Measured at rates
0.1, 0.05 and 0.025 and equal times: confidence under the binary reward -0.093, -0.040 and -0.013,
which is the largest; accuracy under c + log -0.0079, -0.0045 and -0.0023.
"""
RUNS = 120


def same_as_the_page(page: Page, *, coupled: bool) -> tuple[Coupled, World, dict[str, Any]]:
    """The agent and the world of the package with the numbers of the page."""
    setting = page.evaluate("Bandit.SETTING")
    world = World(np.array(setting["truth"]), features=np.array(setting["features"], dtype=float))
    agent = Coupled(
        coupling=coupled,
        constant=0.0,
        weight_noise=0.0,
        head_start=setting["headStart"],
        levels=setting["levels"],
        exploration=setting["exploration"],
        answer_speed=setting["answerSpeed"],
    )
    return agent, world, setting


def payoff_table(reward: Reward, levels: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    grid = np.arange(levels) / (levels - 1)
    table = reward.table(grid)
    inside = reward.table([1e-4, 1 - 1e-4])
    for level, column in ((0, 0), (levels - 1, 1)):
        lost = np.isneginf(table[:, level])
        table[lost, level] = inside[lost, column]
    return table


@pytest.mark.parametrize("coupled", [True, False], ids=["coupled", "free"])
@pytest.mark.parametrize("text", ["c", "c - (q - c)^2", "c + c*log(q) + (1 - c)*log(1 - q)"])
def test_the_mean_of_runs_is_the_exact_mean_field_of_the_package(
    page: Page, text: str, coupled: bool
) -> None:
    agent, world, setting = same_as_the_page(page, coupled=coupled)
    rate, steps = setting["rate"], setting["steps"]
    rule = LearningRule(learning_rate=rate, batch=world.questions, group_size=setting["group"])
    start = agent.start(world, np.random.default_rng(0))
    table = payoff_table(Reward.parse(text), agent.levels)
    end = coupled_recursion(agent, start, world, table, rule, steps=steps)
    count = agent.count(end, (world,))
    exact = [float(count.mass[0] @ agent.grid), float(count.hits[0].sum())]
    field, runs = page.evaluate(
        """([text, coupled, steps, runs]) => {
        const tree = Formula.parse(text);
        const payoffs = Bandit.table(Formula.payoff(tree, 1), Formula.payoff(tree, 0));
        const after = (step) => {
          const state = Bandit.start(coupled);
          for (let i = 0; i < steps; i += 1) step(state);
          const { confidence, accuracy } = Bandit.measured(state);
          return [confidence, accuracy];
        };
        const sampled = Array.from({ length: runs }, (_, seed) => {
          const random = Bandit.uniforms(seed + 1);
          return after((state) => Bandit.train(state, payoffs, random));
        });
        return [after((state) => Bandit.expected(state, payoffs)), sampled];
        }""",
        [text, coupled, steps, RUNS],
    )
    assert field == pytest.approx(exact, abs=1e-9)
    mean, error = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1) / math.sqrt(RUNS)
    bias = rate * np.array([CONFIDENCE_BIAS, ACCURACY_BIAS])
    assert (np.abs(mean - exact) <= 3 * error + bias).all(), (mean, exact, error)
    if text == "c":
        first = float(agent.count(start, (world,)).mass[0] @ agent.grid)
        rise = exact[0] - first
        assert (rise > 0.5) if coupled else (abs(rise) < 1e-9), (
            "the coupling is what raises confidence"
        )


def test_training_in_the_page_ends_where_the_numbers_say(page: Page) -> None:
    page.click("#run")
    page.wait_for_function("document.getElementById('now-step').textContent === '600'")
    assert "overconfident by" in str(page.text_content("#training-words"))
    assert page.text_content("#field-step") == "600"
    page.select_option("#trained", "c + brier")
    page.click("#run")
    page.wait_for_function("document.getElementById('now-step').textContent === '600'")
    assert abs(float(str(page.text_content("#field-gap")))) < 0.08
    page.fill("#formula", "q +")
    page.select_option("#trained", "above")
    assert "the formula or its weight above has a mistake" in str(
        page.text_content("#training-problem")
    )
    assert page.is_disabled("#run")
