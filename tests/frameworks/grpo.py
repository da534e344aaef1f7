"""TRL's own GRPOTrainer on a model of 22,000 parameters, made here from a configuration: no network, no GPU.

The model answers one question, whose answer is "yes" with probability .7 each time that it is asked, and states one of
eleven confidences. It begins with random tokens, so that it has to learn the format as well; what cannot be read earns
the worst payoff. Run as `PYTHONPATH=. python tests/frameworks/grpo.py group 0 500`: one JSON object on the last line.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}

TRUTH = 0.7
PROMPT = "Rain tomorrow?"
WORDS = ["<pad>", "<eos>", "<unk>", *PROMPT.split(), *(f"<answer>{word}</answer>" for word in ("yes", "no")),
         *(f"<confidence>{10 * level}%</confidence>" for level in range(11))]  # fmt: skip


def model_and_tokenizer() -> tuple[Any, Any]:
    """A Qwen2 of two layers with random weights, and a tokenizer with one token per word above."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"pad_token": "<pad>", "eos_token": "<eos>", "unk_token": "<unk>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, padding_side="left", **special)
    config = Qwen2Config(
        vocab_size=len(WORDS), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=32, pad_token_id=0, eos_token_id=1, bos_token_id=None,
        tie_word_embeddings=False,
    )  # fmt: skip
    return Qwen2ForCausalLM(config), tokenizer


def rows(seed: int, count: int = 4096) -> list[dict[str, str]]:
    """The question, with its truth drawn anew in each row."""
    rng = random.Random(seed)
    return [{"prompt": PROMPT, "solution": "yes" if rng.random() < TRUTH else "no"} for _ in range(count)]


def train(scale_rewards: str, seed: int, steps: int, reward: Any) -> list[dict[str, float]]:
    """What the trainer logs of the reward, every ten steps: means over the batches since the line before."""
    import torch
    from datasets import Dataset
    from transformers import set_seed
    from trl import GRPOConfig, GRPOTrainer

    torch.set_num_threads(1)  # with two, so small a model is many times slower
    set_seed(seed)
    model, tokenizer = model_and_tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder, max_steps=steps, per_device_train_batch_size=256, num_generations=8, seed=seed,
            max_completion_length=2, learning_rate=1e-3, lr_scheduler_type="constant", beta=0.0, use_cpu=True,
            bf16=False, gradient_checkpointing=False, dataloader_pin_memory=False, logging_steps=10, report_to=[],
            save_strategy="no", disable_tqdm=True, scale_rewards=scale_rewards,
        )  # fmt: skip
        data = Dataset.from_list(rows(seed))
        trainer = GRPOTrainer(model=model, reward_funcs=reward, args=config, train_dataset=data, processing_class=tokenizer)
        trainer.train()
    kept = ("step", "rlcr/confidence", "rlcr/correct", "rlcr/format_ok", "reward")
    return [{key: line[key] for key in kept} for line in trainer.state.log_history if "rlcr/format_ok" in line]


def main(scale_rewards: str, seed: str, steps: str, exported: str = "") -> None:
    """Train with the reward of the package, or with that of an exported file."""
    import torch
    import transformers
    import trl

    if exported:
        import importlib.util

        spec = importlib.util.spec_from_file_location("exported", exported)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        reward = module.reward_function
    else:
        from scoring_theory import Reward

        reward = Reward.parse("c - (q - c)**2").as_trl(name="rlcr")
    log = train(scale_rewards, int(seed), int(steps), reward)
    versions = {module.__name__: module.__version__ for module in (trl, transformers, torch)}
    print(json.dumps({"versions": versions, "package": "scoring_theory" in sys.modules, "log": log}))


if __name__ == "__main__":
    sys.path[:] = [path for path in sys.path if Path(path or ".").resolve() != Path(__file__).resolve().parent]
    main(*sys.argv[1:])
