# sinbin: GNU make. `make help` lists the targets.
#
# Everything built goes to .build/ and bin/. One archive holds all floors of src/; each program links
# what it uses of it. The connection handlers are linked statically against musl: a process a
# connection is only cheap when starting one is.

include package/info

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/sinbin

# TARGET=aarch64-linux-gnu: for another machine, by Debian's cross compiler; see tests/README.
ifdef TARGET
OUT      = .build/$(TARGET)
CC       = $(TARGET)-gcc
AR       = $(TARGET)-ar
MUSL_CC  = $(CC) -specs /usr/lib/$(TARGET:-gnu=-musl)/musl-gcc.specs
BIN     ?= $(OUT)/bin
else
OUT      = .build
endif
BUILD   ?= $(OUT)/std
MUSL    ?= $(OUT)/musl
BIN     ?= bin
ifeq ($(origin CC),default)
CC       = gcc
endif
MUSL_CC ?= musl-gcc
ifneq ($(words $(BIN)) $(words $(BUILD)) $(words $(MUSL)),1 1 1)
$(error BIN, BUILD and MUSL cannot hold blanks: make takes them for several names)
endif
V       ?= 0
Q        = $(if $(filter 0,$(V)),@)

OWFAT      = $(OUT)/owfat
KERNEL     = $(OUT)/kernel-include
WARNINGS   = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla \
             -Wformat=2 -Wundef -Wcast-qual
HARDENING ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2
OPTIMISE  ?= -O2
# CPPFLAGS, CFLAGS and LDFLAGS are yours; the handler gets them, too.
CFLAGS    ?= $(OPTIMISE) -g
BASEFLAGS  = -std=c11 -D_GNU_SOURCE -Isrc -isystem $(OWFAT)/include $(WARNINGS) -MMD -MP \
             -DSINBIN_VERSION='"$(version)"'
STDFLAGS   = $(BASEFLAGS) $(HARDENING) $(CPPFLAGS) $(CFLAGS) $(SANITIZE)
MUSLFLAGS  = $(BASEFLAGS) -fstack-protector-strong -ffunction-sections -fdata-sections \
             -idirafter $(KERNEL) $(CPPFLAGS) $(CFLAGS)

FLOORS   = base sys line smtp rule report score resolve policy store accept follow collect publish
SOURCES  = $(foreach f,$(FLOORS),$(wildcard src/$f/*.c))
PROGRAMS = $(patsubst src/prog/%.c,%,$(wildcard src/prog/sinbin-*.c))
# What holds connections is static; without a musl build of libowfat (package/owfat says when) it is not.
HAS_MUSL         = $(if $(wildcard $(OWFAT)/stamp),$(wildcard $(OWFAT)/lib-musl),yes)
STATIC_PROGRAMS ?= $(if $(HAS_MUSL),$(filter sinbin-smtpd,$(PROGRAMS)))
STATIC_SOURCES   = $(filter-out src/line/dialecthash.c,$(foreach f,base sys smtp line,$(wildcard src/$f/*.c)))

OBJECTS        = $(SOURCES:src/%.c=$(BUILD)/%.o)
STATIC_OBJECTS = $(STATIC_SOURCES:src/%.c=$(MUSL)/%.o)
LIBRARY        = $(BUILD)/libsinbin.a
STATIC_LIBRARY = $(MUSL)/libsinbin.a
LIBS           = -L$(OWFAT)/lib -lowfat -lcdb -lsodium -lsqlite3 -lcares -lz -ljansson -lm
UNIT_TESTS     = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*.c))
FUZZ_TESTS     = $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,\
                   $(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))

all: $(PROGRAMS:%=$(BIN)/%)

help:
	@echo 'make            build the programs into bin/'
	@echo 'make rules      build rules/rules.cdb from the text in rules/'
	@echo 'make check      run all tests (prove)'
	@echo 'make check-asan run all tests with address and undefined-behaviour sanitizers'
	@echo 'make fuzz       run each target of tests/fuzz for FUZZ_SECONDS (600) with libFuzzer'
	@echo 'make mutations  throw MUTATIONS (10000000) mutations of signed datagrams at what takes reports'
	@echo 'make bench      run the benchmarks of tests/bench'
	@echo 'make eval       what the shipped rules make of labelled data, for people'
	@echo 'make lint       compiler warnings as errors, cppcheck, shellcheck, mandoc, words'
	@echo 'make format     format the C sources in place'
	@echo 'make install    install to $$(DESTDIR)$$(PREFIX), default /usr/local; also BINDIR, MANDIR, DATADIR'
	@echo 'make uninstall  remove what make install installed, except rules that were changed'
	@echo 'make clean      remove all that was built, except the private libraries'

rules: $(BIN)/sinbin-rules
	$(MAKE) -C rules SINBIN_RULES="$(abspath $(BIN)/sinbin-rules)"

# The private libowfat is fetched and built once; see package/owfat. Its compiler is not that of make fuzz.
OWFAT_CC = $(if $(TARGET),$(CC),gcc)
$(OWFAT)/stamp: package/owfat package/owfat-selftest.c
	CC='$(OWFAT_CC)' AR='$(AR)' MUSL_CC='$(MUSL_CC)' sh package/owfat $(OWFAT)

$(KERNEL): | $(OWFAT)/stamp
	sh package/kernel-include $@ $(TARGET)

$(OBJECTS) $(UNIT_TESTS:=.o) $(FUZZ_TESTS:=.o) $(PROGRAMS:%=$(BUILD)/prog/%.o): | $(OWFAT)/stamp
$(STATIC_OBJECTS) $(STATIC_PROGRAMS:%=$(MUSL)/prog/%.o): | $(OWFAT)/stamp $(KERNEL)

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D); echo 'CC   $<'
	$(Q)$(CC) $(STDFLAGS) -fPIE -c -o $@ $<

$(MUSL)/%.o: src/%.c
	@mkdir -p $(@D); echo 'MUSL $<'
	$(Q)$(MUSL_CC) $(MUSLFLAGS) -c -o $@ $<

$(BUILD)/tests/unit/%.o: tests/unit/%.c
	@mkdir -p $(@D); echo 'CC   $<'
	$(Q)$(CC) $(STDFLAGS) -Itests/unit -fPIE -c -o $@ $<

$(BUILD)/tests/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D); echo 'CC   $<'
	$(Q)$(CC) $(STDFLAGS) -Wno-missing-prototypes -fPIE -c -o $@ $<

$(LIBRARY): $(OBJECTS)
	@rm -f $@; echo 'AR   $@'
	$(Q)$(AR) qcs $@ $^

$(STATIC_LIBRARY): $(STATIC_OBJECTS)
	@rm -f $@; echo 'AR   $@'
	$(Q)$(AR) qcs $@ $^

# One segment for code and constants instead of three: fewer mappings to make, and to keep, for each process.
$(STATIC_PROGRAMS:%=$(BIN)/%): $(BIN)/%: $(MUSL)/prog/%.o $(STATIC_LIBRARY)
	@mkdir -p $(@D); echo 'LINK $@'
	$(Q)$(MUSL_CC) $(LDFLAGS) -static -Wl,--gc-sections,-z,noseparate-code -s -o $@ $< $(STATIC_LIBRARY) -L$(OWFAT)/lib-musl -lowfat

$(filter-out $(STATIC_PROGRAMS:%=$(BIN)/%),$(PROGRAMS:%=$(BIN)/%)): $(BIN)/%: $(BUILD)/prog/%.o $(LIBRARY)
	@mkdir -p $(@D); echo 'LINK $@'
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -pie -Wl,-z,relro,-z,now -Wl,--as-needed -o $@ $(filter %.o,$^) $(LIBRARY) $(LIBS)

# A program of several files has the others in a folder: sinbin-NAME in NAME/.
PARTS = $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/prog/$(1)/*.c))
FOLDERS = $(filter $(PROGRAMS:sinbin-%=%),$(notdir $(wildcard src/prog/*)))
$(foreach f,$(FOLDERS),$(eval $(BIN)/sinbin-$(f) $(BUILD)/tests/clock/sinbin-$(f): $(call PARTS,$(f))))
$(foreach f,$(FOLDERS),$(eval $(call PARTS,$(f)): | $(OWFAT)/stamp))

$(UNIT_TESTS): %: %.o $(LIBRARY)
	@echo 'LINK $@'
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) -pie -Wl,--as-needed -o $@ $< $(LIBRARY) $(LIBS)

# Programs with another wall clock, tests/clock: one that is set back again and again, or that jumps.
CLOCK_BACK  = $(patsubst %,$(BUILD)/tests/clock/%,sinbin-smtpd sinbin-listen)
CLOCK_JUMPS = $(patsubst %,$(BUILD)/tests/clock/%,sinbin-collect sinbin-publish sinbin-report)
CLOCK_TESTS = $(CLOCK_BACK) $(CLOCK_JUMPS)

$(CLOCK_BACK): tests/clock/steps-back.c
$(CLOCK_JUMPS): tests/clock/jumps.c
$(CLOCK_TESTS): $(BUILD)/tests/clock/%: $(BUILD)/prog/%.o $(LIBRARY)
	@mkdir -p $(@D); echo 'LINK $@'
	$(Q)$(CC) $(STDFLAGS) $(LDFLAGS) -fPIE -pie -Wl,--as-needed,--wrap=clock_wall_ms -o $@ $(filter-out %.a,$^) $(LIBRARY) $(LIBS)

# Runs a program for which some system calls fail; static, so that it can deny what a loader needs.
DENY = $(BUILD)/tests/deny/deny
$(DENY): tests/deny/deny.c
	@mkdir -p $(@D); echo 'CC   $<'
	$(Q)$(CC) $(BASEFLAGS) $(OPTIMISE) -static -o $@ $<

unit: $(UNIT_TESTS) $(CLOCK_TESTS) $(DENY)

# What drives a fuzz target: the replay of its corpus, which is a test, or libFuzzer (make fuzz).
FUZZ_DRIVER = $(BUILD)/tests/fuzz/replay.o

$(FUZZ_TESTS): %: %.o $(FUZZ_DRIVER) $(LIBRARY)
	@echo 'LINK $@'
	$(Q)$(CC) $(SANITIZE) $(LDFLAGS) $(FUZZER) -pie -Wl,--as-needed -o $@ $< $(FUZZ_DRIVER) $(LIBRARY) $(LIBS)

replay: $(FUZZ_TESTS)

# Daemons refuse to run as root, which the tests often are; their tests of that take it away again.
check bench mutations eval-names eval-sessions: export ALLOW_ROOT = 1

TESTS = $(UNIT_TESTS) $(FUZZ_TESTS) $(wildcard tests/cmd/*.t) $(wildcard tests/e2e/*.t)

check: all rules unit replay
	SINBIN_BIN="$(abspath $(BIN))" SINBIN_BUILD="$(abspath $(BUILD))" \
	  perl -Itests -S prove --formatter Skips --exec '' --timer $(TESTS)

# The handlers are built against glibc here: musl has no sanitizers.
SAN = BUILD=.build/asan BIN=.build/asan/bin STATIC_PROGRAMS= \
      SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' \
      HARDENING=-fstack-protector-strong CFLAGS='-O1 -g'
# What a sanitizer finds is exit 86, which no program has; by default it would be 1, which some have.
check-asan:
	ASAN_OPTIONS="exitcode=86:$$ASAN_OPTIONS" UBSAN_OPTIONS="exitcode=86:$$UBSAN_OPTIONS" $(MAKE) $(SAN) check

# Inputs that reach new code gather in .build/fuzz/corpus/NAME; crashes are left in .build/fuzz.
FUZZ_CC      ?= clang-14
FUZZ_SECONDS ?= 600
FUZZ_SAN = BUILD=.build/fuzz CC=$(FUZZ_CC) FUZZ_DRIVER= FUZZER=-fsanitize=fuzzer \
      SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined' \
      HARDENING= CFLAGS='-O1 -g -fno-omit-frame-pointer'
fuzz:
	$(MAKE) $(FUZZ_SAN) replay
	@for name in $(notdir $(FUZZ_TESTS)); do \
	  mkdir -p .build/fuzz/corpus/$$name; echo "FUZZ $$name"; \
	  .build/fuzz/tests/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
	    -print_final_stats=1 -artifact_prefix=.build/fuzz/$$name- .build/fuzz/corpus/$$name \
	    tests/fuzz/corpus/$$name >.build/fuzz/$$name.log 2>&1 || { tail -n 40 .build/fuzz/$$name.log; exit 1; }; \
	  sed -n 's/^stat::number_of_executed_units: */     executions: /p' .build/fuzz/$$name.log; \
	done

# Ten million where make check has 200,000.
MUTATIONS ?= 10000000
mutations: $(BUILD)/tests/unit/intake_mutations
	MUTATIONS=$(MUTATIONS) $<

# What the shipped rules are worth on labelled data; names.t and verdicts.t ask for the least of it.
eval: eval-names eval-sessions

eval-names: all rules
	SINBIN_BIN="$(abspath $(BIN))" perl tests/eval/names -m

eval-sessions: all
	SINBIN_BIN="$(abspath $(BIN))" perl tests/eval/sessions

bench: all
	SINBIN_BIN="$(abspath $(BIN))" sh tests/bench/run

# Every shell script says so in its first line, or to shellcheck; execline's are none.
SCRIPTS = $(shell git grep -lE '^\#!/bin/sh|^\# shellcheck shell' -- .ci package tests service)

lint:
	$(MAKE) BUILD=.build/lint BIN=.build/lint/bin STATIC_PROGRAMS= CFLAGS='-O2 -Werror' all unit replay
	cppcheck --quiet --std=c11 --enable=warning,portability,performance --inline-suppr \
	  --error-exitcode=1 -Isrc -D_GNU_SOURCE src
	shellcheck -x $(SCRIPTS)
	mandoc -T lint -W warning $(wildcard src/*/*.[158])
	perl tests/words
	clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h')

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

# What package/install reads from its environment.
PLACES = BIN="$(BIN)" BINDIR="$(DESTDIR)$(BINDIR)" MANDIR="$(DESTDIR)$(MANDIR)" DATADIR="$(DESTDIR)$(DATADIR)"

install: all
	$(PLACES) sh package/install install

uninstall:
	$(PLACES) sh package/install uninstall

clean:
	rm -rf .build/std $(MUSL) .build/asan .build/lint .build/fuzz rules/rules.cdb
	find bin -type f ! -name .gitignore -delete

-include $(shell find $(BUILD) $(MUSL) -name '*.d' 2>/dev/null)

.PHONY: all help rules unit replay check check-asan fuzz mutations bench eval eval-names eval-sessions lint format install uninstall clean
.SECONDARY:
