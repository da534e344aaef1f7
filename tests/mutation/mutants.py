"""The mutants of an area: what cosmic-ray changes, what of it counts, and a seeded order."""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """One change of one file. The key depends on the changed line, not on the lines around it."""

    file: str
    line: int
    operator: str
    occurrence: int
    key: str

    @cached_property
    def source(self) -> str:
        """The whole file with the change."""
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        operator = get_operator(self.operator)()
        return str(mutate_code((ROOT / self.file).read_text(), operator, self.occurrence))

    @property
    def module(self) -> str:
        """The name under which it is imported."""
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def counts(self) -> bool:
        """Whether it compiles and changes more than docstrings, annotations and error messages."""
        try:
            changed = program(self.source)
        except (SyntaxError, ValueError):
            return False
        return changed != program((ROOT / self.file).read_text())

    def change(self) -> str:
        """The changed lines, before and after."""
        texts = (ROOT / self.file).read_text(), self.source
        lines = list(unified_diff(*(text.splitlines() for text in texts), n=0, lineterm=""))[3:]
        old, new = (" ".join(x[1:].strip() for x in lines if x[0] == sign) for sign in "-+")
        return f"{old}  →  {new}"


def mutants(files: Iterable[str], excluded: Sequence[str], seed: int) -> list[Mutant]:
    """All mutants of these files, in the order of a digest of seed, file, operator and line."""
    found = [one for file in files for one in _of_file(file, re.compile("|".join(excluded)), seed)]
    return sorted(found, key=lambda one: one.key)


def _of_file(file: str, excluded: re.Pattern[str], seed: int) -> Iterator[Mutant]:
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    text = (ROOT / file).read_text()
    nodes, lines, seen = list(ast_nodes(get_ast(text))), text.splitlines(), Counter[str]()
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments() or excluded.match(name):
            continue
        places = (place for node in nodes for place in operator().mutation_positions(node))
        for occurrence, (start, _) in enumerate(places):
            label = f"{seed} {file} {name} {lines[start[0] - 1].strip()}"
            seen[label] += 1
            key = hashlib.sha256(f"{label} {seen[label]}".encode()).hexdigest()[:16]
            yield Mutant(file, start[0], name, occurrence, key)


def program(source: str) -> str:
    """A program without docstrings, annotations, overloads, imports for types, texts of errors."""
    return ast.dump(_Strip().visit(ast.parse(source)))


class _Strip(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> Any:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        node.annotation = ast.Constant(0)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> Any:
        node.annotation = None
        return node

    def visit_arguments(self, node: ast.arguments) -> Any:  # cosmic-ray takes `*,` for a product
        node.args = [*node.posonlyargs, *node.args, *node.kwonlyargs]
        node.defaults = [*node.defaults, *(x for x in node.kw_defaults if x)]
        node.posonlyargs, node.kwonlyargs, node.kw_defaults = [], [], []
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns = None
        declared = ast.unparse(node.body) == "..."  # an overload, or a method of a protocol
        return None if declared else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> Any:
        return None if "TYPE_CHECKING" in ast.dump(node.test) else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> Any:
        if isinstance(node.exc, ast.Call):
            node.exc = node.exc.func
        return self.generic_visit(node)
