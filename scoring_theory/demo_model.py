"""A language model that is made here, small enough to be trained on a processor in minutes.

It knows the format of `<answer>` and `<confidence>` and nothing else: to every prompt it answers
"yes", and states one of eleven confidences, each as likely as another, as after supervised
fine-tuning on the format. What it learns afterwards, it learns from rewards.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

SPECIAL = ("<pad>", "<eos>", "<unk>")
WORDS = (
    *SPECIAL,
    *(f"<answer>{word}</answer>" for word in ("yes", "no")),
    *(f"<confidence>{level / 10:g}</confidence>" for level in range(11)),
)
"""The tokens; every word of a prompt is `<unk>`."""
LONGEST_PROMPT = 48
_WARM_STEPS, _BATCH, _RATE = 200, 64, 3e-3
_TEMPLATE = "{% for message in messages %}{{ message['content'] }} {% endfor %}"


def make_demo_model(folder: str | Path, *, seed: int = 0) -> Path:
    """Write the demonstration model and its tokenizer to a folder, in a minute and without network.

    It is a Mistral of two layers and 22,000 parameters.

    Args:
        folder: the folder, which is made.
        seed: of the random numbers.

    Returns:
        The folder, which `GRPOTrainer(model=...)` and `AutoModelForCausalLM` read.

    Raises:
        ModuleNotFoundError: torch, transformers or tokenizers is not installed; the message says
            how to install them.
    """
    try:
        torch, transformers = import_module("torch"), import_module("transformers")
        tokenizers = import_module("tokenizers")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the demonstration model needs torch and transformers; install them with"
            " `pip install torch transformers`",
            name=error.name,
        ) from None
    transformers.set_seed(seed)
    torch.set_num_threads(1)  # with two, so small a model is many times slower
    model = transformers.MistralForCausalLM(_configuration(transformers))
    _warm_start(torch, model)
    target = Path(folder)
    model.save_pretrained(target)
    _tokenizer(tokenizers, transformers).save_pretrained(target)
    return target


def _configuration(transformers: Any) -> Any:
    return transformers.MistralConfig(  # its tokenizer may be any
        vocab_size=len(WORDS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=2 * LONGEST_PROMPT,
        pad_token_id=WORDS.index("<pad>"),
        eos_token_id=WORDS.index("<eos>"),
        bos_token_id=None,
        tie_word_embeddings=False,
    )


def _tokenizer(tokenizers: Any, transformers: Any) -> Any:
    numbers = {word: number for number, word in enumerate(WORDS)}
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token="<unk>"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=words,
        padding_side="left",
        pad_token="<pad>",
        eos_token="<eos>",
        unk_token="<unk>",
        chat_template=_TEMPLATE,
    )


def _warm_start(torch: Any, model: Any) -> None:
    """Supervised steps on "yes", a confidence, and the end, after prompts of any length."""
    yes, end, unknown = (WORDS.index(word) for word in ("<answer>yes</answer>", "<eos>", "<unk>"))
    first = next(i for i, word in enumerate(WORDS) if word.startswith("<confidence>"))
    optimizer = torch.optim.Adam(model.parameters(), lr=_RATE)
    for step in range(_WARM_STEPS):
        length = 1 + step * 7 % LONGEST_PROMPT  # each length from 1 on, in an order of its own
        drawn = torch.randint(first, len(WORDS), (_BATCH, 1))
        tokens = torch.cat(
            [
                torch.full((_BATCH, length), unknown),
                torch.full((_BATCH, 1), yes),
                drawn,
                torch.full((_BATCH, 1), end),
            ],
            dim=1,
        )
        labels = tokens.clone()
        labels[:, :-3] = -100
        optimizer.zero_grad()
        model(input_ids=tokens, labels=labels).loss.backward()
        optimizer.step()
