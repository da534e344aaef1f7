"""Which tests run which lines: each file of tests in a fork of a process that has imported the
libraries, but nothing of this repository.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import json
import math
import os
import resource
import select
import signal
import struct
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.mutation.mutants import ROOT

LIBRARIES = (
    *("hypothesis.strategies", "hypothesis.extra.numpy", "matplotlib.pyplot", "numba.extending"),
    *("pyarrow.parquet", "rich.console", "rich.table", "scipy.optimize", "scipy.special"),
    *("scipy.stats", "sklearn.calibration", "sympy"),
)
QUIET = [
    "-x",
    *("-p", "no:cacheprovider"),
    *("-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
]
SLOWEST = 2.0
"""CPU seconds, under coverage: slower tests are not used."""
WALL = 1800
"""Seconds after which a process that waits for something else is ended; never reached so far."""

Map = dict[str, tuple[float, dict[str, list[int]]]]
"""Of each test: its CPU seconds, and the lines that it runs. Under the name of a file, which is no
test: the lines that run while it is imported."""


def prepare(*, plain: bool) -> None:
    """Import the libraries; with `plain`, numba leaves Python functions as they are."""
    if plain:
        os.environ["NUMBA_DISABLE_JIT"] = "1"
    for name in LIBRARIES:
        importlib.import_module(name)
    if plain:
        _interpret()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _interpret() -> None:
    """Kernels as Python functions: integers wrap as in the processor, and so does division."""
    import numba.extending

    machine: dict[str, Callable[..., Any]] = {
        "_fused": getattr(math, "fma", None) or _fma(),
        "_bits": lambda x: np.int64(struct.unpack("<q", struct.pack("<d", x))[0]),
        "_from_bits": lambda n: (
            np.uint64(np.int64(n)).view(np.float64)
            if isinstance(n, int)
            else np.asarray(n).view(np.float64)[()]
        ),
    }

    def njit(*functions: Any, **_: Any) -> Any:
        for function in functions:
            function.py_func = function
        return functions[0] if functions else njit

    numba.njit = njit
    numba.extending.intrinsic = lambda function: machine[function.__name__]
    np.seterr(all="ignore")


def _fma() -> Callable[..., float]:
    fma = ctypes.CDLL(None).fma
    fma.restype, fma.argtypes = ctypes.c_double, [ctypes.c_double] * 3
    return fma  # type: ignore[no-any-return]


def coverage_map(files: Sequence[str], modules: Sequence[str], state: Path) -> Map:
    """The tests of these files that pass, with what they run of the modules; kept in `state`.

    A file of tests is measured again when it has changed. Where a module has changed, the lines of
    its old text are found in the new one.
    """
    known = json.loads(state.read_text()) if state.exists() else {}
    texts = known.setdefault("texts", {})
    now = {module: digest_of([module]) for module in modules}
    for file in files:
        label = digest_of([file])
        if known.get(file, {}).get("digest") != label:
            found = child(lambda write, file=file: write(_measure(file, modules)))[1]
            if found is None:
                raise RuntimeError(f"{file}: its tests could not be measured")
            known[file] = {"digest": label, "tests": found, "modules": now}
            texts |= {label: (ROOT / module).read_text() for module, label in now.items()}
            state.write_text(json.dumps(known))
            print(f"{file}: {len(found)} tests", flush=True)
    tests: Map = {}
    for file in files:
        then = known[file]["modules"]
        moved = {
            module: _moved(texts[then[module]], (ROOT / module).read_text())
            for module in modules
            if then[module] != now[module]
        }
        for name, (seconds, lines) in known[file]["tests"].items():
            here = {m: sorted({y for x in xs for y in moved[m].get(x, ())}) if m in moved else xs
                    for m, xs in lines.items()}  # fmt: skip
            tests[name or file] = seconds, here
    return tests


def _moved(old: str, new: str) -> dict[int, range]:
    """Where the lines of a text are in another one; a line that changed, anywhere in its block."""
    found = {}
    blocks = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    for kind, a, b, c, d in blocks.get_opcodes():
        for x in range(a + 1, b + 1):
            found[x] = range(x + c - a, x + c - a + 1) if kind == "equal" else range(c + 1, d + 1)
    return found


def digest_of(files: Iterable[str]) -> str:
    """A digest of the texts of files."""
    return hashlib.sha256(b"".join((ROOT / file).read_bytes() for file in files)).hexdigest()[:16]


def _measure(file: str, modules: Sequence[str]) -> Map:
    import coverage

    places = {str(ROOT / module): module for module in modules}
    seen = coverage.Coverage(data_file=None, include=list(places), config_file=False)
    watch = _Watch(seen)
    seen.start()
    pytest.main([*QUIET[1:], "--continue-on-collection-errors", str(ROOT / file)], plugins=[watch])
    seen.stop()
    data, found = seen.get_data(), {}
    for name, seconds in {"": 0.0, **watch.passed}.items():
        data.set_query_context(name)
        lines = {module: sorted(data.lines(path) or ()) for path, module in places.items()}
        if any(lines.values()):
            found[name] = (round(seconds, 3), {k: v for k, v in lines.items() if v})
    return found


class TooSlowError(BaseException):
    """Not an `Exception`: hypothesis would repeat and shrink it."""


class _Watch:
    """Note which tests pass and what they cost; stop those that cost too much."""

    def __init__(self, seen: Any) -> None:
        self.seen, self.passed, self.failed = seen, dict[str, float](), set[str]()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.seen.switch_context(item.nodeid)
        signal.signal(signal.SIGPROF, self._stop)
        signal.setitimer(signal.ITIMER_PROF, SLOWEST)
        start = time.process_time()
        try:
            result = yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.passed[item.nodeid] = time.process_time() - start
        if item.nodeid in self.failed:
            del self.passed[item.nodeid]
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    @staticmethod
    def _stop(*_: object) -> None:
        raise TooSlowError


def child(work: Callable[[Callable[[Any], None]], int | None]) -> tuple[int, Any]:
    """Exit code and answer of a fork."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        errors, code = os.fdopen(os.dup(2), "w"), 9
        try:
            os.setsid()
            sink = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(sink, stream)
            with os.fdopen(write, "w") as pipe:
                code = work(lambda answer: print(json.dumps(answer), file=pipe)) or 0
        except BaseException:
            traceback.print_exc(file=errors)
            errors.flush()
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    waiting = os.pidfd_open(pid)
    if not select.select([waiting], [], [], WALL)[0]:
        os.killpg(pid, signal.SIGKILL)
    os.close(waiting)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, json.loads(answer) if answer else None
