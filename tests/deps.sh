#!/bin/sh
# Installs, or only names, the packages that are missing.
# usage: deps.sh install|name PACKAGE:PROOF...   a proof ending in .h is a header, any other a command
set -eu
mode=$1
shift

there() {
	case $1 in
	*.h) [ -n "$(find /usr/include /usr/local/include -maxdepth 3 -path "*/$1" -print -quit 2>/dev/null)" ] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

missing=
for dep; do
	there "${dep#*:}" || missing="$missing ${dep%%:*}"
done
[ -n "$missing" ] || exit 0

if [ "$mode" = name ] || ! command -v apt-get >/dev/null; then
	echo "missing, by their Debian names:$missing" >&2
	[ "$mode" = name ] && echo "\`make deps\` installs them where there is apt-get" >&2
	exit 1
fi
root=
if [ "$(id -u)" != 0 ]; then
	root=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$root apt-get install -y -qq --no-install-recommends $missing >/dev/null
