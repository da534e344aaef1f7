"""Notes on the settings of one configuration, as its reader takes them one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from scoring_theory.advantage.trainers import Trainer, as_fraction
from scoring_theory.configs.given import UNSTATED, Given
from scoring_theory.configs.reading import ConfigReading, SettingEffect, SettingRead

ONE_UPDATE = "with one update per batch the ratio is 1 where its gradient is taken"
SEVERAL_UPDATES = (
    "from the second update on the ratio is clipped where it leaves its interval, which depends on"
    " the sign of the advantage"
)
PER_LENGTH = (
    "each answer's tokens are weighted by 1/length, and confidence may go with the length of an"
    " answer"
)
BY_GROUP_STD = (
    "advantages are divided by the standard deviation of their group, so that the optimum is no"
    " longer that of the reward (Theorems 25 to 30)"
)
ANY_SIZE, OF_SIZE = "the optimum is the same in groups of any size", "the bias depends on it"
KL_IN_REWARD = (
    "the KL divergence from the reference is subtracted from the reward, so that confidence settles"
    " around p with a bias and a spread (Theorem 54)"
)
KL_IN_LOSS = (
    "a KL penalty in the loss keeps the policy near the reference, so that confidence settles"
    " between p and what the reference states"
)
ENTROPY_BONUS = "rewards entropy of the tokens, those of the stated confidence as well"
_NO_EFFECT = re.compile(
    r"(learning_rate|lr|lr_.*|.*_lr|weight_decay|adam.*|optim.*|max_grad_norm|grad_clip|warmup.*"
    r"|max_steps|num_train_epochs|num_episodes|max_epochs|total_.*|epochs?|seed|.*_seed|full_determinism"
    r"|output_dir|run_name|report_to|logging.*|log_.*|logger.*|save.*|eval.*|hub_.*|push_to_hub.*|wandb.*"
    r"|use_wandb|project.*|experiment_name|tensorboard.*|tracker.*|ckpt.*|load_.*|resume.*|.*_freq"
    r"|dataset.*|data|prompt_.*|input_key|label_key|apply_chat_template|shuffle.*|max_samples|train_files"
    r"|val_files|remove_unused_columns|chat_template.*"
    r"|model.*|.*model|.*_model_path|.*model_name_or_path|pretrain|tokenizer.*|trust_remote_code|attn_.*"
    r"|torch_dtype|dtype|param_dtype|use_peft|lora_.*|load_in_.*|disable_dropout"
    r"|bf16|fp16|tf32|use_cpu|no_cuda|gradient_checkpointing.*|deepspeed.*|ds\d?_.*|fsdp.*|ddp_.*|zero_stage"
    r"|dataloader.*|torch_.*|per_device_.*|gradient_accumulation_steps|.*batch_size.*|.*_per_node|num_nodes"
    r"|nnodes|.*num_gpus.*|.*tensor_parallel.*|vllm.*|use_vllm|colocate.*|packing.*|flash_attn|accelerate.*"
    r"|max_completion_length|max_prompt_length|.*_max_len|max_new_tokens|cache_implementation|use_liger.*"
    r"|temperature|top_p|top_k|min_p|repetition_penalty|generation_kwargs|_target_|hydra|.*profil.*"
    r"|enable_prefix_caching|ref_num_.*|critic_num_.*|actor_num_.*|config|trainer)"
)
"""Names whose settings change how fast or where a model trains, not what earns most: optimiser,
length of training, data, model, hardware, sampling and logging.
"""
_SECTIONS = {
    "trl": ("lr_scheduler_kwargs.", "model_init_kwargs.", "generation_kwargs.", "optim_args.",
            "gradient_checkpointing_kwargs.", "chat_template_kwargs.", "accelerator_config.",
            "fsdp_config.", "deepspeed.", "peft_config.", "lora_config.", "quantization_config."),
    "verl": ("trainer.", "data.", "critic.", "hydra.", "ray_init.", "ray_kwargs.", "ref.",
             "actor_rollout_ref.model.", "actor_rollout_ref.ref.", "actor_rollout_ref.rollout.",
             "reward.reward_model.", "reward_model.", "reward.sandbox_fusion.",
             "reward.num_workers", "global_profiler.", "transfer_queue."),
    "openrlhf": ("data.", "critic.", "ds.", "vllm.", "logger.", "ckpt.", "eval.", "ref.", "ray."),
}  # fmt: skip
"""The sections of each framework in which no setting has an effect. A section that is none of its
own may hold anything: TRL knows no `trainer.beta`, so nobody can tell what a script does with it.
"""
_PARTS = re.compile(
    r"(?:^|\.)(?:optim|adam|muon|lora|fsdp_config|megatron|checkpoint|profiler|engine|qat|veomni"
    r"|torchtitan)\w*(?:\.|$)"
)


def has_no_effect(name: str, framework: str) -> bool:
    """Whether a setting of this name belongs to the optimiser, data, hardware or logging.

    Args:
        name: the dotted name.
        framework: "trl", "verl" or "openrlhf".

    Example:
        >>> has_no_effect("learning_rate", "trl"), has_no_effect("algorithm.lam", "verl")
        (True, False)
        >>> has_no_effect("trainer.nnodes", "verl"), has_no_effect("trainer.beta", "trl")
        (True, False)
    """
    if name.startswith(_SECTIONS[framework]) or _NO_EFFECT.fullmatch(name.rpartition(".")[2]):
        return True
    return framework != "trl" and _PARTS.search(name) is not None


@dataclass
class Notes:
    """What the reader of one framework has found so far.

    Attributes:
        given: the stated settings.
        release: the release whose defaults stand for what is not stated.
        settings: the notes, in reading order.

    Example:
        >>> notes = Notes(Given({"beta": 0.0}), "TRL 1.16.0")
        >>> notes.take("beta", 0.04), notes.take("loss_type", "dapo")
        (0.0, 'dapo')
        >>> notes.add("loss_type", "dapo", "harmless", "one weight for all tokens")
        >>> notes.settings[0].stated
        False
    """

    given: Given
    release: str
    settings: list[SettingRead] = field(default_factory=list)

    def take(self, name: str, default: Any) -> Any:
        """The stated value of a setting, or the default of the release."""
        found = self.given.take(name)
        return default if found is UNSTATED else found

    def number(self, name: str, default: Any) -> Fraction:
        """A setting that must be a number, and 0 if it is null; YAML reads `1e-6` as a text.

        Raises:
            ValueError: it is not a finite number.

        Example:
            >>> Notes(Given({"beta": "5e-2"}), "").number("beta", 0)
            Fraction(1, 20)
        """
        value = self.take(name, default)
        if isinstance(value, bool):
            raise ValueError(f"`{name}` must be a number, got {value!r}")
        text = value.strip() if isinstance(value, str) else value
        return Fraction(0) if _is_null(text) else as_fraction(name, text)

    def whole(self, name: str, default: Any, *, least: int = 1) -> int:
        """A setting that must be a whole number.

        Raises:
            ValueError: it is not, or it is smaller than `least`.

        Example:
            >>> Notes(Given({"rollout": {"n": "16"}}), "").whole("rollout.n", 1)
            16
        """
        rule = f"`{name}` must be a whole number of at least {least}"
        value = self.take(name, default)
        if _is_null(value):
            raise ValueError(f"{rule}, got {value!r:.60}")
        found = self.number(name, default)
        if found.denominator != 1 or found < least:
            raise ValueError(f"{rule}, got {float(found):g}")
        return int(found)

    def weights(self, name: str) -> tuple[Fraction, ...] | None:
        """A setting that must be a list of numbers, or null.

        Raises:
            ValueError: it is neither.

        Example:
            >>> Notes(Given({"reward_weights": "1, 0.5"}), "").weights("reward_weights")
            (Fraction(1, 1), Fraction(1, 2))
        """
        value = self.take(name, None)
        if _is_null(value):
            return None
        if isinstance(value, str):
            value = value.strip("[]() ").replace(",", " ").split()
        try:
            listed = list(value)
        except TypeError:
            listed = [value]
        return tuple(as_fraction(name, weight) for weight in listed)

    def flag(self, name: str, default: bool) -> bool:
        """A setting that must be true or false, as Python, YAML and shells write it.

        Raises:
            ValueError: it is neither.

        Example:
            >>> Notes(Given({"use_kl_in_reward": "True"}), "").flag("use_kl_in_reward", False)
            True
        """
        value = self.take(name, default)
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        text = str(value).strip().lower()
        if not _is_null(value) and text not in known:
            raise ValueError(f"`{name}` must be true or false, got {value!r:.60}")
        return known.get(text, False)

    def interval(self, name: str, default: Any) -> tuple[Fraction, Fraction] | None:
        """A setting that must be two numbers, or null.

        Raises:
            ValueError: it is neither.

        Example:
            >>> Notes(Given({"clip_range": "[-5, 5]"}), "").interval("clip_range", None)
            (Fraction(-5, 1), Fraction(5, 1))
        """
        value = self.take(name, default)
        if _is_null(value):
            return None
        ends = value.strip("[]() ").replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(ends, list | tuple) or len(ends) != 2:
            raise ValueError(f"`{name}` must be two numbers, got {value!r:.60}")
        return as_fraction(name, ends[0]), as_fraction(name, ends[1])

    def add(self, name: str, value: object, effect: SettingEffect, why: str) -> None:
        """Note what a setting does."""
        if name in self.given.unresolved and effect == "harmless":
            return  # that is the default, which need not be what runs
        stated = name in self.given.values
        default = "" if stated else f" (the default of {self.release})"
        self.settings.append(
            SettingRead(name, f"{_shown(value)}{default}", effect, why, stated=stated)
        )

    def reading(
        self,
        framework: str,
        trainer: Trainer,
        *,
        weights: tuple[Fraction, ...] | None = None,
        truncated: Fraction | None = None,
        source: str = "",
    ) -> ConfigReading:
        """Everything that was noted; what is left is harmless by its name, or not read."""
        left = [name for name, value in self.given.left.items() if value is not None]
        left = [name for name in left if not name.startswith("_")]
        asked, unresolved = self.given.taken, self.given.unresolved
        misplaced = [
            name
            for name in left
            if name.endswith(tuple(f".{each}" for each in asked))
            and not name.startswith(_SECTIONS[framework])
        ]
        harmless = [
            name
            for name in (*left, *(name for name in unresolved if name not in asked))
            if name not in misplaced and has_no_effect(name, framework)
        ]
        untold = {name: value for name, value in unresolved.items() if name not in harmless}
        told = [value for name, value in untold.items() if name != value]
        unclear = [
            *misplaced,
            *(f"{name}={value}" for name, value in untold.items() if name != value),
            *(name for name, value in untold.items() if name == value and value not in told),
        ]
        unknown = [name for name in left if name not in harmless and name not in misplaced]
        return ConfigReading(
            framework=framework,
            release="" if all(note.stated for note in self.settings) else self.release,
            trainer=trainer,
            settings=tuple(self.settings),
            weights=weights,
            truncated=truncated,
            no_effect=tuple(harmless),
            not_read=(*unclear, *unknown),
            unclear=tuple(unclear),
            source=source,
        )


def _is_null(value: object) -> bool:
    return value is None or str(value).strip().lower() in ("none", "null", "~", "")


def _shown(value: object) -> str:
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_shown, value))})"
    return str(value)
