"""`make atlas`: write docs/atlas, a card for every entry of the catalogue with an overview.

`python -m tests.programs.write_atlas brier log` writes the cards of some entries alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scoring_theory.cards import Card, card, card_markdown
from scoring_theory.cards.atlas import atlas_readme
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.files import write
from scoring_theory.plotting.card_page import card_strip
from simulations.trained_card import with_training

ATLAS = Path(__file__).parents[2] / "docs" / "atlas"


def pages(made: Card) -> Iterator[tuple[str, str]]:
    """The name and the content of each file of one card."""
    image = card_strip(made)
    yield f"{made.key}.svg", image.svg
    yield (
        f"{made.key}.md",
        card_markdown(made, atlas=True, figure=f"![{image.alt}]({made.key}.svg)"),
    )


def overview(cards: Sequence[Card]) -> str:
    """The content of README.md."""
    return atlas_readme(cards, {key: entry.kind for key, entry in CATALOGUE.items()})


def main(names: Sequence[str]) -> None:
    """Write the cards of these entries, or everything."""
    cards = []
    for key in names or CATALOGUE:
        cards.append(with_training(card(CATALOGUE[key])))
        for name, content in pages(cards[-1]):
            write(ATLAS / name, content)
        print(f"{key}: {cards[-1].verdict.lower()}", file=sys.stderr)
    if names:
        return
    write(ATLAS / "README.md", overview(cards))
    known = {f"{key}{ending}" for key in CATALOGUE for ending in (".md", ".svg")} | {"README.md"}
    for path in ATLAS.iterdir():
        if path.name not in known:
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
