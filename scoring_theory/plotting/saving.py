"""Files of figures: PDF, PNG and SVG, and CSV with the plotted numbers."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import matplotlib
import numpy as np

from scoring_theory.display import one_line
from scoring_theory.files import csv_text, write
from scoring_theory.plotting.style import paper_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

Format = Literal["pdf", "png", "svg"]
_OMITTED: Mapping[Format, Sequence[str]] = {
    "pdf": ("CreationDate", "Creator", "Producer"),
    "png": ("Software",),
    "svg": ("Date", "Creator"),
}
"""What matplotlib would write into a file and what differs between runs or machines."""


class Curves:
    """The curves of a figure as one tidy table: one row per point that is drawn.

    The columns are `panel` (the words of the panel or of its vertical axis), `series` (the words of
    the legend), `x` and `y`, and where there is a band or an interval `low` and `high`.

    Example:
        >>> curves = Curves()
        >>> curves.add("V(p)", "RLCR", [0.0, 1.0], [0.0, 1.0])
        >>> {name: column.tolist() for name, column in curves.columns().items()}
        {'panel': ['V(p)', 'V(p)'], 'series': ['RLCR', 'RLCR'], 'x': [0.0, 1.0], 'y': [0.0, 1.0]}
    """

    def __init__(self) -> None:
        self._parts: list[tuple[str, str, NDArray[np.float64]]] = []

    def add(
        self,
        panel: str,
        series: str,
        x: ArrayLike,
        y: ArrayLike,
        *,
        low: ArrayLike = np.nan,
        high: ArrayLike = np.nan,
    ) -> None:
        """Add the points of one curve; numbers are broadcast to the length of the others."""
        shapes = [np.atleast_1d(np.asarray(part, np.float64)) for part in (x, y, low, high)]
        self._parts.append((panel, series, np.stack(np.broadcast_arrays(*shapes))))

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns of the table, without `low` and `high` if no curve has them."""
        numbers = np.concatenate([part for _, _, part in self._parts], axis=1)
        sizes = [part.shape[1] for _, _, part in self._parts]
        table: dict[str, NDArray[Any]] = {
            name: np.repeat([part[place] for part in self._parts], sizes)
            for place, name in enumerate(("panel", "series"))
        }
        table |= dict(zip(("x", "y", "low", "high"), numbers, strict=True))
        return {
            name: column
            for name, column in table.items()
            if name not in ("low", "high") or not np.isnan(column).all()
        }


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


@dataclass(frozen=True)
class About:
    """What a file of a figure says about itself, in its metadata, and what a paper says below it.

    Attributes:
        title: What the figure shows.
        alt: What is seen in it, for those who do not see it.
        origin: How it was made: version, formula, seed, command.
        caption: The caption in LaTeX; with it, `save` also writes a LaTeX figure.

    Example:
        >>> About("V(p)", "A line that rises.", "scoring-theory 0.1.0").metadata("png")["Title"]
        'V(p)'
    """

    title: str = ""
    alt: str = ""
    origin: str = ""
    caption: str = ""

    def metadata(self, kind: Format) -> dict[str, str | None]:
        """The entries of one format; without the date and the version of matplotlib."""
        alt, origin = ("Subject", "Keywords") if kind == "pdf" else ("Description", "Source")
        said = {"Title": self.title, alt: self.alt, origin: self.origin}
        return {
            **dict.fromkeys(_OMITTED[kind]),
            **{name: text for name, text in said.items() if text},
        }


def save(
    figure: Figure,
    path_without_suffix: str | Path,
    data: Mapping[str, ArrayLike],
    *,
    formats: Sequence[Format] = ("pdf", "png"),
    about: About | None = None,
) -> tuple[Path, ...]:
    r"""Write the figure in each format and its numbers as CSV, with identical bytes in every run.

    All files are first made in memory and then moved to their names, so that no file is ever
    incomplete and an error leaves the old files unchanged. Missing folders are created.

    The CSV has one column per entry. Numbers are written so that they read back to the same
    float64.

    Args:
        figure: A matplotlib figure.
        path_without_suffix: The path without an ending; a dot in it (`lam=0.5`) is kept.
        data: The plotted numbers: one-dimensional columns of numbers or texts of one length.
        formats: "pdf", "png" (300 dpi), "svg".
        about: What the files say about themselves. With a caption, a LaTeX figure with the caption,
            the alt text and a label is written beside them, for `\input`.

    Returns:
        The path of each format, that of the LaTeX figure if there is one, and last that of the CSV.

    Raises:
        ValueError: If `data` is empty, its entries are not columns of one length, or a format is
            unknown.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from matplotlib.figure import Figure
        >>> about = About(alt="An empty page.", caption="Nothing is drawn.")
        >>> with TemporaryDirectory() as folder:
        ...     written = save(Figure(), f"{folder}/empty", {"q": [0.0, 1.0]}, about=about)
        >>> [path.name for path in written]
        ['empty.pdf', 'empty.png', 'empty.tex', 'empty.csv']
    """
    path, known = Path(path_without_suffix), get_args(Format)
    if unknown := [kind for kind in formats if kind not in known]:
        raise ValueError(f"a format must be one of {', '.join(known)}, got {unknown[0]!r}")
    table, said = _csv(data), about or About()
    drawn = {f".{kind}": _drawn(figure, kind, said.metadata(kind)) for kind in formats}
    if said.caption:
        drawn[".tex"] = _latex(path.name, said).encode()
    return tuple(
        write(path.parent / f"{path.name}{suffix}", content)
        for suffix, content in {**drawn, ".csv": table}.items()
    )


def svg(figure: Figure) -> str:
    """The figure as SVG, with text as outlines, so that it needs no font; identical in every run.

    Example:
        >>> from matplotlib.figure import Figure
        >>> svg(Figure()).startswith("<?xml")
        True
    """
    return _drawn(figure, "svg", About().metadata("svg")).decode()


def _latex(name: str, said: About) -> str:
    """A figure environment with caption, label and alt text."""
    alt = "".join(_LATEX.get(letter, letter) for letter in said.alt)
    options = f"[alt={{{alt}}}]" if alt else ""
    return "\n".join(
        (
            r"\begin{figure}",
            r"  \centering",
            rf"  \includegraphics{options}{{{name}}}",
            rf"  \caption{{{said.caption}}}",
            rf"  \label{{fig:{name}}}",
            r"\end{figure}",
            "",
        )
    )


_LATEX = {
    **{sign: rf"\{sign}" for sign in "%&#_${}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "\N{MULTIPLICATION SIGN}": r"\ensuremath{\times}",
    "\N{MINUS SIGN}": r"\ensuremath{-}",
}


def _drawn(figure: Figure, kind: Format, metadata: Mapping[str, str | None]) -> bytes:
    """The bytes of a figure, in which a letter that no font has is a box."""
    buffer = io.BytesIO()
    outlines = matplotlib.rc_context({"svg.fonttype": "path"})  # a viewer may lack the fonts
    with paper_style(), outlines, warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        figure.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()


def _csv(data: Mapping[str, ArrayLike]) -> bytes:
    columns = {name: _column(name, values) for name, values in data.items()}
    if not columns:
        raise ValueError("`data` must contain the plotted numbers, got an empty mapping")
    sizes = {name: column.size for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"the columns of `data` must have one length, got {sizes}")
    rows = [list(columns), *zip(*(column.tolist() for column in columns.values()), strict=True)]
    return csv_text(rows).encode()


def _column(name: str, values: ArrayLike) -> NDArray[Any]:
    column = np.atleast_1d(np.asarray(values))
    if column.ndim != 1:
        raise ValueError(f"`data[{name!r}]` must be one-dimensional, got shape {column.shape}")
    return column
