# One verb per habit. Needs Python 3.11+ and make, nothing else: Node and the CDK CLI are installed below.
# Every verb does its own set-up; stamps keep it from being done twice.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
LOCAL_VENV := .venv-local
ORACLE_VENV := .venv-oracle
BIN := $(CURDIR)/$(VENV)/bin
LOCAL_BIN := $(CURDIR)/$(LOCAL_VENV)/bin
# Node and npm come out of the virtual environment, before whatever else is on the PATH
export PATH := $(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1
# Set-up compiles nothing, the first import does; where it may not be kept, as in many containers, every synth compiles
# the CDK's library anew and takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

PROJECTS := constructs/pyproject.toml lambdas/pyproject.toml ops/pyproject.toml local/pyproject.toml

.PHONY: help setup libraries setup-project setup-local clean demo local test test-project test-local test-slow test-oracle setup-oracle test-browser browser-tests browser-tests-local browser-tests-preview faults check lint preview format synth diff deploy doctor status relabel reconsolidate quality wait export destroy adopt sweep sweep-expired delivery deployer-policy reviewer-policy bootstrap-command bench bench-portal bench-pages live-diff drift
help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: ## install everything, once
	@$(MAKE) --jobs 3 --no-print-directory setup-project setup-local libraries
# a campaign of masks can't be synthesized without the libraries of its function
MASKS := $(shell grep -lE '^task *= *"semantic-segmentation"' campaigns/*/campaign.toml 2>/dev/null)
setup-project: $(VENV)/.installed node_modules/.installed $(if $(MASKS),.cache/libraries/.fetched) ; @:
setup-local: $(LOCAL_VENV)/.installed ; @:

# what is never imported need not be compiled: half of the installation
$(VENV)/.installed: requirements.txt requirements-dev.txt constraints.txt $(PROJECTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; make PYTHON=python3.12 names another one")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --requirement requirements-dev.txt --constraint constraints.txt
	touch $@

node_modules/.installed: package.json package-lock.json $(VENV)/.installed
	$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(LOCAL_VENV)/.installed: local/requirements.txt local/requirements-dev.txt local/constraints.txt local/pyproject.toml
	test -x $(LOCAL_BIN)/python || $(PYTHON) -m venv $(LOCAL_VENV)
	$(LOCAL_BIN)/python -m pip install --quiet --no-compile --requirement local/requirements-dev.txt --constraint local/constraints.txt
	touch $@

ENVIRONMENTS := $(wildcard environments/*.toml environments/*/*.toml)
libraries: .cache/libraries/.fetched ## what functions for masks carry, for every environment's runtime: wheels of pinned hashes
	@:
.cache/libraries/.fetched: constructs/ground_truth_cdk/libraries.txt $(ENVIRONMENTS) $(VENV)/.installed
	mkdir -p $(@D)
	$(BIN)/python -m ground_truth_cdk.libraries $(ENVIRONMENTS)
	touch $@

demo: setup ## the whole loop on this machine: deploy, label, collect, destroy (KEEP=1 leaves it running, CAMPAIGN=name|all)
	$(BIN)/gt demo $(if $(KEEP),--keep) $(if $(CAMPAIGN),--campaign $(CAMPAIGN))

local: setup ## local AWS until interrupted, from where it was (FRESH=1 begins anew); prints the portal URL and what to export
	$(if $(FRESH),rm -rf .local/kept)
	$(LOCAL_BIN)/python -m ground_truth_local --state-dir .local --keep

check: setup-project ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint: setup-project ## what is wrong with the campaigns and their templates, offline (CAMPAIGN=name)
	@$(BIN)/gt lint $(if $(CAMPAIGN),--campaign $(CAMPAIGN))

preview: setup-project ## the task of CAMPAIGN in the browser, again after every change of its files; offline (PORT=, ELEMENTS=cdn|local, OPEN=1)
	@$(BIN)/gt preview --campaign $(CAMPAIGN) $(addprefix --port ,$(PORT)) $(addprefix --elements ,$(ELEMENTS)) $(if $(OPEN),--open)

format: setup-project ## what can be mended by a tool
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# all at once: each by itself leaves a core idle in its beginning or at its end
test: setup ## everything quick: checks, unit, infrastructure, local Ground Truth
	$(MAKE) --jobs 3 --output-sync=target check test-project test-local
test-project: setup-project
	$(BIN)/pytest tests --ignore tests/local -m 'not slow and not browser' --numprocesses 2 --dist loadfile --no-loadscope-reorder
test-local: setup-local
	$(LOCAL_BIN)/pytest tests/local -m 'not slow and not browser'

test-slow: setup ## real deployments into local AWS
	$(BIN)/pytest tests --ignore tests/local -m slow --numprocesses 3 --dist loadfile

# Pinned, and only what is imported of it; without what is compiled all the same, half a gigabyte
$(ORACLE_VENV)/.installed: tests/oracle/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "crowd-kit needs Python 3.11 to 3.13 here; make PYTHON=python3.12 names one")'
	test -x $(ORACLE_VENV)/bin/python || $(PYTHON) -m venv $(ORACLE_VENV)
	$(ORACLE_VENV)/bin/python -m pip install --quiet --no-compile --no-deps --requirement $<
	touch $@
setup-oracle: $(ORACLE_VENV)/.installed ; @:

test-oracle: setup-project setup-oracle ## our models against crowd-kit's, installed for it alone (REGENERATE=1 keeps its answers for the quick tests)
	$(if $(REGENERATE),$(BIN)/python -m tests.oracle.asking $(ORACLE_VENV)/bin/python)
	CROWD_KIT=$(ORACLE_VENV)/bin/python $(BIN)/pytest tests/oracle

test-browser: setup ## every test that needs a browser, with screenshots of all pages and elements in .cache/screenshots
	@tests/chromium.sh
	@$(MAKE) --no-print-directory browser-tests SCREENSHOTS=1
# One browser and one signed-in person for all of local AWS's; the preview's tests begin their own. Skipped without a browser.
browser-tests: browser-tests-local browser-tests-preview ; @:
browser-tests-local: setup-local
	SCREENSHOTS=$(SCREENSHOTS) $(LOCAL_BIN)/pytest tests/local -m 'browser and not slow'
browser-tests-preview: setup-project
	$(BIN)/pytest tests/preview -m browser

faults: setup ## every fault of docs/faults.md, at every level; a Markdown row each
	$(BIN)/pytest tests --ignore tests/local -m fault --fault-report

# '**', because a bare synth exits 0 when rules fail inside nested assemblies
synth: setup-project ## templates and every check of ENV (or of all environments)
	@for env in $(or $(ENV),$(basename $(notdir $(wildcard environments/*.toml))) $(addsuffix -1,$(basename $(notdir $(wildcard environments/ephemeral/*.toml))))); do \
	  echo "synth $$env"; cdk synth --quiet '**' -c env=$$env --output cdk.out/$$env --no-notices || exit 1; done

diff: setup-project ## what the working tree changes compared with BASE (a revision); no credentials (ENV=name, TO=file, FAIL_ON="destructive refused")
	@$(BIN)/gt diff --base $(or $(BASE),origin/main) $(addprefix --env ,$(ENV)) $(addprefix --to ,$(TO)) $(addprefix --fail-on ,$(FAIL_ON))

live-diff: setup-project ## the same compared with what is deployed in ENV, with the jobs of the day; reads AWS (TO=, FAIL_ON=)
	@$(BIN)/gt diff --live --env $(ENV) $(addprefix --to ,$(TO)) $(addprefix --fail-on ,$(FAIL_ON))

drift: setup-project ## what was changed by hand in ENV, without what Ground Truth itself changes
	@$(BIN)/gt drift --env $(ENV)

deploy: setup-project ## deploy ENV, one campaign with CAMPAIGN=name
	@$(if $(FRESH),true,$(BIN)/gt adopt --env $(ENV) --check)
	cdk deploy --all -c env=$(ENV) \
	  $(if $(wildcard environments/$(ENV).toml),,-c expires=$(shell $(BIN)/gt expires --env $(ENV))) $(if $(CAMPAIGN),-c campaign=$(CAMPAIGN)) --require-approval never --no-notices \
	  $(foreach part,Account Team,--parameters GroundTruth-$(ENV)-$(part):Deployment=$(shell date -u +%Y%m%dT%H%M%SZ))

doctor: setup-project ## look at ENV before or after a deployment, and say what to mend
	$(BIN)/gt doctor --env $(ENV)

status: setup-project ## every campaign of ENV
	$(BIN)/gt status --env $(ENV)

relabel: setup-project ## ask again for what has no label: edits the file of CAMPAIGN in ENV
	$(BIN)/gt relabel --env $(ENV) --campaign $(CAMPAIGN)

quality: setup-project ## how far people agree on CAMPAIGN in ENV, who can be relied on, what they mix up (JOB=name, FROM=an export's folder, FAIL_ON="min-alpha=0.4 max-spammers=0")
	$(BIN)/gt quality --env $(ENV) --campaign $(CAMPAIGN) $(addprefix --job ,$(JOB)) $(addprefix --from ,$(FROM)) $(addprefix --,$(FAIL_ON))

reconsolidate: setup-project ## labels anew from all answers to CAMPAIGN in ENV, beside the old ones (JOB=name, FROM=an export's folder)
	$(BIN)/gt reconsolidate --env $(ENV) --campaign $(CAMPAIGN) $(addprefix --job ,$(JOB)) $(addprefix --from ,$(FROM))

wait: setup-project ## until every job of ENV has ended
	$(BIN)/gt wait --env $(ENV)

export: setup-project ## download every label of ENV to export/ENV/<bucket>
	$(BIN)/gt export --env $(ENV)

destroy: setup-project ## export the labels of ENV, then take it down (YES=1 RUNNING_JOBS=1 PROTECTED=1 ARCHIVE=s3://bucket)
	$(BIN)/gt destroy --env $(ENV) $(if $(YES),--yes) $(if $(RUNNING_JOBS),--running-jobs) \
	  $(if $(PROTECTED),--protected) $(addprefix --archive ,$(ARCHIVE))

adopt: setup-project ## let a new deployment of ENV go on in the buckets a destroyed one has kept (BUCKET=its output bucket)
	$(BIN)/gt adopt --env $(ENV) $(if $(BUCKET),--output-bucket $(BUCKET))

sweep-expired: setup-project ## take down environments of pull requests whose days are over (ARCHIVE=s3://bucket/prefix, DRY_RUN=1)
	$(BIN)/gt sweep --expired $(if $(DRY_RUN),,--remove) $(addprefix --archive ,$(ARCHIVE))

sweep: setup-project ## prove that nothing of ENV is left (DEPLOYED=1: that nothing is without a stack)
	$(BIN)/gt sweep --env $(ENV) $(if $(DEPLOYED),--deployed)

delivery: setup-project ## by an administrator, once: the roles pipelines take for ENV (delivery.toml)
	cdk deploy --app "python delivery.py" -c env=$(ENV) --require-approval never --no-notices --output cdk.out/delivery-$(ENV)

deployer-policy: setup-project ## what CloudFormation must be allowed for ENV, as policies to bootstrap with
	$(BIN)/gt deployer-policy --env $(ENV)

reviewer-policy: setup-project ## what a pipeline's role must be allowed that looks at ENV and changes nothing
	$(BIN)/gt reviewer-policy --env $(ENV)

bootstrap-command: setup-project ## the same, and the commands alone, for a shell to run
	@$(BIN)/gt bootstrap-command --env $(ENV)

bench: setup ## speed, memory and quality, measured side by side in one run (DATA=published sets, CROWD_KIT=an interpreter with it)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.consolidation $(addprefix --data ,$(DATA)) $(addprefix --crowd-kit ,$(CROWD_KIT))
	$(BIN)/python -m bench.shapes $(addprefix --data ,$(DATA)) $(addprefix --crowd-kit ,$(CROWD_KIT))
	$(BIN)/python -m bench.hard_crowds
	$(BIN)/python -m bench.functions

bench-portal: setup-local ## fifty people at the worker portal at once, killed and started again in the middle (PEOPLE=, OBJECTS=, THINK=seconds)
	$(LOCAL_BIN)/python -m bench.portal $(addprefix --people ,$(PEOPLE)) $(addprefix --objects ,$(OBJECTS)) $(addprefix --think ,$(THINK))

bench-pages: setup-local ## what a task's page loads and how soon it is seen, for every template of the tests; needs a Chromium (ROUNDS=)
	@tests/chromium.sh > /dev/null
	$(LOCAL_BIN)/python -m bench.pages $(addprefix --rounds ,$(ROUNDS))

clean: ## remove what set-up and runs have left
	rm -rf $(VENV) $(LOCAL_VENV) $(ORACLE_VENV) node_modules cdk.out .local .demo .cache/libraries
