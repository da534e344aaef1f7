"""The recipe of docs/checking.md, as written: a safe repository passes, an unsafe one does not."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from simulations.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")
FUNCTIONS = Path(__file__).parent / "reward_functions"


def block(name: str) -> Any:
    """The YAML block of the page that is this file."""
    found = re.search(rf"^```yaml\n# {re.escape(name)}\n(.*?)^```$", PAGE, re.M | re.S)
    assert found is not None
    return import_module("yaml").safe_load(found[1])


def repository(folder: Path, function: str, scaling: str) -> Path:
    """A repository with the two files that the recipe names."""
    (folder / "rewards").mkdir(parents=True)
    (folder / "configs").mkdir()
    source = (FUNCTIONS / f"{'safe' if function == 'rlcr' else 'unsafe'}.py").read_text()
    (folder / "rewards" / "my_reward.py").write_text(f"{source}\n\nreward = {function}\n")
    (folder / "configs" / "grpo.yaml").write_text(f"scale_rewards: {scaling}\nbeta: 0.0\n")
    return folder


@pytest.mark.parametrize(
    ("function", "scaling", "code"),
    [
        ("rlcr", "none", 0),
        ("penalty_without_confidence", "none", 1),
        ("rlcr", "group", 1),
    ],
)
def test_the_hook(
    function: str,
    scaling: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (hook,) = block(".pre-commit-config.yaml")["repos"][0]["hooks"]
    program, *words = shlex.split(hook["entry"])
    assert (program, hook["pass_filenames"]) == ("scoring-theory", False)
    monkeypatch.chdir(repository(tmp_path / "repository", function, scaling))
    assert main(words) == code
    assert all(
        re.search(hook["files"], name) for name in ("rewards/my_reward.py", "configs/a.yaml")
    )
    # pre-commit hides what a hook prints if its exit code is 0, and shows the reason otherwise.
    assert ("HOLDS AS PROBED" if code == 0 else "REFUTED (") in capsys.readouterr().out
    assert (
        "--quiet" not in words
    )  # it hides progress and names of files, which are not printed here


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the job runs in a POSIX shell")
def test_the_job_writes_its_summary_and_fails(tmp_path: Path) -> None:
    steps = block(".github/workflows/rewards.yaml")["jobs"]["check"]["steps"]
    (command,) = (step["run"] for step in steps if "--markdown" in step.get("run", ""))
    tools = tmp_path / "bin"
    tools.mkdir()
    launcher = tools / "scoring-theory"
    launcher.write_text(
        f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'from simulations.cli import main;"
        ' raise SystemExit(main())\' "$@"\n'
    )
    launcher.chmod(0o755)
    summary = tmp_path / "summary.md"
    done = subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=repository(tmp_path / "repository", "endpoint_bonus", "none"),
        env={**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
             "GITHUB_STEP_SUMMARY": str(summary), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    shown = summary.read_text(encoding="utf-8")
    assert shown.startswith("### ❌ `my_reward.py:reward`: refuted\n")
    assert "| a misreport earns more | p = 9/10: expected reward 0.810" in shown
    assert "| `scale_rewards = none` | harmless |" in shown
