//! Which resource protects objects of a kind.

use super::resource::Resource;
use snapscope_objects::kind::KindId;

/// Kinds, and the resources that protect their objects, each with the field that has the name.
type Protected = (&'static [KindId], &'static [(Resource, &'static str)]);

const PROTECTED: [Protected; 10] = [
    (&[KindId::Kv, KindId::Keys, KindId::Locks, KindId::Tombstones], &[(Resource::Key, "Key")]),
    (&[KindId::Nodes, KindId::Coordinates], &[(Resource::Node, "Node")]),
    (&[KindId::Services], &[(Resource::Service, "Name")]),
    (
        &[KindId::Instances, KindId::Checks],
        &[(Resource::Node, "Node"), (Resource::Service, "ServiceName")],
    ),
    (&[KindId::Sessions], &[(Resource::Session, "Node")]),
    (&[KindId::Queries], &[(Resource::Query, "Name")]),
    (&[KindId::Intentions], &[(Resource::Intention, "DestinationName")]),
    (&[KindId::Tokens, KindId::Policies, KindId::Roles], &[(Resource::Acl, "")]),
    (&[KindId::BindingRules, KindId::AuthMethods], &[(Resource::Acl, "")]),
    (&[KindId::Peerings, KindId::TrustBundles], &[(Resource::Peering, "")]),
];

/// The resources that protect the objects of a kind, each with the field that has the name; the field
/// is empty if the resource has no names. A reader needs access to all of them; a check of a node has
/// no service. `None` if one resource does not decide for all objects of the kind.
#[must_use]
pub fn protecting(kind: KindId) -> Option<&'static [(Resource, &'static str)]> {
    let (_, resources) = PROTECTED.iter().find(|(kinds, _)| kinds.contains(&kind))?;
    Some(*resources)
}
