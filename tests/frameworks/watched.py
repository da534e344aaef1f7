"""TRL's own GRPOTrainer with a monitor, on the model of `grpo.py`.

It prints one JSON object on the last line: what the trainer logged in each step, and the alarms.

    PYTHONPATH=. python tests/frameworks/watched.py group 0 60
"""

from __future__ import annotations

import json
import sys
import warnings

from grpo import train


def main(scale_rewards: str, seed: str, steps: str) -> None:
    """Train, and watch; the estimator is read from the trainer's configuration."""
    from scoring_theory.adapters import as_trl
    from scoring_theory.watching import ConfidenceMonitor, watch_trl

    rlcr = "c - (q - c)**2"
    monitor = ConfidenceMonitor(rlcr)
    watcher = watch_trl(as_trl(rlcr, name="rlcr"), monitor)
    with warnings.catch_warnings(record=True, action="always") as caught:
        log = train(
            scale_rewards,
            int(seed),
            int(steps),
            watcher.reward,
            batch=128,
            learning_rate=2e-3,
            logging_steps=1,
            callbacks=[watcher],
        )
    import torch
    import transformers
    import trl

    versions = {module.__name__: module.__version__ for module in (trl, transformers, torch)}
    warned = [str(one.message) for one in caught if one.category.__name__ == "ConfidenceAlarm"]
    alarms = [alarm.to_json() for alarm in monitor.alarms]
    estimator = str(monitor.trainer)
    print(
        json.dumps(
            {
                "versions": versions,
                "estimator": estimator,
                "log": log,
                "alarms": alarms,
                "warned": warned,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
