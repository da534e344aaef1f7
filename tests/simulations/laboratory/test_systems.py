"""Every system: what is measured agrees with what is exact, and every system can be typed."""

from __future__ import annotations

import json
from functools import cache

import pytest

from simulations.cli import main
from simulations.laboratory.system import SystemOutcome
from simulations.laboratory.systems import SYSTEM_TITLES, find_system

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
    effect = max(abs(short(name, side).findings[0].exact) for side in (False, True))
    assert outcome.findings[0].standard_error <= 0.05 * effect
    assert without or outcome.findings[0].step_bias <= 0.2 * effect


def test_the_command_lists_runs_and_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--list"]) == 0
    listed = capsys.readouterr().out
    for name in ("coupling", "shift", *SYSTEM_TITLES):
        assert f"  {name} " in listed
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
