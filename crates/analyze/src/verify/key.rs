//! The sort key of a record in its section, which also identifies its object.

use crate::registration::Registration;
use snapscope_decode::records::Record;
use snapscope_decode::schema::{FieldError, Text};

/// Separator between the parts of a key.
const SEPARATOR: u8 = 0;

/// The key of what there is one of.
const ONLY: &[u8] = b"the only one";

/// The sort key of a record, in the record or written to `out`; empty if its type has no known order, or its
/// object cannot occur twice. Names of nodes, services and checks are compared without case.
pub(super) fn key_of<'k>(
    record: &Record<'k>,
    out: &'k mut Vec<u8>,
) -> Result<&'k [u8], FieldError> {
    out.clear();
    let own = match record {
        Record::Kv(kv) | Record::Tombstone(kv) => kv.key,
        Record::Session(session) => session.id,
        Record::AclToken(token) => token.secret_id,
        Record::AclPolicy(policy) => policy.id,
        Record::AclRole(role) => role.id,
        Record::AclBindingRule(rule) => rule.id,
        Record::AclAuthMethod(method) => method.name,
        Record::PreparedQuery(query) => query.id,
        Record::Intention(intention) => intention.id,
        Record::CaRoot(root) => root.id,
        Record::CaProviderState(state) => state.id,
        Record::SystemMetadata(metadata) => metadata.key,
        Record::Peering(peering) => peering.name,
        Record::PeeringTrustBundle(bundle) => bundle.peer_name,
        Record::PeeringSecret(secret) => secret.peer_id,
        Record::Autopilot(_) | Record::AclBootstrap(_) | Record::CaConfig(_) => Text(ONLY),
        _ => return written(record, out),
    };
    Ok(own.0)
}

/// A key that differs from what is stored.
fn written<'k>(record: &Record<'_>, out: &'k mut Vec<u8>) -> Result<&'k [u8], FieldError> {
    match record {
        Record::Register(register) => register_key(&Registration::read(*register)?, out),
        Record::Coordinates(coordinates) => {
            if let Some(Some(coordinate)) = coordinates.iter().next().transpose()? {
                parts(&[coordinate.node.0, coordinate.segment.0], out);
                out.make_ascii_lowercase();
            }
        }
        Record::ConfigEntry(entry) => parts(&[entry.kind.0, entry.name().0], out),
        Record::Index(index) => {
            out.extend_from_slice(index.key.0);
            out.make_ascii_lowercase();
        }
        Record::FederationState(record) => {
            if let Some(state) = record.state.get()? {
                out.extend_from_slice(state.datacenter.0);
            }
        }
        Record::ServiceVirtualIp(ip) => {
            let service = ip.service.get()?;
            parts(&[peer(service.peer.0), service.service_name.get()?.name.0], out);
            out.make_ascii_lowercase();
        }
        _ => {}
    }
    Ok(out)
}

/// Imported nodes come first, because nodes without a peer sort as `~`.
fn peer(name: &[u8]) -> &[u8] {
    if name.is_empty() { b"~" } else { name }
}

/// The same for a registration that was read.
pub(super) fn register_key(registration: &Registration<'_>, out: &mut Vec<u8>) {
    let Registration { register, service, check } = registration;
    let (rank, id): (&[u8], &[u8]) = match (service, check) {
        (Some(service), _) => (b"1", service.id.0),
        (None, Some(check)) => (b"2", check.check_id.0),
        (None, None) => (b"0", b""),
    };
    out.clear();
    parts(&[peer(register.peer_name.0), register.node.0, rank, id], out);
    out.make_ascii_lowercase();
}

fn parts(parts: &[&[u8]], out: &mut Vec<u8>) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push(SEPARATOR);
        }
        out.extend_from_slice(part);
    }
}
