# The commands, see README.md. Options: make up UP="--port 9000", make test TEST="tests/rules -x", make bench BENCH="pages --quick".
SHELL := /bin/bash
.PHONY: up test check bench doctor format help

help:
	@echo "make up      start everything on this machine (installs what is missing)"
	@echo "make test    all tests"
	@echo "make check   lint, types, import contracts, templates, migrations"
	@echo "make bench   all benchmarks"
	@echo "make doctor  what is wrong with this installation and how to mend it"
	@echo "make format  format the source"

up:
	@exec bash scripts/up.sh $(UP)

test:
	@exec bash scripts/test.sh $(TEST)

check:
	@exec bash scripts/check.sh

bench:
	@exec bash scripts/bench.sh $(BENCH)

doctor:
	@bash scripts/install.sh run && exec .venv/bin/python -m jiuyi.project.command doctor

format:
	@bash scripts/install.sh dev && .venv/bin/python -m ruff format . && .venv/bin/python -m ruff check --fix-only .
