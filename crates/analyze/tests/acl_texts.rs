//! Policy texts from a grammar: what servers read in them, compared with what we read.
//!
//! The reader of 1.21 is its Go module, in `tools/hcl-rules`; that of 1.8 is a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)] // as tests do

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use snapscope_analyze::acl::{
    AclModel, Question, Resolver, ResolverOptions, RuleKind, Scope, ServerVersion, Syntax,
    parse_rules,
};
use snapscope_analyze::{Jobs, fold};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_testkit::policy_texts::policy_text;
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::{ConsulServer, hcl_rules};
use std::io::Write as _;
use std::process::{Command, Stdio};

fn texts(count: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut random = SplitMix64::new(seed);
    (0..count).map(|_| policy_text(&mut random)).collect()
}

/// The error for a text with which servers end the request without an answer.
const NO_ANSWER: &str = "panic";

/// The rules as `tools/hcl-rules` prints them; the error of servers if they refuse the text.
fn ours(text: &[u8], version: ServerVersion) -> Result<Vec<String>, String> {
    let set = parse_rules(text, Syntax::Current, version)
        .map_err(|e| e.server.unwrap_or_else(|| NO_ANSWER.to_owned()))?;
    let level = |level: snapscope_analyze::acl::Level| {
        format!("{}{}", level.access, if level.lower_case { "" } else { "!" })
    };
    let mut lines: Vec<String> = set
        .rules()
        .iter()
        .map(|rule| {
            if !rule.kind.has_names() {
                return format!("{} {}", rule.kind.keyword(), level(rule.level));
            }
            let scope = if rule.scope == Scope::Prefix { "_prefix" } else { "" };
            let name: String = rule.name.iter().map(|b| format!("{b:02x}")).collect();
            let intentions = match (rule.kind, rule.intentions) {
                (RuleKind::Service, Some(given)) => format!(" {}", level(given)),
                _ => String::new(),
            };
            format!("{}{scope} {name} {}{intentions}", rule.kind.keyword(), level(rule.level))
        })
        .collect();
    lines.sort();
    Ok(lines)
}

fn against_the_reader_of_1_21(count: usize, seed: u64) {
    let program = match hcl_rules() {
        Ok(program) => program,
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "{why}");
            eprintln!("skipped: {why}");
            return;
        }
    };
    let all = texts(count, seed);
    let mut child =
        Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = all.iter().map(|text| BASE64.encode(text) + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let answers: Vec<Result<Vec<String>, String>> = output
        .stdout
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            let answer: Value = serde_json::from_slice(line).unwrap();
            match answer.get("error") {
                Some(error) => Err(error.as_str().unwrap().to_owned()),
                None => Ok(serde_json::from_value(answer["rules"].clone()).unwrap()),
            }
        })
        .collect();
    assert_eq!(answers.len(), all.len());
    let mut differ = Vec::new();
    for (text, theirs) in all.iter().zip(&answers) {
        let mut mine = ours(text, ServerVersion::NEWEST_KNOWN);
        // Errors are JSON, which has U+FFFD for a byte that is not UTF-8, like ours.
        if let Err(error) = &mut mine {
            *error = String::from_utf8_lossy(error.as_bytes()).into_owned();
        }
        if mine != *theirs {
            let text = text.escape_ascii();
            differ.push(format!("\"{text}\": theirs {theirs:?}, ours {mine:?}"));
        }
    }
    let valid = answers.iter().flatten().filter(|rules| !rules.is_empty()).count();
    let shown = differ.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(differ.is_empty(), "{} of {count} differ:\n{shown}", differ.len());
    assert!(valid * 20 > count, "only {valid} gave rules");
    eprintln!("{count} texts, {valid} with rules");
}

#[test]
fn texts_are_read_as_1_21_reads_them() {
    against_the_reader_of_1_21(4000, 17);
}

/// Twenty thousand and more: `SNAPSCOPE_TEXTS`, `SNAPSCOPE_SEED`.
#[test]
#[ignore = "long"]
fn many_texts_are_read_as_1_21_reads_them() {
    against_the_reader_of_1_21(
        number("SNAPSCOPE_TEXTS", 20_000),
        number("SNAPSCOPE_SEED", 1) as u64,
    );
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// The questions about each policy.
fn questions() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut all = Vec::new();
    for resource in ["acl", "keyring", "operator"] {
        all.extend(["read", "write"].map(|access| (resource, access, "")));
    }
    for resource in ["agent", "event", "intention", "key", "node", "query", "service", "session"] {
        for segment in ["", "a", "app/x"] {
            all.extend(["read", "write"].map(|access| (resource, access, segment)));
        }
    }
    all.extend(["list", "write-prefix"].map(|access| ("key", access, "app/")));
    all
}

fn against_a_real_server(test: &str, count: usize, seed: u64) {
    let Some(server) = ConsulServer::for_test(test) else { return };
    let (major, minor, patch) = server.version();
    let part = |n: u64| u32::try_from(n).unwrap();
    let version = ServerVersion::new(part(major), part(minor), part(patch));
    // A policy's text is sent as JSON, so it must be UTF-8.
    let all: Vec<String> = texts(count * 2, seed)
        .into_iter()
        .filter_map(|text| String::from_utf8(text).ok())
        .take(count)
        .collect();
    let (mut differ, mut tokens) = (Vec::new(), Vec::new());
    for (at, text) in all.iter().enumerate() {
        let body = json!({"Name": format!("text-{at}"), "Rules": text}).to_string();
        let mine = ours(text.as_bytes(), version);
        let theirs = match server.request("PUT", "/v1/acl/policy", body.as_bytes()) {
            Ok(response) if response.status == 200 => Ok(()),
            Ok(response) => Err(String::from_utf8_lossy(&response.body).into_owned()),
            Err(_) => Err(NO_ANSWER.to_owned()),
        };
        if theirs != mine.as_ref().map(|_| ()).map_err(Clone::clone) {
            differ.push(format!("{text:?}: the server {theirs:?}, ours {mine:?}"));
        }
        if theirs.is_ok() && mine.is_ok_and(|rules| !rules.is_empty()) {
            let body = json!({"Policies": [{"Name": format!("text-{at}")}]}).to_string();
            let answer = server.put("/v1/acl/token", body).unwrap();
            let token: Value = serde_json::from_slice(&answer).unwrap();
            let field = |name: &str| token[name].as_str().unwrap().to_owned();
            tokens.push((at, field("AccessorID"), field("SecretID")));
        }
    }
    let snap = server.snapshot_save().unwrap();
    let blocks = open(&Source::Memory(snap.into()), &OpenOptions::default()).unwrap();
    let model = fold(blocks, Jobs::default(), AclModel::default).out;
    let resolver = Resolver::new(&model, ResolverOptions::default());
    let questions = questions();
    assert!(questions.len() <= 64);
    let body: Vec<Value> = questions
        .iter()
        .map(|(r, a, s)| json!({"Resource": r, "Access": a, "Segment": s}))
        .collect();
    let body = json!(body).to_string();
    let mut asked = 0;
    for (at, accessor, secret) in &tokens {
        let path = format!("/v1/internal/acl/authorize?token={secret}");
        let answer = server.post(&path, body.clone()).unwrap();
        let answer: Vec<Value> = serde_json::from_slice(&answer).unwrap();
        for ((resource, access, segment), row) in questions.iter().zip(&answer) {
            let question = Question::parse(resource, access, segment).unwrap();
            let mine = resolver.check(accessor, &question);
            asked += 1;
            if mine != Ok(row["Allow"].as_bool().unwrap()) {
                differ.push(format!("{:?}: {resource} {access} {segment:?}: {mine:?}", all[*at]));
            }
        }
    }
    let shown = differ.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(differ.is_empty(), "{} differ:\n{shown}", differ.len());
    assert!(tokens.len() * 20 > count, "only {} gave rules", tokens.len());
    eprintln!("{count} texts, {} with rules, {asked} answers", tokens.len());
}

#[test]
fn texts_are_read_as_a_real_server_reads_them() {
    against_a_real_server("texts_are_read_as_a_real_server_reads_them", 400, 18);
}

/// Twenty thousand and more: `SNAPSCOPE_TEXTS`, `SNAPSCOPE_SEED`.
#[test]
#[ignore = "long"]
fn many_texts_are_read_as_a_real_server_reads_them() {
    let (count, seed) = (number("SNAPSCOPE_TEXTS", 20_000), number("SNAPSCOPE_SEED", 2));
    against_a_real_server("many_texts_are_read_as_a_real_server_reads_them", count, seed as u64);
}
