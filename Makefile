# `make` alone prints the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The journeys wait for the line as often as they compute: one worker more than two cores.
WORKERS ?= 3
# Each module is compiled once, when first imported; where nothing is kept, each of the processes
# that a line or a test starts compiles a thousand of them.
unexport PYTHONDONTWRITEBYTECODE
INSTALL = $(BIN)/python deploy/local/environment.py

.PHONY: help
help: ## print the targets, one line each
	@$(PYTHON) -c 'import re; [print(f"  {t:<12} {d}") for t, d in re.findall(r"(?m)^([a-z-]+):.*## (.*)", open("Makefile", encoding="utf-8").read())]'

$(VENV)/.python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Observatoire a besoin de Python 3.11 ou plus, avec venv (Debian : apt install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.python requirements/demo.txt requirements/build.txt pyproject.toml
	@$(INSTALL) "Outils d’installation " requirements/build.txt
	@$(INSTALL) "Environnement (1,4 Go) " requirements/demo.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.demo requirements/dev.txt
	@$(INSTALL) "Outils de vérification" requirements/dev.txt
	@touch $@

.PHONY: demo
demo: $(VENV)/.demo ## run the whole line on this machine, on an invented France
	@$(BIN)/observatoire demo up

.PHONY: demo-clean
demo-clean: ## stop the demonstration and remove what it keeps on disk
	@if [ -x $(BIN)/observatoire ]; then $(BIN)/observatoire demo down >/dev/null; fi
	@rm -rf .demo
	@echo "Tout est arrêté, et rien n’est gardé."

PYTEST = $(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

COMPOSE = docker compose --env-file deploy/compose/demonstration.env \
  -f deploy/compose/compose.yaml -f deploy/compose/demonstration.yaml

.PHONY: compose-demo
compose-demo: ## the same with containers: http://localhost:8000, messages on 8025 (needs Docker)
	@docker build --target services -t observatoire:0.3.0 -f deploy/Dockerfile .
	@test -d deploy/compose/secrets || docker run --rm --user "$$(id -u)" -v "$(CURDIR)/deploy/compose:/compose" \
	  observatoire:0.3.0 secrets create --installation simulation /compose/secrets
	@$(COMPOSE) up --build

.PHONY: test
test: $(VENV)/.dev ## run the tests, on a real broker and engine
	@$(PYTEST) -m "not proof"

.PHONY: proof
proof: $(VENV)/.dev ## run the long ones: kills, PostgreSQL, whole lines, thousands of cases
	@$(PYTEST) -m proof

.PHONY: chaos
chaos: $(VENV)/.dev ## strike the line for SECONDS (600) by SEED, FAULTS times at most, frozen FREEZE s (30) at most; compare
	@$(BIN)/python -m tests.chaos --seconds $(or $(SECONDS),600) --seed $(or $(SEED),20261124) --freeze $(or $(FREEZE),30) $(if $(FAULTS),--faults $(FAULTS))

.PHONY: endurance
endurance: $(VENV)/.dev ## bear half of what the line can do for MINUTES (120); memory, handles, lag as CSV and picture
	@$(BIN)/python -m tests.endurance --minutes $(or $(MINUTES),120)

.PHONY: answers
answers: $(VENV)/.dev ## record anew what the engine answers to the tests of api and portal
	@$(BIN)/python -m tests.api.record -q

.PHONY: coverage
coverage: $(VENV)/.dev ## say which branches all the tests take, processes they start included
	@$(PYTEST) --cov --cov-report=term:skip-covered

.PHONY: check
check: $(VENV)/.dev ## linters, types, import rules, drift of generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports
	@$(BIN)/hadolint deploy/Dockerfile
	@$(BIN)/observatoire contracts check

.PHONY: format
format: $(VENV)/.dev ## format the code and sort imports
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

.PHONY: contracts
contracts: $(VENV)/.dev ## write the schemas and manifests generated from the contracts
	@$(BIN)/observatoire contracts write

.PHONY: world
world: $(VENV)/.dev ## write anew what follows from the invented world: fingerprint, portrait, seed barème
	@$(BIN)/python -m tests.simulation.regenerate

.PHONY: bench
bench: $(VENV)/.dev ## measure speed and memory, write tests/benchmarks/results.csv
	@$(BIN)/python -m tests.benchmarks

.PHONY: lock
lock: ## pin the requirements anew, with hashes (needs uv)
	@set -e; compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header "$$@"; }; \
	compile --extra local pyproject.toml -o requirements/demo.txt; \
	compile --extra local --extra test --extra check pyproject.toml -c requirements/demo.txt -o requirements/dev.txt; \
	compile pyproject.toml -c requirements/demo.txt -o requirements/image.txt; \
	echo aiosmtpd | compile - -c requirements/demo.txt -o requirements/catchers.txt; \
	compile --extra local --extra bench pyproject.toml -o requirements/bench.txt

.PHONY: release
release: $(VENV)/.dev ## write VERSION everywhere, date the changelog, commit and tag it
	@git diff --quiet HEAD || { echo "Commit what you have first."; exit 1; }
	@$(BIN)/python -m deploy.generation.release $(VERSION)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.demo $(VENV)/.dev  # all that pyproject.toml changed is its version
	@$(MAKE) --no-print-directory check
	@git commit --quiet --all --message "Name version $(VERSION)"
	@git tag --annotate --message "Version $(VERSION)" "v$(VERSION)"
	@echo "Then: git push --follow-tags"

.PHONY: sbom
sbom: ## list what the image holds, as CycloneDX, in dist/sbom.json
	@mkdir -p dist && $(PYTHON) -m venv dist/.sbom && dist/.sbom/bin/pip install --quiet cyclonedx-bom==7.5.0
	@dist/.sbom/bin/cyclonedx-py requirements requirements/image.txt --pyproject pyproject.toml \
	  --output-reproducible -o dist/sbom.json

.PHONY: clean
clean: ## remove the environment, caches and the demonstration
	@rm -rf $(VENV) .coverage .demo build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
