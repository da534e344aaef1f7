"""The promises of SECURITY.md: no text is executed, nothing is connected, no program started."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("scoring_theory", "simulations", "proofs")
CONNECTING = {
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib",
    "socket", "socketserver", "ssl", "telnetlib", "urllib", "webbrowser", "xmlrpc",
}  # fmt: skip
AWAITING = str(Path("scoring_theory/checkers/asking.py"))
PROBED = str(Path("scoring_theory/probing/calling.py"))
"""The child of `check --python`: it awaits the functions of the user that are an `async def`."""
STARTING = {"multiprocessing", "pty", "subprocess"}
PROBING = {str(Path("scoring_theory/probing/child.py")): {"subprocess"}}
"""`check --python` starts Python itself, in which the user's file is executed, and nothing else."""
LISTENING = {str(Path("scoring_theory/classroom/serving.py")): {"http", "socketserver"}}
"""`classroom --serve` listens on this machine alone; `tests/classroom` tries it."""
UNPACKING = {"dill", "joblib", "marshal", "pickle", "shelve"}
EXECUTING = {
    "eval", "exec", "__import__", "parse_expr", "lambdify", "system", "popen", "execv",
    "spawnv", "read_pickle",
}  # fmt: skip


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple(
        (file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8")))
        for room in ROOMS
        for file in (ROOT / room).rglob("*.py")
    )


@cache
def imported(tree: ast.Module) -> set[str]:
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name.partition(".")[0] for name in found}


def called(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Calls by name; a method of `re` is none of those that execute."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                yield name, node
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if owner != "re":
                yield name, node


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        (CONNECTING, LISTENING | {AWAITING: {"asyncio"}, PROBED: {"asyncio"}}),
        (STARTING, PROBING),
        (UNPACKING, {}),
    ],
    ids=["connect", "start", "unpack"],
)
def test_nothing_is_imported_that_breaks_a_promise(names, allowed) -> None:
    assert {
        str(file): imported(tree) & names for file, tree in trees() if imported(tree) & names
    } == allowed


def test_the_one_program_that_is_started_is_python() -> None:
    """What runs in it is `calling.py` of this package, which no other module imports to load files;
    its tests are in tests/scoring_theory/test_probe_child.py.
    """
    (tree,) = (tree for file, tree in trees() if str(file) in PROBING)
    started = [call for _, call in called(tree) if ast.unparse(call.func) == "subprocess.Popen"]
    assert [ast.unparse(call.args[0]) for call in started] == [
        "[sys.executable, '-B', calling.__file__]"
    ]
    loading = [
        str(file) for file, tree in trees()
        if any(isinstance(node, ast.Attribute) and node.attr == "exec_module"
               for node in ast.walk(tree))
    ]  # fmt: skip
    assert loading == [PROBED]


def test_asynchronous_judges_are_awaited_and_nothing_is_connected() -> None:
    """Whatever a judge connects to is the user's; of `asyncio` only the waiting is used."""
    (tree,) = (tree for file, tree in trees() if str(file) == AWAITING)
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncio"
    }
    assert used == {"AbstractEventLoop", "gather", "new_event_loop", "run_coroutine_threadsafe"}


def test_no_text_is_executed() -> None:
    found = [
        f"{file}:{call.lineno}"
        for file, tree in trees()
        for name, call in called(tree)
        if name in EXECUTING
    ]
    assert found == []
    loose = [
        str(file) for file, tree in trees() for name, call in called(tree)
        if name == "sympify" and not any(word.arg == "strict" for word in call.keywords)
    ]  # fmt: skip
    assert loose == []  # strict: a text is refused


def test_no_command_asks_the_network(tmp_path) -> None:
    script = """
import sys
asked = []
sys.addaudithook(lambda event, _: asked.append(event) if event.startswith("socket.") else None)
from scoring_theory.cli import main
for words in (["check", "c - (q - c)^2", "--certificate", "proof.json"], ["verify", "proof.json"],
              ["rules"], ["replay"],
              ["export", "c - (q - c)^2", "-o", "reward.py", "--framework", "trl"]):
    assert main(words) == 0, words
assert not asked, asked
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True,
        encoding="utf-8", check=False, env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
