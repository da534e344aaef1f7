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
    r"|dataset.*|data|data\..*|prompt_.*|input_key|label_key|apply_chat_template|shuffle.*|max_samples|train_files"
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
_NO_EFFECT_IN = ("trainer.", "data.", "critic.", "hydra.", "ray_init.", "ray_kwargs.", "ds.",
                 "vllm.", "logger.", "ckpt.", "eval.", "ref.", "actor_rollout_ref.model.",
                 "actor_rollout_ref.ref.", "actor_rollout_ref.rollout.", "reward.reward_model.",
                 "reward_model.", "reward.sandbox_fusion.", "reward.num_workers",
                 "global_profiler.", "transfer_queue.")  # fmt: skip


_NO_EFFECT_PART = re.compile(
    r"(?:^|\.)(?:optim|adam|muon|lora|fsdp_config|megatron|checkpoint|profiler|engine|qat|veomni"
    r"|torchtitan)\w*(?:\.|$)"
)


def has_no_effect(name: str) -> bool:
    """Whether a setting of this name belongs to the optimiser, data, hardware or logging.

    Example:
        >>> has_no_effect("learning_rate"), has_no_effect("algorithm.lam")
        (True, False)
    """
    last = name.rpartition(".")[2]
    return (
        name.startswith(_NO_EFFECT_IN)
        or _NO_EFFECT_PART.search(name) is not None
        or _NO_EFFECT.fullmatch(last) is not None
    )


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

    def whole(self, name: str, default: Any) -> int:
        """A setting that must be a whole number.

        Raises:
            ValueError: it is not.

        Example:
            >>> Notes(Given({"rollout": {"n": "16"}}), "").whole("rollout.n", 1)
            16
        """
        found = self.number(name, default)
        if found.denominator != 1:
            raise ValueError(f"`{name}` must be a whole number, got {float(found):g}")
        return int(found)

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
        left = [
            name
            for name, value in self.given.left.items()
            if value is not None and not name.startswith("_")
        ]
        return ConfigReading(
            framework=framework,
            release="" if all(note.stated for note in self.settings) else self.release,
            trainer=trainer,
            settings=tuple(self.settings),
            weights=weights,
            truncated=truncated,
            no_effect=tuple(name for name in left if has_no_effect(name)),
            not_read=tuple(name for name in left if not has_no_effect(name)),
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
