# make demo: run the product.  make test: prove it.  Both set up what they need and say so.
UV := .boot/bin/uv
PY := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1
export PATH := $(CURDIR)/.boot/node/bin:$(PATH)
NODE := browser/node_modules/.package-lock.json

.PHONY: demo test thorough check bench sbom scan rehearsal shape screenshots install install-dev tools bundle fmt fixture

$(UV):
	python3 -m pip install -q --disable-pip-version-check --target .boot uv==0.13.9

.venv/.done: uv.lock pyproject.toml protocol/pyproject.toml | $(UV)
	$(UV) sync -q --locked --no-dev --inexact
	@touch $@

.venv/.dev: uv.lock pyproject.toml protocol/pyproject.toml | $(UV)
	$(UV) sync -q --locked
	@touch $@ .venv/.done

install: .venv/.done
install-dev: .venv/.dev

demo: .venv/.done
	@$(PY) -m answerable demo

# Chromium, Node and PostgreSQL for the tests; installed by apt only where missing, and said.
tools:
	@sh tests/tools.sh

$(NODE): browser/package-lock.json | tools
	cd browser && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

check: .venv/.dev $(NODE)
	@$(PY) tests/check.py

test: check
	@$(PY) -m tests.run

# The same, with the tests that take minutes.
thorough: check
	@ANSWERABLE_THOROUGH=1 $(PY) -m tests.run

bench: .venv/.dev $(NODE)
	@$(PY) -m bench

# What the product is made of, for scanners: dist/sbom.cdx.json.
sbom: .venv/.dev $(NODE)
	@$(PY) tests/sbom.py

# Two scanners against a running server: docs/scans.md. Ten minutes.
scan: .venv/.dev | $(UV)
	@$(PY) -m tests.scan

# The operator's path of docs/for-operators.md whole: a real install, PostgreSQL, two web processes, 250,000 people.
rehearsal: .venv/.dev tools
	@REHEARSAL=1 $(PY) -m pytest -q -s tests/test_operators_path.py

shape: .venv/.dev
	@$(PY) tests/shape.py

screenshots: .venv/.dev tools
	@$(PY) tests/screenshots.py

fixture: .venv/.dev $(NODE)
	@$(PY) -m answerable.cli.demo.make_fixture

bundle: $(NODE)
	cd browser && npm run -s build

fmt: .venv/.dev
	$(PY) -m ruff format . && $(PY) -m ruff check --fix .
