"""`python -m tests.mutation`: change the code, and see whether the tests notice it. A run that was
stopped is resumed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.coverage_map import QUIET, child, coverage_map, digest_of, prepare
from tests.mutation.mutants import ROOT, Mutant, mutants
from tests.mutation.record import HERE, document, record, table
from tests.mutation.trials import IMPORTS, Area, Warm, cold, function_lines

SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutation"]
AREAS: dict[str, dict[str, Any]] = {area["name"]: area for area in SETTINGS["areas"]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--areas", nargs="*", choices=AREAS, default=list(AREAS))
    parser.add_argument(
        "--mutants",
        type=int,
        default=SETTINGS["mutants"],
        help="in each area; 0: print what is done",
    )
    parser.add_argument("--out", type=Path, default=Path("out/mutation"), help="what is done")
    parser.add_argument("--again", action="store_true", help="try again what survived")
    parser.add_argument(
        "--write", action="store_true", help="write record.json and docs/reliability.md"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.areas if options.mutants else ():
        if not (pid := os.fork()):  # one area leaves no library of the next one imported
            _run(AREAS[name], options.out, options.mutants, again=options.again)
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            raise SystemExit(f"{name}: the run broke off")
    samples = {name: options.out / f"{name}-sample.json" for name in AREAS}
    done = {name: json.loads(one.read_text()) for name, one in samples.items() if one.exists()}
    found = record(done, seed=SETTINGS["seed"], seconds=SETTINGS["seconds"])
    print(table(found))
    if options.write:
        (HERE / "record.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        document(found, ROOT / "docs" / "reliability.md")


def _files(patterns: list[str]) -> list[str]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(str(path.relative_to(ROOT)) for path in found)


def _run(area: dict[str, Any], out: Path, wanted: int, *, again: bool) -> None:
    """Try the first mutants that count, as many as wanted, but for those that are done."""
    modules, state = _files(area["modules"]), out / f"{area['name']}.jsonl"
    files = _files(area["tests"])
    prepare(plain=area.get("plain", False))
    ours = Area(coverage_map(files, modules, out / f"{area['name']}.json"), SETTINGS["seconds"])
    digests = {file: digest_of([file]) for file in modules}
    known = {(one["key"], one["digest"]): one for one in _lines(state)}

    def note(mutant: Mutant, result: dict[str, Any]) -> None:
        label = mutant.key, digests[mutant.file]
        place = {"key": label[0], "digest": label[1], "file": mutant.file, "line": mutant.line}
        known[label] = {**place, "change": mutant.change(), **result}
        with state.open("a") as sink:
            sink.write(json.dumps(known[label], ensure_ascii=False) + "\n")

    def left(mutant: Mutant) -> bool:
        one = known.get((mutant.key, digests[mutant.file]))
        return one is None or (again and one["result"] == "survived")

    drawn, pending = list[Mutant](), list[Mutant]()
    for mutant in mutants(modules, SETTINGS["exclude-operators"], SETTINGS["seed"]):
        if left(mutant):
            if not mutant.counts():
                continue
            if mutant.line in function_lines(mutant.file):
                pending.append(mutant)
            else:
                note(mutant, cold(mutant, ours.chosen(mutant)))
        one = known.get((mutant.key, digests[mutant.file]), {})
        drawn += [mutant] if one.get("result") != IMPORTS else []
        if len(drawn) >= wanted:
            break
    if pending:
        paths = [str(ROOT / file) for file in files]
        child(lambda _: pytest.main([*QUIET, *paths], plugins=[Warm(ours, pending, note)]))
    known |= {(one["key"], one["digest"]): one for one in _lines(state)}
    for mutant in pending:
        survived = known[mutant.key, digests[mutant.file]]["result"] == "survived"
        if survived and (mutant.file, mutant.line) in ours.imported:
            note(mutant, cold(mutant, ours.chosen(mutant)))
    results = [known[one.key, digests[one.file]] for one in drawn]
    sample = {"commit": _commit(), "results": results}
    (out / f"{area['name']}-sample.json").write_text(json.dumps(sample))


def _lines(state: Path) -> list[dict[str, Any]]:
    """What is known; a line that was cut off while it was written is left out."""
    lines = state.read_text().splitlines(keepends=True) if state.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return said.stdout.strip()


if __name__ == "__main__":
    main()
