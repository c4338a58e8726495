# Everything there is to do with this repository; `make help` lists it.

# One build for running and testing: the same configuration and flags, so nothing is compiled twice.
# `swift test` would add -enable-testing a second time, which counts as different flags.
FLAGS := --configuration release -Xswiftc -enable-testing
TEST_FLAGS := --disable-testable-imports --disable-xctest
ESPALIER := .build/release/espalier

# A search is stored by SQLite. Where the system has no header of it, one is fetched into .deps.
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),help)),)
SQLITE := $(shell Scripts/find_sqlite.sh)
ifneq ($(.SHELLSTATUS),0)
$(error SQLite is missing; see above)
endif
ifneq ($(SQLITE),)
export CPATH := $(SQLITE)/usr/include$(addprefix :,$(CPATH))
export LIBRARY_PATH := $(SQLITE)/usr/lib$(addprefix :,$(LIBRARY_PATH))
endif
endif

# The peers of the benchmark live in a Python environment of their own.
PEERS := Benchmarks/.venv

.PHONY: help build run test sanitize examples techniques zoo interchange pytorch dashboard bench curves memory books search lint docs pictures gallery clean

help:           ## list what make can do
	@sed -n 's/^\([a-z]*\):[^#]*## */\1\t/p' Makefile | expand -t 12

build:          ## build the command .build/release/espalier
	swift build $(FLAGS) --product espalier

run: build      ## train on the built-in digits and write a report
	$(ESPALIER) train Configurations/digits.yaml

test:           ## run every test
	swift test $(FLAGS) $(TEST_FLAGS)

# The addresses are checked at the best level of vector instructions that the processor has, threads at the plainest.
# ThreadSanitizer wants libdispatch, which Swift brings.
SANITIZE := clang -O1 -g -Wall -Wextra -Wno-pass-failed -fno-math-errno -fno-trapping-math -fuse-ld=lld \
    -fno-sanitize-recover=all -D KERNEL_CLONES= -I Sources/CKernels/include \
    $(wildcard Sources/CKernels/*.c Tests/Sanitize/*.c) -lm -lpthread
SWIFT_LIBRARIES = $(shell swiftc -print-target-info | sed -n 's|.*"\(/.*/swift/linux\)".*|\1|p' | head -n 1)

sanitize:       ## run the kernels under the sanitizers of addresses, undefined behaviour and threads
	@mkdir -p .build/sanitize
	$(SANITIZE) -fsanitize=address,undefined,float-cast-overflow -o .build/sanitize/addresses
	.build/sanitize/addresses
	$(SANITIZE) -fsanitize=thread -D '__builtin_cpu_supports(feature)=0' -L $(SWIFT_LIBRARIES) \
	    -Wl,-rpath,$(SWIFT_LIBRARIES) -ldispatch -lBlocksRuntime -o .build/sanitize/threads
	.build/sanitize/threads

examples:       ## build and run every example
	swift build --configuration release --package-path Examples
	@for example in $(notdir $(wildcard Examples/Sources/*)); do \
	    echo "--- $$example"; Examples/.build/release/$$example || exit 1; done

techniques: build  ## see that every technique is listed, documented and trained by a configuration
	@Scripts/check_techniques.py $(ESPALIER)

zoo: build      ## see what the doctor makes of trainings that are known to be faulty or healthy; ZOO="--seeds 1" and other options
	@Scripts/zoo.py $(ESPALIER) $(ZOO)

INTERCHANGE := .venv-interchange

interchange: build $(INTERCHANGE)/.complete  ## hold what is exported against ONNX Runtime, NumPy and TensorBoard
	$(INTERCHANGE)/bin/python Scripts/check_interchange.py $(ESPALIER)

pytorch: build $(PEERS)/.complete  ## take weights to PyTorch and back
	$(PEERS)/bin/python Scripts/check_pytorch_weights.py $(ESPALIER)

$(INTERCHANGE)/.complete: Scripts/interchange-requirements.txt
	python3 -m venv $(INTERCHANGE)
	$(INTERCHANGE)/bin/python -m pip install --quiet --requirement $<
	touch $@

dashboard: build  ## hold dashboard and reports against a headless Chromium; DASHBOARD="--long 60" and other options
	@Scripts/check_dashboard.py $(ESPALIER) $(DASHBOARD)

bench: $(PEERS)/.complete  ## measure time and memory per training step against the peers
	swift build --configuration release --package-path Benchmarks
	$(PEERS)/bin/python Benchmarks/compare.py

curves: $(PEERS)/.complete  ## compare loss curves with PyTorch's; CURVES="--text FILE" and other options
	swift build --configuration release --package-path Benchmarks
	$(PEERS)/bin/python Benchmarks/curves/compare_curves.py $(CURVES)

memory:         ## see that 10,000 training steps take no more memory than 1,000
	swift build --configuration release --package-path Benchmarks
	Benchmarks/.build/release/espalier-benchmark memory --threads 2

SEARCH := .venv-search

search: $(SEARCH)/.complete  ## compare the samplers of a search with Optuna's; SEARCH_OPTIONS="--seeds 50" and other options
	swift build --configuration release --package-path Benchmarks
	$(SEARCH)/bin/python Scripts/compare_search.py Benchmarks/.build/release/espalier-benchmark $(SEARCH_OPTIONS)

BOOK_PROGRAMS := .venv-books
BOOKS := books

books: build $(BOOK_PROGRAMS)/.complete  ## time the books' own programs beside the lab's; BOOKS=DIR of their checkouts, BOOK_OPTIONS="--only NAME"
	$(BOOK_PROGRAMS)/bin/python Scripts/compare_books.py $(ESPALIER) --books $(BOOKS) $(BOOK_OPTIONS)

$(BOOK_PROGRAMS)/.complete: Scripts/books-requirements.txt
	python3 -m venv $(BOOK_PROGRAMS)
	$(BOOK_PROGRAMS)/bin/python -m pip install --quiet --requirement $<
	touch $@

$(SEARCH)/.complete: Scripts/search-requirements.txt
	python3 -m venv $(SEARCH)
	$(SEARCH)/bin/python -m pip install --quiet --requirement $<
	touch $@

$(PEERS)/.complete: Benchmarks/requirements.txt
	python3 -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	touch $@

lint: build     ## check the formatting of all Swift code, and that the documents name every setting
	swift format lint --strict --parallel --recursive $(wildcard Package.swift Sources Tests Benchmarks Documentation Examples Scripts)
	@Scripts/check_docs.py $(ESPALIER)
	@Scripts/check_pages.py $(ESPALIER)

GALLERY_TOOLS := .venv-gallery

gallery: build $(GALLERY_TOOLS)/.complete  ## take the pictures of docs/gallery.md anew, with Chromium; GALLERY="--views FOLDER" and other options
	$(GALLERY_TOOLS)/bin/python Scripts/gallery.py $(ESPALIER) $(GALLERY)

$(GALLERY_TOOLS)/.complete: Scripts/gallery-requirements.txt
	python3 -m venv $(GALLERY_TOOLS)
	$(GALLERY_TOOLS)/bin/python -m pip install --quiet --requirement $<
	touch $@

pictures:       ## draw the pictures of the documents anew, from what the library computes
	ESPALIER_PICTURES=1 swift build $(FLAGS) --product EspalierPictures
	.build/release/EspalierPictures docs/images

docs: build     ## build the documentation into .build/documentation; fails on any warning
	@Scripts/build_docs.py .build/documentation

clean:          ## remove what was built; runs stay
	rm -rf .build Examples/.build Benchmarks/.build
