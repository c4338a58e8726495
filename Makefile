# Everything there is to do with this repository; `make help` lists it.

# One build for running and testing: the same configuration and flags, so nothing is compiled twice.
# `swift test` would add -enable-testing a second time, which counts as different flags.
FLAGS := --configuration release -Xswiftc -enable-testing
TEST_FLAGS := --disable-testable-imports --disable-xctest
ESPALIER := .build/release/espalier

# The peers of the benchmark live in a Python environment of their own.
PEERS := Benchmarks/.venv

# A oneDNN that the caller points to goes before the one in `.deps`.
export PKG_CONFIG_PATH := $(if $(PKG_CONFIG_PATH),$(PKG_CONFIG_PATH):)$(CURDIR)/.deps/lib/pkgconfig

# Idle threads of the team sleep soon, so that a busy machine stays fast; the command sets this by itself.
export GOMP_SPINCOUNT ?= 3000

.PHONY: help setup build run test examples bench curves memory lint docs clean

help:           ## list what make can do
	@sed -n 's/^\([a-z]*\):[^#]*## */\1\t/p' Makefile | expand -t 10

setup:          ## bring oneDNN into .deps where the system has none
	@Scripts/setup.py

build: setup    ## build the command .build/release/espalier
	swift build $(FLAGS) --product espalier

run: build      ## train on the built-in digits and write a report
	$(ESPALIER) train Configurations/digits.yaml

test: setup     ## run every test
	@Scripts/test_setup.py
	swift test $(FLAGS) $(TEST_FLAGS)

examples: setup ## build and run every example
	swift build --configuration release --package-path Examples
	@for example in $(notdir $(wildcard Examples/Sources/*)); do \
	    echo "--- $$example"; Examples/.build/release/$$example || exit 1; done

bench: setup $(PEERS)/.complete  ## measure time and memory per training step against the peers
	swift build --configuration release --package-path Benchmarks
	$(PEERS)/bin/python Benchmarks/compare.py

curves: setup $(PEERS)/.complete  ## compare loss curves with PyTorch's; CURVES="--text FILE" and other options
	swift build --configuration release --package-path Benchmarks
	$(PEERS)/bin/python Benchmarks/curves/compare_curves.py $(CURVES)

memory: setup   ## see that 10,000 training steps take no more memory than 1,000
	swift build --configuration release --package-path Benchmarks
	Benchmarks/.build/release/espalier-benchmark memory --threads 2

$(PEERS)/.complete: Benchmarks/requirements.txt
	python3 -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	touch $@

lint: build     ## check the formatting of all Swift code, and that the documents name every setting
	swift format lint --strict --parallel --recursive $(wildcard Package.swift Sources Tests Benchmarks Examples Scripts)
	@Scripts/check_docs.py $(ESPALIER)

docs: setup     ## build the documentation into .build/documentation
	ESPALIER_DOCS=1 swift package --scratch-path .build/docs --allow-writing-to-directory .build/documentation \
	    generate-documentation --enable-experimental-combined-documentation \
	    $(addprefix --target ,$(filter Espalier%,$(notdir $(wildcard Sources/*)))) --output-path .build/documentation

clean:          ## remove what was built; .deps and runs stay
	rm -rf .build Examples/.build Benchmarks/.build .deps-*
