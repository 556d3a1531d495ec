# Adds to one packaged .proto file what newer versions of the API have: awk -v file=PATH -v amendments=amendments.txt -f amend.awk PACKAGED
BEGIN {
    while ((getline line < amendments) > 0) {
        if (line ~ /^[^ #]/) { isOurs = (line == file); continue }
        if (!isOurs || line !~ /^    [^ ]/) continue
        sub(/^    /, "", line)
        where = line; sub(/: .*$/, "", where)
        sub(/^[^:]*: /, "", line)
        if (where == "replace all") { split(line, parts, " => ?"); replacedAll[parts[1]] = parts[2] }
        else if (where == "replace") { split(line, parts, " => ?"); replaced[parts[1]] = parts[2] }
        else additions[where] = additions[where] line "\n"
    }
}
{
    sub(/\r$/, "")
    text = $0; sub(/^ */, "", text)
    if (text in replaced) { print replaced[text]; delete replaced[text]; next }
    if (text in replacedAll) { print replacedAll[text]; used[text]; next }
    print
    if (/^package /) where = "imports"
    else if (match(text, /^(message|oneof) [A-Za-z0-9_]+ \{$/)) { where = text; sub(/^[a-z]+ /, "", where); sub(/ \{$/, "", where) }
    else next
    if (where in additions) { printf "%s", additions[where]; delete additions[where] }
}
END {
    for (where in additions) { print "amend.awk: " file " has no " where > "/dev/stderr"; failed = 1 }
    for (text in replacedAll) if (!(text in used)) { print "amend.awk: " file " has no line " text > "/dev/stderr"; failed = 1 }
    for (text in replaced) { print "amend.awk: " file " has no line " text > "/dev/stderr"; failed = 1 }
    exit failed
}
