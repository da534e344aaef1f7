"""TRL: a reward function that a monitor sees, and a callback that reads the configuration.

No framework is imported: the reward function has TRL's signature, and the callback has the methods
that the trainer's handler of callbacks calls.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.advantage.trainers import Trainer, as_trainer

if TYPE_CHECKING:
    from scoring_theory.watching.monitor import ConfidenceMonitor

PREFIX = "confidence_monitor"
_SCALES = {"group": "trl_default", "none": "trl_none", "batch": "trl_batch"}
_OLDER_SCALES = {True: "group", False: "none"}
_SEEN = ("confidence", "correct")


class ConfidenceAlarm(UserWarning):
    """A monitor has raised an alarm while a model is trained."""


class TrlWatcher:
    """A monitor in TRL: `reward` goes to `reward_funcs`, and the watcher itself to `callbacks`.

        watcher = watch_trl(as_trl(formula), ConfidenceMonitor(formula))
        GRPOTrainer(reward_funcs=watcher.reward, callbacks=[watcher], ...)

    As training begins, the estimator and the size of groups are read from the trainer's
    configuration, unless the monitor has an estimator. Every batch of training is watched; the
    figures go through the trainer's own logger, as `confidence_monitor/...`, and so to tensorboard,
    wandb and trackio, and are computed for the steps that it logs. An alarm is a `ConfidenceAlarm`,
    once.

    Attributes:
        monitor: the monitor.
        reward: the reward function that it sees.
        stop: whether the first alarm ends the training.
    """

    def __init__(
        self, reward: Callable[..., Any], monitor: ConfidenceMonitor, *, stop: bool
    ) -> None:
        self.monitor, self.stop = monitor, stop
        self.reward = _seen_by(self, reward)
        self._group: int | None = None
        self._configured = self._training = False
        self._step: int | None = None
        self._taken = 0
        self._logs_every, self._logs_first = 1, False

    def __getattr__(self, name: str) -> Callable[..., None]:
        # Events of later versions that nobody needs here.
        if name.startswith("on_"):
            return _nothing
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Read the estimator and the size of groups from the configuration."""
        self._configured, self._group = True, getattr(args, "num_generations", None)
        if self.monitor.trainer is None:
            self.monitor.trained_by(trl_estimator(args))

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Rewards from here to the end of the step are of training, not of evaluation."""
        self._training = True
        if getattr(args, "logging_strategy", None) == "steps":
            self._step, self._logs_every = state.global_step, state.logging_steps
            self._logs_first = args.logging_first_step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End the training after an alarm, if that was asked for."""
        self._training = False
        if self.stop and self.monitor.alarms:
            control.should_training_stop = True

    def take(
        self,
        columns: dict[str, Sequence[Any]],
        prompts: Sequence[Any],
        log_metric: Callable[[str, float], None] | None,
    ) -> None:
        """Give a batch to the monitor, and its figures to the trainer's logger.

        Raises:
            ValueError: the reward function has not logged confidences and outcomes; or there is no
                estimator.
        """
        if self._configured and not self._training:
            return
        if self.monitor.trainer is None:
            raise ValueError(
                "the estimator is not known: give the watcher to the trainer, callbacks=[watcher],"
                " or the monitor an `estimator`"
            )
        confidence, correct = (
            np.array(_column(columns, name), dtype=np.float64)  # None becomes NaN
            for name in _SEEN
        )
        scored = ~np.isnan(correct)
        if not scored.any():
            return
        group = np.array(trl_groups(prompts, self._group))
        new = self.monitor.update(confidence[scored], correct[scored], group[scored])
        for alarm in new:
            warnings.warn(str(alarm), ConfidenceAlarm, stacklevel=2)
        if self._logged() and log_metric is not None:
            for name, value in self.monitor.figures().numbers().items():
                log_metric(f"{PREFIX}/{name}", value)

    def _logged(self) -> bool:
        """Whether the trainer logs before the next batch comes, as far as its steps tell."""
        if self._step is None:
            return True
        step, before = self._step, self._taken
        self._taken = step
        ahead = max(1, step - before)  # a batch may serve several steps
        due = (step + ahead) // self._logs_every > step // self._logs_every
        return due or (self._logs_first and step == 0)


def watch_trl(
    reward: Callable[..., Any], monitor: ConfidenceMonitor, *, stop: bool = False
) -> TrlWatcher:
    """A monitor as a callback of TRL's trainers, with the reward function that it sees.

    Args:
        reward: a reward function made by `as_trl`, or another one that logs the columns
            `confidence` and `correct` through TRL's `log_extra`; asynchronous or not.
        monitor: the monitor, without an `estimator` if it is to be read from the configuration.
        stop: end the training at the first alarm.

    Raises:
        ValueError: when it is called, the reward function logs no such columns, or no estimator is
            known.

    Example:
        >>> from scoring_theory import as_trl
        >>> from scoring_theory.watching import ConfidenceMonitor
        >>> monitor = ConfidenceMonitor("c - (q - c)^2", estimator="trl_none")
        >>> watcher = watch_trl(as_trl("c - (q - c)^2"), monitor)
        >>> said = ["<answer>4</answer><confidence>0.5</confidence>"] * 2
        >>> watcher.reward(prompts=["2 + 2?"] * 2, completions=said, solution=["4", "5"])
        [0.75, -0.25]
        >>> monitor.updates, monitor.figures().confidence
        (1, 0.5)
    """
    return TrlWatcher(reward, monitor, stop=stop)


def trl_estimator(config: Any) -> Trainer:
    """How a trainer with this configuration makes advantages of rewards.

    Args:
        config: a `GRPOConfig`, or anything with its attributes `scale_rewards`, `num_generations`
            and `multi_objective_aggregation`; or an `RLOOConfig`, which has no `scale_rewards`.

    Raises:
        ValueError: the scaling is unknown.

    Example:
        >>> from types import SimpleNamespace
        >>> print(trl_estimator(SimpleNamespace(scale_rewards="none", num_generations=4)))
        TRL GRPOTrainer without scaling: group_mean, G = 4
    """
    size = getattr(config, "num_generations", None)
    if not hasattr(config, "scale_rewards"):
        return as_trainer("trl_rloo", group_size=size)
    scale = config.scale_rewards
    scale = _OLDER_SCALES[scale] if isinstance(scale, bool) else scale
    if scale not in _SCALES:
        raise ValueError(f"`scale_rewards` must be one of {', '.join(_SCALES)}, got {scale!r}")
    apart = getattr(config, "multi_objective_aggregation", None) == "normalize_then_sum"
    return as_trainer("trl_gdpo" if apart else _SCALES[scale], group_size=size)


def trl_groups(prompts: Sequence[Any], size: int | None) -> list[int]:
    """The number of the group of each rollout: the trainer repeats a prompt once for each.

    Args:
        prompts: the prompts of a batch, in the trainer's order.
        size: rollouts of a group; without it, or where it does not divide the batch (a part of a
            batch that several processes share), a run of equal prompts is a group.

    Example:
        >>> trl_groups(["a", "a", "a", "a"], 2), trl_groups(["a", "a", "b"], None)
        ([0, 0, 1, 1], [0, 0, 1])
    """
    if size and len(prompts) % size == 0:
        return [row // size for row in range(len(prompts))]
    starts = [row > 0 and one != prompts[row - 1] for row, one in enumerate(prompts)]
    numbers: list[int] = np.cumsum(starts).tolist()
    return numbers


def _seen_by(watcher: TrlWatcher, reward: Callable[..., Any]) -> Callable[..., Any]:
    """The same reward function, whose columns the watcher takes as well."""

    def spying(given: dict[str, Any]) -> dict[str, Sequence[Any]]:
        columns: dict[str, Sequence[Any]] = {}
        log_extra = given.get("log_extra")

        def log(name: str, values: Sequence[Any]) -> None:
            columns[name] = values
            if log_extra is not None:
                log_extra(name, values)

        given["log_extra"] = log
        return columns

    def watched(**given: Any) -> Any:
        columns = spying(given)
        paid = reward(**given)
        watcher.take(columns, given["prompts"], given.get("log_metric"))
        return paid

    async def watched_async(**given: Any) -> Any:
        columns = spying(given)
        paid = await reward(**given)
        watcher.take(columns, given["prompts"], given.get("log_metric"))
        return paid

    chosen = watched_async if iscoroutinefunction(reward) else watched
    chosen.__name__ = chosen.__qualname__ = getattr(reward, "__name__", "reward")
    return chosen


def _column(columns: dict[str, Sequence[Any]], name: str) -> Sequence[Any]:
    """The logged column of a name, with or without the name of the function before it."""
    found = [key for key in columns if key == name or key.endswith((f"/{name}", f"_{name}"))]
    if len(found) != 1:
        logged = ", ".join(columns) or "none"
        raise ValueError(
            f"the reward function must log one column `{name}` through `log_extra`, as those of"
            f" `as_trl` do, got {logged}"
        )
    return columns[found[0]]


def _nothing(*_: Any, **__: Any) -> None:
    """What happens at an event that does not matter here."""
