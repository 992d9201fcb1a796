//! Each rule has a snapshot that triggers it and one that doesn't.

use super::findings;
use crate::support::write;
use snapscope_analyze::audit::RULES;
use snapscope_testkit::msgpack::{structure, texts, time, user_map};
use snapscope_testkit::protobuf::Message;
use snapscope_testkit::records::acl::{self, CREATED, GLOBAL_MANAGEMENT};
use snapscope_testkit::records::catalog::{self, Check, Node, Service};
use snapscope_testkit::records::{Record, cluster, config, connect, kv, peering, set};
use snapscope_testkit::snapshot::Server;
use snapscope_testkit::{ConsulVersion, SnapshotSpec, Val};
use std::collections::BTreeSet;

const V: ConsulVersion = ConsulVersion::V1_21_4;
/// A self-signed certificate with an RSA key of 1024 bits, made for this test.
const WEAK_ROOT: &str = include_str!("weak-root.pem");
/// A key that belongs to no certificate.
const OTHER_KEY: &str = include_str!("other-key.pem");

/// What a rule is shown.
struct Shown {
    records: Vec<Record>,
    at: &'static str,
    voters: u64,
}

const TODAY: &str = "2026-11-24";

fn of(records: Vec<Record>) -> Shown {
    Shown { records, at: TODAY, voters: 3 }
}

fn at(at: &'static str, records: Vec<Record>) -> Shown {
    Shown { at, ..of(records) }
}

fn voters(voters: u64) -> Shown {
    Shown { voters, ..of(vec![]) }
}

fn id(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

fn token(n: u64) -> Record {
    acl::token(V, &id(n), &id(n + 1000), "a token", &[], &[], 10)
}

fn linked(n: u64, policy: u64) -> Record {
    acl::token(V, &id(n), &id(n + 1000), "a token", &[(&id(policy), "p")], &[], 10)
}

fn policy(n: u64, rules: &str) -> Record {
    acl::policy(V, &id(n), &format!("policy-{n}"), rules, 10)
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

fn key(key: &str, value: &str) -> Record {
    kv::entry(key, value, 0, 10)
}

fn root_of(pem: &str) -> Record {
    connect::ca_root(V, true, 10).with("RootCert", pem)
}

fn inline(certificate: &str, private_key: &str) -> Record {
    let fields = vec![("Certificate", certificate.into()), ("PrivateKey", private_key.into())];
    config::entry(V, "inline-certificate", "cert", fields, 10)
}

fn intention(source: &str, destination: &str, action: &str) -> Record {
    connect::intention(V, &id(1), source, destination, action, 10)
}

fn entry(kind: &str, fields: Vec<(&str, Val)>) -> Record {
    config::entry(V, kind, "web", fields, 10)
}

fn list(item: Val) -> Val {
    Val::Array(vec![item])
}

fn check(status: &str, definition: Option<(&str, Val)>, kind: &str) -> Record {
    let node = Node::new("node-1", &id(5), 10);
    let check = Check::of_service(&Service::new("web-1", "web", 10), status, 10);
    let mut value = check.value(V, &node);
    set(&mut value, "Type", kind.into());
    if let Some((field, content)) = definition {
        set(&mut value, "Definition", structure([(field, content)]));
    }
    node.record(V).with("Check", value)
}

fn server(node: &str, version: &str) -> Record {
    let mut service = Service::new("consul", "consul", 10);
    service.meta = vec![("version".into(), version.into())];
    Node::new(node, &id(6), 10).service_record(V, &service)
}

fn session(ttl: &str, checks: &[&str]) -> Record {
    catalog::session(V, &id(7), "s", "node-1", 10)
        .with("TTL", ttl)
        .with("NodeChecks", texts(checks))
}

fn peer_in_state(state: u64) -> Record {
    let message = Message::new().text(1, id(8)).text(2, "east").number(6, state).number(12, 10);
    Record::new(35, Val::Raw(message.into_bytes()))
}

fn bundle(pem: &str) -> Record {
    let message = Message::new().text(2, "east").texts(4, &[pem]).number(7, 10);
    Record::new(38, Val::Raw(message.into_bytes()))
}

const READ: &str = "key_prefix \"app/\" { policy = \"read\" }";
const ACL_WRITE: &str = "acl = \"write\"";
const JWT: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmaXh0dXJlLTQ3MTEifQ.c2lnbmF0dXJlLW9mLWEtdGVzdA";

/// Rule, what triggers it, what is like it but doesn't.
#[allow(clippy::too_many_lines)] // a table
fn cases() -> Vec<(&'static str, Shown, Shown)> {
    let management = || acl::global_management(V, 10);
    let with_management = || {
        acl::token(
            V,
            &id(1),
            &id(1001),
            "admin",
            &[(GLOBAL_MANAGEMENT, "global-management")],
            &[],
            10,
        )
    };
    let many_logins = |count: u64| {
        (0..count).map(|n| login_token(n + 5000, "kube", "web")).chain([method()]).collect()
    };
    let expired = |seconds: i64| token(1).with("ExpirationTime", time(seconds, 0, -1));
    let day = 86_400;
    let query = || catalog::prepared_query(V, &id(9), "q", "web", 10);
    let template = |name: &str| {
        catalog::prepared_query(V, &id(9), name, "web", 10)
            .with("Template", structure([("Type", "name_prefix_match".into())]))
    };
    let ca_config = |field: &str| {
        connect::ca_config(V, 10).with("Config", Val::Map(vec![(field.into(), "not-empty".into())]))
    };
    let source = |jwt: bool| {
        let provider = structure([("Name", "okta".into())]);
        let jwt = if jwt { structure([("Providers", list(provider))]) } else { Val::Nil };
        entry("service-intentions", vec![("JWT", jwt)])
    };
    let mesh = |field: &'static str, value: Val| entry("mesh", vec![(field, value)]);
    let tls = |version: &str| {
        let direction = structure([("TLSMinVersion", version.into())]);
        mesh("TLS", structure([("Incoming", direction)]))
    };
    let paths = |insecure: bool| {
        let normalization = structure([("InsecureDisablePathNormalization", insecure.into())]);
        let incoming = structure([("RequestNormalization", normalization)]);
        mesh("HTTP", structure([("Incoming", incoming)]))
    };
    let ingress = |name: &str| {
        let service = structure([("Name", name.into())]);
        entry(
            "ingress-gateway",
            vec![(
                "Listeners",
                list(structure([("Port", 80u64.into()), ("Services", list(service))])),
            )],
        )
    };
    let exported = |name: &str| {
        let consumer = structure([("Peer", "east".into())]);
        let service = structure([("Name", name.into()), ("Consumers", list(consumer))]);
        config::entry(V, "exported-services", "default", vec![("Services", list(service))], 10)
    };
    let folder =
        |count: usize| (0..count).map(|n| key(&format!("app/{n:07}"), "")).collect::<Vec<_>>();
    let graves = |count: usize| {
        (0..count).map(|n| kv::tombstone(format!("t/{n:07}"), 10)).collect::<Vec<_>>()
    };
    let header = |name: &str| Val::Map(vec![(name.into(), texts(&["x"]))]);
    let scoped = |datacenter: &str| {
        let identity =
            structure([("ServiceName", "web".into()), ("Datacenters", texts(&[datacenter]))]);
        vec![token(1).with("ServiceIdentities", list(identity)), server("node-1", "1.21.4")]
    };
    let differing = |level: &str| {
        let two =
            acl::token(V, &id(1), &id(1001), "two", &[(&id(50), "a"), (&id(51), "b")], &[], 10);
        let rule = |level: &str| format!("service \"web\" {{ policy = \"{level}\" }}");
        vec![two, policy(50, &rule("read")), policy(51, &rule(level))]
    };
    let role = |n: u64, policies: &[(&str, &str)]| acl::role(V, &id(n), "dev", policies, &[], 10);
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
        ("ACL003", of(vec![token(1)]), of(vec![expired(CREATED + 9 * day)])),
        ("ACL004", of(vec![expired(CREATED)]), of(vec![expired(CREATED + 9 * day)])),
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
        (
            "CA001",
            of(vec![connect::ca_provider_state(V, 10)]),
            of(vec![connect::ca_provider_state(V, 10).with("PrivateKey", "")]),
        ),
        (
            "CA002",
            at("2040-01-01", vec![connect::ca_root(V, true, 10)]),
            of(vec![connect::ca_root(V, true, 10)]),
        ),
        (
            "CA003",
            at("2036-10-01", vec![connect::ca_root(V, true, 10)]),
            of(vec![connect::ca_root(V, true, 10)]),
        ),
        ("CA004", of(vec![root_of(WEAK_ROOT)]), of(vec![connect::ca_root(V, true, 10)])),
        (
            "CA005",
            of(vec![connect::ca_root(V, false, 10)]),
            of(vec![connect::ca_root(V, true, 10)]),
        ),
        ("CA006", of(vec![ca_config("Token")]), of(vec![connect::ca_config(V, 10)])),
        ("CA007", of(vec![connect::ca_root(V, true, 10)]), of(vec![root_of(WEAK_ROOT)])),
        (
            "CA008",
            at(
                "2040-01-01",
                vec![connect::ca_root(V, true, 10).with("IntermediateCerts", texts(&[WEAK_ROOT]))],
            ),
            of(vec![
                connect::ca_root(V, true, 10)
                    .with("IntermediateCerts", texts(&[connect::ROOT_CERT])),
            ]),
        ),
        (
            "CA009",
            of(vec![connect::ca_root(V, false, 10)]),
            of(vec![connect::ca_root(V, true, 10)]),
        ),
        (
            "CA020",
            at("2040-01-01", vec![inline(connect::ROOT_CERT, connect::ROOT_KEY)]),
            of(vec![inline(connect::ROOT_CERT, connect::ROOT_KEY)]),
        ),
        (
            "CA021",
            at("2036-11-01", vec![inline(connect::ROOT_CERT, connect::ROOT_KEY)]),
            of(vec![inline(connect::ROOT_CERT, connect::ROOT_KEY)]),
        ),
        (
            "CA022",
            of(vec![inline(connect::ROOT_CERT, OTHER_KEY)]),
            of(vec![inline(connect::ROOT_CERT, connect::ROOT_KEY)]),
        ),
        (
            "CA023",
            of(vec![inline(&format!("{}{WEAK_ROOT}", connect::ROOT_CERT), "")]),
            of(vec![inline(connect::ROOT_CERT, "")]),
        ),
        (
            "CA024",
            of(vec![inline(connect::ROOT_CERT, connect::ROOT_KEY)]),
            of(vec![inline(connect::ROOT_CERT, "")]),
        ),
        ("CA025", of(vec![inline("no certificate", "")]), of(vec![inline(connect::ROOT_CERT, "")])),
        ("MESH001", of(vec![intention("*", "*", "allow")]), of(vec![intention("*", "*", "deny")])),
        (
            "MESH002",
            of(vec![intention("*", "web", "allow")]),
            of(vec![intention("*", "web", "deny")]),
        ),
        (
            "MESH003",
            of(vec![intention("web", "*", "allow")]),
            of(vec![intention("web", "api", "allow")]),
        ),
        (
            "MESH004",
            of(vec![source(true)]),
            of(vec![source(true), config::entry(V, "jwt-provider", "okta", vec![], 10)]),
        ),
        (
            "MESH005",
            of(vec![mesh("AllowEnablingPermissiveMutualTLS", true.into())]),
            of(vec![mesh("AllowEnablingPermissiveMutualTLS", false.into())]),
        ),
        (
            "MESH006",
            of(vec![entry("service-defaults", vec![("MutualTLSMode", "permissive".into())])]),
            of(vec![entry("service-defaults", vec![("MutualTLSMode", "strict".into())])]),
        ),
        ("MESH011", of(vec![identity("web")]), of(vec![identity("web"), traffic("web", "api", 2)])),
        (
            "MESH012",
            of(vec![identity("web"), traffic("api", "web", 2)]),
            of(vec![identity("web"), traffic("web", "api", 2)]),
        ),
        ("MESH007", of(vec![ingress("*")]), of(vec![ingress("web")])),
        ("MESH008", of(vec![tls("TLSv1_1")]), of(vec![tls("TLSv1_2")])),
        ("MESH009", of(vec![paths(true)]), of(vec![paths(false)])),
        (
            "MESH010",
            of(vec![intention("web", "api", "allow")]),
            of(vec![intention("web", "api", "allow"), intention("*", "*", "deny")]),
        ),
        (
            "CATALOG001",
            of(vec![check("passing", None, "script")]),
            of(vec![check("passing", None, "http")]),
        ),
        (
            "CATALOG002",
            of(vec![check("passing", Some(("Header", header("Authorization"))), "http")]),
            of(vec![check("passing", Some(("Header", header("Accept"))), "http")]),
        ),
        (
            "CATALOG003",
            of(vec![check("passing", Some(("TLSSkipVerify", true.into())), "http")]),
            of(vec![check("passing", Some(("TLSSkipVerify", false.into())), "http")]),
        ),
        (
            "CATALOG004",
            at(
                "2027-01-01",
                vec![check("critical", None, "http"), token(1).with("CreateIndex", 20u64)],
            ),
            at(
                "2027-01-01",
                vec![check("passing", None, "http"), token(1).with("CreateIndex", 20u64)],
            ),
        ),
        ("QUERY001", of(vec![query().with("Token", id(3))]), of(vec![query()])),
        ("QUERY002", of(vec![template("")]), of(vec![template("geo-")])),
        (
            "QUERY003",
            of(vec![query().with("Session", id(7))]),
            of(vec![query().with("Session", id(7)), session("10s", &["serfHealth"])]),
        ),
        (
            "PEER001",
            of(vec![peering::secret(&id(8), &id(9))]),
            of(vec![peering::peering(&id(8), "east", 10)]),
        ),
        (
            "PEER002",
            at("2040-01-01", vec![bundle(connect::ROOT_CERT)]),
            of(vec![bundle(connect::ROOT_CERT)]),
        ),
        (
            "PEER003",
            at("2036-11-01", vec![bundle(connect::ROOT_CERT)]),
            of(vec![bundle(connect::ROOT_CERT)]),
        ),
        ("PEER004", of(vec![peer_in_state(1)]), of(vec![peer_in_state(3)])),
        ("PEER005", of(vec![exported("*")]), of(vec![exported("web")])),
        ("PEER006", of(vec![peer_in_state(4)]), of(vec![peer_in_state(3)])),
        (
            "OPS001",
            of(vec![key("a", &"x".repeat(524_289))]),
            of(vec![key("a", &"x".repeat(524_288))]),
        ),
        ("OPS002", of(folder(100_000)), of(folder(1_000))),
        ("OPS003", of(graves(10_000)), of(graves(1_000))),
        (
            "OPS004",
            of(vec![kv::locked("a", "", 0, 10, &id(7), 1)]),
            of(vec![kv::locked("a", "", 0, 10, &id(7), 1), session("10s", &["serfHealth"])]),
        ),
        (
            "OPS005",
            of(vec![session("", &["serfHealth"])]),
            of(vec![session("10s", &["serfHealth"])]),
        ),
        ("OPS006", of(vec![session("", &[])]), of(vec![session("", &["serfHealth"])])),
        ("OPS007", voters(1), voters(3)),
        ("OPS008", voters(4), voters(3)),
        (
            "OPS009",
            of(vec![cluster::chunking_state(7, 2, &[Some(b"x"), None])]),
            of(vec![cluster::chunking_state_idle()]),
        ),
        (
            "OPS010",
            of(vec![server("a", "1.21.4"), server("b", "1.20.1")]),
            of(vec![server("a", "1.21.4"), server("b", "1.21.4")]),
        ),
        (
            "OPS011",
            of(vec![cluster::autopilot(V, 10).with("CleanupDeadServers", false)]),
            of(vec![cluster::autopilot(V, 10)]),
        ),
        ("OPS016", of(vec![link(1)]), of(vec![link(2)])),
        ("OPS013", of(vec![kv::entry("", "x", 0, 9)]), of(vec![kv::entry("a", "x", 0, 9)])),
        ("OPS012", of(vec![server("a", "1.16.0")]), of(vec![server("a", "2.0.3+ent")])),
        (
            "OPS014",
            of(vec![key("up/..%2Fetc/foo", "")]),
            of(vec![key("a b", ""), key("con..fig", ""), key("50%", "")]),
        ),
        (
            "OPS015",
            of(vec![key("acme - host.example", "")]),
            of(vec![key("a/b-c_d.e,f?g&h=i", ""), key("trail ", "")]),
        ),
    ]
}

/// A resource of the second catalog.
fn resource(of: [&str; 3], name: &str, data: &Message) -> Record {
    let [group, version, kind] = of;
    let of = Message::new().text(1, group).text(2, version).text(3, kind);
    let tenancy = Message::new().text(1, "default").text(2, "default");
    let name = Message::new().text(1, id(1)).text(2, name).message(3, &of).message(4, &tenancy);
    let url = format!("type.googleapis.com/hashicorp.consul.{group}.{version}.{kind}");
    let any = Message::new().text(1, url).text(2, data.clone().into_bytes());
    let message = Message::new().message(1, &name).text(3, "10").text(4, id(2)).message(7, &any);
    Record::new(42, Val::Raw(message.into_bytes()))
}

fn identity(name: &str) -> Record {
    resource(["auth", "v2beta1", "WorkloadIdentity"], name, &Message::new())
}

/// Permissions that allow, or deny, an identity (or everyone, if it is empty) everything.
fn permission(source: &str) -> Message {
    Message::new().message(1, &Message::new().text(1, source))
}

fn traffic(to: &str, source: &str, action: u64) -> Record {
    let data = Message::new()
        .message(1, &Message::new().text(1, to))
        .number(2, action)
        .message(3, &permission(source));
    resource(["auth", "v2beta1", "TrafficPermissions"], "p", &data)
}

fn traffic_of(kind: &str, source: &str, action: u64) -> Record {
    let data = Message::new().number(1, action).message(2, &permission(source));
    resource(["auth", "v2beta1", kind], "p", &data)
}

fn exports(kind: &str, peers: &[&str]) -> Record {
    let consumer = |peer: &&str| Message::new().text(1, *peer);
    let data = peers.iter().map(consumer).fold(Message::new(), |data, c| data.message(1, &c));
    resource(["multicluster", "v2", kind], "e", &data)
}

fn proxy(mode: u64) -> Record {
    let data = Message::new().message(2, &Message::new().number(3, mode));
    resource(["mesh", "v2beta1", "ProxyConfiguration"], "p", &data)
}

fn link(access: u64) -> Record {
    let data = Message::new().text(1, "r").text(2, "c").number(5, access);
    resource(["hcp", "v2", "Link"], "global", &data)
}

/// What is asked of both catalogs, in the second one.
#[test]
fn the_second_catalog_is_audited() {
    const ALLOW: u64 = 2;
    const DENY: u64 = 1;
    let namespace = "NamespaceTrafficPermissions";
    let partition = "PartitionTrafficPermissions";
    for (rule, triggers, doesnt) in [
        ("MESH001", traffic_of(namespace, "", ALLOW), traffic_of(namespace, "", DENY)),
        ("MESH001", traffic_of(partition, "", ALLOW), traffic_of(partition, "web", ALLOW)),
        ("MESH002", traffic("web", "", ALLOW), traffic("web", "", DENY)),
        ("MESH002", traffic("web", "", ALLOW), traffic("web", "api", ALLOW)),
        ("MESH006", proxy(2), proxy(1)),
        (
            "PEER005",
            exports("NamespaceExportedServices", &["east"]),
            exports("NamespaceExportedServices", &[]),
        ),
        (
            "PEER005",
            exports("PartitionExportedServices", &["east", "west"]),
            exports("ExportedServices", &["east"]),
        ),
    ] {
        assert_eq!(found(rule, of(vec![triggers.clone()])), 1, "{rule}: {triggers:?}");
        assert_eq!(found(rule, of(vec![doesnt.clone()])), 0, "{rule}: {doesnt:?}");
    }
    // Permissions of a namespace or partition are for all identities there.
    for kind in [namespace, partition] {
        let records = vec![identity("web"), traffic_of(kind, "web", ALLOW)];
        assert_eq!(found("MESH011", of(records)), 0, "{kind}");
    }
    let secret = Message::new().text(2, "client").text(3, "Zx9-kQ2vT7mB4nL8sR3wY6pH1dF5gJ0c");
    for kind in ["Link", "TelemetryState"] {
        let record = resource(["hcp", "v2", kind], "global", &secret);
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), "x.snap", &SnapshotSpec::new(vec![record]).snap());
        let all = findings(&path, &["--at", TODAY]);
        let is_secret = |finding: &&serde_json::Value| {
            finding["rule"].as_str().unwrap().starts_with("SECRET")
                && finding["field"] == "data.clientSecret"
        };
        assert_eq!(all.iter().filter(is_secret).count(), 1, "{kind}: {all:?}");
    }
}

fn found(rule: &str, shown: Shown) -> usize {
    let mut spec = SnapshotSpec::new(shown.records);
    let server = |n: u64| Server { suffrage: 0, id: id(n), address: format!("10.0.0.{n}:8300") };
    spec.meta.servers = (1..=shown.voters).map(server).collect();
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    let all = findings(&path, &["--at", shown.at]);
    all.iter().filter(|finding| finding["rule"] == rule).count()
}

#[test]
fn every_rule_is_triggered_and_not() {
    let cases = cases();
    let covered: BTreeSet<&str> = cases.iter().map(|(rule, ..)| *rule).collect();
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(covered, all);
    let mut wrong = Vec::new();
    for (rule, triggers, doesnt) in cases {
        if found(rule, triggers) == 0 {
            wrong.push(format!("{rule} is not triggered"));
        }
        if found(rule, doesnt) > 0 {
            wrong.push(format!("{rule} is triggered by what it should pass"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
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
