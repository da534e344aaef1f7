"""Processes that may be killed, and that start with everything imported.

A server without threads imports the packages once and forks itself for every child; a new
interpreter would import them each time.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

from scoring_theory.reward import Reward
from simulations import Coupled, Experiment, LearningRule, Tabular, bank, feature_world
from simulations.sweep import Store, sweep


@cache
def server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "simulations.sweep.chunks"])
    return context


def started(target: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    process = server().Process(target=target, args=arguments)
    process.start()
    return process


def described(steps: int, replicates: int) -> tuple[Experiment, ...]:
    """The experiments that parent and children sweep."""
    tabular = Experiment(
        reward=Reward.parse("c - (q - c)^2"),
        agent=Tabular(),
        world=bank(32, 4),
        elsewhere=bank(32, 4, shift=1),
        training=LearningRule(batch=8),
        steps=steps,
        replicates=replicates,
        checkpoints=5,
    )
    coupled = replace(
        tabular,
        agent=Coupled(),
        world=feature_world(64),
        elsewhere=feature_world(64, shift=1),
        training=LearningRule(batch=8, learning_rate=0.05),
    )
    return tabular, replace(tabular.with_training(estimator="group_std"), seed=1), coupled


def sweep_into(store: Path, steps: int, replicates: int, chunk: int, ready: Event) -> None:
    todo = described(steps, replicates)
    ready.set()
    sweep(todo, store=store, chunk=chunk)


def make_store(store: Path, together: Barrier) -> None:
    together.wait(600)
    Store(store).close()
