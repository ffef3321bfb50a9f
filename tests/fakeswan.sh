# shellcheck shell=bash
# fakeswan.sh: a fake Swan for a check. Sourced after BIN and WORK are set; sets FAKESWAN, and the check makes the world.
FAKESWAN=${BIN%/bin}/tests/fakeswan/fakeswan
[[ -x $FAKESWAN ]] || FAKESWAN=$ROOT/out/build/release/tests/fakeswan/fakeswan
server=

stop_swan() {
	[[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
	server=
}

# serve_swan OPTION...: the fake Swan, until the next one; its first line says that it is ready, and where: sets URL.
serve_swan() {
	stop_swan
	rm -f "$WORK/ready"
	mkfifo "$WORK/ready"
	"$FAKESWAN" "$@" >"$WORK/ready" &
	server=$!
	read -r URL <"$WORK/ready"
}

# post_to_swan PATH TYPE BODY [HEADER]: the whole answer, its line breaks made plain.
post_to_swan() {
	local LC_ALL=C

	exec 3<>"/dev/tcp/127.0.0.1/${URL##*:}"
	printf 'POST %s HTTP/1.1\r\nHost: fake\r\nContent-Type: %s\r\nContent-Length: %d\r\n%sConnection: close\r\n\r\n%s' \
		"$1" "$2" "${#3}" "${4:+$4$'\r\n'}" "$3" >&3
	tr -d '\r' <&3
	exec 3<&-
}
