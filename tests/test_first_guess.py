"""Names that a newcomer tries first work, or are answered by a sentence; one table decides, and all
else follows it.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import scoring_theory
import simulations

GUESSES = tomllib.loads((Path(__file__).parent / "first_guesses.toml").read_text(encoding="utf-8"))
PACKAGES = (scoring_theory, simulations)
TRIED = [
    (simulations if source == "simulations" else scoring_theory, name)
    for source, names in GUESSES.items()
    for name in names
]


@pytest.mark.parametrize(
    ("package", "name"), TRIED, ids=lambda x: x if isinstance(x, str) else x.__name__
)
def test_a_first_guess_works_or_is_answered_by_a_sentence(package: ModuleType, name: str) -> None:
    if name in package._PUBLIC.elsewhere:
        with pytest.raises(ImportError, match=f"^{package.__name__} has no {name!r}: ") as answer:
            exec(f"from {package.__name__} import {name}", {})
        assert len(str(answer.value).split()) >= 8
    else:
        assert getattr(package, name) is not None


def test_most_of_the_readme_works() -> None:
    working = [name for name in GUESSES["readme"] if name in scoring_theory.__all__]
    assert len(working) >= 34


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_in_its_home_and_every_list_follows(package: ModuleType) -> None:
    table = package._PUBLIC
    assert package.__all__ == sorted(table.homes)
    assert set(dir(package)) == {*table.homes, *table.rooms()}
    for name, home in table.homes.items():
        assert getattr(package, name) is getattr(importlib.import_module(home), name)
    stub = Path(str(package.__file__)).with_suffix(".pyi").read_text(encoding="utf-8")
    assert stub == "\n".join(table.stub()) + "\n", "run `make names`"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_room_has_the_name_of_a_thing_that_is_handed_out(package: ModuleType) -> None:
    """Python would bind the name to the module as soon as somebody imports it."""
    assert package._PUBLIC.homes.keys() & package._PUBLIC.rooms() == set()
    assert not package._PUBLIC.elsewhere.keys() & package._PUBLIC.homes.keys()


@pytest.mark.parametrize(
    "program",
    [
        (
            "import scoring_theory.designing, scoring_theory.replaying, scoring_theory.adapters,"
            " simulations.running, simulations.sweep; from scoring_theory import design, replay,"
            " export; from simulations import run, Record, sweep; print(*map(callable, (design,"
            " replay, export, run, Record, sweep.sweep)))"
        ),
        (
            "from scoring_theory import design, replay, export; from simulations import run,"
            " Record; import scoring_theory.designing, scoring_theory.replaying,"
            " scoring_theory.adapters, simulations.running, simulations.sweep, scoring_theory as"
            " t, simulations as s; print(*map(callable, (t.design, t.replay, t.export, s.run,"
            " s.Record, s.sweep.sweep)))"
        ),
    ],
)
def test_functions_stay_functions_in_both_orders_of_import(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True"] * 6
