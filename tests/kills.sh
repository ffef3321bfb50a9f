# shellcheck shell=bash
# kills.sh: at which fault points a command is killed when it is not at all of them. Sourced by crash.sh and check_swan.sh.
#
# The first and the last point of the command; a point of each name that was not among those of the commands before; and
# one in 64 of the others. SEED (1) chooses: the same seed, the same points.
SEED=${SEED:-1}
drawn=$SEED
declare -A NAMES_DONE=()

# Sets NAMES, from what a command said that ran with ALANPAY_FAULT=list. Each process of it counts its own points: the
# n-th is that of the first process that passes so many.
read_names() {
	local line

	NAMES=()
	while IFS= read -r line; do
		[[ $line =~ ^'fault: passed '([0-9]+)' '(.*)$ && ${BASH_REMATCH[1]} -gt ${#NAMES[@]} ]] || continue
		NAMES+=("${BASH_REMATCH[2]}")
	done <"$1"
}

# Sets PICKED: a number below the given one. Not from RANDOM, which differs between versions of bash.
pick() {
	drawn=$(((drawn * 1103515245 + 12345) & 0x7fffffff))
	PICKED=$(((drawn >> 8) % $1))
}

# Sets SAMPLE: the chosen ones of NAMES, in their order, counted from 1.
choose_points() {
	local i count=${#NAMES[@]} name same
	local -A chosen=() of_name=()

	for ((i = 1; i <= count; i++)); do
		of_name[${NAMES[i - 1]}]+="$i "
		pick 64
		[[ $i != 1 && $i != "$count" && $PICKED != 0 ]] || chosen[$i]=1
	done
	for name in "${NAMES[@]}"; do
		[[ -z ${NAMES_DONE[$name]:-} ]] || continue
		NAMES_DONE[$name]=1
		read -ra same <<<"${of_name[$name]}"
		pick "${#same[@]}"
		chosen[${same[PICKED]}]=1
	done
	SAMPLE=()
	for ((i = 1; i <= count; i++)); do
		[[ -z ${chosen[$i]:-} ]] || SAMPLE+=("$i")
	done
}
