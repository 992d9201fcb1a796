//! The mesh's CA, and certificates in config entries.

use super::{Case, V, at, of};
use snapscope_testkit::Val;
use snapscope_testkit::msgpack::texts;
use snapscope_testkit::records::{Record, config, connect};

/// A self-signed certificate with an RSA key of 1024 bits, made for this test.
const WEAK_ROOT: &str = include_str!("../weak-root.pem");
/// A key that belongs to no certificate.
const OTHER_KEY: &str = include_str!("../other-key.pem");

pub(super) fn cases() -> Vec<Case> {
    vec![
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
    ]
}

fn ca_config(field: &str) -> Record {
    connect::ca_config(V, 10).with("Config", Val::Map(vec![(field.into(), "not-empty".into())]))
}

fn root_of(pem: &str) -> Record {
    connect::ca_root(V, true, 10).with("RootCert", pem)
}

fn inline(certificate: &str, private_key: &str) -> Record {
    let fields = vec![("Certificate", certificate.into()), ("PrivateKey", private_key.into())];
    config::entry(V, "inline-certificate", "cert", fields, 10)
}
