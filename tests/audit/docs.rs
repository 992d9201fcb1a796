//! docs/audit-rules.md is the table of rules; run with SNAPSCOPE_WRITE_DOCS=1 to write it again.

use snapscope_analyze::audit::{RULES, Severity};
use snapscope_testkit::fixtures::workspace;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "\
# The rules of `snapscope audit`

Written from the table in `crates/analyze/src/audit/rules.rs`; `SNAPSCOPE_WRITE_DOCS=1 cargo test
audit::docs` writes it again. IDs are stable: a rule that goes leaves a gap.

Expiry and age are judged at the time the snapshot was taken, or `--at`. A finding names its object
as `list` and `diff` do: `kv` and the key, `service` and NODE/SERVICE-ID, `check` and NODE/CHECK-ID,
`token` and the accessor, `policy`, `role`, `binding-rule` and the ID, `config-entry` and KIND/NAME;
what concerns the whole is of type `snapshot`. Of one rule 10,000 findings are kept, the first in the
file; the rest is counted.

## How good the secret scan is

The test suite hides 1,000 secrets in 100,000 values, in every format the scan knows, bare, in JSON,
YAML, TOML, INI, env files, HCL and base64, among JSON, text, digests, UUIDs, URLs, references to
secrets kept elsewhere and certificates. Held to be found is what is reported at `medium` or above:
at least 98 % of the secrets are, and of what is reported at least 95 % is one. Reported as `low` is
what only looks generated, or could be a weak password.

Looked through are keys and values, meta, tags and proxy configuration of services, meta of nodes,
output, notes and definitions of checks, prepared queries, config entries, and descriptions of
tokens, policies and roles. Base64 is unwrapped once. Not looked through: what Vault has
encrypted, the folders `core/`, `logical/`, `sys/`, `auth/`, `audit/`, `wal/` and `index/` under any
prefix that has a `core/seal-config` or `core/keyring`.

## Rules
";

fn page() -> String {
    let mut text = HEAD.to_owned();
    let mut group = "";
    for rule in RULES {
        if rule.group() != group {
            group = rule.group();
            let _ = writeln!(text, "\n### {group}");
        }
        let _ = writeln!(
            text,
            "\n**{}** ({}) {}. {} *Fix:* {} [Reference]({})",
            rule.id, rule.severity, rule.title, rule.why, rule.fix, rule.reference
        );
    }
    text
}

#[test]
fn the_page_of_rules_is_the_table() {
    let path = workspace().join("docs/audit-rules.md");
    if std::env::var_os("SNAPSCOPE_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == page(), "write docs/audit-rules.md again");
}

#[test]
fn the_table_is_in_order() {
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    for rule in RULES {
        assert!(rule.id.len() == rule.group().len() + 3, "{}", rule.id);
        for text in [rule.title, rule.why, rule.fix] {
            assert!(text.is_ascii() && !text.is_empty(), "{}: {text}", rule.id);
        }
        assert!(rule.reference.starts_with("https://"), "{}", rule.id);
        assert!(Severity::ALL.contains(&rule.severity));
    }
}
