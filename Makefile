# The sandbox's and the project's commands. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help up up-prod drill status down clean clean-all env shell test test-unit test-pipeline test-servers test-sandbox test-drills toolchain lint mutate bench docs

# Which sandbox: "main" for people, "test" for the tests. Both can run side by side.
INSTANCE ?= main
SANDBOX = node -r ts-node/register sandbox/main.ts
MOCHA = npx mocha
ACTIONLINT = go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
# npm writes this file at the end of every installation.
PACKAGES = node_modules/.package-lock.json

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(PACKAGES): package-lock.json
	@command -v npm >/dev/null || { echo "Node.js is not installed; install version 20.19 or later from https://nodejs.org/"; exit 1; }
	@echo "Installing npm packages" >&2
	@npm ci --no-progress >&2
	@touch $@

up: $(PACKAGES) ## bring up the sandbox cloud and deploy the staging stack on it
	@$(SANDBOX) up --instance $(INSTANCE)

up-prod: $(PACKAGES) ## like up, and deploy the prod stack beside it, blue-green
	@$(SANDBOX) up --instance $(INSTANCE) --goal prod

drill: $(PACKAGES) ## release to production under load and draw it: DRILL=good or errors, FAST=1 for minutes instead of half an hour
	@$(SANDBOX) drill --instance $(INSTANCE) $(or $(DRILL),good) $(if $(FAST),--fast)

status: $(PACKAGES) ## show what runs
	@$(SANDBOX) status --instance $(INSTANCE)

down: $(PACKAGES) ## end the sandbox, leave nothing on the machine, keep what it stored
	@$(SANDBOX) down --instance $(INSTANCE)

clean: $(PACKAGES) ## like down, and delete what it stored (state, databases, images, logs)
	@$(SANDBOX) clean --instance $(INSTANCE)

clean-all: $(PACKAGES) ## like clean, for both sandboxes, and delete the built programs too
	@$(SANDBOX) clean --instance test
	@$(SANDBOX) clean --instance main --toolchain

env: $(PACKAGES) ## print the variables for a shell: eval "$(make -s env)"
	@$(SANDBOX) env --instance $(INSTANCE)

shell: $(PACKAGES) ## open a shell inside the cluster's namespaces
	@$(SANDBOX) enter --instance $(INSTANCE)

test: lint test-unit test-pipeline test-servers test-sandbox ## run all checks and tests; brings up a sandbox of its own

test-unit: $(PACKAGES) ## run the tests that need no server: the inner loop
	@$(MOCHA) 'test/{unit,policies,engine,gates,docs}/**/*.test.ts'

test-pipeline: $(PACKAGES) ## test what the pipeline calls: workflows, evidence and its readers, verdicts and the page, rollouts followed
	@$(MOCHA) 'test/{workflows,release,collect,report}/**/*.test.ts' 'test/watch/*.test.ts'

# Built first and with progress in sight: a cold machine compiles for half an hour here.
toolchain: $(PACKAGES) ## build or download the programs that sandboxes run
	@$(SANDBOX) up --instance test --goal toolchain

test-servers: toolchain ## test the sandbox's own parts, each alone
	@$(MOCHA) 'test/{github,application,cluster,observe,bench}/**/*.test.ts' 'test/watch/engine/*.test.ts'

test-sandbox: toolchain ## test the program on the real engine, from the first update to destroy
	@$(MOCHA) --config .mocharc.sandbox.json

test-drills: toolchain ## of the sandbox tests, only the releases to production under load
	@$(MOCHA) --config .mocharc.drills.json

lint: $(PACKAGES) ## check types, rules and format
	@npx tsc -p . --noEmit
	@npx eslint .
	@npx prettier --check .
	@if command -v go >/dev/null; then $(ACTIONLINT) .github/workflows/*.yml docs/gateway-[chr]*.yml; fi

mutate: $(PACKAGES) ## weaken every gate in turn, and see a test fail each time
	@nice -n 19 npx stryker run --concurrency 1

bench: $(PACKAGES) ## measure preview and up, with and without the policy pack
	@node -r ts-node/register test/bench/main.ts

docs: $(PACKAGES) ## write the generated parts of the documentation
	@node -r ts-node/register docs/generate.ts
	@node -r ts-node/register release/evidence/describe.ts
