"""Whether Coq is here, so that tests that need it are skipped where it is not."""

import shutil

import pytest

HAVE_COQ = bool(shutil.which("coqc") and shutil.which("make"))
needs_coq = pytest.mark.skipif(not HAVE_COQ, reason="coqc or make is not installed")
