//! The speed of answers from a large snapshot. Run with `--release --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use snapscope_analyze::acl::{AclModel, Question, Resolver, ResolverOptions};
use snapscope_decode::frames_of;
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::records::acl;
use std::fmt::Write as _;
use std::time::Instant;

const TOKENS: usize = 50_000;
const POLICIES: usize = 2_000;

#[test]
#[ignore = "only an optimised build says anything"]
#[allow(clippy::print_stderr)]
fn fifty_thousand_tokens_and_two_thousand_policies() {
    let version = ConsulVersion::V1_21_4;
    let mut state = Vec::new();
    let mut ids = Vec::new();
    for number in 0..POLICIES {
        let id = format!("00000000-0000-0000-0001-{number:012x}");
        let mut rules = String::new();
        for rule in 0..20 {
            writeln!(
                rules,
                "key_prefix \"team-{}/app-{rule}/\" {{ policy = \"read\" }}",
                number % 97
            )
            .unwrap();
            writeln!(rules, "service \"svc-{number}-{rule}\" {{ policy = \"write\" }}").unwrap();
        }
        acl::policy(version, &id, &format!("p{number}"), &rules, 1).encode(&mut state);
        ids.push(id);
    }
    let mut accessors = Vec::new();
    for number in 0..TOKENS {
        let accessor = format!("00000000-0000-0000-0002-{number:012x}");
        let mine: Vec<(&str, &str)> = (0..5)
            .map(|link| (ids[(number * 7 + link * (number + 1)) % POLICIES].as_str(), "p"))
            .collect();
        let secret = format!("secret-{number}");
        acl::token(version, &accessor, &secret, "made", &mine, &[], 1).encode(&mut state);
        accessors.push(accessor);
    }

    let begin = Instant::now();
    let mut model = AclModel::default();
    for frame in frames_of(&state) {
        model.add(&frame.unwrap()).unwrap();
    }
    eprintln!("{} MiB read in {:?}", state.len() >> 20, begin.elapsed());
    let begin = Instant::now();
    let resolver = Resolver::new(&model, ResolverOptions::default());
    eprintln!("resolver made in {:?}", begin.elapsed());

    for (resource, access, segment) in [
        ("key", "read", "team-5/app-3/x"),
        ("key", "write-prefix", ""),
        ("intention", "write", "*"),
        ("service", "write", "svc-77-3"),
    ] {
        let begin = Instant::now();
        let question = Question::parse(resource, access, segment).unwrap();
        let holders = resolver.who_can(&question).unwrap().holders.len();
        let took = begin.elapsed();
        eprintln!("who-can {resource} {access} {segment:?}: {holders} in {took:?}");
        assert!(took.as_secs() < 2);
    }

    let begin = Instant::now();
    let mut allowed = 0u32;
    let asked = 1_000_000;
    for number in 0..asked {
        let segment = format!("team-{}/app-{}/x", number % 97, number % 23);
        let question = Question::parse("key", "read", &segment).unwrap();
        let accessor = &accessors[(number * 31) % TOKENS];
        allowed += u32::from(resolver.check(accessor, &question).unwrap());
    }
    let rate = f64::from(u32::try_from(asked).unwrap()) / begin.elapsed().as_secs_f64();
    eprintln!("check: {rate:.0} answers a second, {allowed} yes");
    assert!(rate > 100_000.0);
}
