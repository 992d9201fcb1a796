//! Decides which objects a reader may see.

use super::ask::Ask;
use snapscope_analyze::acl::{Access, Resource, protecting};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::row::Row;

/// Whether the reader may see an object. A check of a node has no service name. Objects that no
/// resource protects need `operator:read`.
pub(super) fn may_see(ask: &Ask<'_>, row: &Row) -> bool {
    let Some(needed) = protecting(row.kind.id) else {
        return ask.may(Resource::Operator, Access::Read, b"");
    };
    needed.iter().all(|(resource, field)| {
        let name = row.text(field);
        let is_of_node =
            *resource == Resource::Service && row.kind.id == KindId::Checks && name.is_empty();
        is_of_node || ask.may(*resource, Access::Read, name)
    })
}

/// The fields on which the decision depends.
pub(super) fn fields(kind: &ObjectKind) -> impl Iterator<Item = &'static str> {
    protecting(kind.id).into_iter().flatten().map(|(_, field)| *field)
}
