//! One test per rule of how servers decide, and what must hold for any snapshot.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod logins;
mod properties;

use snapscope_analyze::acl::*;
use snapscope_decode::GoTime;

const NOW: GoTime = GoTime { seconds: 1000, nanos: 500, offset: None };

fn boxed(texts: &[&str]) -> Box<[Box<str>]> {
    texts.iter().map(|t| (*t).into()).collect()
}

fn link(id: &str) -> Link {
    Link { id: Id::new(id), name: format!("name-{id}").into() }
}

fn grants(policies: &[&str]) -> Grants {
    Grants { policies: policies.iter().map(|p| link(p)).collect(), ..Grants::default() }
}

fn services(services: &[(&str, &[&str])]) -> Grants {
    let identity = |(name, datacenters): &(&str, &[&str])| ServiceIdentity {
        service_name: (*name).into(),
        datacenters: boxed(datacenters),
    };
    Grants { service_identities: services.iter().map(identity).collect(), ..Grants::default() }
}

fn templates(templates: &[(&str, Option<&str>, &[&str])]) -> Grants {
    let policy = |(template, name, datacenters): &(&str, Option<&str>, &[&str])| TemplatedPolicy {
        template_name: (*template).into(),
        name: name.map(Into::into),
        datacenters: boxed(datacenters),
    };
    Grants { templated_policies: templates.iter().map(policy).collect(), ..Grants::default() }
}

fn policy(id: &str, rules: &str) -> Policy {
    Policy {
        number: 0,
        id: Id::new(id),
        name: format!("name-{id}").into(),
        description: "".into(),
        rules: rules.as_bytes().into(),
        datacenters: Box::default(),
        create_index: 0,
        modify_index: 0,
    }
}

fn role(id: &str, grants: Grants) -> Role {
    Role {
        number: 0,
        id: Id::new(id),
        name: format!("name-{id}").into(),
        description: "".into(),
        grants,
        create_index: 0,
        modify_index: 0,
    }
}

fn token(accessor: &str, grants: Grants, roles: &[&str]) -> Token {
    Token {
        number: 0,
        accessor: Id::new(accessor),
        has_accessor: true,
        anonymous: false,
        description: "".into(),
        grants,
        roles: roles.iter().map(|r| link(r)).collect(),
        local: false,
        auth_method: "".into(),
        expires: None,
        created: GoTime::ZERO,
        legacy_type: "".into(),
        legacy_rules: Box::default(),
        create_index: 0,
        modify_index: 0,
    }
}

fn options(version: &str) -> ResolverOptions {
    ResolverOptions {
        datacenter: Some("dc1".to_owned()),
        version: ServerVersion::parse(version),
        at: Some(NOW),
        default_policy: DefaultPolicy::Deny,
    }
}

/// A model with one token `t` of these policies, whose IDs are a, b, c and so on.
fn with_policies(rules: &[&str]) -> AclModel {
    let mut model = AclModel::default();
    let ids: Vec<String> = ('a'..='z').map(String::from).take(rules.len()).collect();
    for (id, rules) in ids.iter().zip(rules) {
        model.policies.push(policy(id, rules));
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    model.tokens.push(token("t", grants(&ids), &[]));
    model
}

fn with_grants(grants: Grants) -> AclModel {
    let mut model = AclModel::default();
    model.tokens.push(token("t", grants, &[]));
    model
}

fn ask(model: &AclModel, options: ResolverOptions, question: &str) -> Result<Verdict, AclError> {
    let mut words = question.split(' ');
    let mut word = || words.next().unwrap_or("");
    let question = Question::parse(word(), word(), word()).unwrap();
    Resolver::new(model, options).can("t", &question).map(|d| d.verdict)
}

/// `A` allow, `D` deny, `-` no rule: one letter for each question.
fn verdicts(model: &AclModel, version: &str, questions: &[&str]) -> String {
    let letter = |question: &&str| match ask(model, options(version), question).unwrap() {
        Verdict::Allow => 'A',
        Verdict::Deny => 'D',
        Verdict::Default => '-',
    };
    questions.iter().map(letter).collect()
}

fn says(rules: &[&str], questions: &[&str], want: &str) {
    assert_eq!(
        verdicts(&with_policies(rules), "1.21.4", questions),
        want,
        "{rules:?} {questions:?}"
    );
}

#[test]
fn levels_give_accesses() {
    let ask = ["key read x", "key list x", "key write x"];
    for (level, want) in [("deny", "DDD"), ("read", "ADD"), ("list", "AAD"), ("write", "AAA")] {
        says(&[&format!("key \"x\" {{ policy = {level:?} }}")], &ask, want);
    }
    says(&["node \"x\" { policy = \"WRITE\" }"], &["node write x"], "A");
}

#[test]
fn exact_beats_prefix_and_longer_beats_shorter() {
    let rules = r#"key_prefix "" { policy = "write" } key_prefix "a/" { policy = "read" }
        key_prefix "a/b" { policy = "write" } key "a/b" { policy = "deny" }"#;
    let ask = [
        "key write x",
        "key write a/",
        "key write a/bc",
        "key read a/b",
        "key write a/b/",
        "key write",
    ];
    says(&[rules], &ask, "ADADAA");
    says(&["key \"\" { policy = \"read\" }"], &["key read", "key read x"], "A-");
    says(&["key \"*\" { policy = \"read\" }"], &["key read *", "key read x"], "A-");
    says(&["key \"A\" { policy = \"read\" }"], &["key read A", "key read a"], "A-");
}

#[test]
fn one_name_in_several_policies_is_merged() {
    let key = |level: &str| format!("key \"x\" {{ policy = {level:?} }}");
    let ask = ["key read x", "key list x", "key write x"];
    for (levels, want) in [
        (["read", "list"], "AAD"),
        (["list", "write"], "AAA"),
        (["write", "deny"], "DDD"),
        (["DENY", "read"], "ADD"),
        (["read", "WRITE"], "ADD"),
        (["READ", "WRITE"], "ADD"),
    ] {
        let rules = levels.map(key);
        says(&[&rules[0], &rules[1]], &ask, want);
        says(&[&rules.concat()], &ask, want);
    }
    let prefix = "key_prefix \"x\" { policy = \"deny\" }";
    says(&[&key("write"), prefix], &ask, "AAA");
}

#[test]
fn words_fall_back_where_they_do() {
    let ask =
        ["mesh read", "mesh write", "peering write", "operator write", "keyring read", "acl read"];
    says(&["operator = \"write\""], &ask, "AAAA--");
    says(&["mesh = \"deny\"", "operator = \"write\""], &ask, "DDAA--");
    says(&["operator = \"read\" acl = \"write\" keyring = \"deny\""], &ask, "ADDDDA");
    says(&["acl = \"write\"", "acl = \"deny\""], &["acl read x"], "D");
    // Merging starts with nothing, which a level in capitals does not replace.
    says(&["operator = \"WRITE\""], &["operator read", "mesh read"], "--");
    says(&["operator = \"WRITE\"", "operator = \"read\""], &["operator read", "mesh write"], "AD");
}

#[test]
fn intentions_have_a_table_of_their_own() {
    let ask = ["service write a", "intention read a", "intention write a"];
    says(&["service \"a\" { policy = \"write\" }"], &ask, "AAD");
    says(&["service \"a\" { policy = \"WRITE\" }"], &ask, "ADD");
    says(&["service \"a\" { policy = \"deny\" intentions = \"write\" }"], &ask, "DAA");
    let both = [
        "service \"a\" { policy = \"write\" intentions = \"write\" }",
        "service \"a\" { policy = \"deny\" }",
    ];
    says(&both, &ask, "DAA");
    let star = ["intention read *", "intention write *"];
    says(&["service_prefix \"\" { policy = \"write\" intentions = \"write\" }"], &star, "AA");
    let mixed = "service_prefix \"\" { policy = \"write\" intentions = \"write\" } service \"a\" { policy = \"read\" }";
    says(&[mixed], &star, "AD");
    says(&["service \"a\" { policy = \"read\" }"], &star, "AD");
    says(&["service \"a\" { policy = \"write\" intentions = \"write\" }"], &star, "A-");
    says(&["service_prefix \"\" { policy = \"deny\" }"], &star, "DD");
    says(&["key \"a\" { policy = \"read\" }"], &star, "--");
}

#[test]
fn deleting_by_prefix_needs_all_below() {
    let ask = ["key write-prefix a/", "key write-prefix a/b", "key write-prefix b"];
    says(&["key_prefix \"a/\" { policy = \"write\" }"], &ask, "AA-");
    says(
        &["key_prefix \"\" { policy = \"write\" } key \"a/c\" { policy = \"read\" }"],
        &ask,
        "DAA",
    );
    says(
        &["key_prefix \"\" { policy = \"list\" } key_prefix \"a/\" { policy = \"write\" }"],
        &ask,
        "AAD",
    );
    says(&["key \"a/\" { policy = \"write\" }"], &ask, "---");
    says(&["key \"a/b\" { policy = \"deny\" }"], &ask, "DD-");
}

#[test]
fn kinds_do_not_stand_in_for_each_other() {
    let ask = [
        "session read n",
        "agent read n",
        "query read n",
        "event read n",
        "node read n",
        "service read n",
    ];
    says(&["node_prefix \"\" { policy = \"write\" }"], &ask, "----A-");
    says(&["service_prefix \"\" { policy = \"write\" }"], &ask, "-----A");
}

#[test]
fn default_policy_decides_where_no_rule_does() {
    let model = with_policies(&["key \"a\" { policy = \"deny\" }"]);
    let mut options = options("1.21.4");
    options.default_policy = DefaultPolicy::Allow;
    let resolver = Resolver::new(&model, options);
    for (question, want) in [
        (("key", "write", "b"), true),
        (("key", "read", "a"), false),
        (("operator", "write", ""), true),
        (("acl", "read", ""), false),
        (("acl", "write", ""), false),
    ] {
        let (resource, access, segment) = question;
        let asked = Question::parse(resource, access, segment).unwrap();
        assert_eq!(resolver.check("t", &asked), Ok(want), "{question:?}");
    }
}

#[test]
fn roles_add_their_links_and_lost_links_nothing() {
    let mut model = AclModel::default();
    model.policies.push(policy("a", "key \"a\" { policy = \"read\" }"));
    model.roles.push(role("r", grants(&["a", "gone"])));
    model.tokens.push(token("t", grants(&["gone"]), &["r", "lost"]));
    assert_eq!(verdicts(&model, "1.21.4", &["key read a", "key read b"]), "A-");
    let resolver = Resolver::new(&model, options("1.21.4"));
    let decision = resolver.can("t", &Question::parse("key", "read", "a").unwrap()).unwrap();
    let origin = &decision.reason.unwrap().origins[0];
    assert!(matches!(origin.via[..], [Via::Role(role)] if &*role.name == "name-r"));
    assert_eq!(resolver.explain("t").unwrap().left_out.len(), 3);
}

#[test]
fn datacenters_narrow() {
    let mut model =
        with_policies(&["key \"a\" { policy = \"read\" }", "key \"b\" { policy = \"read\" }"]);
    model.policies[0].datacenters = boxed(&["dc2"]);
    model.policies[1].datacenters = boxed(&["dc2", "dc1"]);
    assert_eq!(verdicts(&model, "1.21.4", &["key read a", "key read b"]), "-A");
    // Even an unreadable policy of another datacenter has no effect.
    model.policies[0].rules = b"}"[..].into();
    assert_eq!(verdicts(&model, "1.21.4", &["key read b"]), "A");
}

#[test]
fn identities_have_their_rules() {
    let ask = [
        "service write web",
        "service write web-sidecar-proxy",
        "service write web2",
        "service read web2",
        "node read n",
        "node write n",
        "intention read web",
        "intention write web",
        "key read web",
    ];
    assert_eq!(verdicts(&with_grants(services(&[("web", &[])])), "1.21.4", &ask), "AADAADAD-");
    let node = NodeIdentity { node_name: "n".into(), datacenter: "dc1".into() };
    let nodes = Grants { node_identities: [node].into(), ..Grants::default() };
    let ask = ["node write n", "node read m", "service read x", "service write x"];
    assert_eq!(verdicts(&with_grants(nodes.clone()), "1.21.4", &ask), "A-AD");
    let mut elsewhere = nodes;
    elsewhere.node_identities[0].datacenter = "dc2".into();
    assert_eq!(verdicts(&with_grants(elsewhere), "1.21.4", &ask), "----");
}

#[test]
fn joined_service_identities_differ_between_versions() {
    let twice = with_grants(services(&[("web", &[]), ("web", &["dc2"])]));
    assert_eq!(verdicts(&twice, "1.21.4", &["service write web"]), "-");
    assert_eq!(verdicts(&twice, "1.14.7", &["service write web"]), "-");
    assert_eq!(verdicts(&twice, "1.8.7", &["service write web"]), "A");
    let lists = with_grants(services(&[("web", &["dc1"]), ("web", &["dc2"])]));
    assert_eq!(verdicts(&lists, "1.21.4", &["service write web"]), "A");
}

#[test]
fn of_repeated_templates_the_first_counts() {
    let dns = |first: &[&str], second: &[&str]| {
        let grants = templates(&[("builtin/dns", None, first), ("builtin/dns", Some("x"), second)]);
        verdicts(&with_grants(grants), "1.21.4", &["query read q"])
    };
    assert_eq!(dns(&["dc2"], &[]), "-");
    assert_eq!(dns(&[], &["dc2"]), "A");
    let named =
        templates(&[("builtin/service", Some("a"), &["dc2"]), ("builtin/service", Some("b"), &[])]);
    let ask = ["service write a", "service write b"];
    assert_eq!(verdicts(&with_grants(named), "1.21.4", &ask), "DA");
}

#[test]
fn templates_have_their_rules() {
    let ask = [
        "acl write",
        "agent read a",
        "node read a",
        "service write a",
        "key read a",
        "query read a",
        "mesh read",
    ];
    for (template, want) in [
        ("builtin/service", "--AA---"),
        ("builtin/node", "--AD---"),
        ("builtin/dns", "--AD-A-"),
        ("builtin/nomad-server", "AAAA---"),
        ("builtin/nomad-client", "-AAAA--"),
        ("builtin/api-gateway", "--AA--A"),
    ] {
        let model = with_grants(templates(&[(template, Some("a"), &[])]));
        assert_eq!(verdicts(&model, "1.21.4", &ask), want, "{template}");
        assert_eq!(verdicts(&model, "1.14.7", &ask), "-------", "{template} is unknown to 1.14");
    }
    let model = with_grants(templates(&[("builtin/nothing", None, &[])]));
    let error = ask_one(&model);
    assert!(matches!(error, Err(AclError::UnknownTemplate { .. })), "{error:?}");
}

fn ask_one(model: &AclModel) -> Result<Verdict, AclError> {
    ask(model, options("1.21.4"), "key read a")
}

#[test]
fn errors_are_told_apart() {
    let mut model =
        with_policies(&["key \"a\" { policy = \"read\" }", "\n key \"a\" { policy = \"no\" }"]);
    let error = ask_one(&model).unwrap_err();
    let (status, text) = error.server_answer().unwrap();
    assert_eq!(status, 500);
    let reason = "Invalid key policy: &acl.KeyRule{Prefix:\"a\", Policy:\"no\", \
                  EnterpriseRule:acl.EnterpriseRule{}}";
    let start = "failed to parse the ACL policies: failed to parse \"name-b\": ";
    assert_eq!(text, format!("{start}{reason}"));
    assert!(error.to_string().contains("line 2, column 21"), "{error}");
    // A time equal to now has not passed.
    model.policies.pop();
    model.tokens[0].expires = Some(NOW);
    assert_eq!(ask_one(&model), Ok(Verdict::Allow));
    model.tokens[0].expires = Some(GoTime { nanos: 499, ..NOW });
    assert!(matches!(ask_one(&model), Err(AclError::Expired { .. })));
    let never = ResolverOptions { at: None, ..options("1.21.4") };
    assert_eq!(ask(&model, never, "key read a"), Ok(Verdict::Allow));
    model.tokens.clear();
    assert!(matches!(ask_one(&model), Err(AclError::UnknownToken { .. })));
}

#[test]
fn old_versions_know_fewer_resources() {
    let model = with_policies(&["operator = \"write\" mesh = \"bogus\""]);
    assert_eq!(ask(&model, options("1.8.7"), "operator write"), Ok(Verdict::Allow));
    let error = ask(&model, options("1.8.7"), "mesh read").unwrap_err();
    assert_eq!(error.server_answer().unwrap().0, 400);
    assert!(matches!(
        ask(&model, options("1.14.7"), "mesh read"),
        Err(AclError::UnreadablePolicy { .. })
    ));
    assert!(Question::parse("Key", "read", "").is_err());
    assert!(Question::parse("key", "READ", "").is_ok());
    assert!(Question::parse("node", "list", "").is_err());
}

#[test]
fn legacy_tokens_count_before_1_11() {
    let mut model = with_grants(Grants::default());
    model.tokens[0].legacy_type = "client".into();
    model.tokens[0].legacy_rules = b"key \"foo\" { policy = \"write\" } acl = \"write\""[..].into();
    let ask = ["key write foobar", "key write fo", "acl read"];
    assert_eq!(verdicts(&model, "1.8.7", &ask), "A--");
    assert_eq!(verdicts(&model, "1.10.12", &ask), "A--");
    assert_eq!(verdicts(&model, "1.11.0", &ask), "---");
    // With a link of any kind, even a missing one, the rules do not count.
    model.tokens[0].roles = [link("lost")].into();
    assert_eq!(verdicts(&model, "1.8.7", &ask), "---");
    model.tokens[0].roles = Box::default();
    model.tokens[0].legacy_type = "management".into();
    assert_eq!(verdicts(&model, "1.8.7", &ask), "AAA");
    assert_eq!(verdicts(&model, "1.21.4", &ask), "---");
}

#[test]
fn explanations_name_what_is_shadowed() {
    let model = with_policies(&[
        "service \"w\" { policy = \"read\" }\nkey_prefix \"\" { policy = \"read\" }",
        "service \"w\" { policy = \"write\" }\nkey \"a/b\" { policy = \"write\" }",
        "key_prefix \"a/\" { policy = \"deny\" }\noperator = \"READ\"",
    ]);
    let resolver = Resolver::new(&model, options("1.21.4"));
    let explanation = resolver.explain("t").unwrap();
    let titles: Vec<String> = explanation.rules.iter().map(EffectiveRule::title).collect();
    assert_eq!(
        titles,
        ["operator", "key \"a/b\"", "key_prefix \"\"", "key_prefix \"a/\"", "service \"w\""]
    );
    let inside: Vec<_> = explanation.rules.iter().map(|r| r.inside).collect();
    assert_eq!(inside, [None, Some(3), None, Some(2), None]);
    let service = &explanation.rules[4];
    assert_eq!(service.access, Some(AccessLevel::Write));
    assert_eq!(service.intentions, Some(AccessLevel::Read));
    assert_eq!(service.origins[0].source.to_string(), "policy \"name-b\"");
    assert_eq!(service.overruled[0].rule.place.line, 1);
    assert_eq!(explanation.rules[0].access, None);
    let [Warning::NoEffect { .. }, Warning::CacheBug { sources, changes_first: true, .. }] =
        &explanation.warnings[..]
    else {
        panic!("{:?}", explanation.warnings)
    };
    assert_eq!(sources.len(), 2);
}
