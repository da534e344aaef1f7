"""The report of `calibrate` as Markdown and as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from scoring_theory.pages import (
    Illustration,
    Section,
    as_markdown,
    file_name,
    html_figure,
    html_list,
    html_section,
    made_by,
    markdown_list,
    markdown_section,
    page,
)
from scoring_theory.replaying.paired_scores import differences_section
from scoring_theory.replaying.sections import definitions, how, over_time_section
from scoring_theory.replaying.story import warnings

if TYPE_CHECKING:
    from scoring_theory.replaying.measuring import Calibration

_OF_CALIBRATION = (
    "Log loss: mean -[c log q + (1 - c) log(1 - q)], smaller is better; infinite if a certain"
    " answer is wrong.",
    "MCB, DSC, UNC: Brier = MCB - DSC + UNC (CORP). MCB is the loss because confidences differ from"
    " the isotonic regression of outcomes on them, DSC the gain from stating more where more is"
    " correct, UNC the loss of always stating the overall accuracy.",
    "Smooth ECE: the calibration error of kernel-smoothed residuals, which needs no bins.",
    "p: the probability of a test statistic at least as extreme under perfect calibration with"
    " independent answers. Spiegelhalter's test looks at the Brier score, Kuiper's at the largest"
    " range of the cumulative sum of q - c. With several answers to a question, p is too small. See"
    ' "Tests of calibration" in docs/replay.md.',
)
_NOT_SHOWN = ("Mean reward:", "Recalibrated:", "Advantage:", "Grey bands:")


def calibration_sections(found: Calibration) -> list[Section]:
    """The tables: all rows, each of several datasets, differences of methods, and steps.

    Example:
        >>> from scoring_theory.replaying.measuring import calibrate
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])
        >>> [each.title for each in calibration_sections(calibrate(log, intervals=False))]
        ['Calibration']
    """
    sections = []
    for place in found.replayed.places:
        methods = tuple(one.cell.method for one in found.at(place))
        title = "Calibration" if place is None else f"Calibration on {place}"
        rows = tuple((label.strip(), *values) for label, values in found.measures(place))
        sections.append(Section(title, how(found.replayed), ("", *methods), rows))
    if found.differences:
        sections.append(differences_section(found.differences, how(found.replayed)))
    steps = over_time_section(found.replayed)
    return [*sections, *([steps] if steps.rows else [])]


def calibration_definitions(found: Calibration) -> tuple[str, ...]:
    """The definitions of what the report shows.

    Example:
        >>> from scoring_theory.replaying.measuring import calibrate
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])
        >>> calibration_definitions(calibrate(log, intervals=False))[-1][:40]
        'p: the probability of a test statistic a'
    """
    known = definitions(found.replayed)
    kept = tuple(text for text in known if not text.startswith(_NOT_SHOWN))
    return (*kept, *(() if found.replayed.graded else _OF_CALIBRATION))


def calibration_markdown(found: Calibration) -> str:
    """The report as Markdown.

    Example:
        >>> from scoring_theory.replaying.measuring import calibrate
        >>> from scoring_theory.rollouts import example_rollouts
        >>> report = calibration_markdown(calibrate(example_rollouts(), intervals=False))
        >>> report.splitlines()[0]
        '# Calibration of synthetic example (seed 0), not recorded from any model'
    """
    replayed = found.replayed
    digest = [f"SHA-256 of the log: `{replayed.digest}`"] if replayed.digest else []
    parts = [f"# Calibration of {as_markdown(file_name(replayed.source))}", *digest]
    parts += [as_markdown(replayed.reading)] if replayed.reading else []
    parts += map(markdown_section, calibration_sections(found))
    if cautions := warnings(replayed):
        parts += ["## Caveats", markdown_list(map(as_markdown, cautions))]
    parts += ["## Definitions", markdown_list(map(as_markdown, calibration_definitions(found)))]
    return "\n\n".join(parts) + "\n"


def calibration_html(found: Calibration, figures: Sequence[Illustration] = ()) -> str:
    """The report as one HTML page with its style and figures, without external files.

    Args:
        found: The result of `calibrate`.
        figures: Such as those of `scoring_theory.plotting.replay_page.drawings`.

    Example:
        >>> from scoring_theory.replaying.measuring import calibrate
        >>> from scoring_theory.rollouts import example_rollouts
        >>> calibration_html(calibrate(example_rollouts(), intervals=False)).splitlines()[0]
        '<!DOCTYPE html>'
    """
    return page(f"Calibration of {file_name(found.replayed.source)}", _body(found, figures))


def _body(found: Calibration, figures: Sequence[Illustration]) -> Iterator[str]:
    replayed = found.replayed
    yield f"<h1>Calibration of {escape(file_name(replayed.source))}</h1>"
    if replayed.digest:
        yield f'<p class="source">SHA-256 of the log: <code>{replayed.digest}</code></p>'
    if replayed.reading:
        yield f'<p class="source">{escape(replayed.reading)}</p>'
    first, *others = calibration_sections(found)
    yield html_section(first)
    if cautions := warnings(replayed):
        yield '<section class="warnings"><h2>Caveats</h2>' + html_list(cautions) + "</section>"
    yield from map(html_figure, figures)
    yield from map(html_section, others)
    yield "<section><h2>Definitions</h2>" + html_list(calibration_definitions(found)) + "</section>"
    yield made_by()
