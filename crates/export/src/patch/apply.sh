#!/bin/sh
# Applies this patch to a cluster. Needs curl. The variables of Consul's own commands say which cluster, and how
# to reach it: CONSUL_HTTP_ADDR (127.0.0.1:8500 if unset), CONSUL_HTTP_TOKEN, CONSUL_HTTP_TOKEN_FILE,
# CONSUL_HTTP_AUTH, CONSUL_HTTP_SSL, CONSUL_HTTP_SSL_VERIFY, CONSUL_CACERT, CONSUL_CAPATH, CONSUL_CLIENT_CERT,
# CONSUL_CLIENT_KEY, CONSUL_TLS_SERVER_NAME, CONSUL_NAMESPACE, CONSUL_PARTITION.
#
# It writes and deletes the keys and entries of the patch whatever the cluster has by now: a key that somebody
# changed since the first snapshot is overwritten. To see what would be lost, save a snapshot of the cluster and
# compare it with the first one before.
#
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
# Paths in variables are those of the folder it is run in.
from=$PWD
absolute() {
    case $1 in
        '' | /*) printf '%s' "$1" ;;
        *) printf '%s/%s' "$from" "$1" ;;
    esac
}
token_file=$(absolute "${CONSUL_HTTP_TOKEN_FILE:-}")
ca_file=$(absolute "${CONSUL_CACERT:-}")
ca_path=$(absolute "${CONSUL_CAPATH:-}")
client_cert=$(absolute "${CONSUL_CLIENT_CERT:-}")
client_key=$(absolute "${CONSUL_CLIENT_KEY:-}")
cd "$here/"
if ! [ -f not-covered.jsonl ] || ! [ -f config-entries/steps.txt ] || ! [ -d kv ]; then
    fail "it must be in the folder of the patch, and be run from there or by its path"
fi
if [ -e INCOMPLETE ] && [ "${1:-}" != --incomplete ]; then
    fail "this patch was made from a damaged snapshot (see INCOMPLETE); --incomplete applies it"
fi

# Whether a variable is true or false for Consul.
is_true() {
    case $1 in
        1 | t | T | true | TRUE | True) return 0 ;;
        '' | 0 | f | F | false | FALSE | False) return 1 ;;
    esac
    fail "CONSUL_HTTP_SSL and CONSUL_HTTP_SSL_VERIFY are true or false"
}

address=${CONSUL_HTTP_ADDR:-127.0.0.1:8500}
socket=
case $address in
    unix://*)
        socket=${address#unix://}
        address=http://localhost
        ;;
    http://* | https://*) ;;
    *://*) fail "CONSUL_HTTP_ADDR has an unknown scheme" ;;
    *) address=http://$address ;;
esac
address=${address%/}
rest=${address#*://}
server=${rest%%/*}
case $rest in
    *@*) fail "CONSUL_HTTP_ADDR has a user in it; set CONSUL_HTTP_AUTH instead" ;;
esac
# As for Consul, an address with http does not turn TLS off.
if [ -z "$socket" ] && is_true "${CONSUL_HTTP_SSL:-}"; then
    address=https://$rest
fi
insecure=
if [ -n "${CONSUL_HTTP_SSL_VERIFY:-}" ] && ! is_true "$CONSUL_HTTP_SSL_VERIFY"; then
    insecure=--insecure
fi
shown=$address
connect_to=
case $address in
    https://*)
        name=${CONSUL_TLS_SERVER_NAME:-}
        case $name in
            *[!A-Za-z0-9._-]*) fail "CONSUL_TLS_SERVER_NAME is not a name" ;;
        esac
        if [ -n "$name" ]; then
            case $server in
                *]:*) port=${server##*]:} host=${server%:*} ;;
                *]) port=443 host=$server ;;
                *:*) port=${server##*:} host=${server%:*} ;;
                *) port=443 host=$server ;;
            esac
            connect_to=$name:$port:$host:$port
            address=https://$name:$port${rest#"$server"}
        fi
        ;;
esac
if [ -n "$socket" ]; then
    shown=unix://$socket
fi

scope=
for name in "ns=${CONSUL_NAMESPACE:-}" "partition=${CONSUL_PARTITION:-}"; do
    case ${name#*=} in
        '') ;;
        *[!A-Za-z0-9_-]*) fail "CONSUL_NAMESPACE or CONSUL_PARTITION is not a name" ;;
        *) scope=${scope:+$scope&}$name ;;
    esac
done

# As for Consul, the file counts more.
token=${CONSUL_HTTP_TOKEN:-}
if [ -n "$token_file" ]; then
    [ -r "$token_file" ] || fail "CONSUL_HTTP_TOKEN_FILE cannot be read"
    read -r token < "$token_file" || [ -n "$token" ] || fail "CONSUL_HTTP_TOKEN_FILE is empty"
fi
user=
if [ -n "${CONSUL_HTTP_AUTH:-}" ]; then
    user=$(printf '%s' "$CONSUL_HTTP_AUTH" | base64 | tr -d '\n')
fi
line_break='
'

# Secrets go by standard input: whoever lists processes sees arguments.
secrets() {
    printf 'X-Consul-Token: %s\n' "$token"
    if [ -n "$user" ]; then
        printf 'Authorization: Basic %s\n' "$user"
    fi
}

# request METHOD PATH [FILE]: whether the server did it. Its reason is in $reason if not.
request() {
    if [ "$#" -gt 2 ]; then
        set -- "$1" "$2" -H 'Content-Type: application/octet-stream' --data-binary "@$3"
    fi
    method=$1
    url=$address/v1/$2
    shift 2
    case $scope,$url in
        ,*) ;;
        *\?*) url="$url&$scope" ;;
        *) url="$url?$scope" ;;
    esac
    if ! answer=$(secrets | curl -q -g -sS --connect-timeout 30 --path-as-is -X "$method" -H @- \
        ${ca_file:+--cacert "$ca_file"} ${ca_path:+--capath "$ca_path"} \
        ${client_cert:+--cert "$client_cert"} ${client_key:+--key "$client_key"} \
        ${connect_to:+--connect-to "$connect_to"} ${socket:+--unix-socket "$socket"} $insecure \
        -w '\n%{http_code}' "$@" "$url" 2>&1); then
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

# An address may be anything; the terminal gets printable characters alone.
printf 'apply.sh: applying this patch to %s\n' "$shown" | LC_ALL=C tr -c '\n -~' '?'

keys=0
set +f
for body in kv/*.json; do
    [ -e "$body" ] || continue
    request PUT txn "$body" || { refused "$body"; exit 1; }
    # An operation is a line.
    keys=$((keys + $(grep -c '^{' "$body")))
done
for path_file in kv/large-*.path; do
    [ -e "$path_file" ] || continue
    large "$path_file" || { refused "$path_file"; exit 1; }
    keys=$((keys + 1))
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
entries=0
todo=$(cat config-entries/steps.txt)
while [ -n "$todo" ]; do
    left=
    progress=
    for step in $todo; do
        if entry "$step"; then
            progress=yes
            entries=$((entries + 1))
        else
            left="$left $step"
        fi
    done
    if [ -z "$progress" ]; then
        for step in $left; do entry "$step" || refused "$step"; done
        exit 1
    fi
    todo=$left
done

left_out=$(grep -c '' not-covered.jsonl || :)
printf 'apply.sh: done: keys written or deleted: %s, config entries: %s, not covered (see not-covered.jsonl): %s\n' \
    "$keys" "$entries" "$left_out"
