"""Files of figures: PDF for papers, PNG for screens, and CSV with the plotted numbers."""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib
import numpy as np

from scoring_theory.display import one_line
from scoring_theory.files import write
from scoring_theory.plotting.style import paper_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray


class Drawn(NamedTuple):
    """A figure and its plotted numbers, as `save` takes them.

    Example:
        >>> from matplotlib.figure import Figure
        >>> Drawn(Figure(), {"q": [0.0, 1.0]}).data
        {'q': [0.0, 1.0]}
    """

    figure: Figure
    data: Mapping[str, ArrayLike]

    def __repr__(self) -> str:
        return one_line(self)


def save(
    figure: Figure, path_without_suffix: str | Path, data: Mapping[str, ArrayLike]
) -> tuple[Path, Path, Path]:
    """Write `name.pdf`, `name.png` (300 dpi) and `name.csv`, with identical bytes in every run.

    All three are first made in memory and then moved to their names, so that no file is ever
    incomplete and an error leaves the old files unchanged. Missing folders are created.

    The CSV is *wide* (one column per entry) when all entries have the same length, and otherwise
    *long*, with the columns `series`, `index`, `value`. Numbers are written so that they read back
    to the same float64.

    Args:
        figure: A matplotlib figure.
        path_without_suffix: The path without an ending; a dot in it (`lam=0.5`) is kept.
        data: The plotted numbers: one-dimensional columns of numbers or texts, or single values (a
            column of length one).

    Returns:
        The paths of the PDF, the PNG and the CSV.

    Raises:
        ValueError: If `data` is empty or an entry has more than one dimension.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from matplotlib.figure import Figure
        >>> with TemporaryDirectory() as folder:
        ...     written = save(Figure(), f"{folder}/empty", {"q": [0.0, 1.0]})
        >>> [path.name for path in written]
        ['empty.pdf', 'empty.png', 'empty.csv']
    """
    path = Path(path_without_suffix)
    table = _csv(data)
    drawn = {".pdf": _render(figure, "pdf"), ".png": _render(figure, "png"), ".csv": table}
    pdf, png, numbers = (
        write(path.parent / f"{path.name}{suffix}", content) for suffix, content in drawn.items()
    )
    return pdf, png, numbers


def svg(figure: Figure) -> str:
    """The figure as SVG, with text as outlines, so that it needs no font; identical in every run.

    Example:
        >>> from matplotlib.figure import Figure
        >>> svg(Figure()).startswith("<?xml")
        True
    """
    with matplotlib.rc_context({"svg.fonttype": "path"}):
        return _drawn(figure, "svg", {"Date": None, "Creator": None}).decode()


def _render(figure: Figure, kind: str) -> bytes:
    # Otherwise the file would contain the date and the version of matplotlib.
    metadata = {
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }[kind]
    return _drawn(figure, kind, metadata)


def _drawn(figure: Figure, kind: str, metadata: Mapping[str, None]) -> bytes:
    """The bytes of a figure, in which a letter that no font has is a box."""
    buffer = io.BytesIO()
    with paper_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        figure.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()


def _csv(data: Mapping[str, ArrayLike]) -> bytes:
    columns = {name: _column(name, values) for name, values in data.items()}
    if not columns:
        raise ValueError("`data` must contain the plotted numbers, got an empty mapping")
    if len({column.size for column in columns.values()}) == 1:
        rows = [list(columns), *zip(*(column.tolist() for column in columns.values()), strict=True)]
    else:
        long = (
            (name, i, value)
            for name, column in columns.items()
            for i, value in enumerate(column.tolist())
        )
        rows = [["series", "index", "value"], *long]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(map(_cell, row)) for row in rows])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """As it is; a text that a spreadsheet would run as a formula gets an apostrophe in front."""
    return (
        f"'{value}"
        if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
        else value
    )


def _column(name: str, values: ArrayLike) -> NDArray[Any]:
    column = np.atleast_1d(np.asarray(values))
    if column.ndim != 1:
        raise ValueError(f"`data[{name!r}]` must be one-dimensional, got shape {column.shape}")
    return column
