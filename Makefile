# Alan Pay recovery. `make help` lists the targets; nothing runs while this file is read.
#
# BUILD picks what is built, and where:
#   release   out/bin, out/build/release         faults   with fault points: what tests kill
#   san       with the sanitizers                clang    the warnings of the other compiler, for lint
BUILD  ?= release
CC     ?= cc
PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)
O      := out/build/$(BUILD)
BIN    := $(if $(filter release,$(BUILD)),out/bin,$(O)/bin)
GEN    := out/build/gen
Q      := $(if $(V),,@)
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL)$(findstring -j,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(JOBS)
endif

# What a bare Debian 12 lacks, as package:what-proves-it-is-there (tests/deps.sh).
DEPS.build := gcc:cc libc6-dev:stdio.h libcsv-dev:csv.h libxml2-dev:libxml2/libxml/parser.h libsqlite3-dev:sqlite3.h \
	libarchive-dev:archive.h zlib1g-dev:zlib.h \
	libcurl4-openssl-dev:curl/curl.h libssl-dev:openssl/evp.h libinih-dev:ini.h \
	libcmocka-dev:cmocka.h sqlite3:sqlite3 libxml2-utils:xmllint
DEPS.lint  := clang:clang clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck shellcheck:shellcheck
DEPS.bench := python3:python3
DEPS.MODE  := $(if $(filter-out all install help clean out/%,$(or $(MAKECMDGOALS),all)),install,name)

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wvla -Wundef -Wimplicit-fallthrough $(if $(WERROR),-Werror)
HARDEN := -O2 -g -fPIE -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
	$(if $(filter x86_64 i686,$(shell uname -m)),-fcf-protection)
CFLAGS.release  := $(HARDEN)
CFLAGS.clang    := $(HARDEN) -Werror
CFLAGS.faults   := -O1 -g -DFAULTS
CFLAGS.san      := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS.release := -pie -Wl,-z,relro,-z,now,-z,noexecstack
LDFLAGS.clang   := $(LDFLAGS.release)
LDFLAGS.san     := -fsanitize=address,undefined
CC.clang := clang
COMPILE = $(or $(CC.$(BUILD)),$(CC)) -std=c17 -D_POSIX_C_SOURCE=200809L -I. -I$(GEN) -isystem /usr/include/libxml2 \
	$(WARN) $(CFLAGS.$(BUILD)) $(CFLAGS) -MMD -MP
LINK    = $(or $(CC.$(BUILD)),$(CC)) $(CFLAGS.$(BUILD)) $(CFLAGS) $(LDFLAGS.$(BUILD)) $(LDFLAGS) -o $@ \
	$(filter %.o,$^) $(filter %.a,$^) -Wl,--as-needed -lsqlite3 -lxml2 -larchive -lz -lcsv -lcurl -lcrypto -linih $(LIBS)

STAGES   := $(sort $(wildcard stages/[0-9]*.c))
LIB      := $(sort $(wildcard formats/*.c stages/core/*/*.c)) stages/core/engine/embed.S
COMMANDS := $(sort $(wildcard stages/commands/*.c))
APART    := fixture push sepa swan users
OF_SEPA  := describe diff filesheet itemtable rehearsal sepafile validate
OF_SWAN  := doctor doctor_home doctor_settings
OF_USERS := cards dev
OF_FIXTURE := capture capture_bank capture_config capture_cut capture_file capture_input rerun tree
FAKESERVER := $(sort $(wildcard tests/fakeserver/*.c))
FAKESWAN := $(sort $(wildcard tests/fakeswan/*.c)) $(FAKESERVER)
FAKEAPP  := $(sort $(wildcard tests/fakeapp/*.c)) $(FAKESERVER)
BENCH    := $(sort $(wildcard tests/bench/*.c))
UNITS    := $(sort $(wildcard tests/test_*.c))
PARTS     = $(addprefix $(BIN)/alanpay-,$(NAMES) $(APART))
NAMES    := $(foreach s,$(STAGES),$(lastword $(subst -, ,$(basename $(notdir $s)))))
TABLES   := $(patsubst %.csv,$(GEN)/%.inc,$(wildcard formats/data/*.csv)) $(GEN)/formats/data/vocabulary.inc
SPOKEN   := $(filter %.c,$(LIB)) $(STAGES) $(COMMANDS) $(wildcard formats/data/*_codes.csv formats/data/*_reasons.csv formats/data/swan_*.csv)
EMBEDDED := $(wildcard stages/core/*.sql stages/core/*/*.sql formats/xsd/*.xsd formats/swan/*.graphql) schedules/nightly

all: programs ## build into out/bin
programs: $(BIN)/alanpay $(PARTS); @:
units: $(UNITS:%.c=$(O)/%) $(O)/tests/fakeswan/fakeswan $(O)/tests/fakeapp/fakeapp; @:

# --- building -------------------------------------------------------------------------------------------------------

$(O)/%.o: %.c | out/build/build.deps $(TABLES)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<
$(O)/%.o: %.S $(EMBEDDED) | out/build/build.deps
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<
$(O)/libalanpay.a: $(patsubst %,$(O)/%.o,$(basename $(LIB)))
	$(Q)rm -f $@ && $(AR) qcs $@ $^

# A stage is its one object and main's. Of stages/commands, those in APART are programs of their own with program.c, so that
# `alanpay` needs no library for XML or the network.
$(foreach s,$(STAGES),$(eval $(BIN)/alanpay-$(lastword $(subst -, ,$(basename $(notdir $s)))): $(O)/$(s:.c=.o) $(O)/stages/main.o))
$(APART:%=$(BIN)/alanpay-%): $(BIN)/alanpay-%: $(addprefix $(O)/stages/commands/,%.o program.o command.o)
$(BIN)/alanpay-fixture: $(patsubst %,$(O)/stages/commands/%.o,init $(OF_FIXTURE))
$(BIN)/alanpay-swan: $(patsubst %,$(O)/stages/commands/%.o,init $(OF_SWAN))
$(BIN)/alanpay-users: $(patsubst %,$(O)/stages/commands/%.o,$(OF_USERS))
$(BIN)/alanpay-sepa: $(patsubst %,$(O)/stages/commands/%.o,typed $(OF_SEPA))
$(BIN)/alanpay: $(filter-out $(patsubst %,$(O)/stages/commands/%.o,$(APART) $(OF_SEPA) $(OF_SWAN) $(OF_USERS) $(OF_FIXTURE) program),$(COMMANDS:%.c=$(O)/%.o))
$(BIN)/alanpay $(PARTS): $(O)/libalanpay.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(LINK)
$(UNITS:%.c=$(O)/%): LIBS = -lcmocka
$(UNITS:%.c=$(O)/%): %: %.o $(O)/libalanpay.a
	$(Q)$(LINK)
$(BENCH:%.c=$(O)/%) $(O)/tests/fuzz: %: %.o $(O)/libalanpay.a
	$(Q)$(LINK)
$(O)/tests/fakeswan/fakeswan: $(FAKESWAN:%.c=$(O)/%.o) $(O)/libalanpay.a
	$(Q)$(LINK)
$(O)/tests/fakeapp/fakeapp: $(FAKEAPP:%.c=$(O)/%.o) $(O)/libalanpay.a
	$(Q)$(LINK)
.SECONDARY:
.DELETE_ON_ERROR:

# A CSV table becomes the rows of a const array.
$(GEN)/%.inc: %.csv formats/data/table.awk
	@mkdir -p $(@D)
	$(Q)awk -f formats/data/table.awk $< > $@

# The words in the texts of the program.
$(GEN)/formats/data/vocabulary.inc: formats/data/vocabulary.awk $(SPOKEN)
	@mkdir -p $(@D)
	$(Q)awk -f $< $(SPOKEN) | LC_ALL=C sort -u > $@

# Installs (or, for `make` alone, only names) the packages that are missing.
out/build/%.deps: tests/deps.sh Makefile
	@sh tests/deps.sh $(DEPS.MODE) $(DEPS.$*)
	@mkdir -p $(@D) && touch $@

# Another build, in a process of its own: its BUILD is known while that one reads this file.
build.%: | out/build/build.deps $(TABLES)
	@$(MAKE) --no-print-directory BUILD=$* programs $(if $(filter $*,$(WITH_UNITS)),units)

# --- what people ask for --------------------------------------------------------------------------------------------

demo: all build.faults ## a small month, in a few seconds, without network: look into out/demo
	@bash tests/demo.sh
rerun: all ## one stage from its fixture: make rerun STAGE=collect
	@test -n "$(STAGE)" && test -d "fixtures/stages/$(STAGE)" || { echo "STAGE is missing or has no fixture: make rerun STAGE=$$(ls fixtures/stages | paste -sd '|')"; exit 64; }
	@$(BIN)/alanpay fixture run fixtures/stages/$(STAGE)
FAKE_WORLD := --start 2026-01-01 --days 400 --members 50 --transactions 4000
fakeswan: out/build/release/tests/fakeswan/fakeswan ## a fake Swan to import from, until Ctrl-C; out/fakeswan has a configuration and the requests that link its members
	@umask 077 && mkdir -p out/fakeswan && printf fakeswan-secret > out/fakeswan/secret && $< --list key > out/fakeswan/key
	@$< $(FAKE_WORLD) --list requests > out/fakeswan/mixed.fakeswan.20260101T000000Z.1.jsonl
	@{ cat fixtures/alanpay.ini && printf '\n[swan]\nendpoint = http://127.0.0.1:8097/graphql\n' && \
	printf 'oauth_endpoint = http://127.0.0.1:8097/oauth2/token\nclient_id = fakeswan\nstart_date = 2026-01-01\n' && \
	printf 'client_secret_file = %s/secret\nsigning_key_file = %s/key\n' $(CURDIR)/out/fakeswan $(CURDIR)/out/fakeswan && \
	$< $(FAKE_WORLD) --list configuration; } > out/fakeswan/alanpay.ini
	@echo 'tests/README.md#a-month-against-the-fake-swan says how to go on; every phone has the code 123456'
	@$< --port 8097 $(FAKE_WORLD) --log /dev/stderr
check: programs units build.faults ## build and run every test
	@bash tests/run.sh release
san: WITH_UNITS = san
san: build.san ## the same tests with the address and undefined-behaviour sanitizers
	@bash tests/run.sh san
crash: build.faults ## kill every night case at every fault point (check takes a sample)
	@bash tests/run.sh crash
bench: all $(BENCH:%.c=out/build/release/%) out/build/release/tests/fakeswan/fakeswan out/build/release/tests/fakeapp/fakeapp out/build/bench.deps ## what the nights cost, beside peers and floors: QUICK=1 in two minutes; BASE=DIR another build beside it
	@python3 -B tests/bench/night.py $(BIN) out/build/release/tests/bench
	$(if $(QUICK),,@python3 -B tests/bench/answer.py out/build/release/tests/bench/answer)
	$(if $(QUICK),,@python3 -B tests/bench/reconcile.py $(BIN) out/build/release/tests/bench/answer)
	$(if $(QUICK),,@python3 -B tests/bench/swan_import.py $(BIN) out/build/release/tests/fakeswan/fakeswan)
	$(if $(QUICK),,@python3 -B tests/bench/notify.py $(BIN) out/build/release/tests/fakeapp/fakeapp)
fuzz: | out/build/build.deps $(TABLES) ## change the inputs of each reader for FUZZ_SECONDS (600), with the sanitizers
	@$(MAKE) --no-print-directory BUILD=san out/build/san/tests/fuzz
	@out/build/san/tests/fuzz $(or $(FUZZ_SECONDS),600) $(or $(SEED),1) $(READER)
golden: all ## rewrite the expected output of the nights and the fixtures of the stages; read the diff before you commit it
	@bash tests/run.sh golden
lint: WITH_UNITS = clang
lint: out/build/lint.deps build.clang ## formatting, static analysis, shell, forbidden words
	@bash tests/lint.sh
deps: out/build/build.deps out/build/lint.deps ## install what building, testing and linting need
install: all ## into $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 out/bin/* $(DESTDIR)$(PREFIX)/bin
clean: ## remove out/
	rm -rf out
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile
.PHONY: all programs units demo rerun fakeswan check san crash bench fuzz golden lint deps install clean help

-include $(patsubst %.c,$(O)/%.d,$(filter %.c,$(LIB)) $(STAGES) stages/main.c $(COMMANDS) $(UNITS) $(sort $(FAKESWAN) $(FAKEAPP)) tests/fuzz.c $(BENCH))
