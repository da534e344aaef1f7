"""The figures of a card as images of a page, and the whole card as a PDF.

A PDF is laid out here, with matplotlib alone: paragraphs, tables, and the same four panels.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import TextToPath

from scoring_theory.cards.writing import card_citation, card_facts, card_sections
from scoring_theory.pages import Illustration, Image, adaptive
from scoring_theory.plotting.reward_picture import picture
from scoring_theory.plotting.saving import svg
from scoring_theory.plotting.style import (
    GLOBAL_FAILURE,
    GREY,
    LOCAL_FAILURE,
    OKABE_ITO,
    panel_grid,
    paper_style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from scoring_theory.cards import Card
    from scoring_theory.pages import Section
    from scoring_theory.plotting.reward_picture import RewardPicture

_UNIT: dict[str, Any] = {"xlim": (0, 1), "xticks": (0, 0.5, 1), "xticklabels": ("0", "0.5", "1")}
_RIGHT, _WRONG, _LINE = OKABE_ITO["green"], OKABE_ITO["vermillion"], OKABE_ITO["blue"]
_DASHED: Any = (0, (4.0, 1.6))
_POINTS = 201
_LOWEST = -3.0
"""Curves that fall below this are cut, and the panel says so."""
_CAPTION = (
    "Rewards of a correct and of a wrong answer by stated confidence q; expected reward V(p) of a"
    " truthful report, where the dashed line is a deliberately wrong answer with q = 0; and the"
    " weight of all decision thresholds up to t, R(t, 1) - R(t, 0): its slope is the threshold"
    " density w(t), its jumps are point masses, and its value at 0 is the accuracy margin"
)


def card_figures(card: Card) -> list[Illustration]:
    """The figure of a card; its panels stand below each other on narrow screens.

    Example:
        >>> from scoring_theory.cards import card
        >>> (shown,) = card_figures(card("rlcr", trainers={}))
        >>> [image.alt.partition(".")[0] for image in shown.panels]
        ['Rewards by confidence', 'Expected reward by success probability', 'Threshold weight']
    """
    images = []
    for draw, alt in _panels(card):
        with paper_style("half"):
            figure, axes = panel_grid(ratio=0.72)
            draw(axes[0, 0])
        figure.patch.set_alpha(0)
        axes[0, 0].patch.set_alpha(0)
        images.append(Image(svg(figure), alt))
    return [Illustration(card_caption(card), tuple(images))]


def card_strip(card: Card) -> Image:
    """Payoffs and V(p) side by side, for a page that cannot stack its panels.

    Example:
        >>> from scoring_theory.cards import card
        >>> shown = card_strip(card("rlcr", trainers={}))
        >>> shown.alt[:50], len(shown.svg) < 40_000
        ('Rewards by confidence. A correct answer earns 0 wi', True)
    """
    shown = list(_panels(card))[:2]
    with paper_style():
        figure, axes = panel_grid(1, len(shown), ratio=0.5, extra=0.1)
        for panel, (draw, _) in zip(axes[0], shown, strict=True):
            draw(panel)
            panel.patch.set_alpha(0)
    figure.patch.set_alpha(0)
    return Image(adaptive(svg(figure)), " ".join(alt for _, alt in shown))


def card_caption(card: Card) -> str:
    """What the panels show."""
    about = "" if card.beside is None else f"For c + S, {card.trained.formula}. "
    training = card.training
    if training is None:
        return f"{about}{_CAPTION}."
    return f"{about}{_CAPTION}. Last, a short training: {training.setting}."


def _panels(card: Card) -> Iterator[tuple[Callable[[Axes], None], str]]:
    shown = picture(card.trained.reward, report=card.trained, points=_POINTS)
    yield lambda panel: _payoffs(panel, shown), _told_payoffs(shown)
    yield lambda panel: _value(panel, shown), _told_value(shown)
    yield lambda panel: _weight(panel, shown), _told_weight(shown)
    curve = card.training
    if curve is not None:
        (start, end), last = curve.gap, len(curve.steps) - 1
        yield (
            lambda panel: _training(panel, card),
            f"A short training. Accuracy goes from {curve.accuracy[0]:.2f} to"
            f" {curve.accuracy[last]:.2f}, mean confidence from {curve.mean_confidence[0]:.2f} to"
            f" {curve.mean_confidence[last]:.2f}; their difference from {start:.2f} to {end:.2f}.",
        )


def _finite(values: Any) -> Any:
    return np.where(np.isfinite(values), values, np.nan)


def _cut(panel: Axes, *curves: Any) -> None:
    """A lower end for curves that fall far, and a remark that they are cut."""
    lowest = min(float(np.nanmin(_finite(curve))) for curve in curves)
    highest = max(float(np.nanmax(_finite(curve))) for curve in curves)
    falls = any(np.isneginf(curve).any() for curve in curves)
    if (lowest < _LOWEST and highest - lowest > 12) or falls:
        panel.set_ylim(max(_LOWEST, lowest), highest + 0.06 * (highest - max(_LOWEST, lowest)))
        panel.text(
            0.5, 0.02, "cut below", transform=panel.transAxes, size=7, color=GREY, ha="center"
        )


def _name_above(panel: Axes, columns: int) -> None:
    panel.legend(
        loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=columns, handlelength=1.6,
        columnspacing=1,
    )  # fmt: skip


def _payoffs(panel: Axes, shown: RewardPicture) -> None:
    panel.axhline(0, color=GREY, linewidth=0.5, zorder=0)
    panel.plot(shown.levels, _finite(shown.on_correct), color=_RIGHT, label="correct, $R(q, 1)$")
    wrong = _finite(shown.on_wrong)
    panel.plot(shown.levels, wrong, color=_WRONG, linestyle=_DASHED, label="wrong, $R(q, 0)$")
    panel.set(xlabel="Stated confidence $q$", ylabel="Reward", **_UNIT)
    _cut(panel, shown.on_correct, shown.on_wrong)
    _name_above(panel, 2)


def _told_payoffs(shown: RewardPicture) -> str:
    right, wrong = shown.on_correct, shown.on_wrong
    return (
        f"Rewards by confidence. A correct answer earns {right[0]:.3g} with q = 0 and"
        f" {right[-1]:.3g} with q = 1; a wrong one {wrong[0]:.3g} and {wrong[-1]:.3g}."
    )


def _value(panel: Axes, shown: RewardPicture) -> None:
    if shown.global_failure_below:
        panel.axvspan(
            0, shown.global_failure_below, color=GLOBAL_FAILURE, alpha=0.25, linewidth=0,
            label="a wrong answer earns more",
        )  # fmt: skip
    if shown.local_failure_below:
        panel.axvspan(
            0, shown.local_failure_below, facecolor="none", edgecolor=LOCAL_FAILURE,
            hatch="/////", linewidth=0, label="V decreases",
        )  # fmt: skip
    panel.plot(shown.levels, _finite(shown.value), color=_LINE, label="$V(p)$")
    panel.axhline(float(shown.value[0]), color="black", linewidth=0.7, linestyle=_DASHED)
    panel.set(xlabel="Success probability $p$", ylabel="Expected reward $V(p)$", **_UNIT)
    _cut(panel, shown.value)
    _name_above(panel, 3)


def _told_value(shown: RewardPicture) -> str:
    failures = [
        f"it decreases below p = {shown.local_failure_below:.3g}"
        if shown.local_failure_below
        else "",
        f"below p = {shown.global_failure_below:.3g} it lies under that of a deliberately wrong"
        " answer"
        if shown.global_failure_below
        else "",
    ]
    told = ", and ".join(filter(None, failures)) or "it never decreases"
    value = shown.value
    return (
        f"Expected reward by success probability. V goes from {value[0]:.3g} at p = 0 over"
        f" {value[value.size // 2]:.3g} at 1/2 to {value[-1]:.3g} at 1; {told}."
    )


def _weights(shown: RewardPicture) -> Any:
    """R(t, 1) - R(t, 0), undefined where both are infinite."""
    with np.errstate(invalid="ignore"):
        return shown.on_correct - shown.on_wrong


def _weight(panel: Axes, shown: RewardPicture) -> None:
    weights = _finite(_weights(shown))
    panel.axhline(0, color=GREY, linewidth=0.5, zorder=0)
    panel.plot(shown.levels, weights, color=OKABE_ITO["purple"])
    middle = weights[(shown.levels > 0.02) & (shown.levels < 0.98)]
    low, high = float(np.nanmin(middle)), float(np.nanmax(middle))
    room = 0.08 * (high - low) or 0.1
    panel.set_ylim(min(low - room, 0 - room), max(high + room, room))
    panel.set(xlabel="Threshold $t$", ylabel="Weight of thresholds to $t$", **_UNIT)


def _told_weight(shown: RewardPicture) -> str:
    weights = _weights(shown)
    at = [float(weights[int(share * (weights.size - 1))]) for share in (0.25, 0.5, 0.75)]
    return (
        f"Threshold weight. R(t, 1) - R(t, 0) is {at[0]:.3g} at t = 1/4, {at[1]:.3g} at 1/2,"
        f" {at[2]:.3g} at 3/4."
    )


def _training(panel: Axes, card: Card) -> None:
    curve = card.training
    assert curve is not None
    panel.plot(curve.steps, curve.mean_confidence, color=_LINE, label="mean confidence")
    panel.plot(curve.steps, curve.accuracy, color=_RIGHT, linestyle=_DASHED, label="accuracy")
    panel.set(xlabel="Training step", ylabel="Mean over runs", ylim=(0, 1))
    panel.set_xlim(curve.steps[0], curve.steps[-1])
    panel.locator_params(axis="x", nbins=4)
    _name_above(panel, 2)


# ---------------------------------------------------------------- PDF

_WIDTH, _HEIGHT, _EDGE = 8.27, 11.69, 0.62  # A4, in inches
_INNER = _WIDTH - 2 * _EDGE
_SHARES = {
    "Claims": (0.16, 0.09, 0.58, 0.17),
    "Numbers": (0.22, 0.78),
    "A short training": (0.25, 0.25, 0.25, 0.25),
}
_FOUR = (0.46, 0.16, 0.14, 0.24)


def card_pdf(card: Card) -> bytes:
    """A card as PDF on pages of A4, with identical bytes in every run.

    Example:
        >>> from scoring_theory.cards import card
        >>> card_pdf(card("rlcr", trainers={}))[:5]
        b'%PDF-'
    """
    with paper_style():
        sheets = _Sheets()
        sheets.paragraph(card.title, 15, weight="bold")
        sheets.paragraph(f"R(q, c) = {card.formula}", 9, family="monospace")
        sheets.paragraph(card.report.headline(), 9.5, weight="bold")
        for name, text in card_facts(card).items():
            sheets.paragraph(f"{name}: {text}", 8, color="#444444")
        claims, numbers, *others = card_sections(card)
        sheets.panels([draw for draw, _ in _panels(card)], card_caption(card))
        sheets.table(claims)
        sheets.table(numbers)
        for section in others:
            sheets.table(section)
        sheets.heading("How to cite")
        sheets.paragraph(card_citation(card, version=True), 8)
    content = io.BytesIO()
    metadata: dict[str, Any] = dict.fromkeys(("CreationDate", "Creator", "Producer"))
    with (
        paper_style(),
        PdfPages(content, metadata={**metadata, "Title": f"Card of {card.title}"}) as pages,
    ):
        for figure in sheets.figures:
            pages.savefig(figure)
    return content.getvalue()


class _Sheets:
    """Pages that are filled from the top; positions are in inches from the upper edge."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.y = _HEIGHT

    def _room_for(self, height: float) -> Figure:
        if self.y + height > _HEIGHT - _EDGE:
            figure = Figure(figsize=(_WIDTH, _HEIGHT))
            figure.set_layout_engine("none")
            self.figures.append(figure)
            self.y = _EDGE
        return self.figures[-1]

    def _write(self, x: float, text: str, size: float, **how: Any) -> None:
        self.figures[-1].text(
            x / _WIDTH, 1 - self.y / _HEIGHT, text, size=size, va="top", parse_math=False, **how
        )

    def paragraph(self, text: str, size: float, **how: Any) -> None:
        """Write lines over the whole width."""
        for line in _wrapped(text, size, _INNER, how.get("family", ""), how.get("weight", "")):
            self._room_for(_leading(size))
            self._write(_EDGE, line, size, **how)
            self.y += _leading(size)
        self.y += 0.05

    def heading(self, text: str) -> None:
        """Write a heading that does not stand last on a page."""
        self._room_for(0.9)
        self.y += 0.08
        self._write(_EDGE, text, 10.5, weight="bold")
        self.y += _leading(10.5) + 0.03

    def table(self, section: Section) -> None:
        """Write a table with its heading and its note; no row breaks, nor stands without a head."""
        shares = _SHARES.get(section.title.partition(" with")[0], _FOUR)
        note = len(_wrapped(section.note, 7.5, _INNER)) * _leading(7.5)
        first = sum(_row_height(row, shares) for row in (section.head, *section.rows[:1]))
        self._room_for(0.45 + note + first)
        self.heading(section.title)
        if section.note:
            self.paragraph(section.note, 7.5, color="#444444")
        self._row(section.head, shares, weight="bold")
        for row in section.rows:
            before = len(self.figures)
            self._room_for(_row_height(row, shares))
            if len(self.figures) > before:
                self._row(section.head, shares, weight="bold")
            self._row(row, shares)

    def _row(self, cells: Sequence[str], shares: Sequence[float], **how: Any) -> None:
        wide = [share * _INNER for share in shares]
        lines = _cell_lines(cells, shares)
        height = max(map(len, lines)) * _leading(7.5)
        figure = self._room_for(height + 0.06)
        self.y += 0.025
        x = _EDGE
        for cell, w in zip(lines, wide, strict=True):
            self._write(x, "\n".join(cell), 7.5, linespacing=1.25, **how)
            x += w
        self.y += height + 0.03
        _rule(figure, 1 - (self.y - 0.01) / _HEIGHT, strong="weight" in how)

    def panels(self, draws: Sequence[Callable[[Axes], None]], caption: str) -> None:
        """Draw the panels two by two, with their caption below."""
        height, wide = 1.75, _INNER / 2
        for start in range(0, len(draws), 2):
            figure = self._room_for(height + (0.7 if start + 2 >= len(draws) else 0))
            bottom = 1 - (self.y + height - 0.4) / _HEIGHT
            for place, draw in enumerate(draws[start : start + 2]):
                left = _EDGE + place * wide + 0.5
                draw(
                    figure.add_axes(
                        (
                            left / _WIDTH,
                            bottom,
                            (wide - 0.65) / _WIDTH,
                            (height - 0.7) / _HEIGHT,
                        )
                    )
                )
            self.y += height
        self.paragraph(caption, 7.5, color="#444444")


def _cell_lines(cells: Sequence[str], shares: Sequence[float]) -> list[list[str]]:
    return [
        _wrapped(cell, 7.5, share * _INNER - 0.1) for cell, share in zip(cells, shares, strict=True)
    ]


def _row_height(cells: Sequence[str], shares: Sequence[float]) -> float:
    return max(map(len, _cell_lines(cells, shares))) * _leading(7.5) + 0.06


def _rule(figure: Figure, y: float, *, strong: bool) -> None:
    """A line over the whole width."""
    figure.add_artist(
        Line2D(
            (_EDGE / _WIDTH, 1 - _EDGE / _WIDTH),
            (y, y),
            color="#444444" if strong else "#c8ccd2",
            linewidth=0.8 if strong else 0.4,
        )
    )


def _leading(size: float) -> float:
    """The height of a line of text in inches."""
    return size * 1.32 / 72


def _wrapped(text: str, size: float, width: float, family: str = "", weight: str = "") -> list[str]:
    """The text in lines of at most this width; a word that is too long is cut."""
    measured = partial(_length, size=size, family=family, weight=weight)
    blank = measured("x x") - measured("xx")
    lines: list[list[str]] = [[]]
    used = 0.0
    for word in text.split():
        for piece in _cut_to(word, width, measured):
            wide = measured(piece)
            if lines[-1] and used + blank + wide > width:
                lines.append([])
            used = wide + (used + blank if lines[-1] else 0)
            lines[-1].append(piece)
    return [" ".join(line) for line in lines]


def _cut_to(word: str, width: float, measured: Callable[[str], float]) -> Iterator[str]:
    while len(word) > 1 and measured(word) > width:
        keep = max(1, int(len(word) * width / measured(word)) - 1)
        yield word[:keep]
        word = word[keep:]
    yield word


@cache
def _length(text: str, size: float, family: str, weight: str) -> float:
    """The width of a line in inches."""
    properties = FontProperties(
        family=family or "STIXGeneral", size=size, weight=weight or "normal"
    )
    wide, _, _ = TextToPath().get_text_width_height_descent(text, properties, ismath=False)
    return float(wide) / 72
