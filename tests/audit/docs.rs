//! docs/audit-rules.md matches the table of rules; run with SNAPSCOPE_WRITE_DOCS=1 to regenerate it.

use snapscope_analyze::audit::{RULES, Severity};
use snapscope_testkit::fixtures::workspace;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "\
# The rules of `snapscope audit`

Generated from the table in `crates/analyze/src/audit/rules.rs`; `SNAPSCOPE_WRITE_DOCS=1 cargo test
audit::docs` regenerates it. IDs are stable: a removed rule leaves a gap.

Expiry and age are evaluated at the time the snapshot was taken, or at `--at`. A finding names its
object as `list` and `diff` do: `kv` and the key, `service` and NODE/SERVICE-ID, `check` and
NODE/CHECK-ID, `token` and the accessor, `policy`, `role`, `binding-rule` and the ID, `config-entry`
and KIND/NAME. Findings about the whole snapshot have the type `snapshot`. Up to 10,000 findings of
each rule are kept, the first ones in the file; the others are counted.

## How good the secret scan is

The test suite hides 1,000 secrets in 100,000 values. They have every format that the scan knows,
bare and in JSON, YAML, TOML, INI, env files, HCL and base64. The other values are JSON, text,
digests, UUIDs, URLs, references to secrets kept elsewhere, and certificates. A secret counts as
found if it is reported at `medium` or above. At least 98 % of the secrets are found, and at least
95 % of the reported values are secrets. `low` is for values that only look generated, or could be a
weak password.

The scan covers every text of every record: keys and values, services, nodes, checks, prepared
queries, config entries, tokens, policies, roles, auth methods, the CA's configuration, peerings,
federation states, resources, and records of unknown types. Base64 is decoded once. Data encrypted
by Vault is not scanned: the folders `core/`, `logical/`, `sys/`, `auth/`, `audit/`, `wal/` and
`index/` under any prefix that has a `core/seal-config` or `core/keyring`.

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
    assert!(
        std::fs::read_to_string(&path).unwrap() == page(),
        "docs/audit-rules.md is out of date"
    );
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
