"""Drawn requests: every answer carries certificates that the kernel accepts, or a sentence that
says why not.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from proofs.kernel.verifier import verify
from scoring_theory.checking import Report
from scoring_theory.designing import design, repair
from scoring_theory.reward import Reward
from scoring_theory.thresholds import ThresholdDistribution
from tests.support.design_requests import broken_rewards, requests
from tests.support.examples import examples
from tests.support.strategies import threshold_distributions

_COARSE = 2e-3


OPTIONS: dict[str, Any] = {"database": None, "suppress_health_check": list(HealthCheck)}


def by_midpoints(one: Reward, other: Reward) -> float:
    """The distance straight from its definition, by 20,000 midpoints: an oracle that shares no code
    with the tool.
    """
    q = (np.arange(20_000) + 0.5) / 20_000
    gap = np.stack([one.payoff(q, c) - other.payoff(q, c) for c in (0, 1)])
    return float(gap.std())


def assert_proved(report: Report, reward: Reward) -> None:
    """Both claims, each by a certificate about this very formula, and each accepted by the kernel
    once more.
    """
    assert report.safe
    for verdict in (report.proper, report.jointly_optimal):
        assert verdict.certificate is not None
        assert verdict.certificate["formula"] == reward.text
        verify(verdict.certificate)


def check_request(request: dict[str, Any]) -> None:
    whole, margin, curvature = (request[key] for key in ("total_range", "margin", "curvature"))
    try:
        made = design(**request)
    except ValueError as error:
        assert_cannot_be_met(request, str(error))
        return
    assert_proved(made.report, made.reward)
    assert made.thresholds.total == whole
    assert made.thresholds.margin >= margin
    assert made.thresholds.curvature >= curvature
    assert made.report.accuracy_margin is not None
    assert Fraction(made.report.accuracy_margin.exact) == made.thresholds.margin
    assert made.report.range is not None
    low, high = (end.value for end in made.report.range)
    assert math.isclose(high - low, whole, rel_tol=1e-9)
    assert made.exact or 0 < made.distribution_error < float(whole)


def assert_cannot_be_met(request: dict[str, Any], told: str) -> None:
    """The sentence names the true reason."""
    whole, margin, curvature, given_ = (
        request[k] for k in ("total_range", "margin", "curvature", "thresholds")
    )
    if margin + curvature > whole:
        assert "`curvature` must lie in [0, total_range - margin]" in told
    elif "must have mass" in told:
        assert not any(given_.values() if isinstance(given_, dict) else given_)
    else:
        assert "a threshold of 1 is never passed" in told
        assert given_.get(Fraction(1))


@examples(40, **OPTIONS)
@given(request=requests())
def test_designs_are_as_asked_and_proved(request: dict[str, Any]) -> None:
    check_request(request)


@pytest.mark.study
@pytest.mark.slow
@settings(max_examples=1000, **OPTIONS)
@given(request=requests())
def test_a_thousand_designs(request: dict[str, Any]) -> None:
    check_request(request)


def grows_without_bound(reward: Reward) -> bool:
    """Whether the integral of the squared payoffs, by midpoints, grows with their number."""
    sizes = []
    for points in (20_000, 2_000_000):
        q = (np.arange(points) + 0.5) / points
        sizes.append(float(np.mean([np.mean(reward.payoff(q, c) ** 2) for c in (0, 1)])))
    return (
        sizes[1] > 1.2 * sizes[0]
    )  # a square like 1/q grows by the logarithm only, 14.5 against 9.9


def check_repair(reward: Reward, candidate: ThresholdDistribution) -> None:
    try:
        done = repair(reward, pieces=6)
    except ValueError as refusal:
        if "not square-integrable" not in str(refusal) or not grows_without_bound(reward):
            raise
        return
    assert_proved(done.report, done.reward)
    if not done.changed:
        assert done.reward is reward
        assert done.distance == done.lower_bound == 0
        return
    assert repair(done.reward).reward is done.reward
    assert 0 <= done.lower_bound <= done.distance
    assert done.distance == pytest.approx(by_midpoints(reward, done.reward), abs=_COARSE)
    # No safe reward is closer than the bound: neither the drawn one, nor one between it and the
    # repaired one.
    rival = candidate.to_reward()
    for share in (Fraction(1), Fraction(1, 20)):
        mixed = share * rival + (1 - share) * done.reward
        assert by_midpoints(reward, mixed) >= done.lower_bound - _COARSE


@examples(10, **OPTIONS)
@given(reward=broken_rewards(), candidate=threshold_distributions())
def test_repaired_rewards_are_proved_and_nothing_safe_is_closer(
    reward: Reward, candidate: ThresholdDistribution
) -> None:
    check_repair(reward, candidate)


def test_a_reward_infinitely_far_from_every_safe_one_is_refused_for_that_reason() -> None:
    check_repair(
        Reward.parse("3/2*c - 1/2*(1 - c)*q/(1 - q)"), ThresholdDistribution.uniform()
    )  # the thousand's
    with pytest.raises(ValueError, match="not square-integrable"):
        repair(Reward.parse("3/2*c - 1/2*(1 - c)*q/(1 - q)"))


@pytest.mark.study
@pytest.mark.slow
@settings(max_examples=1000, **OPTIONS)
@given(reward=broken_rewards(), candidate=threshold_distributions())
def test_a_thousand_repairs(reward: Reward, candidate: ThresholdDistribution) -> None:
    check_repair(reward, candidate)


@pytest.mark.parametrize(
    "candidate", [ThresholdDistribution.uniform(), ThresholdDistribution.of(atoms={"1/3": 2})]
)
def test_a_safe_reward_is_its_own_repair(candidate: ThresholdDistribution) -> None:
    reward = candidate.to_reward()
    assert repair(reward).reward is reward
    assert repair(reward).distance == 0
