"""Noise in the stated confidence when the agent is measured, and a verbal grid."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.agents import Coupled
from simulations.agents.coupled import level_cuts
from simulations.metrics import measure
from simulations.worlds import World, feature_world

WORLD = feature_world(200, visible_difficulty=0.5, averaged=True)
START = Coupled().start(WORLD, np.random.default_rng(0))


def metrics(agent: Coupled, world: World = WORLD) -> dict[str, float]:
    count = agent.count(START, (world,))
    return {name: value[0] for name, value in measure(agent.grid, *count[:2], bins=10).items()}


def test_no_noise_is_the_limit_of_little_noise() -> None:
    """Switched off, levels are certain, and counted by the kernel."""
    for levels in (21, 1001):
        silent = Coupled(levels=levels)
        faint = Coupled(levels=levels, stated_noise=1e-9)
        counts = (agent.count(START, (WORLD,)) for agent in (silent, faint))
        for off, on in zip(*counts, strict=True):
            assert on == pytest.approx(off, abs=1e-12)
    assert "stated_noise" not in Coupled().describe()
    assert Coupled(stated_noise=0.3).describe()["stated_noise"] == 0.3


def test_the_levels_are_those_of_sampled_noise() -> None:
    agent = Coupled(levels=21, stated_noise=0.7)
    policy = agent.policy(START, WORLD)
    answer, z = policy.answer[0, 0], np.random.default_rng(1).normal(size=100_000)
    mean = START.slope[0] * np.log(answer / (1 - answer)) + WORLD.features[0] @ START.head
    for y in range(WORLD.answers):
        q = 1 / (1 + np.exp(-(mean[y] + 0.7 * z)))
        stated = np.bincount(np.floor(20 * q + 0.5).astype(int), minlength=21) / z.size
        assert policy.confidence[0, 0, y] == pytest.approx(stated, abs=0.006)


def test_policy_and_count_agree_in_every_world() -> None:
    agent, harder = Coupled(levels=21, stated_noise=0.7), feature_world(200, shift=1.0)
    policy, count = agent.policy(START, WORLD), agent.count(START, (WORLD, harder))
    for w, world in enumerate((WORLD, harder)):
        mass, hits = policy.levels(world.success_probability)
        assert count.mass[w] == pytest.approx(mass[0])
        assert count.hits[w] == pytest.approx(hits[0])
    assert count.answer_entropy[0] == pytest.approx(policy.entropy()[0])


def test_noise_lowers_auroc_and_leaves_accuracy_alone() -> None:
    found = [metrics(Coupled(levels=1001, stated_noise=noise)) for noise in (0.0, 0.3, 1.0, 5.0)]
    assert all(one["accuracy"] == pytest.approx(found[0]["accuracy"]) for one in found)
    aurocs = [one["auroc"] for one in found]
    assert aurocs == sorted(aurocs, reverse=True)
    assert aurocs[0] > 0.7
    assert aurocs[-1] == pytest.approx(0.5, abs=0.05)


def test_a_verbal_grid_hides_differences_near_certainty() -> None:
    """With all confidences near 1, 21 levels leave one word, and AUROC is 1/2; 1001 do not."""
    sure = {"constant": 7.0}
    state = Coupled(**sure).start(WORLD, np.random.default_rng(0))
    found = []
    for levels in (1001, 21):
        agent = Coupled(**sure, levels=levels)
        count = agent.count(state, (WORLD,))
        found.append(measure(agent.grid, *count[:2])["auroc"][0])
    assert found[0] > 0.51
    assert found[1] == pytest.approx(0.5, abs=0.005)


def test_cuts_are_where_levels_meet() -> None:
    for cut, below in zip(level_cuts(5), range(4), strict=True):
        for nudge, level in ((-1e-9, below), (1e-9, below + 1)):
            assert np.floor(4 / (1 + np.exp(-(cut + nudge))) + 0.5) == level


@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_noise_is_a_number_that_is_not_negative(noise: float) -> None:
    with pytest.raises(ValueError, match="`stated_noise` must"):
        Coupled(stated_noise=noise)
