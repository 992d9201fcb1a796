//! The sort key of a record in its section, which also identifies its object.

use crate::registration::Registration;
use snapscope_decode::records::Record;
use snapscope_decode::schema::FieldError;

/// Separator between the parts of a key.
const SEPARATOR: u8 = 0;

/// Writes the sort key of a record; nothing if its type has no known order, or its object cannot
/// occur twice. Names of nodes, services and checks are compared without case.
pub(super) fn key_of(record: &Record<'_>, out: &mut Vec<u8>) -> Result<(), FieldError> {
    out.clear();
    match record {
        Record::Kv(kv) | Record::Tombstone(kv) => out.extend_from_slice(kv.key.0),
        Record::Register(register) => register_key(&Registration::read(*register)?, out),
        Record::Coordinates(coordinates) => {
            if let Some(Some(coordinate)) = coordinates.iter().next().transpose()? {
                parts(&[coordinate.node.0, coordinate.segment.0], out);
                out.make_ascii_lowercase();
            }
        }
        Record::Session(session) => out.extend_from_slice(session.id.0),
        Record::AclToken(token) => out.extend_from_slice(token.secret_id.0),
        Record::AclPolicy(policy) => out.extend_from_slice(policy.id.0),
        Record::AclRole(role) => out.extend_from_slice(role.id.0),
        Record::AclBindingRule(rule) => out.extend_from_slice(rule.id.0),
        Record::AclAuthMethod(method) => out.extend_from_slice(method.name.0),
        Record::PreparedQuery(query) => out.extend_from_slice(query.id.0),
        Record::Intention(intention) => out.extend_from_slice(intention.id.0),
        Record::CaRoot(root) => out.extend_from_slice(root.id.0),
        Record::CaProviderState(state) => out.extend_from_slice(state.id.0),
        Record::ConfigEntry(entry) => parts(&[entry.kind.0, entry.name().0], out),
        Record::SystemMetadata(metadata) => out.extend_from_slice(metadata.key.0),
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
    Ok(())
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
