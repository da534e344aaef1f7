"""Finished chunks in memory, and records that are read from their store on access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, overload

from scoring_theory.display import one_line
from simulations.record import Record
from simulations.sweep.chunks import Chunk, assemble, gaps
from simulations.sweep.identity import key_of
from simulations.sweep.store import Store

if TYPE_CHECKING:
    from simulations.experiment import Experiment
    from simulations.sweep.chunks import NamedArrays


@dataclass(frozen=True)
class Memory:
    """Finished chunks of a sweep without a store.

    Example:
        >>> from simulations import standard_experiments
        >>> Memory().missing(standard_experiments("short")[0])
        [(0, 4)]
    """

    chunks: dict[str, list[Chunk]] = field(default_factory=lambda: defaultdict(list))

    __repr__ = one_line

    def missing(self, experiment: Experiment) -> list[tuple[int, int]]:
        """The intervals of missing replicates, as pairs (first, count)."""
        present = sorted((chunk.first, chunk.count) for chunk in self.chunks[key_of(experiment)])
        return list(gaps(present, experiment.replicates))

    def add(self, experiment: Experiment, chunk: Chunk) -> None:
        """Add a chunk."""
        self.chunks[key_of(experiment)].append(chunk)

    def record(self, experiment: Experiment) -> Record:
        """The record of an experiment whose replicates are complete."""
        last = experiment.replicates
        chunks = sorted(
            (c for c in self.chunks[key_of(experiment)] if c.first < last), key=lambda c: c.first
        )
        parts = ({name: a[: last - c.first] for name, a in c.numbers.items()} for c in chunks)
        return assemble(experiment, parts, sum(chunk.seconds for chunk in chunks))


@dataclass(frozen=True)
class StoredRecords(Sequence[Record]):
    """The records of complete experiments, each read from the store when it is accessed.

    Args:
        path: The store.
        experiments: The experiments, all of them complete in the store.

    Example:
        >>> len(StoredRecords(Path("sweep.sqlite"), ()))
        0
    """

    path: Path
    experiments: tuple[Experiment, ...]

    __repr__ = one_line

    def __len__(self) -> int:
        return len(self.experiments)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> StoredRecords: ...
    def __getitem__(self, index: int | slice) -> Record | StoredRecords:
        """One record; or for a slice a sequence whose records have not been read yet."""
        if isinstance(index, slice):
            return StoredRecords(self.path, self.experiments[index])
        with Store(self.path) as store:
            return store.record(self.experiments[index])

    def parts(self, index: int) -> Iterator[NamedArrays]:
        """The metrics of one record, one chunk at a time, so that memory is bounded."""
        with Store(self.path) as store:
            yield from store.parts(self.experiments[index])
