"""A block of Python on stdin, run as it stands beside the model of `scoring-theory demo-model`."""

from __future__ import annotations

import json
import sys
from typing import Any

from scoring_theory.demo_model import make_demo_model

make_demo_model("demo-model")
names: dict[str, Any] = {}
exec(json.load(sys.stdin), names)
log = [line for line in names["trainer"].state.log_history if "reward" in line]
alarms = [alarm.rule for alarm in names["watcher"].monitor.alarms]
print(json.dumps({"log": log, "alarms": alarms}))
