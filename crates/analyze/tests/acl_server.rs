//! Which rules a real server accepts, and what they allow.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use serde_json::{Value, json};
use snapscope_analyze::acl::{
    AclModel, Question, Resolver, ResolverOptions, ServerVersion, Syntax, parse_rules,
};
use snapscope_analyze::{Jobs, fold};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_testkit::ConsulServer;

/// Visits all numbers in an irregular order: the same texts in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const TEXTS: &[&str] = &[
    "",
    "acl = \"read\"",
    "ACL = \"Write\"",
    "acl = \"\"",
    "acl =",
    "acl = \"list\"",
    "acl = \"bogus\" acl = \"read\"",
    "acl = true",
    "acl = [\"read\"]",
    "acl {}",
    "acl = <<E\nE\n",
    "acl = <<E\nread\nE\n",
    "mesh = \"bogus\"",
    "peering {}",
    "revision = 5",
    "id = \"x\"",
    "id {}",
    "key \"a\" { policy = \"read\" }",
    "key \"a\" { policy = \"list\" }",
    "key a { policy = \"READ\" }",
    "key a { policy = read }",
    "key { \"a\" { policy = \"read\" } }",
    "key = { \"a\" = { policy = \"read\" } }",
    "key = [{ \"a\" = { policy = \"read\" } }]",
    "key \"a\" = { policy = \"read\" }",
    "key { policy = \"read\" }",
    "service { policy = \"read\" intentions = \"read\" }",
    "key \"a\" \"b\" { policy = \"read\" }",
    "key \"a\" \"b\" \"c\" { policy = \"read\" }",
    "key \"a\" { }",
    "key \"a\" { policy = \"\" }",
    "key \"a\" { policy = \"x\" policy = \"read\" }",
    "key \"a\" { policy = \"read\", }, key \"b\" { policy = \"read\" },",
    "key \"a\" { policy = \"read\" b = } }",
    "key \"a\" { policy = \"read\" b }",
    "key {} key = [] session = {}",
    "key = \"x\"",
    "node \"a\" { policy = \"list\" }",
    "service \"a\" { policy = \"read\" intentions = \"list\" }",
    "service \"a\" { policy = \"read\" intentions = \"\" }",
    "service \"a\" { policy = \"read\" intentions {} }",
    "key \"a\" { policy = \"read\" intentions = 5 sentinel { code = \"x\" } }",
    "foo = [1, 2.5e3, true, \"x\", [], {}] bar \"x\" \"y\" { policy = 5 }",
    "foo = [1 2]",
    "foo = 08",
    "foo = 0x",
    "foo = 0xff bar = 1. baz = .5 n = -5",
    "foo = -x",
    "foo = <<-E\n x\n E\n",
    "foo = <<-E\n x\nE\n",
    "foo = <<E\n x\n  E\n",
    "foo = <<E\n x\nE",
    "foo bar",
    "foo = {",
    "}",
    "key true { policy = \"read\" }",
    "key 5 { policy = \"read\" }",
    "key a.b-c { policy = \"read\" }",
    "key \"q\\\"\\t\\u00e9\\x41\\101\" { policy = \"read\" }",
    "key \"\\q\" { policy = \"read\" }",
    "key \"${a\n\"b\"}\" { policy = \"read\" }",
    "key \"a\nb\" { policy = \"read\" }",
    "key 'a' { policy = \"read\" }",
    "# x\n// y\n/* z */ acl = \"read\" /",
    "/* x",
    "/**/ acl = \"read\" # x",
    "key \"a\" {\r\n policy = \"read\"\r\n}\r\n",
    "\u{feff}acl = \"read\"",
    "\u{212a}ey \"a\" { policy = \"bogus\" }",
    "é = 5",
    "{}",
    "{} x",
    "{",
    "{\"acl\": \"read\"}",
    "{\"acl\": null}",
    "{\"acl\": read}",
    "{\"acl\"}",
    "{\"acl\": \"read\",}",
    "{\"acl\": \"read\", \"x\": }",
    "{\"acl\": \"read\" \"key\": {}}",
    "{\"key\": {\"a\": {\"policy\": \"read\"}}}",
    "{\"key\": [{\"a\": [{\"policy\": \"read\"}]}]}",
    "{\"key\": {\"a\": {\"policy\": null}}}",
    "{\"key\": {\"a\": {\"policy\": \"read\"}, \"b\": \"x\"}}",
    "{\"key\": {\"a\": {\"b\": {\"policy\": \"read\"}}}}",
    "{\"key\": {\"a\": {\"b\": {\"c\": {\"policy\": \"read\"}}}}}",
    "{\"key\": {\"policy\": \"read\"}}",
    "{\"key\": []}",
    "{\"key\": {}}",
    "{\"key\": null}",
    "{\"key\": [[]]}",
    "{\"x\": [1 2, true, {}]}",
    "{\"x\": [null]}",
    "{\"x\": 01}",
    "{\"x\": \"\\/\"}",
    "{\"x\" \"y\": 1}",
    "{x: 1}",
    "// c\n{\"acl\": \"read\"}",
];

const PIECES: &[&str] = &[
    "key",
    "key_prefix",
    "service",
    "acl",
    "operator",
    "policy",
    "intentions",
    "\"a\"",
    "\"\"",
    "\"read\"",
    "\"write\"",
    "=",
    ":",
    "{",
    "}",
    "{",
    "}",
    "[",
    "]",
    ",",
    "<<E\n",
    "\nE\n",
    "\n",
    " ",
    " ",
    "\"",
    "#",
    "/**/",
    "0",
    "1.5",
    "true",
    "null",
    "foo",
];

const BLOCKS: &[&str] = &[
    "key \"a\" { policy = \"read\" }",
    "key_prefix \"\" { policy = \"list\" }",
    "{\"acl\": \"read\", \"key\": {\"a\": {\"policy\": \"write\"}}}",
    "service \"w\" { policy = \"read\" intentions = \"deny\" }",
    "foo = { bar = [1, \"x\"] }",
];

/// A text that is nearly valid: a few pieces, or a block with a piece inserted or left out.
fn text(dice: &mut Dice) -> String {
    if dice.below(3) == 0 {
        let count = dice.below(7);
        return (0..count).map(|_| dice.pick(PIECES).to_owned() + " ").collect();
    }
    let mut text = dice.pick(BLOCKS).to_owned();
    for _ in 0..=dice.below(2) {
        let mut words: Vec<&str> = text.split(' ').collect();
        let at = dice.below(words.len());
        match dice.below(3) {
            0 => words.insert(at, dice.pick(PIECES)),
            1 => words[at] = dice.pick(PIECES),
            _ => {
                words.remove(at);
            }
        }
        text = words.join(" ");
    }
    text
}

/// The server's version. Without a server, prints a notice and returns `None`.
fn server(test: &str) -> Option<(ConsulServer, ServerVersion)> {
    let server = ConsulServer::for_test(test)?;
    let (major, minor, patch) = server.version();
    let part = |n: u64| u32::try_from(n).unwrap();
    Some((server, ServerVersion::new(part(major), part(minor), part(patch))))
}

#[test]
fn servers_take_the_rule_texts_we_take() {
    let Some((server, version)) = server("servers_take_the_rule_texts_we_take") else { return };
    let mut dice = Dice(0x5eed);
    let made: Vec<String> = (0..1500).map(|_| text(&mut dice)).collect();
    let all = TEXTS.iter().map(|t| (*t).to_owned()).chain(made);
    let (mut valid, mut differ) = (0, Vec::new());
    for (number, text) in all.enumerate() {
        let body = json!({"Name": format!("text-{number}"), "Rules": text}).to_string();
        let response = server.request("PUT", "/v1/acl/policy", body.as_bytes());
        let taken =
            response.map_or_else(|e| Err(e.to_string()), |r| r.ok().map_err(|e| e.to_string()));
        let ours = parse_rules(text.as_bytes(), Syntax::Current, version);
        valid += usize::from(taken.is_ok());
        if taken.is_ok() != ours.is_ok() {
            let said = taken.map(|body| String::from_utf8_lossy(&body).into_owned());
            differ.push(format!("{text:?}: the server {said:?}, we {ours:?}"));
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
    assert!(valid > 100, "only {valid} were valid");
}

const NAMES: &[&str] = &["", "a", "a/", "a/b", "ab", "b", "web", "*"];
const LEVELS: &[&str] = &["deny", "read", "write", "Write", "DENY"];
const KINDS: &[&str] =
    &["agent", "event", "key", "key", "node", "query", "service", "service", "session"];

fn rule(dice: &mut Dice) -> String {
    if dice.below(5) == 0 {
        let word = dice.pick(&["acl", "keyring", "operator"]);
        return format!("{word} = {:?}\n", dice.pick(LEVELS));
    }
    let kind = dice.pick(KINDS);
    let suffix = dice.pick(&["", "_prefix"]);
    let level = if kind == "key" && dice.below(3) == 0 { "list" } else { dice.pick(LEVELS) };
    let mut text = format!("{kind}{suffix} {:?} {{ policy = {level:?}", dice.pick(NAMES));
    if kind == "service" && dice.below(2) == 0 {
        text += &format!(" intentions = {:?}", dice.pick(LEVELS));
    }
    text + " }\n"
}

/// Sixty tokens with these policies, and with identities: their AccessorIDs and SecretIDs.
fn sixty_tokens(server: &ConsulServer, names: &[String]) -> Vec<(String, String)> {
    let mut tokens = Vec::new();
    for number in 0..60 {
        // Servers' caches mix up policies of one token that name one service, so no two tokens may
        // have the same policy.
        let mut body = json!({"Description": format!("t{number}")});
        if number < 30 {
            body["Policies"] = json!([{"Name": names[number]}]);
        } else {
            let mut services = vec![json!({"ServiceName": "web"})];
            if number % 2 == 0 {
                body["NodeIdentities"] = json!([{"NodeName": "ab", "Datacenter": "dc1"}]);
            }
            if number % 3 == 0 {
                services.push(json!({"ServiceName": "b", "Datacenters": ["dc2"]}));
            }
            body["ServiceIdentities"] = json!(services);
            if number % 4 > 0 {
                let mine = &names[30 + (number - 30) * 3..][..3];
                body["Policies"] = mine.iter().map(|name| json!({"Name": name})).collect();
            }
        }
        let answer = server.put("/v1/acl/token", body.to_string()).unwrap();
        let token: Value = serde_json::from_slice(&answer).unwrap();
        let field = |name: &str| token[name].as_str().unwrap().to_owned();
        tokens.push((field("AccessorID"), field("SecretID")));
    }
    tokens
}

fn every_question() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut questions = Vec::new();
    for resource in ["acl", "keyring", "operator"] {
        questions.extend(["read", "write"].map(|access| (resource, access, "")));
    }
    for resource in ["agent", "event", "intention", "key", "node", "query", "service", "session"] {
        for segment in
            ["", "a", "a/", "a/b", "a/bc", "abc", "b", "web", "web-sidecar-proxy", "*", "z"]
        {
            questions.extend(["read", "write"].map(|access| (resource, access, segment)));
            if resource == "key" {
                questions.extend(["list", "write-prefix"].map(|a| (resource, a, segment)));
            }
        }
    }
    questions
}

#[test]
fn servers_decide_as_we_do() {
    let Some((server, _)) = server("servers_decide_as_we_do") else { return };
    let mut dice = Dice(0xacce55);
    let mut names = Vec::new();
    for number in 0..120 {
        let rules: String = (0..=dice.below(6)).map(|_| rule(&mut dice)).collect();
        let name = format!("p{number}");
        let body = json!({"Name": name, "Rules": rules}).to_string();
        server.put("/v1/acl/policy", body).unwrap();
        names.push(name);
    }
    let tokens = sixty_tokens(&server, &names);
    let snap = server.snapshot_save().unwrap();
    let blocks = open(&Source::Memory(snap.into()), &OpenOptions::default()).unwrap();
    let model = fold(blocks, Jobs::default(), AclModel::default).out;
    let resolver = Resolver::new(&model, ResolverOptions::default());

    let questions = every_question();
    let mut differ = Vec::new();
    for (accessor, secret) in &tokens {
        for some in questions.chunks(64) {
            let body: Vec<Value> = some
                .iter()
                .map(|(r, a, s)| json!({"Resource": r, "Access": a, "Segment": s}))
                .collect();
            let path = format!("/v1/internal/acl/authorize?token={secret}");
            let answer = server.post(&path, json!(body).to_string()).unwrap();
            let answer: Vec<Value> = serde_json::from_slice(&answer).unwrap();
            assert_eq!(answer.len(), some.len());
            for ((resource, access, segment), row) in some.iter().zip(&answer) {
                let question = Question::parse(resource, access, segment).unwrap();
                let ours = resolver.check(accessor, &question);
                if ours != Ok(row["Allow"].as_bool().unwrap()) {
                    let rules = resolver.explain(accessor).map(|e| {
                        let all = e.rules.iter().flat_map(|r| r.origins.iter().chain(&r.overruled));
                        all.map(|o| o.rule.to_string()).collect::<Vec<_>>()
                    });
                    differ.push(format!("{rules:?}: {resource} {access} {segment:?}: we {ours:?}"));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}
