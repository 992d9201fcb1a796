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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::indexes::changed;
    use snapscope_decode::stream::KINDS;
    use snapscope_decode::{Kind, frames_of};
    use snapscope_testkit::filled;
    use std::collections::BTreeSet;

    /// The records of all types, by what holds of one of a type.
    fn types(holds: impl Fn(&Record<'_>) -> bool) -> BTreeSet<Kind> {
        let records = filled::records(&mut |_, _| "filled".to_owned());
        let bytes: Vec<u8> = records.iter().flat_map(|record| record.bytes()).collect();
        let frames = frames_of(&bytes).map(Result::unwrap);
        frames.filter(|frame| holds(&frame.record().unwrap())).map(|frame| frame.kind).collect()
    }

    fn others(those: &BTreeSet<Kind>) -> Vec<Kind> {
        let all = KINDS.iter().filter(|info| info.section.is_some()).map(|info| Kind(info.number));
        all.filter(|kind| !those.contains(kind)).collect()
    }

    #[test]
    fn every_record_type_has_a_key_or_is_known_to_have_none() {
        let keyed = types(|record| !key_of(record, &mut Vec::new()).unwrap().is_empty());
        let without = [
            Kind::ACL,
            Kind::COORDINATE_BATCH_UPDATE, // a list, which is not among the records here
            Kind::CHUNKING_STATE,
            Kind::FREE_VIRTUAL_IP,
            Kind::RESOURCE,
            Kind::FEATURE_GATE,
        ];
        assert_eq!(others(&keyed), without);
    }

    #[test]
    fn every_record_type_has_indexes_or_is_known_to_have_none() {
        let indexed = types(|record| changed(record).unwrap().is_some());
        let without = [
            Kind::REGISTER, // three objects
            Kind::KVS,      // see `Indexes::kv`
            Kind::ACL,
            Kind::COORDINATE_BATCH_UPDATE,
            Kind::AUTOPILOT,
            Kind::ACL_BOOTSTRAP,
            Kind::INDEX,
            Kind::CHUNKING_STATE,
            Kind::FREE_VIRTUAL_IP,
            Kind::PEERING_SECRET,
            Kind::RESOURCE,
            Kind::FEATURE_GATE,
        ];
        assert_eq!(others(&indexed), without);
    }
}
