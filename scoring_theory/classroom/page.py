"""The page: one HTML file with its style, its scripts and the proved catalogue in it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from proofs.kernel.formula import ARITY, LEVELS
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.catalogue.entry import KIND_TITLES
from scoring_theory.classroom.proved_entries import proved_entry
from scoring_theory.expression import notation
from scoring_theory.files import write
from scoring_theory.versions import version_of

PAGE = "index.html"
CERTIFICATES = "certificates"
SCRIPTS = (
    "formula.js", "notation.js", "limits.js", "reward.js", "bandit.js", "game.js", "calibration.js",
    "drawing.js", "reward_section.js", "verdicts.js", "game_section.js", "training_section.js",
    "data_section.js", "begin.js",
)  # fmt: skip
"""The scripts of the page, in the order in which they run."""
GRAMMAR_WORDS = (*ARITY, *LEVELS, "^", "not", "if", "else")
"""Every word and sign of the grammar; the page says which of them its own parser does not offer."""


def classroom_files() -> dict[str, bytes]:
    """The content of every file of the folder, by its name in it.

    Every entry of the catalogue is checked anew, which takes some seconds.

    Example:
        >>> import scoring_theory.classroom.page as page
        >>> page.page_part("game.js").startswith('"use strict";')
        True
    """
    proved = {key: proved_entry(entry) for key, entry in CATALOGUE.items()}
    content = {f"{CERTIFICATES}/{key}.json": file for key, (_, file) in proved.items()}
    catalogue = {
        "kinds": dict(KIND_TITLES),
        "words": list(GRAMMAR_WORDS),
        "notation": _notation(),
        "columns": {
            "confidence": ["confidence", *notation.CONFIDENCE_WORDS, *notation.FORECAST_WORDS, "q"],
            "correct": ["correct", *notation.CORRECT_WORDS, *notation.OUTCOME_WORDS, "c"],
        },
        "entries": [data for data, _ in proved.values()],
    }
    return {PAGE: _page(json.dumps(catalogue)).encode(), **content}


def write_classroom(folder: str | Path) -> Path:
    """Write the page and the certificates of the catalogue into a folder.

    Args:
        folder: The folder; it is made if it does not exist.

    Returns:
        The path of the page, which any browser opens without a server or a network.

    Raises:
        OSError: A file cannot be written.

    Example:
        >>> from scoring_theory.classroom import write_classroom
        >>> write_classroom("/no/such/place")  # doctest: +SKIP
    """
    for name, content in classroom_files().items():
        write(Path(folder) / name, content)
    return Path(folder) / PAGE


def page_part(name: str) -> str:
    """The text of a file of this folder, such as a script.

    Example:
        >>> page_part("page.html").splitlines()[0]
        '<!DOCTYPE html>'
    """
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _page(catalogue: str) -> str:
    style = page_part("style.css").replace("{{colours}}", _colours())
    script = "\n".join(page_part(name) for name in SCRIPTS)
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "style": style,
        "script": script,
        "version": version_of(),
        # A closing tag inside a text would end the element; JSON may write "/" as "\/".
        "catalogue": catalogue.replace("</", "<\\/"),
    }
    page = page_part("page.html")
    for name, text in parts.items():
        page = page.replace("{{" + name + "}}", text, 1)
    return page


def _notation() -> dict[str, Any]:
    """The tables of `scoring_theory.expression.notation` that notation.js reads."""
    tex = {**notation.TEX_WORDS, **notation.TEX_GREEK}
    tex |= {name: name[1:] for name in notation.TEX_FUNCTIONS}
    return {
        "letters": {**notation.SIGNS, **notation.GREEK},
        "raised": {chr(sign): chr(digit) for sign, digit in notation.RAISED.items()},
        "signs": tex,
        "spaces": sorted(notation.TEX_SPACE),
        "words": {
            **dict.fromkeys(notation.WRONG_WORDS, "(1 - c)"),
            **dict.fromkeys(notation.CORRECT_WORDS, "c"),
            **dict.fromkeys(notation.CONFIDENCE_WORDS, "q"),
        },
        "ambiguous": [*notation.OUTCOME_WORDS, *notation.FORECAST_WORDS],
        "indicators": list(notation.INDICATORS),
        "greek": [*notation.GREEK.values(), "lambda"],
        "functions": notation.FUNCTIONS,
    }


def _colours() -> str:
    """The colours of the package's figures as properties of the style."""
    from scoring_theory.plotting.style import OKABE_ITO

    return "\n".join(f"  --{name}: {code};" for name, code in OKABE_ITO.items())


def _hash(text: str) -> str:
    """The source expression of a policy that allows this text alone."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
