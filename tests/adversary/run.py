"""The adversary: rounds of one random reward and one mutant each, kept line by line, summed up in a
table.

A round depends on its seed alone, so that a run can be stopped, resumed and repeated: the same
seeds give the same rewards, verdicts and mutants on any machine. Times are processor times.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import verify
from scoring_theory.checking import check
from tests.adversary.judge import false_claim, report_fault
from tests.adversary.language import TooHardError
from tests.adversary.mutants import FORGERIES, Forged, mutants
from tests.adversary.rewards import draw

Round = dict[str, Any]
SLOW = 5.0
PATIENCE = 90
"""Seconds of processor time after which a check counts as stalled."""
ARCHIVE = Path(__file__).resolve().parents[2] / "proofs" / "certificates"
BEGIN, END = "<!-- adversary: written by python -m tests.adversary --write -->", "<!-- end -->"


class StalledError(RuntimeError):
    """A check took more than `PATIENCE` seconds."""


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise StalledError(f"more than {seconds} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@cache
def commit() -> str:
    """The commit that runs, with a plus where its Python files are changed."""
    git = ("git", "-C", str(ARCHIVE.parent))
    told = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True)
    changed = ["diff", "--quiet", "HEAD", "--", ":/proofs", ":/scoring_theory", ":/tests/adversary"]
    clean = subprocess.run([*git, *changed], capture_output=True).returncode == 0
    return told.stdout.strip() + ("" if clean else "+") if told.returncode == 0 else "unknown"


def accepted(certificate: Mapping[str, Any]) -> bool:
    """Whether the kernel accepts it; anything but `Rejected` gets out."""
    try:
        verify(certificate)
    except Rejected:
        return False
    return True


def judged(mutant: Forged) -> str:
    """In one word: accepted, rejected; false, true (as far as the judge can tell), unjudged; or a
    fault.
    """
    try:
        with _limited(PATIENCE):
            passed = accepted(mutant.certificate)
    except Exception as error:  # whatever escapes the kernel is what this program looks for
        return f"fault: {type(error).__name__}: {error}"[:300]
    try:
        with _limited(PATIENCE):
            against = false_claim(mutant.reward, mutant.certificate)
    except (TooHardError, StalledError, KeyError, ValueError, TypeError, ArithmeticError):
        return f"{'accepted' if passed else 'rejected'}, unjudged"
    return f"{'accepted' if passed else 'rejected'}, {'false' if against else 'true'}"


def one_round(seed: int) -> Round:
    """One random reward, checked and judged, and one mutant of a certificate of it."""
    reward = draw(Random(seed))
    done: Round = {"seed": seed, "family": reward.family, "commit": commit()}
    start = time.process_time()
    try:
        with _limited(PATIENCE):
            report = check(reward.text, parameters=reward.parameters)
    except Exception as error:  # whatever escapes `check` is what this program looks for
        return {**done, "crash": f"{type(error).__name__}: {error}"[:300], "text": reward.text}
    verdicts = [
        v.status[0] for v in (report.proper, report.strictly_proper, report.jointly_optimal)
    ]
    done.update(verdicts="".join(verdicts), seconds=round(time.process_time() - start, 3))
    if "u" in verdicts:
        done["reason"] = (
            report.proper.reason if verdicts[0] == "u" else report.jointly_optimal.reason
        )[:300]
    try:
        with _limited(PATIENCE):
            if fault := report_fault(reward, report):
                done.update(fault=fault, text=reward.text, parameters=reward.parameters)
    except (TooHardError, StalledError) as error:
        done["unjudged"] = type(error).__name__
    if report.certificates:
        for mutant in mutants(reward, list(report.certificates), Random(-seed - 1), 1):
            done["mutant"] = judged(mutant)
            if done["mutant"] == "accepted, false" or done["mutant"].startswith("fault"):
                done["certificate"] = mutant.certificate
    return done


def known(state: Path) -> dict[int, Round]:
    """The rounds that a state file holds, without a last line that was cut off."""
    found: dict[int, Round] = {}
    if state.exists():
        for line in state.read_text().splitlines():
            try:
                done = json.loads(line)
            except json.JSONDecodeError:
                continue
            found[done["seed"]] = done
    return found


def run(
    seeds: Sequence[int], state: Path, *, jobs: int, seconds: float = float("inf")
) -> list[Round]:
    """Every round that is not in the state yet, appended to it, until the seconds (by the clock)
    are over.
    """
    done = known(state)
    missing = [seed for seed in seeds if seed not in done]
    state.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    if state.exists() and not state.read_text().endswith("\n"):
        state.write_text(state.read_text() + "\n")  # the end of a line that was cut off
    with state.open("a") as file, ProcessPoolExecutor(jobs) as pool:
        for first in range(0, len(missing), 20 * jobs):
            if time.monotonic() - start > seconds:
                break
            for one in pool.map(one_round, missing[first : first + 20 * jobs], chunksize=5):
                file.write(json.dumps(one) + "\n")
                done[one["seed"]] = one
            file.flush()
    return [done[seed] for seed in seeds if seed in done]


def _row(rounds: Sequence[Round]) -> dict[str, Any]:
    seconds = [one["seconds"] for one in rounds if "seconds" in one]
    undecided = sum("u" in one.get("verdicts", "") for one in rounds)
    return {
        "rewards": len(rounds),
        "wrong": sum("fault" in one for one in rounds),
        "undecided": undecided,
        "undecided, percent": round(100 * undecided / max(len(rounds), 1), 2),
        "crashed": sum("crash" in one for one in rounds),
        "slow": sum(x > SLOW for x in seconds),
        "slowest": max(seconds, default=0.0),
    }


def forgeries() -> dict[str, int]:
    """The forgeries that were written by hand: how many, and how many false ones are accepted."""
    outcomes = Counter(judged(one) for one in FORGERIES)
    return {
        "tried": len(FORGERIES),
        "accepted": sum(v for k, v in outcomes.items() if k.startswith("accepted")),
        "false accepted": outcomes["accepted, false"],
        "faults": sum(v for k, v in outcomes.items() if k.startswith("fault")),
    }


def archive() -> dict[str, int]:
    """The certificates of the archive, of schema 2, and how many are still accepted."""
    files = sorted(ARCHIVE.glob("*.json"))
    bundles = [json.loads(path.read_text()) for path in files]
    certificates = [c for bundle in bundles for c in bundle.get("certificates", [bundle])]
    return {
        "files": len(files),
        "certificates": len(certificates),
        "accepted": sum(map(accepted, certificates)),
    }


def record(rounds: Sequence[Round]) -> dict[str, Any]:
    """All figures, as plain data."""
    families = sorted({one["family"] for one in rounds})
    outcomes = Counter(one["mutant"].partition(":")[0] for one in rounds if "mutant" in one)
    return {
        "seeds": [
            min((one["seed"] for one in rounds), default=0),
            max((one["seed"] for one in rounds), default=0),
        ],
        "commits": dict(Counter(one.get("commit", "unknown") for one in rounds)),
        "families": {
            family: _row([one for one in rounds if one["family"] == family]) for family in families
        },
        "all": _row(rounds),
        "verdicts": dict(sorted(Counter(one.get("verdicts", "crashed") for one in rounds).items())),
        "unjudged": sum("unjudged" in one for one in rounds),
        "mutants": dict(sorted(outcomes.items())),
        "forgeries": forgeries(),
        "archive": archive(),
    }


def faults(found: Mapping[str, Any]) -> int:
    """What must be 0: wrong verdicts, crashes, false certificates accepted, faults of the kernel, a
    refused archive.
    """
    rewards, archived = found["all"], found["archive"]
    false = found["mutants"].get("accepted, false", 0) + found["mutants"].get("fault", 0)
    by_hand = found["forgeries"]["false accepted"] + found["forgeries"]["faults"]
    return int(
        rewards["wrong"]
        + rewards["crashed"]
        + false
        + by_hand
        + archived["certificates"]
        - archived["accepted"]
    )


def table(found: Mapping[str, Any]) -> str:
    """The figures in Markdown."""
    head = (
        "| family | rewards | wrong | undecided | crashes | slowest check |\n"
        "|---|---:|---:|---:|---:|---:|"
    )
    rows = [*found["families"].items(), ("**all**", found["all"])]
    lines = [
        f"| {name} | {x['rewards']:,} | {x['wrong']} | {x['undecided']} "
        f"({x['undecided, percent']:.1f} %) | {x['crashed']} "
        f"| {x['slowest']:.1f} s |"
        for name, x in rows
    ]
    first, last = found["seeds"]
    commits = ", ".join(f"{name} ({n:,})" for name, n in found["commits"].items())
    seeds = (
        f"Seeds {first:,} to {last:,}: one reward each, and one mutant where the reward has a "
        f"certificate. Commit (rounds): {commits}. Times are processor times."
    )
    return "\n".join([seeds, "", head, *lines, "", *_sentences(found)])


def document(found: Mapping[str, Any], path: Path) -> None:
    """Put the table between its marks in a document."""
    before, mark, rest = path.read_text().partition(BEGIN)
    path.write_text(f"{before}{mark}\n{table(found)}\n{END}{rest.partition(END)[2]}")


def _sentences(found: Mapping[str, Any]) -> Iterable[str]:
    mutated, by_hand, archived = found["mutants"], found["forgeries"], found["archive"]
    total = sum(mutated.values())
    false = sum(n for how, n in mutated.items() if how.endswith("false"))
    yield (
        f"Mutated certificates: {total:,} tried, {false:,} of them contradicted by the judge, "
        f"{mutated.get('accepted, false', 0)} of these accepted; "
        f"{mutated.get('accepted, true', 0):,} are accepted and agree with the judge. "
        f"Forgeries written by hand: {by_hand['tried']} tried, {by_hand['false accepted']} false "
        f"ones accepted. Archive (schema 2): {archived['accepted']} of "
        f"{archived['certificates']} certificates in "
        f"{archived['files']} files verified."
    )
