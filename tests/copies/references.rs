//! References between objects: objects that a selection includes without naming them.

use super::rewritten;
use crate::support::{split, write};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::msgpack::{Val, structure, user_map};
use snapscope_testkit::protobuf::Message;
use snapscope_testkit::records::{Record, acl, catalog, cluster, config, connect, kind, peering};
use snapscope_testkit::shapes::{ConsulVersion, build};

const V: ConsulVersion = ConsulVersion::V1_21_4;
const PEER_KINDS: [u8; 3] = [kind::PEERING, kind::PEERING_TRUST_BUNDLE, kind::PEERING_SECRET];
/// The type of tokens before 1.4, and of resources.
const LEGACY_ACL: u8 = 4;
const RESOURCE: u8 = 42;

/// Type and bytes of each extracted record.
fn extracted(records: &[Record], more: &[&str]) -> Vec<(u8, Vec<u8>)> {
    let dir = tempfile::tempdir().unwrap();
    let snap = SnapshotSpec::new(records.to_vec()).in_section_order().snap();
    let input = write(dir.path(), "in.snap", &snap);
    let state = rewritten("extract", &input, more);
    split(&state).into_iter().map(|(kind, bytes)| (kind, bytes.to_vec())).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Two peerings with all their objects.
fn peerings() -> Vec<Record> {
    let mut records = Vec::new();
    for (n, name) in ["west", "east"].into_iter().enumerate() {
        let id = format!("abababab-0000-4000-8000-00000000000{n}");
        records.push(peering::peering(&id, name, 97));
        records.push(peering::trust_bundle(name, 98));
        records.push(peering::secret(&id, &format!("99999999-0000-4000-8000-00000000000{n}")));
    }
    records
}

/// Number of records of peerings that a record brings, and whether those of `east` are among them.
fn peers_with(record: Record, more: &[&str]) -> (usize, bool) {
    let mut records = peerings();
    records.push(record);
    let kept = extracted(&records, more);
    let peers: Vec<_> = kept.iter().filter(|(kind, _)| PEER_KINDS.contains(kind)).collect();
    let east = peers.iter().any(|(_, bytes)| {
        holds(bytes, "east") || holds(bytes, "abababab-0000-4000-8000-000000000001")
    });
    (peers.len(), east)
}

fn list(items: Vec<Val>) -> Val {
    Val::Array(items)
}

fn with_peer(of: &str, mut fields: Vec<(&str, Val)>) -> Val {
    fields.push(("Peer", "west".into()));
    build(of, V, fields)
}

#[test]
fn peers_that_config_entries_name_come_with_what_belongs_to_them() {
    let entry = |kind: &str, fields| config::entry(V, kind, "web", fields, 60);
    let exported = build(
        "ExportedService",
        V,
        vec![
            ("Name", "web".into()),
            ("Consumers", list(vec![with_peer("ServiceConsumer", vec![])])),
        ],
    );
    let target = with_peer("ServiceResolverFailoverTarget", vec![]);
    let failover = build("ServiceResolverFailover", V, vec![("Targets", list(vec![target]))]);
    let defaults = list(vec![with_peer("UpstreamConfig", vec![("Name", "db".into())])]);
    let entries = [
        entry("exported-services", vec![("Services", list(vec![exported]))]),
        entry(
            "sameness-group",
            vec![("Members", list(vec![with_peer("SamenessGroupMember", vec![])]))],
        ),
        entry("service-resolver", vec![("Redirect", with_peer("ServiceResolverRedirect", vec![]))]),
        entry("service-resolver", vec![("Failover", Val::Map(vec![("*".into(), failover)]))]),
        entry(
            "service-intentions",
            vec![(
                "Sources",
                list(vec![with_peer("SourceIntention", vec![("Name", "api".into())])]),
            )],
        ),
        entry(
            "service-defaults",
            vec![(
                "UpstreamConfig",
                build("UpstreamConfiguration", V, vec![("Overrides", defaults)]),
            )],
        ),
    ];
    for record in entries {
        let of = |more: &[&str]| peers_with(record.clone(), more);
        assert_eq!(of(&["--only", "config-entries"]), (3, false), "{record:?}");
        assert_eq!(of(&["--only", "config-entries", "--no-deps"]), (0, false));
        assert_eq!(of(&["--only", "config-entries", "--drop", "peerings"]), (0, false));
        assert_eq!(of(&["--only", "config-entries", "--drop", "PeeringSecret"]), (2, false));
        assert_eq!(of(&["--drop", "config-entries"]).0, 6);
    }
    // Notes by users do not count as references.
    let noted = entry("service-defaults", vec![("Meta", user_map(&[("Peer", "west")]))]);
    assert_eq!(peers_with(noted, &["--only", "config-entries"]), (0, false));
}

#[test]
fn peers_that_queries_and_proxies_name_come_too() {
    let target = with_peer("QueryFailoverTarget", vec![]);
    let failover = build("QueryFailoverOptions", V, vec![("Targets", list(vec![target]))]);
    let service = build("ServiceQuery", V, vec![("Service", "web".into()), ("Failover", failover)]);
    let id = "12121212-0000-4000-8000-000000000001";
    let query = catalog::prepared_query(V, id, "q", "web", 95).with("Service", service);
    assert_eq!(peers_with(query.clone(), &["--only", "queries"]), (3, false));
    assert_eq!(peers_with(query, &["--only", "queries", "--no-deps"]), (0, false));

    let upstream = build(
        "Upstream",
        V,
        vec![("DestinationName", "db".into()), ("DestinationPeer", "west".into())],
    );
    let proxy = build("ConnectProxyConfig", V, vec![("Upstreams", list(vec![upstream]))]);
    let node = catalog::Node::new("node-a", "aaaaaaaa-0000-4000-8000-000000000001", 10);
    let mut service = catalog::Service::new("web-proxy", "web-proxy", 20);
    service.kind = "connect-proxy".into();
    let value = match service.value(V, "") {
        Val::Map(fields) => {
            let other = |(name, value): (Val, Val)| {
                let is_proxy = name == Val::from("Proxy");
                (name, if is_proxy { proxy.clone() } else { value })
            };
            Val::Map(fields.into_iter().map(other).collect())
        }
        other => other,
    };
    let record = node.service_record(V, &service).with("Service", value);
    assert_eq!(peers_with(record.clone(), &["--only", "services"]), (3, false));
    assert_eq!(peers_with(record, &["--only", "services", "--no-deps"]), (0, false));
}

#[test]
fn parts_of_a_peering_come_together() {
    let records = peerings();
    let count = |more: &[&str]| extracted(&records, more).len();
    assert_eq!(count(&["--only", "Peering"]), 6);
    assert_eq!(count(&["--only", "PeeringTrustBundle"]), 6);
    assert_eq!(count(&["--only", "PeeringSecret", "--no-deps"]), 0);
    assert_eq!(count(&["--filter", "peerings=Name == west"]), 3);
}

#[test]
fn sameness_groups_come_with_what_names_them() {
    let group = |name: &str| config::entry(V, "sameness-group", name, vec![], 60);
    let service =
        build("ServiceQuery", V, vec![("Service", "web".into()), ("SamenessGroup", "all".into())]);
    let id = "12121212-0000-4000-8000-000000000001";
    let query = catalog::prepared_query(V, id, "q", "web", 95).with("Service", service);
    let consumer = build("ServiceConsumer", V, vec![("SamenessGroup", "all".into())]);
    let exported = build(
        "ExportedService",
        V,
        vec![("Name", "web".into()), ("Consumers", list(vec![consumer]))],
    );
    let fields = vec![("Services", list(vec![exported]))];
    let exports = config::entry(V, "exported-services", "default", fields, 61);
    let groups = |record: &Record, more: &[&str]| {
        let records = [group("all"), group("other"), record.clone()];
        let kept = extracted(&records, more);
        let groups: Vec<_> =
            kept.iter().filter(|(_, bytes)| holds(bytes, "sameness-group")).collect();
        (groups.len(), groups.iter().any(|(_, bytes)| holds(bytes, "other")))
    };
    assert_eq!(groups(&query, &["--only", "queries"]), (1, false));
    assert_eq!(groups(&query, &["--only", "queries", "--no-deps"]), (0, false));
    let filter = ["--filter", "config-entries=Kind == \"exported-services\""];
    assert_eq!(groups(&exports, &filter), (1, false));
}

#[test]
fn tokens_of_old_servers_come_with_their_queries() {
    let secret = "ffffffff-0000-4000-8000-000000000001";
    let legacy = structure([
        ("CreateIndex", 5u64.into()),
        ("ID", secret.into()),
        ("ModifyIndex", 5u64.into()),
        ("Name", "of old".into()),
        ("Rules", "".into()),
        ("Type", "client".into()),
    ]);
    let id = "12121212-0000-4000-8000-000000000001";
    let query =
        catalog::prepared_query(ConsulVersion::V1_8_7, id, "q", "web", 9).with("Token", secret);
    let records = [Record::new(LEGACY_ACL, legacy), query];
    let of = |more: &[&str]| {
        let kept = extracted(&records, more);
        let tokens = kept.iter().filter(|(kind, _)| *kind == LEGACY_ACL).count();
        let mut queries = kept.iter().filter(|(kind, _)| *kind == kind::PREPARED_QUERY);
        (tokens, queries.any(|(_, bytes)| holds(bytes, secret)))
    };
    assert_eq!(of(&["--only", "queries"]), (1, true));
    assert_eq!(of(&["--only", "queries", "--no-deps"]), (0, false));
    assert_eq!(of(&["--drop", "tokens"]), (0, false));
    assert_eq!(of(&["--drop", "queries"]), (1, false));
}

fn resource_type(kind: &str) -> Message {
    Message::new().text(1, "catalog").text(2, "v2beta1").text(3, kind)
}

fn tenancy() -> Message {
    Message::new().text(1, "default").text(2, "default")
}

/// The `ID` message of a resource.
fn resource_id(kind: &str, name: &str) -> Message {
    Message::new()
        .text(1, format!("01ARZ3NDEKTSV4RRFFQ69G5{name}"))
        .text(2, name)
        .message(3, &resource_type(kind))
        .message(4, &tenancy())
}

fn resource(kind: &str, name: &str, owner: Option<(&str, &str)>, data: Option<Message>) -> Record {
    let mut message = Message::new().message(1, &resource_id(kind, name));
    if let Some((kind, name)) = owner {
        message = message.message(2, &resource_id(kind, name));
    }
    message = message.text(3, "1");
    if let Some(data) = data {
        message = message.message(7, &data);
    }
    Record::new(RESOURCE, Val::Raw(message.into_bytes()))
}

#[test]
fn resources_come_with_their_owners_and_those_they_name() {
    // A failover policy that names another service, by a reference in its data.
    let reference =
        Message::new().message(1, &resource_type("Service")).message(2, &tenancy()).text(3, "svc2");
    let destination = Message::new().message(1, &reference);
    let config = Message::new().message(1, &destination);
    let data = Message::new()
        .text(1, "type.googleapis.com/hashicorp.consul.catalog.v2beta1.FailoverPolicy")
        .text(2, Message::new().message(1, &config).into_bytes());
    let records = [
        resource("Workload", "wrk1", None, None),
        resource("Workload", "wrk2", None, None),
        resource("HealthStatus", "hst1", Some(("Workload", "wrk1")), None),
        resource("HealthStatus", "hst2", Some(("HealthStatus", "hst1")), None),
        resource("Service", "svc1", None, None),
        resource("Service", "svc2", None, None),
        resource("FailoverPolicy", "svc1", Some(("Service", "svc1")), Some(data)),
        // Owners that own each other.
        resource("Service", "own1", Some(("Service", "own2")), None),
        resource("Service", "own2", Some(("Service", "own1")), None),
    ];
    let kept = |filter: &str, more: &[&str]| {
        let filter = format!("resources={filter}");
        let mut args = vec!["--filter", filter.as_str()];
        args.extend(more);
        let kept = extracted(&records, &args);
        let originals = records.iter().map(|record| {
            let mut bytes = Vec::new();
            record.encode(&mut bytes);
            kept.iter().any(|(_, other)| *other == bytes)
        });
        let names = ["w1", "w2", "h1", "h2", "s1", "s2", "f1", "o1", "o2"];
        let names = names.into_iter().zip(originals).filter(|(_, is_kept)| *is_kept);
        names.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kept("id.name == hst2", &[]), "w1 h1 h2");
    assert_eq!(kept("id.type.kind == FailoverPolicy", &[]), "s1 s2 f1");
    assert_eq!(kept("id.name == own1", &[]), "o1 o2");
    assert_eq!(kept("id.type.kind == Workload", &[]), "w1 w2");
    // Without what it needs, an owned resource is left out with its owner.
    assert_eq!(kept("id.name == hst2", &["--no-deps"]), "");
    assert_eq!(kept("id.name == wrk2", &["--no-deps"]), "w2");
}

#[test]
fn what_only_makes_sense_together_comes_together() {
    let node = catalog::Node::new("node-a", "aaaaaaaa-0000-4000-8000-000000000001", 10);
    let records = [
        connect::ca_root(V, true, 10),
        connect::ca_provider_state(V, 11),
        connect::ca_config(V, 12),
        catalog::service_virtual_ip(V, "web", "", 1, 13),
        catalog::free_virtual_ip(1, true),
        node.record(V),
        node.service_record(V, &catalog::Service::new("web", "web", 20)),
        cluster::index("connect-ca-roots", 10),
        acl::auth_method(V, "unrelated", 30),
    ];
    let kinds = |more: &[&str]| -> Vec<u8> {
        let mut kinds: Vec<u8> = extracted(&records, more).iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };
    let ca = [13, 14, 15, 16];
    assert_eq!(kinds(&["--only", "ConnectCA"]), ca);
    assert_eq!(kinds(&["--only", "ConnectCAConfig"]), ca);
    assert_eq!(kinds(&["--only", "ConnectCA", "--no-deps"]), [13, 16]);
    assert_eq!(kinds(&["--only", "connect", "--drop", "ConnectCAConfig"]), [13, 14, 16]);
    assert_eq!(kinds(&["--only", "services"]), [0, 32, 33]);
    assert_eq!(kinds(&["--only", "services", "--drop", "virtual-ips"]), [0]);
    assert_eq!(kinds(&["--only", "ServiceVirtualIP"]), [32, 33]);
    assert_eq!(kinds(&["--only", "Register", "--no-deps"]), [0]);
}

/// A name of both an auth method and a peer means two things.
#[test]
fn one_name_of_two_kinds_of_objects_is_two_objects() {
    let node = catalog::Node { peer: "west".into(), ..catalog::Node::new("far", "", 95) };
    let mut records = peerings();
    records.push(node.record(V));
    records.push(acl::auth_method(V, "west", 90));
    let kept = extracted(&records, &["--drop", "auth-methods"]);
    assert_eq!(kept.len(), records.len() - 1);
}
