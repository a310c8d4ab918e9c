# Parley's commands. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv/bin
BOT := bot/.venv/bin
export RASA_TELEMETRY_ENABLED = false
export HF_HUB_OFFLINE = 1

.DEFAULT_GOAL := help
.PHONY: help run setup train draft test check format lint types bot-check web-check bench evaluate lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

run: setup ## Set up what's missing, start everything, print the demo shop's address
	@exec $(VENV)/parley run

setup: ## Environments, encoder and trained bot, without starting anything
	@$(PYTHON) tools/setup.py

train: ## Train the bot again from bot/ and data/, its encoder included
	@rm -f var/setup/bot var/setup/encoder-adapted-*
	@$(PYTHON) tools/setup.py

draft: ## Train the bot without adapting its encoder: under a minute, to try what you are writing
	@$(PYTHON) tools/setup.py --draft

test: ## All tests in both environments (installs Chromium and PostgreSQL when missing)
	@$(PYTHON) tools/setup.py --tests
	@$(VENV)/python tools/test.py

check: ## Format, lint, types, the bot's data: what CI checks first
	@$(PYTHON) tools/setup.py --environments-only
	@$(MAKE) --no-print-directory lint types web-check bot-check

lint:
	@$(VENV)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(VENV)/ruff check --quiet .

types:
	@$(VENV)/mypy

web-check:
	@$(PYTHON) tools/web_check.py

bot-check:
	@mkdir -p var/log && cd bot && .venv/bin/rasa data validate --fail-on-warnings -c config.yml -d domain \
		--data ../data/nlu ../data/rules > ../var/log/validate.log 2>&1 \
		|| { grep -E "Warning|Error|ERROR" ../var/log/validate.log | tail -n 20; echo "All of it: var/log/validate.log"; exit 1; }
	@cd bot && .venv/bin/python validate.py

format: ## Format the code
	@$(VENV)/ruff format --quiet . && $(VENV)/ruff check --fix --quiet .

bench: setup ## Measure against a stock Rasa bot and under load on the chat apps, into var/evaluation/
	@$(VENV)/python -m evaluation.latency
	@$(VENV)/python -m evaluation.channels

evaluate: setup ## Measure on BENCHMARKS=<folder>, into var/evaluation/ (docs/how-to/evaluate.md)
	@test -n "$(BENCHMARKS)" || { echo "Name the folder: make evaluate BENCHMARKS=<folder>"; exit 2; }
	@$(PYTHON) tools/setup.py --environments-only # PyTorch, for the peers
	@$(VENV)/python -m evaluation "$(BENCHMARKS)" $(OPTIONS)

lock: ## Compile both lock files again
	@.tools/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
		--python-version 3.11 pyproject.toml --group train --group test --group dev -o requirements.lock
	@cd bot && ../.tools/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
		--python-version 3.10 pyproject.toml --group test -o requirements.lock

clean: ## Remove what was built; keeps the state in var/
	rm -rf models/artifacts var/setup .mypy_cache .ruff_cache .pytest_cache bot/.rasa
