"""The catalogue: closed forms from the sources, bounds, and complete entries. The laws test the
claims.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest

import scoring_theory.catalogue as catalogue
from proofs.kernel.formula import FormulaError, parse_domain
from proofs.kernel.verifier import verify
from scoring_theory.catalogue import (
    CATALOGUE,
    IMPROPER,
    PUBLISHED,
    REWARDS,
    SCORES,
    beta_family,
    brier,
    cubic_error,
    doubled_wrong,
    improper,
    overconfidence,
    power,
    published,
    rewards,
    root_error,
    scores,
    shifted_log,
    smoothed_log,
    underconfidence,
    winkler,
)
from scoring_theory.catalogue.words import expand_names, parse_reward
from scoring_theory.checking import check
from scoring_theory.reward import Reward


@pytest.mark.parametrize("key", list(CATALOGUE))
def test_every_entry_is_complete(key: str) -> None:
    entry = CATALOGUE[key]
    assert re.fullmatch("[a-z][a-z0-9_]*", key), (
        f"`key` {key!r} is a word in formulas and a name in Python: write it in lower case, with"
        " underscores"
    )
    assert entry.title, f"say in `title` of {key!r} what legends call it"
    assert entry.source, f"say in `source` of {key!r} where it comes from"
    assert set(entry.domains) == set(entry.constants), (
        f"each parameter of {key!r} needs a domain and a constant"
    )
    assert (entry.critical_weight is None) == (entry.proper == "no"), (
        f"{key!r} has lam* exactly if it is proper"
    )
    assert entry.proper != "no" or entry.notes, f"say in `notes` of {key!r} what is wrong with it"
    assert entry().name == entry.title
    assert not entry().free_parameters
    exported = getattr(catalogue, key)
    assert exported is entry if entry.domains else exported == entry()


def test_no_two_entries_share_a_key_or_a_title() -> None:
    entries = [
        *scores.SCORE_ENTRIES,
        *rewards.REWARD_ENTRIES,
        *published.PUBLISHED_ENTRIES,
        *improper.IMPROPER_ENTRIES,
    ]
    for name in ("key", "title"):
        names = [getattr(entry, name) for entry in entries]
        assert not [one for one in names if names.count(one) > 1], (
            f"two entries share a {name}: give one another"
        )
    assert list(CATALOGUE) == [entry.key for entry in entries]
    assert {*SCORES, *REWARDS, *PUBLISHED, *IMPROPER} == {*CATALOGUE}
    assert len(SCORES) + len(REWARDS) + len(PUBLISHED) + len(IMPROPER) == len(CATALOGUE)


@pytest.mark.parametrize("key", list(CATALOGUE))
def test_the_claims_are_what_check_says(key: str) -> None:
    """Properness, bounds, the role (V(1) <= V(0) or not) and the critical weight, each proved by
    the kernel.
    """
    entry, report = CATALOGUE[key], check(CATALOGUE[key]())
    assert report.proper.status != "undecided"
    proper = "no" if report.proper.status == "refuted" else "strict" if report.strict else "weak"
    assert entry.proper == proper, f"`proper` of {key!r} is {proper!r}"
    assert entry.bounded == report.bounded, f"`bounded` of {key!r} is {report.bounded}"
    if entry.proper == "no":
        best = entry().value([0.0, 1.0])
        role = "score" if best[1] <= best[0] else "reward"
    else:
        role = {"R": "score", "R - c": "reward"}[str(report.score)]
        assert report.critical_weight is not None
        assert entry.largest_weight() == pytest.approx(report.critical_weight.value, rel=1e-12), (
            f"`critical_weight` of {key!r} is {report.critical_weight.exact}"
        )
    assert entry.role == role, f"`role` of {key!r} is {role!r}"


@pytest.mark.parametrize(
    "key", [key for key, entry in CATALOGUE.items() if entry.domains and entry.critical_weight]
)
def test_the_critical_weight_of_a_family_is_what_check_says_of_its_members(key: str) -> None:
    entry = CATALOGUE[key]
    for x in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
        values = {}
        for name, text in entry.domains.items():
            low, high = parse_domain(text)[1].low or Fraction(0), parse_domain(text)[1].high
            values[name] = low + x * (4 if high is None else high - low)
        report = check(entry(**values))
        assert report.critical_weight is not None
        assert entry.largest_weight(**values) == pytest.approx(
            report.critical_weight.value, rel=1e-12
        ), values


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_entry_is_checked_by_its_bare_name(key: str) -> None:
    """As by `--rule`: with its default constants, and with others."""
    entry = CATALOGUE[key]
    named, built = check(key), check(entry())
    assert (named.proper.status, named.jointly_optimal.status) == (
        built.proper.status,
        built.jointly_optimal.status,
    )
    assert named.reward == built.reward == parse_reward(key)
    for name, value in entry.constants.items():
        assert check(key, parameters={name: value}).reward == built.reward


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Tsallis", "`power`"),
        ("log loss", "`log`"),
        ("log_loss", "`log`"),
        ("cross-entropy", "`log`"),
        ("Brier score", "`brier`"),
        ("quadratic scoring rule", "`brier`"),
        ("CRPS", "`brier`"),
        ("pinball", "quantile"),
    ],
)
def test_other_names_of_the_literature_are_answered_by_ours(text: str, meant: str) -> None:
    with pytest.raises(FormulaError, match=meant):
        check(text)
    assert check("c - beta*(q - c)^2", beta=1).holds  # a word in a formula is none of them


def test_a_name_is_a_word_and_means_one_reward() -> None:
    assert catalogue.binary == catalogue.correctness == CATALOGUE["binary"]()
    assert (
        catalogue.rlcr
        == catalogue.correctness + brier
        == parse_reward("c + brier")
        == parse_reward("RLCR")
    )
    assert parse_reward("c + 0.5*one-sided") == catalogue.correctness + catalogue.one_sided / 2
    assert parse_reward("log") == catalogue.log != parse_reward("c + log")
    assert parse_reward("c + one-sided-log") == catalogue.correctness + catalogue.one_sided_log
    assert parse_reward("c + winkler") == catalogue.correctness + winkler()
    assert parse_reward("brier if q > 1/2 else 0").payoff(0.75, 0) == -0.5625
    assert parse_reward("c - power*(q - c)^2", {"power": 2}) == Reward.parse("c - 2*(q - c)^2")
    for text in (
        "c + log(q)",
        "c - lam*log (q)",
        "rlcr2",
        "xlog",
    ):
        assert expand_names(text) == text
    assert expand_names("log q") == "log(q)" != expand_names("log")
    with pytest.raises(FormulaError, match="unknown name 'brier' in 'brier\\(q\\)'; the functions"):
        expand_names("brier(q)")
    report = check("c + spherical")
    assert (report.formula, report.outcome()) == ("c + spherical", "holds")
    assert str(report).startswith(
        "c + spherical = c + (c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2)\n"
    )
    for certificate in report.certificates:
        assert certificate["formula"] == "c + ((c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2))"
        verify(certificate)
    with pytest.raises(AttributeError, match="no entry has this key"):
        _ = catalogue.briar
    with pytest.raises(FormulaError, match="unknown name 'briar'"):
        parse_reward("c + briar")


def test_parameters_are_held_to_their_domains() -> None:
    with pytest.raises(ValueError, match="`alpha` must satisfy 1 < alpha, got alpha = 1"):
        power(alpha=1)
    with pytest.raises(ValueError, match="`gamma` is not a parameter"):
        power(gamma=1)


def test_beta_family_by_integration() -> None:
    """S(q, 1) = -int_q^1 (1-t) dF and S(q, 0) = -int_0^q t dF for F = Beta(2, 8), by a fine
    midpoint sum.
    """
    edges = np.linspace(0, 1, 200_001)
    t = (edges[1:] + edges[:-1]) / 2
    density = 72 * t * (1 - t) ** 7 / len(t)
    for q in (0.1, 0.25, 0.7):
        assert beta_family(a=2, b=8).payoff(q, 1) == pytest.approx(
            -((1 - t) * density)[t > q].sum(), abs=1e-6
        )
        assert beta_family(a=2, b=8).payoff(q, 0) == pytest.approx(
            -(t * density)[t < q].sum(), abs=1e-6
        )
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
        underconfidence(k=k).table(q),
        [(k * q + (k + 1) * inner) / under, (k * q + inner) / under],
        atol=1e-13,
    )


def test_winkler_by_hand() -> None:
    """Baseline 1/2, report 3/4: right (1/4 - 1/16)/(1/4) = 3/4, wrong (1/4 - 9/16)/(1/4) = -5/4; 0
    at the baseline.
    """
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
