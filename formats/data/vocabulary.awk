# The words in the texts of C sources and in tables of codes, as rows of a C array, without a number. `sort -u` follows.
function add(text,    n, i, word) {
	n = split(tolower(text), word, /[^a-z0-9]+/)
	for (i = 1; i <= n; i++)
		if (word[i] ~ /[a-z]/ && length(word[i]) < 32) print "\"" word[i] "\","
}
FILENAME ~ /\.csv$/ { add($0); next }
/^#include/ { next }
{
	gsub(/\\"/, " ")
	while (match($0, /"[^"]*"/)) {
		text = substr($0, RSTART + 1, RLENGTH - 2)
		gsub(/\\[a-z]/, " ", text)
		add(text)
		$0 = substr($0, RSTART + RLENGTH)
	}
}
