#!/bin/sh
# Applies this patch to the cluster that CONSUL_HTTP_ADDR and CONSUL_HTTP_TOKEN name. Needs curl.
# It stops where the server refuses something; run it again when that is mended.
# What it can't carry is listed in not-covered.jsonl.
#
# This text is the same in every patch. Names and values of the snapshot are in files that are sent as
# they are; in a URL there is only what has letters, digits and %-._~/ in it and no . or .. as a segment.
set -euf

fail() {
    printf 'apply.sh: %s\n' "$1" >&2
    exit 1
}

case $0 in
    */*) here=${0%/*} ;;
    *) here=. ;;
esac
case $here in
    '' | /*) ;;
    *) here=./$here ;;
esac
cd "$here/"
if ! [ -f not-covered.jsonl ] || ! [ -f config-entries/steps.txt ] || ! [ -d kv ]; then
    fail "it must be in the folder of the patch, and be run from there or by its path"
fi
if [ -e INCOMPLETE ] && [ "${1:-}" != --incomplete ]; then
    fail "this patch was made from a damaged snapshot (see INCOMPLETE); --incomplete applies it"
fi

address=${CONSUL_HTTP_ADDR:-127.0.0.1:8500}
case $address in
    unix:*) fail "CONSUL_HTTP_ADDR is a socket; give an address" ;;
    *://*) ;;
    *) address=http://$address ;;
esac
address=${address%/}
line_break='
'

# request METHOD PATH [FILE]: whether the server did it. Its reason is in $reason if not.
# The token goes by standard input: whoever lists processes sees arguments.
request() {
    if [ "$#" -gt 2 ]; then
        set -- "$1" "$2" -H 'Content-Type: application/octet-stream' --data-binary "@$3"
    fi
    method=$1
    url=$address/v1/$2
    shift 2
    if ! answer=$(printf 'X-Consul-Token: %s\n' "${CONSUL_HTTP_TOKEN:-}" |
        curl -q -g -sS --connect-timeout 30 --path-as-is -X "$method" -H @- -w '\n%{http_code}' "$@" "$url" 2>&1); then
        reason=$answer
        return 1
    fi
    status=${answer##*"$line_break"}
    case $status in
        2??) return 0 ;;
    esac
    reason="status $status: ${answer%"$line_break"*}"
    return 1
}

# What a server says can have names in it, which could speak to the terminal.
refused() {
    printf 'apply.sh: %s: ' "$1" >&2
    printf '%s\n' "$reason" | LC_ALL=C tr -c '\n -~' '?' >&2
}

# A value that is too large for a transaction.
large() {
    path=
    read -r path < "$1"
    request PUT "kv/$path" "${1%.path}.value"
}

set +f
for body in kv/*.json; do
    [ -e "$body" ] || continue
    request PUT txn "$body" || { refused "$body"; exit 1; }
done
for path_file in kv/large-*.path; do
    [ -e "$path_file" ] || continue
    large "$path_file" || { refused "$path_file"; exit 1; }
done
set -f

# One step of steps.txt, PUT:FILE or DELETE:PATH.
entry() {
    case $1 in
        PUT:*) request PUT config "config-entries/${1#PUT:}" ;;
        DELETE:*) request DELETE "config/${1#DELETE:}" ;;
        *) fail "steps.txt has a line that isn't known" ;;
    esac
}

# A server refuses an entry that names what isn't there yet, or a deletion of what is still named:
# what is refused is tried again after the others.
todo=$(cat config-entries/steps.txt)
while [ -n "$todo" ]; do
    left=
    progress=
    for step in $todo; do
        if entry "$step"; then progress=yes; else left="$left $step"; fi
    done
    if [ -z "$progress" ]; then
        for step in $left; do entry "$step" || refused "$step"; done
        exit 1
    fi
    todo=$left
done
