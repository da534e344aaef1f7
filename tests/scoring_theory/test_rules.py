"""The catalogue: closed forms from the sources, bounds, and complete entries. The laws test the claims."""

from __future__ import annotations

import math

import numpy as np
import pytest

import scoring_theory.catalogue as rules_module
from proofs.kernel.formula import FormulaError
from scoring_theory.catalogue import (
    CATALOGUE,
    beta_family,
    brier,
    cubic_error,
    doubled_wrong,
    overconfidence,
    power,
    root_error,
    shifted_log,
    smoothed_log,
    underconfidence,
    winkler,
)
from scoring_theory.reward import Reward


@pytest.mark.parametrize("key", list(CATALOGUE))
def test_every_entry_is_complete(key: str) -> None:
    rule = CATALOGUE[key]
    assert rule.key == key
    assert rule.title
    assert rule.source
    assert set(rule.domains) == set(rule.defaults)
    assert (rule.critical_weight is None) == (rule.proper == "no")
    assert rule.proper != "no" or rule.notes
    exported = getattr(rules_module, key)
    assert exported is rule if rule.domains else isinstance(exported, Reward)


@pytest.mark.parametrize("key", list(CATALOGUE))
def test_the_claim_of_boundedness(key: str) -> None:
    assert np.isfinite(CATALOGUE[key]().table([0.0, 1.0])).all() == CATALOGUE[key].bounded


def test_parameters_are_held_to_their_domains() -> None:
    with pytest.raises(ValueError, match="`alpha` must satisfy 1 < alpha, got alpha = 1"):
        power(alpha=1)
    with pytest.raises(ValueError, match="`gamma` is no parameter"):
        power(gamma=1)


def test_beta_family_by_integration() -> None:
    """S(q, 1) = -int_q^1 (1-t) dF and S(q, 0) = -int_0^q t dF for F = Beta(2, 8), by a fine midpoint sum."""
    edges = np.linspace(0, 1, 200_001)
    t = (edges[1:] + edges[:-1]) / 2
    density = 72 * t * (1 - t) ** 7 / len(t)
    for q in (0.1, 0.25, 0.7):
        assert beta_family(a=2, b=8).payoff(q, 1) == pytest.approx(-((1 - t) * density)[t > q].sum(), abs=1e-6)
        assert beta_family(a=2, b=8).payoff(q, 0) == pytest.approx(-(t * density)[t < q].sum(), abs=1e-6)
    assert beta_family(a=1, b=1) == brier


@pytest.mark.parametrize("k", [0.5, 1, 5])
def test_tan_et_al_as_printed(k: float) -> None:
    """Overconfidence-k and underconfidence-k, f and g as in arXiv 2607.04332."""
    q = np.linspace(0, 1, 9)
    over, under = (k + 1) * math.log(k + 1) - k, k - math.log(1 + k)
    f, g = ((k + 1) * np.log(q * k + 1) - q * k) / over, (np.log(q * k + 1) - q * k) / over
    np.testing.assert_allclose(overconfidence(k=k).table(q), [g, f], atol=1e-14)
    inner = np.log(1 - k * q / (1 + k))
    np.testing.assert_allclose(
        underconfidence(k=k).table(q), [(k * q + (k + 1) * inner) / under, (k * q + inner) / under], atol=1e-13
    )


def test_winkler_by_hand() -> None:
    """Baseline 1/2, report 3/4: right (1/4 - 1/16)/(1/4) = 3/4, wrong (1/4 - 9/16)/(1/4) = -5/4; 0 at the baseline."""
    assert winkler(r=0.5).payoff([0.75, 0.5, 1, 0], [1, 1, 1, 0]).tolist() == [0.75, 0, 1, 1]
    assert winkler(r=0.5).payoff(0.75, 0) == -1.25


@pytest.mark.parametrize(
    ("foil", "best"),
    [
        (shifted_log(eps=0.01), lambda p: p + 0.01 * (2 * p - 1)),
        (smoothed_log(s=0.1), lambda p: p + 0.1 * (0.5 - p)),
        (cubic_error, lambda p: np.sqrt(p) / (np.sqrt(p) + np.sqrt(1 - p))),
        (root_error, lambda p: p**2 / (p**2 + (1 - p) ** 2)),
        (doubled_wrong, lambda p: p / (2 - p)),
    ],
)
def test_the_best_report_that_a_foil_asks_for(foil: Reward, best) -> None:
    p = np.array([0.1, 0.35, 0.5, 0.8])
    np.testing.assert_allclose(foil.best_report(p), best(p), atol=1e-6)


def test_a_family_stays_a_formula() -> None:
    assert power.family.free_parameters == ("alpha",)
    with pytest.raises(FormulaError):
        Reward.parse(power.formula)
