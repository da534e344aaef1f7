"""OpenRLHF's own loader and executor, on a file: `python openrlhf_executor.py FILE`, texts on
stdin, scores on stdout.

Its GPU packages (flash-attn, deepspeed, vLLM) are not needed for the executor; the engine that
writes is a stand-in.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import torch
from openrlhf.utils.agent import SingleTurnAgentExecutor


class Bytes:
    """A tokenizer whose tokens are bytes, with one special token at the end of a response."""

    def __call__(self, text: str, **_: Any) -> dict[str, Any]:
        return {"input_ids": torch.tensor([list(text.encode())])}

    def decode(self, ids: list[int], skip_special_tokens: bool = False) -> str:
        return "".join("<|im_end|>" if i == 256 else chr(i) for i in ids)


class Engine:
    """Answers with a given text, as the engine of the framework would."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def generate(self, prompt: list[int], params: Any, multi_modal_data: Any = None) -> Any:
        output = SimpleNamespace(
            token_ids=[*self.text.encode(), 256], finish_reason="stop", logprobs=None
        )
        return SimpleNamespace(outputs=[output])


async def main(path: str) -> None:
    executor, params = SingleTurnAgentExecutor(path), SimpleNamespace(max_tokens=200, logprobs=None)
    scores = []
    for prompt, text, truth, longest in json.load(sys.stdin):
        found = await executor.execute(prompt, truth, params, longest, Bytes(), Engine(text))
        scores.append({key: found[key] for key in ("reward", "scores", "extra_logs")})
    print(json.dumps({"version": version("openrlhf"), "scores": scores}))


asyncio.run(main(sys.argv[1]))
