"""`check` of rewards that are not typed in q and c: a value function, a threshold density with
atoms.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from scoring_theory import Reward
from simulations.cli import main


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("arguments", [("--value", "p^2"), ("--density", "2", "--atom", "0=1")])
def test_rlcr_from_its_value_and_from_its_thresholds(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """V = p^2; density 2 and the plain bonus at t = 0."""
    code, shown = checked(capsys, *arguments)
    assert code == 0
    assert shown["verdict"] == "holds"
    assert shown["threshold_density"] == "2"
    assert Reward.parse(str(shown["formula"])) == Reward.parse("c - (q-c)^2")


def test_atoms_alone_are_only_weakly_proper(capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = checked(capsys, "--density", "0", "--atom", "1/2=1", "--atom", "3/4=0.5")
    assert code == 1
    assert "mass 1/2 at t = 3/4" in str(shown["threshold_density"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--value", "-p^2"), "convex"),
        (("--density", "-1"), "nonnegative"),
        (("--density", "2", "--atom", "x=1"), "got 'x=1'"),
        (("--density", "2", "--atom", "2=1"), r"\[0, 1\]"),
        (
            ("--density", "2", "--atom", "0.5=1", "--atom", "1/2=1"),
            "the atom at 1/2 is given twice",
        ),
        (("--atom", "0=1"), "give one of"),
        (("c", "--atom", "0=1"), "--atom needs --density"),
        (("c", "--value", "p"), "got a formula and --value"),
        (("1/0",), "division by zero"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_two(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert re.search(sentence, told.err)


def test_a_density_whose_mass_is_pi(capsys: pytest.CaptureFixture[str]) -> None:
    """`w = (t (1-t))^(-1/2)`: B(1/2, 3/2) = pi/2, so with an atom of mass 2 at 0 `m = 2 - pi/2`."""
    code, shown = checked(capsys, "--density", "t^(-1/2)*(1-t)^(-1/2)", "--atom", "0=2")
    assert code == 0
    assert shown["accuracy_margin"]["value"] == pytest.approx(2 - math.pi / 2, rel=1e-14)


def test_a_loss_is_recognised_by_its_other_sign(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(formula: str) -> str:
        main(["check", formula])
        return " ".join(capsys.readouterr().out.split())

    assert "as a loss, of which less is better, this formula is strictly proper" in shown("(q-c)^2")
    assert "so write -(q - c)^2" in shown("(q-c)^2")
    assert "as a loss" not in shown("abs(q - c)")  # improper with both signs
    assert "as a loss" not in shown("-(q - c)^2")
