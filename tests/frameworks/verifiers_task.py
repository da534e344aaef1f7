"""verifiers' own scoring of a task: `python verifiers_task.py FOLDER`, texts on stdin, rewards on
stdout.

With `reward.py` in FOLDER, its `reward` is named in the configuration; without, the package's is a
method of the task.
"""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import verifiers.v1 as vf
from verifiers.v1 import trace as traces


class Data(vf.TaskData):
    answer: str


def task_class(exported: bool) -> Any:
    """A task class without a reward, or with the package's."""
    if exported:

        class Bare(vf.Task[Data, vf.State, vf.TaskConfig]):
            pass

        return Bare
    from scoring_theory.adapters import as_verifiers

    reward = as_verifiers("c - (q - c)**2", name="rlcr")

    class Question(vf.Task[Data, vf.State, vf.TaskConfig]):
        rlcr = vf.reward(weight=1.0)(reward)

    return Question


async def main(folder: str) -> None:
    exported = (Path(folder) / "reward.py").exists()
    sys.path.insert(0, folder)
    config = vf.TaskConfig(rewards={"rlcr": {"fn": "reward:reward"}} if exported else {})
    found = []
    for text, truth in json.load(sys.stdin):
        task = task_class(exported)(Data(prompt="2 + 2?", answer=truth), config)
        question = traces.TraceTask(type="Question", data=task.data)
        trace = vf.Trace(task=question, agent=traces.AgentInfo(config=vf.AgentConfig()))
        trace.root_reply = text
        await task.score(trace)
        found.append(
            {
                "reward": trace.reward,
                "metrics": dict(trace.metrics),
                "parts": {key: one.value for key, one in trace.rewards.items()},
            }
        )
    ours = "scoring_theory" in sys.modules
    print(json.dumps({"version": version("verifiers"), "package": ours, "scores": found}))


asyncio.run(main(sys.argv[1]))
