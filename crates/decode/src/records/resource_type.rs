//! Resource types.

use crate::protobuf::MessageSchema;
use crate::version::VersionRange;

/// A type of resource that servers register.
#[derive(Debug)]
pub struct ResourceType {
    /// Group, version of the group and kind, with dots between them.
    pub name: &'static str,
    /// The message in its `data`.
    pub message: &'static MessageSchema,
    /// The scope in which a resource's name is unique: `namespace`, `partition`, `cluster`.
    pub scope: &'static str,
    /// The versions that register it.
    pub versions: VersionRange,
}

impl ResourceType {
    /// Registered from one minor version of Consul 1 until another; `until` 0 means no end.
    pub(crate) const fn new(
        name: &'static str,
        message: &'static MessageSchema,
        scope: &'static str,
        since: u32,
        until: u32,
    ) -> Self {
        let versions = VersionRange::since(1, since);
        let versions = if until == 0 { versions } else { versions.until(1, until) };
        Self { name, message, scope, versions }
    }
}
