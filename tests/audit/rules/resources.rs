//! Rules for both catalogs, applied to the second one.

use super::{TODAY, found, id, of};
use crate::audit::findings;
use crate::support::write;
use snapscope_testkit::protobuf::Message;
use snapscope_testkit::records::Record;
use snapscope_testkit::{SnapshotSpec, Val};

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

pub(super) fn identity(name: &str) -> Record {
    resource(["auth", "v2beta1", "WorkloadIdentity"], name, &Message::new())
}

/// Permissions that allow or deny an identity everything; an empty identity means everyone.
fn permission(source: &str) -> Message {
    Message::new().message(1, &Message::new().text(1, source))
}

pub(super) fn traffic(to: &str, source: &str, action: u64) -> Record {
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

pub(super) fn link(access: u64) -> Record {
    let data = Message::new().text(1, "r").text(2, "c").number(5, access);
    resource(["hcp", "v2", "Link"], "global", &data)
}

/// Rules for both catalogs, in the second one.
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
    // Permissions of a namespace or partition apply to all identities in it.
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
