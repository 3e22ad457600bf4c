# Everything a newcomer, a contributor and CI run. Needs Python >= 3.11, git, make and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Tests wait more than they compute: two processes a core. With one core they only get in each other's way.
WORKERS ?= $(shell $(PYTHON) -c 'import os; n = os.cpu_count() or 1; print(2 * n if n > 1 else 0)')

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types contracts audit bench screenshots clean

help: ## show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY) ## the main job on this machine: sandboxes, webhooks, builds, statuses (Ctrl-C ends it)
	$(BIN)/leeroy demo

test: $(READY) ## all tests that need no more than this machine has
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

check: format lint types contracts audit test ## what CI runs

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

audit: $(READY) ## known holes in the packages we stand on
	@$(BIN)/python -m tests.audit $(BIN)/pip-audit constraints.txt

bench: $(READY) ## the numbers, measured from outside, in one table
	$(BIN)/python -m benchmarks.service $(BENCH_ARGS)

screenshots: $(READY) ## docs/screenshots anew
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

clean: ## forget the environment
	rm -rf $(VENV)
