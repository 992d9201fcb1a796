//! The list of resources in questions.

use super::version::{IDENTITY, INTENTIONS, MESH, NODE_RULES, PEERING, ServerVersion};
use snapscope_decode::VersionRange;
use std::fmt;

/// A row: documentation, the variant, its name in questions, whether there is only one or each has
/// a name, and the versions that support it.
macro_rules! resources {
    ($($(#[$doc:meta])* $resource:ident $word:literal $count:ident $versions:expr;)*) => {
        /// A resource, named as in `/v1/internal/acl/authorize`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Resource {
            $($(#[$doc])* $resource,)*
        }

        impl Resource {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$resource,)*];

            /// Its name in questions.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$resource => $word,)*
                }
            }

            /// Whether it has segments; otherwise the segment has no effect.
            #[must_use]
            pub const fn has_segments(self) -> bool {
                match self {
                    $(Self::$resource => resources!(@has_segments $count),)*
                }
            }

            /// The versions that support it.
            #[must_use]
            pub const fn versions(self) -> VersionRange {
                match self {
                    $(Self::$resource => $versions,)*
                }
            }
        }
    };
    (@has_segments one) => { false };
    (@has_segments many) => { true };
}

resources! {
    /// Tokens, policies, roles, auth methods, and snapshots.
    Acl "acl" one VersionRange::ALL;
    /// An agent, by node name.
    Agent "agent" many NODE_RULES;
    /// A user event.
    Event "event" many VersionRange::ALL;
    /// A workload identity (1.17 to 1.19).
    Identity "identity" many IDENTITY;
    /// Intentions, by destination.
    Intention "intention" many INTENTIONS;
    /// A key.
    Key "key" many VersionRange::ALL;
    /// Gossip keys.
    Keyring "keyring" one VersionRange::ALL;
    /// Mesh-wide configuration.
    Mesh "mesh" one MESH;
    /// A node.
    Node "node" many NODE_RULES;
    /// The operator API.
    Operator "operator" one VersionRange::ALL;
    /// Cluster peering.
    Peering "peering" one PEERING;
    /// A prepared query, by name.
    Query "query" many VersionRange::ALL;
    /// A service.
    Service "service" many VersionRange::ALL;
    /// Sessions, by node name.
    Session "session" many NODE_RULES;
}

impl Resource {
    /// Whether servers of that version have it.
    #[must_use]
    pub const fn known_to(self, version: ServerVersion) -> bool {
        self.versions().contains(version)
    }

    /// All names, separated by commas.
    pub(super) fn words() -> String {
        Self::ALL.iter().map(|resource| resource.word()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
