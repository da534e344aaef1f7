"""Run the study of the transformer, and write its result file (`make evidence`).

    python -m tests.programs.evidence [--groups core second ...] [--jobs 2] [--seeds 8] [--resume]
    python -m tests.programs.evidence --predictions

Each run is kept in out/evidence as it ends, so that an interrupted study is resumed; the result
file is written from all that is there. With `--resume`, runs that stand in the result file are not
run again. With `--predictions` nothing is run: the file of predictions is written from the
theory, which must change nothing.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from scoring_theory.files import write
from simulations.evidence.transformer_predictions import PREDICTIONS_FILE, derived_predictions
from simulations.evidence.transformer_study import (
    RUNS_FILE,
    STUDY_SEEDS,
    run_setting,
    transformer_runs,
    transformer_settings,
)

GROUPS = ("core", "causes", "second", "after", "sums", "ablations", "large")


def _place(folder: Path, name: str, seed: int) -> Path:
    return folder / f"{name.replace('/', '+')}.{seed}.json"


def _one_seed(folder: Path, groups: list[str], seed: int) -> int:
    """All settings of a seed, in one process, so that they share their pretraining."""
    done = 0
    for group in groups:
        for name, setting in transformer_settings().items():
            kept = _place(folder, name, seed)
            if setting.group == group and not kept.exists():
                write(kept, json.dumps(run_setting(setting, seed)).encode())
                print(f"{name}, seed {seed}", flush=True)
                done += 1
    return done


def collected(folder: Path) -> list[dict[str, str]]:
    """The rows of every run in the folder, in the order of the study."""
    rows: list[dict[str, str]] = []
    for name in transformer_settings():
        for seed in STUDY_SEEDS:
            if (kept := _place(folder, name, seed)).exists():
                rows += json.loads(kept.read_text(encoding="utf-8"))
    return rows


def keep_rows(folder: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Put the runs of a result file into the folder, as if they had been run there."""
    runs: dict[Path, list[Mapping[str, str]]] = {}
    for row in rows:
        runs.setdefault(_place(folder, row["setting"], int(row["seed"])), []).append(row)
    for kept, its_rows in runs.items():
        write(kept, json.dumps(its_rows).encode())


def write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as CSV, completely or not at all."""
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write(path, text.getvalue().encode())


def predicted() -> list[dict[str, object]]:
    """The rows of the file of predictions."""
    rows: list[dict[str, object]] = []
    for one in derived_predictions():
        ends = {name: f"{getattr(one, name):.4f}" for name in ("low", "high")}
        expected = "" if one.expected is None else f"{one.expected:.4f}"
        known = "yes" if one.known else "no"
        rows.append({**asdict(one), **ends, "expected": expected, "known": known})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--groups", nargs="+", choices=GROUPS, default=[name for name in GROUPS if name != "large"]
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=len(STUDY_SEEDS))
    parser.add_argument("--folder", type=Path, default=Path("out/evidence"))
    parser.add_argument("--out", type=Path, default=RUNS_FILE)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--predictions", action="store_true")
    options = parser.parse_args()
    if options.predictions:
        write_table(PREDICTIONS_FILE, predicted())
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.resume:
        keep_rows(options.folder, transformer_runs(options.out).rows)
    with ProcessPoolExecutor(options.jobs) as pool:
        for group in options.groups:
            jobs = [
                pool.submit(_one_seed, options.folder, [group], s)
                for s in STUDY_SEEDS[: options.seeds]
            ]
            print(f"{group}: {sum(job.result() for job in jobs)} new runs", flush=True)
    rows = collected(options.folder)
    write_table(options.out, rows)
    print(f"{len(rows)} rows in {options.out}")


if __name__ == "__main__":
    main()
