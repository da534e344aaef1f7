"""verl's own loader and reward manager, on a file: `python verl_manager.py FILE`, texts on stdin,
scores on stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import numpy as np
import torch
import verl
from omegaconf import OmegaConf
from verl import DataProto
from verl.trainer.ppo.core_algos import compute_grpo_outcome_advantage
from verl.trainer.ppo.metric_utils import process_validation_metrics
from verl.trainer.ppo.reward import get_custom_reward_fn, load_reward_manager


class Bytes:
    """A tokenizer whose tokens are bytes."""

    def decode(self, ids: Any, skip_special_tokens: bool = True) -> str:
        return bytes(ids.tolist()).decode()


def sample(text: str, truth: str) -> DataProto:
    """One rollout: a prompt of three tokens, and the response."""
    response = torch.tensor([list(text.encode())], dtype=torch.long)
    mask = torch.ones(1, 3 + response.shape[1], dtype=torch.long)
    rest = {"data_source": "test", "reward_model": {"ground_truth": truth}, "extra_info": {}}
    return DataProto.from_dict(
        tensors={"responses": response, "attention_mask": mask},
        non_tensors={key: np.array([value], dtype=object) for key, value in rest.items()},
    )


def validation(infos: list[dict[str, Any]]) -> dict[str, float]:
    """The means that the trainer's validation takes of each key, over samples of one question."""
    columns = {key: [info[key] for info in infos] for key in infos[0]}
    sources, questions = ["test"] * len(infos), ["question"] * len(infos)
    found = process_validation_metrics(sources, questions, columns)["test"]
    return {
        key: value
        for key, metrics in found.items()
        for name, value in metrics.items()
        if name.startswith("mean@")
    }


async def main(path: str) -> None:
    config = OmegaConf.create(
        {
            "reward": {
                "custom_reward_function": {
                    "path": path,
                    "name": "compute_score",
                    "reward_kwargs": {"unknown": 1},
                },
                "reward_manager": {"source": "register", "name": "naive"},
                "sandbox_fusion": {"url": None},
            },
            "data": {},
            "trainer": {"experiment_name": "test"},
        }
    )
    assert get_custom_reward_fn(config) is not None
    manager = load_reward_manager(config, Bytes())
    scores = [await manager.run_single(sample(text, truth)) for text, truth in json.load(sys.stdin)]
    rewards = torch.tensor([[one["reward_score"]] for one in scores])
    group = np.zeros(len(scores), dtype=int)
    advantages = {
        str(by_std): (
            compute_grpo_outcome_advantage(
                rewards, torch.ones_like(rewards), group, norm_adv_by_std_in_grpo=by_std
            )[0][:, 0].tolist()
        )
        for by_std in (True, False)
    }
    told = {
        "version": verl.__version__,
        "scores": scores,
        "advantages": advantages,
        "validation": validation([one["reward_extra_info"] for one in scores]),
    }
    print(json.dumps(told))


asyncio.run(main(sys.argv[1]))
