.PHONY: install demo test test-all check bench torture
SHELL := /bin/bash
PY := .venv/bin/python
