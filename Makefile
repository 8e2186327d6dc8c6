# The commands of the house. Each installs what it lacks and says so first.
.PHONY: help demo test bench test-long test-powercut test-requests test-crowd test-zwave test-memory test-journeys fuzz lint install web web-dev screenshots
.DEFAULT_GOAL := help

# Where a freshly installed Rust is, before the next login.
export PATH := $(HOME)/.cargo/bin:$(PATH)

# cargo-nextest where it is there: it shows slow tests and runs the binaries side by side.
NEXTEST := $(shell PATH="$(PATH)" command -v cargo-nextest 2>/dev/null)
# Some more at once than there are processors, because many tests wait.
THREADS := $(shell echo $$(($$(nproc) + 2)))
RUN_TESTS = $(if $(NEXTEST),cargo nextest run --locked --test-threads $(THREADS),cargo test --locked --quiet)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: ## a simulated home: build, start, print the address to open and the set-up code
	@.ci/install demo
	@echo "hearth: building; the first time takes some minutes"
	@cargo run --locked --quiet --package hearth --bin hearth -- run --demo $(ARGS)

web: ## builds the web app, which the next build of the hub then carries
	@.ci/install web
	@cd hub/web && npm run --silent build

web-dev: ## the web app as it is edited, in front of a running hub (HEARTH_HUB=http://…; else the one of make demo)
	@.ci/install web
	@cd hub/web && npm run --silent dev

screenshots: ## a picture of every page of the web app, on a phone and a desk, light and dark, in target/screenshots
	@.ci/install test
	cargo build --locked --bin hearth
	@cd hub/web && npm run --silent screenshots

test: ## all tests, with real counterparts (mosquitto, zigbee2mqtt, Chromium)
	@.ci/install test
	cargo build --locked --workspace
	$(RUN_TESTS) --workspace
	@cd hub/web && npm run --silent test && npm run --silent journeys
	@.ci/schemathesis short
	@.ci/crowd short
	@if [ -x .ci/powercut ]; then .ci/powercut short; fi

bench: ## benchmarks beside a bare client as the floor; release build
	@.ci/install test
	@.ci/bench

test-powercut: ## 1,000 power cuts around the real daemon
	@.ci/install test
	@.ci/powercut long

fuzz: ## ten minutes of random input for every parser
	@.ci/install test
	@.ci/fuzz

test-requests: ## 10,000 requests made from the description of the API
	@.ci/install test
	@.ci/schemathesis long

test-crowd: ## 10,000 WebSocket clients at once around the real daemon; release build
	@.ci/install test
	@.ci/crowd long

test-zwave: ## the Z-Wave driver beside the one of zwave-js, and with a stick that hangs
	@.ci/install test
	@.ci/zwave

test-memory: ## an hour of events at the web app in a real browser, whose memory must not grow (MINUTES=60)
	@.ci/install test
	cargo build --locked --bin hearth
	@cd hub/web && npm run --silent memory

test-journeys: ## the journeys through the web app that take long: all rules of the corpus, hostile texts on every page
	@.ci/install test
	cargo build --locked --bin hearth
	@cd hub/web && npm run --silent journeys:long

test-long: test-powercut test-requests test-crowd test-zwave test-memory test-journeys fuzz ## what takes too long for every push

lint: ## format and lints, as .ci/run wants them
	@.ci/install demo
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@cd hub/web && npm run --silent check

install: ## build for this machine and install as a service (asks for root)
	@.ci/install demo
	cargo build --locked --release --bin hearth
	sudo install -m 755 target/release/hearth /usr/local/bin/hearth
	sudo install -m 644 systemd/hearth.service /etc/systemd/system/hearth.service
	sudo install -d -m 755 /etc/hearth
	getent passwd hearth >/dev/null || sudo useradd --system --user-group --no-create-home --shell /usr/sbin/nologin hearth
	sudo systemctl daemon-reload
	@echo "hearth: start it with: sudo systemctl enable --now hearth"
	@echo "hearth: use it as yourself with: sudo usermod -aG hearth $$USER (then log in again)"
