"""What the commands print as JSON is what docs/schemas says, and the schemas can refuse."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from simulations.cli import main

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
FILES = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in FILES.items()
)
LOG = "correct,confidence,method,question\n1,.9,a,1\n0,.2,a,1\n1,.7,b,1\n0,.6,b,1\n"

COMMANDS = [
    ("check", ["check", "c - 2*(q - c)^2"]),
    ("check", ["check", "c + log", "--estimator", "grpo"]),
    ("check", ["check", "c", "--config", "{folder}/grpo.yaml"]),
    ("config", ["check", "--config", "{folder}/grpo.yaml"]),
    ("probe", ["check", "--python", "{folder}/mine.py:reward", "--config", "{folder}/grpo.yaml"]),
    ("verify", ["verify", "{folder}/certificate.json"]),
    ("rules", ["rules"]),
    ("rules", ["rules", "brier"]),
    ("design", ["design", "--threshold", "0.6", "--margin", "0.1"]),
    ("design", ["design", "--beta", "8,3"]),
    ("repair", ["repair", "c - 2*(q - c)^2"]),
    ("repair", ["repair", "c - (q - c)^2"]),
    ("compare", ["compare", "rlcr", "c", "c + log"]),
    ("replay", ["replay", "{folder}/log.csv"]),
    ("replay", ["replay", "{folder}/log.csv", "--reward", "c - (q - c)^2", "--no-intervals"]),
    ("calibrate", ["calibrate", "{folder}/log.csv"]),
    ("calibrate", ["calibrate", "{folder}/log.csv", "--no-intervals", "--by", "question"]),
    ("watch", ["watch", "{folder}/log.csv", "--once"]),
    ("simulate", ["simulate", "--agent", "tabular", "--steps", "20", "--replicates", "2"]),
    ("simulate", ["simulate", "--signal", "graded", "--steps", "5", "--replicates", "2"]),
    (
        "simulate",
        [
            "simulate",
            "--agent",
            "tabular",
            "--steps",
            "20",
            "--replicates",
            "2",
            "--reward",
            "rlcr",
            "--abstain",
            "truthrl",
        ],
    ),
    ("systems", ["simulate", "shift", "--short"]),
]


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(FILES[f"{name}.schema.json"], registry=REGISTRY)


def printed(
    arguments: Sequence[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """The object that a command prints with `--json`."""
    (folder / "log.csv").write_text(LOG)
    (folder / "grpo.yaml").write_text("num_generations: 4\nbeta: 0.1\nlr: 1\nfoo: 2\n")
    (folder / "mine.py").write_text("def reward(completions, **kw): return [0.5]\n")
    main(["check", "rlcr", "--certificate", str(folder / "certificate.json")])
    capsys.readouterr()
    main([*(word.format(folder=folder) for word in arguments), "--json"])
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


@pytest.mark.parametrize(("name", "arguments"), COMMANDS, ids=[" ".join(c[1]) for c in COMMANDS])
def test_a_command_prints_what_its_schema_says(
    name: str, arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    validator(name).validate(printed(arguments, tmp_path, capsys))


def test_a_written_certificate_has_its_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "certificate.json"
    main(["check", "c + spherical", "--certificate", str(file)])
    validator("certificate").validate(json.loads(file.read_text()))


def test_every_schema_is_valid_listed_and_tried() -> None:
    for schema in FILES.values():
        Draft202012Validator.check_schema(schema)
    page = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    tried = {f"{name}.schema.json" for name, _ in COMMANDS} | {"certificate.schema.json"}
    assert set(FILES) == tried
    assert all(f"({name})" in page for name in FILES)


def damaged(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The object with each of its fields missing, and with a version that does not exist."""
    for key in data:
        less = copy.deepcopy(data)
        del less[key]
        yield less
    yield {**data, "schema": 99}


@pytest.mark.parametrize("name", ["check", "repair", "replay", "systems"])
def test_a_schema_refuses_what_is_missing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = printed(next(words for key, words in COMMANDS if key == name), tmp_path, capsys)
    rules = validator(name)
    assert rules.is_valid(data)
    assert not any(rules.is_valid(one) for one in damaged(data))
