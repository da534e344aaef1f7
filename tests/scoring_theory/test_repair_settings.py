"""`repair` for graded scores and for a verifier with known errors."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

from proofs.kernel.verifier import verify
from scoring_theory.designing import repair
from scoring_theory.designing.adaptation import safe
from scoring_theory.reward import Reward
from simulations.cli import main

Capture = pytest.CaptureFixture[str]


def test_a_reward_that_is_safe_for_outcomes_is_extended_to_scores() -> None:
    done = repair(Reward.parse("c - lam*(q - c)^2", lam=0.5), graded=True)
    assert (done.changed, done.thresholds, done.distance) == (True, None, 0.0)
    assert done.reward.text == "c*(1 - 1/2*(q - 1)^2) - (1 - c)*1/2*q^2"
    assert done.report.verdict("jointly optimal").status == "proved"
    assert done.reason.startswith("score ")  # the two laws of the witness
    assert [change for change in done.changes if "affine extension" in change] == [*done.changes]
    for certificate in done.certificates:
        verify(certificate)


def test_an_unsafe_reward_is_projected_and_extended() -> None:
    """The projection is that of the plain repair, docs/checking.md."""
    done = repair("c - 2*(q - c)^2", graded=True, name="mine")
    assert done.distance == pytest.approx(0.167118, abs=1e-6)
    assert done.thresholds is not None
    assert done.changes[0] == "accuracy margin -1 -> 0"
    assert done.changes[-1].startswith("for a score c between 0 and 1")
    assert done.reward.name == "mine"
    assert done.report.settings[0].name == "with graded scores"
    assert safe(done.report)


def test_a_reward_that_is_affine_needs_no_repair() -> None:
    done = repair("2*c*q - q^2", graded=True)
    assert not done.changed
    assert done.reward.text == "2*c*q - q^2"
    assert done.report.settings  # it was checked for graded scores


@pytest.mark.parametrize(
    ("text", "a", "b"),
    [
        ("c - (q - c)^2", "0.1", "0.2"),
        ("c - (q - c)^2", "0", "1/4"),
        ("c - (q - c)^2", "3/5", "3/5"),
        ("c - 2*(q - c)^2", "1/10", "0"),
    ],
)
def test_the_mean_over_the_errors_is_the_closest_safe_reward(text: str, a: str, b: str) -> None:
    """Computed by hand: the verifier accepts a wrong answer with probability a, and so on."""
    plain, done = repair(text).reward, repair(text, false_positive=a, false_negative=b)
    q = np.linspace(0, 1, 41)
    x, y = float(Fraction(a)), float(Fraction(b))
    wrong, right = (done.reward.payoff(q, c) for c in (0, 1))
    assert (1 - y) * right + y * wrong == pytest.approx(plain.payoff(q, 1), abs=1e-12)
    assert x * right + (1 - x) * wrong == pytest.approx(plain.payoff(q, 0), abs=1e-12)
    assert safe(done.report)
    assert done.changes[-1].startswith(f"corrected for the false positive rate {Fraction(a)}")
    if plain.text == text:
        assert not repair(done.reward, false_positive=a, false_negative=b).changed


def test_no_errors_leave_the_plain_repair() -> None:
    assert not repair("c - (q - c)^2", false_positive=0, false_negative=0).changed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"graded": True, "false_positive": 0.1}, "give one at a time"),
        ({"false_positive": "0 <= a <= 0.1"}, "must be a known rate"),
        ({"false_negative": 1.5}, r"must be a rate in \[0, 1\], got 1.5"),
        ({"false_positive": 0.5, "false_negative": 0.5}, "accepts all answers alike"),
    ],
)
def test_settings_that_cannot_be_repaired(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        repair("c - (q - c)^2", **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="infinite payoff cannot be corrected"):
        repair("c*q + (1 - c)*(q + log(1 - q))", false_positive=0.1)


def test_repair_in_a_setting_on_the_command_line(capsys: Capture) -> None:
    assert main(["repair", "c - (q - c)^2", "--graded"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("c*(1 - (q - 1)^2) - (1 - c)*q^2\n")
    assert "STRICTLY PROPER · JOINTLY OPTIMAL WITH GRADED SCORES" in shown
    assert main(["repair", "c - 2*(q - c)^2", "--graded"]) == 0
    simple = "simpler            c*(1 - (q - 1)^2) - (1 - c)*q^2  (scoring part scaled by 1/2"
    assert simple in capsys.readouterr().out
    rates = ["--false-positive", "1/10", "--false-negative", "0.2"]
    assert main(["repair", "c - (q - c)^2", *rates, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["changed"] is True
    assert found["check"]["settings"][0]["corrected_for_errors"] is True
    assert main(["repair", "c", "--graded", *rates]) == 2
    assert "give one at a time" in capsys.readouterr().err
