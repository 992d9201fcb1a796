//! Tokens, policies, roles, and how logins create tokens.

use super::{Case, READ, V, at, id, linked, list, of, policy, server, token};
use snapscope_testkit::Val;
use snapscope_testkit::msgpack::{structure, texts, time};
use snapscope_testkit::records::acl::{CREATED, GLOBAL_MANAGEMENT};
use snapscope_testkit::records::{Record, acl};

const DAY: i64 = 86_400;
const ACL_WRITE: &str = "acl = \"write\"";

/// Tokens.
pub(super) fn tokens() -> Vec<Case> {
    vec![
        (
            "ACL001",
            of(vec![with_management(), management()]),
            of(vec![linked(1, 50), policy(50, READ)]),
        ),
        (
            "ACL002",
            of(vec![linked(1, 50), policy(50, ACL_WRITE)]),
            of(vec![with_management(), management()]),
        ),
        ("ACL003", of(vec![token(1)]), of(vec![expired(CREATED + 9 * DAY)])),
        ("ACL004", of(vec![expired(CREATED)]), of(vec![expired(CREATED + 9 * DAY)])),
        (
            "ACL005",
            of(vec![anonymous(&[(&id(50), "p")]), policy(50, READ)]),
            of(vec![anonymous(&[]), policy(50, READ)]),
        ),
        (
            "ACL006",
            of(vec![anonymous(&[(&id(50), "p")]), policy(50, "key \"a\" { policy = \"write\" }")]),
            of(vec![anonymous(&[(&id(50), "p")]), policy(50, READ)]),
        ),
        ("ACL007", of(vec![token(1)]), of(vec![linked(1, 50), policy(50, READ)])),
        ("ACL008", of(vec![token(1).with("AccessorID", "")]), of(vec![token(1)])),
        (
            "ACL009",
            of(vec![token(1).with("Rules", READ).with("Type", "client")]),
            of(vec![token(1)]),
        ),
        ("ACL010", of(vec![token(1).with("SecretID", "root")]), of(vec![token(1)])),
        (
            "ACL011",
            at("2027-06-01", vec![login_token(1, "kube", "web"), method()]),
            of(vec![login_token(1, "kube", "web"), method()]),
        ),
        (
            "ACL012",
            of(vec![login_token(1, "gone", "web")]),
            of(vec![login_token(1, "kube", "web"), method()]),
        ),
        ("ACL013", of(many_logins(500)), of(many_logins(20))),
        ("ACL014", of(vec![linked(1, 50)]), of(vec![linked(1, 50), policy(50, READ)])),
        ("ACL015", of(vec![with_role(1, 60)]), of(vec![with_role(1, 60), role(60, &[])])),
        (
            "ACL016",
            of(vec![token(1), token(2).with("SecretID", id(1001))]),
            of(vec![token(1), token(2)]),
        ),
        ("ACL017", of(scoped("dc2")), of(scoped("dc1"))),
    ]
}

/// Policies and roles.
pub(super) fn policies() -> Vec<Case> {
    vec![
        (
            "ACL020",
            of(vec![policy(50, ACL_WRITE)]),
            of(vec![management(), policy(50, "acl = \"read\"")]),
        ),
        (
            "ACL021",
            of(vec![policy(50, "operator = \"write\"")]),
            of(vec![policy(50, "operator = \"read\"")]),
        ),
        (
            "ACL022",
            of(vec![policy(50, "keyring = \"write\"")]),
            of(vec![policy(50, "keyring = \"read\"")]),
        ),
        (
            "ACL023",
            of(vec![policy(50, "key_prefix \"\" { policy = \"write\" }")]),
            of(vec![policy(
                50,
                "key_prefix \"\" { policy = \"read\" } key \"\" { policy = \"write\" }",
            )]),
        ),
        (
            "ACL024",
            of(vec![policy(
                50,
                "service_prefix \"\" { policy = \"read\" intentions = \"write\" }",
            )]),
            of(vec![policy(
                50,
                "service_prefix \"a\" { policy = \"read\" intentions = \"write\" }",
            )]),
        ),
        (
            "ACL025",
            of(vec![policy(50, "key \"app/\" { policy = \"write\" }")]),
            of(vec![policy(
                50,
                "key \"app/\" { policy = \"write\" } key_prefix \"app/\" { policy = \"read\" }",
            )]),
        ),
        ("ACL026", of(vec![policy(50, READ)]), of(vec![linked(1, 50), policy(50, READ)])),
        (
            "ACL027",
            of(vec![policy(50, READ), policy(51, &format!("# the same\n{READ}"))]),
            of(vec![policy(50, READ), policy(51, ACL_WRITE)]),
        ),
        ("ACL028", of(vec![policy(50, "key \"a\" {")]), of(vec![policy(50, READ)])),
        ("ACL029", of(differing("write")), of(differing("read"))),
        ("ACL030", of(vec![role(60, &[])]), of(vec![role(60, &[]), with_role(1, 60)])),
    ]
}

/// Auth methods and binding rules.
pub(super) fn logins() -> Vec<Case> {
    vec![
        (
            "ACL040",
            of(vec![method(), binding(("service", "web"), "")]),
            of(vec![method(), binding(("service", "web"), "value.a == b")]),
        ),
        (
            "ACL041",
            of(vec![method(), binding(("role", "${value.team}"), "value.a == b")]),
            of(vec![method(), binding(("service", "${value.team}"), "value.a == b")]),
        ),
        (
            "ACL042",
            of(vec![
                method(),
                binding(("role", "dev"), "value.a == b"),
                role(60, &[(&id(50), "p")]),
                policy(50, ACL_WRITE),
            ]),
            of(vec![
                method(),
                binding(("role", "dev"), "value.a == b"),
                role(60, &[(&id(50), "p")]),
                policy(50, READ),
            ]),
        ),
        (
            "ACL043",
            of(vec![binding(("service", "web"), "value.a == b")]),
            of(vec![method(), binding(("service", "web"), "value.a == b")]),
        ),
        (
            "ACL044",
            of(vec![method(), binding(("role", "dev"), "value.a == b")]),
            of(vec![method(), binding(("role", "dev"), "value.a == b"), role(60, &[])]),
        ),
        (
            "ACL050",
            of(vec![jwt_method(&[("BoundIssuer", "x".into())])]),
            of(vec![jwt_method(&[("BoundAudiences", texts(&["consul"]))]), method()]),
        ),
        ("ACL051", of(vec![method().with("MaxTokenTTL", 0u64)]), of(vec![method()])),
        ("ACL052", of(vec![method()]), of(vec![jwt_method(&[("OIDCClientSecret", "".into())])])),
    ]
}

fn management() -> Record {
    acl::global_management(V, 10)
}

fn with_management() -> Record {
    acl::token(V, &id(1), &id(1001), "admin", &[(GLOBAL_MANAGEMENT, "global-management")], &[], 10)
}

fn many_logins(count: u64) -> Vec<Record> {
    (0..count).map(|n| login_token(n + 5000, "kube", "web")).chain([method()]).collect()
}

fn expired(seconds: i64) -> Record {
    token(1).with("ExpirationTime", time(seconds, 0, -1))
}

fn scoped(datacenter: &str) -> Vec<Record> {
    let identity =
        structure([("ServiceName", "web".into()), ("Datacenters", texts(&[datacenter]))]);
    vec![token(1).with("ServiceIdentities", list(identity)), server("node-1", "1.21.4")]
}

fn differing(level: &str) -> Vec<Record> {
    let two = acl::token(V, &id(1), &id(1001), "two", &[(&id(50), "a"), (&id(51), "b")], &[], 10);
    let rule = |level: &str| format!("service \"web\" {{ policy = \"{level}\" }}");
    vec![two, policy(50, &rule("read")), policy(51, &rule(level))]
}

fn role(n: u64, policies: &[(&str, &str)]) -> Record {
    acl::role(V, &id(n), "dev", policies, &[], 10)
}

fn with_role(n: u64, role: u64) -> Record {
    acl::token(V, &id(n), &id(n + 1000), "a token", &[], &[(&id(role), "r")], 10)
}

fn anonymous(policies: &[(&str, &str)]) -> Record {
    acl::token(V, acl::ANONYMOUS, "anonymous", "Anonymous Token", policies, &[], 10)
}

fn login_token(n: u64, method: &str, service: &str) -> Record {
    let identity = structure([("ServiceName", service.into()), ("Datacenters", Val::Nil)]);
    token(n).with("AuthMethod", method).with("ServiceIdentities", Val::Array(vec![identity]))
}

fn binding(bind: (&str, &str), selector: &str) -> Record {
    acl::binding_rule(V, &id(900), "kube", bind, 10).with("Selector", selector)
}

fn method() -> Record {
    acl::auth_method(V, "kube", 10)
}

fn jwt_method(config: &[(&str, Val)]) -> Record {
    let config = config.iter().map(|(k, v)| ((*k).into(), v.clone())).collect();
    acl::auth_method(V, "kube", 10).with("Type", "jwt").with("Config", Val::Map(config))
}
