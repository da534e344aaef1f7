"""TRL's own GRPOTrainer on the small transformer of `simulations.transformer`.

The pretrained parameters are those of the package, put into a GPT-2 of the transformers library,
whose layers are the same; after a token only the tokens of the next segment are allowed. It is
trained with `as_trl` of the package, and its parameters are written back.

    PYTHONPATH=. python tests/frameworks/transformer_grpo.py IN.npz OUT.npz "c" none 0 400

IN.npz holds the arrays of the network by name, `questions` (Q, 2), `truth` (Q, K) and `levels`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

import numpy as np

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, set_seed
from trl import GRPOConfig, GRPOTrainer

from scoring_theory.adapters import as_trl

HEADS = 4
NAMES = {
    "scale": "ln_1.weight",
    "shift": "ln_1.bias",
    "attend": "attn.c_attn.weight",
    "attended": "attn.c_attn.bias",
    "merge": "attn.c_proj.weight",
    "merged": "attn.c_proj.bias",
    "scale again": "ln_2.weight",
    "shift again": "ln_2.bias",
    "widen": "mlp.c_fc.weight",
    "widened": "mlp.c_fc.bias",
    "narrow": "mlp.c_proj.weight",
    "narrowed": "mlp.c_proj.bias",
}
"""Our name of each array of a layer, and that of transformers."""


class Restricted(GPT2LMHeadModel):
    """A GPT-2 that says only what may follow the last token."""

    def forward(self, input_ids: Any = None, **others: Any) -> Any:
        found = super().forward(input_ids=input_ids, **others)
        kept = found.logits.shape[1]
        found.logits = found.logits + self.may_follow[input_ids[:, -kept:]]
        return found


def key_of(name: str) -> str:
    """The name in transformers of one of our arrays, such as "attend 0"."""
    whole = {"tokens": "wte.weight", "positions": "wpe.weight", "last scale": "ln_f.weight",
             "last shift": "ln_f.bias"}  # fmt: skip
    if name in whole:
        return f"transformer.{whole[name]}"
    if name == "output":
        return "lm_head.weight"
    part, number = name.rsplit(" ", 1)
    return f"transformer.h.{number}.{NAMES[part]}"


def model_of(arrays: dict[str, Any], symbols: int, answers: int, levels: int) -> Restricted:
    """The model with our parameters, and two tokens more: padding and the end."""
    vocabulary, width = arrays["tokens"].shape
    layers = sum(name.startswith("attend ") for name in arrays)
    config = GPT2Config(
        vocab_size=vocabulary + 2, n_positions=8, n_embd=width, n_layer=layers, n_head=HEADS,
        activation_function="gelu", tie_word_embeddings=False, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, pad_token_id=vocabulary, eos_token_id=vocabulary + 1, bos_token_id=None,
    )  # fmt: skip
    model = Restricted(config)
    state = model.state_dict()
    for name, array in arrays.items():
        value = torch.from_numpy(array.T if name == "output" else array)
        state[key_of(name)][: len(value)] = value
    model.load_state_dict(state)
    mask = torch.full((vocabulary + 2, vocabulary + 2), -1e9)
    answer, level = symbols, symbols + answers
    mask[:answer, answer:level] = 0.0
    mask[answer:level, level : level + levels] = 0.0
    mask[level:, vocabulary + 1] = 0.0
    model.register_buffer("may_follow", mask, persistent=False)
    return model


def main(source: str, target: str, formula: str, scale: str, seed: str, steps: str) -> None:
    """Train, and write the parameters back under our names."""
    torch.set_num_threads(1)
    set_seed(int(seed))
    with np.load(source) as file:
        given = {name: file[name] for name in file.files}
    questions, truth, levels = (given.pop(name) for name in ("questions", "truth", "levels"))
    symbols, answers = int(questions.max()) + 1, truth.shape[1]
    words = [
        *(f"s{i}" for i in range(symbols)),
        *(f"<answer>{k}</answer>" for k in range(answers)),
        *(f"<confidence>{q:g}</confidence>" for q in levels),
        "<pad>",
        "<eos>",
    ]
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<pad>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, padding_side="left", pad_token="<pad>", eos_token="<eos>"
    )
    model = model_of(given, symbols, answers, len(levels))
    rng = np.random.default_rng(int(seed))

    def correct(answer: str, question: int) -> bool:
        return bool(rng.random() < truth[int(question), int(answer)])

    rows = [
        {"prompt": " ".join(f"s{i}" for i in row), "solution": number}
        for number, row in enumerate(questions.tolist())
    ]
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder, max_steps=int(steps), per_device_train_batch_size=256,
            num_generations=8, seed=int(seed), max_completion_length=2, learning_rate=3e-4,
            lr_scheduler_type="constant", beta=0.0, use_cpu=True, bf16=False,
            gradient_checkpointing=False, dataloader_pin_memory=False, logging_steps=50,
            report_to=[], save_strategy="no", disable_tqdm=True, scale_rewards=scale,
            max_grad_norm=1.0,
        )  # fmt: skip
        trainer = GRPOTrainer(
            model=model, args=config, train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            reward_funcs=as_trl(formula, checker=correct, allow_unsafe=True),
        )  # fmt: skip
        trainer.train()
    state = model.state_dict()
    back = {}
    for name, array in given.items():
        value = state[key_of(name)].numpy()
        value = value[: array.shape[1]].T if name == "output" else value[: len(array)]
        back[name] = np.ascontiguousarray(value)
    np.savez(target, **back)
    import transformers
    import trl

    versions = {module.__name__: module.__version__ for module in (trl, transformers, torch)}
    print(json.dumps({"versions": versions}))


if __name__ == "__main__":
    main(*sys.argv[1:])
