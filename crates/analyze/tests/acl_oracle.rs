//! Every answer of real servers, compared with ours.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use serde_json::Value;
use snapscope_analyze::acl::{
    AclError, AclModel, Question, Resolver, ResolverOptions, Syntax, parse_rules,
};
use snapscope_analyze::{Jobs, fold};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_decode::GoTime;
use snapscope_testkit::fixtures;
use std::collections::HashMap;
use std::fmt::Write as _;

fn model(path: &str) -> AclModel {
    let bytes = fixtures::read(path);
    let blocks = open(&Source::Memory(bytes.into()), &OpenOptions::default()).unwrap();
    let outcome = fold(blocks, Jobs::default(), AclModel::default);
    assert!(outcome.problems.first.is_empty(), "{path}: {:?}", outcome.problems.first);
    outcome.out
}

/// 2026-11-23T03:32:00Z: when the questions of acl-extra were asked, one of its tokens had expired.
fn later() -> GoTime {
    GoTime { seconds: 1_795_404_720 + GoTime::UNIX_EPOCH, nanos: 0, offset: None }
}

/// Compares all answers of one oracle. Returns their number.
fn agree(version: &str, name: &str, at: Option<GoTime>) -> usize {
    let folder = format!("consul-{version}");
    let model = model(&format!("{folder}/{name}.snap"));
    let resolver = Resolver::new(&model, ResolverOptions { at, ..ResolverOptions::default() });
    assert_eq!(resolver.basis().datacenter.as_deref(), Some("dc1"));
    assert_eq!(resolver.basis().version.to_string(), version);
    let text = fixtures::text(format!("{folder}/{name}.oracle/acl.jsonl"));
    let (mut asked, mut wrong) = (0, String::new());
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| row[name].as_str().unwrap_or("");
        let question =
            Question::parse(field("Resource"), field("Access"), field("Segment")).unwrap();
        let ours = resolver.check(field("AccessorID"), &question);
        let with_reason = resolver.can(field("AccessorID"), &question).map(|d| d.allowed);
        assert_eq!(ours, with_reason, "{line}");
        asked += 1;
        if ours != Ok(row["Allow"].as_bool().unwrap()) {
            writeln!(wrong, "{line} but we say {ours:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "of {asked} answers these differ:\n{wrong}");
    asked
}

#[test]
fn consul_1_8_7_small_a() {
    assert_eq!(agree("1.8.7", "small-a", None), 18_900);
}

#[test]
fn consul_1_14_7_small_a() {
    assert_eq!(agree("1.14.7", "small-a", None), 13_552);
}

#[test]
fn consul_1_17_3_small_c() {
    assert_eq!(agree("1.17.3", "small-c", None), 4_472);
}

#[test]
fn consul_1_21_4_small_a() {
    assert_eq!(agree("1.21.4", "small-a", None), 23_350);
}

#[test]
fn consul_1_21_4_acl_extra() {
    assert_eq!(agree("1.21.4", "acl-extra", Some(later())), 30_000);
}

#[test]
fn an_expired_token_is_as_good_as_none() {
    let model = model("consul-1.21.4/acl-extra.snap");
    let accessor = "9c07f39b-e296-8335-de24-732d746c0074";
    let question = Question::parse("acl", "read", "").unwrap();
    let resolver = Resolver::new(&model, ResolverOptions::default());
    assert!(resolver.check(accessor, &question).is_ok(), "it lived when the snapshot was taken");
    let options = ResolverOptions { at: Some(later()), ..ResolverOptions::default() };
    let resolver = Resolver::new(&model, options);
    let error = resolver.check(accessor, &question).unwrap_err();
    assert!(matches!(error, AclError::Expired { .. }));
    assert_eq!(error.server_answer(), Some((403, "ACL not found".to_owned())));
}

#[test]
fn who_can_is_the_inverse_of_can() {
    for (version, name) in [
        ("1.8.7", "small-a"),
        ("1.14.7", "small-a"),
        ("1.17.3", "small-c"),
        ("1.21.4", "small-a"),
        ("1.21.4", "acl-extra"),
    ] {
        let folder = format!("consul-{version}");
        let model = model(&format!("{folder}/{name}.snap"));
        let resolver = Resolver::new(&model, ResolverOptions::default());
        let text = fixtures::text(format!("{folder}/{name}.oracle/acl.jsonl"));
        let mut asked: HashMap<(String, String, String), ()> = HashMap::new();
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let field = |name: &str| row[name].as_str().unwrap_or("").to_owned();
            asked.insert((field("Resource"), field("Access"), field("Segment")), ());
        }
        for (resource, access, segment) in asked.keys() {
            let question = Question::parse(resource, access, segment).unwrap();
            let who = resolver.who_can(&question).unwrap();
            let found: Vec<String> =
                who.holders.iter().map(|(token, _)| token.accessor.to_string()).collect();
            let want: Vec<String> = model
                .tokens
                .iter()
                .map(|token| token.accessor.to_string())
                .filter(|a| resolver.check(a, &question) == Ok(true))
                .collect();
            assert_eq!(found, want, "{resource} {access} {segment}");
            assert!(who.holders.iter().all(|(_, d)| d.allowed && d.reason.is_some()));
        }
    }
}

#[test]
fn servers_hold_only_rules_they_accept() {
    let mut read = 0;
    for snap in fixtures::all_snapshots() {
        let path = snap.strip_prefix(fixtures::root()).unwrap().to_str().unwrap().to_owned();
        let model = model(&path);
        let resolver = Resolver::new(&model, ResolverOptions::default());
        let version = resolver.basis().version;
        for policy in &model.policies {
            let rules = parse_rules(&policy.rules, Syntax::Current, version);
            assert!(rules.is_ok(), "{path}: {}: {rules:?}", policy.name);
            read += 1;
        }
        for token in model.tokens.iter().filter(|t| !t.legacy_rules.is_empty()) {
            let rules = parse_rules(&token.legacy_rules, Syntax::Legacy, version);
            assert!(rules.is_ok(), "{path}: {}: {rules:?}", token.description);
        }
    }
    assert!(read > 80, "only {read}");
}

#[test]
fn explanations_agree_with_decisions() {
    for (version, name) in [("1.8.7", "small-a"), ("1.21.4", "small-a"), ("1.21.4", "acl-extra")] {
        let model = model(&format!("consul-{version}/{name}.snap"));
        let resolver = Resolver::new(&model, ResolverOptions::default());
        for token in &model.tokens {
            let accessor = token.accessor.to_string();
            let explanation = resolver.explain(&accessor).unwrap();
            for (at, rule) in explanation.rules.iter().enumerate() {
                assert!(!rule.origins.is_empty(), "{accessor}: {}", rule.title());
                assert!(rule.inside.is_none_or(|inside| inside != at));
                let segment = rule.name.lossy().into_owned();
                let word = if rule.kind.has_names() { &segment } else { "" };
                // A prefix rule decides about its own name unless an exact one does.
                let question = Question::parse(rule.kind.keyword(), "write", word).unwrap();
                let decision = resolver.can(&accessor, &question).unwrap();
                let Some(reason) = decision.reason else {
                    assert_eq!(rule.access, None, "{accessor}: {}", rule.title());
                    continue;
                };
                if reason.scope == rule.scope
                    && reason.name == rule.name
                    && reason.kind == rule.kind
                {
                    assert_eq!(Some(reason.access), rule.access, "{accessor}: {}", rule.title());
                }
            }
        }
    }
}

#[test]
fn no_secret_is_kept() {
    let model = model("consul-1.21.4/small-a.snap");
    let shown = format!("{model:?}");
    // SecretID of the initial management token.
    for secret in ["e88b7591-31db-4e32-98dc-b35f94c662cd", "BEGIN PUBLIC KEY", "eyJhbGci"] {
        assert!(!shown.contains(secret));
    }
    assert!(shown.contains("Initial Management Token"));
}
