"""The record of mutation testing: it is complete, and what the documents say."""

from __future__ import annotations

import json
import tomllib

import pytest

from tests.mutation.mutants import ROOT, mutants, program
from tests.mutation.record import HERE, REASONS, record, share, table
from tests.mutation.trials import put

RECORD = json.loads((HERE / "record.json").read_text())
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutation"]


def test_the_record_stands_in_the_documents() -> None:
    assert table(RECORD) in (ROOT / "docs" / "reliability.md").read_text()
    assert list(RECORD["areas"]) == [area["name"] for area in SETTINGS["areas"]]
    assert (RECORD["seed"], RECORD["seconds"]) == (SETTINGS["seed"], SETTINGS["seconds"])


@pytest.mark.parametrize("name", RECORD["areas"])
def test_nine_of_ten_mutants_are_killed_and_survivors_have_reasons(name) -> None:
    area = RECORD["areas"][name]
    assert share(area) >= 90
    assert area["mutants"] == area["killed"] + area["timeouts"] + area["survived"]
    assert area["survived"] == len(area["survivors"])
    for one in area["survivors"]:
        assert (ROOT / one["file"]).exists()
        assert REASONS[one["key"]].items() <= one.items(), one


def test_reasons_are_given_for_survivors_alone() -> None:
    survivors = (one["key"] for area in RECORD["areas"].values() for one in area["survivors"])
    assert sorted(survivors) == sorted(REASONS)


def test_a_mutant_of_words_and_types_does_not_count() -> None:
    source = 'def f(x: int | str = 1) -> int | None:\n    """Words."""\n    raise E("a" + "b")\n'
    for old, new in (("int | str", "int ^ str"), ("int | None", "None"), ('"a" + ', '"a" - ')):
        assert program(source.replace(old, new)) == program(source)
    assert program(source.replace("= 1", "= 2")) != program(source)
    assert program(source.replace("raise E", "raise F")) != program(source)


def test_a_mutant_that_runs_into_its_limit_is_killed_and_survivors_are_listed() -> None:
    results = [
        {"key": str(n), "file": "f.py", "line": n, "change": "a", "result": result}
        for n, result in enumerate(["killed", "timeout", "survived", "killed"])
    ]
    found = record({"area": {"commit": "abc", "results": results}}, seed=1, seconds=2.0)
    area = found["areas"]["area"]
    assert (share(area), [one["line"] for one in area["survivors"]]) == (75, [2])
    assert "| area | 4 | 3 | 1 | 1 | 75.0 % | abc |" in table(found)


def test_the_order_of_mutants_depends_on_the_seed_and_not_on_lines_elsewhere() -> None:
    pytest.importorskip("cosmic_ray")
    files = ["proofs/kernel/limits.py"]
    first, second = (mutants(files, ["core/Rep"], seed) for seed in (0, 1))
    assert {one.line for one in first} == {one.line for one in second}
    assert [one.line for one in first] != [one.line for one in second]
    assert mutants(files, ["core/"], 0) == []


def test_a_mutant_is_put_into_the_function_that_holds_its_line_or_into_none() -> None:
    pytest.importorskip("cosmic_ray")
    from proofs.kernel.intervals import Interval

    (mutant,) = (
        one
        for one in mutants(["proofs/kernel/intervals.py"], ["core/Number"], 13)
        if one.operator.endswith("_Gt_Lt") and one.change().startswith("return self.low > 0 ")
    )
    before = Interval.positive.__code__
    assert not put(mutant, [Interval.negative])
    try:
        assert put(mutant, [Interval.positive])
        assert Interval(-2, -1, 8).positive()
    finally:
        Interval.positive.__code__ = before
