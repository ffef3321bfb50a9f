# shellcheck shell=bash
# said.sh: what a command of a check ended with (STATUS), what it printed (the file SAID), and the books of HOME_DIR. Sourced.

ended() {
	[[ $STATUS == "$1" ]] || {
		echo "exit $STATUS instead of $1"
		cat "$SAID"
		return 1
	}
}

says() {
	grep -qF -- "$1" "$SAID" || {
		cat "$SAID"
		return 1
	}
}

ask_books() {
	sqlite3 -batch -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "$1"
}
