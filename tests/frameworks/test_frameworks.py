"""Each adapter and each exported file, called by its real framework: `make frameworks`, a few
minutes on a processor.

Each framework has an environment of its own, because their requirements contradict each other; the
folder that holds them is `SCORING_THEORY_FRAMEWORKS`. The scripts of this folder run there, and
what they print is tested here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scoring_theory.adapters import export, scorer
from scoring_theory.reward import Reward

pytestmark = pytest.mark.frameworks

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = Path(os.environ.get("SCORING_THEORY_FRAMEWORKS", ROOT / ".venv-frameworks")).absolute()
RLCR = Reward.parse("c - (q - c)**2")
SAID = [
    ("<answer>4</answer><analysis>sure</analysis><confidence>90%</confidence>", "4"),
    ("<think><answer>4</answer></think><answer>5</answer><confidence>1/2</confidence>", "4"),
    ("<answer>4</answer>", "4"),
    ("<answer>4</answer><confidence>nan</confidence>", "4"),
    ("<answer>4</answer><answer>5</answer><confidence>1</confidence>", "4"),
]
EARNED = [scorer(RLCR)(text, truth).reward for text, truth in SAID]


def run(
    environment: str,
    *command: str,
    given: object = None,
    package: bool = True,
    cwd: Path | None = None,
) -> Any:
    """The JSON on the last line that a script prints in a framework's environment."""
    python = FOLDER / environment / "bin" / "python"
    if not python.exists():
        pytest.fail(
            f"there is no environment {python.parent.parent}: `make frameworks` makes it",
            pytrace=False,
        )
    known = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    offline = {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "ACCELERATE_USE_CPU": "1",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [str(python), *command],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd or HERE,
        env={**known, **offline, **({"PYTHONPATH": str(ROOT)} if package else {})},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("exported")

    def one(framework: str) -> Path:
        place = folder / framework
        place.mkdir(exist_ok=True)
        return export(RLCR, place / "reward.py", framework=framework)

    return one


# ---------------------------------------------------------------------------------------------- TRL


def test_confidence_runs_to_one_with_group_scaling_and_settles_at_the_truth_without() -> None:
    """One question, true 7 times of 10, so that all rollouts of a group share the outcome (Theorem
    29).
    """
    ends = {}
    for scale in ("group", "none"):
        log = run("trl", "grpo.py", scale, "0", "300")["log"]
        assert log[0]["rlcr/confidence"] == pytest.approx(
            0.5, abs=0.05
        )  # it begins with any confidence alike
        assert log[-1]["rlcr/format_ok"] > 0.99
        ends[scale] = log[-1]["rlcr/confidence"]
    assert ends["group"] > 0.97
    assert ends["none"] == pytest.approx(0.7, abs=0.05)


def test_messages_and_an_async_reward() -> None:
    log = run("trl", "grpo.py", "none", "0", "3", "--conversation")["log"]
    assert 0 < log[-1]["rlcr/format_ok"] < 1
    assert -1 <= log[-1]["reward"] <= 1


def test_the_trainer_takes_an_exported_file(exported: Any) -> None:
    """The same seed and reward: the same rewards, bit for bit, without the package."""
    ours = run("trl", "grpo.py", "none", "1", "5")
    theirs = run(
        "trl", "grpo.py", "none", "1", "5", "--exported", str(exported("trl")), package=False
    )
    assert (ours["package"], theirs["package"]) == (True, False)
    assert [line["reward"] for line in theirs["log"]] == [line["reward"] for line in ours["log"]]


def test_three_functions_train_as_one() -> None:
    """Accuracy, score and format with their weights: the same rewards, up to the trainer's float32,
    where each completion can be read.
    """
    whole = run("trl", "grpo.py", "none", "1", "5")["log"]
    parts = run("trl", "grpo.py", "none", "1", "5", "--parts")["log"]
    assert {line["rlcr/format_ok"] for line in whole} != {0}
    for one, three in zip(whole, parts, strict=True):
        assert three["reward"] == pytest.approx(one["reward"], abs=1e-5)
        assert three["rlcr/confidence"] == pytest.approx(one["rlcr/confidence"], abs=1e-5)


def test_the_command_of_the_trainer_finds_an_exported_file(exported: Any) -> None:
    """As trl/scripts/grpo.py imports it, with the name that the trainer logs it under; and in a
    process of its own, as pools and clusters send it.
    """
    path = exported("trl")
    code = (
        "import importlib, json, os, pickle, sys\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from multiprocessing import get_context\n"
        "from trl.trainer.utils import get_callable_name, is_async_callable\n"
        "sys.path.insert(0, os.getcwd())\n"
        "function = getattr(importlib.import_module('reward'), 'reward_function')\n"
        "said = '<answer>4</answer><confidence>0.5</confidence>'\n"
        "call = dict(prompts=['?'], completions=[said], solution=['4'])\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as pool:\n"
        "        paid = pool.submit(function, **call).result()\n"
        "    print(json.dumps([get_callable_name(function), is_async_callable(function), paid]))\n"
    )
    script = path.parent / "send.py"
    script.write_text(code, encoding="utf-8")
    found = run("trl", "send.py", cwd=path.parent, package=False)
    assert found == ["scoring_theory", False, [0.75]]


def test_a_configuration_object_of_the_trainer_is_read() -> None:
    code = (
        "import json, warnings\n"
        "from trl import GRPOConfig, RLOOConfig\n"
        "from scoring_theory.adapters import as_trl\n"
        "made = [GRPOConfig(output_dir='x', use_cpu=True, bf16=False),\n"
        "        GRPOConfig(output_dir='x', use_cpu=True, bf16=False, scale_rewards='none'),\n"
        "        RLOOConfig(output_dir='x', use_cpu=True, bf16=False)]\n"
        "told = []\n"
        "for config in made:\n"
        "    with warnings.catch_warnings(record=True, action='always') as caught:\n"
        "        as_trl('c - (q - c)^2', config=config)\n"
        "    told.append([type(one.message).__name__ for one in caught])\n"
        "print(json.dumps(told))"
    )
    assert run("trl", "-c", code) == [["ConfigWarning"], [], ["ConfigWarning"]]


def test_the_way_of_the_documentation(tmp_path: Path) -> None:
    """The block of docs/trainers.md runs as it stands, and the model becomes honest."""
    readme = (ROOT / "docs" / "trainers.md").read_text(encoding="utf-8")
    (block,) = [
        body
        for body in re.findall(r"^```python\n(.*?)^```$", readme, re.M | re.S)
        if "GRPOTrainer(" in body
    ]
    assert len(block.splitlines()) <= 16
    found = run("trl", str(HERE / "readme.py"), given=block, cwd=tmp_path)
    first, last = found["log"][0], found["log"][-1]
    assert first["scoring_theory/confidence"] == pytest.approx(0.55, abs=0.06)
    assert last["scoring_theory/confidence"] == pytest.approx(0.68, abs=0.06)
    assert last["scoring_theory/format_ok"] > 0.95
    assert abs(last["confidence_monitor/gap"]) < abs(first["confidence_monitor/gap"])
    assert found["alarms"] == []


def test_the_alarm_comes_before_confidence_has_run_away() -> None:
    """The recorded figure `watched-training` has eight seeds of each scaling."""
    found = run("trl", "watched.py", "group", "0", "40")
    assert found["estimator"].startswith("TRL GRPOTrainer: group_std")
    alarms = {alarm["rule"]: alarm["update"] for alarm in found["alarms"]}
    before = found["log"][alarms["estimator_at_odds"] - 1]
    assert before["rlcr/confidence"] < 0.85
    assert found["warned"]
    assert run("trl", "watched.py", "none", "0", "80")["alarms"] == []


# --------------------------------------------------------------------------------------- the others


@pytest.mark.parametrize("way", ["package", "exported"])
def test_verl(way: str, exported: Any, tmp_path: Path) -> None:
    path = tmp_path / "reward.py"
    path.write_text(
        "from scoring_theory.adapters import as_verl\ncompute_score = as_verl('c - (q - c)**2')\n"
    )
    path = exported("verl") if way == "exported" else path
    found = run("verl", "verl_manager.py", str(path), given=SAID, package=way == "package")
    assert [one["reward_score"] for one in found["scores"]] == EARNED
    first = found["scores"][0]["reward_extra_info"]
    assert first["acc"] == 1.0
    assert first["scoring_theory/confidence"] == 0.9
    assert first["scoring_theory/calibration"] == pytest.approx(-0.01)
    # Its means are over the two of five completions that can be read: .9 and .5.
    assert found["validation"]["scoring_theory/confidence"] == pytest.approx(0.7)
    assert found["validation"]["scoring_theory/format_ok"] == pytest.approx(0.4)
    mean = sum(EARNED) / len(EARNED)
    assert found["advantages"]["False"] == pytest.approx(
        [reward - mean for reward in EARNED], abs=1e-6
    )
    assert found["advantages"]["True"] != pytest.approx(found["advantages"]["False"], abs=1e-2)


@pytest.mark.parametrize("environment", ["trl", "verl"])
def test_a_probe_takes_the_values_that_torch_takes(environment: str) -> None:
    found = run(environment, "probed_values.py")
    assert len(found) == 31
    for value, trl, verl, probed in found:
        assert trl == verl == probed, value


@pytest.mark.parametrize("way", ["package", "exported"])
def test_openrlhf(way: str, exported: Any, tmp_path: Path) -> None:
    path = tmp_path / "reward.py"
    path.write_text(
        "from scoring_theory.adapters import as_openrlhf\nreward_func = as_openrlhf('c - (q -"
        " c)**2')\n"
    )
    path = exported("openrlhf") if way == "exported" else path
    prompt = "<|im_start|>Write <answer>..</answer><confidence>..</confidence>. 2 + 2?"
    fits, too_long = 4000, 240  # tokens, of which 200 are for the response
    given = [[prompt, text, truth, longest] for text, truth in SAID for longest in (fits, too_long)]
    found = run("trl", "openrlhf_executor.py", str(path), given=given, package=way == "package")
    assert [one["reward"] for one in found["scores"]] == [
        reward for reward in EARNED for _ in range(2)
    ]
    assert all(one["scores"] == one["reward"] for one in found["scores"])
    logs = [one["extra_logs"] for one in found["scores"]]
    sums = {key: sum(log[key] for log in logs) for key in logs[0]}
    share = sums["scoring_theory/format_ok"]
    assert sums["scoring_theory/format_ok*confidence"] / share == pytest.approx(0.7)


@pytest.mark.parametrize("way", ["package", "exported"])
def test_verifiers(way: str, exported: Any, tmp_path: Path) -> None:
    folder = exported("verifiers").parent if way == "exported" else tmp_path
    found = run("verifiers", "verifiers_task.py", str(folder), given=SAID, package=way == "package")
    assert [one["reward"] for one in found["scores"]] == pytest.approx(EARNED)
    name = "rlcr" if way == "package" else "scoring_theory"
    assert found["scores"][0]["parts"] == {
        f"{name}/correctness": 1.0,
        f"{name}/calibration": pytest.approx(-0.01),
    }
    assert found["scores"][0]["metrics"][f"{name}/confidence"] == 0.9
    assert found["scores"][2]["metrics"] == {f"{name}/correct": 1.0, f"{name}/format_ok": 0.0}
    assert found["package"] == (way == "package")


@pytest.mark.parametrize("way", ["package", "exported"])
def test_skyrl(way: str, exported: Any, tmp_path: Path) -> None:
    folder = exported("skyrl").parent if way == "exported" else tmp_path
    found = run("skyrl", "skyrl_env.py", str(folder), given=SAID, package=way == "package")
    assert found["rewards"] == EARNED
    assert found["metrics"]["scoring_theory/confidence"] == pytest.approx(0.7)
    assert found["metrics"]["scoring_theory/format_ok"] == pytest.approx(0.4)


def test_math_verify_knows_equal_numbers(tmp_path: Path) -> None:
    """With the package, in the environment that has it: equal numbers, and a hostile one that is
    stopped in time.
    """
    code = (
        "import json\nfrom scoring_theory.checkers import math_verify as same\n"
        "pairs = [('1/2', r'\\frac12'), ('0.5', '1/2'), ('0.6', '1/2'), ('9^{9^{9^{9}}}', '4')]\n"
        "print(json.dumps([same(*pair) for pair in pairs]))"
    )
    assert run("trl", "-c", code, cwd=tmp_path) == [True, True, False, False]


def test_the_transformer_of_the_package_learns_alike() -> None:
    """Twenty steps of GRPOTrainer from the pretrained parameters, and twenty of the package."""
    pytest.importorskip("torch", reason="PyTorch is not installed beside the package")
    from simulations.evidence import transformer_settings
    from tests.programs.evidence_trl import METRICS, rows_of

    python = str(FOLDER / "trl" / "bin" / "python")
    rows = rows_of(transformer_settings()["brier/mean"], python, 20)
    by = {(row["trainer"], row["place"]): row for row in rows}
    for place in ("in", "out"):
        for metric in METRICS:
            theirs, ours = (float(str(by[who, place][metric])) for who in ("TRL", "own"))
            assert theirs == pytest.approx(ours, abs=0.05), (place, metric)
