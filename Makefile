# Two commands are enough: `make demo` and `make test`.  Each sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help demo test bench attacks train lint lock clean
export COMPLIANCE_MODELS ?= $(CURDIR)/.models
PYTHON ?=
export PYTHON
BIN := .venv/bin

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 8

demo: ## set everything up and watch a sample call go through every stage
	@scripts/setup.sh run
	@$(BIN)/compliance demo

test: ## set everything up, check style and types, and run the tests
	@scripts/setup.sh dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: ## style and types only
	@scripts/setup.sh dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# DATA=DIR names a folder with the evaluation data; without it the sample call stands in, and text is skipped.
PART ?= all
bench: ## speed, memory, media, webhooks, requirements, audit, verify, leaks, relisten, blind, consent, text, audit-query and fuzz, into docs/benchmarks.md (PART=speed, DATA=DIR)
	@scripts/setup.sh dev
	$(BIN)/python -m benchmarks $(PART) $(if $(DATA),--data "$(DATA)")

attacks: ## run every attack on the audit log, and write docs/attacks.md (minutes)
	@scripts/setup.sh dev
	PYTHONPATH=tests $(BIN)/python -m attacks > docs/attacks.md.part
	@mv docs/attacks.md.part docs/attacks.md

# What is shipped holds nothing out.  `python -m training --models DIR` prints figures on a sixth that is held out.
train: ## fit the tagger to training/fragments, into compliance/redact/detect/tagger.onnx (two hours, and gigabytes of torch)
	@scripts/setup.sh dev
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/train.txt
	$(BIN)/python -m training --models "$(COMPLIANCE_MODELS)" --all --out compliance/redact/detect/tagger.onnx

train-edges: ## fit where finds begin and end to training/edges, into compliance/redact/edges.json (seconds, but the same packages)
	@scripts/setup.sh dev
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/train.txt
	$(BIN)/python -m training.edges fit --out compliance/redact/edges.json

train-consent: ## fit the consent weigher to training/said, into compliance/consent/weigher.npz (minutes)
	@scripts/setup.sh dev
	$(BIN)/python -m training.weigh --out compliance/consent/weigher.npz

# Run it after a change of dependencies; `make lock UPGRADE=--upgrade` takes newer versions.  Needs uv.
# The build backend is in the lock, since nothing is built in isolation.  No index lines, no local paths.
LOCKING := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --annotation-style line --quiet $(UPGRADE)
lock: ## write requirements/*.txt from pyproject.toml
	$(LOCKING) --group build --output-file requirements/run.txt
	$(LOCKING) --group build --group dev --constraint requirements/run.txt --output-file requirements/dev.txt
	$(LOCKING) --group train --constraint requirements/dev.txt --output-file requirements/train.txt

clean: ## remove what set-up, tests and tools made
	rm -rf .venv .models .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
