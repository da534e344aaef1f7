"""Names are found in any capitals and with hyphens, and a wrong one is answered by a near one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scoring_theory import export, probe, read_config
from scoring_theory.adapters import FRAMEWORKS
from scoring_theory.advantage.trainers import as_trainer
from scoring_theory.readers import READERS, as_reader
from scoring_theory.spelling import framework_name
from simulations.cli import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "trainers.md").read_text(encoding="utf-8")


def test_every_trainer_is_named_as_the_table_of_the_page_writes_it() -> None:
    table = PAGE.partition("| trainer | adapter |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    assert len(rows) >= 9
    for titles, adapter in rows:
        for title in titles.split(","):
            name = framework_name(re.sub(r" [\d.]+ *$", "", title), FRAMEWORKS)
            assert f"`as_{name}`" in adapter


@pytest.mark.parametrize("name", READERS)
def test_readers_are_named_in_any_capitals(name: str) -> None:
    assert as_reader(name.title()) == as_reader({"preset": name.upper()}) == READERS[name]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "--python", "a.py:f", "--reader", "boxt"], "did you mean 'boxed'?"),
        (["check", "c", "--estimator", "drgrpo"], "did you mean 'dr_grpo'?"),
        (["check", "--python", "a.py:f", "--framework", "OpenRHLF"], "did you mean 'openrlhf'?"),
        (["export", "c", "--framework", "v_erl", "-o", "-"], "did you mean 'verl'?"),
        (["check", "--python", "a.py:f", "--reader", "tags,scal=ten"], "did you mean 'scale'?"),
    ],
)
def test_a_wrong_name_is_answered_by_a_near_one(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_the_same_names_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = export("c - (q - c)^2", tmp_path / "a.py", framework="OpenRLHF")
    assert "--framework openrlhf" in written.read_text(encoding="utf-8")
    assert main(["export", "c - (q - c)^2", "--framework", "prime-rl", "-o", "-"]) == 0
    assert "--framework verifiers" in capsys.readouterr().out
    assert read_config({"num_generations": 8}, framework="TRL").framework == "trl"
    found = probe(lambda solution_str, **more: len(solution_str), framework="VERL", reader="Tags")
    assert (found.framework, found.reader) == ("verl", READERS["tags"])
    assert as_trainer("NeMo RL") == as_trainer("nemo-rl")
