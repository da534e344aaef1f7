# Two commands do the work, from a fresh clone with only Python and make:
#   make reproduce    verdicts, replay, simulations and figures into out/   (SHORT=1: a quick preview)
#   make test         the tests, a few minutes; `make test-all` also runs the long ones
# Both first create .venv from the pinned requirements.lock; later runs use it again.

PYTHON ?= python3
OUT ?= out
SHORT ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint requirements.lock
UV := 0.13.9

TORCH := 2.13.0

FRAMEWORKS := .venv-frameworks
FOREIGN := trl verl verifiers skyrl

.PHONY: help reproduce test test-long test-all costs catalogue names systems gallery atlas docs proofs coverage-study portability adversary fuzz mutation frameworks frameworks-figure watched-figure evidence transformer bench lint types notebooks slides lock clean
.DEFAULT_GOAL := help

help:
	@echo "make reproduce   write verdicts, replay, simulations and figures into $(OUT)/ (SHORT=1: a quick preview)"
	@echo "make test        run the tests"
	@echo "make test-long   run the long tests only"
	@echo "make test-all    run all tests, including the long ones and the studies (an hour)"
	@echo "make costs       measure what each test costs, and write which ones run in test-long only"
	@echo "make bench       run the benchmarks"
	@echo "make lint        run ruff"
	@echo "make types       run mypy in strict mode"
	@echo "make notebooks   execute the sources of the notebooks, and write notebooks/*.ipynb (CHECK=--check: compare only)"
	@echo "make slides      write the notebooks as slides into $(OUT)/slides, which need no network"
	@echo "make catalogue   update the certificates after a change of the catalogue"
	@echo "make names       update the type stubs after a change of the public names"
	@echo "make systems     update docs/systems.md after a change of a system"
	@echo "make atlas       update docs/atlas after a change of the catalogue or of a trainer (five minutes)"
	@echo "make gallery     update docs/gallery.md and its pictures after a change of a figure (two minutes)"
	@echo "make docs        build the documentation as a site, in out/docs"
	@echo "make proofs      print the statistics of the proof engine, with Coq if it is installed"
	@echo "make coverage-study  measure the coverage of all intervals, into docs/ (half an hour of CPU time)"
	@echo "make portability run the wheel on every Python found here, with old and new libraries (twenty minutes)"
	@echo "make adversary   test the prover with random rewards and tampered certificates (ROUNDS=20000: an hour of CPU time)"
	@echo "make fuzz        fuzz parser, kernel and readers, guided by coverage (SECONDS=600)"
	@echo "make mutation    change the code in 300 places of each of five areas, and see whether the tests notice (half an hour)"
	@echo "make frameworks  test the reward functions inside TRL, verl, OpenRLHF, verifiers and SkyRL (downloads 5 GB once;"
	@echo "                 with PIP_EXTRA_INDEX_URL of an index with torch for CPUs, where the usual one has it for GPUs)"
	@echo "make frameworks-figure  train the recorded curves of the README again (ten minutes)"
	@echo "make watched-figure  train the recorded runs with a monitor again (a quarter of an hour)"
	@echo "make transformer install PyTorch for CPUs beside the tests, which skip the transformer without it"
	@echo "make evidence    train the transformer of docs/evidence.md again, resumable (three hours of CPU time; PARTS=core: one hour)"
	@echo "make lock        update requirements.lock"
	@echo "make clean       remove build outputs"
	@echo "With another Python: make PYTHON=python3.13 reproduce"

reproduce: $(VENV)/.run
	$(BIN)/scoring-theory reproduce --out $(OUT) $(if $(SHORT),--short)

# All tests of a file run in one worker, so that they share expensive fixtures. Long tests are marked `slow`, or are in
# tests/long_tests.txt, which `make costs` writes; those with many more cases are also marked `study`, which only
# `test-all` runs. Property tests use 15 of their 100 examples in `test`, 50 in
# `test-long`, and all in `test-all`.
JOBS ?= 2
TESTS = $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile

test: $(VENV)/.dev
	$(TESTS)

test-long: $(VENV)/.dev
	$(TESTS) --hypothesis-profile=long -m "(slow or hypothesis) and not (frameworks or study)"

test-all: $(VENV)/.dev
	$(TESTS) --hypothesis-profile=thorough -m "not frameworks"

costs: $(VENV)/.dev
	rm -rf $(OUT)/costs
	$(BIN)/python -m tests.programs.costs --folder $(OUT)/costs

# PyTorch is large, and only the small transformer needs it. The usual index has it for GPUs; the second one for CPUs alone.
transformer: $(VENV)/.transformer
	@$(BIN)/python -c 'import torch; print("PyTorch", torch.__version__)'

$(VENV)/.transformer: $(VENV)/.dev
	$(PIP) --extra-index-url https://download.pytorch.org/whl/cpu 'torch==$(TORCH)'
	@touch $@

# Groups of runs that have ended are kept in out/evidence; with PARTS=large, the larger transformer (an hour more).
PARTS ?= core causes second after sums ablations
evidence: $(VENV)/.transformer
	nice $(BIN)/python -m tests.programs.evidence --groups $(PARTS) --jobs $(JOBS)

names: $(VENV)/.dev
	$(BIN)/python -m tests.programs.write_stubs

atlas: $(VENV)/.dev
	$(BIN)/python -m tests.programs.write_atlas

systems: $(VENV)/.dev
	$(BIN)/python -m tests.programs.write_systems

gallery: $(VENV)/.dev
	$(BIN)/python -m tests.programs.write_gallery

# The pages as a site with the API reference, without a network; any warning, such as a dead link, is an error.
docs: $(VENV)/.docs
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs -b html . $(OUT)/docs
	@echo "open $(OUT)/docs/index.html"

$(VENV)/.docs: $(VENV)/.dev
	$(PIP) --no-build-isolation --editable '.[docs]'
	@touch $@

catalogue: $(VENV)/.run
	$(BIN)/python -m scoring_theory.checking.archive proofs/certificates

# The statistics of the proof engine in one table: catalogue and published rewards, the archive with the standard
# library only, the named hard cases, and, if coqc is installed, all theorems and false variants.
proofs: $(VENV)/.dev
	$(BIN)/python -m tests.programs.proof_statistics

# Random rewards and tampered certificates against a check that shares no code with the package. All ROUNDS take an hour;
# an interrupted run is resumed (out/adversary.jsonl).
ROUNDS ?= 20000
adversary: $(VENV)/.dev
	$(BIN)/python -m tests.adversary --rounds $(ROUNDS)

# Coverage-guided fuzzing of parser, kernel and readers with atheris, in a separate environment; findings: out/fuzz.
SECONDS ?= 600
fuzz: $(VENV)-fuzz/.done
	$(VENV)-fuzz/bin/python -m tests.adversary.fuzz $(SECONDS)

$(VENV)-fuzz/.done: $(VENV)/.dev
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --editable '.[parquet]'
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet atheris || echo "atheris cannot be installed here"
	@touch $@

# Mutation testing with the operators of cosmic-ray, in a separate environment (configuration: pyproject.toml). An
# interrupted run is resumed (out/mutation). With WRITE=--write the record and docs/reliability.md are updated.
mutation: $(VENV)-mutation/.done
	nice $(VENV)-mutation/bin/python -m tests.mutation --mutants $(MUTANTS) $(WRITE)

MUTANTS ?= 300
WRITE ?=
$(VENV)-mutation/.done: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet --constraint requirements.lock --editable '.[dev]'
	$(@D)/bin/python -m pip --disable-pip-version-check install --quiet cosmic-ray==8.7.0 coverage==7.17.5
	@touch $@

# The coverage of the 95 % intervals: docs/coverage.csv and docs/coverage.md. An interrupted study is resumed.
REPLICATES ?= 400
coverage-study: $(VENV)/.dev
	OPENBLAS_NUM_THREADS=1 nice $(BIN)/python -m tests.programs.coverage --replicates $(REPLICATES) --jobs $(JOBS)

# Installs the wheel into bare environments in out/portability: every Python from 3.11 on that this machine has, oldest and
# newest libraries, and settings such as an ASCII locale, no home folder or no writable cache.
portability: $(VENV)/.dev
	$(PIP) uv==$(UV)
	nice $(BIN)/python -m tests.programs.portability

# Each trainer has its own environment, since their requirements contradict each other; verl needs Python 3.11 or 3.12
# (make PYTHON=python3.11 frameworks). If the package index has torch for GPUs only, set PIP_EXTRA_INDEX_URL to an
# index with torch for CPUs.
frameworks: $(VENV)/.dev $(FOREIGN:%=$(FRAMEWORKS)/%/.done)
	SCORING_THEORY_FRAMEWORKS=$(FRAMEWORKS) $(BIN)/python -m pytest tests/frameworks -m frameworks

# Train the recorded curves of the README again (ten minutes).
frameworks-figure: $(VENV)/.dev $(FRAMEWORKS)/trl/.done
	$(BIN)/python -m tests.programs.record_grpo $(FRAMEWORKS)/trl/bin/python notebooks/images/grpo_confidence

# Record the runs of the figure `watched-training` again (a quarter of an hour).
watched-figure: $(VENV)/.dev $(FRAMEWORKS)/trl/.done
	$(BIN)/python -m tests.programs.record_watched $(FRAMEWORKS)/trl/bin/python

# First the requirements, then packages without their dependencies: those of OpenRLHF build only with a GPU.
$(FRAMEWORKS)/%/.done: tests/frameworks/%.txt
	@echo "installing $* into $(@D), which takes $$(sed -n 's/^# takes: //p' $<)"
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip --disable-pip-version-check install --progress-bar on -r $<
	sed -n 's/^# alone: //p' $< | xargs -r -n 1 $(@D)/bin/python -m pip --disable-pip-version-check install --no-deps
	@touch $@

bench: $(VENV)/.dev
	$(BIN)/python -m pytest tests/benchmarks --benchmark-only

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

# Executes notebooks/sources/*.py and writes those notebooks whose cells or printed outputs have changed. With
# CHECK=--check nothing is written, and a difference is an error. NOTEBOOKS="04_trainers_that_undo_your_reward" chooses.
CHECK ?=
NOTEBOOKS ?=
notebooks: $(VENV)/.dev
	$(BIN)/python -m tests.programs.write_notebooks $(NOTEBOOKS) $(CHECK)

slides: $(VENV)/.dev
	$(BIN)/python -m tests.programs.write_slides --out $(OUT)/slides $(NOTEBOOKS)

# All extras but `transformer`: PyTorch's own pins are those of its build.
LOCKED := --extra adapters --extra completion --extra configs --extra dev --extra docs --extra notebooks --extra parquet --extra sweeps
lock: $(VENV)/.run
	$(BIN)/python -m pip --disable-pip-version-check install --quiet uv==$(UV)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 $(LOCKED) --no-header --no-emit-index-url \
		pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) $(VENV)-fuzz $(VENV)-mutation $(FRAMEWORKS) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find proofs scoring_theory simulations tests -name __pycache__ -type d -prune -exec rm -rf {} +

# setuptools also comes from the lock, so that building the package downloads nothing that is not pinned.
$(VENV)/.run: requirements.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "scoring-theory needs Python 3.11 or newer, and the command '$(PYTHON)' was not found; choose one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "scoring-theory needs Python 3.11 or newer, got $$($(PYTHON) -V 2>&1) from '$(PYTHON)'; choose another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) (once)..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PIP) setuptools
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) --no-build-isolation --editable '.[dev]'
	@touch $@
