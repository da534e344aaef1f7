"""wandb: a table as JSON, `media/table/NAME.table.json` of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scoring_theory.rollouts.formats.log_format import LogFormat, Row


def _recognises(names: Collection[str]) -> bool:
    return {"columns", "data"} <= set(names)


def _of_table(table: Row) -> Iterator[Row]:
    columns, data = table["columns"], table["data"]
    if not isinstance(columns, list) or not isinstance(data, list):
        raise ValueError("a table has a list `columns` and a list `data` of rows")
    names = [str(name) for name in columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"every column must have its own name, got {twice!r} twice")
    for number, row in enumerate(data, start=1):
        if not isinstance(row, list) or len(row) != len(names):
            many = f"{len(row)}" if isinstance(row, list) else f"{row!r:.40}"
            raise ValueError(f"row {number}: {len(names)} fields expected, got {many}")
        yield dict(zip(names, row, strict=True))


WANDB = LogFormat(
    key="wandb",
    title="a wandb table",
    source="wandb 0.2x, wandb.Table: the keys columns and data; pandas' orient='split' as well",
    recognises=_recognises,
    rows=_of_table,
    missing=None,
    generic=True,
)
