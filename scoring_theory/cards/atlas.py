"""The atlas: an overview of many cards, as an HTML index that sorts itself and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from scoring_theory.cards.writing import threshold_texts
from scoring_theory.display import shortened
from scoring_theory.pages import as_markdown, made_by, page

if TYPE_CHECKING:
    from scoring_theory.cards.card import Card

_HEAD = (
    "reward",
    "formula",
    "kind",
    "proper",
    "jointly optimal",
    "lam*",
    "local failure below",
    "global failure below",
    "worst trainer default",
)
_NUMBERS = ("lam*", "local failure below", "global failure below")
_KINDS = {"score": "score", "reward": "reward", "published": "published reward",
          "improper": "counterexample"}  # fmt: skip
_GROUPS = {
    "Strictly proper and jointly optimal": ("strictly", "yes"),
    "Strictly proper, and not jointly optimal": ("strictly", "no"),
    "Weakly proper and jointly optimal": ("weakly", "yes"),
    "Weakly proper, and not jointly optimal": ("weakly", "no"),
    "Improper": ("no", ""),
}
"""The parts of the overview by the columns "proper" and "jointly optimal"."""
EXPLAINED = (
    "For a score S, which does not reward correctness, the last five columns are about c + S.",
    "proper: reporting the true probability p maximises the expected reward; strictly: nothing else"
    " does.",
    "jointly optimal: giving the most likely answer with its true probability does.",
    "lam*: the largest weight for which c + lam S is jointly optimal, where S is the score, or the"
    " reward minus c.",
    "local failure below: for p below this value, the expected reward decreases with accuracy.",
    "global failure below: for p below this value, a deliberately wrong answer with q = 0 earns"
    " more.",
    "worst trainer default: the trainer whose default settings move confidence farthest from p,"
    " where answers that agree are all correct or all wrong; '-' if none moves it.",
)
_SCRIPT = """
'use strict';
for (const table of document.querySelectorAll('table.sorts')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const up = head.getAttribute('aria-sort') !== 'ascending';
    const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent;
    const last = up ? Infinity : -Infinity;  // what does not exist
    const number = text => text === '' ? last : Number(text);
    const compare = head.classList.contains('number')
      ? (a, b) => number(key(a)) - number(key(b)) || 0
      : (a, b) => key(a).localeCompare(key(b), 'en');
    const rows = [...table.tBodies[0].rows].sort((a, b) => up ? compare(a, b) : compare(b, a));
    table.tBodies[0].append(...rows);
    heads.forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
  }));
}
"""
_STYLE = """
<style>table.sorts button { font: inherit; color: inherit; background: none; border: 0; padding: 0;
cursor: pointer; text-align: inherit; }
th[aria-sort=ascending] button::after { content: " \\25B2"; }
th[aria-sort=descending] button::after { content: " \\25BC"; } body { max-width: 90rem; }
table.sorts thead th { white-space: normal; }</style>
"""


def atlas_row(card: Card, kind: str = "") -> tuple[str, ...]:
    """One line of the overview, in the order of its columns.

    Example:
        >>> from scoring_theory.cards import card
        >>> atlas_row(card("log", trainers={}), "score")[3:8]
        ('strictly', 'no', '0', '1/(1 + exp(1))', '0.6484')
    """
    proper = card.report.proper.status
    strictly = {True: "strictly", False: "weakly", None: "undecided"}[card.report.strict]
    words = {"proved": "yes", "refuted": "no", "undecided": "undecided"}
    seen = card.trained
    _, local, everywhere = threshold_texts(seen)
    weight, _, _ = threshold_texts(card.report)
    return (
        card.title,
        shortened(card.formula, 60),
        kind,
        strictly if proper == "proved" else words[proper],
        words[seen.jointly_optimal.status],
        weight,
        local,
        everywhere,
        _worst(card),
    )


def _worst(card: Card) -> str:
    worst = card.worst
    if worst is None:
        return "-"
    others = len(worst.trainers) - 1
    more = f" and {others} other{'s' * (others > 1)}" if others else ""
    return f"{worst.trainers[0]}{more}: {worst.example}"


def atlas_index(cards: Sequence[Card], kinds: Mapping[str, str]) -> str:
    """The overview as one HTML page; a click on the head of a column sorts by it.

    Args:
        cards: of entries of the catalogue, whose pages are beside the index.
        kinds: the kind of each entry by its key.

    Example:
        >>> from scoring_theory.cards import card
        >>> index = atlas_index([card("rlcr", trainers={})], {"rlcr": "published"})
        >>> '<a href="rlcr.html">RLCR</a>' in index
        True
    """
    head = "".join(
        f'<th scope="col"{" class=number" if name in _NUMBERS else ""}>'
        f'<button type="button">{escape(name)}</button></th>'
        for name in _HEAD
    )
    rows = "".join(_index_row(card, _KINDS[kinds[card.key]]) for card in cards)
    return page(
        "Atlas of rewards for confidence",
        [
            _STYLE,
            "<h1>Atlas of rewards for confidence</h1>",
            '<p class="source">A card for every score and reward of the catalogue. A click on the'
            " head of a column sorts by it.</p>",
            '<div class="scroll" tabindex="0" role="region" aria-label="All rewards">'
            '<table class="sorts"><caption class="unseen">All rewards</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>",
            "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in EXPLAINED) + "</ul>",
            made_by(["scoring-theory card --all DIR"]),
        ],
        script=_SCRIPT,
    )


def _index_row(card: Card, kind: str) -> str:
    cells = dict(zip(_HEAD, atlas_row(card, kind), strict=True))
    seen = card.trained
    keys = {
        "lam*": card.report.critical_weight,
        "local failure below": seen.local_failure_below,
        "global failure below": seen.global_failure_below,
    }
    parts = [f'<th scope="row"><a href="{card.key}.html">{escape(card.title)}</a></th>']
    for name in _HEAD[1:]:
        text = escape(cells[name])
        if name in keys:
            number = keys[name]
            value = "" if number is None else f"{number.value:.12g}".replace("inf", "1e300")
            parts.append(f'<td class="number" data-key="{value}">{text}</td>')
        else:
            parts.append(f"<td>{f'<code>{text}</code>' if name == 'formula' else text}</td>")
    return f"<tr>{''.join(parts)}</tr>"


def atlas_readme(cards: Sequence[Card], kinds: Mapping[str, str]) -> str:
    """The overview as Markdown, one table for each claim.

    Args:
        cards: of entries of the catalogue, whose pages are beside it.
        kinds: the kind of each entry by its key.

    Example:
        >>> from scoring_theory.cards import card
        >>> text = atlas_readme([card("rlcr", trainers={})], {"rlcr": "published"})
        >>> "| [RLCR](rlcr.md) | `c - (q - c)^2` | published reward | 1 | - | - | - |" in text
        True
    """
    parts = [
        "# Atlas of rewards for confidence",
        "One card for every score and reward of the catalogue, ordered by what is proved about it:"
        " formula, source, claims with counterexample or certificate, thresholds, and what the"
        " defaults of trainers do to it. `make atlas` writes these pages; the same as HTML, with an"
        " index that sorts by any column, is written by `scoring-theory card --all DIR`. How to"
        " read a card: [cards.md](../cards.md).",
        "\n".join(f"- {as_markdown(text)}" for text in EXPLAINED),
    ]
    rest = list(cards)
    shown = [name for name in _HEAD if name not in ("proper", "jointly optimal")]
    for title, claim in _GROUPS.items():
        inside = [card for card in rest if _belongs(card, claim)]
        rest = [card for card in rest if card not in inside]
        if inside:
            lines = [f"| {' | '.join(map(as_markdown, shown))} |", "| --- " * len(shown) + "|"]
            lines += [_readme_row(card, _KINDS[kinds[card.key]], shown) for card in inside]
            parts += [f"## {title}", "\n".join(lines)]
    assert not rest, [card.key for card in rest]
    parts += [
        "## How to cite",
        "Cite the source that a card names, and scoring-theory with its version"
        ' ([CITATION.cff](../../CITATION.cff), [references.bib](../references.bib)): "the card of'
        ' NAME, certificate ...". Theorems have their numbers in [theory.md](../theory.md), and the'
        " certificates are in [proofs](../../proofs/README.md).",
    ]
    return "\n\n".join(parts) + "\n"


def _belongs(card: Card, claim: tuple[str, str]) -> bool:
    row = atlas_row(card)
    return row[3] == claim[0] and (not claim[1] or row[4] == claim[1])


def _readme_row(card: Card, kind: str, shown: Sequence[str]) -> str:
    cells = dict(zip(_HEAD, atlas_row(card, kind), strict=True))
    formula = cells["formula"].replace("|", "\\|")
    written = {name: as_markdown(cells[name]) for name in shown}
    written["reward"] = f"[{as_markdown(card.title)}]({card.key}.md)"
    written["formula"] = f"`{formula}`"
    return f"| {' | '.join(written.values())} |"
