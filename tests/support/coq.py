"""Coq for tests: whether it is here, and many texts in one process, since each loads the real
numbers anew, which takes as long as most proofs.
"""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

HAVE_COQ = bool(shutil.which("coqc") and shutil.which("make"))
needs_coq = pytest.mark.skipif(not HAVE_COQ, reason="coqc or make is not installed")


def errors_of(folder: Path, texts: Sequence[str]) -> list[str]:
    """What Coq says against each text, in a session that forgets each before the next; "" if it
    accepts it.
    """
    wanted = {
        lib for text in texts for lib in re.findall(r"^From Coq Require Import (.+)\.", text, re.M)
    }
    (folder / "loaded.v").write_text("".join(f"From Coq Require {libs}.\n" for libs in wanted))
    session = "".join(
        f"Set Silent.\n{text}\nAbort All.\nReset Initial.\nLocate text_ends_here.\n"
        for text in texts
    )
    done = subprocess.run(
        ["coqtop", "-q", "-l", "loaded.v"], cwd=folder, input=session, text=True, timeout=1200,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True,
    )  # fmt: skip
    *answers, rest = done.stdout.split("No object of basename text_ends_here")
    assert (len(answers), "Error" in rest) == (len(texts), False)
    return ["".join(re.findall(r"^Error:.*(?:\n.+)*", answer, re.M)) for answer in answers]


def accepted_together(folder: Path, texts: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Compile the texts as modules of one file."""
    modules = [f"Module File{i}.\n{text}\nEnd File{i}.\n" for i, text in enumerate(texts)]
    (folder / "together.v").write_text("\n".join(modules))
    return subprocess.run(
        ["coqc", "-q", "together.v"], cwd=folder, capture_output=True, text=True, timeout=1200
    )
