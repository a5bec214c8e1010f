# make app · make test · make lint · make bench · make fuzz · make screenshots: the whole ceremony.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin/python
ARGS ?=

.PHONY: app test lint format bench fuzz screenshots sample clean

app: $(VENV)/.app
	$(RUN) -m journey_app serve --sample $(ARGS)

test: $(VENV)/.dev lint
	JOURNEY_BROWSER="$$($(RUN) tests/e2e/browser.py --install)" $(RUN) -m pytest -n 2 --dist loadgroup $(ARGS)

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(VENV)/.dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.dev
	$(RUN) benchmarks/import_million.py $(ARGS)
	$(RUN) benchmarks/stitching.py
	$(RUN) benchmarks/verdict_tables.py
	$(RUN) benchmarks/import_orders.py
	$(RUN) -m benchmarks.live_traffic
	$(RUN) -m benchmarks.live_merges

fuzz: $(VENV)/.dev
	$(RUN) -m tests.intake.fuzz $(or $(ARGS),10000)
	$(RUN) -m tests.workspace.kills 50

screenshots: $(VENV)/.dev
	JOURNEY_BROWSER="$$($(RUN) tests/e2e/browser.py --install)" $(RUN) -m tests.e2e.screenshots $(ARGS)

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Set PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: requirements.txt | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.app
