"""The gallery: every figure by name, with its data, its alt text, its caption and its cost.

`FIGURES` is the one list of figures. `scoring-theory figures` draws them, `make gallery` writes
docs/gallery.md from them.
"""

from simulations.gallery.figure import GalleryFigure
from simulations.gallery.registry import FIGURES, figure_named
from simulations.gallery.study import Study
from simulations.gallery.writing import Page, files_of, write_figure

__all__ = [
    "FIGURES",
    "GalleryFigure",
    "Page",
    "Study",
    "figure_named",
    "files_of",
    "write_figure",
]
