# Two commands do all the set-up: `make run` (the main job) and `make test`. Nothing but Python >= 3.11 is needed.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --require-hashes

PORT ?= 8710
DEMO_HOME ?= demo-node
PHOTOS ?=
ONCE ?=
TESTS ?= tests
LANGUAGES ?=
ROWS ?= 200000
NUMBER ?= 1000
PACK ?= embedded
# Real photo sets, where the machine has them; tests that need them skip with the reason where it has not.
TEST_DATA := $(if $(SEMBLANCE_TEST_DATA),$(SEMBLANCE_TEST_DATA),$(abspath $(wildcard ../shared/data)))
BENCH_PHOTOS = $(if $(PHOTOS),"$(PHOTOS)",$(if $(TEST_DATA),"$(TEST_DATA)/congress"))

.PHONY: run test lint bench format strings lock clean help
.DEFAULT_GOAL := help

help: ## Show what can be made.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

run: $(VENV)/.installed ## Set up, enrol the sample photos, search once, serve the pages. PHOTOS=DIR, ONCE=1, PORT=8710.
	@$(BIN)/semblance demo --home "$(DEMO_HOME)" --port $(PORT) \
		$(if $(PHOTOS),--photos "$(PHOTOS)") $(if $(ONCE),--once)

test: $(VENV)/.installed-dev ## Check the layers and run all tests. TESTS=tests/faces for a part.
	@$(BIN)/lint-imports --no-cache >$(VENV)/lint-imports.log 2>&1 || { cat $(VENV)/lint-imports.log; exit 1; }
	@$(if $(TEST_DATA),SEMBLANCE_TEST_DATA="$(TEST_DATA)") $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS) $(ARGS)

lint: $(VENV)/.installed-dev ## ruff, mypy --strict, import-linter.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src tests
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.installed-dev ## Measure templates, index and a whole node. PHOTOS=DIR, ROWS=200000, NUMBER=1000.
	@$(BIN)/semblance bench $(BENCH_PHOTOS) $(ARGS)
	@test -z '$(BENCH_PHOTOS)' || $(BIN)/semblance bench-index $(BENCH_PHOTOS) --pack $(PACK) --rows $(ROWS) --batch 1000 \
		--checks 100 --size 50000 --size 200000 --against faiss-fp32 --against faiss-fp16 --against hnsw
	@test -z '$(BENCH_PHOTOS)' || $(BIN)/semblance bench-node $(BENCH_PHOTOS) --pack $(PACK) --number $(NUMBER)

format: $(VENV)/.installed-dev ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

strings: $(VENV)/.installed-dev ## Bring the strings of the pages into the translations. LANGUAGES=de begins another.
	@PYTHONPATH=src $(BIN)/python -m tests.strings $(LANGUAGES)

lock: $(VENV)/.installed-dev ## Lock the dependencies anew.
	PATH="$(abspath $(BIN)):$$PATH" sh requirements-lock.sh

clean: ## Remove the environment and the demo node.
	rm -rf $(VENV) "$(DEMO_HOME)"

$(VENV)/bin/pip:
	@test -n "$(PYTHON)" || { echo "Semblance needs Python 3.11 or newer. Install it, or say PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make environments (Debian: apt install python3-venv)."; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: $(VENV)/bin/pip requirements-build.lock requirements.lock pyproject.toml
	@echo "Installing what Semblance needs into $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-build.lock
	@$(INSTALL) -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what the tests need ..."
	@$(INSTALL) -r requirements-dev.lock
	@touch $@
