"""The style of all figures: paper sizes, fonts, and one colour and marker per reward.

The colours are those of Okabe and Ito, which readers with the common forms of colour vision can
distinguish. Since figures are also printed in grey, no two rewards of the table share colour and
marker, and those that often appear together differ in marker and dashes as well. The fonts are part
of matplotlib.

Source: Okabe and Ito 2008, Color Universal Design; tueplots (sizes and line widths of the ICML
    style).
"""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, get_args

import matplotlib
import matplotlib.style
from cycler import cycler
from matplotlib.figure import Figure
from tueplots import axes as tueplots_axes
from tueplots import figsizes, fontsizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    "designed": RewardStyle(OKABE_ITO["purple"], "o"),
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
    """The styles of the names in one figure: `style_of`, but no two share colour and dashes.

    Names with a fixed style keep it. Another name whose line would look like an earlier one takes
    the next spare style, with a new colour if there is one.

    Example:
        >>> styles = styles_of(["brier", "group size 4", "group size 32", "RLCR"])
        >>> len({(style.color, style.linestyle) for style in styles.values()})
        4
        >>> styles["brier"] == style_of("brier")
        True
    """
    order, styles = tuple(dict.fromkeys(names)), dict[str, RewardStyle]()
    for name in sorted(order, key=lambda name: _key(name) not in REWARD_STYLES):
        start = _place(_key(name))
        spare = [RewardStyle(*parts) for parts in (*_SPARE[start:], *_SPARE[:start])]
        lines = {(style.color, style.linestyle) for style in styles.values()}
        colours = {style.color for style in styles.values()}
        if ((own := style_of(name)).color, own.linestyle) in lines:
            fresh = [style for style in spare if style.color not in colours]
            own = next(
                (
                    style
                    for style in (*fresh, *spare)
                    if (style.color, style.linestyle) not in lines
                ),
                own,
            )
        styles[name] = own
    return {name: styles[name] for name in order}


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


def _parameters(width: Width) -> dict[str, Any]:
    size = figsizes.icml2024_full() if width == "full" else figsizes.icml2024_half()
    return {
        **size,
        **fontsizes.icml2024(),
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 7,
        **tueplots_axes.lines(base_width=0.6, line_base_ratio=2.2),
        "text.usetex": False,
        "font.family": ["STIXGeneral"],
        "mathtext.fontset": "stix",
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.prop_cycle": cycler(color=[OKABE_ITO[name] for name in _CYCLE]),
        "grid.alpha": 0.25,
        "hatch.linewidth": 0.6,
        "image.cmap": "cividis",
        "legend.frameon": False,
        "legend.handlelength": 2.6,
        "lines.markersize": 4.0,
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "savefig.dpi": 300,
        "svg.fonttype": "none",
        "svg.hashsalt": "scoring-theory",
    }


_CYCLE = ("blue", "vermillion", "green", "purple", "orange", "sky", "black")


@contextlib.contextmanager
def paper_style(width: Width = "full") -> Iterator[None]:
    """Draw in the style of this project, independent of the user's matplotlibrc.

    Args:
        width: "full" is two columns of an ICML page, 6.75 inches; "half" is one column, 3.25
            inches.

    Raises:
        ValueError: For any other width.

    Example:
        >>> with paper_style("half"):
        ...     figure, panels = panel_grid(1, 2)
        >>> float(figure.get_figwidth()), panels.shape
        (3.25, (1, 2))
    """
    if width not in get_args(Width):
        raise ValueError(f'`width` must be "full" or "half", got {width!r}')
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
        extra: Height to add to the figure, in inches, for headings and legends.
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
    figure = Figure(figsize=(width, rows * ratio * width / columns + extra))
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def add_caption(figure: Figure, caption: str) -> None:
    """Write a line above the panels, such as "synthetic example".

    Example:
        >>> figure = Figure()
        >>> add_caption(figure, "synthetic example")
        >>> figure.get_suptitle()
        'synthetic example'
    """
    if caption:
        figure.suptitle(as_text(caption), fontsize=8, color=GREY)
