"""Parts of the verdicts and reports that few rewards reach."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from proofs.kernel.normal_form import const
from proofs.kernel.verifier import Subject
from proofs.search.prover import Prover
from scoring_theory.checking import check
from scoring_theory.checking.alone import clipped
from scoring_theory.checking.deviations import _rounded_down
from scoring_theory.checking.square_integrable import is_square_integrable
from scoring_theory.checking.unread import _loophole
from scoring_theory.optimality.verdicts import _flat
from scoring_theory.verdict import Verdict

RLCR = "c - (q - c)^2"
PROVED, OPEN, REFUTED = (Verdict(status, "") for status in ("proved", "undecided", "refuted"))


def test_a_reward_is_flat_if_no_payoff_depends_on_the_report() -> None:
    assert _flat(Prover("c"))
    assert not _flat(Prover(RLCR))
    assert not _flat(Prover("c - q*(1 - c)"))
    assert not _flat(Prover("c - (1/5 < q)*(q < 3/10)"))  # equal at all points that are tried


@pytest.mark.parametrize(
    ("value", "short"), [("1/3", "3333/10000"), ("1/30000", "3333/100000000"), ("2", "2")]
)
def test_a_gain_is_rounded_down_to_four_digits(value: str, short: str) -> None:
    assert _rounded_down(Fraction(value)) == Fraction(short)


def test_one_open_claim_makes_the_outcome_undecided_and_one_refuted_claim_refutes_it() -> None:
    report = check(RLCR)
    assert report.outcome() == "holds"
    assert replace(report, jointly_optimal=OPEN).outcome() == "undecided"
    assert replace(report, jointly_optimal=REFUTED).outcome() == "refuted"
    assert replace(report, proper=OPEN, jointly_optimal=REFUTED).outcome() == "refuted"


def test_a_setting_ends_the_headline() -> None:
    report = check("c*(1 - (1 - q)^2) - (1 - c)*q^2", graded=True)
    assert report.headline().startswith("STRICTLY PROPER · JOINTLY OPTIMAL WITH GRADED SCORES")


def test_an_improper_reward_is_clipped_whatever_was_measured_of_its_range() -> None:
    ends = Fraction(-10), Fraction(10)
    bold, rlcr = check("c - abs(q - c)"), check(RLCR)
    assert clipped(rlcr, ends) is rlcr
    assert clipped(bold, ends).reward.text == "clip(c - abs(q - c), -10, 10)"


@pytest.mark.parametrize(("power", "slow"), [("3/10", True), ("2/5", False)])
def test_a_power_is_square_integrable_below_a_half_and_counted_so_up_to_0_35(
    power: str, slow: bool
) -> None:
    """R(q, 1) falls like q^-x, for the weight 1/t^(1 + x)."""
    rest = f"q^(1 - {power})/(1 - {power})"
    report = check(f"c*(-q^(-{power})/({power}) - {rest}) - (1 - c)*{rest}")
    assert report.strictly_proper.status == "proved"
    assert is_square_integrable(report) is slow


def test_the_headline_of_a_training_names_the_first_claim_that_is_refuted() -> None:
    training = check(RLCR, estimator="grpo", outcomes="shared").training
    assert training is not None
    base = replace(training, honest=PROVED, accurate=PROVED)
    said = {
        name: replace(base, **changes).headline()
        for name, changes in {
            "honest": {"honest": REFUTED, "accurate": REFUTED},
            "accurate": {"honest": OPEN, "accurate": REFUTED},
            "unread": {"accurate": OPEN, "unread": {"missing": OPEN, "malformed": REFUTED}},
            "filter": {"filtering": REFUTED},
            "open": {"honest": OPEN},
        }.items()
    }
    words = {"honest": "other than p", "accurate": "less accurate", "unread": "loophole"}
    words |= {"filter": "group filter", "open": "neither a proof nor"}
    assert all(word in said[name] for name, word in words.items())
    assert replace(base, honest=OPEN).status == "undecided"
    assert replace(base, honest=OPEN, filtering=REFUTED).status == "refuted"


def test_omission_is_a_loophole_only_where_it_earns_more() -> None:
    half, subject = Fraction(1, 2), Subject(RLCR, {})  # the truth earns 1/4
    for wrong, right in ((-1, 0), (0, half), (half, 0)):
        assert _loophole(half, (const(wrong), const(right)), subject) is None
    found = _loophole(half, (const(0), const(1)), subject)
    assert found is not None
    assert found.witness == {"p": "1/2", "omission_pays": "1/2", "honest_pays": "1/4"}
    never = Subject("c + (1 - c)*log(1 - q) + c*log(q)", {})
    assert _loophole(Fraction(1), (const(0), const(2)), never) is not None
