//! Checks, prepared queries, other clusters.

use super::{Case, V, at, id, list, of, session, token};
use snapscope_testkit::Val;
use snapscope_testkit::msgpack::{structure, texts};
use snapscope_testkit::protobuf::Message;
use snapscope_testkit::records::catalog::{Check, Node, Service};
use snapscope_testkit::records::{Record, catalog, config, connect, peering, set};

pub(super) fn cases() -> Vec<Case> {
    vec![
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
    ]
}

fn header(name: &str) -> Val {
    Val::Map(vec![(name.into(), texts(&["x"]))])
}

fn query() -> Record {
    catalog::prepared_query(V, &id(9), "q", "web", 10)
}

fn template(name: &str) -> Record {
    catalog::prepared_query(V, &id(9), name, "web", 10)
        .with("Template", structure([("Type", "name_prefix_match".into())]))
}

fn exported(name: &str) -> Record {
    let consumer = structure([("Peer", "east".into())]);
    let service = structure([("Name", name.into()), ("Consumers", list(consumer))]);
    config::entry(V, "exported-services", "default", vec![("Services", list(service))], 10)
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

fn peer_in_state(state: u64) -> Record {
    let message = Message::new().text(1, id(8)).text(2, "east").number(6, state).number(12, 10);
    Record::new(35, Val::Raw(message.into_bytes()))
}

fn bundle(pem: &str) -> Record {
    let message = Message::new().text(2, "east").texts(4, &[pem]).number(7, 10);
    Record::new(38, Val::Raw(message.into_bytes()))
}
