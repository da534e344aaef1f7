"""The list of tests that `make test` leaves to `make test-long`."""

from __future__ import annotations

from pathlib import Path

from tests.programs.costs import KEPT, LIST, by_function

ROOT = Path(__file__).parents[1]
NAMES = LIST.read_text(encoding="utf-8").split()


def test_every_long_test_exists() -> None:
    """A renamed test must not stay in the list: it would run in `make test` without notice."""
    for name in NAMES:
        path, _, test = name.partition("::")
        source = (ROOT / path).read_text(encoding="utf-8")
        last = test.split("::")[-1].split(".")[-1]
        assert (
            f"def {last}(" in source
            or f"class {last}" in source
            or path.endswith(f"{last}.py")
            or f"/{last}/__init__.py" in path
        ), name


def test_the_list_is_sorted_without_what_always_runs() -> None:
    assert sorted(set(NAMES)) == NAMES
    assert not any(name.startswith(KEPT) for name in NAMES)


def test_costs_are_added_over_the_cases_of_a_function(tmp_path: Path) -> None:
    (tmp_path / "1").write_text("0.5\ta.py::f[1]\n0.1\ta.py::g\n")
    (tmp_path / "2").write_text("0.25\ta.py::f[2]\n")
    assert by_function(tmp_path) == {"a.py::f": 0.75, "a.py::g": 0.1}
