"""Where the package runs: every Python here, oldest and newest libraries, unusual settings.

    make portability        (or: python -m tests.programs.portability [--environments FOLDER])

A source distribution is built, a wheel from it, and the wheel goes into bare environments, from
wheels alone: nothing is compiled, nothing else is there. Each runs the same small jobs, the first
and the last also in settings that our own machines never show: ASCII, no home, no place for caches,
another time zone. The jobs must succeed and say the same, a sweep must have the same bits whenever
the libraries are the same. The rows are one table; the exit code is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "scoring_theory", "simulations", "proofs")
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}
LIBRARIES = ("numpy", "scipy", "sympy", "matplotlib", "numba")
FORMULA = "c - (q - c)^2"
SWEEP = """
import json, sys
from scoring_theory.reward import Reward
from simulations import Experiment, LearningRule, Record, Tabular, bank
from simulations.sweep import sweep
world = bank(16, 3)
one = Experiment(reward=Reward.parse("c - (q - c)^2", name="Br\\u00efer"), agent=Tabular(),
                 world=world, elsewhere=world, training=LearningRule(batch=8),
                 steps=20, replicates=4, checkpoints=3)
(record,) = sweep([one], store=sys.argv[1])
record.save(sys.argv[2])
again = Record.load(sys.argv[2])
numbers = {name: record.metric(name).tolist() for name in ("accuracy", "mean_confidence", "ece")}
same = again.digest == record.digest
print(json.dumps({"digest": record.digest, "same": same, "numbers": numbers}))
"""


# ---------------------------------------------------------------------------------------- settings


@dataclass(frozen=True)
class Setting:
    """How a machine may be set up, as variables and options of the interpreter."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    caches: bool = True
    newest_alone: bool = False  # the oldest libraries warn of each other


NOWHERE = os.devnull  # a file: no folder can be made below it, by root neither
PLAIN = Setting("plain")
SETTINGS = (
    Setting("C locale", {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}, ("-X", "utf8=0")),
    Setting("ASCII output", {"PYTHONIOENCODING": "ascii"}),
    Setting("Latin-1 output", {"PYTHONIOENCODING": "latin-1"}, ("-X", "utf8=0")),
    Setting("TZ=Asia/Kathmandu", {"TZ": "Asia/Kathmandu"}),
    Setting("no home", {"HOME": NOWHERE, "XDG_CACHE_HOME": NOWHERE, "MPLCONFIGDIR": ""}),
    Setting("no place for caches", {"HOME": NOWHERE, "XDG_CACHE_HOME": NOWHERE}, caches=False),
    Setting("no compiler", {"PATH": NOWHERE}),
    Setting("python -O", {}, ("-O",)),
    Setting("python -W error", {}, ("-W", "error"), newest_alone=True),
)


@contextmanager
def without_caches(python: Path) -> Iterator[None]:
    """Meanwhile no compiled code can be kept beside its source: a file has the folder's name."""
    asked = "import importlib.util as u; print(u.find_spec('simulations').origin)"
    origin = subprocess.run(
        [python, "-c", asked], cwd=python.parent, capture_output=True, text=True, check=True
    )
    folders = [
        file.parent
        for file in Path(origin.stdout.strip()).parent.rglob("__init__.py")
        if "kernels" in file.parts
    ]
    for folder in folders:
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        (folder / "__pycache__").touch()
    try:
        yield
    finally:
        for folder in folders:
            (folder / "__pycache__").unlink()


# ---------------------------------------------------------------------------------------- the jobs


MONTE_CARLO = 0.01
"""Groups of answers whose sums are equal are drawn together, and whether recalibrated sums are
equal is a matter of rounding: with another SciPy the same seed may draw otherwise."""


class Failed(Exception):
    """A job did not do what it should."""


@dataclass
class Seat:
    """An interpreter in a setting, with a folder to work in."""

    python: Path
    setting: Setting
    folder: Path

    def run(self, job: str, *words: str, code: int = 0) -> str:
        """What a call of the interpreter prints; its exit code must be this one."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LC_", "NUMBA"))}
        done = subprocess.run(
            [str(self.python), *self.setting.options, *words],
            cwd=self.folder, capture_output=True, check=False, timeout=600,
            env={**kept, **self.setting.variables}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = done.stderr.decode(errors="replace").strip().splitlines()
        if done.returncode != code:
            raise Failed(f"{job}: exit code {done.returncode}, {said[-1] if said else 'no word'}")
        if any("Traceback" in line for line in said):
            raise Failed(f"{job}: a traceback, {said[-1]}")
        return done.stdout.decode(self.setting.variables.get("PYTHONIOENCODING", "utf-8"))

    def command(self, *words: str, code: int = 0) -> str:
        """The same, of a command of ours."""
        return self.run(words[0], "-m", "simulations", *words, code=code)


def jobs(seat: Seat) -> dict[str, Any]:
    """Do the small jobs, and return what they said in numbers.

    Raises:
        Failed: Naming the job.
    """
    said: dict[str, Any] = {}
    seat.command("check", FORMULA, "--certificate", "pröof.json")
    seat.command("check", "c", code=1)
    seat.command("verify", "pröof.json")
    said["check"] = json.loads(seat.command("check", FORMULA, "--json"))
    said["replay"] = json.loads(seat.command("replay", "--json"))
    seat.command("replay", "--reward", "rlcr")
    seat.command("simulate", "proxy", "--short", "--figure", "figüre")
    seat.command("export", FORMULA, "-o", "reward.py", "--framework", "trl")
    seat.run("the exported file", "-c", PAYS)
    said["sweep"] = json.loads(seat.run("sweep", "-c", SWEEP, "störe", "récord"))
    if not said["sweep"]["same"]:
        raise Failed("sweep: a record that was saved reads back otherwise")
    return said


PAYS = """
import sys; sys.path.insert(0, ".")
import reward
text = "<answer>4</answer><confidence>0.7</confidence>"
paid = reward.reward_function(prompts=["2 + 2"], completions=[text], solution=["4"])
if abs(paid[0] - 0.91) > 1e-12: raise SystemExit(f"paid {paid}")
"""


def import_seconds(seat: Seat) -> float:
    """The quickest of three imports of the package, less that of nothing."""

    def quickest(statement: str) -> float:
        taken = []
        for _ in range(3):
            started = time.perf_counter()
            seat.run("import", "-c", statement)
            taken.append(time.perf_counter() - started)
        return min(taken)

    return quickest("import scoring_theory") - quickest("pass")


def differences(one: object, other: object, at: str = "") -> Iterator[str]:
    """Where two answers differ by more than the rounding of libraries explains."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            yield from differences(one[name], other[name], f"{at}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{at}/{i}")
    elif isinstance(one, float) and isinstance(other, float):
        drawn = "/recalibrated/" in at and at.endswith(("/low", "/high"))
        if not math.isclose(one, other, rel_tol=1e-9, abs_tol=MONTE_CARLO if drawn else 1e-12):
            yield f"{at}: {one!r}, {other!r}"
    elif one != other:
        yield f"{at}: {one!r}, {other!r}"


# ------------------------------------------------------------------------------------ environments


def interpreters() -> dict[str, Path]:
    """By version, every Python from 3.11 on that is here: on the path, and those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [
        shutil.which(name) for name in ("python3", *(f"python3.{n}" for n in range(11, 20)))
    ]
    candidates += [str(path) for path in sorted(pyenv.glob("versions/*/bin/python"))]
    found: dict[str, Path] = {}
    for candidate in (Path(text) for text in candidates if text is not None):
        done = subprocess.run([candidate, "-V"], capture_output=True, text=True, check=False)
        if match := re.fullmatch(r"Python (\d+)\.(\d+)\.(\d+)", done.stdout.strip()):
            version = tuple(map(int, match.groups()))
            if version[:2] >= OLDEST:
                found.setdefault(".".join(map(str, version[:2])), candidate)
    return dict(sorted(found.items(), key=lambda item: int(item[0].split(".")[1])))


def build(folder: Path) -> Path:
    """A wheel, made from a source distribution, made from a copy of this checkout."""
    checkout = folder / "checkout"
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            checkout.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    _backend(checkout, "build_sdist", folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        file.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    _backend(source, "build_wheel", folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _backend(source: Path, hook: str, folder: Path) -> None:
    call = f"from setuptools import build_meta; build_meta.{hook}({str(folder)!r})"
    subprocess.run([sys.executable, "-c", call], cwd=source, check=True, capture_output=True)


def environment(folder: Path, interpreter: Path, resolution: str, wheel: Path) -> Path:
    """A new environment with the wheel and what it requires, from wheels alone; its interpreter."""
    uv = [sys.executable, "-m", "uv", "--quiet"]
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([*uv, "venv", "--python", interpreter, folder], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wheels = ["--python", str(python), "--only-binary", ":all:"]
    pins = str(folder / "pins.txt")
    asked = [str(ROOT / "pyproject.toml"), "--resolution", RESOLUTIONS[resolution], "-o", pins]
    subprocess.run([*uv, "pip", "compile", *wheels, *asked], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*uv, "pip", "install", *wheels, "-r", pins, wheel], check=True)
    return python


def libraries(python: Path) -> str:
    """The versions that an environment has."""
    shown = f"print(*(f'{{n}} {{version(n)}}' for n in {LIBRARIES}))"
    asked = f"from importlib.metadata import version; {shown}"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    return done.stdout.strip()


# --------------------------------------------------------------------------------------- the table


@dataclass
class Table:
    """Rows, printed as they come, and what the first one said; the others must agree with it.

    Bits are promised for the same libraries: others round a logarithm otherwise, which is why
    stores of sweeps keep the results of each apart. Between libraries rounding is allowed for.
    """

    scratch: Path
    first: dict[str, Any] | None = None
    exact: dict[str, dict[str, Any]] = field(default_factory=dict)  # by libraries
    failures: int = 0

    def row(self, environment: str, python: Path, setting: Setting, *, timed: bool = False) -> None:
        """Do the jobs in one setting, and print how it went."""
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        seat, started = Seat(python, setting, folder), time.monotonic()
        try:
            if setting.caches:
                said = jobs(seat)
            else:
                with without_caches(python):
                    said = jobs(seat)
            result = self._compared(said, libraries(python))
        except (Failed, subprocess.TimeoutExpired, ValueError) as error:
            result, self.failures = f"FAILED  {error}", self.failures + 1
        taken = f"{time.monotonic() - started:.0f} s"
        if timed:
            taken += f", import {1000 * import_seconds(seat):.0f} ms"
        print(f"{environment:<14} {setting.name:<20} {taken:<22} {result}", flush=True)

    def _compared(self, said: dict[str, Any], using: str) -> str:
        if said != self.exact.setdefault(using, said):
            raise Failed("not the same bits as before with the same libraries")
        digest = said["sweep"]["digest"]
        rounded = {**said, "sweep": said["sweep"]["numbers"]}
        self.first = self.first or rounded
        if unlike := list(differences(self.first, rounded)):
            raise Failed(f"another answer at {unlike[0]}")
        return f"passed, bits {digest[:8]}"


def main(words: Sequence[str] | None = None) -> int:
    """Make the environments, do the jobs in each, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--environments", type=Path, default=ROOT / "out" / "portability")
    folder = parser.parse_args(words).environments.absolute()
    print(f"{platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory() as scratch:
        table, wheel, pythons = Table(Path(scratch)), build(Path(scratch) / "dist"), {}
        for version, interpreter in interpreters().items():
            for resolution in RESOLUTIONS:
                name = f"{version} {resolution}"
                where = folder / name.replace(" ", "-")
                pythons[name] = environment(where, interpreter, resolution, wheel)
                print(f"{name:<14} {libraries(pythons[name])}", flush=True)
                table.row(name, pythons[name], PLAIN, timed=True)
        for name in (next(iter(pythons)), list(pythons)[-1]):
            for setting in SETTINGS:
                if not (setting.newest_alone and name.endswith("oldest")):
                    table.row(name, pythons[name], setting)
    print(f"{table.failures} failed" if table.failures else "all passed")
    return int(table.failures > 0)


if __name__ == "__main__":
    sys.exit(main())
