"""The result of an experiment: every metric by replicate and checkpoint, and the description."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from scoring_theory.display import line, shortened, table
from scoring_theory.files import write
from simulations.policies import StatedPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.experiment import Experiment
    from simulations.training.kernels import FloatArray

Where = Literal["in", "out"]
RECORD_SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Record:
    """The result of one experiment.

    Args:
        description: The experiment as plain data, see `Experiment.describe`.
        steps: Number of training steps at each checkpoint, (T,).
        inside: The metrics in distribution, by name; each has shape (replicates, T).
        outside: The metrics out of distribution.
        metadata: Versions, seconds and other facts that are not part of the result.
        states: The arrays of the agent's state by name, (replicates, kept checkpoints, ...), if
            `Experiment.keep_policy` asks for them; see `policy`.

    Example:
        >>> from simulations import run, standard_experiments
        >>> record = run(standard_experiments("short")[0])
        >>> record
        Record('binary', tabular, steps=1500, replicates=4, metrics=9)
        >>> record.metric("accuracy").shape, record.final("ece") < record.final("ece", "out")
        ((4, 11), True)
    """

    description: Mapping[str, Any]
    steps: NDArray[np.int64]
    inside: Mapping[str, FloatArray]
    outside: Mapping[str, FloatArray]
    metadata: Mapping[str, Any]
    states: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("description", "inside", "outside", "metadata", "states"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        plain = (
            dict(self.description),
            self.steps,
            dict(self.inside),
            dict(self.outside),
            dict(self.metadata),
            dict(self.states),
        )
        return Record, plain

    def __repr__(self) -> str:
        shape = (
            f"steps={int(self.steps[-1])}",
            f"replicates={len(next(iter(self.inside.values())))}",
        )
        return line(
            "Record",
            repr(shortened(self.name, 40)),
            self.agent,
            *shape,
            f"metrics={len(self.inside)}",
        )

    def _repr_html_(self) -> str:
        """A table of all metrics at the last checkpoint, in and out of distribution."""
        rows = ((name, self.final(name), self.final(name, "out")) for name in self.inside)
        head = ("at the end", "in distribution", "out of distribution")
        return table(
            rows,
            head=head,
            caption=f"Record: {self.name}, {self.agent}, {int(self.steps[-1])} steps",
        )

    @property
    def name(self) -> str:
        """The name of the reward in figures."""
        return str(self.description["name"])

    @property
    def agent(self) -> str:
        """The kind of agent."""
        return str(self.description["agent"]["kind"])

    @property
    def digest(self) -> str:
        """SHA-256 of the bits of all metrics and kept states; equal digests mean equal results."""
        digest = hashlib.sha256(self.steps.astype("<i8").tobytes())
        for name, array in self._arrays().items():
            digest.update(
                name.encode() + repr(array.shape).encode() + array.astype("<f8").tobytes()
            )
        return digest.hexdigest()

    def metric(self, name: str, where: Where = "in") -> FloatArray:
        """One metric, (replicates, T).

        Args:
            name: A name of `simulations.metrics.METRICS`.
            where: "in" or "out" of distribution.

        Raises:
            KeyError: If there is no such metric.
            ValueError: If `where` is neither "in" nor "out".
        """
        values = self.inside if _require_where(where) == "in" else self.outside
        if name not in values:
            raise KeyError(f"no metric {name!r}; there are {', '.join(values)}")
        return values[name]

    def final(self, name: str, where: Where = "in") -> float:
        """The mean of a metric over replicates at the last checkpoint."""
        return float(self.metric(name, where)[:, -1].mean())

    def policy(
        self, experiment: Experiment, *, checkpoint: int = -1, where: Where = "in"
    ) -> StatedPolicy:
        """The policy of every replicate at a kept checkpoint.

        Whatever is decided with it (votes, retrieval, abstention) can be computed exactly from the
        policy and `experiment.world.success_probability`.

        Args:
            experiment: The experiment of this record, which has the agent and the worlds.
            checkpoint: Number of the kept checkpoint; negative numbers count from the last one.
            where: "in" or "out" of distribution.

        Raises:
            ValueError: If no policy was kept, the record is that of another experiment, or `where`
                is neither "in" nor "out".
            IndexError: If there is no such checkpoint.

        Example:
            >>> from dataclasses import replace
            >>> from simulations import run, standard_experiments
            >>> short = replace(standard_experiments("short")[1], keep_policy="last")
            >>> record = run(short)
            >>> policy = record.policy(short)
            >>> accuracy = policy.accuracy(short.world.success_probability)
            >>> bool(np.allclose(accuracy, record.metric("accuracy")[:, -1]))
            True
        """
        if not self.states:
            raise ValueError(
                'no policy was kept; run the experiment with `keep_policy="last"` or "all"'
            )
        if json.dumps(experiment.describe()) != json.dumps(dict(self.description)):
            raise ValueError(f"the record is not that of {experiment!r}")
        agent, update = experiment.agent, experiment.training.update
        world = experiment.world if _require_where(where) == "in" else experiment.elsewhere
        at_once = {name: rows[:, checkpoint] for name, rows in self.states.items()}
        kept = [
            agent.policy(
                agent.state_type(**{name: rows[r] for name, rows in at_once.items()}), world, update
            )
            for r in range(len(next(iter(at_once.values()))))
        ]
        return StatedPolicy(
            np.concatenate([one.answer for one in kept]),
            np.concatenate([one.confidence for one in kept]),
            kept[0].grid,
        )

    def to_dict(self) -> dict[str, Any]:
        """The record as data for JSON; NaN becomes None."""
        return {
            "schema": RECORD_SCHEMA,
            "description": dict(self.description),
            "metadata": dict(self.metadata),
            "digest": self.digest,
            "steps": self.steps.tolist(),
            "in": {name: _plain(values) for name, values in self.inside.items()},
            "out": {name: _plain(values) for name, values in self.outside.items()},
        }

    def save(self, path_without_suffix: str | Path) -> tuple[Path, Path]:
        """Write `name.npz` (the metrics) and `name.json` (the rest).

        Each file is written atomically. Parent directories are created.

        Returns:
            The two paths.
        """
        path = Path(path_without_suffix)
        numbers = io.BytesIO()
        np.savez_compressed(numbers, allow_pickle=False, steps=self.steps, **self._arrays())
        rest = {
            key: value for key, value in self.to_dict().items() if key not in ("steps", "in", "out")
        }
        text = json.dumps(rest, indent=1, allow_nan=False).encode()
        kinds = {".npz": numbers.getvalue(), ".json": text}
        npz, described = (
            write(path.with_name(path.name + suffix), content) for suffix, content in kinds.items()
        )
        return npz, described

    @classmethod
    def load(cls, path_without_suffix: str | Path) -> Record:
        """Read a record that `save` has written.

        Raises:
            ValueError: If the digest of the metrics is not the one in the JSON file.
        """
        path = Path(path_without_suffix)
        rest = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
        with np.load(path.with_name(f"{path.name}.npz"), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        inside, outside, states = (
            {n[len(s) :]: a for n, a in arrays.items() if n.startswith(s)}
            for s in ("in/", "out/", "state/")
        )
        facts = rest["description"], arrays["steps"], inside, outside, rest["metadata"]
        record = cls(*facts, states)
        if record.digest != rest["digest"]:
            raise ValueError(
                f"{path.name}.npz does not hold the numbers that {path.name}.json describes"
            )
        return record

    def _arrays(self) -> dict[str, FloatArray]:
        sides = (("in", self.inside), ("out", self.outside), ("state", self.states))
        return {f"{side}/{name}": values[name] for side, values in sides for name in sorted(values)}


def _require_where(where: Where) -> Where:
    if where not in get_args(Where):
        raise ValueError(f'`where` must be "in" or "out", got {where!r}')
    return where


def _plain(values: FloatArray) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in values]
