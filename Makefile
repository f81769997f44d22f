# SPDX-License-Identifier: BSD-2-Clause
# A front for Meson. `make try` and `make check` do all set-up themselves on Debian and its kin.
BUILD ?= build
PREFIX ?= /usr/local
NINJA = ninja -C $(BUILD)

all: $(BUILD)/build.ninja
	@$(NINJA)

try: setup all
	@tools/try.sh $(BUILD)

check: setup-check all
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs --num-processes 2

install: all
	@meson install -C $(BUILD) --no-rebuild

bench: setup all
	@tools/bench.py $(BUILD)

# The same policies by strait and by libseccomp, if that is here.
bench-peers: setup all
	@tools/bench-peers.py $(BUILD)

# The long forms of what .ci/run does briefly.
fuzz: setup-ci
	@tools/fuzz.sh 600

verify-long: setup all
	@STRAIT_TEST_LONG=1 meson test -C $(BUILD) --no-rebuild --print-errorlogs --suite live --suite laws --suite cbpf --suite compile --suite prove \
		--timeout-multiplier 10

clean:
	rm -rf $(BUILD) build-*

setup:
	@tools/setup.sh build

setup-check:
	@tools/setup.sh build check

setup-ci:
	@tools/setup.sh build check ci

$(BUILD)/build.ninja:
	@meson setup --prefix $(PREFIX) $(BUILD) >$(BUILD).log || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log

.PHONY: all try check install bench bench-peers fuzz verify-long clean setup setup-check setup-ci
