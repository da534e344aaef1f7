"""Several modules as one text, with only the definitions and imports that are needed."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from inspect import getsource
from types import ModuleType

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
_WIDTH = 88
_LEFT_OUT = ("scoring_theory", "proofs", "__future__")


@dataclass(frozen=True)
class _Piece:
    """A top-level statement of a module: the name it defines, the names it uses, and its text."""

    defines: str
    uses: frozenset[str]
    text: str


def bundle(modules: Iterable[ModuleType], body: str, *, imports: str = "") -> str:
    """The imports and definitions of some modules that `body` needs, followed by `body`.

    The result imports only the standard library: imports from this package are replaced by the
    definitions themselves, which come first, and imports for type checkers and from `__future__`
    are omitted. Of each docstring the first paragraph is kept.

    Args:
        modules: the modules, each after those that it imports.
        body: Python source.
        imports: imports from the standard library that `body` may need.

    Raises:
        ValueError: two modules define a name differently.

    Example:
        >>> from proofs import floats
        >>> print(bundle([floats], "root = sqrt(0.25)").splitlines()[3])
        def sqrt(x: float) -> float:
    """
    by_module = {module: list(_pieces(getsource(module))) for module in modules}
    _require_distinct(by_module.values())
    pieces = [*_pieces(imports), *(piece for held in by_module.values() for piece in held)]
    needed = set(_globals(body))
    while (
        more := {name for piece in pieces if piece.defines in needed for name in piece.uses}
        - needed
    ):
        needed |= more
    kept = [piece.text for piece in pieces if piece.defines in needed]
    lines = {text for text in kept if text.startswith(("import ", "from "))}
    definitions = [text for text in kept if text not in lines]
    constants = [text for text in definitions if "\n" not in text]
    first, *others = [*_joined(definitions, constants), body]
    used = "\n".join(_sorted_imports(lines))
    apart = "\n\n\n" if first.startswith(("def ", "class ", "@", "async ")) else "\n\n"
    return "\n\n\n".join([f"{used}{apart}{first}" if used else first, *others]) + "\n"


def _sorted_imports(lines: Iterable[str]) -> list[str]:
    """Imports in the order and the lines of isort, as ruff's defaults want them."""
    plain = sorted(text for text in lines if text.startswith("import"))
    members: dict[str, set[str]] = {}
    for text in lines:
        if text.startswith("from"):
            _, module, _, name = text.split()
            members.setdefault(module, set()).add(name)
    found = []
    for module in sorted(members):
        names = sorted(
            members[module], key=lambda name: (not name.isupper(), name[0].islower(), name)
        )
        line = f"from {module} import {', '.join(names)}"
        if len(line) > _WIDTH:
            inside = "".join(f"    {name},\n" for name in names)
            line = f"from {module} import (\n{inside})"
        found.append(line)
    return [*plain, *found]


def _require_distinct(modules: Iterable[list[_Piece]]) -> None:
    """Check that a name has one definition: in one file, the later would replace the earlier.

    Raises:
        ValueError: two modules define a name differently.
    """
    known: dict[str, set[str]] = {}
    for pieces in modules:
        here: dict[str, set[str]] = {}
        for piece in pieces:
            here.setdefault(piece.defines, set()).add(piece.text)
        for name, texts in here.items():
            if known.setdefault(name, texts) != texts:
                raise ValueError(f"two modules of one file define {name!r}: rename one")


def _joined(definitions: Iterable[str], constants: Collection[str]) -> list[str]:
    """The definitions as blocks; consecutive constants are one block."""
    blocks: list[str] = []
    for text in definitions:
        if text in constants and blocks and blocks[-1].rpartition("\n")[2] in constants:
            blocks[-1] += f"\n{text}"
        else:
            blocks.append(text)
    return blocks


@cache
def _pieces(source: str) -> tuple[_Piece, ...]:
    """The top-level statements of a module; modules do not change while Python runs."""
    return tuple(_each_piece(source))


def _each_piece(source: str) -> Iterator[_Piece]:
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _imports(statement)
        elif isinstance(statement, _DEFINITIONS):
            start = min(
                [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]
            )
            text = _shortened(lines, start, statement)
            yield _Piece(_defined(statement), frozenset(_globals(text)), text)


def _shortened(lines: list[str], start: int, statement: _Definition) -> str:
    """The text of a definition, with the first paragraph of each docstring."""
    kept = dict(enumerate(lines[start - 1 : statement.end_lineno], start))
    for node in ast.walk(statement):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = node.body[0]
        last = first.end_lineno or first.lineno
        if ast.get_docstring(node) is None or last == first.lineno:
            continue
        paragraph = first.lineno
        while paragraph < last and kept[paragraph + 1].strip() not in ("", '"""'):
            paragraph += 1
        kept[paragraph] += '"""'
        for row in range(paragraph + 1, last + 1):
            del kept[row]
    return "\n".join(kept.values())


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[_Piece]:
    """One piece per imported name, without imports from this package and `__future__`."""
    if isinstance(statement, ast.ImportFrom):
        if (statement.module or "").partition(".")[0] not in _LEFT_OUT:
            for alias in statement.names:
                yield _Piece(
                    alias.name, frozenset(), f"from {statement.module} import {alias.name}"
                )
        return
    for alias in statement.names:
        yield _Piece(alias.name, frozenset(), f"import {alias.name}")


def _defined(statement: _Definition) -> str:
    if isinstance(statement, ast.Assign):
        (target,) = statement.targets
        return ast.unparse(target)
    return ast.unparse(statement.target) if isinstance(statement, ast.AnnAssign) else statement.name


def _globals(source: str) -> Iterator[str]:
    """The names that a text takes from its module, without parameters and local variables."""

    def inside(scope: symtable.SymbolTable) -> Iterator[str]:
        top = scope.get_type() == "module"
        for symbol in scope.get_symbols():
            if symbol.is_global() or (top and symbol.is_referenced()):
                yield symbol.get_name()
        for child in scope.get_children():
            yield from inside(child)

    return inside(symtable.symtable(source, "bundle", "exec"))
