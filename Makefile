# Everything a developer does. `make train` and `make test` set themselves up on a fresh machine with Python and Rust.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
# Sources that the extension is built from; touching none of them makes `make build` a no-op.
SOURCES := $(shell find rust -name '*.rs' -o -name 'Cargo.toml') Cargo.toml Cargo.lock pyproject.toml

# What `make bench` is to measure, and how: `python -m benches --help`.
BENCH ?=

.PHONY: help setup build train test test-rust test-python lint stubs docs lessons bench bench-docs sweep overhead miri sanitize nightly wheel clean

help:            ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(VENV)/.ready        ## a virtual environment with the tools, from requirements.lock

$(VENV)/.ready: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	touch $@

build: $(VENV)/.built        ## the extension, optimised, into the virtual environment

$(VENV)/.built: $(VENV)/.ready $(SOURCES)
	. $(BIN)/activate && maturin develop --release --quiet
	touch $@

train: build     ## train a network on handwritten digits
	$(BIN)/rutile train

test: test-rust test-python  ## all tests of CI

test-rust: $(VENV)/.ready
	cargo test --workspace --exclude rutile-python --quiet

test-python: build
	$(BIN)/python -m pytest

lint: build      ## formatting, clippy, ruff, mypy, stubs up to date; warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy tools/stubs.py tools/shrink.py benches
	$(BIN)/python tools/stubs.py --check
	$(BIN)/python -m mypy.stubtest rutile._rutile

stubs: build     ## write the stubs of the engine from its registry
	$(BIN)/python tools/stubs.py

docs: build $(VENV)/.docs    ## the site, into docs/_site; warnings are errors
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_site

$(VENV)/.docs: docs/requirements.lock
	$(BIN)/python -m pip install --quiet --requirement docs/requirements.lock
	touch $@

lessons: build   ## every program of the course in full, its pictures into docs/_pictures for the site
	for name in $$($(BIN)/rutile lesson | awk '{ print $$2 }'); do \
		$(BIN)/rutile lesson $$name --out docs/_pictures/$$name || exit 1; done

bench: build     ## everything beside NumPy and, where installed, PyTorch, JAX, ONNX Runtime; BENCH="--only sort"
	$(BIN)/python -m benches $(BENCH)

bench-docs: build  ## the same, into docs/benchmarks.md
	$(BIN)/python -m benches --out docs $(BENCH)

sweep: build     ## matrix products of many shapes: lists those that are slow
	$(BIN)/python -m benches sweep

overhead: build  ## the cost of small calls, beside NumPy and PyTorch
	$(BIN)/python -m benches --only overhead

miri:            ## the kernels under Miri (needs the nightly toolchain with miri)
	RUTILE_ISA=scalar MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test -p rutile-kernels

sanitize:        ## the kernels under AddressSanitizer and ThreadSanitizer (needs the nightly toolchain)
	for kind in address thread; do \
		RUSTFLAGS="-Zsanitizer=$$kind -Cunsafe-allow-abi-mismatch=sanitizer --cfg crossbeam_sanitize_thread" \
		TSAN_OPTIONS=suppressions=$(CURDIR)/rust/thread.supp CARGO_TARGET_DIR=target/$$kind \
		CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
		cargo +nightly test --release -p rutile-kernels --tests --target $$(rustc --print host-tuple) || exit 1; done

nightly: test    ## slow checks as well: accuracy bars on MNIST, every instruction set
	cargo test --release -p rutile-kernels --test elementary -- --ignored
	$(BIN)/python -m pytest -m "slow or not slow" --run-slow
	for isa in $$($(BIN)/python -c "from rutile import _rutile; print(*_rutile._build_info()['instruction_sets'])"); do \
		RUTILE_ISA=$$isa $(BIN)/python -m pytest tests/test_ops.py || exit 1; done

wheel: $(VENV)/.ready        ## the wheel, into dist/
	$(BIN)/maturin build --release --out dist
	$(BIN)/python tools/shrink.py dist/*.whl

clean:
	rm -rf target $(VENV) dist runs
