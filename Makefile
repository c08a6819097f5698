# Set-up, the main job and the checks. On a bare machine only Python 3.11 or later (with venv and pip) and make are needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO := results/demo
JINFENG := scenarios/jinfeng/before.yaml scenarios/jinfeng/after.yaml

.PHONY: help demo test slow check-all bench bench-country golden world constraints clean
.DEFAULT_GOAL := help

help:
	@echo "make demo         compare Jinfeng before and after: tables and charts in $(DEMO)"
	@echo "make test         the tests, without the slow ones"
	@echo "make slow         the slow tests: long oracle runs, thousands of random streets, lost sweeps (some minutes)"
	@echo "make check-all    all tests"
	@echo "make bench        the engines' speed, as ratios"
	@echo "make bench-country  what a whole country takes (minutes)"
	@echo "make golden       write the golden tables again (then read the difference)"
	@echo "make world        hold the model against the world again: scenarios/halls/README.md (minutes)"
	@echo "make constraints  pin the newest versions again (needs uv)"

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet -c constraints.txt -e '.[test]'
	@touch $(VENV)/.installed $@

demo: $(VENV)/.installed
	$(BIN)/yizhan compare $(JINFENG) --replications 10 --out $(DEMO)
	$(BIN)/yizhan --lang en chart $(DEMO) --out $(DEMO)/charts/en
	$(BIN)/yizhan --lang zh chart $(DEMO) --out $(DEMO)/charts/zh
	@for lang in en zh; do for file in $(JINFENG); do \
	  $(BIN)/yizhan --lang $$lang explain $$file > $(DEMO)/explain-$$(basename $$file .yaml)-$$lang.txt || exit; \
	done; done
	@echo
	@echo "Tables:                              $(DEMO)"
	@echo "Charts in English and Chinese:       $(DEMO)/charts"
	@echo "Every number with its source:        $(DEMO)/explain-*.txt"

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q -n 2 -m 'not slow'

slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q -n 2 -m slow

check-all: test slow

bench: $(VENV)/.installed-test
	PYTHONPATH=tests $(BIN)/python -m benchmarks

bench-country: $(VENV)/.installed-test
	PYTHONPATH=tests $(BIN)/python -m benchmarks.country

golden: $(VENV)/.installed-test
	$(BIN)/python -m tests.golden

world: $(VENV)/.installed-test
	PYTHONPATH=tests $(BIN)/python -m world

constraints:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --no-emit-index-url --no-annotate --no-header -o constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
