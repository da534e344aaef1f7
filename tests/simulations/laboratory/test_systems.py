"""Every system: what is measured agrees with what is exact, and every system can be typed."""

from __future__ import annotations

import json
import math
import re
from functools import cache

import pytest

from simulations.cli import main
from simulations.cli.system_options import print_outcome, print_summary
from simulations.laboratory.system import Finding, SystemOutcome, as_cells
from simulations.laboratory.systems import SYSTEM_TITLES, find_system

NEGATIVE_ZERO = re.compile(r"(?<![\w.])-0(\.0*)?(?![\w.])")
QUICK = ("soft-verifier", "shift")
"""These stand for the others in `make test`; `make test-long` runs them all."""
IN_TURN = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SYSTEM_TITLES
]


@cache
def short(name: str, without: bool) -> SystemOutcome:
    return find_system(name).run(scale="short", without=without)


@pytest.mark.parametrize("name", IN_TURN)
@pytest.mark.parametrize("without", [False, True])
def test_what_is_measured_agrees_with_what_is_exact(name: str, without: bool) -> None:
    outcome = short(name, without)
    assert outcome.without == without
    for finding in outcome.findings:
        assert finding.agrees, finding
    first = outcome.findings[0]
    assert without or first.step_bias <= 0.2 * effect_of(name, first)


@pytest.mark.parametrize("name", IN_TURN)
@pytest.mark.parametrize("without", [False, True])
def test_every_standard_error_is_small_beside_its_effect(name: str, without: bool) -> None:
    """At most 5 %; the effect of a control is the one that it controls, `Finding.beside`."""
    for finding in short(name, without).findings:
        assert finding.standard_error <= 0.05 * effect_of(name, finding), finding


def effect_of(name: str, finding: Finding) -> float:
    """The larger effect of the same label with the mechanism and without it.

    A label that only one side has ends with the reward or the head of this side, after a comma.
    """
    quantity, alike = finding.label.rpartition(", ")[0], []
    for side in (False, True):
        others = short(name, side).findings
        same = [other for other in others if other.label == finding.label]
        alike += same or [
            other for other in others if quantity and other.label.rpartition(", ")[0] == quantity
        ]
    return max(other.effect for other in alike)


def shown_texts(outcome: SystemOutcome) -> list[str]:
    cells = [cell for row in outcome.rows for cell in row]
    return [*outcome.head, *cells, outcome.boundary, *(f.label for f in outcome.findings)]


@pytest.mark.parametrize("name", IN_TURN)
@pytest.mark.parametrize("without", [False, True])
def test_no_zero_is_negative_and_every_column_is_kept(name: str, without: bool) -> None:
    outcome = short(name, without)
    for text in shown_texts(outcome):
        assert not NEGATIVE_ZERO.search(text), text
    for row, shown in zip(outcome.rows, outcome.to_json()["table"], strict=True):
        assert tuple(shown.values()) == row


def test_headings_must_differ() -> None:
    for head in (("product", "product"), ("posterior ", "product")):
        with pytest.raises(ValueError, match="headings"):
            SystemOutcome("steps", without=False, findings=(), boundary="", head=head)


def test_a_knob_at_zero_keeps_every_column_and_has_no_sign() -> None:
    outcome = find_system("brme").run(scale="short", replicates=2, knobs={"rare": -0.0})
    assert len(outcome.to_json()["table"][0]) == len(outcome.head)
    assert not any(NEGATIVE_ZERO.search(text) for text in shown_texts(outcome))
    assert as_cells([-0.0, -0.0001]) == ("0.000", "0.000")


def test_what_does_not_agree_is_said_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong = Finding("rise", 0.3, 0.01, 0.31), Finding("fall", 0.3, 0.01, 0.5, 0.02)
    outcome = SystemOutcome("votes", without=False, findings=(right, wrong), boundary="End.")
    (sentence,) = outcome.warnings
    assert "`fall`" in sentence
    assert "0.200" in sentence
    assert "0.050" in sentence
    print_outcome(outcome)
    assert "Warning: `fall` does not agree" in capsys.readouterr().out
    print_summary([(outcome, outcome)])
    assert "votes, with: Warning: `fall`" in " ".join(capsys.readouterr().out.split())
    assert sentence.replace("`", "") in outcome._repr_html_().replace("`", "")
    assert not Finding("a single run", 0.3, math.nan, 0.9).warning  # nobody knows its error


@pytest.mark.parametrize("p", [0.3, 0.5, 0.55, 0.01])
@pytest.mark.parametrize("without", [False, True])
def test_the_estimator_is_exact_for_every_p(p: float, without: bool) -> None:
    (finding,) = (
        find_system("estimator").run(scale="short", without=without, knobs={"p": p}).findings
    )
    assert finding.agrees, finding
    assert finding.step_bias < 0.06


def test_the_command_lists_runs_and_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--list"]) == 0
    listed = capsys.readouterr().out
    for name in ("coupling", "shift", *SYSTEM_TITLES):
        assert f"  {name} " in listed
    assert main(["simulate", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["systems"] == dict(SYSTEM_TITLES)
    assert main(["simulate", "soft-verifier", "--short", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["systems"]
    assert shown["findings"][0]["agrees"]
    assert [row["weight"] for row in shown["table"]] == ["0.25", "0.5", "0.8", "1"]
    assert main(["simulate", "majorty"]) == 2
    assert "did you mean majority?" in capsys.readouterr().err
    assert main(["simulate", "majority", "--steps", "5"]) == 2


@pytest.mark.parametrize("name", IN_TURN)
def test_every_number_that_can_be_set_is_used_and_guarded(name: str) -> None:
    """Setting it changes the result, and values outside of its range are refused."""
    system = find_system(name)
    plain = system.run(scale="short", replicates=2).to_json()
    for knob in system.knobs:
        other = knob.low if knob.default != knob.low else knob.high
        value = round((knob.default + other) / 2) if knob.whole else (knob.default + other) / 2
        if knob.step:
            value = round(value / knob.step) * knob.step
        changed = system.run(scale="short", knobs={knob.name: value}, replicates=2)
        assert changed.to_json() != plain, knob
        with pytest.raises(ValueError, match="must lie in"):
            system.run(scale="short", knobs={knob.name: knob.high + 1})
    assert system.run(scale="short", replicates=3).runs == 3
    with pytest.raises(ValueError, match="no number"):
        system.run(scale="short", knobs={"unknown": 1})
