//! The script that applies a patch.

use super::entries::Step;
use super::keys::Large;
use std::fmt::Write as _;

const HEAD: &str = r#"#!/bin/sh
# Applies this patch to the cluster that CONSUL_HTTP_ADDR and CONSUL_HTTP_TOKEN name: keys by curl,
# config entries by consul. What it can't carry is listed in not-covered.jsonl.
set -eu
cd "$(dirname "$0")"
if [ -e INCOMPLETE ] && [ "${1:-}" != --incomplete ]; then
    echo "this patch was made from a damaged snapshot (see INCOMPLETE); --incomplete applies it" >&2
    exit 1
fi
address=${CONSUL_HTTP_ADDR:-127.0.0.1:8500}
case $address in
    *://*) ;;
    *) address=http://$address ;;
esac

# The token goes by standard input: whoever lists processes sees arguments.
transaction() {
    printf 'X-Consul-Token: %s\n' "${CONSUL_HTTP_TOKEN:-}" |
        curl -fsS -X PUT -H @- --data-binary "@$1" "$address/v1/txn" > /dev/null
}

for body in kv/*.json; do
    if [ -e "$body" ]; then transaction "$body"; fi
done
"#;

const ENTRIES: &str = r#"
# A server refuses an entry that names what isn't there yet, or a deletion of what is still named:
# what is refused is tried again after the others.
while [ -n "$todo" ]; do
    left= progress=
    for step in $todo; do
        if entry "$step" > /dev/null 2>&1; then progress=yes; else left="$left $step"; fi
    done
    if [ -z "$progress" ]; then
        echo "these config entries are refused:" >&2
        for step in $left; do entry "$step" || true; done
        exit 1
    fi
    todo=$left
done
"#;

/// A script for these values and entries, besides the bodies in its folder.
pub(super) fn script(large: &[Large], steps: &[&Step]) -> String {
    let mut out = HEAD.to_owned();
    for Large { key, flags, file } in large {
        let _ = writeln!(out, "consul kv put -flags={flags} -- {} @{file}", quoted(key));
    }
    if steps.is_empty() {
        return out;
    }
    out.push_str("\nentry() {\n    case $1 in\n");
    let mut todo = String::new();
    for (at, step) in steps.iter().enumerate() {
        let _ = match step {
            Step::Write(file) => {
                writeln!(out, "        {at}) consul config write {} ;;", quoted(file))
            }
            Step::Delete(kind, name) => writeln!(
                out,
                "        {at}) consul config delete -kind {} -name {} ;;",
                quoted(kind),
                quoted(name)
            ),
        };
        let _ = write!(todo, " {at}");
    }
    let _ = writeln!(out, "    esac\n}}\n\ntodo='{}'", todo.trim_start());
    out.push_str(ENTRIES);
    out
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_gets_out_of_its_quotes() {
        let steps = [Step::Delete("mesh".to_owned(), "a'; rm -rf / #".to_owned())];
        let text = script(&[], &steps.iter().collect::<Vec<_>>());
        assert!(
            text.contains(r"0) consul config delete -kind 'mesh' -name 'a'\''; rm -rf / #' ;;")
        );
        assert!(text.contains("todo='0'\n"));
    }
}
