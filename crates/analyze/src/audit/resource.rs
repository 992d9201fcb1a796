//! Resources of the second catalog: open permissions.

use super::finding::{Finding, Findings};
use super::messages::all;
use super::rules::MESH002;
use snapscope_decode::protobuf::{FieldValue, fields};
use snapscope_decode::records::ResourceRef;

/// `ACTION_ALLOW` of permissions.
const ALLOW: u64 = 2;

/// As `list resources` names it.
pub(super) fn name_of(message: &[u8]) -> Vec<u8> {
    let id = ResourceRef::part(message, 1);
    let (of, tenancy) = (ResourceRef::part(id, 3), ResourceRef::part(id, 4));
    let parts = [(of, 1), (of, 2), (of, 3), (tenancy, 1), (tenancy, 2), (id, 2)];
    let parts = parts.map(|(message, number)| ResourceRef::part(message, number));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&b'/')
}

/// The Raft index at which it was written, which a resource stores as text.
pub(super) fn index_of(resource: &ResourceRef<'_>) -> u64 {
    str::from_utf8(resource.version.0).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Permissions of a workload identity that admit everyone in a namespace.
pub(super) fn permissions(number: u64, resource: &ResourceRef<'_>, out: &mut Findings) {
    let [group, _, kind] = resource.type_name();
    if (group.0, kind.0) != (b"auth", b"TrafficPermissions") {
        return;
    }
    let (_, data) = resource.data();
    let action = fields(data).map_while(Result::ok).filter(|field| field.number == 2).last();
    if !action.is_some_and(|field| matches!(field.value, FieldValue::Varint(ALLOW))) {
        return;
    }
    let limited = |permission| all(permission, 2).next().is_some();
    let open = all(data, 3).filter(|permission| !limited(permission)).any(|permission| {
        // Neither an identity, nor a peer, nor a group, nor exceptions.
        all(permission, 1).any(|source| {
            [1, 4, 5, 6].iter().all(|field| ResourceRef::part(source, *field).is_empty())
        })
    });
    if open {
        let to = String::from_utf8_lossy(ResourceRef::part(ResourceRef::part(data, 1), 1));
        let message = format!("* => {to} is allowed");
        let id = name_of(resource.message);
        out.add(Finding::new(&MESH002, "resource", id, message).at(number, index_of(resource)));
    }
}
