# `make` alone says what there is to do. Every target does its own set-up; nothing but Python 3.11 or newer, make and git is needed.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help install demo test check words bench soak pictures clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## Make .venv with everything a developer needs

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group dev --group browser
	@touch $@

demo: $(READY) ## Show the whole line on an invented publication: mails land in demo/
	@$(BIN)/digest demo

test: $(READY) ## Run all tests; what needs a missing service is skipped with the reason (T=path runs a part)
	$(BIN)/pytest -n 2 --dist loadgroup $(T)

check: $(READY) ## Lint, types, import contracts and template checks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/rules

words: $(READY) ## Gather the texts that readers see and renew the catalogs of templates/languages/ (NEW=tag begins one)
	$(BIN)/python templates/languages/extract.py $(NEW)

bench: $(READY) ## Measure speed and memory, as ratios taken side by side in one run
	$(BIN)/python -m tests.benchmarks

soak: $(READY) ## Kill workers at 200 random moments on each kind of database; half an hour (KILLS=number, SEED=number)
	DIGEST_SOAK_KILLS=$(or $(KILLS),200) $(if $(SEED),DIGEST_SOAK_SEED=$(SEED)) $(BIN)/pytest tests/journeys/test_faults.py -k random_moments --log-cli-level=INFO

pictures: $(READY) ## Make the README's pictures anew (needs Chromium)
	$(BIN)/python docs/pictures/make_mail_pictures.py
	$(BIN)/python docs/pictures/make_page_pictures.py
	$(BIN)/python docs/pictures/make_desk_pictures.py

clean: ## Remove what the targets above made
	rm -rf .venv demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
