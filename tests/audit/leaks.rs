//! Commands that do not move data print no secret of any fixture.

use crate::support::{Fixture, all, run, run_with, write};
use serde_json::Value;
use snapscope_objects::kinds::KINDS;
use snapscope_testkit::SnapshotSpec;
use std::collections::BTreeSet;

/// All secrets in a fixture: SecretIDs, private keys line by line, planted secrets.
pub(crate) fn secrets(fixture: &Fixture) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let decoded = run(["decode", fixture.path.to_str().unwrap()]);
    let planted: Option<Value> =
        fixture.beside(".planted.json").map(|b| serde_json::from_slice(&b).unwrap());
    let is_planted = |key: &str| {
        planted.iter().flat_map(|p| p.as_array().unwrap()).any(|row| {
            row[0] == "kv" && row[1] == key && row[2] == "fake" && !key.ends_with(".crt")
        })
    };
    for record in decoded.lines() {
        collect(&record["Data"], &mut out);
        if record["Type"] == "KVS" && is_planted(record["Data"]["Key"].as_str().unwrap_or("")) {
            use base64::Engine as _;
            let value = base64::engine::general_purpose::STANDARD
                .decode(record["Data"]["Value"].as_str().unwrap_or(""))
                .unwrap_or_default();
            let text = String::from_utf8_lossy(&value).into_owned();
            private_lines(&text, &mut out);
            for part in text.split(|c: char| c.is_whitespace() || "\"=,:@{}".contains(c)) {
                let kinds = [
                    part.contains(|c: char| c.is_ascii_digit()),
                    part.contains(|c: char| c.is_ascii_uppercase()),
                ];
                // Certificates are public everywhere.
                let is_secret = !part.contains("BEGIN") && !part.contains("CERTIFICATE-----");
                if part.len() >= 10 && kinds.iter().all(|k| *k) && is_secret {
                    out.insert(part.to_owned());
                }
            }
        }
    }
    if let Some(Value::Array(rows)) = &planted
        && rows.iter().any(|row| row[0] == "service-meta")
    {
        out.extend(decoded.lines().iter().filter_map(|r| {
            Some(r["Data"]["Service"]["Meta"]["db_password"].as_str()?.to_owned())
        }));
    }
    out
}

fn private_lines(text: &str, out: &mut BTreeSet<String>) {
    let text = text.replace("\\n", "\n");
    let mut inside = false;
    for line in text.lines() {
        inside |= line.contains("BEGIN") && line.contains("PRIVATE KEY");
        if line.contains("END") {
            inside = false;
        }
        if inside && line.len() > 20 && !line.contains("-----") {
            out.insert(line.to_owned());
        }
    }
}

fn collect(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    (
                        "SecretID" | "ServiceAccountJWT" | "OIDCClientSecret" | "ActiveSecretID"
                        | "PendingSecretID",
                        Value::String(text),
                    ) if text != "anonymous" && text.len() > 6 => {
                        out.insert(text.clone());
                    }
                    ("PrivateKey" | "SigningKey", Value::String(text)) => private_lines(text, out),
                    _ => collect(value, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        _ => {}
    }
}

/// Commands that print content of a snapshot; `empty` and `other` are for comparisons.
fn printing<'p>(path: &'p str, empty: &'p str, other: &'p str) -> Vec<Vec<&'p str>> {
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["inspect", path],
        vec!["inspect", "--more", "--kvdetails", "--format", "json", path],
        vec!["breakdown", "--by", "prefix", "--depth", "9", path],
        vec!["breakdown", "--by", "policy", "-o", "json", path],
        vec!["top", "-n", "100000", path],
        vec!["acl", "who-can", path, "acl", "write"],
        vec!["acl", "who-can", "-o", "json", path, "key", "read", "a"],
        vec!["acl", "who-can", "--default-policy", "allow", "-o", "csv", path, "key", "read", "a"],
        vec!["acl", "explain", path, "anonymous"],
        vec!["acl", "explain", "-o", "json", path, "anonymous"],
        vec!["acl", "can", path, "anonymous", "key", "read", "a"],
    ];
    for form in ["table", "json", "jsonl", "sarif"] {
        commands.push(vec!["audit", "-o", form, path]);
    }
    for kind in KINDS {
        for form in ["table", "jsonl"] {
            let mut list = vec!["list", "--wide", "-o", form, kind.name, path];
            if kind.traits.by_peer {
                list.extend(["--peer", "all"]);
            }
            commands.push(list);
        }
    }
    for form in ["table", "json", "jsonl"] {
        let by = "type,prefix,policy";
        commands.push(vec!["trend", "--by", by, "--depth", "9", "-o", form, path]);
    }
    // Everything is new, deleted or changed.
    for form in ["table", "json", "jsonl"] {
        for (before, after) in [(empty, path), (path, empty), (other, path)] {
            commands.push(vec![
                "diff",
                "--with-touched",
                "--limit",
                "0",
                "-o",
                form,
                before,
                after,
            ]);
        }
    }
    commands
}

#[test]
fn no_secret_is_printed() {
    let mut looked_for = 0;
    let empty = Fixture::snap("consul-1.21.4/empty").path;
    let empty = empty.to_str().unwrap();
    let other = Fixture::snap("consul-1.14.7/small-a").path;
    let other = other.to_str().unwrap();
    for fixture in all() {
        let path = fixture.path.to_str().unwrap();
        let secrets = secrets(&fixture);
        looked_for += secrets.len();
        let accessor = "00000000-0000-0000-0000-000000000002";
        let question =
            format!("{{\"AccessorID\":\"{accessor}\",\"Resource\":\"key\",\"Access\":\"read\"}}\n");
        let mut commands = printing(path, empty, other);
        // If somebody enters a SecretID as an accessor, the error must not repeat it.
        if let Some(secret) = secrets.iter().find(|s| s.len() == 36) {
            commands.push(vec!["acl", "explain", path, secret]);
        }
        let mut printed: Vec<(Vec<&str>, String)> = Vec::new();
        for command in commands {
            let ran = run(&command);
            printed
                .push((command, format!("{}{}", String::from_utf8_lossy(&ran.stdout), ran.stderr)));
        }
        let ran = run_with(["acl", "check", path], question.as_bytes());
        printed.push((vec!["acl", "check"], format!("{}{}", ran.text(), ran.stderr)));
        for secret in &secrets {
            for (command, text) in &printed {
                assert!(!text.contains(secret.as_str()), "{command:?} prints {secret}");
            }
        }
    }
    assert!(looked_for > 500, "{looked_for}");
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let ran = run(["audit", "--show-secrets", "--only", "SECRET", path.to_str().unwrap()]);
    assert!(ran.text().contains("FgzqXkNTq4wQ2OrV"));
}

/// A snapshot between two empty ones, so that all objects are created and deleted; and two of one
/// server with some changes between them.
#[test]
fn no_secret_is_printed_of_a_series() {
    let dir = tempfile::tempdir().unwrap();
    let nothing = |name: &str, index| {
        let mut spec = SnapshotSpec::new(Vec::new());
        spec.last_index = index;
        write(dir.path(), name, &spec.state())
    };
    let (first, last) = (nothing("first", 1), nothing("last", u64::from(u32::MAX)));
    let evolved = Fixture::snap("consul-1.21.4/evolve.after").path;
    let mut looked_for = 0;
    for fixture in all() {
        let secrets = secrets(&fixture);
        let mut printed = Vec::new();
        for kind in [
            "kv",
            "tombstones",
            "nodes",
            "instances",
            "checks",
            "sessions",
            "queries",
            "tokens",
            "policies",
            "auth-methods",
            "binding-rules",
            "config-entries",
            "ca-roots",
            "peerings",
            "trust-bundles",
            "metadata",
            "resources",
            "ca-config",
            "ca-provider-state",
            "peering-secret",
            "chunking-state",
            "record",
        ] {
            let mut args = vec!["history", "-o", "json", "--under", "", kind];
            let mut paths = vec![&first, &fixture.path, &last];
            if fixture.name == "consul-1.21.4/evolve.before" {
                paths.insert(2, &evolved);
            }
            args.extend(paths.iter().map(|path| path.to_str().unwrap()));
            let ran = run(&args);
            assert!(matches!(ran.code(), 0 | 1), "{kind}: {}", ran.stderr);
            in_base64(&ran.json(), &mut printed);
            printed.extend(ran.stdout);
            args[2] = "table";
            printed.extend(run(&args).stdout);
        }
        let printed = String::from_utf8_lossy(&printed);
        for secret in &secrets {
            assert!(!printed.contains(secret.as_str()), "{}: {secret} is printed", fixture.name);
        }
        looked_for += secrets.len();
    }
    assert!(looked_for > 500, "{looked_for}");
}

/// Bytes that are values of keys in base64.
fn in_base64(json: &Value, out: &mut Vec<u8>) {
    use base64::Engine as _;
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("Value" | "before" | "after", Value::String(text)) => {
                        let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                        out.extend(bytes.unwrap_or_default());
                        out.push(b'\n');
                    }
                    _ => in_base64(value, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| in_base64(item, out)),
        _ => {}
    }
}
