"""What the gallery knows about one figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scoring_theory.display import line

if TYPE_CHECKING:
    from scoring_theory.plotting import Drawn, Width
    from simulations.gallery.study import Study


@dataclass(frozen=True, kw_only=True, eq=False)
class GalleryFigure:
    """One figure of the gallery.

    Attributes:
        title: What it shows, in a few words.
        collect: Its data, from the study that all figures share; all that is costly happens here.
        draw: The drawing of the data, and the numbers that are drawn.
        describe: The alt text: what is seen, with numbers from the data.
        caption: The caption for a paper, in LaTeX.
        formulas: The rewards that are shown, by name.
        seconds: What `collect` costs in seconds of CPU time, roughly, at full scale.
        half: Whether it also fits one column.
        seed: The random seed, None if nothing is random.

    Example:
        >>> from simulations.gallery import FIGURES
        >>> FIGURES["values"]
        GalleryFigure('Optimal expected reward of five rewards', seconds=1)
    """

    title: str
    collect: Callable[[Study], Any]
    draw: Callable[[Any, Width], Drawn]
    describe: Callable[[Any], str]
    caption: str
    formulas: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 1
    half: bool = False
    seed: int | None = None

    def __repr__(self) -> str:
        return line("GalleryFigure", repr(self.title), f"seconds={self.seconds:g}")
