# The sandbox's and the project's commands. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help node build up up-prod deliver drill workflow status memory down clean clean-all env shell test attack test-unit test-pipeline test-servers test-sandbox test-drills chaos toolchain lint judge judge-account mutate bench golden definitions tidy docs

# Which sandbox: "main" for people, "test" for the tests. Both can run side by side.
INSTANCE ?= main
SANDBOX = node -r ts-node/register sandbox/main.ts
MOCHA = npx mocha
# With the flags of sandbox/toolchain/programs.ts, Go's own packages are compiled once.
ACTIONLINT = CGO_ENABLED=0 go run -trimpath -gcflags=all=-dwarf=false github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
ZIZMOR_VERSION = 1.32.0
ZIZMOR = node_modules/.cache/zizmor-$(ZIZMOR_VERSION)/bin/zizmor
CHECKOV_VERSION = 3.3.30
CHECKOV = node_modules/.cache/checkov-$(CHECKOV_VERSION)/bin/checkov
PROWLER_VERSION = 5.46.0
PROWLER = node_modules/.cache/prowler-$(PROWLER_VERSION)/bin/prowler
# A Python package in an environment of its own: $(call install,FOLDER,PACKAGE).
install = python3 -m venv --clear node_modules/.cache/$(1) && node_modules/.cache/$(1)/bin/pip install --quiet --disable-pip-version-check $(2)
# npm writes this file at the end of every installation.
PACKAGES = node_modules/.package-lock.json

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Comes before everything that needs Node.js, and makes nothing out of date.
node:
	@for program in node npm; do \
		command -v $$program >/dev/null || { echo "$$program is not on PATH; install Node.js $$(< .node-version), which brings node and npm, from https://nodejs.org/" >&2; exit 1; }; \
	done
	@node scripts/check-node.mjs

$(PACKAGES): package-lock.json | node
	@echo "Installing npm packages" >&2
	@npm ci --no-progress >&2
	@npm run --silent prepare
	@touch $@

build: $(PACKAGES) ## compile the policy pack and the command line, what has changed of them
	@npm run --silent build

up: $(PACKAGES) ## bring up the sandbox cloud and deploy the staging stack on it
	@$(SANDBOX) up --instance $(INSTANCE)

up-prod: $(PACKAGES) ## like up, and deploy the prod stack beside it, blue-green
	@$(SANDBOX) up --instance $(INSTANCE) --goal prod

deliver: $(PACKAGES) ## deliver a change of a small gateway by the shipped workflows, from its pull request to production, on a sandbox of its own
	@$(SANDBOX) deliver --instance $(if $(filter file,$(origin INSTANCE)),deliver,$(INSTANCE))

drill: build ## release to production under load and draw it: DRILL=good, errors or database, FAST=1 for minutes instead of half an hour, DOCS=1 to write docs/images
	@$(SANDBOX) drill --instance $(INSTANCE) $(or $(DRILL),good) $(if $(FAST),--fast) $(if $(DOCS),--docs)

workflow: $(PACKAGES) ## run a workflow of the present commit on this machine: JOB=commit-messages, FILE=pull-request.yml, BASE=main
	@$(SANDBOX) workflow $(or $(FILE),pull-request.yml) --base $(or $(BASE),main) $(addprefix --job ,$(JOB))

status: $(PACKAGES) ## show what runs
	@$(SANDBOX) status --instance $(INSTANCE)

memory: $(PACKAGES) ## show how much memory the sandbox takes, by program
	@$(SANDBOX) memory --instance $(INSTANCE)

down: $(PACKAGES) ## end the sandbox, leave nothing on the machine, keep what it stored
	@$(SANDBOX) down --instance $(INSTANCE)

clean: $(PACKAGES) ## like down, and delete what it stored (state, databases, images, logs)
	@$(SANDBOX) clean --instance $(INSTANCE)

clean-all: $(PACKAGES) ## like clean, for the sandboxes of people, tests and deliveries, and delete the built programs too
	@$(SANDBOX) clean --instance test
	@$(SANDBOX) clean --instance deliver
	@$(SANDBOX) clean --instance main --toolchain

env: $(PACKAGES) ## print the variables for a shell: eval "$(make -s env)"
	@$(SANDBOX) env --instance $(INSTANCE)

shell: $(PACKAGES) ## open a shell inside the cluster's namespaces
	@$(SANDBOX) enter --instance $(INSTANCE)

# Two at a time, each with its output in one piece: what waits for servers beside what computes. The sandbox's tests
# measure releases under load and have the machine alone. The toolchain comes first, because a cold one shows its progress;
# after it, test-servers waits for nothing, and so begins first.
test: toolchain build ## run all checks and tests; brings up a sandbox of its own
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target --old-file=toolchain --old-file=build test-servers lint test-unit test-pipeline
	@$(MAKE) --no-print-directory test-sandbox

test-unit: $(PACKAGES) ## run the tests that need no server: the inner loop
	@$(MOCHA) 'test/{attack,chaos,judges,settings,components,program,golden,policies,docs,delivery/{attack,core,gates},sandbox}/**/*.test.ts' --ignore '**/*.integration.test.ts'

attack: $(PACKAGES) ## try every attack on the gates and the policy pack, and print each with the sentence that refuses it
	@node -r ts-node/register test/attack/main.ts

test-pipeline: build ## test what the pipeline calls: workflows, evidence and its readers, verdicts and the page, rollouts followed
	@$(MOCHA) 'test/{workflows,release,delivery/evidence,delivery/rollouts}/**/*.test.ts' 'test/*.test.ts' --ignore '**/*.integration.test.ts'

# Built first and with progress in sight: a cold machine compiles for a quarter of an hour here.
toolchain: $(PACKAGES) ## build or download the programs that sandboxes run
	@$(SANDBOX) up --instance test --goal toolchain

test-servers: toolchain ## test the sandbox's own parts and what needs servers
	@$(MOCHA) 'test/**/*.integration.test.ts'

test-sandbox: toolchain ## test the program on the real engine, from the first update to destroy
	@$(MOCHA) --config .mocharc.sandbox.json

test-drills: toolchain ## of the sandbox tests, only the releases to production under load
	@$(MOCHA) --config .mocharc.drills.json

chaos: $(PACKAGES) ## cause each fault of the table in a sandbox of its own, and print what was promised and seen: FAULT=killed
	@FAULT=$(FAULT) node -r ts-node/register test/chaos/main.ts

$(ZIZMOR): | $(PACKAGES)
	@$(call install,zizmor-$(ZIZMOR_VERSION),zizmor==$(ZIZMOR_VERSION))

lint: $(PACKAGES) $(ZIZMOR) ## check types, imports between layers, rules and format
	@npx tsc -p . --noEmit
	@npx depcruise --config .dependency-cruiser.mjs index.ts program components policies settings delivery release sandbox docs test
	@npx eslint .
	@npx prettier --check .
	@if command -v go >/dev/null; then $(ACTIONLINT) .github/workflows/*.yml templates/gateway/[chr]*.yml; fi
	@$(ZIZMOR) --offline --quiet --persona auditor .github templates/gateway

$(CHECKOV): | $(PACKAGES)
	@$(call install,checkov-$(CHECKOV_VERSION),checkov==$(CHECKOV_VERSION))

judge: $(PACKAGES) $(CHECKOV) ## have checkov judge every resource, and compare what it finds to what was decided
	@node -r ts-node/register test/judges/main.ts checkov $(CURDIR)/$(CHECKOV)

$(PROWLER): | $(PACKAGES)
	@$(call install,prowler-$(PROWLER_VERSION),prowler==$(PROWLER_VERSION))

judge-account: $(PACKAGES) $(PROWLER) ## have Prowler judge the sandbox's account, and compare what it finds to what was decided
	@node -r ts-node/register test/judges/main.ts prowler $(CURDIR)/$(PROWLER) $(INSTANCE)

mutate: $(PACKAGES) ## weaken every gate in turn, and see a test fail each time
	@nice -n 19 npx stryker run --concurrency 1

bench: $(PACKAGES) ## measure preview and up, with and without the policy pack
	@node -r ts-node/register test/bench/main.ts

golden: $(PACKAGES) ## write the golden files: every resource that the program registers for each stack
	@node -r ts-node/register test/golden/registered.ts

definitions: $(PACKAGES) ## copy the custom resource definitions that the releases of Argo Rollouts and Traefik ship
	@node -r ts-node/register sandbox/toolchain/definitions.ts

tidy: $(PACKAGES) ## have Go tidy sandbox/toolchain/go.mod, after a change of what the sandbox builds
	@node -r ts-node/register sandbox/toolchain/tidy.ts

docs: $(PACKAGES) ## write docs/reference, which is all generated
	@node -r ts-node/register docs/generate/main.ts
