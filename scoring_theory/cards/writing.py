"""A card as HTML and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from scoring_theory.cards.card import certificate_digest
from scoring_theory.cards.effects import TRAINED_OUTCOMES
from scoring_theory.checking.paragraph import paragraph
from scoring_theory.pages import (
    Illustration,
    Section,
    as_markdown,
    html_facts,
    html_figure,
    html_section,
    made_by,
    markdown_list,
    markdown_section,
    page,
)
from scoring_theory.versions import version_of

if TYPE_CHECKING:
    from scoring_theory.cards.card import Card, TrainingCurve
    from scoring_theory.cards.effects import TrainerEffect
    from scoring_theory.checking import Report
    from scoring_theory.checking.trained_report import Prediction
    from scoring_theory.verdict import Status

_DIGITS = 16  # of a certificate's SHA-256
_SIGNS = {"holds": "\N{CHECK MARK}", "refuted": "\N{BALLOT X}", "undecided": "?"}
_CLAIM_ROWS = ("proper", "jointly optimal", "accuracy rewarded")


def card_html(card: Card, figures: Sequence[Illustration] = ()) -> str:
    """A card as one HTML page, without external files.

    Args:
        card: The card.
        figures: Such as those of `scoring_theory.plotting.card_page.card_figures`.

    Example:
        >>> from scoring_theory.cards import card
        >>> "<h1>RLCR</h1>" in card_html(card("rlcr", trainers={}))
        True
    """
    return page(f"{card.title}: {card.verdict.lower()}", _html_parts(card, figures))


def _html_parts(card: Card, figures: Sequence[Illustration]) -> Iterator[str]:
    yield f"<h1>{escape(card.title)}</h1>"
    yield f"<pre><code>R(q, c) = {escape(card.formula)}</code></pre>"
    outcome = card.report.outcome()
    manner = {"holds": "good", "refuted": "bad", "undecided": "note"}[outcome]
    yield f'<p class="verdict {manner}">{_SIGNS[outcome]} {escape(card.report.headline())}</p>'
    yield html_facts(card_facts(card))
    claims, numbers, *others = card_sections(card)
    yield from map(html_figure, figures)
    yield html_section(claims)
    yield html_section(numbers)
    yield from map(html_section, others[:1])  # the training is in the figure
    cited = paragraph(card.trained, "latex")
    yield (
        "<section><h2>How to cite</h2>"
        f"<p>{escape(card_citation(card, version=True))}</p><pre><code>{escape(cited)}</code></pre>"
        "</section>"
    )
    yield made_by([card_command(card)])


def card_markdown(card: Card, *, atlas: bool = False, figure: str = "") -> str:
    """A card as Markdown.

    Args:
        card: The card.
        atlas: For a page beside others, whose index says how to cite.
        figure: An image as Markdown, or "".

    Example:
        >>> from scoring_theory.cards import card
        >>> print(card_markdown(card("rlcr", trainers={})))  # doctest: +ELLIPSIS
        # RLCR
        <BLANKLINE>
        **STRICTLY PROPER · JOINTLY OPTIMAL** (giving the most likely answer ...)
        ...
    """
    verdict, _, consequence = card.report.headline().partition(" (")
    parts = [
        f"# {as_markdown(card.title)}",
        f"**{verdict}** ({as_markdown(consequence)}",
        f"```text\nR(q, c) = {card.formula}\n```",
        f"$$\nR(q, c) = {card.latex}\n$$",
        markdown_list(
            f"**{name}:** {as_markdown(text)}"
            for name, text in card_facts(card).items()
            if name != "LaTeX"
        ),
        *([figure] if figure else []),
        *map(markdown_section, card_sections(card)),
    ]
    if atlas:
        parts.append(
            f"Check it again: `{card_command(card)}`. Cite it: [the atlas](README.md#how-to-cite)."
            f" Certificates: [{card.key}.json](../../proofs/certificates/{card.key}.json)."
        )
    else:
        parts += [
            "## How to cite",
            as_markdown(card_citation(card, version=True)),
            f"```latex\n{paragraph(card.trained, 'latex')}\n```",
            f"Make it again: `{card_command(card)}`",
        ]
    return "\n\n".join(parts) + "\n"


def card_facts(card: Card) -> dict[str, str]:
    """What its source says about a reward, by name."""
    kind = "" if card.beside is None else (
        "a score S: it does not reward correctness, so c + S is what is trained below."
    )  # fmt: skip
    facts = {
        "Name": card.key or "",
        "LaTeX": card.latex,
        "Family": card.family,
        "Source": card.source,
        "Kind": kind,
        "Notes": card.notes,
        "Without a confidence": card.missing,
        "Without an answer": card.abstain,
    }
    return {name: text for name, text in facts.items() if text}


def card_sections(card: Card) -> list[Section]:
    """The tables of a card: claims, numbers, trainers, and a short training.

    Example:
        >>> from scoring_theory.cards import card
        >>> [section.title for section in card_sections(card("rlcr", trainers={}))]
        ['Claims', 'Numbers']
    """
    sections = [_claims(card), _numbers(card)]
    if card.effects:
        sections.append(_effects(card))
    if card.training is not None:
        sections.append(_training(card, card.training))
    return sections


def _claims(card: Card) -> Section:
    rows = tuple(
        (
            name,
            verdict.status,
            verdict.reason,
            certificate_digest(verdict.certificate)[:_DIGITS] if verdict.certificate else "-",
        )
        for name, verdict in card.claims.items()
    )
    note = (
        "Decided in exact arithmetic. A refuted claim has a counterexample; a certificate is named"
        f" by the first {_DIGITS} digits of its SHA-256, and the command verify checks it."
    )
    head = ("claim", "verdict", "because", "certificate")
    return Section("Claims", note, head, rows, words=frozenset({"because"}))


def _numbers(card: Card) -> Section:
    rows = [row for row in card.report.rows() if row[0] not in _CLAIM_ROWS]
    if card.beside is not None:
        wanted = ("accuracy margin", "local failure", "global failure")
        rows += [(f"{label}, c + S", text) for label, text in card.beside.rows() if label in wanted]
    rows = [(_spelled(label), text) for label, text in rows]
    head = ("quantity", "value")
    return Section("Numbers", "", head, tuple(rows), words=frozenset({"value"}))


def _spelled(label: str) -> str:
    return {"critical weight": "critical weight lam*", "payoffs": "range of payoffs",
            "Schervish weight": "threshold density", "best report": "optimal confidence",
            "local failure": "local failure threshold",
            "global failure": "global failure threshold"}.get(label, label)  # fmt: skip


def _effects(card: Card) -> Section:
    ps = next((effect.predictions for effect in card.effects if effect.predictions), ())
    at = ", ".join(f"{prediction.success_probability:g}" for prediction in ps)
    note = (
        f"The settings that each trainer has by default, with outcomes {TRAINED_OUTCOMES!r}:"
        " rollouts of one question with the same answer are all correct or all wrong. Each row is"
        " decided by a proof or a counterexample, but for the last column, which is searched:"
        f" where confidence ends at p = {at},"
        " without a KL penalty."
    )
    rows = tuple(_effect_row(effect) for effect in card.effects)
    head = ("trainers", "truthful confidence", "best answer", "confidence ends at")
    return Section(
        "What the defaults of trainers do to it" + ("" if card.beside is None else " (c + S)"),
        note,
        head,
        rows,
        words=frozenset({"trainers"}),
    )


def _effect_row(effect: TrainerEffect) -> tuple[str, ...]:
    words: dict[Status, str] = {
        "proved": "optimal",
        "refuted": "not optimal",
        "undecided": "undecided",
    }
    confidence = words[effect.confidence] + (
        ", moved by the KL penalty" if effect.penalised else ""
    )
    if all(prediction.every for prediction in effect.predictions):
        ends = "anywhere: all are equally good"
    else:
        ends = "; ".join(map(_ends, effect.predictions))
    return ", ".join(effect.trainers), confidence, words[effect.answers], ends


def _ends(prediction: Prediction) -> str:
    stable = [f"{q:g}" for q in prediction.stable]
    if prediction.every:
        return "any"
    return " or ".join(stable) if 0 < len(stable) <= 3 else "many" if stable else "none"


def _training(card: Card, curve: TrainingCurve) -> Section:
    last = len(curve.steps) - 1
    rows = tuple(
        (
            f"{curve.steps[at]:,}",
            f"{curve.accuracy[at]:.2f}",
            f"{curve.mean_confidence[at]:.2f}",
            f"{curve.ece[at]:.2f}",
        )
        for at in (0, last // 4, last // 2, last)
    )
    head = ("step", "accuracy", "mean confidence", "ECE")
    title = "A short training" + ("" if card.beside is None else " with c + S")
    return Section(title, f"{curve.setting}.", head, rows, numbers=frozenset(head[1:]))


def card_citation(card: Card, *, version: bool) -> str:
    """A sentence that names the source, this card and its certificate.

    Example:
        >>> from scoring_theory.cards import card
        >>> card_citation(card("rlcr", trainers={}), version=False)[:51]
        'The reward: Damani et al. 2025, arXiv 2507.16806, e'
    """
    digests = [certificate_digest(one)[:_DIGITS] for one in card.report.certificates]
    proofs = f", certificate{'s' * (len(digests) > 1)} {', '.join(digests)}" if digests else ""
    source = f"The reward: {card.source}. " if card.source else ""
    number = f" {version_of()}" if version else ""
    return (
        f"{source}The verdict: the card of {card.title} in scoring-theory{number} (CITATION.cff)"
        f"{proofs}. Theorems have their numbers in docs/theory.md, and BibTeX entries are in"
        " docs/references.bib."
    )


def card_command(card: Card) -> str:
    """The command that makes the card again."""
    name = card.key or f'"{card.formula}"'
    return f"scoring-theory card {name} -o card.html"


def threshold_texts(report: Report) -> tuple[str, str, str]:
    """lam* and both failure thresholds in a few letters, for tables.

    Example:
        >>> from scoring_theory import check
        >>> threshold_texts(check("c - 2*(q - c)^2"))
        ('1/2', '1/4', '1/2')
    """
    numbers = (report.critical_weight, report.local_failure_below, report.global_failure_below)
    weight, local, everywhere = (
        "-" if one is None else one.exact if len(one.exact) <= _DIGITS else f"{one.value:.4g}"
        for one in numbers
    )
    return weight, local, everywhere
