"""Exported files: run by a Python that knows neither this package nor any other, they score as the
library does.
"""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.__main__ import certificates_of
from proofs.kernel.verifier import verify
from scoring_theory.adapters import FRAMEWORKS, UnsafeRewardError, export, scorer
from scoring_theory.adapters.export import source_code
from scoring_theory.catalogue import CATALOGUE, PUBLISHED
from scoring_theory.checkers import exact_match
from scoring_theory.readers import READERS
from scoring_theory.reward import Reward
from simulations.cli import main

RLCR = Reward.parse("c - (q - c)**2")
BETA = CATALOGUE["beta_family"]() + Reward.parse("2*c")
LOG = Reward.parse("c + log(1 - abs(clip(q, 1/100, 99/100) - c))/5")

# Loads a file as trainers do, from its path and without a name among the modules, and calls it as
# each trainer calls.
RUNNER = """
import asyncio, importlib.util, json, sys
from functools import partial
from types import SimpleNamespace as Some
spec = importlib.util.spec_from_file_location("custom", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
calls = {
    "trl": lambda text, truth: module.reward_function(
        prompts=[""], completions=[text], completion_ids=[[1]], solution=[truth])[0],
    "verl": lambda text, truth: module.compute_score("d", text, truth, extra_info={})["score"],
    "openrlhf": lambda text, truth: module.reward_func(["Q: " + text], ["Q: "], [truth])["rewards"],
    "verifiers": lambda text, truth: sum(
        asyncio.run(module.reward(Some(answer=truth), Some(last_reply=text))).values()),
    "nemo_gym": lambda text, truth: asyncio.run(module.verified(Some(
        expected_answer=truth, response=Some(output=[Some(
            type="message", role="assistant", content=[Some(text=text)])]))))["reward"],
    "skyrl": lambda text, truth: module.RewardEnv(
        env_config={}, extras={"reward_spec": {"ground_truth": truth}}).step(text)["reward"],
    "slime": lambda text, truth: asyncio.run(module.reward_func(
        None, Some(prompt="Q: ", response=text, label=truth, metadata={})))["score"],
    "tinker": lambda text, truth: asyncio.run(partial(module.reward_fn, truth=truth)(
        [{"role": "user", "content": "Q: "}, {"role": "assistant", "content": text}]))[0],
}
if sys.argv[2] not in calls:
    sys.exit("teach RUNNER in tests/scoring_theory/test_export_reward.py to call " + sys.argv[2])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), flush=True)
for line in sys.stdin:
    print(json.dumps(calls[sys.argv[2]](*json.loads(line))), flush=True)
"""


class Alone:
    """An exported file in a Python without site-packages and environment (`-I -S`)."""

    def __init__(self, path: Path, framework: str) -> None:
        command = [sys.executable, "-I", "-S", "-c", RUNNER, str(path), framework]
        self.process = subprocess.Popen(
            command,
            cwd=path.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        first = self._line()
        if not first:
            pytest.fail(self.process.communicate()[1])  # what it says, instead of a broken pipe
        self.modules: list[str] = json.loads(first)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def __call__(self, text: str, truth: str) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([text, truth]) + "\n")
        self.process.stdin.flush()
        return float(json.loads(self._line()))

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdin.close()
        ended = self.process.wait(timeout=600)
        told = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        assert ended == 0, told


STEP = Reward.parse("c + (c - 0.07)*(100*q > 7) - lam*(q - c)^2 + 1 - q*(1/q)", lam="1/3")
REWARDS = {"trl": RLCR, "verl": BETA, "openrlhf": LOG, "verifiers": STEP}


@pytest.fixture(scope="module", params=list(FRAMEWORKS))
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, Alone]]:
    framework = request.param
    path = export(
        REWARDS.get(framework, RLCR),
        tmp_path_factory.mktemp("alone") / "reward.py",
        framework=framework,
    )
    alone = Alone(path, framework)
    yield scorer(REWARDS.get(framework, RLCR)), alone
    alone.close()


PIECES = st.sampled_from(
    [
        "<answer>",
        "</answer>",
        "<confidence>",
        "</confidence>",
        "<think>",
        "</think>",
        "4",
        " 4. ",
        "0.7",
        "85%",
        "7/9",
        "nan",
        "1e400%",
        "-1",
        "\u0667",
        "<analysis>hm</analysis>",
        "\n",
    ],
)
NUMBERS = st.one_of(
    st.floats(0, 1).map(repr), st.integers(0, 100).map("{}%".format), st.text(max_size=6),
    st.fractions(0, 1, max_denominator=99).map(str), st.floats().map(repr),
)  # fmt: skip
WELL_FORMED = st.builds(
    "<answer>{}</answer><confidence>{}</confidence>".format, st.sampled_from(["4", "5"]), NUMBERS
)
TEXTS = st.one_of(st.lists(PIECES, max_size=12).map("".join), WELL_FORMED, st.text(max_size=40))


@pytest.mark.filterwarnings("ignore::scoring_theory.readers.FormatWarning")  # few texts are answers
@given(TEXTS)
def test_an_exported_file_scores_as_the_library_does(
    exported: tuple[Any, Alone], text: str
) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return  # no text in UTF-8, so no trainer can hold it
    grade, alone = exported
    # verifiers adds components up again: c + (R - c) is R up to rounding
    assert alone(text, "4") == pytest.approx(grade(text.strip(), "4").reward, abs=1e-15)


@pytest.mark.parametrize(
    "confidence", ["0", "1", "0.07", "7%", "7/100", "0.08", "0.0700000001", "0.3"]
)
def test_ends_and_thresholds_are_paid_alike(exported: tuple[Any, Alone], confidence: str) -> None:
    grade, alone = exported
    for answer in ("4", "5"):
        text = f"<answer>{answer}</answer><confidence>{confidence}</confidence>"
        assert alone(text, "4") == pytest.approx(grade(text, "4").reward, abs=1e-15)


def test_an_exported_file_loads_nothing_of_ours(exported: tuple[Any, Alone]) -> None:
    _, alone = exported
    assert set(alone.modules) - {"__main__", "custom"} <= set(sys.stdlib_module_names)


def test_the_comparison_sees_another_reward(exported: tuple[Any, Alone]) -> None:
    """Teeth: at q = 3/4 each of the four rewards pays something else than the binary one does."""
    _, alone = exported
    text = "<answer>4</answer><confidence>3/4</confidence>"
    assert alone(text, "4") != pytest.approx(scorer(Reward.parse("c"))(text, "4").reward)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_certificate_is_in_the_file_and_is_accepted(framework: str, tmp_path: Path) -> None:
    path = export(REWARDS.get(framework, RLCR), tmp_path / "reward.py", framework=framework)
    command = [sys.executable, "-I", "-S", str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    claims = [verify(certificate) for certificate in certificates_of(printed)]
    assert any("proper" in claim for claim in claims)
    assert any("jointly optimal" in claim for claim in claims)


def test_what_is_written_is_python_and_imports_only_what_it_uses() -> None:
    """Also for the grammar of 3.10; payoffs of every kind, honest and not."""
    rules = ("spherical", "clipped_log", "threshold_bet", "linear", "winkler")
    for reward in [CATALOGUE[name]() for name in rules] + [PUBLISHED["rlcr_code"].reward]:
        tree = ast.parse(
            source_code(reward, "reward.py", framework="trl", allow_unsafe=True),
            feature_version=(3, 10),
        )
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert {alias.name for node in imports for alias in node.names} <= used


def test_a_file_names_the_oldest_python_and_has_its_grammar(every_kind: Path) -> None:
    """The header states the version; nothing is used that the standard library got later."""
    newer = {"Self", "assert_never", "override", "tomllib", "StrEnum", "ExceptionGroup", "Unpack"}
    for path in every_kind.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "it needs Python 3.10 or newer and nothing else" in text
        nodes = list(ast.walk(ast.parse(text, feature_version=(3, 10))))
        named = {node.id for node in nodes if isinstance(node, ast.Name)}
        named |= {node.name for node in nodes if isinstance(node, ast.alias)}
        assert not newer & named
    with pytest.raises(SyntaxError):  # teeth: the grammar of 3.11
        ast.parse("try:\n    pass\nexcept* ValueError:\n    pass", feature_version=(3, 10))


KINDS: list[dict[str, Any]] = [
    *({"framework": framework} for framework in FRAMEWORKS),
    *({"framework": "verl", "reader": reader} for reader in READERS if reader != "forecast"),
    {"framework": "verl", "reader": {"pattern": "Answer: {answer} ({confidence})"}},
    {"framework": "trl", "no_truth": "skip", "truth": "gold", "missing": -2},
    {"framework": "trl", "checker": "gsm8k", "truth_key": "answer"},
    {"framework": "openrlhf", "graded": True, "formula": "2*c*q - q^2"},
    {"framework": "verl", "formula": "1 - (q - c)^2", "reader": "forecast"},
    {"framework": "verl", "formula": "c - 2*(q - c)^2", "allow_unsafe": True},
    {"framework": "slime", "formula": BETA},
    {"framework": "tinker", "formula": STEP},
]


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of each kind."""
    folder = tmp_path_factory.mktemp("kinds")
    for number, kind in enumerate(KINDS):
        options = dict(kind)
        export(options.pop("formula", RLCR), folder / f"reward_{number}.py", **options)
    return folder


def test_files_pass_the_defaults_of_ruff(every_kind: Path, tmp_path: Path) -> None:
    """In a repository of the user, whatever this one's settings are."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--quiet"]
    done = subprocess.run([*command, str(every_kind)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    (tmp_path / "worse.py").write_text('"""Text."""\nx = 1\nimport os\n', encoding="utf-8")
    assert subprocess.run([*command, str(tmp_path)], capture_output=True, check=False).returncode


def test_the_command_in_a_file_writes_the_same_file(
    every_kind: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3, len(KINDS), 3):  # a third of them, of all sorts
        name = f"reward_{number}.py"
        text = (every_kind / name).read_text(encoding="utf-8")
        (line,) = [line for line in text.splitlines() if line.startswith("# Made by:")]
        program, *arguments = shlex.split(line.removeprefix("# Made by:"))
        assert program == "scoring-theory"
        again = every_kind / "again"
        again.mkdir(exist_ok=True)
        monkeypatch.chdir(again)
        assert main([*arguments, "--quiet"]) == 0
        assert (again / name).read_text(encoding="utf-8") == text
    capsys.readouterr()


def test_a_file_begins_with_what_a_reader_asks_first(every_kind: Path) -> None:
    """What it is and needs, the licence, the command, the configuration; the proof comes last."""
    for number, (key, framework) in enumerate(FRAMEWORKS.items()):
        assert KINDS[number] == {"framework": key}
        name = f"reward_{number}.py"
        text = (every_kind / name).read_text(encoding="utf-8")
        comments = text.partition('"""A checked reward')[0]
        assert "# SPDX-License-Identifier: MIT\n" in comments
        assert "# Made by:  scoring-theory export" in comments
        wired = [f"# Use it:   {line}" for line in framework.wired(name, -1.0)]
        assert all(line in comments.splitlines() for line in wired)
        code = [ast.unparse(node) for node in ast.parse(text).body]
        assert code[-2].startswith("CERTIFICATE = ")
        assert code[-1].startswith("if __name__ == ")
    assert (Path(__file__).parents[2] / "LICENSE").read_text("utf-8").startswith("MIT License")


def test_the_entry_of_a_file_travels_to_another_process(every_kind: Path) -> None:
    """By the name of its module, as pools and clusters send a function."""
    entries = ", ".join(
        f"reward_{number}.{framework.entry}" for number, framework in enumerate(FRAMEWORKS.values())
    )
    modules = ", ".join(f"reward_{number}" for number in range(len(FRAMEWORKS)))
    send = f"import pickle, sys, {modules}; sys.stdout.write(pickle.dumps([{entries}]).hex())"
    take = "import pickle, sys; print(len(pickle.loads(bytes.fromhex(sys.stdin.read()))))"
    inside: dict[str, Any] = {
        "cwd": every_kind,
        "text": True,
        "check": True,
        "capture_output": True,
    }
    packed = subprocess.run([sys.executable, "-c", send], **inside).stdout
    landed = subprocess.run([sys.executable, "-c", take], input=packed, **inside).stdout
    assert int(landed) == len(FRAMEWORKS)


def test_the_wiring_says_all_that_changes_the_optimum() -> None:
    """The estimator, the size of a group and the KL penalty, for each way to start a trainer."""
    words = {
        "trl": [('scale_rewards="none"', "num_generations=8", "beta=0.0"),
                ("--scale_rewards none", "--num_generations 8", "--beta 0.0")],
        "verl": [("adv_estimator=grpo", "norm_adv_by_std_in_grpo=False", "rollout.n=8",
                  "use_kl_in_reward=False", "use_kl_loss=False")],
        "openrlhf": [("estimator dr_grpo", "n_samples_per_prompt 8", "init_coef 0"),
                     ("reward_func([prompt + response], [prompt], [truth])",)],
        "verifiers": [("reward:reward",), ("group_size = 8", "reward:reward")],
        "nemo_gym": [("await verified(body)",),
                     ("normalize_rewards=false", "num_generations_per_prompt=16", "kl_penalty=0")],
        "skyrl": [("grpo_norm_by_std=false", "n_samples_per_prompt=8", "use_kl_in_reward=false")],
        "slime": [("--disable-grpo-std-normalization", "--n-samples-per-prompt 8", "--kl-coef 0")],
        "tinker": [("failed_parse_reward=-2", "group_size=8", "kl_penalty_coef=0.0")],
    }  # fmt: skip
    assert {*words} == {*FRAMEWORKS}
    for key, framework in FRAMEWORKS.items():
        lines = framework.wired("reward.py", -2.0)
        assert len(lines) == len(words[key])
        for line, wanted in zip(lines, words[key], strict=True):
            assert [word for word in wanted if word not in line] == []


def test_a_file_is_as_short_as_its_format() -> None:
    """Lines in all, with the certificate; a format brings its own functions and no other's."""
    lines = {
        reader: source_code(RLCR, "reward.py", framework="verl", reader=reader).count("\n")
        for reader in ("tags", "percent", "rlcr", "json", "boxed", "verbal")
    }
    assert max(lines.values()) < 850
    assert lines["tags"] < 680 < lines["json"]
    tags = source_code(RLCR, "reward.py", framework="verl")
    for unused in ("json_values", "rlcr_number", "read_words", "asyncio", "lenient_number"):
        assert unused not in tags


def test_a_file_holds_only_what_it_needs() -> None:
    text = source_code(RLCR, "reward.py", framework="verl")
    assert "beta_cdf" not in text
    assert "math_verify" not in text
    assert "trl_reward" not in text
    assert "beta_cdf" in source_code(BETA, "reward.py", framework="verl")
    assert source_code(RLCR, "reward.py", framework="verl", checker=exact_match) == text


def test_a_formula_cannot_leave_its_comment() -> None:
    """White space and line breaks are part of the grammar: none may start a line of code."""
    text = source_code(
        Reward.parse("c\n-\r(q\x0c- c)\x0b**2", name='x\nimport shutil\n"""'),
        "reward.py",
        framework="trl",
    )
    assert "import shutil" not in text
    comments, begins, code = text.partition('"""A checked reward;')
    assert begins
    assert all(line.startswith("#") for line in comments.splitlines())
    assert "\n# - \n#  c)\n" not in code


# ----------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"framework": "ppo"}, "must be one of trl, verl, .*, got 'ppo'"),
        ({"framework": "verl", "truth": "x"}, "verl 0.9 passes the truth itself"),
        ({"framework": "trl", "truth": "x'); import os"}, "`truth` must be a name"),
        ({"framework": "verl", "no_truth": "skip"}, "has no way to leave out a completion"),
        ({"framework": "trl", "no_truth": "none"}, "`no_truth` must be 'raise' or 'skip'"),
        (
            {"framework": "trl", "checker": lambda answer, truth: True},
            "a custom checker cannot be exported",
        ),
    ],
)
def test_what_cannot_be_exported(options: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        export(RLCR, tmp_path / "reward.py", **options)
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = export(RLCR, tmp_path / "reward.py", framework="trl")
    before = path.read_bytes()
    with pytest.raises(UnsafeRewardError):
        export(Reward.parse("c - 2*(q - c)**2"), path, framework="trl")
    with pytest.raises(ValueError, match=r"must end in \.py"):
        export(RLCR, tmp_path / "reward.txt", framework="trl")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["reward.py"]


@pytest.mark.parametrize(
    "name", ["z.txt", "1 bad-name.py", "bad-name.py", "class.py", ".py", "a.b.py"]
)
def test_a_file_that_cannot_be_imported_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the path as it was given, not a temporary one."""
    with pytest.raises(ValueError, match=r"must (?:end in \.py|be a name such as reward\.py)"):
        export(RLCR, tmp_path / name, framework="verl")
    target = str(tmp_path / name)
    assert main(["export", "c - (q - c)^2", "--framework", "trl", "-o", target]) == 2
    told = capsys.readouterr()
    assert name in told.err
    assert (told.out, list(tmp_path.iterdir())) == ("", [])


def test_an_exported_file_pays_scores_as_the_library_does(tmp_path: Path) -> None:
    """The checker is replaced as the comments of the file say."""
    formula = "c*(1 - 3/4*(q - 1)^2) - (1 - c)*(3/4*q^2)"
    path = export(formula, tmp_path / "reward.py", framework="verl", graded=True)
    text = path.read_text(encoding="utf-8")
    assert "# The checker may return a score s in [0, 1]" in text
    lines = "    checker=exact_match,\n", "    read_truth=accepted_answers,\n"
    assert [text.count(line) for line in lines] == [1, 1]
    mine = text.replace(lines[0], "    checker=lambda _, truth: truth,\n").replace(lines[1], "")
    path.write_text(mine, encoding="utf-8")
    alone, grade = Alone(path, "verl"), scorer(formula, checker=lambda _, s: s, graded=True)  # type: ignore[arg-type, return-value]
    scores: list[Any] = [0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1, True]
    for s, q in product(scores, ("0", "0.3", "1/3", "77%", "1", "?")):
        said = f"<answer>4</answer><confidence>{q}</confidence>"
        assert alone(said, s) == grade(said, s).reward
    alone.close()


# -------------------------------------------------------------------------------------- the command


def test_the_command_writes_and_says_how_to_wire(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "reward.py")
    options = ["--framework", "trl", "--truth", "gold", "--missing", "-4/2"]
    assert main(["export", "c - (q-c)**2", "-o", path, *options]) == 0
    assert "GRPOTrainer(reward_funcs=reward_function" in capsys.readouterr().out
    text = Path(path).read_text(encoding="utf-8")
    assert text.startswith("# A reward function for TRL 1.16")
    assert "truth='gold'" in text
    assert "missing=-2.0" in text


def test_the_command_exports_for_graded_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "reward.py"
    command = ["export", "-o", str(path), "--framework", "trl", "--graded"]
    assert main([*command, "c - (q-c)**2"]) == 1
    told = capsys.readouterr().err
    assert "write its affine extension c*(1 - (q - 1)^2) - (1 - c)*q^2; nothing was written" in told
    assert "`scoring-theory repair --graded` finds" in told
    assert not path.exists()
    assert main([*command, "2*c*q - q^2"]) == 0
    assert "graded=True" in path.read_text(encoding="utf-8")


def test_an_unsafe_formula_is_refused_with_its_repair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "reward.py"
    arguments = ["export", "-o", str(path), "--framework", "verl", "c - 2*(q-c)**2"]
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert "refuted" in told
    assert "repair: c - (q - c)^2" in told
    assert not path.exists()
    assert main([*arguments, "--allow-unsafe"]) == 0
    assert path.read_text(encoding="utf-8").startswith(
        "# UNSAFE (allow_unsafe was set): `c - 2*(q - c)^2` is refuted"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["c - (q-c)**2", "--missing", "0.5"], 1, "loophole"),
        (["c - (q-c)**2", "--missing", "0"], 0, "confident error"),
        (["-abs(q - c)"], 1, "repair"),
        (["c + log(1 - abs(q - c))"], 1, "repair: "),
        (["c + log(1 - abs(q - c))", "--allow-unsafe"], 2, "write a bound"),
        ([], 2, "give one of: a formula, --rule"),
        (["c - lam*(q - c)^2", "--param", "0 < lam <= 1"], 2, "every parameter needs a value"),
        (["c - (q - c)", "--missing", "1e400"], 2, "--missing takes a number"),
        (["c - (q - c)", "--missing", "much"], 2, "--missing takes a number"),
        (["c; import os"], 2, "got ';'"),
    ],
)
def test_exit_codes(
    arguments: list[str], code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["export", "-o", str(tmp_path / "reward.py"), "--framework", "openrlhf", *arguments])
        == code
    )
    assert words in capsys.readouterr().err
    assert (tmp_path / "reward.py").exists() == (code == 0)
