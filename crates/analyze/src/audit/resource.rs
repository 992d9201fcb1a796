//! Names and indexes of resources of the second catalog.

use snapscope_decode::records::ResourceRef;

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
