# demo and test set up what is missing by themselves; see scripts/setup.
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
MFSCTL := target/debug/mfsctl
PREFIX ?= /usr/local

.PHONY: all setup build demo demo-down test test-takeover chaos lint bench install generate

all: build

setup:
	@scripts/setup

build: setup
	cargo build

# Builds, brings the eight-node lab up, provisions it, writes and reads a file, shows the status.
demo: build
	@SUDO="$(SUDO)" MFSCTL=$(MFSCTL) scripts/demo

demo-down:
	$(SUDO) $(MFSCTL) lab down

test: setup
	@scripts/test

# Switchover, power cuts, hanging masters, split brain, alerts, damaged and destroyed metadata on the lab: an hour more on a machine that does nothing else.
test-takeover: setup
	@scripts/test takeover

# Faults for hours, report in docs/chaos.md: RUNS=10 of every scenario, or ONLY=a,b; or FAULTS=200 SEED=1 random ones.
chaos: setup
	@scripts/chaos

lint: setup
	@scripts/lint

bench: build
	cargo build --release
	@SUDO="$(SUDO)" scripts/bench
	@SUDO="$(SUDO)" scripts/bench-status
	@scripts/bench-takeover

# Writes completions, man pages and the inventory's schema anew.
generate: build
	@MFSCTL=$(MFSCTL) scripts/generate

install: setup
	cargo build --release
	install -D -m 0755 target/release/mfsctl $(DESTDIR)$(PREFIX)/bin/mfsctl
	install -D -m 0644 completions/mfsctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/mfsctl
	install -D -m 0644 completions/_mfsctl $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_mfsctl
	install -D -m 0644 completions/mfsctl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/mfsctl.fish
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 0644 completions/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
