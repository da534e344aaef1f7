"""Readers of Parquet and Arrow (Feather) files that make no Python object per row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any

from scoring_theory.rollouts.columns import NUMBERS, REQUIRED, FoundColumns, Understood
from scoring_theory.rollouts.labels import from_dictionary
from scoring_theory.rollouts.rollouts import RolloutError
from scoring_theory.rollouts.text_tables import Choose, Held, Log
from scoring_theory.rollouts.texts import TEXT_ROLES

MAX_ROWS, MAX_ROWS_PER_BYTE = 1_000_000, 100
"""A Parquet file may have `MAX_ROWS` rows, or `MAX_ROWS_PER_BYTE` rows per byte if that is more."""
_PLAIN = {
    "float",
    "double",
    "halffloat",
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
}


def parquet(path: Log, choose: Choose) -> FoundColumns:
    """The columns of a Parquet file; columns without a role are not read."""
    _require_pyarrow("Parquet")
    from pyarrow import ArrowException
    from pyarrow import parquet as files

    table_file = BytesIO(path.content) if isinstance(path, Held) else path
    try:
        about = files.read_metadata(table_file)
        if about.num_rows > max(MAX_ROWS, MAX_ROWS_PER_BYTE * _size(path)):
            raise RolloutError(
                f"{path}: {about.num_rows} rows are more than {MAX_ROWS_PER_BYTE} per byte of the"
                " file"
            )
        schema = files.read_schema(table_file)
        understood = _understood(path, schema, choose)
        texts = [
            name
            for role, name in understood.chosen.items()
            if role not in (*REQUIRED, *NUMBERS, *TEXT_ROLES)
            and name in schema.names
            and str(schema.field(name).type) == "string"
        ]

        def read(column: str) -> Any:
            return files.read_table(
                table_file, columns=[column], read_dictionary=texts, pre_buffer=False
            )

        return _one_by_one(understood, schema.names, read)
    except ArrowException as error:
        raise RolloutError(f"{path} cannot be read: {error}") from None


def _size(log: Log) -> int:
    return len(log.content) if isinstance(log, Held) else log.stat().st_size


def feather(path: Log, choose: Choose) -> FoundColumns:
    """The columns of a file in Arrow's file format (Feather) or stream format."""
    _require_pyarrow("Arrow")
    from pyarrow import ArrowException, BufferReader, ipc, memory_map

    try:
        opened = BufferReader(path.content) if isinstance(path, Held) else memory_map(str(path))
        with opened as source:
            try:
                table = ipc.open_file(source).read_all()
            except ArrowException:
                source.seek(0)
                table = ipc.open_stream(source).read_all()
            return _found(_understood(path, table.schema, choose), table)
    except ArrowException as error:
        raise RolloutError(f"{path} cannot be read: {error}") from None


def _require_pyarrow(what: str) -> None:
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{what} needs pyarrow; install it with `pip install scoring-theory[parquet]`",
            name=error.name,
        ) from None


def _understood(path: Log, schema: Any, choose: Choose) -> Understood:
    names = _names(schema)
    understood = choose(names, None)
    understood.require_paths(str(path), names)
    return understood


def _names(schema: Any) -> list[str]:
    """The names of the columns, and the paths to the fields of those that are structures."""
    found: list[str] = []

    def visit(fields: Iterable[Any], before: str) -> None:
        for each in fields:
            found.append(f"{before}{each.name}")
            if str(each.type).startswith("struct"):
                visit([each.type.field(k) for k in range(each.type.num_fields)], f"{found[-1]}.")

    visit(list(schema), "")
    return found


def _found(understood: Understood, table: Any) -> FoundColumns:
    return FoundColumns(
        {role: column_of(role, _at(table, name)) for role, name in understood.chosen.items()},
        understood=understood,
    )


def _one_by_one(
    understood: Understood, names: Sequence[str], read: Callable[[str], Any]
) -> FoundColumns:
    """Read a column, convert it and give its memory back before the next one is read.

    Args:
        understood: Which column has which role.
        names: The names of the columns of the table.
        read: From the name of a column to a table of that column.
    """
    import pyarrow

    roles: dict[str, list[str]] = {}
    for role, name in understood.chosen.items():
        roles.setdefault(_top(names, name), []).append(role)
    found: dict[str, Any] = {}
    for top, of_top in roles.items():
        table = read(top)
        for role in of_top:
            found[role] = column_of(role, _at(table, understood.chosen[role]))
        del table
        pyarrow.default_memory_pool().release_unused()
    in_order = {role: found[role] for role in understood.chosen}
    return FoundColumns(in_order, understood=understood)


def _top(names: Sequence[str], name: str) -> str:
    """The column that a name or a path begins with."""
    return name if name in names else next(each for each in names if name.startswith(f"{each}."))


def _at(table: Any, name: str) -> Any:
    """A column, or a field of one that is a structure, by its path."""
    if name in table.column_names:
        return table.column(name)
    from pyarrow import compute

    top = _top(table.column_names, name)
    return compute.struct_field(table.column(top), name[len(top) + 1 :].split("."))


def column_of(role: str, column: Any) -> Any:
    """A column as an array, labels or a list.

    Numbers without gaps become an array of the column's precision, labels become codes, and
    everything else becomes a list.
    """
    if column.null_count:
        return column.to_pylist()
    kind = str(column.type)
    if kind in _PLAIN:
        # True is not a valid confidence; as a list, the error message can show it.
        as_list = kind == "bool" and role != "correct"
        return column.to_pylist() if as_list else column.to_numpy()
    if role in (*REQUIRED, *NUMBERS, *TEXT_ROLES):
        return column.to_pylist()
    return _labels(column)


def _labels(column: Any) -> Any:
    """Labels from dictionary codes, if pyarrow can encode the column; otherwise a list."""
    from pyarrow import ArrowNotImplementedError, types

    try:
        coded = column if types.is_dictionary(column.type) else column.dictionary_encode()
        whole = coded.unify_dictionaries().combine_chunks()
    except ArrowNotImplementedError:
        return column.to_pylist()
    names = whole.dictionary.to_pylist()
    if len(whole) == 0 or any(name is None or name != name for name in names):
        return column.to_pylist()
    return from_dictionary(whole.indices.to_numpy(zero_copy_only=False), names)
