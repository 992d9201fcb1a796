//! Secrets in keys and elsewhere.

use super::{Case, V, found, id, key, of, token};
use crate::audit::findings;
use crate::support::write;
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::msgpack::user_map;
use snapscope_testkit::records::catalog::Node;
use snapscope_testkit::records::connect;
use std::collections::BTreeSet;

const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmaXh0dXJlLTQ3MTEifQ.c2lnbmF0dXJlLW9mLWEtdGVzdA";

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            "SECRET001",
            of(vec![key("a", connect::ROOT_KEY)]),
            of(vec![key("a", connect::ROOT_CERT)]),
        ),
        (
            "SECRET002",
            of(vec![key("a", "id = AKIATOIKVICCCTFH35I5")]),
            of(vec![key("a", "id = AKIAIOSFODNN7EXAMPLE")]),
        ),
        (
            "SECRET003",
            of(vec![key("a", "ghp_UsHiy5OUdCcvgTDCOoRhRWWm0yvkKsaYZbnp")]),
            of(vec![key("a", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]),
        ),
        (
            "SECRET004",
            of(vec![key("a", "hvs.CAESIJ7mQx2oPq9vT4kLs8Wd1Rz")]),
            of(vec![key("a", "hvs.tools")]),
        ),
        ("SECRET005", of(vec![key("a", JWT)]), of(vec![key("a", "eyJhbGciOiJIUzI1NiJ9")])),
        (
            "SECRET006",
            of(vec![key("a", "amqp://app:Fgz9XkNTq4wQ@mq:5672")]),
            of(vec![key("a", "amqp://app:${PW}@mq:5672 https://host:8443/a@b")]),
        ),
        (
            "SECRET007",
            of(vec![key("a", "db:\n  password: Fgz9XkNTq4wQ\n")]),
            of(vec![key("a", "db:\n  password: ${PW}\n  token_ttl: 3600\n")]),
        ),
        (
            "SECRET008",
            of(vec![key("db/password", "Fgz9XkNTq4wQ")]),
            of(vec![key("db/password_url", "Fgz9XkNTq4wQ")]),
        ),
        (
            "SECRET009",
            of(vec![key("a", "v11-ZYAWQ7PIMFjvcAgYqjHrrQOoYq0FeV7W")]),
            of(vec![key("a", "dbd79588-671f-48fc-a896-9fd7a9cd8061")]),
        ),
        (
            "SECRET010",
            of(vec![key("k/ghp_UsHiy5OUdCcvgTDCOoRhRWWm0yvkKsaYZbnp", "x")]),
            of(vec![key("k/ghp_", "x")]),
        ),
        (
            "SECRET011",
            of(vec![token(1), key("a", &id(1001))]),
            of(vec![token(1), key("a", &id(1))]),
        ),
    ]
}

#[test]
fn vault_is_left_out() {
    let secret = "ghp_UsHiy5OUdCcvgTDCOoRhRWWm0yvkKsaYZbnp";
    let keys = |mark: &str| {
        of(vec![
            key(mark, "{}"),
            key("vault/logical/1/2", secret),
            key("vault/sys/token/id/x", secret),
        ])
    };
    assert_eq!(found("SECRET003", keys("vault/core/seal-config")), 0);
    assert_eq!(found("SECRET003", keys("vault/notes")), 2);
}

#[test]
fn a_key_that_holds_a_secret_is_masked() {
    let secret = "ghp_UsHiy5OUdCcvgTDCOoRhRWWm0yvkKsaYZbnp";
    let dir = tempfile::tempdir().unwrap();
    let records = vec![key(&format!("k/{secret}/x"), &"x".repeat(600_000))];
    let path = write(dir.path(), "x.snap", &SnapshotSpec::new(records).snap());
    let all = findings(&path, &[]);
    let ids: BTreeSet<&str> =
        all.iter().filter(|f| f["type"] == "kv").map(|f| f["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert!(ids.iter().all(|id| id.starts_with("k/<sha256:") && id.ends_with(">/x")), "{ids:?}");
    assert!(
        findings(&path, &["--show-secrets"])
            .iter()
            .any(|f| f["id"].as_str().unwrap().contains(secret))
    );
    let meta = user_map(&[("note", secret)]);
    let node = Node::new("node-1", &id(1), 10).record(V).with("NodeMeta", meta);
    let path = write(dir.path(), "y.snap", &SnapshotSpec::new(vec![node]).snap());
    let all = findings(&path, &["--only", "SECRET"]);
    assert_eq!(
        (all.len(), all[0]["type"].as_str(), all[0]["id"].as_str()),
        (1, Some("node"), Some("node-1"))
    );
}
