//! Who could log in and get a permission.

use super::{grants, options, policy, role};
use snapscope_analyze::acl::*;

fn login_model(rules: &[(&str, &str, &str, Option<&str>)]) -> AclModel {
    let mut model = AclModel::default();
    model.auth_methods.push(AuthMethod {
        number: 0,
        name: "jwt".into(),
        method_type: "jwt".into(),
        display_name: "".into(),
        description: "".into(),
        max_token_ttl: 0,
        token_locality: "".into(),
    });
    model.policies.push(policy("p", "key_prefix \"app/\" { policy = \"write\" }"));
    model.policies.push(policy("d", "service_prefix \"\" { policy = \"deny\" }"));
    model.roles.push(role("r", grants(&["p"])));
    model.roles.push(role("deny", grants(&["d"])));
    for (number, (selector, bind_type, bind_name, variable)) in (1..).zip(rules) {
        model.binding_rules.push(BindingRule {
            number,
            id: Id::new(&number.to_string()),
            description: "".into(),
            auth_method: "jwt".into(),
            selector: (*selector).into(),
            bind_type: (*bind_type).into(),
            bind_name: (*bind_name).into(),
            bind_variable: variable.map(Into::into),
        });
    }
    model
}

/// The numbers of the binding rules that lead to it; with `*` if a login has to use a certain name.
fn logins(model: &AclModel, question: (&str, &str, &str)) -> Vec<String> {
    let resolver = Resolver::new(model, options("1.21.4"));
    let question = Question::parse(question.0, question.1, question.2).unwrap();
    let who = resolver.who_can(&question).unwrap();
    let mark = |on: bool| if on { "*" } else { "" };
    who.logins.iter().map(|l| format!("{}{}", l.rule.id, mark(l.depends_on_name))).collect()
}

#[test]
fn logins_are_found_by_what_they_would_give() {
    let model = login_model(&[
        ("a == b", "service", "svc-${value.user}", None),
        ("a == b", "node", "n1", None),
        ("", "role", "name-${value.team}", None),
        ("", "role", "nowhere", None),
        ("x", "policy", "name-p", None),
        ("x", "templated-policy", "builtin/service", Some("${value.user}")),
        ("x", "templated-policy", "builtin/dns", None),
    ]);
    assert_eq!(logins(&model, ("service", "write", "svc-web")), ["1*", "6*"]);
    assert_eq!(logins(&model, ("service", "write", "web-sidecar-proxy")), ["6*"]);
    assert_eq!(logins(&model, ("service", "write", "Web")), [""; 0]);
    assert_eq!(logins(&model, ("service", "read", "Web")), ["1", "2", "6", "7"]);
    assert_eq!(logins(&model, ("node", "write", "n1")), ["2"]);
    assert_eq!(logins(&model, ("key", "write", "app/x")), ["3*", "5"]);
    assert_eq!(logins(&model, ("query", "read", "q")), ["7"]);
    assert_eq!(logins(&model, ("acl", "read", "")), [""; 0]);
}

#[test]
fn what_every_login_gets_may_take_away() {
    let model = login_model(&[("", "role", "name-deny", None), ("x", "service", "web", None)]);
    assert_eq!(logins(&model, ("service", "write", "web")), ["2"]);
    assert_eq!(logins(&model, ("service", "read", "other")), [""; 0]);
}
