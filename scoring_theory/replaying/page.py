"""The report of a replay as Markdown and as one HTML page, with all texts of the log escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from scoring_theory.replaying.sections import Section, definitions, sections
from scoring_theory.replaying.story import story, warnings

if TYPE_CHECKING:
    from scoring_theory.replaying.replay import Replay

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1d21; --soft: #5c6370; --line: #d9dce1; --back: #ffffff;
  --card: #f6f7f9; --mark: #b3470a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e7ea; --soft: #a3a9b5; --line: #3a3f4a;
  --back: #16181d; --card: #1f2229; --mark: #f0a35e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem 4rem; background: var(--back);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; }
.source, .note, figcaption { color: var(--soft); margin: .2rem 0 .8rem; }
ul { padding-left: 1.2rem; } li { margin: .45rem 0; }
.warnings { border-left: 4px solid var(--mark); background: var(--card);
  padding: .2rem 1rem; margin: 1rem 0; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; }
th, td { padding: .3rem 1rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; border-bottom: 2px solid var(--soft); white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.words { min-width: 22rem; }
tr.first td { border-top: 2px solid var(--line); }
figure { margin: 1rem 0; } figure .scroll { background: #ffffff; border-radius: 6px; }
figure img { display: block; width: 100%; min-width: 40rem; height: auto; padding: .5rem; }
summary { cursor: pointer; color: var(--soft); margin: .4rem 0; }
"""


def markdown(replay: Replay) -> str:
    """The report as Markdown: the summary, caveats, every table, and the definitions.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import example_rollouts
        >>> markdown(replay(example_rollouts(), "c", intervals=False)).splitlines()[0]
        '# Replay of synthetic example (seed 0), not recorded from any model'
    """
    parts = [f"# Replay of {_plain(replay.source)}", _bullets(map(_plain, story(replay)))]
    if cautions := warnings(replay):
        parts += ["## Caveats", _bullets(map(_plain, cautions))]
    for section in sections(replay):
        parts += [
            f"## {section.title}",
            *([section.note] if section.note else []),
            _markdown_table(section),
        ]
    parts += ["## Definitions", _bullets(map(_plain, definitions(replay)))]
    return "\n\n".join(parts) + "\n"


def html(replay: Replay, figures: Mapping[str, str]) -> str:
    """The report as one HTML page with its style and figures, without external files.

    Args:
        replay: The replay.
        figures: SVG images by caption.

    Example:
        >>> from scoring_theory.replaying import replay
        >>> from scoring_theory.rollouts import example_rollouts
        >>> html(replay(example_rollouts(), "c", intervals=False), {}).splitlines()[0]
        '<!DOCTYPE html>'
    """
    body = [
        f"<h1>Replay of {escape(_name(replay.source))}</h1>",
        (
            ""
            if _name(replay.source) == replay.source
            else f'<p class="source">{escape(replay.source)}</p>'
        ),
        "<section><h2>In words</h2>" + _list(story(replay)) + "</section>",
    ]
    if cautions := warnings(replay):
        body.append('<section class="warnings"><h2>Caveats</h2>' + _list(cautions) + "</section>")
    body += [_figure(caption, svg) for caption, svg in figures.items()]
    body += [_html_section(section) for section in sections(replay)]
    body.append("<section><h2>Definitions</h2>" + _list(definitions(replay)) + "</section>")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport"'
        ' content="width=device-width, initial-scale=1">\n<meta'
        ' http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:;'
        " style-src 'unsafe-inline'\">\n<title>Replay of"
        f" {escape(_name(replay.source))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _name(source: str) -> str:
    return source.replace("\\", "/").rsplit("/", 1)[-1] or source


def _list(sentences: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def _figure(caption: str, svg: str) -> str:
    """An SVG as an image element: it cannot run scripts, and its identifiers are separate."""
    data = base64.b64encode(svg.encode()).decode()
    picture = f'<img alt="{escape(caption)}" src="data:image/svg+xml;base64,{data}">'
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption><div"
        f' class="scroll">{picture}</div></figure>'
    )


def _html_section(section: Section) -> str:
    """A table with its heading; a line separates the rows of different first cells."""
    head = "".join(f"<th{_class(section, name)}>{escape(name)}</th>" for name in section.head)
    rows, last = [], None
    for row in section.rows:
        cells = "".join(
            f"<td{_class(section, name)}>{escape(text)}</td>"
            for name, text in zip(section.head, row, strict=True)
        )
        rows.append(f"<tr{' class=first' if last not in (None, row[0]) else ''}>{cells}</tr>")
        last = row[0]
    table = (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
    if section.long:
        table = f"<details><summary>{len(section.rows)} rows</summary>{table}</details>"
    note = f'<p class="note">{escape(section.note)}</p>' if section.note else ""
    return f"<section><h2>{escape(section.title)}</h2>{note}{table}</section>"


def _class(section: Section, name: str) -> str:
    if name in section.numbers:
        return ' class="number"'
    return ' class="words"' if name == "who leads" else ""


def _markdown_table(section: Section) -> str:
    rule = ["---:" if name in section.numbers else "---" for name in section.head]
    lines = [
        list(map(_plain, section.head)),
        rule,
        *(list(map(_plain, row)) for row in section.rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _plain(text: str) -> str:
    """Text with the special characters of Markdown escaped."""
    escaped = "".join(
        "\\" + letter if letter in "\\`*_[]|#~$" else letter for letter in escape(text, quote=False)
    )
    return " ".join(escaped.split())
