# Everything a person or CI runs. A virtual environment in the checkout, nothing global.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DISTS  := . plugins/files plugins/salesforce plugins/hubspot plugins/emulator

.PHONY: setup demo test check lint types layers wheels bench lock clean

setup: $(VENV)/.ready

# Two steps: pip cannot check hashes of an editable install, so the pinned lock comes first, our own packages after.
$(VENV)/.ready: requirements.lock pyproject.toml $(wildcard plugins/*/pyproject.toml)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(foreach d,$(DISTS),-e $(d))
	touch $@

demo: setup
	$(BIN)/csconnect demo

# As many at once as there are cores; a file's tests stay together, for what they share, and long files come first (tests/conftest.py).
test: setup
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: lint types layers test

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

wheels: setup
	bash .ci/wheels

bench: setup
	$(BIN)/python tests/bench/sync_bench.py

# The lock names versions and hashes, never a download address.
lock:
	echo "csconnect @ file://$(CURDIR)" > $(VENV)/self.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-package csconnect --group dev pyproject.toml $(wildcard plugins/*/pyproject.toml) $(VENV)/self.txt -o requirements.lock

clean:
	rm -rf $(VENV) build dist *.egg-info plugins/*/build plugins/*/*.egg-info
