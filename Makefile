# Every target prepares what it needs: .venv, filled from the hash-pinned files in requirements/ and refilled only when
# those change. Nothing is needed beforehand but make and Python 3.11, 3.12 or 3.13; after that first filling nothing
# here uses a network.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# Choose an interpreter with `make PYTHON=... TARGET`; otherwise the first fitting one of these is taken.
PYTHON ?= python3 python3.13 python3.12 python3.11
# Further arguments of pytest, for example `make test PYTEST="-k card -x"`.
PYTEST ?=
# Processes that share the tests; 0 runs them in pytest's own, for a debugger.
JOBS ?= 2
# Arguments of the pages' build: `make pages PAGES=--check` compares and writes nothing.
PAGES ?=
# Arguments of the demonstration, for example `make demo DEMO="--record summary.json"`.
DEMO ?=

venv := .venv
bin := $(venv)/bin
pip := $(bin)/python -m pip --disable-pip-version-check --quiet install
pinned := --require-hashes --no-deps
parts := core firmware risk translator_wasm contracts service nodes clients oracle app
# Isolated (-I): neither the working directory nor the caller's variables decide what is imported.
pytest = $(bin)/python -I -m pytest --numprocesses $(JOBS) --dist loadfile
ready := $(venv)/.hospes $(venv)/.development
python_files := $(parts) benchmarks tests tools
# ape and pyright look for their companions on PATH, and the pages for Node.
export PATH := $(CURDIR)/$(bin):$(CURDIR)/$(venv)/node:$(PATH)

# No activated environment and no PYTHONPATH of the caller may leak into ours.
unexport PYTHONPATH VIRTUAL_ENV PYTHONHOME

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# ---------------------------------------------------------------------------------------------------- environment

# coincurve and others are compiled; wheels for all of them exist for these versions and no newer one.
$(bin)/python:
	@for candidate in $(PYTHON); do \
	    if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	        echo "Making $(venv) with $$("$$candidate" --version)"; \
	        "$$candidate" -m venv --clear $(venv); \
	        exit 0; \
	    fi; \
	done; \
	echo "Hospes needs Python 3.11, 3.12 or 3.13 with its venv module; tried: $(PYTHON)." >&2; \
	echo "On Debian and Ubuntu: apt-get install python3 python3-venv. Elsewhere: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	exit 1

$(venv)/.runtime: requirements/runtime.txt | $(bin)/python
	@echo "Installing what Hospes needs to run (about 80 packages, once)"
	@$(pip) $(pinned) --only-binary :all: -r $<
	@touch $@

# Reinstalled when entry points may have changed. It takes a second and no network.
$(venv)/.hospes: pyproject.toml $(venv)/.runtime
	@$(pip) --no-deps --no-build-isolation --no-index -e .
	@touch $@

# The few packages without a wheel are pure Python and are built by the pinned setuptools that runtime.txt brought.
$(venv)/.development: requirements/development.txt $(venv)/.runtime | $(venv)/.hospes
	@echo "Installing what builds, tests and checks Hospes (about 90 packages more, once)"
	@$(pip) $(pinned) --no-build-isolation --use-pep517 -r $<
	@tools/node_shims.sh
	@touch $@

.PHONY: install
install: $(venv)/.hospes ## fill .venv with what `hospes` needs to run

.PHONY: develop
develop: $(ready) ## fill .venv with everything, for work on the code

# --------------------------------------------------------------------------------------------------------- using it

.PHONY: demo
demo: $(venv)/.hospes ## show one record travelling, being opened, and being accounted for
	@$(bin)/hospes demo $(DEMO)

.PHONY: test
test: $(ready) ## run every test
	@$(pytest) $(PYTEST)

# ---------------------------------------------------------------------------------------------------------- checking

.PHONY: format
format: $(ready) ## rewrite the sources in the agreed format
	@$(bin)/ruff format --quiet $(python_files)
	@$(bin)/ruff check --quiet --fix --select I $(python_files)

.PHONY: ruff mypy pyright imports generated
ruff: $(ready)
	@$(bin)/ruff format --check --quiet $(python_files) || { echo "Not formatted: make format" >&2; exit 1; }
	@$(bin)/ruff check --quiet $(python_files)
	@echo "ruff: format and rules kept"

mypy: $(ready)
	@$(bin)/mypy $(python_files)

pyright: $(ready)
	@$(bin)/pyright --threads 2

imports: $(ready)
	@$(bin)/lint-imports --no-logo

generated: $(ready)
	@for tool in tools/build_*.py; do $(bin)/python -I "$$tool" --check; done

.PHONY: lint
lint: ruff imports generated mypy pyright ## everything of `make check` but the tests

.PHONY: check
check: lint test ## everything that must be green

.PHONY: check-fast
check-fast: ruff imports mypy ## what a minute allows: format, rules, imports, mypy, the quick tests
	@HYPOTHESIS_PROFILE=fast $(pytest) --quiet -m "not slow" $(PYTEST)

# ------------------------------------------------------------------------------------------------------- maintaining

.PHONY: bench
bench: $(ready) ## measure, and write benchmarks/results.json (machine, versions, peers of the same run)
	@PYTHONPATH=. $(bin)/python -m benchmarks

.PHONY: models
models: ## learn the models of risk again (needs HOSPES_SHARED_DATA and a package index)
	@$(firstword $(wildcard $(bin)/python) python3) -m venv .training
	@.training/bin/python -m pip --quiet install --require-hashes --no-deps --only-binary :all: -r requirements/training.txt
	@OMP_NUM_THREADS=1 PYTHONPATH=.:risk/src:core/src .training/bin/python -m risk.training.train

.PHONY: pages
pages: $(ready) ## build the two pages from their sources (needs an npm registry the first time)
	@tools/build_pages.sh $(PAGES)

.PHONY: lock
lock: ## write requirements/ from pyproject.toml (needs uv)
	@tools/lock_requirements.sh

.PHONY: wheel
wheel: $(venv)/.hospes ## build the wheel into dist/
	@rm -rf dist
	@$(bin)/hatchling build --target wheel

.PHONY: clean
clean: ## remove everything that the targets made, .venv included
	@rm -rf $(venv) build dist .coverage htmlcov .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .build
	@find $(python_files) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
