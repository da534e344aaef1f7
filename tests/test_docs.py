"""The documents name what exists: theorems, Coq names, tests, certificates, code, links, and every
letter once.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from simulations.laboratory.systems import SYSTEM_TITLES
from tests.programs import write_systems

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
THEORY = (DOCS / "theory.md").read_text(encoding="utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
BIBLIOGRAPHY = (DOCS / "references.bib").read_text(encoding="utf-8")

STATED = [int(n) for n in re.findall(r"^#### Theorem (\d+)$", THEORY, re.M)]
SECTIONS = [int(n) for n in re.findall(r"^## (\d+)\. ", THEORY, re.M)]
CITED = re.compile(r"\bTheorems? (\d+)(?:(?:, (\d+))* (and|to) (\d+))?")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
ELSEWHERE = ("http://", "https://", "mailto:")


def files(*patterns: str) -> Iterator[Path]:
    """The files of the repository that somebody wrote: none of a folder that is hidden, built or
    installed.
    """
    for pattern in patterns:
        for path in ROOT.rglob(pattern):
            inside = path.relative_to(ROOT).parts
            if not any(
                part.startswith(".") or part in ("build", "out", "node_modules") for part in inside
            ):
                yield path


SOURCES = sorted({*files("*.py", "*.md", "*.v")} - {Path(__file__)})
PAGES = sorted(files("*.md"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def cited(text: str) -> set[int]:
    """The numbers of theorems in a text; "Theorems 25 to 34" cites all between."""
    found: set[int] = set()
    for match in CITED.finditer(text):
        numbers = [int(n) for n in re.findall(r"\d+", match[0])]
        found |= set(range(numbers[0], numbers[-1] + 1)) if match[3] == "to" else set(numbers)
    return found


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def coq_names() -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "proofs" / "coq").glob("*.v"))
    return frozenset(
        name
        for text in texts
        for name in re.findall(r"^(?:Theorem|Lemma|Corollary) (\w+)", text, re.M)
    )


@cache
def defined_tests() -> frozenset[str]:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    return frozenset(name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.M))


def entries(letter: bool) -> list[str]:
    """The entries of the glossary, letters (in backticks) or terms."""
    return re.findall(
        r"^- \*\*`([^`]+)`\*\*: " if letter else r"^- \*\*([^`*]+)\*\*: ", GLOSSARY, re.M
    )


def test_theorems_and_sections_are_numbered_without_gaps() -> None:
    assert sorted(STATED) == list(range(1, len(STATED) + 1))
    assert list(range(1, len(SECTIONS) + 1)) == SECTIONS


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Theorem 7", {7}),
        ("Theorems 7, 8 and 9", {7, 8, 9}),
        ("Theorems 25 to 27", {25, 26, 27}),
        ("theorem 1", set()),
    ],
)
def test_a_citation_is_read(text: str, numbers: set[int]) -> None:
    assert cited(text) == numbers


def test_the_list_by_number_has_every_theorem_with_its_title() -> None:
    text = (ROOT / "docs" / "theory.md").read_text()
    titles = re.findall(r"#### Theorem (\d+)\n\*([^*]+?)[.,]?\*", text)
    in_order = sorted(titles, key=lambda one: int(one[0]))
    listed = "; ".join(f"[{number}](#theorem-{number}) {title}" for number, title in in_order)
    assert len(in_order) == text.count("#### Theorem ")
    assert listed + "." in " ".join(text.split())


def test_every_theorem_that_is_cited_exists() -> None:
    """A small letter, as in "theorem 4.2", is somebody else's theorem."""
    missing = {named(path): unknown for path in SOURCES
               if (unknown := cited(path.read_text(encoding="utf-8")) - set(STATED))}  # fmt: skip
    assert not missing


def test_every_section_that_is_cited_exists() -> None:
    for path in SOURCES:
        for number in re.findall(
            r"docs/theory\.md`?,\s+section (\d+)", path.read_text(encoding="utf-8")
        ):
            assert int(number) in SECTIONS, (
                f"{named(path)} cites section {number} of docs/theory.md"
            )


def test_no_document_outside_the_repository_is_cited() -> None:
    assert not [
        named(path)
        for path in SOURCES
        if re.search(r"\bDESIGN\b", path.read_text(encoding="utf-8"))
    ]


def blocks(label: str) -> Iterator[str]:
    """The list items of a label, such as "- Coq: ..."; an item goes on in the lines that are
    indented.
    """
    yield from re.findall(rf"^- {label}[^:]*: (.*(?:\n  .*)*)", THEORY, re.M)


def test_every_coq_name_exists() -> None:
    found = {name for block in blocks("Coq") for name in re.findall(r"`([a-z]\w*)`", block)}
    assert len(found) > 50
    assert not found - coq_names()


def test_every_test_and_certificate_exists() -> None:
    found = set(re.findall(r"`(test_\w+)`", THEORY))
    assert len(found) > 40
    assert not found - defined_tests()
    kept = {path.name for path in (ROOT / "proofs" / "certificates").rglob("*.json")}
    assert not set(re.findall(r"`(\w+\.json)`", THEORY)) - kept


def test_every_path_exists() -> None:
    for page in DOCS.glob("*.md"):
        for path in re.findall(
            r"`((?:tests|proofs|scoring_theory|simulations)/[\w./]+)`", page.read_text("utf-8")
        ):
            assert (ROOT / path).exists(), f"{named(page)} names {path}"


def test_every_theorem_is_proved_or_points_to_a_proof() -> None:
    for number, text in re.findall(r"^#### Theorem (\d+)\n(.*?)(?=^#|\Z)", THEORY, re.M | re.S):
        assert "*Proof.*" in text or "- Checked by:" in text, f"Theorem {number}"
        assert "∎" in text, f"Theorem {number}"


def test_every_claim_of_the_kernel_has_a_theorem() -> None:
    from proofs.kernel.verifier import CLAIMS

    checked = "".join(blocks("Checked by"))
    refuted_by_numbers = {"not proper", "not strictly proper"}
    assert not {claim for claim in CLAIMS if f"`{claim}`" not in checked} - refuted_by_numbers


def test_every_source_is_in_the_bibliography() -> None:
    keys = set(re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY, re.M))
    used = set(re.findall(r"\b[a-z]+(?:19|20)\d\d\b", THEORY))
    assert used | {"scoringtheory"} == keys


def test_the_citation_is_of_this_version() -> None:
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    released = re.search(r'^date-released: "(.+)"$', citation, re.M)
    assert f"\nversion: {version}\n" in citation
    assert f"version = {{{version}}}" in BIBLIOGRAPHY
    assert released
    assert f"## {version} ({released[1]})" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    for link in LINK.findall(text):
        if link.startswith(ELSEWHERE):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} in {named(page)}"
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), (
            f"{link} in {named(page)}"
        )


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=named)
def test_github_shows_every_formula(page: Path) -> None:
    """Inline formulas begin and end on one line beside spaces or punctuation, and Markdown eats a
    backslash there.
    """
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    text = re.sub(r"^\$\$.*?\$\$", "", prose, flags=re.M | re.S)
    for line in text.splitlines():
        assert line.count("$") % 2 == 0, line
        for before, formula, after in re.findall(r"(^|.)\$([^$]+)\$(?=(.?))", line):
            assert not re.match(r"\w", before + after), f"${formula}$ touches a word: {line}"
            assert formula == formula.strip(), line
            assert not re.search(r"\\[^A-Za-z]|\^\*|[^\w]_\w", formula), (
                f"${formula}$ holds a mark of Markdown: {line}"
            )


def test_every_letter_of_the_notation_is_in_the_glossary() -> None:
    table = THEORY.split("## Notation")[1].split("\n## ")[0]
    rows = [row.split("|")[2] for row in table.splitlines() if row.startswith("| $")]
    letters = {letter for cell in rows for letter in re.findall(r"`([^`]+)`", cell)}
    assert len(letters) > 20
    assert letters == set(entries(letter=True))


@pytest.mark.parametrize("letter", [True, False])
def test_the_glossary_is_alphabetical_and_defines_once(letter: bool) -> None:
    found = [entry.lower() for entry in entries(letter)]
    assert len(found) > 20
    assert found == sorted(found)
    assert len(set(entries(letter))) == len(found)


def test_every_name_in_code_exists() -> None:
    packages = (path for path in files("*.py") if "tests" not in path.relative_to(ROOT).parts)
    words = {
        word for path in packages for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    lists = re.findall(r"\*Code:\*((?:\s+`\w+`,?)+)", GLOSSARY)
    named_there = {name for each in lists for name in re.findall(r"`(\w+)`", each)}
    assert len(named_there) > 40
    assert not named_there - words


def test_the_page_of_systems_is_what_the_systems_say() -> None:
    """`make systems` writes it."""
    assert (ROOT / "docs" / "systems.md").read_text(encoding="utf-8") == write_systems.page()
    named = [command.removeprefix("simulate ") for _, command in write_systems.COVERAGE]
    missing = {name for name in named if " " not in name and name != "rules"} - set(SYSTEM_TITLES)
    assert not missing, "a system that is asked for has a command"
    assert not set(SYSTEM_TITLES) - set(named), "every system has a row"


# ---------------------------------------------------------------- plain commands


def recipes() -> dict[str, list[str]]:
    """The recipe of each target that a user may name, by target, without the variables of make."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    variables = {"OUT": "out", "SHORT": "", "CHECK": "", "NOTEBOOKS": "", "WRITE": ""}
    variables |= {
        name: value.split(" #")[0].strip()
        for name, value in re.findall(r"(?m)^(\w+) *[?:]?= *(.*)$", text)
    }
    named = re.search(r"(?m)^\.PHONY: (.*)$", text)
    assert named
    found = {}
    for target in named[1].split():
        match = re.search(rf"(?m)^{target}:.*\n((?:\t.*\n)+)", text)
        assert match, target
        recipe = match[1]
        while changed := re.sub(r"\$\((\w+)\)", lambda m: variables[m[1]], recipe):
            if changed == recipe:
                break
            recipe = changed
        found[target] = recipe.strip().splitlines()
    return found


def test_every_target_of_make_has_its_plain_command() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"(?m)^\| `make ([\w-]+)` \| (.*) \|$", text))
    made = recipes()
    assert set(rows) == set(made) - {"help"}
    for target, row in rows.items():
        plain = re.match(r"`([^`]+)`", row)
        if plain is None or target in ("frameworks-figure", "watched-figure"):
            # Their interpreter is a path of make.
            continue
        recipe = " ".join(line.strip() for line in made[target])
        words = re.sub(r"(?:\S+/)?bin/(python|ruff|mypy|uv|scoring-theory)\b", r"\1", recipe)
        assert " ".join(plain[1].split()) in " ".join(words.replace("--quiet --u", "--u").split())
