//! Decides which objects a reader may see.

use super::ask::Ask;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::row::Row;

/// The resource that protects objects of a kind, with the field that contains the name. The reader
/// needs read access to all of them.
struct Needed {
    kinds: &'static [KindId],
    resources: &'static [(Resource, &'static str)],
}

const fn needed(
    kinds: &'static [KindId],
    resources: &'static [(Resource, &'static str)],
) -> Needed {
    Needed { kinds, resources }
}

/// Objects of all other kinds need `operator:read`.
const NEEDED: [Needed; 10] = [
    needed(
        &[KindId::Kv, KindId::Keys, KindId::Locks, KindId::Tombstones],
        &[(Resource::Key, "Key")],
    ),
    needed(&[KindId::Nodes, KindId::Coordinates], &[(Resource::Node, "Node")]),
    needed(&[KindId::Services], &[(Resource::Service, "Name")]),
    needed(
        &[KindId::Instances, KindId::Checks],
        &[(Resource::Node, "Node"), (Resource::Service, "ServiceName")],
    ),
    needed(&[KindId::Sessions], &[(Resource::Session, "Node")]),
    needed(&[KindId::Queries], &[(Resource::Query, "Name")]),
    needed(&[KindId::Intentions], &[(Resource::Intention, "DestinationName")]),
    needed(&[KindId::Tokens, KindId::Policies, KindId::Roles], &[(Resource::Acl, "")]),
    needed(&[KindId::BindingRules, KindId::AuthMethods], &[(Resource::Acl, "")]),
    needed(&[KindId::Peerings, KindId::TrustBundles], &[(Resource::Peering, "")]),
];

fn of(kind: &ObjectKind) -> Option<&'static [(Resource, &'static str)]> {
    let row = NEEDED.iter().find(|needed| needed.kinds.contains(&kind.id))?;
    Some(row.resources)
}

/// Whether the reader may see an object. A check of a node has no service name.
pub(super) fn may_see(ask: &Ask<'_>, row: &Row) -> bool {
    let Some(needed) = of(row.kind) else {
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
    of(kind).into_iter().flatten().map(|(_, field)| *field)
}
