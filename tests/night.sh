#!/usr/bin/env bash
# night.sh: plays one case of fixtures/nights and holds it against what is expected.
# usage: night.sh BINDIR CASE [golden]
#
# For each step expected/<step>/ has
#   output.txt      standard output and error together
#   books.txt       every table but the journal
#   published.txt   digest and path of every file in out/, archive/, quarantine/, inbox/
#   files/          what the step published or changed below out/, but merchant_category_codes.csv, which is the same
#                   in every export: its digest is enough
# Then the same command runs again (`run` from its first stage on): books and published files must stay as they are.
# With `golden` expected/ is written anew; exit statuses and the second run are held against the rules all the same.
# V=1 tells what passed too. The last line is `N passed, M failed`.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"

BIN=$(cd "$1" && pwd)
CASE=$2
GOLDEN=${3:-}
EXPECTED=$NIGHTS/$CASE/expected
passed=0
failed=0

pass() {
	passed=$((passed + 1))
	[[ -z ${V:-} ]] || echo "ok $CASE $1 $2"
}

fail() {
	failed=$((failed + 1))
	echo "FAILED $CASE $1 $2"
}

check_status() {
	local step=$1 what=$2 status=$3 expected=" ${*:4} "

	if [[ $expected == *" $status "* ]]; then
		pass "$step" "$what"
	else
		fail "$step" "$what is $status, expected:$expected"
		sed 's/^/	/' "$WORK/again.txt"
	fi
}

check_same() {
	local step=$1 what=$2

	if diff -ruN "$3" "$4" >"$WORK/diff"; then
		pass "$step" "$what"
	else
		fail "$step" "$what"
		sed "s,$WORK/,,g; s,$ROOT/,,g" "$WORK/diff"
	fi
}

hide_paths() {
	sed -e "s,$HOME_DIR,HOME,g" -e "s,$BIN,BIN,g" -e "s,$ROOT,ROOT,g"
}

copy_new_files() {
	local before=$1 actual=$2 path

	mkdir -p "$actual/files"
	awk 'FILENAME == ARGV[1] { seen[$0]; next } !($0 in seen) && $1 != "link"' "$before" "$actual/published.txt" |
		sed -n '/merchant_category_codes/d; s,^[^ ]*  out/,,p' |
		while IFS= read -r path; do
			mkdir -p "$actual/files/$(dirname "$path")"
			cp "$HOME_DIR/out/$path" "$actual/files/$path"
		done
}

# The state after the command, into a folder shaped like expected/<step>.
record() {
	local before=$1 actual=$2

	print_books "$HOME_DIR" >"$actual/books.txt"
	print_published "$HOME_DIR" >"$actual/published.txt"
	copy_new_files "$before" "$actual"
}

hold_against_expected() {
	local step=$1 actual=$2 expected=$EXPECTED/$1 what

	if [[ -n $GOLDEN ]]; then
		rm -rf "$expected"
		mkdir -p "$EXPECTED"
		cp -R "$actual" "$expected"
		rmdir --ignore-fail-on-non-empty "$expected/files"
		return
	fi
	for what in output.txt books.txt published.txt files; do
		check_same "$step" "$what" "$expected/$what" "$actual/$what"
	done
}

play_again() {
	local step=$1 status=$2 actual=$3 got=0

	if [[ ${WORDS[0]} == run && " ${WORDS[*]} " != *' --from '* ]]; then
		WORDS+=(--from intake)
	fi
	run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/again.txt" || got=$?
	check_status "$step" 'exit status of the second run' "$got" 0 3 "$status"
	print_books "$HOME_DIR" >"$WORK/books.txt"
	print_published "$HOME_DIR" >"$WORK/published.txt"
	check_same "$step" 'books after the second run' "$actual/books.txt" "$WORK/books.txt"
	check_same "$step" 'published after the second run' "$actual/published.txt" "$WORK/published.txt"
}

play_step() {
	local step=$1 on=$2 now=$3 status=$4 text=$5 actual=$WORK/actual/$1 got=0

	mkdir -p "$actual"
	print_published "$HOME_DIR" >"$WORK/before.txt"
	drop_inputs "$CASE" "$step" "$HOME_DIR"
	set_words "$CASE" "$step" "$on" "$now" "$text"
	run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/again.txt" || got=$?
	hide_paths <"$WORK/again.txt" >"$actual/output.txt"
	check_status "$step" 'exit status' "$got" "${status%!}"
	record "$WORK/before.txt" "$actual"
	hold_against_expected "$step" "$actual"
	[[ $status == *! ]] || play_again "$step" "$status" "$actual"
	print_leftovers "$HOME_DIR" >"$WORK/leftovers"
	check_same "$step" 'nothing unfinished is left' /dev/null "$WORK/leftovers"
}

# Expected steps that the case no longer plays would never be noticed.
check_forgotten() {
	local folder

	for folder in "$EXPECTED"/*/; do
		[[ ! -d $folder || -d $WORK/actual/$(basename "$folder") ]] && continue
		if [[ -n $GOLDEN ]]; then
			rm -r "$folder"
		else
			fail "$(basename "$folder")" 'is expected, but no step of the case'
		fi
	done
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
while read -r step on now status text; do
	play_step "$step" "$on" "$now" "$status" "$text"
done < <(print_steps "$CASE")
check_forgotten
echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed != 0 ]]
