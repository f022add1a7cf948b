# Two commands set up a fresh machine: `make run` and `make test`. Both need only Python 3.11+.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test setup check lock clean

run: setup
	@$(BIN)/caunoi run

test: setup check
	$(BIN)/pytest -q -n 2 --dist loadgroup $(PYTEST)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(READY)

$(READY): pyproject.toml requirements.lock setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh setup.sh
	@touch $(READY)

# Writes down the versions that are installed; run it after changing pyproject.toml.
lock: setup
	$(BIN)/pip freeze --exclude-editable | grep -v '^cau-noi' | sed 's/+cpu//' > requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
