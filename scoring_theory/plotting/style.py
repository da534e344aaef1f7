"""The style of all figures: paper sizes, fonts, and one colour and marker per reward.

The colours are those of Okabe and Ito, which readers with the common forms of colour vision can
distinguish. Since figures are also printed in grey, no two rewards of the table share colour and
marker, and those that often appear together differ in marker and dashes as well.

The sizes are those of the venue that a figure is drawn for (`for_venue`; ICML by default). No text
is smaller than 7 points at the printed size. The fonts are those of the STIX project, which look
like Times and come with matplotlib: the fonts that tueplots names are not free, and files would
differ between machines.

Source: Okabe and Ito 2008, Color Universal Design; tueplots (text widths, text sizes, line widths).
"""

from __future__ import annotations

import contextlib
import warnings
import zlib
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, get_args

import matplotlib
import matplotlib.style
from cycler import cycler
from matplotlib.figure import Figure
from tueplots import axes as tueplots_axes
from tueplots import figsizes, fontsizes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from matplotlib.artist import Artist
    from matplotlib.legend import Legend

Width = Literal["full", "half"]
Dashes = str | tuple[float, tuple[float, ...]]

OKABE_ITO: Mapping[str, str] = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}
GREY = "#8A8A8A"
LOCAL_FAILURE, GLOBAL_FAILURE = OKABE_ITO["vermillion"], OKABE_ITO["orange"]

_DASHED, _DOTTED, _DASH_DOT = (0, (4.0, 1.6)), (0, (1.2, 1.4)), (0, (5.0, 1.4, 1.2, 1.4))
_LONG, _DASH_DOT_DOT = (0, (8.0, 2.0)), (0, (5.0, 1.4, 1.2, 1.4, 1.2, 1.4))


@dataclass(frozen=True, slots=True)
class RewardStyle:
    """Colour, marker and dashes of one reward in all figures.

    Example:
        >>> RewardStyle("#0072B2", "s").line()
        {'color': '#0072B2', 'linestyle': '-'}
    """

    color: str
    marker: str
    linestyle: Dashes = "-"

    def line(self) -> dict[str, Any]:
        """Keyword arguments of `axes.plot` for a line without markers."""
        return {"color": self.color, "linestyle": self.linestyle}

    def points(self) -> dict[str, Any]:
        """Keyword arguments of `axes.plot` for markers without a line."""
        return {"color": self.color, "marker": self.marker, "linestyle": "none"}

    def both(self) -> dict[str, Any]:
        """Keyword arguments of `axes.plot` for a line with markers; thin them with `markevery`."""
        return {"color": self.color, "marker": self.marker, "linestyle": self.linestyle}


REWARD_STYLES: Mapping[str, RewardStyle] = {
    "binary": RewardStyle(OKABE_ITO["black"], "o", _DASHED),
    "rlcr": RewardStyle(OKABE_ITO["blue"], "s"),
    "spherical": RewardStyle(OKABE_ITO["green"], "^", _LONG),
    "log": RewardStyle(OKABE_ITO["vermillion"], "v", _DASH_DOT),
    "one-sided": RewardStyle(OKABE_ITO["purple"], "D", _DASH_DOT_DOT),
    "linear": RewardStyle(OKABE_ITO["orange"], "X", _DOTTED),
    "double-brier": RewardStyle(OKABE_ITO["sky"], "P", _DASHED),
    "confidence-target": RewardStyle(OKABE_ITO["orange"], "*", _DASH_DOT),
    "threshold-bet": RewardStyle(OKABE_ITO["yellow"], "*"),
    "one-sided-log": RewardStyle(OKABE_ITO["vermillion"], "D", _DASH_DOT_DOT),
    "rlcr-code": RewardStyle(OKABE_ITO["sky"], "s", _LONG),
    "brier-k": RewardStyle(OKABE_ITO["blue"], "P", _DASHED),
    "log-k": RewardStyle(OKABE_ITO["vermillion"], "P", _DASHED),
    "rewarding-doubt": RewardStyle(OKABE_ITO["vermillion"], "d", _LONG),
    "ppo-c-difference": RewardStyle(OKABE_ITO["orange"], "^", _DASHED),
    "ppo-c-threshold": RewardStyle(OKABE_ITO["orange"], "v", _DASH_DOT_DOT),
    "truthrl": RewardStyle(OKABE_ITO["black"], "D", _DOTTED),
    "nemo-gym-abstention": RewardStyle(OKABE_ITO["black"], "h", _DASH_DOT_DOT),
    "dcpo": RewardStyle(OKABE_ITO["purple"], "p", _DASHED),
    "dcpo-absolute": RewardStyle(OKABE_ITO["purple"], "X", _DOTTED),
    "designed": RewardStyle(OKABE_ITO["purple"], "o", _LONG),
    "base": RewardStyle(GREY, "h", _DOTTED),
    "classifier": RewardStyle(OKABE_ITO["orange"], "p", _LONG),
    "overconfident": RewardStyle(OKABE_ITO["vermillion"], "^", _DASHED),
    "calibrated": RewardStyle(OKABE_ITO["green"], "o"),
    "underconfident": RewardStyle(OKABE_ITO["blue"], "v", _DASH_DOT),
    "answer-probability": RewardStyle(OKABE_ITO["green"], "d", _DASH_DOT),
}
"""The fixed styles; any other name gets a style that depends on its letters only."""

_ALIASES: Mapping[str, str] = {
    "rlvr": "binary",
    "correctness": "binary",
    "c": "binary",
    "brier": "rlcr",
    "c-brier": "rlcr",
    "brier-1": "rlcr",
    "quadratic": "rlcr",
    "correctness-brier": "rlcr",
    "logarithmic": "log",
    "log-1": "log",
    "c-log": "log",
    "correctness-log": "log",
    "c-spherical": "spherical",
    "correctness-spherical": "spherical",
    "c-linear": "linear",
    "c-2-brier": "double-brier",
    "onesided": "one-sided",
    "correctness-one-sided": "one-sided",
    "dcpo-code": "dcpo",
    "absolute": "linear",
    "2-brier": "double-brier",
    "2x-brier": "double-brier",
    "2-x-brier": "double-brier",
    "brier-2": "double-brier",
    "2-x-rlcr": "double-brier",
    "rlcr-2x": "double-brier",
    "kalai": "confidence-target",
    "kalai-target": "confidence-target",
    "rlvr-classifier": "classifier",
    "answer-prob": "answer-probability",
}
_HUES: Mapping[str, str] = {
    OKABE_ITO["sky"]: OKABE_ITO["blue"],
    OKABE_ITO["orange"]: OKABE_ITO["vermillion"],
    OKABE_ITO["yellow"]: OKABE_ITO["vermillion"],
}
"""Colours that readers may take for another one in thin lines."""
_SPARE = tuple(
    product(
        [
            OKABE_ITO[name]
            for name in ("blue", "orange", "green", "purple", "vermillion", "sky", "black")
        ],
        [">", "<", "8", "H"],  # none of the markers above
        [_DASHED, _DASH_DOT, _DOTTED, _LONG],
    )
)


def style_of(name: str) -> RewardStyle:
    """The colour, marker and dashes of a reward or method, the same in every figure and every run.

    Capitals, spaces, underscores, dots and plus signs do not matter. The name of a paper's method
    stands for its reward (RLVR is drawn as binary), and "brier", "spherical" and "log" stand for
    that score beside correctness. Other names get a style that depends on the name only.

    Example:
        >>> style_of("RLCR") == style_of("c + brier"), style_of("one_sided").marker
        (True, 'D')
        >>> style_of("my own reward") == style_of("My_own  reward")
        True
    """
    key = _key(name)
    return REWARD_STYLES.get(key) or RewardStyle(*_SPARE[_place(key)])


def styles_of(names: Iterable[str]) -> dict[str, RewardStyle]:
    """The styles of the names in one figure: `style_of`, but no two lines look alike.

    Names with a fixed style keep it. Another name takes its own style only if neither its dashes
    nor a colour like its own (sky is like blue) are taken; if they are, the next spare style for
    which this holds. Where there are too many names for that, no two share colour and dashes.

    Example:
        >>> styles = styles_of(["brier", "group size 4", "group size 32", "RLCR"])
        >>> len({(style.color, style.linestyle) for style in styles.values()})
        4
        >>> styles["brier"] == style_of("brier")
        True
    """
    order, styles = tuple(dict.fromkeys(names)), dict[str, RewardStyle]()
    for name in sorted(order, key=lambda name: _key(name) not in REWARD_STYLES):
        own = style_of(name)
        lines = {(style.color, style.linestyle) for style in styles.values()}
        keeps = _key(name) in REWARD_STYLES and (own.color, own.linestyle) not in lines
        styles[name] = own if keeps else _unlike(own, styles.values(), name)
    return {name: styles[name] for name in order}


def _unlike(own: RewardStyle, taken: Collection[RewardStyle], name: str) -> RewardStyle:
    """The first style, its own or a spare one, that differs the most from those that are taken."""
    start = _place(_key(name))
    spare = [own, *(RewardStyle(*parts) for parts in (*_SPARE[start:], *_SPARE[:start]))]
    hues = {_HUES.get(style.color, style.color) for style in taken}
    colours = {style.color for style in taken}
    dashes = {style.linestyle for style in taken}
    lines = {(style.color, style.linestyle) for style in taken}
    free = [style for style in spare if (style.color, style.linestyle) not in lines]

    def novelty(style: RewardStyle) -> tuple[bool, bool, bool]:
        hue = _HUES.get(style.color, style.color)
        return style.color not in colours, style.linestyle not in dashes, hue not in hues

    return max(free or [own], key=novelty)


def _key(name: str) -> str:
    key = "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
    return _ALIASES.get(key, key)


def _place(key: str) -> int:
    return zlib.crc32(key.encode()) % len(_SPARE)


def as_text(name: str) -> str:
    r"""A name for a figure, in which a dollar sign does not start a formula.

    Example:
        >>> as_text("a $5 model")
        'a \\$5 model'
    """
    return name.replace("$", r"\$")


@dataclass(frozen=True, slots=True)
class Venue:
    """The page of a venue.

    Attributes:
        title: Its name.
        full: The width of the text in inches.
        half: The width of one column, or of one of two figures side by side, in inches.
        size: The size of labels and titles in points.
        small: The size of tick labels, legends and remarks in points.
        dpi: The resolution of PNG files.

    Example:
        >>> neurips = venue_named("neurips")
        >>> neurips.full, neurips.size, neurips.small
        (5.5, 9.0, 7.0)
    """

    title: str
    full: float
    half: float
    size: float
    small: float
    dpi: int = 300


SMALLEST_TEXT = 7.0
"""The smallest text in a figure, in points at the printed size."""
_SIZED_BY_TUEPLOTS: Mapping[str, tuple[str, str]] = {
    "icml": ("ICML", "icml2024"),
    "neurips": ("NeurIPS", "neurips2024"),
    "iclr": ("ICLR", "iclr2024"),
    "aistats": ("AISTATS", "aistats2025"),
    "jmlr": ("JMLR", "jmlr2001"),
    "tmlr": ("TMLR", "tmlr2023"),
    "beamer": ("Beamer slides, 16:9", "beamer"),
}
VENUES = (*_SIZED_BY_TUEPLOTS, "slide")
"""The names of the venues; "slide" is a page of 13.33 x 7.5 inches, for Reveal or PowerPoint."""
_SLIDE = Venue("Slides of 13.33 x 7.5 inches", full=12.0, half=6.0, size=16.0, small=14.0, dpi=120)
_DESIGNED_FOR = 8.0
"""The size of labels for which the distances and line widths of this room are written."""
_LABELS_OF_A_PANEL = 0.04
"""The height in inches that each further point of text takes above and below a panel."""
_venue: ContextVar[str] = ContextVar("venue", default="icml")


@cache
def venue_named(name: str) -> Venue:
    """The page of a venue: widths and sizes of tueplots, but no text below `SMALLEST_TEXT`.

    Capitals do not matter.

    Raises:
        ValueError: If there is no such venue.

    Example:
        >>> venue_named("ICML").half
        3.25
    """
    if name.lower() not in VENUES:
        raise ValueError(f"`venue` must be one of {', '.join(VENUES)}, got {name!r}")
    name = name.lower()
    if name not in _SIZED_BY_TUEPLOTS:
        return _SLIDE
    title, source = _SIZED_BY_TUEPLOTS[name]
    if columns := getattr(figsizes, f"{source}_full", None):
        full, half = (float(size()["figure.figsize"][0]) for size in (
            columns, getattr(figsizes, f"{source}_half")))  # fmt: skip
    else:
        page = figsizes.beamer_169 if name == "beamer" else getattr(figsizes, source)
        full, half = (float(page(rel_width=share)["figure.figsize"][0]) for share in (1.0, 0.5))
    sizes = getattr(fontsizes, source)()
    small = max(SMALLEST_TEXT, float(sizes["legend.fontsize"]))
    return Venue(title, full, half, float(sizes["axes.labelsize"]), small)


@contextlib.contextmanager
def for_venue(name: str) -> Iterator[Venue]:
    """Draw and save figures for the page of a venue.

    Every figure that is made inside has the widths and the text sizes of the venue.

    Args:
        name: One of `VENUES`; the default outside of this context is "icml".

    Raises:
        ValueError: If there is no such venue.

    Example:
        >>> with for_venue("neurips"), paper_style("full"):
        ...     figure, panels = panel_grid(1, 2)
        >>> float(figure.get_figwidth())
        5.5
    """
    venue = venue_named(name)
    token = _venue.set(name)
    try:
        yield venue
    finally:
        _venue.reset(token)


@contextlib.contextmanager
def slide_style() -> Iterator[None]:
    """Draw for a projector: 12 inches wide, text of 14 points and more, thick lines.

    Example:
        >>> from scoring_theory.plotting import value_curves
        >>> with slide_style():
        ...     figure = value_curves(["c - (q - c)^2"], width="full")
        >>> float(figure.get_figwidth()), figure.axes[0].xaxis.label.get_size()
        (12.0, 16.0)
    """
    with for_venue("slide"), paper_style():
        yield


def current_venue() -> Venue:
    """The venue that figures are drawn for.

    Example:
        >>> current_venue().title
        'ICML'
    """
    return venue_named(_venue.get())


def scale_points(points: float) -> float:
    """A distance or a line width, written for labels of 8 points, at the size of the venue.

    Example:
        >>> with for_venue("slide"):
        ...     scale_points(0.6)
        1.2
    """
    return points * current_venue().size / _DESIGNED_FOR


def label_size() -> float:
    """The size of labels and titles in points.

    Example:
        >>> label_size()
        8.0
    """
    return current_venue().size


def small_size() -> float:
    """The size of tick labels, legends and remarks in points, at least 7.

    Example:
        >>> small_size()
        7.0
    """
    return current_venue().small


def _parameters(width: Width) -> dict[str, Any]:
    venue = current_venue()
    size, small = venue.size, venue.small
    wide = venue.full if width == "full" else venue.half
    return {
        "figure.figsize": (wide, wide / 3),
        "figure.constrained_layout.use": True,
        "savefig.pad_inches": 0.015,
        "font.size": size,
        "axes.labelsize": size,
        "axes.titlesize": size,
        "figure.titlesize": size,
        "figure.labelsize": size,
        "xtick.labelsize": small,
        "ytick.labelsize": small,
        "legend.fontsize": small,
        **tueplots_axes.lines(base_width=scale_points(0.6), line_base_ratio=2.2),
        "text.usetex": False,
        "font.family": ["STIXGeneral"],
        "mathtext.fontset": "stix",
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.prop_cycle": cycler(color=[OKABE_ITO[name] for name in _CYCLE]),
        "grid.alpha": 0.25,
        "hatch.linewidth": scale_points(0.6),
        "image.cmap": "cividis",
        "legend.frameon": False,
        "legend.handlelength": 2.6,
        "lines.markersize": scale_points(4.0),
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "savefig.dpi": venue.dpi,
        "svg.fonttype": "none",
        "svg.hashsalt": "scoring-theory",
    }


_CYCLE = ("blue", "vermillion", "green", "purple", "orange", "sky", "black")


@contextlib.contextmanager
def paper_style(width: Width = "full") -> Iterator[None]:
    """Draw in the style of this project, independent of the user's matplotlibrc.

    Args:
        width: The width of the text ("full") or of one column ("half"): of an ICML page, 6.75 and
            3.25 inches, or of the page of `for_venue`.

    Raises:
        ValueError: For any other width.

    Example:
        >>> with paper_style("half"):
        ...     figure, panels = panel_grid(1, 2)
        >>> float(figure.get_figwidth()), panels.shape
        (3.25, (1, 2))
    """
    if width not in get_args(Width):
        venue = f"; `for_venue({width!r})` sets the page" if str(width).lower() in VENUES else ""
        raise ValueError(f'`width` must be "full" or "half", got {width!r}{venue}')
    with matplotlib.style.context(["default", _parameters(width)]):
        yield


def panel_grid(
    rows: int = 1, columns: int = 1, *, ratio: float = 0.75, extra: float = 0.0, **options: Any
) -> tuple[Figure, Any]:
    """A figure with a grid of axes, made without pyplot; call it inside `paper_style`.

    Args:
        rows: Number of rows.
        columns: Number of columns.
        ratio: Height of one panel divided by its width; the figure's width is that of the style.
        extra: Height to add to the figure for headings and legends: inches at labels of 8 points,
            and accordingly more where they are larger.
        options: Passed to `Figure.subplots`, such as `sharex=True`.

    Returns:
        The figure and a (rows, columns) array of axes.

    Example:
        >>> with paper_style("half"):
        ...     figure, panels = panel_grid(2, 1)
        >>> panels.shape
        (2, 1)
    """
    width = float(matplotlib.rcParams["figure.figsize"][0])
    size = current_venue().size
    # Labels that are larger than those of the design need more height, or they squeeze the panels.
    labels = rows * max(0.0, size - _DESIGNED_FOR) * _LABELS_OF_A_PANEL if ratio else 0.0
    height = rows * ratio * width / columns + scale_points(extra) + labels
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def legend_below(
    figure: Figure,
    handles: Sequence[Artist],
    labels: Sequence[str] = (),
    *,
    columns: int = 9,
    **options: Any,
) -> Legend:
    """A legend below the panels, in at most `columns` columns and no more than fit the width.

    Args:
        figure: Of any venue; its width decides.
        handles: One for each entry.
        labels: The words of the entries; without them, the labels of the handles.
        columns: The largest number of columns.
        options: Passed to `Figure.legend`.

    Example:
        >>> from matplotlib.lines import Line2D
        >>> with paper_style("half"):
        ...     figure, panels = panel_grid()
        ...     lines = [Line2D([], [], label=f"a reward with a long name, {i}") for i in range(3)]
        ...     bool(legend_below(figure, lines).get_window_extent().width < figure.bbox.width)
        True
    """
    words = list(labels) or [str(handle.get_label()) for handle in handles]
    for count in range(min(columns, len(words)), 0, -1):
        legend = figure.legend(
            handles=handles, labels=words, loc="outside lower center", ncols=count, **options
        )
        with warnings.catch_warnings():  # a letter that no font has is a box
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
            fits = legend.get_window_extent().width <= figure.bbox.width
        if count == 1 or fits:
            break
        legend.remove()
    return legend


def add_caption(figure: Figure, caption: str) -> None:
    """Write a line above the panels, such as "synthetic example".

    Example:
        >>> figure = Figure()
        >>> add_caption(figure, "synthetic example")
        >>> figure.get_suptitle()
        'synthetic example'
    """
    if caption:
        figure.suptitle(as_text(caption), fontsize=label_size(), color=GREY)
