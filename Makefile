# iotsim: one C program on librdkafka, jansson, GSL and libmicrohttpd.
# `make help` lists the targets.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR ?= $(DATADIR)/zsh/site-functions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d
VERSION := $(shell cat VERSION)

CC ?= cc
CLANG ?= clang
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
export CC

# Flavours stand side by side: release, fail, asan, tsan, coverage, fuzz. All
# but the first and the last can be killed at a named point (base/failpoint.h), and
# told to fail at a call (test/fail/calls.c).
FLAVOUR ?= release
B := build/$(FLAVOUR)
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=undefined
SANITIZE_tsan := -fsanitize=thread
SANITIZE_fuzz := -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
SANITIZE := $(SANITIZE_$(FLAVOUR))
FAILPOINTS := $(if $(filter fail asan tsan coverage,$(FLAVOUR)),-DIOTSIM_FAILPOINTS)
# The program of that kind for tests of the release.
fail := $(if $(filter release,$(FLAVOUR)),fail)

# librdkafka hands memory from thread to thread, at which jemalloc is much
# better than glibc. It is used if it is there; `make ALLOCATOR=`: it is not.
# Nobody names it, so a linker might leave it out.
jemalloc := $(shell $(PKG_CONFIG) --libs jemalloc 2>/dev/null)
needed = -Wl,--push-state,--no-as-needed $(1) -Wl,--pop-state
ALLOCATOR ?= $(if $(SANITIZE),,$(if $(jemalloc),$(call needed,$(jemalloc))))
# Of this version on it knows the options in lib/base/mem.c.
jemalloc_5_3 := $(shell $(PKG_CONFIG) --exists 'jemalloc >= 5.3' 2>/dev/null && \
	echo -DJEMALLOC_5_3)

ifeq ($(FLAVOUR),coverage)
override CFLAGS += -O0 --coverage -fprofile-update=atomic
endif

# Ours; CPPFLAGS, CFLAGS and LDFLAGS are the user's.
PKGS := rdkafka jansson gsl libmicrohttpd
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
our_CPPFLAGS := -Ilib -Icmd -D_GNU_SOURCE -DIOTSIM_VERSION='"$(VERSION)"' \
	$(FAILPOINTS) $(jemalloc_5_3) $(PKG_CFLAGS)
# -ffp-contract=off: a seed makes the same bytes on every machine.
our_CFLAGS := -std=c11 -pthread -ffile-prefix-map=$(CURDIR)=. -ffp-contract=off \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wformat=2 -Wundef -Wpointer-arith $(SANITIZE) \
	$(if $(SANITIZE),-fno-omit-frame-pointer) $(if $(WERROR),-Werror)
COMPILE = $(CC) $(our_CPPFLAGS) $(CPPFLAGS) $(our_CFLAGS) $(CFLAGS)
LINK = $(CC) $(our_CFLAGS) $(CFLAGS) $(LDFLAGS)

lib_src := $(sort $(wildcard lib/*/*.c))
cmd_src := $(sort $(wildcard cmd/*.c))
fleets := $(sort $(wildcard fleets/*.json))
shells := $(sort $(wildcard completion/*))
unit_src := $(sort $(wildcard test/unit/test_*.c))
fuzz_src := $(sort $(wildcard test/fuzz/fuzz_*.c))
bench_src := $(sort $(wildcard test/bench/*.c))
tool_src := $(sort $(wildcard test/tools/*.c))
c_files := $(wildcard lib/*/*.[ch] cmd/*.[ch] test/*/*.[ch])
pages := $(sort $(wildcard man/*.[1-9]))
obj = $(patsubst %.c,$(B)/%.o,$(1))
fuzzers := $(patsubst test/fuzz/fuzz_%.c,%,$(fuzz_src))

ifeq ($(FLAVOUR),tsan)
tsan_obj := $(call obj,test/tsan/c11threads.c) -rdynamic
endif

# The program alone, where it is for tests: calls that can be made to fail. Not
# with the functions above, which make librdkafka's calls ours.
ifneq ($(filter fail asan coverage,$(FLAVOUR)),)
fail_obj := $(call obj,test/fail/calls.c)
wrapped := $(shell sed -n 's/^WRAP.\([a-z0-9_]*\),.*/\1/p' test/fail/calls.c)
fail_flags := $(wrapped:%=-Wl,--wrap=%)
endif

# Not only when they are installed, for that may be root's work.
completions := $(shells:%=$(B)/%)

all: $(B)/iotsim $(if $(SANITIZE),,$(completions)) ## build the program (build/release/iotsim)

demo: deps ## install what is missing, build, and see it work (15 s)
	@$(MAKE) --no-print-directory all
	$(B)/iotsim demo --max-reports 3

## Tests
SUITES ?= unit cli mock kafka pandas
FUZZ_TIME ?= 20
SOAK ?= 3600

# What cannot be installed makes its suite skip, visibly.
check: deps ## install what is missing and run all tests (SUITES="unit cli": some)
	@test/deps check || true
	@$(MAKE) --no-print-directory all bench-programs test-tools
	@$(if $(fail),$(MAKE) --no-print-directory FLAVOUR=$(fail) all)
	@! test/deps -n unit 2>/dev/null || $(MAKE) --no-print-directory unit
	@FLAVOUR=$(FLAVOUR) test/run $(SUITES)

check-unit check-cli check-mock check-kafka check-pandas: ## or check-cli, check-mock, check-kafka, check-pandas
	@$(MAKE) --no-print-directory check SUITES=$(@:check-%=%)

check-long: ## all tests with more rounds, clean systems, long fuzzing, an hour at full rate
	@test/deps deb lintian chroots || true
	@IOTSIM_LONG=1 $(MAKE) --no-print-directory check SUITES="$(SUITES) long"
	@$(MAKE) --no-print-directory coverage
	@$(MAKE) --no-print-directory fuzz FUZZ_TIME=300
	@$(MAKE) --no-print-directory soak

soak: all ## produce and consume at full rate on a real Kafka, for SOAK seconds (3600)
	@test/deps -n kafka
	@test/soak $(SOAK)

asan tsan: ## unit, cli and mock under ASan and UBSan, or ThreadSanitizer
	@$(MAKE) --no-print-directory check FLAVOUR=$@ SUITES="unit cli mock"

coverage: ## the tests, and how much of lib/ they have run (at least 90 %)
	@find build/coverage \( -name '*.gcda' -o -name failed \) -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory check FLAVOUR=coverage || \
		touch build/coverage/failed
	@test/coverage && [ ! -e build/coverage/failed ]

fuzz: deps ## each fuzzer for FUZZ_TIME seconds (20); finds go to build/fuzz
	@test/deps fuzz
	@$(MAKE) --no-print-directory FLAVOUR=fuzz CC=$(CLANG) \
		$(fuzzers:%=fuzz-run-%)

bench: all bench-programs ## speed beside references, as a table (or bench-micro, bench-kafka)
	@FLAVOUR=$(FLAVOUR) test/bench/bench

# A group of its rows, or one row.
bench-%: all bench-programs
	@FLAVOUR=$(FLAVOUR) test/bench/bench $*

lint: all ## what a person should not have to notice
	@test/deps lint || true
	@test/lint

analyze: ## follow every path through the code (clang's analyzer)
	@test/deps lint || true
	@test/lint paths

## Building, in detail
deps: ## install the libraries that are missing (Debian, Ubuntu)
	@test/deps build allocator || test/deps build

deps-%:
	@test/deps $*

$(B)/libiotsim.a: $(call obj,$(lib_src)) $(B)/ready.o
	rm -f $@ && $(AR) rcs $@ $^

# Files as strings, a line each: the texts of sim/ready.h and cmd/shells.h. The
# directories are newer when a file is taken out.
$(B)/ready.c: fleets $(fleets) Makefile
	@$(call texts,sim/ready.h,struct ready ready_fleets,$(fleets))

$(B)/shells.c: completion $(shells) Makefile
	@$(call texts,shells.h,struct shell shells,$(shells))

define texts
mkdir -p $(@D)
{ echo '#include "$(1)"'; \
echo 'const $(2)[] = {'; \
for f in $(3); do \
	printf '{"%s",\n' "$$(basename "$$f" .json)"; \
	sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' "$$f"; \
	echo '},'; \
done; \
echo '{0, 0},'; echo '};'; } >$@
endef

$(B)/ready.o $(B)/shells.o: $(B)/%.o: $(B)/%.c $(B)/flags
	$(COMPILE) -c -o $@ $<

cmd_obj := $(call obj,$(cmd_src)) $(B)/shells.o $(fail_obj)

$(B)/iotsim: $(cmd_obj) $(B)/libiotsim.a $(filter %.o,$(tsan_obj))
	$(LINK) $(fail_flags) -o $@ $(cmd_obj) $(tsan_obj) \
		$(B)/libiotsim.a $(ALLOCATOR) $(PKG_LIBS) -lm

$(B)/completion/%: $(B)/iotsim
	@mkdir -p $(@D)
	$< completion $* >$@

unit: $(patsubst test/unit/%.c,$(B)/unit/%,$(unit_src)) ## build the unit tests

$(B)/unit/%: $(B)/test/unit/%.o $(B)/libiotsim.a $(filter %.o,$(tsan_obj))
	@mkdir -p $(@D)
	$(LINK) -o $@ $< $(tsan_obj) $(B)/libiotsim.a $(PKG_LIBS) -lcmocka -lm

bench-programs: $(patsubst test/bench/%.c,$(B)/bench/%,$(bench_src))

$(B)/bench/%: $(B)/test/bench/%.o $(B)/libiotsim.a $(filter %.o,$(tsan_obj))
	@mkdir -p $(@D)
	$(LINK) -o $@ $< $(tsan_obj) $(B)/libiotsim.a $(ALLOCATOR) $(PKG_LIBS) -lm

test-tools: $(patsubst test/tools/%.c,$(B)/tools/%,$(tool_src))

$(B)/tools/%: $(B)/test/tools/%.o $(B)/libiotsim.a $(filter %.o,$(tsan_obj))
	@mkdir -p $(@D)
	$(LINK) -o $@ $< $(tsan_obj) $(B)/libiotsim.a $(PKG_LIBS) -lm

$(B)/fuzz/%: $(B)/test/fuzz/fuzz_%.o $(B)/libiotsim.a
	@mkdir -p $(@D)
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS) -lm

# libFuzzer writes what it finds into the first corpus and reads the second.
# FUZZ_ARGS are options of its own, such as -seed=1 -runs=1000.
fuzz-run-%: $(B)/fuzz/%
	@mkdir -p $(B)/corpus/$*
	@echo "fuzzing $* for $(FUZZ_TIME) s $(FUZZ_ARGS)"
	@$< -max_total_time=$(FUZZ_TIME) $(FUZZ_ARGS) -timeout=10 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix=$(B)/$*- \
		$(B)/corpus/$* $(wildcard test/fuzz/corpus/$*) \
		>$(B)/$*.log 2>&1 || { tail -n 60 $(B)/$*.log; exit 1; }
	@sed -n 's/^stat::number_of_executed_units: */$*: units run: /p' $(B)/$*.log

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

# Changes when the flags do, and says so when a library is missing.
$(B)/flags: FORCE
	@test/deps -n build
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(COMPILE) $(LDFLAGS) $(ALLOCATOR) $(PKG_LIBS))' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)

## Installing
installed = $(BINDIR)/iotsim \
	$(foreach p,$(pages),$(call page_path,$(p))) \
	$(foreach f,$(fleets),$(DATADIR)/iotsim/$(f)) \
	$(BASHDIR)/iotsim $(ZSHDIR)/_iotsim $(FISHDIR)/iotsim.fish
page_path = $(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
# DESTDIR may have blanks, the others may not.
below = $(patsubst %,"$(DESTDIR)%",$(1))
no_blanks = $(foreach v,PREFIX BINDIR DATADIR MANDIR BASHDIR ZSHDIR FISHDIR, \
	$(if $(word 2,$($(v))),$(error $(v) must not have blanks: '$($(v))')))

install: all $(completions) ## into PREFIX (/usr/local), below DESTDIR
	$(no_blanks)install -d $(call below,$(sort $(dir $(installed))))
	install -m 755 $(B)/iotsim $(call below,$(BINDIR)/iotsim)
	$(foreach p,$(pages), \
		install -m 644 $(p) $(call below,$(call page_path,$(p)))$(newline))
	install -m 644 $(fleets) $(call below,$(DATADIR)/iotsim/fleets)
	install -m 644 $(B)/completion/bash $(call below,$(BASHDIR)/iotsim)
	install -m 644 $(B)/completion/zsh $(call below,$(ZSHDIR)/_iotsim)
	install -m 644 $(B)/completion/fish $(call below,$(FISHDIR)/iotsim.fish)

# The directories are ours alone.
uninstall: ## remove exactly what install installs
	$(no_blanks)rm -f $(call below,$(installed))
	@for d in $(call below,$(DATADIR)/iotsim/fleets $(DATADIR)/iotsim); do \
		[ ! -d "$$d" ] || rmdir --ignore-fail-on-non-empty "$$d"; done

# An archive of an archive is of all that is there.
dist: ## build/iotsim-VERSION.tar.gz of the last commit
	@mkdir -p build
	@if [ -e .git ]; then \
		git archive --prefix=iotsim-$(VERSION)/ HEAD; \
	else \
		tar -c --sort=name --owner=0 --group=0 --exclude=./build \
			--transform='s,^\.,iotsim-$(VERSION),' .; \
	fi | gzip -n9 >build/iotsim-$(VERSION).tar.gz
	@echo build/iotsim-$(VERSION).tar.gz

deb: dist ## build/iotsim_VERSION_ARCH.deb, of the last commit
	@test/deps build allocator unit deb lintian || \
		test/deps build allocator unit deb
	debian/build build/iotsim-$(VERSION).tar.gz

## Upkeep
format: ## let clang-format have its way
	clang-format -i $(c_files)

picture: all ## draw README.md's picture of a run anew
	PATH=$(CURDIR)/$(B):$$PATH doc/picture 72 25 25 \
		iotsim demo --interval 1 --chart >doc/run.svg.new
	mv doc/run.svg.new doc/run.svg

clean: ## remove build/
	rm -rf build

help: ## this list
	@awk '/^## / { print "\n" substr($$0, 4) } \
		/^[a-z][a-z -]*:.* ## / { \
			name = $$0; sub(/:.*/, "", name); sub(/.* ## /, ""); \
			gsub(/check-[kcmp][a-z]* ?/, "", name); \
			printf "  %-14s %s\n", name, $$0 }' $(MAKEFILE_LIST)

define newline


endef

.PHONY: all demo check check-unit check-cli check-mock check-kafka \
	check-pandas check-long soak asan tsan coverage fuzz bench bench-programs test-tools lint analyze \
	deps unit install uninstall dist deb format picture clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
