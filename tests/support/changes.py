"""Changes to an experiment by name, whether they are its own or its learning rule's."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from simulations import Experiment, LearningRule

OF_RULES = {field.name for field in fields(LearningRule)}


def changed(experiment: Experiment, **changes: Any) -> Experiment:
    """The experiment with these changes."""
    rule = {name: value for name, value in changes.items() if name in OF_RULES}
    own = {name: value for name, value in changes.items() if name not in OF_RULES}
    return replace(experiment, **own, training=replace(experiment.training, **rule))
