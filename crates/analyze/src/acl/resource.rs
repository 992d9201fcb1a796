//! The only list of resources: in questions, and in rules.

use super::version::{IDENTITY, INTENTIONS, MESH, NODE_RULES, PEERING, ServerVersion};
use snapscope_decode::VersionRange;
use std::fmt;

/// How servers treat a kind of rules.
#[derive(Debug)]
pub(super) struct RuleSpec {
    /// The position of its field in the servers' struct of rules. The field for prefixes follows.
    pub(super) place: usize,
    /// Whether texts of the system before 1.4 may have such rules.
    pub(super) is_legacy: bool,
    /// The kind that decides if there is no such rule.
    pub(super) or: Option<RuleKind>,
    /// The struct of one rule; rules without names are plain text in servers' struct of rules.
    pub(super) of_one: GoStruct,
}

/// A server's struct of one rule, as its errors show it.
#[derive(Debug)]
pub(super) struct GoStruct {
    pub(super) name: &'static str,
    /// The field that holds the rule's name.
    pub(super) key: &'static str,
    /// Whether it has a field for intentions.
    pub(super) has_intentions: bool,
    /// Whether Enterprise adds fields.
    pub(super) is_extended: bool,
}

/// A row: documentation, the variant, its name in questions and rules, whether there is only one or each has a
/// name, the versions that support it. Then its rules: the place of their field, whether legacy texts may have
/// them (`legacy`) or not (`current`), the struct of one rule with its field for the name, and the kind that
/// decides without them; or else the kind of the rules that it is a part of.
macro_rules! resources {
    ($(
        $(#[$doc:meta])* $resource:ident $word:literal $count:ident $versions:expr
        $(, rules $place:literal $system:ident
            $([$go:literal $key:literal $($trait:ident)*])? $(or $or:ident)?)?
        $(, part of $whole:ident)?;
    )*) => {
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

            /// The kind of rules that decides about it.
            #[must_use]
            pub const fn ruled_by(self) -> RuleKind {
                match self {
                    $(
                        $(Self::$resource => resources!(@with $place RuleKind::$resource),)?
                        $(Self::$resource => RuleKind::$whole,)?
                    )*
                }
            }
        }

        /// The kind of a rule. Those without names come first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum RuleKind {
            $($(
                #[doc = concat!("Rules about `", resources!(@with $place $word), "`.")]
                $resource = Resource::$resource as u8
                    + if resources!(@has_segments $count) { 128 } else { 0 },
            )?)*
        }

        impl RuleKind {
            /// All of them.
            pub const ALL: &[Self] =
                &[$($(resources!(@with $place Self::$resource),)?)*];

            /// The resource that its rules are about.
            #[must_use]
            pub const fn resource(self) -> Resource {
                match self {
                    $($(Self::$resource => resources!(@with $place Resource::$resource),)?)*
                }
            }

            pub(super) const fn spec(self) -> &'static RuleSpec {
                match self {
                    $($(Self::$resource => &RuleSpec {
                        place: $place,
                        is_legacy: resources!(@is_legacy $system),
                        or: resources!(@or $($or)?),
                        of_one: resources!(@of_one $($go $key $($trait)*)?),
                    },)?)*
                }
            }
        }
    };
    (@with $place:literal $other:expr) => { $other };
    (@has_segments one) => { false };
    (@has_segments many) => { true };
    (@is_legacy legacy) => { true };
    (@is_legacy current) => { false };
    (@or) => { None };
    (@or $or:ident) => { Some(RuleKind::$or) };
    (@of_one) => { resources!(@struct "" "" false false) };
    (@of_one $go:literal $key:literal) => { resources!(@struct $go $key false false) };
    (@of_one $go:literal $key:literal extended) => { resources!(@struct $go $key false true) };
    (@of_one $go:literal $key:literal intentions extended) => { resources!(@struct $go $key true true) };
    (@struct $go:literal $key:literal $intentions:literal $extended:literal) => {
        GoStruct {
            name: $go,
            key: $key,
            has_intentions: $intentions,
            is_extended: $extended,
        }
    };
}

resources! {
    /// Tokens, policies, roles, auth methods, and snapshots.
    Acl "acl" one VersionRange::ALL, rules 2 current;
    /// An agent, by node name.
    Agent "agent" many NODE_RULES, rules 3 legacy ["Agent" "Node"];
    /// A user event.
    Event "event" many VersionRange::ALL, rules 15 legacy ["Event" "Event"];
    /// A workload identity (1.17 to 1.19).
    Identity "identity" many IDENTITY, rules 5 current ["Identity" "Name" intentions extended];
    /// Intentions, by destination.
    Intention "intention" many INTENTIONS, part of Service;
    /// A key.
    Key "key" many VersionRange::ALL, rules 7 legacy ["Key" "Prefix" extended];
    /// Gossip keys.
    Keyring "keyring" one VersionRange::ALL, rules 19 legacy;
    /// Mesh-wide configuration.
    Mesh "mesh" one MESH, rules 21 current or Operator;
    /// A node.
    Node "node" many NODE_RULES, rules 9 legacy ["Node" "Name" extended];
    /// The operator API.
    Operator "operator" one VersionRange::ALL, rules 20 legacy;
    /// Cluster peering.
    Peering "peering" one PEERING, rules 22 current or Operator;
    /// A prepared query, by name.
    Query "query" many VersionRange::ALL, rules 17 legacy ["PreparedQuery" "Prefix"];
    /// A service.
    Service "service" many VersionRange::ALL, rules 11 legacy ["Service" "Name" intentions extended];
    /// Sessions, by node name.
    Session "session" many NODE_RULES, rules 13 legacy ["Session" "Node"];
}

impl RuleKind {
    /// Its keyword.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        self.resource().word()
    }

    /// Whether its rules have names; the others are one word for the whole cluster.
    #[must_use]
    pub const fn has_names(self) -> bool {
        self.resource().has_segments()
    }
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
