# serve, test and check are all that one must know; `make help` lists the rest.
# Everything runs in .venv, which `setup` fills from requirements.lock and from nothing else.

PYTHON ?= python3
PORT ?= 8000
PYTEST_ARGS ?=
BENCH_ARGS ?=
SECONDS ?= 60
BIN := .venv/bin
NODE := tests/node/node_modules/installed
WEB := app/web
GRAPHIQL := $(WEB)/built/index.html
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup serve graphiql test node fuzz check schema release bench lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 10

setup: .venv/installed ## make .venv (nothing happens when it is up to date)

.venv/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 is needed: make PYTHON=python3.11")'
	@echo "Installing what requirements.lock names into .venv (about half a minute, once)"
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --no-deps --requirement requirements.lock
	@touch $@

.venv/installed: .venv/locked pyproject.toml
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

serve: setup ## serve on 127.0.0.1 (PORT=8000), with a demo university when the database is empty
	@! command -v npm >/dev/null || $(MAKE) --silent graphiql || echo "Serving without a new GraphiQL" >&2
	@exec $(BIN)/campusgraph serve --demo --port $(PORT)

graphiql: $(GRAPHIQL) ## build GraphiQL into app/web/built, as `make serve` and `make test` do where there is npm

$(GRAPHIQL): $(WEB)/node_modules/installed $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/tsconfig.json \
	$(wildcard $(WEB)/source/* $(WEB)/tabs/*)
	@echo "Building GraphiQL into $(WEB)/built (some seconds, once)"
	@cd $(WEB) && npm run --silent build

test: setup $(if $(shell command -v npm),$(NODE) $(GRAPHIQL)) ## run the tests on SQLite, at once on CAMPUSGRAPH_TEST_DATABASE_URL if it is set (PYTEST_ARGS="-k grades")
ifdef CAMPUSGRAPH_TEST_DATABASE_URL
	@$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=2 test-sqlite test-database
else
	$(BIN)/pytest $(PYTEST_ARGS)
endif

.PHONY: test-sqlite test-database
test-sqlite: setup
	env -u CAMPUSGRAPH_TEST_DATABASE_URL $(BIN)/pytest $(PYTEST_ARGS)

test-database: setup # sources and pages do not know which database there is: they are looked at once, beside SQLite
	$(BIN)/pytest $(patsubst %,--ignore=tests/%,architecture browser web) $(PYTEST_ARGS)

node: $(NODE) ## install the packages of tests/node, as `make test` does where there is npm

%/node_modules/installed: %/package.json %/package-lock.json
	@cd $* && npm ci --ignore-scripts --fetch-retries=1 --no-audit --no-fund --loglevel=error
	@touch $@

fuzz: setup ## compare the answers to random operations by plan and by graphql-core (SECONDS=60, SEED=...)
	$(BIN)/python -m tests.execution.fuzz $(SECONDS) $(SEED)

check: setup ## ruff, mypy, import-linter, migrations and REST documents fit, schema.graphql is current and breaks no client
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && set -x && \
	export CAMPUSGRAPH_DATABASE_URL="sqlite+aiosqlite:///$$folder/check.sqlite3" && \
	$(BIN)/alembic upgrade head && $(BIN)/alembic check
	$(BIN)/campusgraph routes --check
	$(BIN)/campusgraph schema check
	@$(BIN)/campusgraph schema print | diff -u schema/schema.graphql - || { echo "make schema writes it anew"; exit 1; }

schema: setup ## print the graph's schema into schema/schema.graphql
	@$(BIN)/campusgraph schema print > schema/schema.graphql.new && mv schema/schema.graphql.new schema/schema.graphql

release: setup ## take the schema as it is for the released one, which `make check` compares with
	cp schema/schema.graphql schema/released.graphql

bench: setup ## measure the speed of the graph and of REST against plain SQL (BENCH_ARGS)
	$(BIN)/python -m tests.benchmarks $(BENCH_ARGS)

.PHONY: bench-peers
bench-peers: setup ## measure beside Mercurius and PostGraphile, which Node.js runs and npm installs (BENCH_ARGS)
	$(BIN)/python -m tests.benchmarks.peers goals $(BENCH_ARGS)

# A machine's own package sources and settings are kept out: the lock must be the same wherever it is made.
lock: setup ## choose versions anew and write requirements.lock (UPGRADE=--upgrade takes the newest)
	@$(PIP) install pip-tools
	@env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS PIP_CONFIG_FILE=/dev/null \
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(UPGRADE) --all-extras --all-build-deps \
	--allow-unsafe --strip-extras --generate-hashes --no-emit-options --output-file requirements.lock pyproject.toml
	@sed -i '/considered to be unsafe/d' requirements.lock

clean: ## remove .venv and what tools leave behind; databases in var/ stay
	rm -rf .venv tests/node/node_modules $(WEB)/node_modules $(WEB)/built build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find app schema tests alembic -name __pycache__ -prune -exec rm -rf {} +
