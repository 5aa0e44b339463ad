# One command each; `make` alone lists them.
#
# Everything runs in .venv, built once from requirements.lock (exact versions and hashes, nothing
# else is fetched). One lock for running and developing: the extra for tests and lint is 40 MB, and
# what `make test` proves is then exactly what `make run` runs.

PYTHON ?= python3
JOBS ?= 2
TELEGRAMS ?= 5000
FUZZ_SECONDS ?= 300
MINUTES ?= 10
BIN := .venv/bin
READY := .venv/.ready
TOOLS := .venv/.tools

.DEFAULT_GOAL := help
.PHONY: help run test ui check lint types slow fuzz audit accuracy bench reliability docs lock \
  clean

help:  ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 14

run: $(READY)  ## Load the sample telegrams and ask the warehouse a first question
	@$(BIN)/cables ingest seeds/cables
	@echo
	@echo "The five newest telegrams:"
	@echo
	@$(BIN)/cables query "SELECT mrn, country_name, classification, subject \
	  FROM cable ORDER BY sent_at DESC LIMIT 5"

test: $(READY)  ## Run the tests, without the slow ones
	@$(BIN)/python -m pytest -q -rs -n $(JOBS) -m "not slow"

slow: $(READY)  ## Run the slow tests
	@$(BIN)/python -m pytest -q -m slow; code=$$?; [ $$code -eq 5 ] && echo "no slow tests" || exit $$code

ui: $(READY)  ## Open the job in Dagster's UI on http://127.0.0.1:3000
	@$(BIN)/cables ui

check: lint types test  ## Lint, types and tests: run it before each commit

lint: $(READY)  ## Style and forbidden imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)  ## Types, strictly
	@$(BIN)/mypy

fuzz: $(TOOLS)  ## Feed readers and parser broken input; FUZZ_SECONDS=300, FUZZ=csv
	@$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) $(FUZZ)

audit: $(TOOLS)  ## Look up the locked versions in a database of known holes, if one can be reached
	@$(BIN)/python .ci/audit.py

accuracy: $(READY)  ## Score the parser field by field; CABLES_HEADER_CASES adds more cases
	@$(BIN)/python -m benchmarks.accuracy

bench: $(READY)  ## Measure parser and main job against DuckDB alone; TELEGRAMS=20000, BENCH=--record
	@$(BIN)/python -m benchmarks.parse_stages
	@echo
	@$(BIN)/python -m benchmarks.job --telegrams $(TELEGRAMS) $(BENCH)

reliability: $(READY)  ## Kill, read, fill and starve it for MINUTES=10; figures to docs/reliability.md
	@$(BIN)/python -m benchmarks.reliability --minutes $(MINUTES) --write

docs: $(READY)  ## Redraw the star schema and refresh the output in the README
	@$(BIN)/python docs/star_schema.py
	@$(BIN)/python -m tests.restrict.test_decisions
	@$(BIN)/python -m tests.test_readme

lock:  ## Choose the newest versions that pyproject.toml allows (needs uv and a network)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv"; exit 2; }
	set -- --universal --python-version 3.11 --upgrade --generate-hashes --no-strip-extras \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet; \
	uv pip compile pyproject.toml --group dev "$$@" --output-file requirements.lock && \
	uv pip compile --group pyproject.toml:tools --constraint requirements.lock "$$@" \
	  --output-file requirements-tools.lock

clean:  ## Remove .venv, caches, Dagster's history and the published warehouse
	rm -rf .venv .dagster .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf warehouse/*.duckdb warehouse/*.duckdb.wal warehouse/.[!.]*
	find etl tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------

PIP = if [ -x $(BIN)/pip ]; then pip="$(BIN)/python -m pip --disable-pip-version-check"; \
  set -- --quiet; else pip="uv pip"; set -- --quiet --python $(BIN)/python; fi

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found=$$($(PYTHON) -V 2>/dev/null | head -n 1); \
	  echo "Cable Warehouse needs Python 3.11 or newer; '$(PYTHON)' is $${found:-not one}."; \
	  echo "Name another one: make PYTHON=python3.12 …"; exit 2; }
	@rm -rf .venv
	@echo "Building .venv (once; some 100 packages)"
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv .venv; \
	elif command -v virtualenv >/dev/null; then virtualenv --quiet --python $(PYTHON) .venv; \
	elif command -v uv >/dev/null; then uv venv --quiet --python $(PYTHON) .venv; \
	else echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv"; \
	  echo "(virtualenv or uv on the PATH will do, too)"; exit 2; fi
	@$(PIP); $$pip install "$$@" --no-deps --require-hashes --requirement requirements.lock && \
	$$pip install "$$@" --no-build-isolation --no-deps --editable .
	@touch $@

# Tools that only `make fuzz` and `make audit` use. Where they cannot be had (no network, no wheel
# for this machine), both say so and do without.
$(TOOLS): requirements-tools.lock $(READY)
	@$(PIP); export PIP_RETRIES=1 PIP_DEFAULT_TIMEOUT=10; \
	if $$pip install "$$@" --no-deps --require-hashes --requirement requirements-tools.lock; \
	then touch $@; else echo "The tools of requirements-tools.lock could not be installed."; fi
