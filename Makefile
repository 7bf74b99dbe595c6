# Spotter: `make` alone prints what there is. Anything longer than three lines stands in scripts/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps toolchain run build test test-browser lint format check bench chaos pgbouncer fuzz openapi docs install clean

# The compiler: from PATH, else from where it usually is. `make SWIFT=/path/to/swift …` names another.
SWIFT ?= $(firstword $(shell command -v swift) $(wildcard /opt/swift/usr/bin/swift $(HOME)/.local/share/swiftly/bin/swift) swift)
SWIFT := $(SWIFT)
# Arguments passed on: make run ARGS="--port 0", make test ARGS="--filter TypeID".
ARGS ?=
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
export FUZZ_SECONDS
# The chaos test draws from SEED (another each time) and makes faults for CHAOS_SECONDS (120).
export SEED CHAOS_SECONDS

# The compiler fills its cache of C modules in parallel, and on a first build two of its processes now and then disagree
# about <sys/select.h>; the same build goes through when it is asked again. A real error fails both times.
RELEASE_ONCE := $(SWIFT) build -c release --product spotter
RELEASE := $(RELEASE_ONCE) || $(RELEASE_ONCE)
# SwiftPM lets a target import what it does not declare; this makes it an error, so that the rooms stay apart.
LAYERS := --explicit-target-dependency-import-check error
# A thousand tests begun at once would each wait long enough for the time limits of what they try.
AT_ONCE := --experimental-maximum-parallelization-width 24

help: ## Print this help
	@printf 'Spotter: agents for gyms. Two commands to know: make run, make test.\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\nVariables: SWIFT, ARGS, PREFIX (install), FUZZ_SECONDS (fuzz), SEED and CHAOS_SECONDS (chaos).\n'

deps: ## Install the Debian packages that are missing
	@scripts/dependencies.sh

toolchain:
	@scripts/toolchain.sh '$(SWIFT)'

run: deps toolchain ## Build release and start everything: database, demo gyms, server
	@$(RELEASE)
	@exec .build/release/spotter up $(ARGS)

build: deps toolchain ## Build everything, debug
	@$(SWIFT) build --build-tests $(LAYERS) || $(SWIFT) build --build-tests $(LAYERS)

test: build ## Run all tests on a private PostgreSQL
	@$(SWIFT) test $(LAYERS) $(AT_ONCE) $(ARGS)

test-browser: build ## Try the dashboard in a headless Chromium; pictures in .build/screenshots
	@Tests/browser/run.py $(ARGS)

lint: toolchain ## Check the style of sources and scripts
	@scripts/lint.sh '$(SWIFT)'

format: toolchain ## Bring the sources into style
	@$(SWIFT) format --in-place --parallel --recursive --configuration .swift-format Sources Tests $(wildcard Fuzz) Package.swift

check: lint test ## Lint and test: what CI runs

bench: deps toolchain ## Measure the server and the queue beside pgbench
	@$(RELEASE)
	@.build/release/spotter bench http $(ARGS)
	@.build/release/spotter bench queue

# In debug, because only there the fault points are.
chaos: deps toolchain ## Kill, freeze and cut the whole system under load, then check every promise
	@$(SWIFT) build $(LAYERS) || $(SWIFT) build $(LAYERS)
	@exec .build/debug/SpotterChaos

pgbouncer: build ## Run the stores' tests through PgBouncer in transaction mode
	@PATH="$$(dirname '$(SWIFT)'):$$PATH" scripts/pgbouncer.sh '$(SWIFT)'

fuzz: deps toolchain ## Fuzz each parser for FUZZ_SECONDS
	@scripts/fuzz.sh '$(SWIFT)' $(ARGS)

openapi: deps toolchain ## Write the API document to .build/openapi.json
	@$(RELEASE)
	@.build/release/spotter openapi >.build/openapi.json
	@echo "The API document is in .build/openapi.json."

docs: deps toolchain ## Write the reference of the code to .build/docs
	@scripts/docs.sh '$(SWIFT)'

install: deps toolchain ## Install into PREFIX (/usr/local)
	@scripts/install.sh '$(SWIFT)' '$(PREFIX)'

clean: ## Remove what was built; .spotter with its data stays
	@rm -rf .build .build-*
