"""The floors of the packages: who may import whom, read from the syntax trees, and what an import
costs.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("proofs", "scoring_theory", "simulations")
NAMED = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
"""A string that names a module, as `importlib.import_module` takes it."""
# From the ground up; a room imports rooms before it, for type checkers and inside functions as
# well.
FLOORS = {
    "proofs": ("kernel", "trees", "floats", "quantity", "search", "certificates", "coq", "to_coq"),
    "scoring_theory": (
        "naming",
        "spelling",
        "versions",
        "files",
        "printable",
        "display",
        "pages",
        "readers",
        "checkers",
        "expression",
        "verdict",
        "reward",
        "optimality",
        "catalogue",
        "thresholds",
        "advantage",
        "configs",
        "checking",
        "teaching",
        "designing",
        "calibration",
        "rollouts",
        "replaying",
        "cards",
        "adapters",
        "watching",
        "demo_model",
        "probing",
        "plotting",
        "classroom",
        "cli",
    ),
    "simulations": (
        "worlds",
        "training",
        "metrics",
        "policies",
        "agents",
        "signals",
        "transformer",
        "meanfield",
        "decisions",
        "experiment",
        "record",
        "running",
        "standard",
        "trained_card",
        "contest",
        "sweep",
        "laboratory",
        "fitting",
        "evidence",
        "figures",
        "gallery",
        "cli",
    ),
}
HEAVY = ("numpy", "scipy", "sympy", "matplotlib", "numba", "rich", "tueplots", "pyarrow")
DRAWING = ("matplotlib", "tueplots")
SAME_NAME = {
    # The operations of formulas: `proofs.kernel` computes them exactly, `proofs.floats` in floats.
    # Exported files contain the functions of `proofs.floats` under the names of the formula.
    "beta_cdf": {"proofs.floats", "proofs.kernel.functions"},
    "exp": {"proofs.floats", "proofs.kernel.functions"},
    "power": {"proofs.floats", "proofs.kernel.functions"},
    "whole_power": {"proofs.floats", "proofs.kernel.normal_form"},
    # The logarithm, likewise, and the logarithmic score: every text on scoring calls both `log`.
    "log": {"proofs.floats", "proofs.kernel.functions", "scoring_theory.catalogue"},
    # The entry points of three programs; packaging tools and readers expect this name.
    "main": {"proofs.__main__", "scoring_theory.cli", "simulations.cli"},
}
"""The public names that more than one module defines, and why a rename would be worse."""
FRAMEWORKS = ("trl", "verl", "openrlhf", "verifiers", "torch", "transformers", "datasets", "ray")


@dataclass(frozen=True)
class Import:
    """One import of one file; `lazy` when it does not run as the file is loaded."""

    importer: str
    imported: str
    lazy: bool
    where: str

    @property
    def top(self) -> str:
        return self.imported.partition(".")[0]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[Import]:
    """Every import: at the top, inside functions, for type checkers alone, and by a module's name
    in a string.
    """
    module, is_package = module_of(path), path.name == "__init__.py"
    file = path.relative_to(ROOT)

    def visit(node: ast.AST, lazy: bool) -> Iterator[Import]:
        typed = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.iter_child_nodes(node):
            where = f"{file}:{getattr(child, 'lineno', 0)}"
            if isinstance(child, ast.Import):
                yield from (Import(module, alias.name, lazy, where) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = _base(module, is_package, child)
                yield from (
                    Import(module, f"{base}.{alias.name}", lazy, where) for alias in child.names
                )
            elif isinstance(child, ast.Constant) and isinstance(child.value, str):
                if NAMED.fullmatch(child.value):
                    yield Import(module, child.value, True, where)
            else:
                inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from visit(child, lazy or inside or typed)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), False)


def _base(module: str, is_package: bool, node: ast.ImportFrom) -> str:
    if not node.level:
        return str(node.module)
    parts = module.split(".")
    parent = parts[: len(parts) - node.level + is_package]
    return ".".join([*parent, *([node.module] if node.module else [])])


@cache
def every_import() -> tuple[Import, ...]:
    """Read when the first test asks: each worker collects this file, and one runs it."""
    return tuple(
        found
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for found in imports_of(path)
    )


def room(name: str) -> str:
    return ".".join(name.split(".")[:2])


def floor(name: str) -> int | None:
    """The height of a room: packages one above the other, rooms in order within; None for a package
    itself.
    """
    package, _, rest = name.partition(".")
    head = rest.partition(".")[0]
    if package not in FLOORS or head not in FLOORS[package]:
        return None
    return 100 * PACKAGES.index(package) + FLOORS[package].index(head)


def test_it_reads_the_code_at_all() -> None:
    assert len(every_import()) > 100
    assert any(found.lazy for found in every_import())


def test_every_room_has_a_floor() -> None:
    rooms = {
        room(module_of(path)) for package in PACKAGES for path in (ROOT / package).rglob("*.py")
    }
    without = {name for name in rooms if floor(name) is None}
    new = without - {*PACKAGES, *(f"{package}.__main__" for package in PACKAGES)}
    assert not new, f"say in FLOORS where {', '.join(sorted(new))} stands"


def test_proofs_stand_on_the_standard_library_alone() -> None:
    outside = [found for found in every_import() if found.importer.partition(".")[0] == "proofs"
               and found.top not in (*sys.stdlib_module_names, "proofs")]  # fmt: skip
    assert outside == []


def test_each_floor_imports_only_floors_below_it() -> None:
    wrong = []
    for found in every_import():
        here, there = floor(found.importer), floor(found.imported)
        if (
            here is None
            or there is None
            or room(found.importer) == room(found.imported)
            or there < here
        ):
            continue
        wrong.append(f"{found.where}: {found.importer} imports {found.imported}")
    assert wrong == []


def test_no_file_imports_itself_by_way_of_others() -> None:
    """No circle between files, however lazy: inside a room, and through `__init__`, as well."""
    files = {module_of(path) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    edges: dict[str, set[str]] = {name: set() for name in files}
    for found in every_import():
        target = found.imported if found.imported in files else found.imported.rpartition(".")[0]
        if target in files and target != found.importer:
            edges[found.importer].add(target)
    assert list(circles(edges)) == []


def circles(edges: dict[str, set[str]]) -> Iterator[list[str]]:
    """What is left of a graph when everything that starts or ends nothing has been taken away,
    again and again.
    """
    left = dict(edges)
    while left:
        ends = {name for name, targets in left.items() if not targets & left.keys()}
        if not ends:
            yield sorted(left)
            return
        left = {name: targets for name, targets in left.items() if name not in ends}


def test_a_public_name_has_one_meaning() -> None:
    """Rename one of two things with the same name, make it private, or give the reason in
    `SAME_NAME`.
    """
    homes: dict[str, set[str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in public_names(ast.parse(path.read_text(encoding="utf-8"))):
                homes.setdefault(name, set()).add(module_of(path))
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == SAME_NAME


def public_names(module: ast.Module | ast.If) -> Iterator[str]:
    """What a module defines at its top level, branches of `if` included."""
    for node in module.body:
        if isinstance(node, ast.If):
            yield from public_names(node)
            continue
        targets = [*getattr(node, "targets", ()), getattr(node, "target", None)]
        stored = [each.id for target in targets if target is not None for each in ast.walk(target)
                  if isinstance(each, ast.Name)]  # fmt: skip
        defined = isinstance(node, ast.FunctionDef | ast.ClassDef)
        yield from (name for name in ([node.name] if defined else stored) if name[0] != "_")


def test_only_plotting_and_figures_draw() -> None:
    drawing = {room(found.importer) for found in every_import() if found.top in DRAWING}
    assert drawing <= {"scoring_theory.plotting", "simulations.figures"}


def test_adapters_import_no_framework_and_nothing_heavy() -> None:
    mine = [found for found in every_import() if room(found.importer) == "scoring_theory.adapters"]
    foreign = [found for found in every_import() if found.top in FRAMEWORKS]
    # The small transformer is made of PyTorch, an extra, which one function imports.
    assert {(one.importer, one.top, one.lazy) for one in foreign} == {
        ("simulations.transformer.network", "torch", True)
    }
    allowed = {*sys.stdlib_module_names, "proofs", "scoring_theory"}
    assert {found.top for found in mine if not found.lazy} <= allowed
    assert {found.top for found in mine} <= {*allowed, "math_verify"}


def test_data_flows_one_way() -> None:
    """A figure never runs a simulation, a metric never sees an agent, a world never knows its
    experiment.
    """
    known = {(room(found.importer), room(found.imported)) for found in every_import()}
    assert ("simulations.metrics", "simulations.agents") not in known
    assert ("simulations.figures", "simulations.experiment") not in known
    assert {there for here, there in known if here == "simulations.worlds"} & set(FLOORS) == set()
    below = {
        there
        for here, there in known
        if here == "simulations.worlds" and there.startswith("simulations.")
    }
    assert below <= {"simulations.worlds"}


@pytest.mark.parametrize(
    "code",
    [
        "import scoring_theory",
        "import scoring_theory.adapters, scoring_theory.reward, scoring_theory.catalogue",
        "from simulations.cli import main; assert main(['check', 'c - (q - c)**2', '--json']) == 0",
        "from simulations.cli import main; assert main(['check', '-abs(q - c)']) == 1",
    ],
)
def test_what_should_be_light_is(code: str) -> None:
    probe = (
        f"import sys; {code}; print([name for name in {HEAVY!r} if name in sys.modules],"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_no_tracked_file_knows_the_machine_it_was_made_on() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    forbidden = [b"/" + b"work/", b"/" + b"root/", b"/" + b"tmp/", b".." + b"/shared"]
    found = {}
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and name != ".ci/run":
            text = path.read_bytes()
            if any(word in text for word in forbidden):
                found[name] = [word for word in forbidden if word in text]
    assert found == {}
