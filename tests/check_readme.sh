#!/usr/bin/env bash
# check_readme.sh: the documents do what they say.
# usage: check_readme.sh BINDIR
#
#   - Each ```console block is run, in the order of its document, in an empty folder that looks like a checkout, and its
#     output is compared. `$ ` begins a command, `> ` goes on with it, `# exit N` at its end is its status; `...` in the
#     output stands for any text, a line `...` for any lines. A comment <!-- not run: WHY --> before a block exempts it.
#   - Each command that is named exists and takes the options that are named with it, and each command is named somewhere.
#     What stands under "Not there yet" does not exist.
#   - Links, anchors and files exist, headings stand in the table of contents, lines are short, none stands twice.
#
# What needs root is not run: see the functions below that stand for programs. /etc and /var are folders of the empty folder.
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

DOCS=(README.md schedules/setup.md schedules/README.md stages/commands/README.md stages/commands/finance.md stages/core/README.md formats/schemas/README.md tests/README.md tests/bench/README.md)
BIN=$(cd "$1" && pwd)
WIDTH=130
TREE='stages|formats|schedules|fixtures|tests'
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
unset ALANPAY_CONFIG
cd "$ROOT"

# --- programs that a document calls -----------------------------------------------------------------------------------

not_run() {
	echo "$*" >>"$WORK/not_run"
}

addgroup() { not_run addgroup; }
adduser() { not_run adduser; }

sudo() {
	[[ $1 != -u ]] || shift 2
	"$@"
}

# Whatever its owner was to be.
install() {
	local words=()

	while (($#)); do
		if [[ $1 == -o ]]; then
			shift
		else
			words+=("$1")
		fi
		shift
	done
	command install "${words[@]}"
}

# What is installed, if a document installed it. Its home is the folder's, its groups are ours.
alanpay() {
	local program=$BIN/alanpay words=("${@/%alanpay-*/$(id -gn)}")

	[[ ! -x $FOLDER/usr/local/bin/alanpay ]] || program=$FOLDER/usr/local/bin/alanpay
	# A home outside of /var/lib looks for its configuration beside itself, or in the /etc of this machine.
	[[ ! -f $FOLDER/etc/alanpay/alanpay.ini ]] || cp "$FOLDER/etc/alanpay/alanpay.ini" "$FOLDER/var/lib/alanpay/"
	[[ " $* " == *' --home '* ]] || words+=(--home "$FOLDER/var/lib/alanpay")
	"$program" "${words[@]}"
}

# The demo is played once for all documents.
make() {
	case $1 in
	demo)
		if [[ ! -d $WORK/demo ]]; then
			bash tests/demo.sh >"$WORK/demo.txt" || return
			cp -a out/demo "$WORK/demo"
		elif [[ ! -d out/demo ]]; then
			cp -a "$WORK/demo" out/demo
		fi
		cat "$WORK/demo.txt"
		;;
	install)
		(
			unset MAKELEVEL MAKEFLAGS
			command make -s -C "$ROOT" install DESTDIR="$FOLDER" PREFIX=/usr/local
		)
		;;
	*)
		not_run "make $1"
		;;
	esac
}

# --- running a document -----------------------------------------------------------------------------------------------

make_folder() {
	local part

	FOLDER=$WORK/$1
	mkdir -p "$FOLDER/out" "$FOLDER/etc/cron.d" "$FOLDER/var/lib" "$FOLDER/var/backups"
	for part in Makefile stages formats schedules fixtures tests out/bin out/build; do
		ln -s "$ROOT/$part" "$FOLDER/$part"
	done
}

# A pattern for [[ ]] from the lines of a document.
write_pattern() {
	sed -E 's/[][\\*?()|@!+^$]/\\&/g; s/\.\.\./*/g' <<<"$1" | awk '{ printf "%s", $0 == "*" ? $0 : $0 "\n" }'
}

# run_step WHERE COMMAND OUTPUT
run_step() {
	local command=$2 wanted=0 status=0 actual pattern

	if [[ $command =~ ^(.*[^ ])' '+'# exit '([0-9]+)$ ]]; then
		command=${BASH_REMATCH[1]}
		wanted=${BASH_REMATCH[2]}
	fi
	command=$(sed -E "s,(^|[ '=])/(etc|var)/,\1$FOLDER/\2/,g" <<<"$command")
	: >"$WORK/not_run"
	(cd "$FOLDER" && eval "$command") >"$WORK/actual" 2>&1 </dev/null || status=$?
	if [[ -s $WORK/not_run ]]; then
		cat "$WORK/not_run" >>"$WORK/exempt"
		return
	fi
	actual=$(sed "s,$FOLDER/var/lib/alanpay/alanpay.ini,/etc/alanpay/alanpay.ini,g; s,$FOLDER/\(etc\|var\|usr\)/,/\1/,g; s,$FOLDER/,,g; s, --home /var/lib/alanpay,,g" "$WORK/actual")
	pattern=$(write_pattern "$3" && echo x)
	check "$1: $2" step_is "$wanted" "$status" "${pattern%x}" "$3" "$actual"
}

step_is() {
	# shellcheck disable=SC2053 # it is a pattern
	[[ $1 == "$2" && $5$'\n' == $3 ]] || {
		[[ $1 == "$2" ]] || echo "exit $2, not $1"
		diff <(echo "$4") <(echo "$5") | sed -nE 's/^< /shown:   /p; s/^> /printed: /p'
		return 1
	}
}

play_document() {
	local doc=$1 line n=0 in=no exempt='' command='' output='' where=''

	# the operator goes on in the home of the set-up
	[[ $doc == schedules/README.md ]] || make_folder "${doc//\//-}"
	unset ALANPAY_CONFIG
	while IFS= read -r line; do
		n=$((n + 1))
		if [[ $in == no ]]; then
			[[ $line != '<!-- not run: '* ]] || exempt=$line
			[[ $line != '```console' ]] || in=yes
			[[ -z $exempt || $in == no ]] || in=exempt
		elif [[ $in == exempt ]]; then
			[[ $line != '```' ]] || { in=no && exempt=; }
		elif [[ $line == '$ '* || $line == '```' ]]; then
			[[ -z $command ]] || run_step "$where" "$command" "${output%$'\n'}"
			command=${line#'$ '}
			output=
			where=$doc:$n
			[[ $line != '```' ]] || { in=no && command=; }
		elif [[ $line == '> '* && -z $output ]]; then
			command+=$'\n'${line#> }
		else
			output+=$line$'\n'
		fi
	done <"$doc"
}

play_documents() {
	local doc

	if [[ $BIN != "$ROOT/out/bin" ]]; then
		skip "the commands of the documents: they are run with out/bin"
		return
	fi
	: >"$WORK/exempt"
	for doc in "${DOCS[@]}"; do
		play_document "$doc"
	done
	[[ ! -s $WORK/exempt ]] || skip "of the set-up, what needs root: $(sort -u "$WORK/exempt" | paste -sd' ')"
}

# --- commands that are named ------------------------------------------------------------------------------------------

# Each span of code and each line of a block, on a line of its own. An indented line of a block belongs to the one before; a
# span may go on in the next line of its paragraph.
write_code() {
	awk '
		function end_paragraph(part, i, n) {
			n = split(paragraph, part, "`")
			for (i = 2; i <= n; i += 2)
				print part[i]
			paragraph = ""
		}
		function end_line() {
			if (line != "")
				print line
			line = ""
		}
		/^```/ { end_paragraph(); end_line(); inside = !inside; next }
		inside && /^[ \t]/ { line = line " " $0; next }
		inside { end_line(); line = $0; next }
		/^$|^[|#]/ { end_paragraph() }
		{ sub(/^ +/, ""); paragraph = paragraph " " $0 }
		END { end_paragraph() }' "$@"
}

declare -A HELP=()

# help_of WORDS...: sets HELP[words], empty when there is no such command
help_of() {
	[[ -n ${HELP[$*]+set} ]] || HELP[$*]=$("$BIN/alanpay" "$@" --help 2>/dev/null) || HELP[$*]=
}

takes_option() {
	[[ $1 =~ $2([^a-z-]|$) ]]
}

# check_options COMMAND TEXT
check_options() {
	local option

	while IFS= read -r option; do
		check "alanpay $1 takes $option" takes_option "${HELP[$1]}" "$option"
	done < <(grep -oE -- '--[a-z][a-z0-9-]*' <<<"$2")
}

# Of one line of code: `alanpay X Y --option ...`, as often as it stands there.
check_commands() {
	local rest=$1 words first second

	while [[ $rest =~ (^|[^a-z/-])alanpay' '([a-z_]+)(' '([a-z_-]+))?(.*)$ ]]; do
		first=${BASH_REMATCH[2]}
		second=${BASH_REMATCH[4]}
		rest=${BASH_REMATCH[5]}
		[[ $second != -* ]] || { rest=" $second$rest" && second=; }
		[[ $first != help ]] || continue
		words="$first${second:+ $second}"
		if [[ -z $second && $rest =~ ^' '[A-Z] ]]; then
			check "alanpay $first is a group of commands" grep -q "^  $first " "$WORK/help"
			continue
		fi
		# shellcheck disable=SC2086 # two words
		help_of $words
		check "alanpay $words exists" test -n "${HELP[$words]}"
		check_options "$words" "${rest%%alanpay *}"
	done
}

# A row of the table of queries: | `name` | options | ...
check_query_rows() {
	local name options

	while IFS='|' read -r _ name options; do
		name=${name//[ \`]/}
		help_of query "$name"
		check_options "query $name" "$options"
	done < <(grep -hE '^\| .(get|has|is)_[a-z_]+. \|' "${DOCS[@]}")
}

write_absent() {
	sed -n '/^## Not there yet/,$p' stages/commands/README.md
}

check_names() {
	local line words

	"$BIN/alanpay" help >"$WORK/help"
	write_code "${DOCS[@]}" | sed -E '/adduser|addgroup/d; s/sudo -u alanpay //g; s,out/bin/,,g' >"$WORK/code"
	write_code <(write_absent) | grep '^alanpay ' >"$WORK/absent"
	while IFS= read -r line; do
		check_commands "$line"
	done < <(sort -u "$WORK/code" | grep 'alanpay ' | grep -vxFf "$WORK/absent")
	check_query_rows
	while IFS= read -r words; do
		check "a document names: $words" grep -qE "alanpay-?.*\\b$words\\b|^${words#query }\$" "$WORK/code"
	done < <(sed -nE 's/^  ([a-z]+( [a-z_-]+)?)( .*)?$/\1/p' "$WORK/help")
	while IFS= read -r line; do
		# shellcheck disable=SC2086 # two words
		help_of ${line#alanpay }
		check "$line is not there yet" test -z "${HELP[${line#alanpay }]}"
	done <"$WORK/absent"
}

# --- the text ---------------------------------------------------------------------------------------------------------

outside_blocks() {
	awk '/^```/ { inside = !inside; next } !inside' "$1"
}

anchors() {
	outside_blocks "$1" | sed -nE 's/^#+ //p' | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

is_link() {
	local doc=$1 path=${2%%#*} anchor=

	[[ $2 != *'#'* ]] || anchor=${2##*#}
	[[ -z $path ]] || path=$(dirname "$doc")/$path
	test -e "${path:-$doc}" && { [[ -z $anchor ]] || anchors "${path:-$doc}" | grep -qx -- "$anchor"; }
}

# From the top, beside the document, or in stages/core; a pattern has to match something.
is_file() {
	compgen -G "$2" || compgen -G "$(dirname "$1")/$2" || compgen -G "stages/core/$2"
}

check_text() {
	local doc=$1 link path anchor

	while IFS= read -r link; do
		check "$doc: link $link" is_link "$doc" "$link"
	done < <(outside_blocks "$doc" | grep -oE '\]\([^) ]+\)|src="[^"]+"' | sed -E 's/^(\]\(|src=")//; s/.$//' | grep -v '^https:')
	while IFS= read -r path; do
		check "$doc: file $path" is_file "$doc" "$path"
	done < <(write_code "$doc" | tr ' ' '\n' | grep -E '^[a-z_./*-]+/[a-z_./*-]+\.(c|h|sh|sql|csv|md|example|awk)$|^('"$TREE"')/[^<>{]+$' |
		grep -vE '^(out|inbox|expected|drop)/' | sort -u)
	while IFS= read -r anchor; do
		check "$doc: the table of contents has #$anchor" grep -qF "(#$anchor)" "$doc"
	done < <(outside_blocks "$doc" | sed -nE '1d; /^## /p' | anchors /dev/stdin)
	check "$doc: lines of at most $WIDTH characters" has_short_lines "$doc"
}

has_short_lines() {
	! outside_blocks "$1" | grep -v '^|' | LC_ALL=C.UTF-8 grep -nE ".{$((WIDTH + 1))}"
}

says_nothing_twice() {
	local doc

	! for doc in "${DOCS[@]}"; do
		outside_blocks "$doc"
	done | grep -E '.{60}' | sort | uniq -d | grep .
}

# Each room as the table of stages/core/README.md has it, and as its sources have it.
write_rooms_shown() {
	tr -d '\`' <stages/core/README.md | sed -nE 's,^\| ([a-z]+)/ \|.*\|([^|]*)\|$,\1:\2,p' | sed 's/ *$//; s/: */: /'
}

write_rooms() {
	local room

	while IFS= read -r room; do
		echo "$room: $(sed -nE 's,^#include "stages/core/([a-z]+)/.*,\1,p' "stages/core/$room"/*.[ch] | sort -u |
			grep -vxE "engine|$room" | paste -sd' ')"
	done < <(write_rooms_shown | cut -d: -f1)
}

for doc in "${DOCS[@]}"; do
	check_text "$doc"
done
check 'README.md has at most 150 lines' test "$(wc -l <README.md)" -le 150
check 'nothing stands twice' says_nothing_twice
check_same 'the rooms include what stages/core/README.md shows' "$(write_rooms_shown)" "$(write_rooms)"
check_names
play_documents
sum_up
