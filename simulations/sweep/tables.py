"""Export of records: Parquet for tables, xarray for labelled arrays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_theory.files import replacing
from simulations.sweep.shelves import StoredRecords

if TYPE_CHECKING:
    from simulations.record import Record
    from simulations.sweep.chunks import NamedArrays

ROWS = 2**15  # smallest size of a Parquet row group
SIDES = ("in", "out")


def to_parquet(records: Sequence[Record], path: str | Path) -> Path:
    """Write records to a Parquet file, with one column for each metric.

    There is one row for each experiment, distribution, replicate and checkpoint:

        experiment  name  agent  where  replicate  step  accuracy  ...

    `experiment` is the number of the record, from 0; `where` is "in" or "out" of distribution. An
    undefined AUROC is NaN. The metadata of the file contains the descriptions as a JSON list, under
    the key `scoring_theory`. Records of `sweep(..., store=...)` are streamed.

    Args:
        records: At least one record; all have the same metrics.
        path: The file; it is written atomically. Parent directories are created.

    Returns:
        The path.

    Raises:
        ModuleNotFoundError: If pyarrow is not installed.
        ValueError: If there is no record, or metrics differ.

    Example:
        >>> import pytest, tempfile
        >>> parquet = pytest.importorskip("pyarrow.parquet")
        >>> from simulations import run, standard_experiments
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     records = [run(standard_experiments("short")[0])]
        ...     path = to_parquet(records, Path(folder) / "records.parquet")
        ...     parquet.read_table(path).num_rows  # 2 distributions, 4 replicates, 11 checkpoints
        88
    """
    arrow, parquet = _optional("pyarrow", "parquet"), _optional("pyarrow.parquet", "parquet")
    _require_some(records)
    path = Path(path)
    with replacing(path) as temporary:
        described = {
            "scoring_theory": json.dumps([_description(records, i) for i in range(len(records))])
        }
        _write(arrow, parquet, records, temporary, described)
    return path


def to_xarray(records: Sequence[Record]) -> Any:
    """Convert records to an `xarray.Dataset` with a variable for each metric.

    The dimensions are (experiment, where, replicate, step), with coordinates `name` and `agent`
    along `experiment`. The attribute `descriptions` is a JSON list of the descriptions.

    Args:
        records: At least one record; all have the same checkpoints, replicates and metrics.

    Raises:
        ModuleNotFoundError: If xarray is not installed.
        ValueError: If there is no record, or records differ in shape.

    Example:
        >>> import pytest
        >>> _ = pytest.importorskip("xarray")
        >>> from simulations import standard_experiments
        >>> from simulations.sweep import sweep
        >>> data = to_xarray(sweep(standard_experiments("short")[:2]))
        >>> dict(data.sizes)
        {'experiment': 2, 'where': 2, 'replicate': 4, 'step': 11}
    """
    xarray = _optional("xarray", "sweeps")
    _require_some(records)
    loaded = list(records)
    first = loaded[0]
    for i, record in enumerate(loaded):
        if _shape(record) != _shape(first):
            raise ValueError(
                "records must have the same checkpoints, replicates and metrics to share an array,"
                f" but number {i} differs from number 0; export them one by one, or to Parquet"
            )
    dimensions = ("experiment", "where", "replicate", "step")
    values = {
        name: np.stack([[r.inside[name], r.outside[name]] for r in loaded])
        for name in sorted(first.inside)
    }
    coordinates = {
        "name": ("experiment", [record.name for record in loaded]),
        "agent": ("experiment", [record.agent for record in loaded]),
        "where": list(SIDES),
        "step": first.steps,
    }
    attributes = {"descriptions": json.dumps([dict(record.description) for record in loaded])}
    return xarray.Dataset(
        {name: (dimensions, array) for name, array in values.items()}, coordinates, attributes
    )


def _optional(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        name = module.partition(".")[0]
        sentence = f"this needs {name}; install it with `pip install scoring-theory[{extra}]`"
        raise ModuleNotFoundError(sentence, name=error.name) from error


def _require_some(records: Sequence[Record]) -> None:
    if not len(records):
        raise ValueError("there must be at least one record to export, got 0")


def _shape(record: Record) -> tuple[tuple[int, ...], int, tuple[str, ...]]:
    replicates = len(next(iter(record.inside.values())))
    return tuple(record.steps.tolist()), replicates, tuple(sorted(record.inside))


def _description(records: Sequence[Record], index: int) -> dict[str, Any]:
    if isinstance(records, StoredRecords):
        return records.experiments[index].describe()
    return dict(records[index].description)


def _parts(records: Sequence[Record], index: int) -> tuple[list[int], Iterator[NamedArrays]]:
    """The checkpoints of one record, and its metrics chunk by chunk."""
    if isinstance(records, StoredRecords):
        return records.experiments[index].when.tolist(), records.parts(index)
    record = records[index]
    sides = zip(SIDES, (record.inside, record.outside), strict=True)
    return record.steps.tolist(), iter(
        [{f"{side}/{name}": array for side, metrics in sides for name, array in metrics.items()}]
    )


def _write(
    arrow: Any, parquet: Any, records: Sequence[Record], file: Path, described: dict[str, str]
) -> None:
    groups = _grouped(arrow, _tables(arrow, records))
    first = next(groups)
    with parquet.ParquetWriter(file, first.schema.with_metadata(described)) as writer:
        writer.write_table(first)
        for group in groups:
            writer.write_table(group)


def _grouped(arrow: Any, tables: Iterator[Any]) -> Iterator[Any]:
    """Tables joined until they have enough rows for a row group.

    Small row groups would make the file large and slow to read.
    """
    waiting: list[Any] = []
    names: list[str] | None = None
    for table in tables:
        names = names or table.column_names
        if table.column_names != names:
            raise ValueError(
                f"records must have the same metrics, got {table.column_names[6:]} after"
                f" {names[6:]}"
            )
        waiting.append(table)
        if sum(len(part) for part in waiting) >= ROWS:
            yield arrow.concat_tables(waiting)
            waiting.clear()
    if waiting:
        yield arrow.concat_tables(waiting)


def _tables(arrow: Any, records: Sequence[Record]) -> Iterator[Any]:
    for index in range(len(records)):
        described = _description(records, index)
        steps, parts = _parts(records, index)
        first = 0
        for numbers in parts:
            count = len(next(iter(numbers.values())))
            yield _table(arrow, index, described, steps, first, count, numbers)
            first += count


def _table(
    arrow: Any,
    index: int,
    described: dict[str, Any],
    steps: list[int],
    first: int,
    count: int,
    numbers: NamedArrays,
) -> Any:
    """The rows of one chunk: first all rows in distribution, then all out of distribution."""
    rows = count * len(steps)
    metrics = sorted({name.partition("/")[2] for name in numbers})
    values = {
        m: np.concatenate([numbers[f"{side}/{m}"].ravel() for side in SIDES]) for m in metrics
    }
    return arrow.table(
        {
            "experiment": np.full(2 * rows, index, np.int32),
            "name": [described["name"]] * (2 * rows),
            "agent": [described["agent"]["kind"]] * (2 * rows),
            "where": np.repeat(SIDES, rows),
            "replicate": np.tile(np.repeat(np.arange(first, first + count), len(steps)), 2),
            "step": np.tile(np.array(steps, np.int64), 2 * count),
            **values,
        }
    )
