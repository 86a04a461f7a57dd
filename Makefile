# All logic is in novarium/local; these are its names.
PYTHON ?= python3
PORT ?= 8000
LOCAL = @exec $(PYTHON) -I novarium/local/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help demo reset test test-slow bench shell manage lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: ## Set up and run everything on this machine [PORT=8000]
	$(LOCAL) demo --port $(PORT)

reset: ## Remove the demo's data and start over at the next make demo
	$(LOCAL) reset

test: ## Run every check and the tests on throw-away servers
	$(LOCAL) test

test-slow: ## Run the tests that take long (calibration, soak)
	$(LOCAL) test-slow

bench: ## Print the benchmarks
	$(LOCAL) bench

shell: ## Open a Python shell in the running demo
	$(LOCAL) manage shell

manage: ## Run a management command in the running demo, ARGS="help"
	$(LOCAL) manage $(ARGS)

lock: ## Resolve the dependencies anew into both lock files
	$(LOCAL) lock
