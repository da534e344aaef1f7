"""What is fuzzed: each target takes bytes, and returns, or raises what its reader promises to
raise.

Coverage-guided by `python -m tests.adversary.fuzz` (atheris), and replayed on its small corpus by
the tests.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from proofs.__main__ import certificates_of
from proofs.kernel.formula import FormulaError, parse, parse_domain, rational
from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import verify
from proofs.trees import unparse
from scoring_theory.readers import READERS, UnreadableError, read_confidence, reply_text
from scoring_theory.rollouts import RolloutError, read_rollouts
from scoring_theory.rollouts.text_tables import MAX_LINE


def _told(error: Exception, longest: int) -> None:
    """A message can be printed, and is not drowned in what it quotes."""
    told = str(error)
    told.encode()
    assert len(told) < longest, told


def formulas(data: bytes) -> None:
    """The parser: a tree, whose text reads as that text again, or a `FormulaError`."""
    text = data.decode("utf-8", "replace")
    try:
        node = parse(text, ["lam"])
    except FormulaError as error:
        str(error).encode()
    else:
        again = unparse(
            node
        )  # not the tree itself: `a and (b and c)` is written without its brackets
        assert unparse(parse(again, ["lam"])) == again
    for read in (parse_domain, rational):
        try:
            read(text)
        except FormulaError:
            continue


def certificates(data: bytes) -> None:
    """The loader and the kernel: accepted, or `Rejected`."""
    try:
        for one in certificates_of(data.decode("utf-8", "replace")):
            if isinstance(one, dict):
                verify(one)
    except Rejected as error:
        str(error)


def certificates_of_a_formula(data: bytes) -> None:
    """The kernel behind the loader: a formula and evidence of the fuzzer's in a certificate of the
    right shape.
    """
    parts = data.decode("utf-8", "replace").split("\n")
    formula, cut, cell, claim = [*parts, "", "", "", ""][:4]
    evidence = [{"kind": "boxes", "cells": ["0", cell, "1"]} if cell else {"kind": "terms"}] * (
        2 if cut else 1
    )
    names = ("proper", "strictly proper", "jointly optimal", "accuracy rewarded")
    certificate = {
        "schema": 2,
        "formula": formula,
        "parameters": {"lam": "0 < lam <= 1"} if "lam" in formula else {},
        "claim": names[len(claim) % len(names)],
        "breakpoints": [cut] if cut else [],
        "evidence": evidence,
    }
    try:
        verify(certificate)
    except Rejected as error:
        str(error)


def completions(data: bytes) -> None:
    """The readers of completions: an answer and a probability, or a problem in words."""
    text = data.decode("utf-8", "surrogateescape") if data[:1] == b"s" else data.decode("latin-1")
    for whole in (text, [{"role": "assistant", "content": text}]):
        try:
            reply = reply_text(whole)
        except UnreadableError as error:
            _told(error, 400)
            continue
        for reader in READERS.values():
            reading = reader.read(reply)
            assert reading.problem or reading.confidence is not None
            assert reading.confidence is None or 0 <= reading.confidence <= 1
            assert len(reading.problem) <= 1000
    try:
        assert 0 <= read_confidence(text) <= 1
    except UnreadableError:
        return


def _log(data: bytes, suffix: str) -> None:
    assert len(data) < MAX_LINE
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"log{suffix}"
        path.write_bytes(data)
        try:
            rollouts = read_rollouts(path)
        except RolloutError as error:
            _told(error, 10_000)
        else:
            assert ((rollouts.confidence >= 0) & (rollouts.confidence <= 1)).all()
            assert all(name.isprintable() or name.strip() for name in rollouts.methods)
            json.dumps([*rollouts.methods, *rollouts.datasets]).encode()


def tables(data: bytes) -> None:
    """Logs as CSV."""
    _log(data, ".csv")


def json_lines(data: bytes) -> None:
    """Logs as JSON Lines."""
    _log(data, ".jsonl")


def compressed(data: bytes) -> None:
    """Logs as gzipped CSV, damaged ones above all."""
    _log(data, ".csv.gz")


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (
        formulas,
        certificates,
        certificates_of_a_formula,
        completions,
        tables,
        json_lines,
        compressed,
    )
}
SEEDS: dict[str, tuple[bytes, ...]] = {
    "formulas": (
        b"c - lam*(q - c)^2",
        b"(c - 1/3)*(q > 1/3) if q != 1/2 else log(q)",
        b"0 < lam <= 1",
        b"-3/4",
        b"1e-9",
        b"clip(q, 0.1, .9)**2 - beta_cdf(q, 1/2, 3) and not c >= 0 or max(q, c, 1)",
        b"lam in (-inf, 2]",
    ),
    "certificates": (
        b'{"schema": 2, "formula": "c - (q-c)^2", "parameters": {}, "claim": "proper",'
        b' "breakpoints": [],'
        b' "evidence": [{"kind": "terms"}]}',
        b'{"certificates": [{"schema": 2, "formula": "c", "parameters": {}, "claim":'
        b' "not strictly proper", "p": "1/2",'
        b' "q": "0", "values": {}}]}',
        b'{"schema": 2, "formula": "c*lam", "parameters": {"lam": "0 < lam"}, "claim": "proper",'
        b' "split": {"parameter": "lam", "at": "1", "cases": []}}',
    ),
    "certificates_of_a_formula": (
        b"c - (q-c)^2\n\n\n",
        b"c + lam*(c*log(q)+(1-c)*log(1-q))\n1/2\n1/2\nx",
        b"(q > sqrt(1/2))*c\nsqrt(1/2)\n\nxx",
    ),
    "completions": (
        b"<think>a</think><answer>4</answer><confidence>0.5</confidence>",
        b"50%",
        b"1/3",
        b"s.5e-1",
    ),
    "tables": (
        b'confidence,correct,method\n0.5,1,"a"\n',
        b"\xef\xbb\xbfconfidence,correct\r\n1e-3,true\r\n",
    ),
    "json_lines": (
        b'{"confidence": 0.5, "correct": true, "method": "\\u0041"}\n\n{"confidence": null}',
    ),
    "compressed": (
        bytes.fromhex(
            "1f8b08000000000002034bcecf4bcb4c49cd4b4ed5492e2a4a4d2ee132d033d531e402001b20f1d01a000000"
        ),
    ),
}
"""What fuzzing starts from, and what it once found; the tests replay it."""
