"""The general theorems: Coq accepts them, they rest on the real numbers alone, and refuted variants
are rejected.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.coq import needs_coq

COQ = Path(__file__).parents[2] / "proofs" / "coq"
MODULES = re.findall(r"\w+", (COQ / "Makefile").read_text().split("MODULES = ")[1].split("\n\n")[0])
VARIANTS = sorted(path.stem for path in (COQ / "false").glob("*.v"))
REAL_NUMBER_AXIOMS = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
}
PROOF = re.compile(r"^(?:Theorem|Corollary|Lemma) (\w+)\b.*?^Proof\.(.*?)\bQed\.", re.M | re.S)
STATEMENT = re.compile(r"^(?:Theorem|Corollary) (\w+)", re.M)


def make(folder: Path, target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--jobs=2", target], cwd=folder, capture_output=True, text=True, timeout=1200
    )


def copied(build: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(build, tmp_path / "coq"))


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("coq") / "coq"
    shutil.copytree(COQ, folder, ignore=shutil.ignore_patterns("*.vo*", "*.glob", ".*"))
    compiled = make(folder, "all")
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    return folder


def test_the_makefile_compiles_every_theorem_file() -> None:
    assert set(MODULES) == {path.stem for path in COQ.glob("*.v")} - {"Audit"}


def test_no_proof_is_left_open() -> None:
    for path in COQ.rglob("*.v"):
        assert not re.search(
            r"\b(Admitted|admit|Axiom|Parameter|Conjecture|Abort)\b", path.read_text()
        ), path.name


def stated() -> set[str]:
    return {
        name for module in MODULES for name in STATEMENT.findall((COQ / f"{module}.v").read_text())
    }


def test_every_theorem_is_audited() -> None:
    """The names after `@` in Audit.v are all the theorems and corollaries of all the files."""
    assert stated() == set(re.findall(r"@(\w+)", (COQ / "Audit.v").read_text()))


def test_every_theorem_has_words_and_every_word_a_theorem() -> None:
    named = set(re.findall(r"`([a-z]\w*)`", (COQ / "THEOREMS.md").read_text()))
    assert stated() - named == set()
    definitions = {"expected_reward", "honest_value", "independent_advantage"}
    assert {name for name in named - stated() if "_" in name} == definitions


def test_every_entry_links_a_file_and_has_a_proof() -> None:
    """Statement in words and formulas, names of theorems of the linked files, and a paragraph of
    proof.
    """
    for section in (COQ / "THEOREMS.md").read_text().split("\n## ")[1:-1]:
        heading, _, body = section.partition("\n")
        linked = re.findall(r"\[(\w+)\.v\]\(\1\.v\)", section)
        known = {
            name
            for module in linked
            for name in STATEMENT.findall((COQ / f"{module}.v").read_text())
        }
        entries = re.split(r"^(?=\*\*)", body, flags=re.M)[1:]
        assert known
        assert entries, heading
        for entry in entries:
            assert known & set(re.findall(r"`(\w+)`", entry)) or "no file here" in entry, entry
            assert "*Proof.*" in entry, entry


@needs_coq
@pytest.mark.slow
def test_the_theorems_rest_on_the_real_numbers_alone(build: Path) -> None:
    audited = make(build, "audit")
    assert audited.returncode == 0, audited.stdout + audited.stderr
    log = (build / "audit.log").read_text()
    assert (
        set(re.findall(r"^([A-Za-z][\w.]*)(?=\s*$|\s*:)", log, re.M)) - {"Axioms"}
        <= REAL_NUMBER_AXIOMS
    )
    assert log.count("Axioms:") == (COQ / "Audit.v").read_text().count("Print Assumptions")


@needs_coq
@pytest.mark.slow
def test_the_audit_notices_an_unfinished_proof(build: Path, tmp_path: Path) -> None:
    folder = copied(build, tmp_path)
    brier = folder / "Brier.v"
    proof = dict(PROOF.findall(brier.read_text()))["brier_strictly_proper"]
    brier.write_text(brier.read_text().replace(f"{proof}Qed.", " Admitted."))
    groups = (folder / "Audit.v").read_text().split("\n\n")
    kept = [group for group in groups if "_theorems" not in group or "@rlcr" in group]
    (folder / "Audit.v").write_text("\n\n".join(kept))
    audited = make(folder, "audit")
    assert audited.returncode != 0
    assert "brier_strictly_proper" in audited.stdout


@needs_coq
@pytest.mark.slow
def test_false_variants_are_rejected(build: Path) -> None:
    """Each file first proves that its statement is false; then the proof of the true theorem must
    break on it.
    """
    answer = make(build, "false")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert (
        sorted(re.findall(r"^false/(\w+)\.v: refuted, and rejected", answer.stdout, re.M))
        == VARIANTS
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_false_variants_keep_the_proof_of_the_theorem(variant: str) -> None:
    text = (COQ / "false" / f"{variant}.v").read_text()
    [(module, theorem)] = re.findall(r"The proof of (\w+)\.(\w+), word for word", text)
    assert (
        dict(PROOF.findall(text))[theorem]
        == dict(PROOF.findall((COQ / f"{module}.v").read_text()))[theorem]
    )


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "tampered", "complaint"),
    [
        (
            "rlcr_jointly_optimal : forall lam, 0 < lam <= 2",
            "rlcr_jointly_optimal : forall lam, 0 < lam <= 1",
            "RlcrAtWeightTwo.v: accepted",
        ),
        (
            "variant_is_false : ~ (forall lam, 0 < lam <= 2",
            "variant_is_false : ~ (forall lam, 0 < lam <= 1",
            "No applicable tactic",
        ),
    ],
)
def test_a_variant_that_is_true_is_noticed(
    build: Path, tmp_path: Path, truth: str, tampered: str, complaint: str
) -> None:
    folder = copied(build, tmp_path)
    for path in (folder / "false").glob("*.v"):
        if path.stem != "RlcrAtWeightTwo":
            path.unlink()
    variant = folder / "false" / "RlcrAtWeightTwo.v"
    assert truth in variant.read_text()
    variant.write_text(variant.read_text().replace(truth, tampered))
    answer = make(folder, "false")
    assert answer.returncode != 0
    assert complaint in answer.stdout
