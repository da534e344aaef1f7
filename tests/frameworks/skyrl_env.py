"""skyrl-gym's own making of an environment: `python skyrl_env.py FOLDER`, texts on stdin, rewards
on stdout.

With `reward.py` in FOLDER, its `RewardEnv` scores; without, the package's mixin.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import skyrl_gym
from skyrl_gym.envs.base_text_env import BaseTextEnv
from skyrl_gym.metrics import aggregate_for_environment


def scoring(folder: str) -> Any:
    """The mixin of the file, or of the package."""
    if (Path(folder) / "reward.py").exists():
        sys.path.insert(0, folder)
        return import_module("reward").RewardEnv
    from scoring_theory.adapters import as_skyrl

    return as_skyrl("c - (q - c)**2")


Env = type("Env", (scoring(sys.argv[1]), BaseTextEnv), {})
skyrl_gym.register(id="scoring_theory", entry_point=Env)
rewards, metrics = [], []
for text, truth in json.load(sys.stdin):
    extras = {"reward_spec": {"ground_truth": truth}, "max_turns": 1}
    env = skyrl_gym.make("scoring_theory", env_config={}, extras=extras)
    env.init([{"role": "user", "content": "2 + 2?"}])
    step = env.step(text)
    assert step["done"]
    assert step["observations"] == []
    rewards.append(step["reward"])
    metrics.append(env.get_metrics())
    env.close()
means = aggregate_for_environment("scoring_theory", metrics)
print(json.dumps({"version": version("skyrl-gym"), "rewards": rewards, "metrics": means}))
