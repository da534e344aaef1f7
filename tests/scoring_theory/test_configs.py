"""What configurations of TRL, verl and OpenRLHF do to a reward, from objects, YAML and commands."""

from __future__ import annotations

import json
from argparse import Namespace
from collections import UserDict
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from scoring_theory import check
from scoring_theory.configs import ConfigReading, read_config, read_trl
from scoring_theory.configs.files import yaml_settings
from simulations.cli import main


def named(reading: ConfigReading, effect: str) -> list[str]:
    return [setting.name for setting in reading.settings if setting.effect == effect]


@dataclass
class GRPOConfig:
    """The fields of TRL 1.16.0's class that matter, with its defaults."""

    num_generations: int | None = 8
    beta: float = 0.0
    num_iterations: int = 1
    epsilon: float = 0.2
    reward_weights: list[float] | None = None
    multi_objective_aggregation: str = "sum_then_normalize"
    scale_rewards: str = "group"
    loss_type: str = "dapo"
    top_entropy_quantile: float = 1.0
    learning_rate: float = 1e-6
    unheard_of: int = 0
    nested: dict[str, int] = field(default_factory=dict)


@dataclass
class RLOOConfig:
    num_generations: int = 2
    beta: float = 0.05
    normalize_advantages: bool = False
    reward_clip_range: tuple[float, float] | None = None


def test_a_trl_object_states_everything() -> None:
    reading = read_config(GRPOConfig(unheard_of=1, learning_rate=1.0))
    assert (reading.framework, reading.release) == ("trl", "")
    assert reading.trainer.estimator == "group_std"
    assert reading.trainer.epsilon == Fraction(1, 10_000)
    assert named(reading, "changes") == ["scale_rewards", "num_generations"]
    assert (reading.no_effect, reading.not_read) == (("learning_rate",), ("unheard_of",))


@pytest.mark.parametrize(
    ("settings", "estimator", "changes"),
    [
        ({"scale_rewards": "none"}, "group_mean", []),
        ({"scale_rewards": False}, "group_mean", []),  # up to TRL 0.21 a truth value
        ({"scale_rewards": True}, "group_std", ["scale_rewards", "num_generations"]),
        ({"scale_rewards": "batch"}, "batch_std", []),
        (
            {"multi_objective_aggregation": "normalize_then_sum"},
            "component_std",
            ["multi_objective_aggregation", "num_generations"],
        ),
    ],
)
def test_the_scaling_of_trl(settings: dict[str, Any], estimator: str, changes: list[str]) -> None:
    reading = read_trl(GRPOConfig(**settings))
    assert (reading.trainer.estimator, named(reading, "changes")) == (estimator, changes)


def test_rloo_subtracts_its_penalty_in_the_reward() -> None:
    """trainers' defaults: beta = 0.05, G = 2, in TRL 1.16.0's rloo_config.py."""
    reading = read_config(RLOOConfig(reward_clip_range=(-1, 1)))
    assert (reading.trainer.estimator, reading.trainer.kl) == ("leave_one_out", Fraction(1, 20))
    assert reading.trainer.clip == (-1, 1)
    assert named(reading, "changes") == ["beta", "reward_clip_range"]
    whitened = read_config(RLOOConfig(beta=0, normalize_advantages=True))
    assert (whitened.trainer.estimator, named(whitened, "changes")) == ("batch_std", [])


@pytest.mark.parametrize(
    ("version", "not_modelled"),
    [
        # Read in grpo_config.py of these releases: beta 0.04 until 0.18, loss per answer until 0.15
        ("0.14.0", ["beta", "loss_type"]),
        ("0.15.2", ["beta", "loss_type"]),
        ("0.16.0", ["beta"]),
        ("0.18.2", ["beta"]),
        ("0.19.0", []),
        ("1.16.0", []),
    ],
)
def test_the_defaults_of_each_release(version: str, not_modelled: list[str]) -> None:
    reading = read_config({"num_generations": 8}, version=version)
    assert reading.release == f"TRL {version}"
    assert named(reading, "not modelled") == not_modelled
    assert f"(the default of TRL {version})" in reading.text()


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"beta": 0.04}, "beta"),
        ({"loss_type": "grpo"}, "loss_type"),
        ({"num_iterations": 2}, "num_iterations"),
        ({"top_entropy_quantile": 0.2}, "top_entropy_quantile"),
    ],
)
def test_what_no_verdict_covers_is_named(settings: dict[str, Any], name: str) -> None:
    assert named(read_trl(GRPOConfig(**settings)), "not modelled") == [name]
    assert named(read_trl(GRPOConfig()), "not modelled") == []


VERL = """#!/bin/bash
set -x
N=${N:-5}
python3 -m verl.trainer.main_ppo \\
    algorithm.adv_estimator=grpo \\
    data.train_files=$HOME/data/train.parquet \\
    # the batch
    data.train_batch_size=256 \\
    actor_rollout_ref.rollout.n=8 \\
    +algorithm.filter_groups.enable=True algorithm.filter_groups.metric=acc \\
    actor_rollout_ref.actor.clip_ratio_high=0.28 \\
    trainer.logger='["console","wandb"]' $@ 2>&1 | tee log.txt
"""
OPENRLHF = """
COMMON="--actor.eps_clip 0.1"
ray job submit -- python3 -m openrlhf.cli.train_ppo_ray \\
   --algo.advantage.estimator group_norm \\
   --rollout.n_samples_per_prompt 8 --rollout.batch_size 16 --train.batch_size 128 \\
   --algo.kl.init_coef 1e-3 --reward.clip_range -5 5 \\
   --reward.stop_properly_penalty_coef 0.5 --algo.dynamic_filtering_enable
"""


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_launch_command_of_verl(tmp_path: Path) -> None:
    reading = read_config(written(tmp_path, "run.sh", VERL))
    assert (reading.framework, reading.release) == ("verl", "verl 0.9.1")
    trainer = reading.trainer
    assert (trainer.estimator, trainer.group_size) == ("group_std", 8)
    assert trainer.keep_outcomes == "mixed"
    assert "algorithm.norm_adv_by_std_in_grpo" in named(reading, "changes")
    assert "algorithm.filter_groups.metric" in named(reading, "changes")
    assert "actor_rollout_ref.actor.clip_ratio_high" in named(reading, "harmless")
    assert named(reading, "not modelled") == []
    assert reading.not_read == reading.unclear == ("$@",)


def test_a_launch_command_of_openrlhf(tmp_path: Path) -> None:
    reading = read_config(written(tmp_path, "run.sh", OPENRLHF))
    trainer = reading.trainer
    assert (trainer.estimator, trainer.group_size) == ("group_std", 8)
    assert (trainer.kl, trainer.advantage_clip) == (Fraction(1, 1000), (-5, 5))
    assert (trainer.keep, reading.truncated) == ((0, 1), Fraction(1, 2))
    assert named(reading, "not modelled") == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "num_generations: 8\n# again\nnum_generations: 4\nscale_rewards: none",
            "the key 'num_generations' is given twice, in line 1 and in line 3",
        ),
        (
            "algorithm:\n  gamma: 1\n  'gamma': 0.9",
            "'gamma' is given twice, in line 2 and in line 3",
        ),
        ("- {a: 1}\n- {a: 1, a: 1}", "'a' is given twice, in line 2 and in line 2"),
        ('{"beta": 0,\n"beta": 1}', "'beta' is given twice, in line 1 and in line 2"),
        (
            "algorithm.gamma: 1\nalgorithm:\n  gamma: 0.9\n  adv_estimator: gae",
            "`algorithm.gamma` is given twice, as a dotted name and in a mapping",
        ),
    ],
)
def test_a_key_that_is_given_twice_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_config(written(tmp_path, "run.yaml", text))


def test_a_merge_and_an_alias_repeat_no_key() -> None:
    text = "a: &base {beta: 0, gamma: 1}\nb: {<<: *base, beta: 1}\nc: *base"
    assert yaml_settings(text)["b"] == {"beta": 1, "gamma": 1}


def test_older_names_of_openrlhf_are_the_same_settings() -> None:
    """`init_kl_coef` and `advantage_estimator` are those of OpenRLHF 0.9.0."""
    older = {"advantage_estimator": "rloo", "n_samples_per_prompt": 4, "init_kl_coef": 0}
    newer = {"algo": {"advantage": {"estimator": "rloo"}, "kl": {"init_coef": 0}},
             "rollout": {"n_samples_per_prompt": 4}}  # fmt: skip
    nested = SimpleNamespace(
        algo=Namespace(
            advantage=SimpleNamespace(estimator="rloo"), kl=SimpleNamespace(init_coef=0)
        ),
        rollout=SimpleNamespace(n_samples_per_prompt=4),
    )
    readings = [read_config(given) for given in (older, newer, nested)]
    assert readings[0] == readings[1] == readings[2]
    assert readings[0].trainer.estimator == "leave_one_out"


def test_what_hydra_composes_is_not_read_and_said_so(tmp_path: Path) -> None:
    script = (
        "python -m verl.trainer.main_ppo --config-name=mine ~data.x algorithm.adv_estimator=gpg"
        " actor_rollout_ref.rollout.n=2 algorithm.unheard=1"
    )
    reading = read_config(written(tmp_path, "run.sh", script))
    assert reading.not_read == ("--config-name", "~data.x", "algorithm.unheard")
    composed = "defaults: [ppo_trainer, _self_]\nalgorithm: {adv_estimator: gae}\n"
    assert read_config(written(tmp_path, "verl.yaml", composed)).not_read == ("defaults",)


class Lacking(UserDict[str, Any]):
    """As OmegaConf's `DictConfig`: a value that is missing raises as it is read."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if value == "???":
            raise RuntimeError(f"missing mandatory value: {name}")
        return value


def test_a_value_that_a_mapping_refuses_is_none_that_is_read() -> None:
    rollout = {"n": 4, "name": "???"}
    settings: dict[str, Any] = {
        "algorithm": {"adv_estimator": "rloo"},
        "actor_rollout_ref.rollout": Lacking(rollout),
    }
    assert read_config(settings).trainer.group_size == 4
    rollout["n"] = "???"
    settings["actor_rollout_ref.rollout"] = Lacking(rollout)
    with pytest.raises(
        ValueError, match=r"rollout.n` must consist of finite numbers, got '\?\?\?'"
    ):
        read_config(settings)


@pytest.mark.parametrize("text", ["1.0", "1 0.5", "1,0.5"])
def test_weights_of_a_command(text: str, tmp_path: Path) -> None:
    script = written(tmp_path, "run.sh", f"trl grpo --reward_weights {text} --beta 0")
    assert read_config(script).weights == tuple(
        Fraction(each) for each in text.replace(",", " ").split()
    )


def test_yaml_of_each_framework(tmp_path: Path) -> None:
    trl = "model_name_or_path: m\nnum_generations: 16\nscale_rewards: false\nbeta: 1e-3\n"
    reading = read_config(written(tmp_path, "trl.yaml", trl))
    assert (reading.trainer.estimator, reading.trainer.group_size) == ("group_mean", 16)
    assert named(reading, "not modelled") == ["beta"]
    hydra = """
algorithm: {adv_estimator: rloo, use_kl_in_reward: true, kl_ctrl: {kl_coef: 0.01}}
actor_rollout_ref:
  actor: {ppo_mini_batch_size: 64, loss_agg_mode: seq-mean-token-mean}
  rollout: {n: "${data.samples}"}
data: {train_batch_size: 256, samples: 4}
"""
    reading = read_config(written(tmp_path, "verl.yml", hydra))
    assert (reading.trainer.group_size, reading.trainer.kl) == (4, Fraction(1, 100))
    assert named(reading, "not modelled") == [
        "actor_rollout_ref.actor.loss_agg_mode",
        "actor_rollout_ref.actor.ppo_mini_batch_size",
    ]


def test_options_override_the_file_that_they_name(tmp_path: Path) -> None:
    written(
        tmp_path, "grpo.yaml", "num_generations: 4\nscale_rewards: group\nreward_weights: [1, 2]"
    )
    script = "accelerate launch train.py --config grpo.yaml --scale_rewards none --bf16"
    reading = read_config(written(tmp_path, "run.sh", script))
    assert (reading.trainer.estimator, reading.trainer.group_size) == ("group_mean", 4)
    assert reading.weights == (1, 2)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.yaml", "- 1", "must be a mapping of settings"),
        ("a.yaml", "a: [", "the file is not YAML"),
        ("a.yaml", "a: !!python/object/apply:os.system ['true']", "the file is not YAML"),
        ("a.yaml", "lr: 1", "of no known framework"),
        ("a.yaml", "num_generations: many", "`num_generations` must consist of finite numbers"),
        ("a.yaml", "num_generations: 8\nscale_rewards: some", "`scale_rewards` must be group"),
        ("a.yaml", "beta: ${other.beta}", "`beta` is stated by a reference"),
        ("a.yaml", "algorithm: {adv_estimator: grpo_passk}", "none of the forms"),
        ("a.yaml", "algorithm: {adv_estimator: grpo}", "needs groups"),
        ("a.sh", "echo hello", "no launch command"),
        (
            "train.py",
            "config = GRPOConfig(beta=0.0)",
            "train.py is Python, which is not executed",
        ),
        ("train.ipynb", '{"cells": ["GRPOConfig(beta=0.0)"]}', "call read_config(config) with"),
        ("a.sh", "trl grpo --beta 0\ntrl rloo --beta 0", "2 launch commands"),
        ("a.yaml", "a: &a\n  b: *a\nbeta: 0", "nested too deeply"),
        ("a.yaml", "", "a.yaml is empty"),
        ("a.sh", " \n", "a.sh is empty"),
        ("a.yaml", "# nothing\n", "the file states no settings"),
        (
            "a.yaml",
            "num_generations: null",
            "`num_generations` must be a whole number of at least 2, got None",
        ),
        (
            "a.yaml",
            "num_generations: 1",
            "`num_generations` must be a whole number of at least 2, got 1",
        ),
        (
            "a.yaml",
            "algorithm: {adv_estimator: rloo}\nactor_rollout_ref: {rollout: {n: 4},"
            " actor: {ppo_mini_batch_size: 0}}",
            "ppo_mini_batch_size` must be a whole number of at least 1, got 0",
        ),
        ("a.yaml", "beta: 0\nreward_weights: [1, a]", "`reward_weights` must consist of finite"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    name: str, text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", str(written(tmp_path, name, text))]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--estimator", "grpo"], "--config says what the estimator is"),
        (["--framework", "verl"], "run.sh is of trl, not of verl"),
        (["--framework-version", "0.1"], "has no GRPOConfig"),
        (["--framework-version", "2.0"], "TRL 2.0 are not known here: 1.16.0 is the newest"),
        (["--framework-version", "1.17"], "TRL 1.17 are not known here"),
        (["--framework-version", "1.-3"], "a release of TRL is a number such as 1.16.0"),
        (["--prior", "uniform"], "run.sh has no KL penalty in the reward"),
    ],
)
def test_contradictions_are_sentences(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = str(written(tmp_path, "run.sh", "trl grpo --num_generations 8"))
    assert main(["check", "c", "--config", script, *words]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_the_verdict_is_that_of_the_options_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, "grpo.yaml", "num_generations: 4\nscale_rewards: group\n"))
    assert main(["check", "c - (q - c)^2", "--config", file, "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    by_hand = check("c - (q - c)^2", estimator="trl_default", group_size=4).to_json()
    assert shown["training"]["honest"] == by_hand["training"]["honest"]
    assert shown["config"]["framework"] == "trl"


@pytest.mark.parametrize("model", ["by_answer", "shared"])
def test_the_trainer_of_a_configuration_has_groups_and_a_penalty(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--outcomes` and `--prior` need a trainer, which `--config` names."""
    file = str(written(tmp_path, "grpo.yaml", "num_generations: 4\nscale_rewards: none\n"))
    assert main(["check", "c - (q - c)^2", "--config", file, "--outcomes", model]) == 0
    assert f"{model} outcomes" in capsys.readouterr().out
    rloo = str(written(tmp_path, "rloo.yaml", "trainer: rloo\nnum_generations: 4\n"))
    formula = ["check", "c - (q - c)^2", "--config", rloo, "--prior", "Beta(8,2)"]
    assert main(formula) == 1
    assert "the prior Beta(8,2)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["--certificate", "c.json"],
        ["--figure", "f.pdf"],
        ["--claim", "trained"],
        ["--forecast"],
        ["--allow-weak"],
        ["--outcomes", "shared"],
        ["--group-size", "4"],
        ["--clip", "0", "1"],
        ["--param", "lam=1"],
        ["--atom", "0=1"],
        ["--model-chooses", "0 <= L <= 1"],
        ["--abstain", "0"],
        ["--graded"],
        ["--select", "best"],
        ["--answer-reward", "c"],
        ["--confidence-first"],
        ["--latex"],
        ["--framework", "verifiers"],
        ["--estimator", "grpo"],
    ],
)
def test_no_option_about_a_reward_is_ignored_without_one(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    file = str(written(tmp_path, "grpo.yaml", "num_generations: 4\n"))
    assert main(["check", "--config", file, *words]) == 2
    assert words[0].lstrip("-") in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["grpo.yaml"]


def test_a_batch_ignores_no_option_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = str(written(tmp_path, "rewards.txt", "c - (q - c)^2\n"))
    figure = ["--estimator", "grpo", "--figure", str(tmp_path / "f.pdf")]
    for words, name in (
        (figure, "--figure"),
        (["--atom", "0=1"], "formula"),
        (["--latex"], "--latex"),
    ):
        assert main(["check", "--batch", lines, *words]) == 2
        assert name in capsys.readouterr().err


def test_the_summary_of_a_check_has_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, "grpo.yaml", "num_generations: 4\nscale_rewards: group\n"))
    assert main(["check", "c - (q - c)^2", "--config", file, "--markdown"]) == 1
    assert "| `scale_rewards = group` | changes |" in capsys.readouterr().out


def test_a_configuration_alone_has_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = str(written(tmp_path, "kept.yaml", "num_generations: 4\nscale_rewards: none\n"))
    undone = str(written(tmp_path, "undone.yaml", "num_generations: 4\n"))
    assert main(["check", "--config", kept]) == 0
    assert "KEEPS THE OPTIMUM" in capsys.readouterr().out
    assert main(["check", "--config", undone]) == 1
    assert "scale_rewards = group (the default of TRL 1.16.0)" in " ".join(
        capsys.readouterr().out.split()
    )


NESTED = """
scale_rewards: none
num_generations: 8
{section}: {{beta: 0.5, loss_type: grpo, scale_rewards: group, learning_rate: 1}}
"""


@pytest.mark.parametrize("section", ["trainer", "data", "model", "training", "optim", "ds", "ref"])
def test_a_section_that_trl_does_not_have_is_not_read(
    section: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script may do anything with it, also what `GRPOConfig(**config["trainer"])` does."""
    file = written(tmp_path, "grpo.yaml", NESTED.format(section=section))
    reading = read_config(file)
    unclear = tuple(f"{section}.{name}" for name in ("beta", "loss_type", "scale_rewards"))
    assert (reading.unclear, reading.not_read) == (unclear, unclear)
    assert reading.no_effect == (f"{section}.learning_rate",)
    assert main(["check", "--config", str(file)]) == 3
    assert "UNDECIDED" in capsys.readouterr().out
    assert main(["check", "c", "--allow-weak", "--config", str(file), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["config"]["unclear"] == list(unclear)


def test_a_section_alone_is_not_read_either(tmp_path: Path) -> None:
    file = written(tmp_path, "grpo.yaml", "trainer: {scale_rewards: none}\n")
    reading = read_config(file, framework="trl")
    assert reading.not_read == ("trainer.scale_rewards",)
    assert named(reading, "changes") == ["scale_rewards", "num_generations"]  # the default


def test_the_sections_of_each_framework_are_its_own() -> None:
    verl = read_config({
        "algorithm": {"adv_estimator": "gae"},
        "trainer": {"nnodes": 1, "anything": 2}, "critic": {"ppo_epochs": 3},
        "mine": {"algorithm": {"adv_estimator": "grpo"}}, "vllm": {"unheard": 1},
    })  # fmt: skip
    assert verl.no_effect == ("trainer.nnodes", "trainer.anything", "critic.ppo_epochs")
    assert verl.unclear == ("mine.algorithm.adv_estimator",)
    assert verl.not_read == ("mine.algorithm.adv_estimator", "vllm.unheard")
    older = read_config({"init_kl_coef": 0, "mine.init_kl_coef": 0.1, "eval.init_kl_coef": 1})
    assert (older.unclear, older.no_effect) == (("mine.init_kl_coef",), ("eval.init_kl_coef",))
    kwargs = {"num_generations": 8, "lr_scheduler_kwargs": {"beta": 1}, "scale_rewards": "none"}
    assert read_config(kwargs).outcome() == "holds"


def test_what_is_unknown_qualifies_the_head(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "grpo.yaml", "scale_rewards: none\nunheard: 1\n")
    assert main(["check", "--config", str(file)]) == 0
    assert "KEEPS THE OPTIMUM OF REWARDS, AS FAR AS IT WAS READ" in capsys.readouterr().out


class OfTheClass:
    scale_rewards = "none"
    num_generations = 8
    beta = 0.0

    def method(self) -> int:
        return 1


class Derived(OfTheClass):
    unheard = 1


class InSlots:
    __slots__ = ("beta", "num_generations", "scale_rewards", "unset")

    def __init__(self) -> None:
        self.scale_rewards, self.num_generations, self.beta = "none", 8, 0.0


class Computed:
    num_generations = 8

    @property
    def scale_rewards(self) -> str:
        return "none"

    @property
    def unheard(self) -> int:
        raise RuntimeError("not yet")


class Named(NamedTuple):
    scale_rewards: str = "none"
    num_generations: int = 8


@pytest.mark.parametrize(
    ("given", "not_read"),
    [
        (OfTheClass(), ()),
        (OfTheClass, ()),
        (Derived(), ("unheard",)),
        (InSlots(), ()),
        (Computed(), ("unheard",)),
        (Named(), ()),
    ],
)
def test_every_kind_of_attribute_is_a_setting(given: object, not_read: tuple[str, ...]) -> None:
    reading = read_config(given)
    assert (reading.framework, reading.trainer.group_size) == ("trl", 8)
    assert (reading.trainer.estimator, reading.not_read) == ("group_mean", not_read)
    assert all(each.stated for each in reading.settings if each.name == "scale_rewards")


def test_one_weight_needs_no_list() -> None:
    assert read_config({"num_generations": 8, "reward_weights": 2}).weights == (2,)
    assert read_config({"num_generations": 8, "reward_weights": "null"}).weights is None


TWO = """
import re
def correct(text, truth):
    found = re.search("<answer>(.*?)</answer>", text)
    return float(found is not None and found[1] == truth)
def accuracy(completions, solution, **columns):
    return [correct(*pair) for pair in zip(completions, solution)]
def calibration(completions, solution, **columns):
    found = [re.search("<confidence>([01]([.][0-9]+)?)</confidence>", text) for text in completions]
    right = accuracy(completions, solution)
    return [-(float(q[1]) - c) ** 2 if q else -1.0 for q, c in zip(found, right)]
"""


@pytest.mark.parametrize(
    ("stated", "words", "sentence"),
    [
        ("reward_weights: [1.0, 3]", ["--weights", "1,0.5"], "w.yaml, whose weights are 1,3"),
        ("", ["--weights", "1,0.5"], "whose weights are 1 each, as it states none"),
        ("reward_weights: [1]", [], "w.yaml has weights of rewards, 1, one for each function"),
        ("", ["--weights", "1"], "give one weight for each function: 2, got 1"),
        ("", ["--weights", "1,x"], "`weights` must consist of finite numbers"),
    ],
)
def test_weights_in_two_places_must_agree(
    stated: str,
    words: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    functions = written(tmp_path, "two.py", TWO)
    file = str(written(tmp_path, "w.yaml", f"scale_rewards: none\n{stated}\n"))
    python = [f"--python={functions}:accuracy", f"--python={functions}:calibration"]
    assert main(["check", *python, "--config", file, *words]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_weights_that_agree_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    functions = written(tmp_path, "two.py", TWO)
    file = str(written(tmp_path, "w.yaml", "scale_rewards: none\nreward_weights: [1, 0.5]\n"))
    python = [f"--python={functions}:accuracy", f"--python={functions}:calibration"]
    for words in ([], ["--weights", "1,1/2"]):
        call = ["check", *python, "--config", file, "--outcomes", "by_answer", *words]
        assert main(call) in (0, 1)
        assert "1/2 times" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stated", "words", "sentence"),
    [
        (
            "trainer: rloo\nbeta: 0.05",
            ["--kl", "0"],
            "--kl 0 contradicts w.yaml, by which it is 1/20",
        ),
        (
            "num_generations: 4",
            ["--group-size", "8"],
            "--group-size 8 contradicts w.yaml, by which",
        ),
        (
            "trainer: rloo\nbeta: 0\nreward_clip_range: [-1, 1]",
            ["--clip", "-5", "5"],
            "--clip -5 5 contradicts w.yaml, by which it is -1 1",
        ),
        (
            "algo: {advantage: {estimator: rloo}}\nrollout: {n_samples_per_prompt: 2}\n"
            "reward: {stop_properly_penalty_coef: 0.5}",
            ["--truncated", "1"],
            "--truncated 1 contradicts w.yaml, by which it is 1/2",
        ),
    ],
)
def test_an_option_that_says_otherwise_is_refused(
    stated: str,
    words: list[str],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = str(written(tmp_path, "w.yaml", stated))
    assert main(["check", "c - (q - c)^2", "--config", file, *words]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_an_option_that_says_the_same_or_more_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, "w.yaml", "scale_rewards: none\nnum_generations: 4"))
    words = ["--group-size", "4", "--kl", "0.05", "--prior", "uniform"]
    assert main(["check", "c - (q - c)^2", "--config", file, *words]) == 1
    assert "KL penalty 0.05" in capsys.readouterr().out


def test_a_prior_without_a_penalty_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "c", "--estimator", "grpo", "--prior", "uniform"]) == 2
    assert "--prior needs --kl" in capsys.readouterr().err


def test_a_clip_that_is_none_is_none() -> None:
    """OpenRLHF's default is (-10, 10)."""
    settings = {"algo.advantage.estimator": "dr_grpo", "rollout.n_samples_per_prompt": 4}
    trainers = [
        read_config({**settings, "reward.clip_range": end}).trainer for end in ("none", [-1, 1])
    ]
    ends = [trainer.clip or trainer.advantage_clip for trainer in trainers]
    assert ends == [None, (-1, 1)]


def test_weights_of_components_must_agree_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, "w.yaml", "scale_rewards: none\nreward_weights: [1, 3]\n"))
    for weight, code in (("1", 2), ("3", 1)):
        parts = ["--component", "right:1:c", "--component", f"brier:{weight}:-(q - c)^2"]
        assert main(["check", *parts, "--config", file]) == code
    assert "contradict those of w.yaml, 1,3" in " ".join(capsys.readouterr().err.split())
