"""A block of Python on stdin, run as it stands where `my-model` is a model of random weights and of
byte tokens.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tokenizers.pre_tokenizers import ByteLevel
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

tokenizer = Qwen2Tokenizer(
    vocab={letter: i for i, letter in enumerate([*sorted(ByteLevel.alphabet()), "<|endoftext|>"])},
    merges=[],
)
end = tokenizer.eos_token_id
config = Qwen2Config(
    vocab_size=len(tokenizer),
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=2,
    num_key_value_heads=2,
    eos_token_id=end,
    pad_token_id=end,
    bos_token_id=None,
)
for one in (Qwen2ForCausalLM(config), tokenizer):
    one.save_pretrained("my-model")

names: dict[str, Any] = {}
exec(json.load(sys.stdin), names)
print(json.dumps([line for line in names["trainer"].state.log_history if "reward" in line]))
