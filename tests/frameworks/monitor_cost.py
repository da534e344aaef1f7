"""What a monitor costs beside TRL's own steps, in one run: one JSON object on the last line.

The steps are those of "Train a model with it" in docs/trainers.md, with the model of
`scoring-theory demo-model`; a larger model makes a step dearer and the monitor no dearer.

    PYTHONPATH=. python tests/frameworks/monitor_cost.py none 60
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from time import process_time
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}

ASK = "Will it rain tomorrow? End with <answer>yes or no</answer><confidence>0 to 1</confidence>"
RLCR = "c - (q - c)**2"


def main(scale_rewards: str, steps: str) -> None:
    """Train with a monitor, and print the seconds of CPU time of each step and of the monitor."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    from scoring_theory import ConfidenceMonitor, as_trl, watch_trl
    from scoring_theory.demo_model import make_demo_model

    watcher = watch_trl(as_trl(RLCR), ConfidenceMonitor(RLCR))
    spent: dict[str, list[float]] = {"monitor": [], "step": []}
    take = watcher.take

    def timed(*given: Any) -> None:
        started = process_time()
        take(*given)
        spent["monitor"].append(process_time() - started)

    watcher.take = timed

    class Steps(TrainerCallback):
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.started = process_time()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            spent["step"].append(process_time() - self.started)

    rows = [{"prompt": ASK, "solution": truth} for truth in (["yes"] * 7 + ["no"] * 3) * 100]
    with tempfile.TemporaryDirectory() as folder:
        model = make_demo_model(folder + "/model")
        config = GRPOConfig(
            output_dir=folder,
            scale_rewards=scale_rewards,
            learning_rate=2e-3,
            use_cpu=True,
            bf16=False,
            per_device_train_batch_size=128,
            max_completion_length=8,
            max_steps=int(steps),
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
        )
        GRPOTrainer(
            model=str(model),
            reward_funcs=watcher.reward,
            callbacks=[watcher, Steps()],
            args=config,
            train_dataset=Dataset.from_list(rows),
        ).train()
    print(json.dumps(spent))


if __name__ == "__main__":
    main(*sys.argv[1:])
