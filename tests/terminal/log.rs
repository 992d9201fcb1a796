//! A hostile server's Raft log on a terminal.

use super::{VERSION, hostile, json, no_formula, nothing_forged, piped_and_shown, poison};
use crate::support::write;
use snapscope_testkit::msgpack::structure;
use snapscope_testkit::raftlog::{command, raft_db};
use snapscope_testkit::records::catalog::{Check, Node, Service};
use snapscope_testkit::records::{acl, config};
use snapscope_testkit::{Record, Val};

/// A Raft log whose requests have the text in every place, each operation also with a hostile name.
fn hostile_log() -> Vec<u8> {
    let node = Node::new("node", "09a2ebf4-5609-c38a-5b04-5cfbc786e7c1", 0);
    let service = Service::new("web", "web", 0);
    let entry = || structure([("Key", "app/key".into()), ("Value", "value".into())]);
    let named = |list: &str, record: Record| {
        structure([(list, Val::Array(vec![record.body])), ("Token", "secret".into())])
    };
    let mut requests = Vec::new();
    for text in hostile() {
        let mut of_one = vec![
            (0, node.record(VERSION).body),
            (0, node.service_record(VERSION, &service).body),
            (0, node.check_record(VERSION, &Check::of_service(&service, "passing", 0)).body),
            (1, structure([("Node", "node".into()), ("ServiceID", "web".into())])),
            (2, structure([("DirEnt", entry()), ("Op", "set".into()), ("Token", "a".into())])),
            (2, structure([("DirEnt", entry()), ("Op", text.as_str().into())])),
            (3, structure([("Op", "destroy".into()), ("Session", entry())])),
            (8, {
                let kv = structure([("DirEnt", entry()), ("Verb", "set".into())]);
                let operation = structure([("KV", kv)]);
                structure([("Ops", Val::Array(vec![operation.clone(), operation]))])
            }),
            (17, named("Tokens", acl::token(VERSION, "a", "s", "text", &[], &[], 0))),
            (19, named("Policies", acl::policy(VERSION, "id", "name", "key", 0))),
            (22, config::entry(VERSION, "service-defaults", &text, Vec::new(), 0).body),
            (31, structure([("Entry", entry()), ("Op", "upsert".into())])),
            (99, entry()),
        ];
        for (_, request) in &mut of_one {
            poison(request, text.as_bytes());
        }
        requests.extend(of_one.iter().map(|(kind, request)| command(*kind, request)));
        requests.push(text.into_bytes());
    }
    raft_db(requests)
}

#[test]
fn nothing_raw_comes_out_of_a_raft_log() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "raft.db", &hostile_log());
    let file = file.to_str().unwrap();
    let out = dir.path().join("out.snap");
    let out = out.to_str().unwrap();
    let mut commands = vec![
        vec!["at", "--index", "900", file, "--out", out, "--force"],
        vec!["at", "--index", "900", file, "--out", out, "--force", "--dry-run"],
    ];
    for form in ["table", "json", "jsonl", "csv"] {
        commands.push(vec!["log", file, "-o", form]);
        commands.push(vec!["log", file, "--no-effects", "-o", form]);
        for by in ["type", "op", "who", "object", "minute"] {
            commands.push(vec!["log", "stats", "--by", by, file, "-o", form]);
        }
    }
    let indexes: Vec<String> = (1..=14 * 3).map(|index| index.to_string()).collect();
    for index in &indexes {
        commands.push(vec!["log", "show", index, file, "--show-secrets"]);
    }
    for args in commands {
        let (piped, shown) = piped_and_shown(&args, dir.path());
        if args.contains(&"csv") {
            no_formula(&piped.stdout, &args);
        } else if args.contains(&"json") || args.contains(&"jsonl") || args[1] == "show" {
            let is_same = json(&piped.stdout, &args) == json(&shown, &args);
            assert!(is_same, "{args:?}: not the same value");
        } else {
            nothing_forged(&piped.stdout, &args);
            nothing_forged(&shown, &args);
        }
        assert!(!piped.stdout.is_empty() || args[0] == "at", "{args:?}");
    }
}
