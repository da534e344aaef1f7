"""Whether the tests notice a mutant: each is tried in a fork, with limits of CPU time, so that no
result depends on what else the machine does.

A mutant inside of a function is put into the functions of a process that has collected the tests
(`Warm`). Any other one is imported by a new process (`cold`), and so is one that survives, if its
line runs while modules are imported, and one whose function that process does not hold.
"""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import math
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutation.coverage_map import QUIET, Map, child
from tests.mutation.mutants import ROOT, Mutant

IMPORTS = "does not import"
NOT_IMPORTED, NOT_PUT = 77, 78
"""Exit codes."""
OURS = ("proofs.", "scoring_theory.", "simulations.")


class Area:
    """The tests of an area, and which of them run which lines."""

    def __init__(self, tests: Map, budget: float) -> None:
        self.tests = {name: test for name, test in tests.items() if "::" in name}
        self.budget, self.imported = budget, set[tuple[str, int]]()
        for _, lines in (test for name, test in tests.items() if "::" not in name):
            self.imported |= {(file, line) for file, those in lines.items() for line in those}
        cases, cost = Counter[str](), dict[str, float]()
        for name in sorted(self.tests, key=lambda name: self.tests[name][0]):
            cost[name] = self.tests[name][0] + 0.02 * cases[name.partition("[")[0]]
            cases[name.partition("[")[0]] += 1
        self.order = sorted(cost, key=lambda name: cost[name])

    def chosen(self, mutant: Mutant) -> dict[str, float]:
        """The tests that run its line within the budget, the quick ones first; each further case of
        the same function counts as 0.02 s slower.

        For a line outside of functions, those that run the function that it defines, or else any
        function of the file.
        """
        here, left, found = lines_of(mutant.file, mutant.line), self.budget, dict[str, float]()
        for name in self.order:
            seconds, lines = self.tests[name]
            fits = seconds + 0.002 <= left or not found
            if fits and not here.isdisjoint(lines.get(mutant.file, ())):
                left, found[name] = left - seconds - 0.002, seconds
        return found


def lines_of(file: str, line: int) -> frozenset[int]:
    """The line, if it is in the body of a function; the body, if it is above one; or all bodies."""
    inside = function_lines(file)
    if line in inside:
        return frozenset([line])
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first <= line < node.body[0].lineno:
                return inside & set(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
    return inside


@functools.cache
def function_lines(file: str) -> frozenset[int]:
    """The lines of the bodies of functions."""
    nodes = ast.walk(ast.parse((ROOT / file).read_text()))
    functions = (n for n in nodes if isinstance(n, ast.FunctionDef))
    return frozenset(x for n in functions for x in range(n.body[0].lineno, (n.end_lineno or 0) + 1))


def cold(mutant: Mutant, chosen: dict[str, float]) -> dict[str, Any]:
    """Try a mutant in a process that imports it."""
    files = sorted({name.partition("::")[0] for name in chosen})

    def attack() -> int:
        path, original = str(ROOT / mutant.file), SourceFileLoader.get_code

        def get_code(self: SourceFileLoader, name: str) -> Any:
            ours = self.path == path
            return compile(mutant.source, path, "exec") if ours else original(self, name)

        SourceFileLoader.get_code = get_code
        allow(20.0)
        try:
            importlib.import_module(mutant.module)
        except Exception:
            return NOT_IMPORTED
        paths = [str(ROOT / file) for file in files]
        return int(pytest.main([*QUIET, *paths], plugins=[_Only(chosen)])) if files else 0

    return _outcome(attack, len(chosen))


class _Only:
    """Only these tests, in this order, each with ten times its time and two seconds."""

    def __init__(self, tests: dict[str, float]) -> None:
        self.tests = tests

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        place = {name: i for i, name in enumerate(self.tests)}
        items[:] = sorted((i for i in items if i.nodeid in place), key=lambda i: place[i.nodeid])

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        allow(2 + 10 * self.tests[item.nodeid])


class Warm:
    """A plugin that collects the tests once, and tries mutants instead of running the tests."""

    def __init__(self, area: Area, pending: Sequence[Mutant], note: Callable[..., None]) -> None:
        self.area, self.pending, self.note = area, pending, note

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        gc.unfreeze()  # what is frozen, as conftest.py does, is not among the objects
        objects = gc.get_objects()
        functions = [x for x in objects if type(x) is FunctionType]
        caches = [x for x in objects if isinstance(x, functools._lru_cache_wrapper)]
        ours = [x for x in caches if str(x.__module__).startswith(OURS)]
        del objects
        gc.freeze()
        for mutant in self.pending:
            chosen = self.area.chosen(mutant)

            def attack(mutant: Mutant = mutant, chosen: dict[str, float] = chosen) -> int:
                allow(20.0)
                for cache in ours:
                    cache.cache_clear()
                if not put(mutant, functions):
                    return NOT_PUT
                queue = [items[name] for name in chosen if name in items]
                for item, following in zip(queue, [*queue[1:], None], strict=True):
                    allow(2 + 10 * chosen[item.nodeid])
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                    if session.testsfailed:
                        return 1
                return 0

            found = _outcome(attack, len(chosen))
            self.note(mutant, cold(mutant, chosen) if found["code"] == NOT_PUT else found)
        return True


def put(mutant: Mutant, functions: Sequence[FunctionType]) -> bool:
    """Give every function of the file that differs its new code; whether there was one."""
    path = str(ROOT / mutant.file)
    old, new = (
        {(c.co_qualname, c.co_firstlineno): c for c in codes(compile(text, path, "exec"))}
        for text in ((ROOT / mutant.file).read_text(), mutant.source)
    )
    found = False
    for function in functions:
        code = function.__code__
        label = (code.co_qualname, code.co_firstlineno)
        if code.co_filename == path and label in new and new[label] != old[label]:
            function.__code__, found = new[label], True
    return found


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code object and all inside of it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def _outcome(attack: Callable[[], int], tests: int) -> dict[str, Any]:
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = child(lambda _: attack())[0]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = used.ru_utime + used.ru_stime - start.ru_utime - start.ru_stime
    known = {0: "survived", NOT_IMPORTED: IMPORTS, -signal.SIGXCPU: "timeout"}
    result = known.get(code, "killed")
    return {"result": result, "code": code, "tests": tests, "seconds": round(spent, 2)}


def allow(seconds: float) -> None:
    """End this process after so much more CPU time, or if it takes more than 8 GB."""
    limit = math.ceil(time.process_time() + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, resource.RLIM_INFINITY))
