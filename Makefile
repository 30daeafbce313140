# A thin front for scripts/dev.py, which needs nothing but Python >= 3.11 and does all set-up itself.
PYTHON ?= python3
P ?= fixtures/checkout-ready
DEV := $(PYTHON) scripts/dev.py

.PHONY: check test lint bench docs clean help

check: ## check the repository at P=path (default: a service that is ready)
	@$(DEV) check $(P)

test: ## everything a change must pass: lint, types, import contracts, tests, policies, the wheel
	@$(DEV) test

lint: ## ruff, mypy and the import contracts only
	@$(DEV) lint

bench: ## time readiness beside its peers; BENCH="--sizes tiny,small --repeat 3"
	@$(DEV) bench $(BENCH)

docs: ## the pages about policies in docs/policies, and the site in build/site
	@$(DEV) docs

clean: ## remove what the other targets made
	@$(DEV) clean

help:
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile
