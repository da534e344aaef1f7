"""The child process of `probe`: limits, noise, errors; and `check --python` on the command line."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from pathlib import Path

import pytest

from scoring_theory.probing import ProbeError, probe
from simulations.cli import main

FUNCTIONS = Path(__file__).parent / "reward_functions"
UNSAFE, SAFE = str(FUNCTIONS / "unsafe.py"), str(FUNCTIONS / "safe.py")
GOOD = """
import re
def reward(completions, answer, **kwargs):
    paid = []
    for text, gold in zip(completions, answer):
        said = re.findall(r"<confidence>([0-9.]+)</confidence>", text)
        right = f"<answer>{gold}</answer>" in text
        paid.append(right - (float(said[0]) - right) ** 2 if said and float(said[0]) <= 1 else -1.0)
    return paid
"""


def written(folder: Path, text: str) -> str:
    file = folder / "mine.py"
    file.write_text(text, encoding="utf-8")
    return f"{file}:reward"


def test_a_file_is_executed_in_the_child_alone(tmp_path: Path) -> None:
    """It changes its own process, prints, and reads standard input: nothing of it arrives here."""
    noisy = (
        "import os, sys\nprint('{\"done\": true}')\nos.environ['PROBED'] = '1'\n"
        "sys.stdin.read()\nos.chdir('/')\n" + GOOD.replace("paid = []", "paid = []; print('x')")
    )
    before = set(sys.modules)
    found = probe(written(tmp_path, noisy))
    assert (found.formula, found.holds) == ("c - (q - c)^2", True)
    assert "PROBED" not in os.environ
    assert "mine" not in set(sys.modules) - before
    assert found.limits == ("time" if os.name == "nt" else "time and memory")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import no_such_module", "the file cannot be imported: ModuleNotFoundError"),
        ("raise SystemExit(0)", "the file cannot be imported: SystemExit"),
        ("def other(): pass", "the file has no `reward`; its functions are other"),
        ("reward = 3", "`reward` is not a function"),
        ("def reward(completions, **kwargs): return []", r"returned 0 rewards for 1 completion"),
        ("def reward(completions, **kwargs): return ['good']", "which is no number"),
        ("def reward(completions, rubric): return [0.0]", "--column rubric=VALUE"),
        (
            "import os\nos._exit(0)",
            r"mine.py:reward: the process ended while the file was imported, without an answer"
            r" \(exit code 0: the code ends it by itself, as os._exit does\)",
        ),
        (
            "import os\ndef reward(completions, **kwargs): os._exit(3)",
            r"mine.py:reward: the process ended while the function was called, .*\(exit code 3",
        ),
    ],
)
def test_what_cannot_be_called_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ProbeError, match=sentence):
        probe(written(tmp_path, text))


def test_the_function_that_ends_the_process_is_named(tmp_path: Path) -> None:
    ends = "import os\ndef reward(completions, **kwargs): os.abort()"
    with pytest.raises(ProbeError, match=r"mine.py:reward: the process ended while the function"):
        probe([f"{SAFE}:rlcr", written(tmp_path, ends)])
    with pytest.raises(ProbeError, match=r"^mine.py:reward: the file cannot be imported"):
        probe([f"{SAFE}:rlcr", written(tmp_path, "import no_such_module")])


def test_sys_exit_in_a_function_is_a_defect_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leaves = "import sys\ndef reward(completions, answer, **kwargs): sys.exit(0)"
    assert main(["check", "--python", written(tmp_path, leaves)]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "mine.py:reward REFUTED (the function raises" in shown
    assert "it raised SystemExit(0), as sys.exit does, which would end the training for" in shown


def test_time_is_limited(tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(ProbeError, match="took more than 1 seconds, and was stopped"):
        probe(written(tmp_path, "import time\ntime.sleep(3600)"), seconds=1)
    assert time.monotonic() - start < 600


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is tried on Linux")
def test_memory_is_limited(tmp_path: Path) -> None:
    """A gigabyte is more than the 300 megabytes that are allowed."""
    greedy = GOOD.replace("paid = []", "paid = []; bytearray(10**9)")
    found = probe(written(tmp_path, greedy), megabytes=300)
    assert "raised MemoryError" in found.defects[0].reason


@pytest.mark.slow
def test_several_functions_of_two_files_and_a_column(tmp_path: Path) -> None:
    text = "def reward(completions, rubric, **_): return [float(rubric[0]) for _ in completions]"
    found = probe(
        [f"{SAFE}:accuracy", f"{SAFE}:calibration", written(tmp_path, text)], columns={"rubric": 3}
    )
    assert found.formula == "3 + c - (q - c)^2"
    assert found.parts == ("c", "-(q - c)^2", "3")


@pytest.mark.slow
def test_the_fifteen_in_the_child_as_in_this_process() -> None:
    from tests.scoring_theory.test_probe import SAFE as RIGHT
    from tests.scoring_theory.test_probe import UNSAFE as WRONG

    for names, options, kind, formula, _ in WRONG:
        found = probe([f"{UNSAFE}:{name}" for name in names.split()], **options)
        assert (found.formula, [each.kind for each in found.defects]) == (formula, [kind])
    for names, options, formula in RIGHT:
        found = probe([f"{SAFE}:{name}" for name in names.split()], **options)
        assert (found.formula, found.holds) == (formula, True)


def test_the_command_has_the_exit_codes_of_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--python", f"{UNSAFE}:penalty_without_confidence"]) == 1
    shown = capsys.readouterr().out
    assert "REFUTED (leaving the confidence out earns more)" in shown
    assert "scoring-theory check 'c - (q - c)^2' --missing=c --malformed=c" in shown
    assert main(["check", "--python", f"{SAFE}:percent", "--framework", "verl",
                 "--reader", "percent", "--json"]) == 0  # fmt: skip
    shown = json.loads(capsys.readouterr().out)
    assert (shown["verdict"], shown["check"]["verdict"]) == ("holds", "holds")
    assert main(["check", "--python", f"{UNSAFE}:no_such", "--quiet"]) == 2
    assert "unsafe.py:no_such: the file has no `no_such`" in " ".join(
        capsys.readouterr().err.split()
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("penalty_without_confidence", {}, "loophole: omitting the confidence"),
        ("log10_of_ten", {"reader": "tags,scale=ten"}, "NOT JOINTLY OPTIMAL FOR REPORTS ON A GRID"),
    ],
)
def test_the_command_to_prove_proves_what_was_probed(
    name: str, options: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = probe(f"{UNSAFE}:{name}", **options).command
    assert main(shlex.split(command)[1:]) == 1
    assert told in " ".join(capsys.readouterr().out.split())


@pytest.mark.slow
def test_the_summary_is_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "grpo.yaml"
    config.write_text("num_generations: 8\nscale_rewards: none\nbeta: 0.04\nfoo: 1\n")
    words = ["check", "--python", f"{SAFE}:rlcr", "--config", str(config), "--markdown"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("### ✅ `safe.py:rlcr`: holds\n")
    assert "| `beta = 0.04` | not modelled |" in shown
    assert "Not read: `foo`." in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["c", "--python", "a.py:f"], "takes the place of a formula"),
        (["c", "--reader", "json"], "--reader is about a reward function"),
        (["c", "--framework", "trl"], "--framework needs --python or --config"),
        (["--python", "a.py"], "given as FILE.py:NAME, got 'a.py'"),
        (["--python", "a.py:f"], "there is no such file: 'a.py'"),
        (["--python", "a.py:f", "--missing", "0"], "--missing is what --python finds out"),
        (["--python", "a.py:f", "--column", "x"], "--column takes NAME=VALUE, got 'x'"),
        (["--python", "a.py:f", "--weights", "a"], "`weights` must consist of finite numbers"),
        (["--batch", "-", "--python", "a.py:f"], "--batch checks the lines of a file"),
    ],
)
def test_misuse_is_a_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *words]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())
