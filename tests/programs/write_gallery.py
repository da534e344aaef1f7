"""`make gallery`: write docs/gallery.md and its thumbnails from the figures of the gallery.

All figures are computed at full scale (about two minutes of CPU time). The page quotes the alt text
of each figure, which is computed from its data. `python -m tests.programs.write_gallery NAME ...`
renews some figures only.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scoring_theory.plotting import for_venue
from simulations.gallery import FIGURES, GalleryFigure, Page, Study
from simulations.gallery.registry import figure_named
from simulations.gallery.snippets import SNIPPETS
from simulations.sweep import sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "gallery.md"
IMAGES = ROOT / "docs" / "images" / "gallery"
ELSEWHERE = {"before-training": ROOT / "notebooks" / "images" / "before_training.png"}
"""The pictures of README.md that are figures of the gallery."""
LARGEST = 60_000
"""The largest size of a thumbnail in bytes."""
DPI, PRINTED_DPI = 110, 300
"""The resolutions of a thumbnail, that of a screen, and of the README, which is also printed."""
_COLOURS = 256
HEAD = """\
# Gallery

Every figure of the project, with its alt text, the command that draws it, and a few lines of Python
that draw it, or one like it, as they stand (`figure.savefig("name.pdf")` writes it).
`scoring-theory figures --list` shows them with their cost. `--venue` takes icml, neurips, iclr,
aistats, jmlr, tmlr, beamer or slide and sets the width of the page and the sizes of the text (no
text is smaller than 7 points when printed), `--width half` is one column, `--format` any of pdf,
svg and png. Beside each drawing are its numbers (CSV, one row per point that is drawn), a LaTeX
figure with caption and alt text, and a JSON file that says how it was made.

In Python, `from scoring_theory.plotting import for_venue` and `with for_venue("neurips"):` do what
`--venue` does. In a notebook, `from scoring_theory.plotting import slide_style` and
`with slide_style():` draw for a projector: 14 points and more, thick lines.

A figure of your own rewards is saved with its numbers, a caption and an alt text, also as a LaTeX
figure for `\\input`; `rewards_in_words` writes an alt text with the numbers of the curves:

```python
from scoring_theory.plotting import (
    About, before_training, before_training_columns, for_venue, picture, rewards_in_words, save)

shown = [picture("rlcr"), picture("c - 3*(q - c)^2", name="ours")]
about = About(
    title="RLCR and our reward",
    alt=f"Two columns of panels. {rewards_in_words(shown)}",
    caption="The gain from misreporting at $p = 0.7$, and the optimal expected reward $V(p)$.",
)
with for_venue("neurips"):
    figure = before_training(shown)
    save(figure, "figures/ours", before_training_columns(shown), about=about)
```

This page is written by `make gallery` from the figures themselves.
"""


def main(names: Sequence[str]) -> None:
    """Compute the named figures, or all, and write the thumbnails and the page."""
    work = ROOT / "out" / "gallery"
    work.mkdir(parents=True, exist_ok=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    study = Study(lambda todo: sweep(todo, store=work / ".records.sqlite"))
    said = quoted(PAGE.read_text(encoding="utf-8")) if names else {}
    for name in names or FIGURES:
        figure = figure_named(name)
        data = figure.collect(study)
        said[name] = figure.describe(data)
        with for_venue(Page().venue):
            drawn = figure.draw(data, "full").figure
            (IMAGES / f"{name}.png").write_bytes(thumbnail(drawn))
            if name in ELSEWHERE:
                ELSEWHERE[name].write_bytes(thumbnail(drawn, dpi=PRINTED_DPI))
        print(name, file=sys.stderr)
    for stale in {path.stem for path in IMAGES.glob("*.png")} - FIGURES.keys():
        (IMAGES / f"{stale}.png").unlink()
    PAGE.write_text(text(said), encoding="utf-8")


def thumbnail(figure: Figure, *, dpi: int = DPI) -> bytes:
    """A PNG, at the resolution of a screen if no other, with few colours: a small page."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    with Image.open(drawn) as image:
        few = image.convert("RGB").quantize(_COLOURS, Image.Quantize.FASTOCTREE)
    few.save(small, "png", optimize=True)
    return small.getvalue()


def text(alts: Mapping[str, str]) -> str:
    """The text of docs/gallery.md, given the alt text of each figure."""
    return "\n".join([HEAD, *(section(name, FIGURES[name], alts[name]) for name in FIGURES)])


def section(name: str, figure: GalleryFigure, alt: str) -> str:
    """One figure: picture, what is seen, command, Python, and the rewards that are shown."""
    rewards = "; ".join(
        f"{shown} `{formula}`" if shown != formula else f"`{formula}`"
        for shown, formula in figure.formulas.items()
    )
    parts = [
        f"## `{name}`: {figure.title}",
        f"![{alt}](images/gallery/{name}.png)",
        alt,
        f"```sh\nscoring-theory figures {name}\n```",
        f"```python\n{SNIPPETS[name].strip()}\n```",
        f"Shown: {rewards}." if rewards else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def quoted(page: str) -> dict[str, str]:
    """The alt text of each figure on a page."""
    found = {}
    for part in page.split("\n## `")[1:]:
        name = part.partition("`")[0]
        found[name] = part.partition("![")[2].partition("](images/")[0]
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
