"""Pages of one file, without scripts and without requests to any host: HTML, and Markdown.

Every text is escaped. Pages have a light and a dark look, fit screens from 360 pixels on, and print
without losing anything.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from scoring_theory.display import one_line
from scoring_theory.versions import version_of

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1d21; --soft: #5c6370; --line: #d9dce1; --back: #ffffff;
  --card: #f6f7f9; --mark: #b3470a; --good: #0b6b4b; --shade: rgba(20, 24, 32, .28); }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e7ea; --soft: #a3a9b5; --line: #3a3f4a;
  --back: #16181d; --card: #1f2229; --mark: #f0a35e; --good: #5fd0a5;
  --shade: rgba(0, 0, 0, .8); } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem 4rem; background: var(--back);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; }
a { color: inherit; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .92em; }
pre { background: var(--card); padding: .6rem .8rem; border-radius: 6px; white-space: pre-wrap;
  font-size: .85rem; }
.source, .note, figcaption, footer { color: var(--soft); margin: .2rem 0 .8rem; }
footer { margin-top: 2.5rem; font-size: .88rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }
ul { padding-left: 1.2rem; } li { margin: .45rem 0; }
.warnings { border-left: 4px solid var(--mark); background: var(--card);
  padding: .2rem 1rem; margin: 1rem 0; }
.verdict { font-weight: 700; margin: .6rem 0; } .good { color: var(--good); }
.bad { color: var(--mark); }
.tiles { display: grid; gap: .8rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); }
.tile { background: var(--card); border-radius: 8px; padding: .6rem .9rem .7rem; }
.tile h3 { font-size: 1rem; margin: 0 0 .3rem; }
.tile dl { display: grid; grid-template-columns: 1fr 1fr; gap: .1rem .9rem; margin: 0; }
.tile div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tile dt { color: var(--soft); font-size: .8rem; line-height: 1.3; margin-bottom: .25rem; }
.tile dd { margin: 0; font-size: 1.25rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; max-width: 100%; background:
  linear-gradient(to right, var(--back) 40%, transparent) 0 0 / 3rem 100% no-repeat local,
  linear-gradient(to left, var(--back) 40%, transparent) 100% 0 / 3rem 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) 0 0 / .8rem 100% no-repeat scroll,
  linear-gradient(to left, var(--shade), transparent) 100% 0 / .8rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; }
th, td { padding: .3rem 1rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
thead th { font-weight: 600; border-bottom: 2px solid var(--soft); white-space: nowrap;
  vertical-align: bottom; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.words { min-width: 16rem; }
tr.first > * { border-top: 2px solid var(--line); }
figure { margin: 1.4rem 0; }
.panels { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); }
.panels.two { grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr));
  max-width: 46rem; }
.panels img { display: block; width: 100%; height: auto; }
figcaption { margin: .5rem 0 0; font-size: .88rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .8rem 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; }
@media (max-width: 600px) { .facts { display: block; } .facts dd { margin: 0 0 .4rem; }
  .words { min-width: 12rem; } }
summary { cursor: pointer; color: var(--soft); margin: .4rem 0; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
@page { margin: 14mm 13mm; }
@media print {
  html { font-size: 9pt; } body { max-width: none; padding: 0; font-size: 1rem; line-height: 1.4; }
  h2 { margin: 1.2rem 0 .3rem; break-after: avoid; }
  .scroll { overflow: visible; background: none; }
  table { font-size: 7.8pt; width: 100%; overflow-wrap: anywhere; }
  thead th, .number { white-space: normal; } .words { min-width: 0; }
  th, td { padding: 1.5pt 6pt 1.5pt 0; overflow-wrap: normal; }
  tr, figure, .tile, .warnings, li { break-inside: avoid; }
  .note { break-after: avoid; break-inside: avoid; } figcaption, footer { break-before: avoid; }
  figure:has(img:nth-of-type(4)) { break-inside: auto; } .panels img { break-inside: avoid; }
  figure:has(.two), thead { break-inside: avoid; } thead { break-after: avoid; }
  footer { margin-top: 1rem; }
  figure { margin: .6rem 0; } pre { padding: 0; margin: .3rem 0; }
  .panels { grid-template-columns: repeat(3, 1fr); gap: 6pt; }
  .panels.two { grid-template-columns: 1fr 1fr; max-width: 132mm; }
  .tiles { grid-template-columns: repeat(4, 1fr); gap: 5pt; } .tile { padding: 3pt 6pt; }
  summary, .screen { display: none; }
  details::details-content { content-visibility: visible; display: block; }
}
"""
_LOOKS = (
    "svg { --ground: #fff } @media (prefers-color-scheme: dark) { svg { color: #e6e7ea; --ground:"
    " #16181d } }"
)

_SHORTER = {
    r"<!--.*?-->|<metadata>.*?</metadata>": "",
    r"(?<=[\"#])[A-Za-z]+-(Regular|Italic|Bold)-(?=[0-9a-f]+\")": r"\1",
    r'<g id="[\w.]+_\d+">': "<g>",  # nothing refers to these
    r">\s+<": ">\n<",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its heading.

    Attributes:
        title: The heading.
        note: A sentence above the table, or "".
        head: The names of the columns; the cells of the first one name their rows.
        rows: The cells as texts.
        numbers: The names of the right-aligned columns.
        long: Whether a page may collapse the table.
        words: The names of the columns with sentences, which need width.
    """

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[str] = frozenset()
    long: bool = False
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Image:
    """One drawing of a figure.

    Attributes:
        svg: The image, as `plotting.svg` writes it.
        alt: What is seen in it, for readers who do not see it.
    """

    svg: str
    alt: str

    __repr__ = one_line


@dataclass(frozen=True, slots=True)
class Illustration:
    """A figure of a page: its panels stand side by side, or below each other on narrow screens.

    Attributes:
        caption: What is drawn, and by which method.
        panels: At least one.
    """

    caption: str
    panels: tuple[Image, ...]

    __repr__ = one_line


def page(title: str, body: Iterable[str], *, script: str = "") -> str:
    """A whole HTML page with the style of this project.

    Args:
        title: The title, as text.
        body: Parts of the page as HTML; the caller escapes texts.
        script: JavaScript, which is allowed by its hash; "" for none.

    Example:
        >>> text = page("A < B", ["<h1>A &lt; B</h1>"])
        >>> "<title>A &lt; B</title>" in text, "default-src 'none'" in text
        (True, True)
    """
    allowed, element = "", ""
    if script:
        allowed = f"; script-src 'sha256-{_sha256_base64(script)}'"
        element = f"<script>{script}</script>\n"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport"'
        ' content="width=device-width, initial-scale=1">\n<meta'
        ' http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:;'
        f" style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'{allowed}\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, body))
        + f"\n</main>\n{element}</body>\n</html>\n"
    )


def _sha256_base64(text: str) -> str:
    import hashlib

    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def html_list(sentences: Iterable[str]) -> str:
    """Sentences as a list.

    Example:
        >>> html_list(["a < b"])
        '<ul><li>a &lt; b</li></ul>'
    """
    return "<ul>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def html_tiles(tiles: Mapping[str, Mapping[str, str]]) -> str:
    """A few numbers for each of some things, large, with their names below them.

    Example:
        >>> html_tiles({"RLCR": {"ECE": "0.1"}})[37:]
        '<h3>RLCR</h3><dl><div><dt>ECE</dt><dd>0.1</dd></div></dl></div></div>'
    """
    shown = (
        f'<div class="tile"><h3>{escape(name)}</h3><dl>'
        + "".join(
            f"<div><dt>{escape(label)}</dt><dd>{escape(text)}</dd></div>"
            for label, text in numbers.items()
        )
        + "</dl></div>"
        for name, numbers in tiles.items()
    )
    return f'<div class="tiles">{"".join(shown)}</div>'


def html_facts(facts: Mapping[str, str]) -> str:
    """Names and what they stand for.

    Example:
        >>> html_facts({"Source": "a < b"})
        '<dl class="facts"><dt>Source</dt><dd>a &lt; b</dd></dl>'
    """
    told = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items()
    )
    return f'<dl class="facts">{told}</dl>'


def html_section(section: Section) -> str:
    """A table with its heading; a line separates the rows of different first cells.

    Example:
        >>> one = Section("Means", "", ("method", "mean"), (("a < b", "0.5"),), frozenset({"mean"}))
        >>> '<th scope="row">a &lt; b</th><td class="number">0.5</td>' in html_section(one)
        True
    """
    table = html_table(section)
    if section.long:
        table = f"<details><summary>{len(section.rows)} rows</summary>{table}</details>"
    return f"<section><h2>{escape(section.title)}</h2>{table}</section>"


def html_table(section: Section) -> str:
    """The table of a section alone; readers who do not see it hear its title as its caption."""
    head = "".join(
        f'<th scope="col"{_class(section, name)}>{escape(name)}</th>' for name in section.head
    )
    rows, last = [], None
    for row in section.rows:
        cells = (
            f'<th scope="row"{_class(section, section.head[0])}>{escape(row[0])}</th>'
            + "".join(
                f"<td{_class(section, name)}>{escape(text)}</td>"
                for name, text in zip(section.head[1:], row[1:], strict=True)
            )
        )
        rows.append(f"<tr{' class=first' if last not in (None, row[0]) else ''}>{cells}</tr>")
        last = row[0]
    title = escape(section.title)
    caption = f'<caption class="unseen">{title}</caption>'
    note = f'<p class="note">{escape(section.note)}</p>' if section.note else ""
    return (
        f'{note}<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table>'
        f"{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _class(section: Section, name: str) -> str:
    if name in section.numbers:
        return ' class="number"'
    return ' class="words"' if name in section.words else ""


def html_figure(shown: Illustration) -> str:
    """A figure with its caption; each panel is an image element with its own alternative text.

    An image element cannot run scripts, and its identifiers are separate.

    Example:
        >>> html_figure(Illustration("A line", (Image("<svg></svg>", "It rises."),)))[:32]
        '<figure><div class="panels"><img'
    """
    panels = "".join(
        f'<img alt="{escape(panel.alt)}"'
        f' src="{data_address("image/svg+xml", adaptive(panel.svg))}">'
        for panel in shown.panels
    )
    two = " two" if len(shown.panels) == 4 else ""
    return (
        f'<figure><div class="panels{two}">{panels}</div>'
        f"<figcaption>{escape(shown.caption)}</figcaption></figure>"
    )


def adaptive(svg: str) -> str:
    """An image whose black is the ink of the page, and whose white is its ground, light or dark.

    What matplotlib writes is shortened: coordinates to hundredths, names of letters, blanks.

    Example:
        >>> adaptive('<svg width="1"><path style="stroke: #000000"/></svg>').count("currentColor")
        2
    """
    inked = re.sub(
        r"<svg\b([^>]*)>",
        lambda found: f'<svg{found[1]} color="#1b1d21" fill="currentColor"><style>{_LOOKS}</style>',
        svg.replace("#000000", "currentColor").replace(": #ffffff", ": var(--ground)"),
        count=1,
    )
    for pattern, text in _SHORTER.items():
        inked = re.sub(pattern, text, inked, flags=re.DOTALL)
    return re.sub(r' d="([^"]*)"', _in_hundredths, inked)


def _in_hundredths(path: re.Match[str]) -> str:
    numbers = re.sub(
        r"-?\d+\.\d+", lambda one: f"{float(one[0]):.2f}".rstrip("0").rstrip("."), path[1]
    )
    dense = re.sub(r" ?([A-Za-z]) ?", r"\1", " ".join(numbers.split()))
    return f' d="{dense}"'


def data_address(kind: str, content: str) -> str:
    """A `data:` address that holds the content.

    Example:
        >>> data_address("text/as_markdown", "a")
        'data:text/as_markdown;base64,YQ=='
    """
    return f"data:{kind};base64,{base64.b64encode(content.encode()).decode()}"


def html_download(name: str, content: str, words: str) -> str:
    """A link that saves a CSV file, which the page itself holds.

    Example:
        >>> html_download("a.csv", "x", "the numbers")[:45]
        '<p class="screen"><a download="a.csv" href="d'
    """
    return (
        f'<p class="screen"><a download="{escape(name)}"'
        f' href="{data_address("text/csv;charset=utf-8", content)}">{escape(words)}</a></p>'
    )


def markdown_section(section: Section) -> str:
    """A table as Markdown with its heading.

    Example:
        >>> print(markdown_section(Section("Means", "", ("method",), (("a",),))))
        ## Means
        <BLANKLINE>
        | method |
        | --- |
        | a |
    """
    parts = [f"## {section.title}", *([section.note] if section.note else [])]
    return "\n\n".join([*parts, markdown_table(section)])


def markdown_table(section: Section) -> str:
    """The table of a section alone."""
    rule = ["---:" if name in section.numbers else "---" for name in section.head]
    lines = [
        list(map(as_markdown, section.head)),
        rule,
        *(list(map(as_markdown, row)) for row in section.rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown_list(sentences: Iterable[str]) -> str:
    r"""Sentences as a list, which may hold Markdown.

    Example:
        >>> markdown_list(["one", "two"])
        '- one\n- two'
    """
    return "\n".join(f"- {sentence}" for sentence in sentences)


def as_markdown(text: str) -> str:
    r"""Text with the special characters of Markdown escaped.

    Example:
        >>> as_markdown("a*b < c")
        'a\\*b &lt; c'
    """
    escaped = "".join(
        "\\" + letter if letter in "\\`*_[]|#~$" else letter for letter in escape(text, quote=False)
    )
    return " ".join(escaped.split())


def file_name(source: str) -> str:
    """The last part of a path, which says nothing about the machine that it was on.

    Example:
        >>> file_name("/home/ann/logs/run.csv"), file_name("synthetic example")
        ('run.csv', 'synthetic example')
    """
    return source.replace("\\", "/").rsplit("/", 1)[-1] or source


def made_by(commands: Sequence[str] = ()) -> str:
    """A footer: the version of this package, and the commands that make the page again.

    Example:
        >>> made_by(["a < b"]).endswith("<code>a &lt; b</code></footer>")
        True
    """
    again = "".join(f" <code>{escape(command)}</code>" for command in commands)
    return f"<footer>Made by scoring-theory {version_of()}.{again}</footer>"
