"""The sentence of a system follows from the numbers of its run, with the mechanism and without."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

import pytest

from simulations.cli import main
from simulations.laboratory import brme
from simulations.laboratory.combinations import COMBINATIONS, SMALL
from simulations.laboratory.system import Conditions, Knob, plus_minus, signed, unsigned
from simulations.laboratory.systems import find_system
from tests.support.systems import forgotten

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def _tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Conditions, "steps", lambda _, short, full: max(41, short // 40))
    with forgotten():
        yield


def sentence(name: str, *, without: bool = False, **knobs: float) -> str:
    named = {knob.replace("_", "-"): value for knob, value in knobs.items()}
    run = find_system(name).run
    return run(scale="short", without=without, knobs=named, replicates=1).boundary


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(
    ("name", "knobs", "without", "words"),
    [
        ("decision-gap", {"threshold": 0.3}, False, "at a threshold of 0.3 there is no gap"),
        ("decision-gap", {}, False, "a curvature below 0.561 (here 0.2)"),
        ("retrieval", {"cost": 0.4, "help": 0.3}, False, "Retrieval never pays: it costs 0.4 and"),
        ("retrieval", {"cost": 0.4, "help": 0.3}, True, "Retrieval never pays"),
        ("retrieval", {}, False, "Retrieval pays below p = 0.750"),
        ("rubric", {}, False, "at no weight up to 100 under saturated style"),
        ("rubric", {"plain": 1, "weight": 0.4}, False, "more at no weight up to 100 under the sum"),
        ("rubric", {"p": 0.05}, False, "at every weight under the sum"),
        ("rubric", {"p": 0.05}, True, "is learned under no combination"),
        ("rubric", {}, True, "is learned under every combination;"),
        ("rubric", {"lam": 0}, False, "Without a Brier score no confidence is better"),
        ("contrastive", {"baselines": 1}, True, "the plain reward is larger on no question"),
        ("contrastive", {}, True, "larger on exact verifier, verifier with errors"),
        ("reasoning-judge", {"keep": 1}, False, "at no cost, since it leaves all errors"),
        ("reasoning-judge", {"high": 0.1}, False, "since both answers are alike"),
        ("reasoning-judge", {"a": 1, "b": 1, "keep": 1}, False, "is raised by no number of steps"),
        ("learning-speed", {"margin": 0, "density": 0.1}, False, "k = 0.1 everywhere."),
        ("separate-credit", {"better": 0.2, "worse": 0.2}, False, "no weight makes one of them"),
        ("disagreement", {"agreement": 1}, False, "All annotators agree"),
        ("steps", {"steps": 2, "traces": 2}, False, "the product at no level of noise (here it is"),
        ("votes", {"wrong": 0}, False, "finds the right answer from any share; a majority needs a"),
        ("rlsf", {}, False, "after 41 steps. From 0.5 to"),
        ("rlsf", {}, False, "The optimum, at which DPO arrives on the same pairs, is 0.938"),
    ],
)
def test_the_sentence_says_what_is_the_case(
    name: str, knobs: dict[str, float], without: bool, words: str
) -> None:
    assert words in sentence(name, without=without, **knobs)


@pytest.mark.slow
@pytest.mark.usefixtures("_tiny")
def test_without_errors_of_judges_nothing_is_predicted_and_the_rule_is_printed() -> None:
    on, off = (
        COMBINATIONS.run(scale="short", without=side, replicates=2) for side in (False, True)
    )
    assert f"counts as 0 if its exact value is smaller than {SMALL:g} in size" in on.boundary
    assert "whose errors" not in off.boundary
    assert "repairs" not in off.boundary
    assert "The ensemble does not change the accuracy" in off.boundary
    assert {"predicted", "result"} <= set(on.head)
    assert not {"predicted", "result"} & set(off.head)
    for row in on.rows:
        effect, predicted, result = float(row[4]), row[5], row[6]
        sign = "0" if abs(effect) < SMALL else "+" if effect > 0 else "-"
        assert (result == "as predicted") == (sign == predicted), row


def test_brme_says_what_becomes_of_the_true_reward_at_the_optimum() -> None:
    conditions = Conditions(
        "short", without=True, knobs={k.name: k.default for k in brme.BRME.knobs}
    )
    rows = brme._rows(conditions)
    assert [row[0] for row in rows] == ["nominal head"]
    told = brme._boundary(conditions, brme.np.array([0.04, 0.06]))
    assert "+0.050 ± 0.010 (exact, over 2 data sets" in told
    assert f"its optimum by {rows[0][1]} ±" in told
    assert "in the end this reward lowers it" in told
    better = Conditions("short", without=True, knobs={**conditions.knobs, "rare": -3.0})
    assert "in the end this reward raises it" in brme._boundary(better, brme.np.array([0.0, 0.1]))


def test_a_share_in_tenths_is_not_rounded(capsys: Capture) -> None:
    for right in (0.65, 0.75):
        assert main(["simulate", "rlsf", "--set", f"right={right}"]) == 2
        assert f"`right` must be a multiple of 0.1, got {right}" in capsys.readouterr().err
    assert Knob("right", 0.6, 0.1, 0.9, "", step=0.1).require(0.3) == 0.3


def test_that_nothing_is_learned_is_a_sentence_and_no_warning(capsys: Capture) -> None:
    arguments = ["simulate", "rlsf", "--short", "--replicates", "2", "--set", "threshold=0.95"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(arguments) == 0
    shown, told = capsys.readouterr()
    assert "there are no pairs, and nothing is learned" in shown
    assert "Warning" not in told


def test_numbers_of_sentences_have_no_sign_of_zero_and_no_infinity() -> None:
    for shown in (unsigned(-1e-9), signed(-1e-9), signed(1e-9)):
        assert shown == "0.000"
    assert unsigned(float("-inf")) == unsigned(float("nan")) == "none"
    assert not re.search("nan", plus_minus(0.1, float("nan")))
