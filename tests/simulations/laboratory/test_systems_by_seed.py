"""Every system at 20 seeds, and at half the rate: beside its exact values.

What is exact does not depend on the seed, so that 20 seeds of all systems take about ten minutes of
CPU time. The seeds are fixed: none of them is left out.
"""

from __future__ import annotations

import pytest

from simulations.laboratory.systems import SYSTEM_TITLES, find_system

SEEDS = 20


@pytest.mark.slow
@pytest.mark.parametrize("without", [False, True])
@pytest.mark.parametrize("name", SYSTEM_TITLES)
def test_every_seed_agrees_with_what_is_exact(name: str, without: bool) -> None:
    """3 standard errors plus the stated bias of the step, at each seed."""
    for seed in range(SEEDS):
        for finding in find_system(name).run(scale="short", seed=seed, without=without).findings:
            assert finding.agrees, (seed, finding)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [1, pytest.param(3, marks=pytest.mark.study)])
@pytest.mark.parametrize("without", [False, True])
@pytest.mark.parametrize("name", SYSTEM_TITLES)
def test_the_bias_of_a_finite_step_halves_with_the_rate(
    name: str, without: bool, seeds: int
) -> None:
    """At half the rate, what is left is at most half of the stated bias."""
    system = find_system(name)
    whole = system.run(scale="short", without=without).findings
    outcomes = [system.run(scale="short", seed=s, pace=0.5, without=without) for s in range(seeds)]
    for several in zip(*(outcome.findings for outcome in outcomes), strict=True):
        stated = next(one.step_bias for one in whole if one.label == several[0].label)
        missed = sum(one.measured - one.exact for one in several) / seeds
        error = (sum(one.standard_error**2 for one in several)) ** 0.5 / seeds
        assert abs(missed) <= stated / 2 + several[0].time_bias + 3 * error + 1e-12
        assert several[0].step_bias == pytest.approx(stated / 2)
