# Needs Python 3.11, git and make. Everything else comes in the locks and stays in .venv.
PY ?= python3.11
BIN := .venv/bin
RUN := $(BIN)/python manage.py
STARTED := $(shell date +%s)
# Six processes start at once; compiling everything in each of them takes longer than all else.
unexport PYTHONDONTWRITEBYTECODE

# One more than there are processors, since a test waits for its database or a process it has started.
WORKERS := $(shell expr 1 + $$(nproc 2>/dev/null | awk '{print ($$1 < 8) ? $$1 : 8}'))

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check bench coverage trained lock fmt lint

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 20

demo: .venv/.ok ## Run the whole desk here; PORT=8001 make demo takes another port
	@STARTED=$(STARTED) exec $(RUN) demo

demo-reset: .venv/.ok ## Throw the demo's data away
	@$(RUN) demo_reset

test: lint ## Everything, as CI does it; Playwright's event loop bears no others beside it
	$(BIN)/python -m pytest --ignore tests/browser --numprocesses $(WORKERS)
	$(BIN)/python -m pytest tests/browser --numprocesses 2 --dist loadgroup -p no:randomly

check: lint ## The fast half: linters, types, and the tests that need no database
	$(BIN)/python -m pytest -m pure --numprocesses auto --maxprocesses 8

lint: .venv/.ok
	$(RUN) check --fail-level WARNING
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --lint --quiet

coverage: .venv/.ok ## The tests again, saying which branches none of them takes
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --cov --cov-report term

bench: .venv/.ok ## Measure, with a floor beside every figure
	$(BIN)/python -m tests.bench

trained: .venv/.ok ## Add the trained risk model's library (scikit-learn, some 200 MB)
	$(BIN)/python -m pip install --quiet --require-hashes -r trained.lock

fmt: .venv/.ok ## Format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint templates --reformat --quiet

lock: .venv/.ok ## Resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --extra embedded --extra test --upgrade $(COMPILE) --universal \
		-o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra trained --upgrade $(COMPILE) --universal -o trained.lock
	echo 'uv' | $(BIN)/uv pip compile - --upgrade $(COMPILE) -o bootstrap.lock
COMPILE := --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate

# The mark comes last, so what an interrupted start left behind is thrown away.
.venv/.ok: bootstrap.lock requirements.lock
	@"$(PY)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { echo \
		"Python 3.11 is needed, and '$(PY)' is not that. Install it, or say where it is: make PY=/path/to/python3.11"; \
		exit 1; }
	@test -f $@ || rm -rf .venv
	@echo "Setting up .venv; this is done once."
	@"$(PY)" -m venv .venv || { echo \
		"Python cannot make environments here. On Debian: apt-get install python3.11-venv"; exit 1; }
	@{ $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r bootstrap.lock \
		&& $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock; } \
		|| $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
			-r requirements.lock \
		|| { echo "The packages could not be fetched. See above, mend it, and run the same again."; exit 1; }
	@touch $@
