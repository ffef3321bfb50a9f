# Turns a CSV table into the rows of a C array: {"AD", 24, "yes"},
# The header names the columns; one that ends in :int is a number, every other a string.
# Fields may be quoted ("" for a quote); a line break inside a field is refused.
function split_row(line, field,    n, c, i, quoted, text) {
	n = 0; text = ""; quoted = 0
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (quoted) {
			if (c != "\"") text = text c
			else if (substr(line, i + 1, 1) == "\"") { text = text c; i++ }
			else quoted = 0
		} else if (c == "\"") quoted = 1
		else if (c == ",") { field[++n] = text; text = "" }
		else text = text c
	}
	if (quoted) fail("a quote is not closed")
	field[++n] = text
	return n
}
function fail(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
	exit failed = 1
}
{ sub(/\r$/, ""); n = split_row($0, f) }
FNR == 1 { columns = n; for (i = 1; i <= n; i++) number[i] = f[i] ~ /:int$/; next }
n != columns { fail(n " fields, the header has " columns) }
{
	row = ""
	for (i = 1; i <= n; i++) {
		if (number[i] && f[i] !~ /^-?[0-9]+$/) fail("not a number: " f[i])
		gsub(/\\/, "\\\\\\\\", f[i]); gsub(/"/, "\\\"", f[i])
		row = row (i > 1 ? ", " : "") (number[i] ? f[i] : "\"" f[i] "\"")
	}
	printf "{%s},\n", row
}
