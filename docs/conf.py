"""How Sphinx builds the documentation: `make docs`, into out/docs, without a network.

The sources are the Markdown files of the whole repository, so that every link works both here and
where the files are read as they are. Formulas become MathML, which browsers show without scripts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from latex2mathml.converter import convert

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata
    from sphinx.writers.html5 import HTML5Translator

project = "scoring-theory"
author = "The scoring-theory developers"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_external_toc",
]
external_toc_path = "docs/contents.yml"
include_patterns = [
    "*.md",
    "docs/**.md",
    "notebooks/*.ipynb",
    "proofs/**.md",
    "scoring_theory/calibration/EDGE_CASES.md",
]
exclude_patterns = ["**/.*", "out", "build"]

html_theme = "furo"
html_title = "scoring-theory"
html_copy_source = False
html_show_copyright = False
html_extra_path = ["index.html"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_theme_options = {"navigation_with_keys": True}

nb_execution_mode = "off"  # notebooks are executed by `make notebooks`
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
# A theorem has the same level of heading, "####", in every section of docs/theory.md.
suppress_warnings = ["myst.header"]

# Names in docstrings stand between single backticks.
default_role = "literal"
add_module_names = False
autodoc_default_options = {"members": True}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_use_ivar = True

SECTIONS = {"Args", "Attributes", "Example", "Examples", "Note", "Raises", "Returns", "Yields"}


def _keep_layout(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Show an indented block of a docstring, such as a table or an equation, as it was typed."""
    result: list[str] = []
    in_section = in_block = False
    for line in lines:
        indented = line.startswith("    ")
        if line and not indented:
            in_section = line.removesuffix(":") in SECTIONS and line.endswith(":")
            in_block = False
        after_blank = not result or not result[-1]
        if indented and after_blank and not (in_section or in_block) and ">>>" not in line:
            result += ["::", ""]
            in_block = True
        result.append(line if in_block or ">>>" in line else _escaped(line))
    lines[:] = result


def _escaped(line: str) -> str:
    """A line of prose in which bars, stars and final underscores are themselves, as in |q - p|."""
    outside = line.split("`")[::2]
    outside = [
        re.sub(r"[|*]|(?<=\w)_(?!\w)", lambda found: f"\\{found[0]}", part) for part in outside
    ]
    inside = [f"`{part}`" for part in line.split("`")[1::2]]
    return "".join(part for pair in zip(outside, [*inside, ""], strict=False) for part in pair)


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f"<div>{convert(node.astext(), display='block')}</div>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the renderer of formulas, and what is done to docstrings before they are read."""
    app.connect("autodoc-process-docstring", _keep_layout, priority=400)  # before napoleon
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
