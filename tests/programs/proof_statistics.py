"""The proof engine in figures, one table: `python -m tests.programs.proof_statistics`.

Random rewards and tampered certificates are the adversary's: `python -m tests.adversary`.

Times are processor times of this machine; verdicts, counts and certificates do not depend on it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from proofs.kernel.verifier import verify
from proofs.search.prover import Prover
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.checking import Report, check
from scoring_theory.reward import Reward
from tests.support.zoo import ZOO

ROOT = Path(__file__).resolve().parents[2]
WORDS = {"p": "proved", "r": "refuted", "u": "undecided"}


def row(label: str, text: str) -> None:
    print(f"  {label:<34} {text}", flush=True)


def verdicts(report: Report) -> str:
    return "".join(
        v.status[0] for v in (report.proper, report.strictly_proper, report.jointly_optimal)
    )


def known_rewards() -> Iterable[Reward]:
    """Catalogue at its defaults and published rewards with their constants, then the families of
    both.
    """
    yield from (entry() for entry in CATALOGUE.values())
    yield from (entry.family for entry in CATALOGUE.values() if entry.domains)


def catalogue() -> None:
    check("c - (q - c)^2")
    verdict_times, times, undecided = [], [], []
    for reward in known_rewards():
        start = time.process_time()
        prover = Prover(reward.text, reward.parameters)  # asks the kernel before it says anything
        assert all(
            decided.decision for decided in (prover.proper, prover.strict, prover.jointly_optimal)
        )
        verdict_times.append(time.process_time() - start)
        start = time.process_time()
        report = check(reward)
        times.append(time.process_time() - start)
        for certificate in report.certificates:
            verify(certificate)
        if "u" in verdicts(report):
            undecided.append(reward.text)
    decided = 100 * (1 - len(undecided) / len(times))
    row(
        "catalogue, published, families",
        f"{len(times)} rewards, {decided:.1f} % decided {undecided or ''}",
    )
    for label, taken in (
        ("search + check of the verdicts", verdict_times),
        ("the whole report", times),
    ):
        row(f"  {label}", f"median {median(taken):.3f} s, max {max(taken):.3f} s")


def archive() -> None:
    files = sorted((ROOT / "proofs" / "certificates").glob("*.json"))
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "proofs", "verify", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    row("archive, plain python", f"{last} ({time.perf_counter() - start:.2f} s by the clock)")


def named() -> int:
    print("\nnamed hard cases                            proper     strictly   jointly optimal")
    bad = 0
    for name, one in ZOO.items():
        report = check(one.formula, **one.parameters)
        found = verdicts(report)
        bad += found != one.verdict
        told = "  ".join(f"{WORDS[v]:<9}" for v in found)
        row(name, f"       {told}" + ("" if found == one.verdict else f"  EXPECTED {one.verdict}"))
        if found == "uuu":
            row("", f"       {report.proper.reason}")
    print()
    return bad


def theorems() -> int:
    """Coq's part: theorems compiled, axioms, false variants refused."""
    if shutil.which("coqc") is None:
        row("Coq", "coqc is not installed: skipped (Debian: apt-get install coq)")
        return 0
    command = ["make", "--no-print-directory", "-C", str(ROOT / "proofs" / "coq"), "audit", "false"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    folder = ROOT / "proofs" / "coq"
    files = [p for p in folder.glob("*.v") if p.name != "Audit.v"]
    count = sum(
        len(re.findall(r"^(?:Theorem|Lemma|Corollary)\b", p.read_text(), re.MULTILINE))
        for p in files
    )
    row(
        "Coq",
        (
            f"{len(files)} files, {count} theorems and lemmas compiled"
            if done.returncode == 0
            else "FAILED"
        ),
    )
    for line in done.stdout.strip().splitlines()[-1:] + re.findall(
        r"^audit: .*", done.stdout, re.MULTILINE
    ):
        row("", line)
    row("  false variants", f"{len(list((folder / 'false').glob('*.v')))}, each refused")
    return done.returncode


def main() -> int:
    """All figures; exit code 1 where one of them is a fault of soundness."""
    catalogue()
    archive()
    faults = named() + theorems()
    row("faults", str(faults))
    return int(faults > 0)


if __name__ == "__main__":
    raise SystemExit(main())
