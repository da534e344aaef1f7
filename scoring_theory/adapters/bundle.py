"""Several modules as one text, with only the definitions and imports that are needed."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from inspect import getsource
from types import ModuleType

_LEFT_OUT = ("scoring_theory", "proofs", "__future__")


@dataclass(frozen=True)
class _Piece:
    """A top-level statement of a module: the name it defines, the names it uses, and its text."""

    defines: str
    uses: frozenset[str]
    text: str


def bundle(modules: Iterable[ModuleType], body: str) -> str:
    """The imports and definitions of some modules that `body` needs, followed by `body`.

    The result imports only the standard library: imports from this package are replaced by the
    definitions themselves, which come first, and imports for type checkers and from `__future__`
    are omitted.

    Args:
        modules: the modules, each after those that it imports.
        body: Python source.

    Example:
        >>> from proofs import floats
        >>> print(bundle([floats], "root = sqrt(0.25)").splitlines()[3])
        def sqrt(x: float) -> float:
    """
    pieces = [piece for module in modules for piece in _pieces(getsource(module))]
    needed = set(_names(ast.parse(body)))
    while (
        more := {name for piece in pieces if piece.defines in needed for name in piece.uses}
        - needed
    ):
        needed |= more
    kept = [piece.text for piece in pieces if piece.defines in needed]
    lines = {text for text in kept if text.startswith(("import ", "from "))}
    plain = sorted(text for text in lines if text.startswith("import"))
    from_imports = sorted(text for text in lines if text.startswith("from"))
    definitions = [text for text in kept if text not in lines]
    constants = [text for text in definitions if "\n" not in text]
    blocks = ["\n".join([*plain, *from_imports]), *_joined(definitions, constants), body]
    return "\n\n\n".join(block for block in blocks if block) + "\n"


def _joined(definitions: Iterable[str], constants: Collection[str]) -> list[str]:
    """The definitions as blocks; consecutive constants are one block."""
    blocks: list[str] = []
    for text in definitions:
        if text in constants and blocks and blocks[-1].rpartition("\n")[2] in constants:
            blocks[-1] += f"\n{text}"
        else:
            blocks.append(text)
    return blocks


def _pieces(source: str) -> Iterator[_Piece]:
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _imports(statement)
        elif isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Assign):
            start = min(
                [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]
            )
            text = "\n".join(lines[start - 1 : statement.end_lineno])
            yield _Piece(_defined(statement), frozenset(_names(statement)), text)


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


def _defined(statement: ast.FunctionDef | ast.ClassDef | ast.Assign) -> str:
    if isinstance(statement, ast.Assign):
        (target,) = statement.targets
        return ast.unparse(target)
    return statement.name


def _names(tree: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
