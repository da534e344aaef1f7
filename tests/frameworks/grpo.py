"""TRL's own GRPOTrainer on a model of 22,000 parameters, made here from a configuration: no
network, no GPU.

The model answers one question, whose answer is "yes" with probability .7 each time that it is
asked, and states one of eleven confidences. It begins by knowing the format, saying "yes", and
stating any confidence alike, as after supervised fine-tuning: all rollouts of a group are then
right or all are wrong. It prints one JSON object on the last line:

    PYTHONPATH=. python tests/frameworks/grpo.py group 0 300
"""

from __future__ import annotations

import argparse
import json
import os
import random
import runpy
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}

TRUTH = 0.7
PROMPT = "Rain tomorrow?"
WORDS = [
    "<pad>",
    "<eos>",
    "<unk>",
    *PROMPT.split(),
    *(f"<answer>{word}</answer>" for word in ("yes", "no")),
    *(f"<confidence>{10 * level}%</confidence>" for level in range(11)),
]


def model_and_tokenizer() -> tuple[Any, Any]:
    """A Qwen2 of two layers with random weights, and a tokenizer with one token per word above."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    words = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>")
    )
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"pad_token": "<pad>", "eos_token": "<eos>", "unk_token": "<unk>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, padding_side="left", **special)
    config = Qwen2Config(
        vocab_size=len(WORDS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=32,
        pad_token_id=0,
        eos_token_id=1,
        bos_token_id=None,
        tie_word_embeddings=False,
    )
    return Qwen2ForCausalLM(config), tokenizer


def warm_start(model: Any, tokenizer: Any, *, steps: int = 150, batch: int = 64) -> None:
    """Supervised steps on "yes" with confidences drawn alike; the loss counts the two tokens of the
    completion.
    """
    import torch

    ids = {word: i for i, word in enumerate(WORDS)}
    confidences = torch.tensor([i for word, i in ids.items() if word.startswith("<confidence>")])
    start = torch.tensor([*tokenizer(PROMPT).input_ids, ids["<answer>yes</answer>"]])
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(steps):
        drawn = confidences[torch.randint(len(confidences), (batch, 1))]
        tokens = torch.cat([start.expand(batch, -1), drawn], dim=1)
        labels = tokens.clone()
        labels[:, :-2] = -100
        optimizer.zero_grad()
        model(input_ids=tokens, labels=labels).loss.backward()
        optimizer.step()


def rows(seed: int, count: int = 4096, *, conversation: bool = False) -> list[dict[str, Any]]:
    """The question, with its truth drawn anew in each row."""
    rng = random.Random(seed)
    prompt: Any = [{"role": "user", "content": PROMPT}] if conversation else PROMPT
    return [
        {"prompt": prompt, "solution": "yes" if rng.random() < TRUTH else "no"}
        for _ in range(count)
    ]


def train(
    scale_rewards: str,
    seed: int,
    steps: int,
    reward: Any,
    *,
    conversation: bool = False,
    weights: list[float] | None = None,
    batch: int = 256,
    learning_rate: float = 1e-3,
    logging_steps: int = 10,
    callbacks: Sequence[Any] = (),
) -> list[dict[str, float]]:
    """What the trainer logs of the reward, every ten steps: means over the batches since the line
    before.
    """
    import torch
    from datasets import Dataset
    from transformers import set_seed
    from trl import GRPOConfig, GRPOTrainer

    torch.set_num_threads(1)  # with two, so small a model is many times slower
    set_seed(seed)
    model, tokenizer = model_and_tokenizer()
    warm_start(model, tokenizer)
    if conversation:
        tokenizer.chat_template = (
            "{% for message in messages %}{{ message['content'] }} {% endfor %}"
        )
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder,
            max_steps=steps,
            per_device_train_batch_size=batch,
            num_generations=8,
            seed=seed,
            max_completion_length=2,
            learning_rate=learning_rate,
            lr_scheduler_type="constant",
            beta=0.0,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            dataloader_pin_memory=False,
            logging_steps=min(logging_steps, steps),
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            scale_rewards=scale_rewards,
            reward_weights=weights,
        )
        data = Dataset.from_list(rows(seed, conversation=conversation))
        told = {"args": config, "train_dataset": data, "processing_class": tokenizer}
        trainer = GRPOTrainer(model=model, reward_funcs=reward, callbacks=list(callbacks), **told)
        trainer.train()
    kept = ("step", "step_time", "rlcr/confidence", "rlcr/correct", "rlcr/format_ok", "reward")
    return [
        {
            key: value
            for key, value in line.items()
            if key in kept or key.startswith("confidence_monitor/")
        }
        for line in trainer.state.log_history
        if "reward" in line
    ]


def main() -> None:
    """Train with the reward of the package, or with that of an exported file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scale_rewards")
    parser.add_argument("seed", type=int)
    parser.add_argument("steps", type=int)
    parser.add_argument(
        "--exported", help="take `reward_function` of this file, and nothing of the package"
    )
    parser.add_argument(
        "--conversation", action="store_true", help="prompts are messages, and the reward is async"
    )
    parser.add_argument(
        "--parts", action="store_true", help="accuracy, score and format as three functions"
    )
    options = parser.parse_args()
    weights: list[float] | None = None
    reward: Any
    if options.parts:
        from scoring_theory.adapters import as_trl_parts

        parts = as_trl_parts("-(q - c)^2", weights=(1, 1, 0), name="rlcr")
        reward, weights = parts.functions, parts.weights
    elif options.exported:
        reward = runpy.run_path(options.exported)["reward_function"]
    else:
        from scoring_theory.adapters import as_trl

        reward = as_trl("c - (q - c)**2", name="rlcr", asynchronous=options.conversation)
    log = train(
        options.scale_rewards,
        options.seed,
        options.steps,
        reward,
        conversation=options.conversation,
        weights=weights,
    )
    import torch
    import transformers
    import trl

    versions = {module.__name__: module.__version__ for module in (trl, transformers, torch)}
    print(
        json.dumps({"versions": versions, "package": "scoring_theory" in sys.modules, "log": log})
    )


if __name__ == "__main__":
    main()
