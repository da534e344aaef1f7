"""The report of a replay as Markdown and as one HTML page, with all texts of the log escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from scoring_theory.files import csv_text
from scoring_theory.pages import (
    Illustration,
    as_markdown,
    file_name,
    html_download,
    html_figure,
    html_list,
    html_section,
    html_tiles,
    made_by,
    markdown_list,
    markdown_section,
    page,
)
from scoring_theory.replaying.sections import definitions, sections
from scoring_theory.replaying.story import shown, story, warnings

if TYPE_CHECKING:
    from scoring_theory.replaying.replay import Replay


def markdown(replay: Replay) -> str:
    """The report as Markdown: the summary, caveats, every table, and the definitions.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import example_rollouts
        >>> markdown(replay(example_rollouts(), "c", intervals=False)).splitlines()[0]
        '# Replay of synthetic example (seed 0), not recorded from any model'
    """
    digest = [f"SHA-256 of the log: `{replay.digest}`"] if replay.digest else []
    parts = [f"# Replay of {as_markdown(file_name(replay.source))}", *digest]
    parts += [as_markdown(replay.reading)] if replay.reading else []
    parts.append(markdown_list(map(as_markdown, story(replay))))
    if cautions := warnings(replay):
        parts += ["## Caveats", markdown_list(map(as_markdown, cautions))]
    parts += map(markdown_section, sections(replay))
    parts += ["## Definitions", markdown_list(map(as_markdown, definitions(replay)))]
    return "\n\n".join(parts) + "\n"


def html(replay: Replay, figures: Sequence[Illustration] = ()) -> str:
    """The report as one HTML page with its style, figures and numbers, without external files.

    It begins with four numbers for each method and the first figure.

    Args:
        replay: The replay.
        figures: Such as those of `scoring_theory.plotting.replay_page.drawings`.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import example_rollouts
        >>> html(replay(example_rollouts(), "c", intervals=False)).splitlines()[0]
        '<!DOCTYPE html>'
    """
    return page(f"Replay of {file_name(replay.source)}", _body(replay, figures))


def _body(replay: Replay, figures: Sequence[Illustration]) -> Iterator[str]:
    yield f"<h1>Replay of {escape(file_name(replay.source))}</h1>"
    if replay.digest:
        yield f'<p class="source">SHA-256 of the log: <code>{replay.digest}</code></p>'
    if replay.reading:
        yield f'<p class="source">{escape(replay.reading)}</p>'
    yield (
        "<section><h2>At a glance</h2>"
        + html_tiles(_glance(replay))
        + "".join(map(html_figure, figures[:1]))
        + "</section>"
    )
    yield "<section><h2>In words</h2>" + html_list(story(replay)) + "</section>"
    if cautions := warnings(replay):
        yield '<section class="warnings"><h2>Caveats</h2>' + html_list(cautions) + "</section>"
    yield from map(html_figure, figures[1:])
    yield from map(html_section, sections(replay))
    yield html_download("replay.csv", page_csv(replay), "Save the numbers of this page as CSV")
    yield "<section><h2>Definitions</h2>" + html_list(definitions(replay)) + "</section>"
    yield made_by()


def page_csv(replay: Replay) -> str:
    """The numbers of the report as CSV: a row for each method and dataset.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import Rollouts
        >>> log = Rollouts(confidence=[0.5, 0.5], correct=[1, 0])
        >>> print(page_csv(replay(log, "c", intervals=False)))
        method,dataset,n,accuracy,mean_confidence,brier,ece,auroc,mean c,low c,high c
        all,,2,0.5,0.5,0.25,0.0,0.5,0.5,nan,nan
        <BLANKLINE>
    """
    columns = replay.columns()
    return csv_text([list(columns), *zip(*columns.values(), strict=True)])


def _glance(replay: Replay) -> dict[str, dict[str, str]]:
    return {
        one.method: {
            "Accuracy": shown(one.accuracy),
            "Mean confidence": shown(one.mean_confidence),
            f"ECE, {replay.bins} bins": shown(one.ece),
            "Brier score": shown(one.brier),
        }
        for one in replay.at(None)
    }
