# Every target brings what is missing on this machine, a JDK 25 too; what costs downloads or builds is kept in
# ~/.cache/unikernel-operator.

SHELL := /bin/bash
export XDG_CACHE_HOME := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
CACHE := $(XDG_CACHE_HOME)/unikernel-operator

# Tests on the API server look for its binaries in a directory of this layout.
KUBERNETES := $(shell sed -n 's/^KUBERNETES=//p' src/test/cluster/settings.sh)
export KUBE_API_TEST_DIR := $(if $(KUBERNETES_BINARIES),$(CURDIR)/target/kubernetes,$(CACHE))

# Warnings, what is being built, and each test class as it runs.
LOG := -Dorg.slf4j.simpleLogger
MVN = JAVA_HOME=$$(src/build/jdk) ./mvnw -ntp $(if $(CI),-B) $(LOG).defaultLogLevel=warn
PROGRESS := $(LOG).log.org.apache.maven.cli.event.ExecutionEventLogger=info $(LOG).log.org.apache.maven.plugin.surefire=info

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test fresh bench images crds format clean jdk packages machine

help: ## Say what there is
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12

demo: $(if $(CONTEXT),packages jdk,machine) ## From two YAML files to VMs that answer, on a Kubernetes of its own; KERNEL=nanos, KEEP=1, CONTEXT=… REGISTRY=…
	@$(if $(CONTEXT),:,$(MVN) $(PROGRESS) package -DskipTests)
	@src/test/demo/demo

test: machine ## Everything that must hold: format, static checks, unit, property and end-to-end tests; NANOS_RELEASE=… boots Nanos too
	@[ "$$(id -u)" = 0 ] || { echo "The end-to-end tests start a Kubernetes node, which needs root: sudo make test. Without them: ./mvnw verify -pl '!src/test'" >&2; exit 1; }
	@src/build/scripts
	@src/build/commands
	@$(MVN) $(PROGRESS) verify

fresh: machine ## The first command of the README in a bare Debian: a clone of the last commit, nothing installed but git and make
	@src/test/bare-root

bench: machine ## What must be fast, each figure beside its goal; also in target/bench.jsonl
	@src/build/bench

images: packages jdk ## Make and push both container images: REGISTRY=host/path [INSECURE=1]
	@: $(or $(REGISTRY),$(error say where to push: make images REGISTRY=host/path [INSECURE=1]))
	@echo 'Building the operator and the builder'
	@$(MVN) $(PROGRESS) package -DskipTests -pl images -am
	@images/push $(REGISTRY) $(if $(INSECURE),--insecure)

crds: jdk ## Generate the CRDs' YAML from the API's records
	@$(MVN) test -pl crds -Dtest=CrdFilesTest -Dcrds.update

format: jdk ## Format every source file
	@$(MVN) spotless:apply

clean: ## Remove what was built here; the cache in ~/.cache/unikernel-operator stays
	@rm -rf target */target src/test/target

jdk:
	@src/build/jdk >/dev/null

packages:
	@src/build/packages

machine: packages jdk
	@src/test/cluster/binaries
ifdef KUBERNETES_BINARIES
	@mkdir -p target/kubernetes/k8s && ln -sfn $(abspath $(KUBERNETES_BINARIES)) target/kubernetes/k8s/$(KUBERNETES)-linux-amd64
endif
	@builder-job/kernels/linux/release.sh $(CACHE)/kernels/linux
