//! The mesh's certificate authority and legacy intentions.

use super::{Record, fake_hash, kind};
use crate::msgpack::{Val, time};
use crate::shapes::{ConsulVersion, build};

/// The cluster ID in [`ROOT_CERT`] and [`ca_config`].
pub const CLUSTER_ID: &str = "7e57c0de-0000-4000-8000-000000000001";
/// A self-signed CA certificate for tests, valid from 2026-11-23 to 2036-11-20.
pub const ROOT_CERT: &str = include_str!("connect-root.pem");
/// The private key of [`ROOT_CERT`], which protects nothing.
pub const ROOT_KEY: &str = include_str!("connect-root-key.pem");
/// The SHA-1 fingerprint of [`ROOT_CERT`], which is its ID in Consul.
pub const ROOT_ID: &str = "7a:f6:f4:76:22:a1:28:40:0c:69:f9:f0:8d:de:2b:81:bf:92:7e:5a";

/// The ID of the state of a primary datacenter's built-in CA, if neither key nor certificate is configured. With any
/// other ID, a server would not find the state, create a new root and refuse the restore.
fn provider_id(version: ConsulVersion) -> &'static str {
    if version < ConsulVersion::V1_14_7 {
        "07:80:c8:de:f6:41:86:29:8f:9c:b8:17:d6:48:c2:d5:c5:5c:7f:0c:03:f7:cf:97:5a:a7:c1:68:aa:23:ae:81"
    } else {
        "fb:50:9b:45:1a:65:15:c1:68:57:73:5f:da:cd:b8:0d:0f:e2:26:eb:68:66:43:11:85:9d:67:a9:7a:56:9c:b9"
    }
}

/// 2026-11-23T15:35:19Z and 2036-11-20T15:35:19Z, as in the certificate.
const VALID: (i64, i64) = (1_795_448_119, 2_110_808_119);

/// The CA root with [`ROOT_CERT`].
#[must_use]
pub fn ca_root(version: ConsulVersion, active: bool, index: u64) -> Record {
    let fields = vec![
        ("ID", ROOT_ID.into()),
        ("Name", "Consul CA Root Cert".into()),
        ("SerialNumber", 10u64.into()),
        ("SigningKeyID", "32:5c:09:25:80:66:8b:ca:df:32:bf:89:e6:d5:9c:f1:83:de:4d:45".into()),
        ("ExternalTrustDomain", CLUSTER_ID.into()),
        ("NotBefore", time(VALID.0, 0, -1)),
        ("NotAfter", time(VALID.1, 0, -1)),
        ("RootCert", ROOT_CERT.into()),
        ("Active", active.into()),
        ("PrivateKeyType", "ec".into()),
        ("PrivateKeyBits", 256u64.into()),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::CONNECT_CA, build("ConnectCA", version, fields))
}

/// The built-in CA's state, which holds the private key.
#[must_use]
pub fn ca_provider_state(version: ConsulVersion, index: u64) -> Record {
    let fields = vec![
        ("ID", provider_id(version).into()),
        ("PrivateKey", ROOT_KEY.into()),
        ("RootCert", ROOT_CERT.into()),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::CONNECT_CA_PROVIDER_STATE, build("ConnectCAProviderState", version, fields))
}

/// The CA's configuration.
#[must_use]
pub fn ca_config(version: ConsulVersion, index: u64) -> Record {
    let config = Val::Map(vec![
        ("LeafCertTTL".into(), "72h".into()),
        ("RotationPeriod".into(), "2160h".into()),
        ("IntermediateCertTTL".into(), "8760h".into()),
    ]);
    let fields = vec![
        ("ClusterID", CLUSTER_ID.into()),
        ("Provider", "consul".into()),
        ("Config", config),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::CONNECT_CA_CONFIG, build("ConnectCAConfig", version, fields))
}

/// An intention in the form 1.8.7 stores; newer servers keep them in `service-intentions` config entries.
#[must_use]
pub fn intention(
    version: ConsulVersion,
    id: &str,
    source: &str,
    destination: &str,
    action: &str,
    index: u64,
) -> Record {
    let when = || time(super::acl::CREATED, 0, -1);
    let fields = vec![
        ("ID", id.into()),
        ("SourceNS", "default".into()),
        ("SourceName", source.into()),
        ("DestinationNS", "default".into()),
        ("DestinationName", destination.into()),
        ("SourceType", "consul".into()),
        ("Action", action.into()),
        ("Meta", Val::Map(vec![])),
        ("Precedence", if source == "*" { 8u64 } else { 9 }.into()),
        ("CreatedAt", when()),
        ("UpdatedAt", when()),
        ("Hash", fake_hash(id)),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::INTENTION, build("Intention", version, fields))
}
