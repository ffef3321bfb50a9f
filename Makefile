# Alan Pay recovery. `make help` lists the targets; nothing runs while this file is read.
CC       ?= cc
PREFIX   ?= /usr/local
VARIANTS := release faults san clang
BIN      := out/bin
GEN      := out/build/gen
Q        := $(if $(V),,@)

# what a bare Debian 12 lacks, as package:what-proves-it-is-there (tests/deps.sh)
DEPS.build := gcc:cc libc6-dev:stdio.h libcsv-dev:csv.h libxml2-dev:libxml2/libxml/parser.h libsqlite3-dev:sqlite3.h \
	libcurl4-openssl-dev:curl/curl.h libssl-dev:openssl/evp.h libinih-dev:ini.h \
	libcmocka-dev:cmocka.h sqlite3:sqlite3 libxml2-utils:xmllint
DEPS.lint  := clang:clang clang-format:clang-format clang-tidy:clang-tidy cppcheck:cppcheck shellcheck:shellcheck
DEPS.bench := python3:python3
DEPS.MODE  := $(if $(filter-out all install help clean out/%,$(or $(MAKECMDGOALS),all)),install,name)

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
	-Wvla -Wundef -Wimplicit-fallthrough $(if $(WERROR),-Werror)
HARDEN := -O2 -g -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
CFLAGS.release := $(HARDEN)
CFLAGS.clang   := $(HARDEN) -Werror
CFLAGS.faults  := -O1 -g -DFAULTS
CFLAGS.san     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS.release := -pie -Wl,-z,relro,-z,now
LDFLAGS.san     := -fsanitize=address,undefined
CC.clang := clang
BASE := -std=c17 -D_POSIX_C_SOURCE=200809L -I. -I$(GEN) -isystem /usr/include/libxml2
LIBS := -Wl,--as-needed -lsqlite3 -lxml2 -lcsv -lcurl -lcrypto -linih

STAGES   := $(sort $(wildcard stages/[0-9]*.c))
LIB      := $(sort $(wildcard formats/*.c stages/core/*/*.c)) stages/core/engine/embed.S
COMMANDS := $(sort $(wildcard stages/commands/*.c))
FAKESWAN := $(wildcard tests/fakeswan/*.[ch])
UNITS    := $(patsubst tests/%.c,%,$(sort $(wildcard tests/test_*.c)))
TABLES   := $(patsubst %.csv,$(GEN)/%.inc,$(wildcard formats/data/*.csv))
EMBEDDED := stages/core/schema.sql stages/core/triggers.sql schedules/nightly $(wildcard formats/xsd/*.xsd formats/swan/*.graphql)
NAMES    := $(foreach s,$(STAGES),$(lastword $(subst -, ,$(basename $(notdir $s)))))

all: $(addprefix $(BIN)/,alanpay $(NAMES:%=alanpay-%)) ## build into out/bin

# one variant: its objects, the library, a program for each stage, `alanpay`, the unit tests
bin = $(if $(filter release,$1),$(BIN),out/build/$1/bin)
define variant
out/build/$1/%.o: %.c | out/build/build.deps $$(TABLES)
	@mkdir -p $$(@D)
	@echo "  CC  $$@"
	$$(Q)$$(or $$(CC.$1),$$(CC)) $$(BASE) $$(WARN) $$(CFLAGS.$1) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
out/build/$1/stages/core/engine/embed.o: stages/core/engine/embed.S $$(EMBEDDED) | out/build/build.deps
	@mkdir -p $$(@D)
	$$(Q)$$(or $$(CC.$1),$$(CC)) -I. -c -o $$@ $$<
out/build/$1/libalanpay.a: $$(patsubst %,out/build/$1/%.o,$$(basename $$(LIB)))
	@rm -f $$@
	$$(Q)$$(AR) qcs $$@ $$^
$$(foreach s,$$(STAGES),$$(eval $(call bin,$1)/alanpay-$$(lastword $$(subst -, ,$$(basename $$(notdir $$s)))): out/build/$1/$$(s:.c=.o) out/build/$1/stages/main.o))
$(call bin,$1)/alanpay: $$(patsubst %.c,out/build/$1/%.o,$$(COMMANDS))
$(call bin,$1)/%: out/build/$1/libalanpay.a
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	$$(Q)$$(or $$(CC.$1),$$(CC)) $$(CFLAGS.$1) $$(CFLAGS) $$(LDFLAGS.$1) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$< $$(LIBS)
out/build/$1/tests/%: out/build/$1/tests/%.o out/build/$1/libalanpay.a
	@echo "  LD  $$@"
	$$(Q)$$(or $$(CC.$1),$$(CC)) $$(CFLAGS.$1) $$(CFLAGS) $$(LDFLAGS.$1) $$(LDFLAGS) -o $$@ $$^ $$(LIBS) -lcmocka
out/build/$1/tests/fakeswan: $$(FAKESWAN) out/build/$1/libalanpay.a
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	$$(Q)$$(or $$(CC.$1),$$(CC)) $$(BASE) $$(WARN) $$(CFLAGS.$1) $$(CFLAGS) $$(LDFLAGS.$1) $$(LDFLAGS) -o $$@ $$(filter %.c %.a,$$^) $$(LIBS)
programs.$1 := $(addprefix $(call bin,$1)/,alanpay $(NAMES:%=alanpay-%))
units.$1 := $$(UNITS:%=out/build/$1/tests/%) out/build/$1/tests/fakeswan
endef
$(foreach v,$(VARIANTS),$(eval $(call variant,$v)))
.SECONDARY:
.DELETE_ON_ERROR:

# a CSV table becomes the rows of a const array
$(GEN)/%.inc: %.csv formats/data/table.awk
	@mkdir -p $(@D)
	$(Q)awk -f formats/data/table.awk $< > $@

# installs (or, for `make` alone, only names) the packages that are missing
out/build/%.deps: tests/deps.sh Makefile
	@sh tests/deps.sh $(DEPS.MODE) $(DEPS.$*)
	@mkdir -p $(@D) && touch $@

demo: all out/build/faults/bin/alanpay-collect ## a small month, in a few seconds, without network: look into out/demo
	bash tests/demo.sh
fakeswan: out/build/release/tests/fakeswan ## a fake Swan to import from, until Ctrl-C; says what to put into alanpay.ini
	@umask 077 && mkdir -p out/fakeswan && printf fakeswan-secret > out/fakeswan/secret
	@printf '[swan]\nendpoint = http://127.0.0.1:8097/graphql\noauth_endpoint = http://127.0.0.1:8097/oauth2/token\n'
	@printf 'client_id = fakeswan\nclient_secret_file = %s\nstart_date = 2026-01-01\n\n' $(CURDIR)/out/fakeswan/secret
	@$< --port 8097 --start 2026-01-01 --days 400 --members 50 --transactions 4000 --log /dev/stderr
check: $(programs.release) $(units.release) $(programs.faults) ## build and run every test
	bash tests/run.sh release
san: $(programs.san) $(units.san) ## the same tests with the address and undefined-behaviour sanitizers
	bash tests/run.sh san
crash: $(programs.faults) ## kill every night case at every fault point (check does so with those that have a file `crash`)
	bash tests/run.sh crash
bench: all out/build/release/tests/fakeswan out/build/bench.deps ## what the import costs against a Python peer, in one run
	python3 tests/bench.py $(BIN) out/build/release/tests/fakeswan
golden: all ## rewrite the expected output of the nights; read the diff before you commit it
	bash tests/run.sh golden
lint: out/build/lint.deps $(programs.clang) $(units.clang) ## formatting, static analysis, shell, forbidden words
	bash tests/lint.sh
deps: out/build/build.deps out/build/lint.deps ## install what building, testing and linting need
install: all ## into $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BIN)/* $(DESTDIR)$(PREFIX)/bin
clean: ## remove out/
	rm -rf out
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile
.PHONY: all demo fakeswan check san crash bench golden lint deps install clean help

-include $(foreach v,$(VARIANTS),$(patsubst %.c,out/build/$v/%.d,$(filter %.c,$(LIB)) $(STAGES) stages/main.c $(COMMANDS) $(wildcard tests/test_*.c)))
