# One verb per habit. Needs Python 3.11+ and make, nothing else: Node and the CDK CLI are installed below.
# Every verb does its own set-up; stamps keep it from being done twice.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
LOCAL_VENV := .venv-local
BIN := $(CURDIR)/$(VENV)/bin
LOCAL_BIN := $(CURDIR)/$(LOCAL_VENV)/bin
# Node and npm come out of the virtual environment, before whatever else is on the PATH
export PATH := $(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

PROJECTS := constructs/pyproject.toml lambdas/pyproject.toml ops/pyproject.toml local/pyproject.toml

.PHONY: help setup setup-project setup-local clean
help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: setup-project setup-local ## install everything, once
setup-project: $(VENV)/.installed node_modules/.installed
setup-local: $(LOCAL_VENV)/.installed

$(VENV)/.installed: requirements.txt requirements-dev.txt constraints.txt $(PROJECTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; make PYTHON=python3.12 names another one")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt --constraint constraints.txt
	touch $@

node_modules/.installed: package.json package-lock.json $(VENV)/.installed
	$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

$(LOCAL_VENV)/.installed: local/requirements.txt local/requirements-dev.txt local/constraints.txt local/pyproject.toml
	test -x $(LOCAL_BIN)/python || $(PYTHON) -m venv $(LOCAL_VENV)
	$(LOCAL_BIN)/python -m pip install --quiet --requirement local/requirements-dev.txt --constraint local/constraints.txt
	touch $@

clean: ## remove what set-up and runs have left
	rm -rf $(VENV) $(LOCAL_VENV) node_modules cdk.out .local .demo
