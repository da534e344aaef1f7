"""What every system prints at the ends of the range of each of its numbers, in a tiny training."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from importlib import import_module

import matplotlib.pyplot as plt
import pytest

from simulations.cli.system_options import print_outcome
from simulations.figures import system_figure
from simulations.laboratory.system import Conditions, SystemOutcome
from simulations.laboratory.systems import SYSTEM_TITLES, find_system, module_of
from simulations.signals import NothingLearned
from tests.support.systems import forgotten

NO_NUMBER = re.compile(r"\b(?:inf|nan|infinity)\b|(?<![\w.])-0(?:\.0+)?(?![\d.])|[-+]-|--\d")
"""Infinite and undefined numbers, a zero with a sign, and two signs in a row."""
SHARES = re.compile(r"\b(?:share|accuracy|coverage|hallucination|right on more than)\b")
QUICK = {"contrastive", "decision-gap", "disagreement", "learning-speed", "rlsf", "selection",
         "separate-credit", "shift", "soft-verifier", "utility"}  # fmt: skip
"""The others take a second or more."""
IN_TURN = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SYSTEM_TITLES
]


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few steps, also where the end of a long training is computed, which others must not get."""
    modules = [import_module(module_of(title)) for title in SYSTEM_TITLES]
    monkeypatch.setattr(Conditions, "steps", lambda _, short, full: max(41, short // 40))
    for module in modules:
        for name in ("_LONG", "_SETTLED"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, 50)
    with forgotten():
        yield


def shares_outside(outcome: SystemOutcome) -> list[str]:
    """Shares of the findings, of the table and of the sentence that lie outside of [0, 1]."""
    named = [
        (finding.label, f"{number:.9f}")
        for finding in outcome.findings
        if not re.search(r"change|effect|minus|rise|lost|spread", finding.label)
        for number in (finding.measured, finding.exact)
    ]
    for row in outcome.rows:
        columns = zip(outcome.head, row, strict=True)
        named += [pair for pair in columns if not re.search(r"minus|best conf|utility", pair[0])]
    named += [
        ("share", x) for x in re.findall(r"a share of (-?[\d.]+\d)(?! times)", outcome.boundary)
    ]
    found = []
    for label, text in named:
        if SHARES.search(label) and re.fullmatch(r"[-+]?\d+(?:\.\d+)?", text):
            found += [] if -1e-9 <= float(text) <= 1 + 1e-9 else [f"{label}: {text}"]
    return found


@pytest.mark.parametrize("name", IN_TURN)
def test_no_text_is_wrong_at_the_ends(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the mechanism and without it, at the least and the largest value of each number."""
    system = find_system(name)
    wrong: list[tuple[bool, dict[str, float], str]] = []
    ends: list[dict[str, float]] = [
        {},
        *({knob.name: end} for knob in system.knobs for end in (knob.low, knob.high)),
    ]
    for without in (False, True):
        for knobs in ends:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NothingLearned)
                try:
                    outcome = system.run(scale="short", without=without, knobs=knobs, replicates=1)
                except ValueError as refused:  # two numbers that do not go together
                    wrong += [] if "must" in str(refused) else [(without, knobs, str(refused))]
                    continue
            print_outcome(outcome)
            printed = capsys.readouterr().out
            lines = [line for line in printed.splitlines() if NO_NUMBER.search(line)]
            wrong += [(without, knobs, line) for line in lines + shares_outside(outcome)]
    assert not wrong


@pytest.mark.parametrize("name", IN_TURN)
def test_both_sides_are_drawn_in_one_figure(name: str) -> None:
    """Also where one side has more panels than the other."""
    system = find_system(name)
    sides = [system.run(scale="short", without=each, replicates=2) for each in (False, True)]
    drawn = system_figure(sides)
    shown = [axes for axes in drawn.figure.axes if axes.get_visible() and axes.get_title()]
    assert len(shown) == sum(len(side.panels) for side in sides)
    plt.close(drawn.figure)
