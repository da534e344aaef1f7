# Two commands do the work, from a bare clone with nothing but Python and make:
#   make reproduce    verdicts, replay, simulation and figures into out/     (SHORT=1: a small one, for a first look)
#   make test         the tests, a few minutes; `make test-all` has the long ones as well
# Both make .venv first, from the pinned requirements.lock; a second run finds it ready.

PYTHON ?= python3
OUT ?= out
SHORT ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint requirements.lock
UV := 0.13.9

FRAMEWORKS := .venv-frameworks
FOREIGN := trl verl verifiers

.PHONY: help reproduce test test-long test-all catalogue names proofs coverage-study adversary fuzz frameworks frameworks-figure bench lint types notebooks lock clean
.DEFAULT_GOAL := help

help:
	@echo "make reproduce   verdicts, replay, simulation and figures into $(OUT)/ (SHORT=1 for a small one)"
	@echo "make test        the tests                make test-all  with the long ones   make bench  the timed ones"
	@echo "make catalogue   the certificates of every entry of the catalogue, after an entry was added or changed"
	@echo "make names       the type stubs of the packages, after a public name was added or renamed"
	@echo "make proofs      every figure of the proof engine in one table; Coq where it is installed"
	@echo "make coverage-study  how often intervals hold the truth, into docs/ (ten minutes of processor time)"
	@echo "make adversary   random rewards and tampered certificates against a judge of their own (ROUNDS=20000; hours)"
	@echo "make fuzz        parser, kernel and readers, guided by coverage (SECONDS=600)"
	@echo "make frameworks  the reward functions called by TRL, verl, OpenRLHF and verifiers themselves (5 GB, once)"
	@echo "make lint        ruff                     make types   mypy, strict"
	@echo "make notebooks   execute every notebook   make lock    pin again        make clean   remove what make made"
	@echo "Another Python: make PYTHON=python3.13 reproduce"

reproduce: $(VENV)/.run
	$(BIN)/scoring-theory reproduce --out $(OUT) $(if $(SHORT),--short)

# Each file stays with one worker, so that its tests share what is expensive. What takes long and has a quicker
# neighbour is marked `slow`; property tests have a quarter of their examples in `test`, all of them in the long run.
JOBS ?= 2
TESTS = $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

test: $(VENV)/.dev
	$(TESTS)

test-long: $(VENV)/.dev
	$(TESTS) --hypothesis-profile=thorough -m "(slow or hypothesis) and not frameworks"

test-all: $(VENV)/.dev
	$(TESTS) --hypothesis-profile=thorough -m "not frameworks"

names: $(VENV)/.dev
	$(BIN)/python -m tests.programs.write_stubs

catalogue: $(VENV)/.run
	$(BIN)/python -m scoring_theory.checking.archive proofs/certificates

# What the proof engine is worth, in one table: catalogue and published rewards, the archive with the standard library
# alone, the named hard cases, and, where coqc is installed, every theorem and variant to be refused.
proofs: $(VENV)/.dev
	$(BIN)/python -m tests.programs.proof_statistics

# Random rewards and tampered certificates against a judge that shares no code with the package. Hours for all ROUNDS;
# what is stopped goes on where it stood (out/adversary.jsonl).
ROUNDS ?= 20000
adversary: $(VENV)/.dev
	$(BIN)/python -m tests.adversary --rounds $(ROUNDS)

# Coverage-guided fuzzing of parser, kernel and readers, with atheris in an environment of its own; findings are in out/fuzz.
SECONDS ?= 600
fuzz: $(VENV)-fuzz/.done
	$(VENV)-fuzz/bin/python -m tests.adversary.fuzz $(SECONDS)

$(VENV)-fuzz/.done: $(VENV)/.dev
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[parquet]'
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet atheris || echo "atheris cannot be installed here"
	@touch $@

# How often 95 % intervals hold the truth: docs/coverage.csv and docs/coverage.md. A stopped study goes on where it was.
REPLICATES ?= 400
coverage-study: $(VENV)/.dev
	OPENBLAS_NUM_THREADS=1 nice $(BIN)/python -m tests.programs.coverage --replicates $(REPLICATES)

# Each trainer in an environment of its own, since their requirements contradict each other; verl wants Python 3.11 or
# 3.12 (make PYTHON=python3.11 frameworks). Where the index has only
# torch for GPUs, PIP_EXTRA_INDEX_URL may name one that has it for processors.
frameworks: $(VENV)/.dev $(FOREIGN:%=$(FRAMEWORKS)/%/.done)
	SCORING_THEORY_FRAMEWORKS=$(FRAMEWORKS) $(BIN)/python -m pytest tests/frameworks -m frameworks

# The recorded curves of the README, trained anew (ten minutes).
frameworks-figure: $(VENV)/.dev $(FRAMEWORKS)/trl/.done
	$(BIN)/python -m tests.programs.record_grpo $(FRAMEWORKS)/trl/bin/python notebooks/images/grpo_confidence

# Its requirements first, then what comes without its own: OpenRLHF's name packages that only build beside a GPU.
$(FRAMEWORKS)/%/.done: tests/frameworks/%.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet -r $<
	sed -n 's/^# alone: //p' $< | xargs -r -n 1 $(@D)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps
	@touch $@

bench: $(VENV)/.dev
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

# The pair of each text notebook is made, then executed, and keeps its outputs; neither is committed.
notebooks: $(VENV)/.dev
	$(BIN)/jupytext --quiet --to ipynb notebooks/*.py
	$(BIN)/jupyter-execute --inplace --kernel_name=python3 notebooks/*.ipynb

lock: $(VENV)/.run
	$(BIN)/python -m pip --disable-pip-version-check install --quiet uv==$(UV)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-header --no-emit-index-url \
		pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) $(VENV)-fuzz $(FRAMEWORKS) out build dist *.egg-info notebooks/*.ipynb .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find proofs scoring_theory simulations tests -name __pycache__ -type d -prune -exec rm -rf {} +

# setuptools comes from the lock as well, so that building the package fetches nothing that is not pinned.
$(VENV)/.run: requirements.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "scoring-theory needs Python 3.11 or newer, and '$(PYTHON)' is not a command here; say which one to use: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "scoring-theory needs Python 3.11 or newer, got $$($(PYTHON) -V 2>&1) from '$(PYTHON)'; say which one to use: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) (once)..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PIP) setuptools
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@
