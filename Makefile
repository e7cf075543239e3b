# Two commands: `make run` shows the whole system at work, `make test` proves it.
# Both need only Python >= 3.11 and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# Compiling all that it loads costs each of the processes that we start two seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test contract lint format types unit lock lock-check messages clean help

help:
	@echo "make run    start everything with the demo shop (Ctrl-C ends it)"
	@echo "make test   linters, types, import contracts and every test"
	@echo "make format | lint | types | unit | contract | lock | messages | clean"

run: $(VENV)/.run
	$(BIN)/oms up --demo --auto-associates $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m tests.gates
	$(BIN)/python -m pytest -n 2 $(ARGS)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tributary needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.run: $(UV) requirements.lock pyproject.toml
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# The adapters against official schemas, examples and vectors, and against their stand-ins.
contract: $(VENV)/.dev
	$(BIN)/python -m pytest tests/carriers tests/carrier_sandbox tests/channels tests/sandbox -n 2 --dist loadgroup $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 $(ARGS)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

COMPILE := pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url
lock: $(UV)
	$(UV) $(COMPILE) --group pyproject.toml:build pyproject.toml -o requirements.lock
	$(UV) $(COMPILE) --group pyproject.toml:dev pyproject.toml -c requirements.lock -o requirements-dev.lock

# What customers read, collected from the sources into each language's catalogue. New wordings come
# in untranslated; the tests of oms/languages name them.
messages: $(VENV)/.dev
	$(BIN)/python -m tests.oms.languages.collecting

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache test-artifacts
