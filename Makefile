# Everything a fresh clone needs. `make` alone lists the targets.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TESTS := $(VENV)/.installed-tests
SEED ?= 1

.PHONY: help install demo test test-long lint bench clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mpi needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $(STAMP)

$(TESTS): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $(TESTS)

install: $(STAMP)  ## make .venv with pinned versions

demo: $(STAMP)  ## synthetic provinces into an index, with a summary
	$(BIN)/mpi demo --seed $(SEED)

lint: $(TESTS)
	$(BIN)/ruff check mpi tests benchmarks
	$(BIN)/ruff format --check mpi tests benchmarks
	$(BIN)/mypy

test: lint  ## ruff, mypy (strict) and the tests
	$(BIN)/python -m pytest -n 2 -q -m "not long"

test-long: lint  ## the same with the long tests
	$(BIN)/python -m pytest -n 2 -q

bench: $(STAMP)  ## the benchmarks, and the table of the README
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks all

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .hypothesis
