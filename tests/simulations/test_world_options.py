"""Every option of a world has a command that runs and changes the world."""

from __future__ import annotations

import argparse
import inspect
import json
import re
import shlex
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations import worlds
from simulations.cli import chosen_experiments, experiment_options, main, system_options
from simulations.laboratory.systems import SYSTEM_TITLES, find_system
from simulations.signals import SIGNALS
from tests.programs.write_systems import WORLD_OPTIONS

ROOT = Path(__file__).parents[2]
COMMANDS = [command for _, command in WORLD_OPTIONS]
QUICK = "--short --steps 4 --replicates 2 --reward rlcr --quiet --json"
NOT_OPTIONS = {
    "World": "what the builders make",
    "accepted_probability": "the formula of `noisy_verifier`",
    "informedness": "what `noisy_verifier` leaves of the difference between right and wrong",
    "draw_outcomes": "the randomness of `outcomes`",
    "drifted": "the way from one world to another, which an experiment takes with --drift",
    "robust_mixture": "the formula of `fitted_heads`",
    "Beta": "the difficulty of `bank`, which --headroom moves",
    "TwoPoint": "in Python; --solve-rates lists any rates",
    "Listed": "in Python; --solve-rates lists any rates",
    "Outcomes": "a type; --outcomes",
    "sum_world": "in Python; the questions of --agent transformer are those of `lookup_world`",
}


def of_systems(command: str) -> bool:
    return shlex.split(command)[1] in SYSTEM_TITLES


def outcome(command: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(shlex.split(command)) == 0
    description: dict[str, object] = json.loads(capsys.readouterr().out)["records"][0][
        "description"
    ]
    return description


@pytest.mark.parametrize("command", [c for c in COMMANDS if not of_systems(c)])
def test_the_command_of_a_world_option_runs_and_changes_the_experiment(
    command: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rates.csv").write_text("solve_rate\n0.2\n0.7\n", encoding="utf-8")
    agent = "--agent tabular" if "tabular" in command else ""
    changed = outcome(f"{command} {QUICK}", capsys)
    plain = outcome(f"simulate {agent} {QUICK}", capsys)
    acting = ("world", "elsewhere", "drifts_to", "signal")
    assert any(changed[part] != plain[part] for part in acting)


@pytest.mark.parametrize("command", [c for c in COMMANDS if of_systems(c)])
def test_a_world_option_of_a_system_is_one_of_its_numbers(command: str) -> None:
    parser = argparse.ArgumentParser()
    system_options.add_system_arguments(parser)
    options = parser.parse_args(shlex.split(command)[1:])
    for name, value in options.set:
        find_system(options.name).knob(name).require(value)


def test_every_option_of_the_group_stands_in_the_table() -> None:
    flags = {f"--{name.replace('_', '-')}" for name in experiment_options.OF_WORLDS}
    assert flags == {word for c in COMMANDS for word in shlex.split(c) if word in flags}


def test_every_builder_and_wrapper_has_an_option() -> None:
    """A new world without an option fails here: give it one, or say why it needs none."""
    source = inspect.getsource(chosen_experiments)
    assert {name for name in worlds.__all__ if f"{name}(" not in source} == set(NOT_OPTIONS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--right-answers 2", "an option of the agents without features"),
        ("--agent tabular --visible-difficulty 0.5", "an option of the agents with features"),
        ("--agent tabular --visible-shift", "an option of the agents with features"),
        ("--agent tabular --right-answers 2 --shift 1", "cannot be combined with --shift"),
        ("--agent tabular --right-answers 2 --headroom 1", "cannot be combined with --headroom"),
        ("--agent tabular --right-answers 8", "must be from 1 to 7"),
        ("--agent tabular --covariate-shift 1", "needs a world with features"),
        ("--head-scores 3", "needs --reward-heads"),
        ("--signal-option a=1", "needs a --signal"),
        ("--signal judge --agent coupled", "a signal trains the tabular agent"),
        ("--signal judge --signal-option a=x", "must be a number, got 'x'"),
        ("--signal majority --estimator component_std", "an estimator of components cannot"),
        ("--signal majority --update replicator", "the replicator needs"),
        ("--signal majority --drift 1", "a world that drifts"),
        ("majority --signal brme", "cannot be combined with --signal"),
    ],
)
def test_options_that_contradict_each_other_are_refused_in_a_sentence(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *shlex.split(words), "--short"]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_a_signal_is_printed_beside_its_exact_value(capsys: pytest.CaptureFixture[str]) -> None:
    words = "simulate --signal majority --reward binary --steps 5 --replicates 2 --short"
    assert main([*words.split(), "--group-size", "2"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Signal majority" in shown
    assert "exact" in shown
    assert "binary: all advantages are 0, so nothing was learned" in shown
    assert main([*words.split(), "--estimator", "batch_std"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "No exact value: at most 200000 groups can be enumerated" in shown
    assert "nothing was learned" not in shown


def test_a_record_of_a_signal_has_its_expected_update_in_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = "simulate --signal sign --signal-option right=1 --reward rlcr --steps 5 --short --json"
    assert main([*words.split(), "--replicates", "2", "--quiet"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["records"]
    assert record["description"]["signal"] == {"name": "sign", "right": 1.0, "wrong": 1.0}
    assert record["expected"]["in"].keys() == record["in"].keys()


def test_the_names_and_options_of_signals_are_those_of_command_and_page() -> None:
    assert tuple(SIGNALS) == experiment_options.SIGNAL_NAMES
    page = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    for name, made in SIGNALS.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*\| ([^|]*) ?\|$", page, re.M)
        assert re.findall(r"`(\w+)`", row) == [one.name for one in fields(made)]


def test_the_knobs_of_worlds_do_what_they_say() -> None:
    plain, raised = worlds.feature_world(512), worlds.feature_world(512, headroom=1.0)
    assert raised.best_accuracy > plain.best_accuracy + 0.05
    assert worlds.bank(headroom=1.0) == worlds.bank(shift=-1.0)
    for make in (worlds.bank, worlds.feature_world):
        second = [
            float(np.sort(make(512, sharpness=s).success_probability, axis=1)[:, -2].mean())
            for s in (0.5, 1.0, 3.0)
        ]
        assert second == sorted(second, reverse=True)


def test_the_visible_share_is_the_share_of_the_variance_that_features_explain() -> None:
    """sum_k p_k = sigmoid(1.5 - 1.5 difficulty), so that its log-odds are linear in x_1 and z."""
    for share in (0.0, 0.4, 1.0):
        world = worlds.feature_world(4096, visible_difficulty=share)
        assert world.features is not None
        solvable = world.success_probability.sum(axis=1)
        log_odds = np.log(solvable / (1 - solvable))
        explained = np.corrcoef(log_odds, world.features[:, 1])[0, 1] ** 2
        assert explained == pytest.approx(share, abs=0.03)
    assert np.array_equal(
        worlds.feature_world(64).success_probability,
        worlds.feature_world(64, visible_difficulty=1.0).success_probability,
    )


@given(st.integers(1, 5), st.integers(2, 9), st.data())
def test_several_answers_are_always_right(
    questions: int, answers: int, data: st.DataObject
) -> None:
    right = data.draw(st.integers(1, answers - 1))
    truth = worlds.several_right(questions, answers, right=right).success_probability
    assert set(np.unique(truth)) == {0.0, 1.0}
    assert (truth.sum(axis=1) == right).all()


def test_traces_of_traces_are_longer_traces() -> None:
    world = worlds.bank(8, 4)
    long = worlds.with_steps(worlds.with_steps(world, 2), 3)
    assert long.success_probability == pytest.approx(
        worlds.with_steps(world, 6).success_probability
    )
    assert worlds.with_steps(world, 1) is world


def test_more_verdicts_and_more_pessimism_leave_less_to_exploit() -> None:
    """What training finds: P(accepted) minus P(correct) of the answer that the heads like best."""

    def exploited(**options: Any) -> float:
        world = worlds.fitted_heads(worlds.bank(256, 8), 5, **options)
        best = world.paid_probability.argmax(axis=1)[:, None]
        gap = world.paid_probability - world.success_probability
        return float(np.take_along_axis(gap, best, axis=1).mean())

    assert exploited(scores=4, alpha=1.0) > exploited(scores=4, alpha=0.0) + 0.05
    assert exploited(scores=4, alpha=1.0) > exploited(scores=400, alpha=1.0) + 0.1


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: worlds.bank(sharpness=-1.0), "`sharpness` not negative"),
        (lambda: worlds.feature_world(headroom=float("nan")), "`headroom` must be finite"),
        (lambda: worlds.feature_world(visible_difficulty=1.5), r"must lie in \[0, 1\], got 1.5"),
        (lambda: worlds.several_right(2, 4, right=4), "must be from 1 to 3"),
        (lambda: worlds.with_steps(worlds.bank(2), 0), "`steps` must be at least 1"),
        (lambda: worlds.fitted_heads(worlds.bank(2), 0), "`heads` must be at least 1"),
        (lambda: worlds.fitted_heads(worlds.bank(2), 2, alpha=2.0), "`weight` must lie in"),
    ],
)
def test_worlds_outside_their_domain_are_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()
