# Thin: each line calls the script that sets up and runs the course (on Windows: py utils\bootstrap.py lab).
PYTHON ?= python3

.PHONY: lab test book bench env clean
lab:    ; $(PYTHON) utils/bootstrap.py lab $(LAB_ARGS)
test:   ; $(PYTHON) utils/bootstrap.py test $(TEST_ARGS)
book:   ; $(PYTHON) utils/bootstrap.py book $(BOOK_ARGS)
bench:  ; $(PYTHON) utils/bootstrap.py bench $(BENCH_ARGS)
env:    ; $(PYTHON) utils/bootstrap.py env
clean:  ; rm -rf _build .pytest_cache .hypothesis .ruff_cache
