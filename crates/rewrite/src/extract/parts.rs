//! The named parts that can be kept or dropped.

use snapscope_decode::records::Record;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};

/// A named part of a snapshot.
#[derive(Debug)]
pub struct Part {
    /// Its name on the command line.
    pub name: &'static str,
    /// A one-line description.
    pub about: &'static str,
    kinds: &'static [Kind],
    /// Selects among records of these types; all if `None`.
    holds: Option<fn(&Frame<'_>) -> bool>,
}

macro_rules! parts {
    ($($name:literal $about:literal [$($kind:ident),*] $(if $holds:expr)?;)*) => {
        /// All named parts.
        pub static PARTS: &[Part] = &[$(Part {
            name: $name,
            about: $about,
            kinds: &[$(Kind::$kind),*],
            holds: parts!(@holds $($holds)?),
        },)*];
    };
    (@holds $holds:expr) => { Some($holds) };
    (@holds) => { None };
}

parts! {
    "kv" "keys, values and tombstones" [KVS, TOMBSTONE];
    "tombstones" "tombstones of deleted keys" [TOMBSTONE];
    "catalog" "nodes, services, checks, coordinates, virtual IPs"
        [REGISTER, COORDINATE_BATCH_UPDATE, SERVICE_VIRTUAL_IP, FREE_VIRTUAL_IP];
    "services" "service instances" [REGISTER] if |frame| stores(frame, b"Service");
    "checks" "health checks" [REGISTER] if |frame| stores(frame, b"Check");
    "coordinates" "network coordinates" [COORDINATE_BATCH_UPDATE];
    "virtual-ips" "virtual IPs" [SERVICE_VIRTUAL_IP, FREE_VIRTUAL_IP];
    "sessions" "sessions" [SESSION];
    "acl" "tokens, policies, roles, binding rules, auth methods, legacy ACLs"
        [ACL_TOKEN, ACL_POLICY, ACL_ROLE, ACL_BINDING_RULE, ACL_AUTH_METHOD, ACL, ACL_BOOTSTRAP];
    "tokens" "ACL tokens and legacy ACLs" [ACL_TOKEN, ACL];
    "login-tokens" "ACL tokens created by a login" [ACL_TOKEN] if is_login;
    "policies" "ACL policies" [ACL_POLICY];
    "roles" "ACL roles" [ACL_ROLE];
    "binding-rules" "ACL binding rules" [ACL_BINDING_RULE];
    "auth-methods" "ACL auth methods" [ACL_AUTH_METHOD];
    "queries" "prepared queries" [PREPARED_QUERY];
    "config-entries" "config entries" [CONFIG_ENTRY];
    "intentions" "intentions: legacy ones and service-intentions entries"
        [INTENTION, CONFIG_ENTRY] if is_intention;
    "connect" "the mesh CA: roots, keys, configuration"
        [CONNECT_CA, CONNECT_CA_PROVIDER_STATE, CONNECT_CA_CONFIG];
    "peerings" "peerings, their trust bundles and secrets"
        [PEERING, PEERING_TRUST_BUNDLE, PEERING_SECRET];
    "federation" "federation states" [FEDERATION_STATE];
    "autopilot" "the autopilot configuration" [AUTOPILOT];
    "metadata" "system metadata" [SYSTEM_METADATA];
    "resources" "resources of the v2 catalog" [RESOURCE];
    "namespaces" "Enterprise namespaces" [NAMESPACE];
    "partitions" "Enterprise admin partitions" [PARTITION];
    "feature-gates" "feature gates" [FEATURE_GATE];
    "chunks" "parts of large writes in flight" [CHUNKING_STATE];
}

/// A part, or a record type.
#[derive(Debug, Clone, Copy)]
pub enum Choice {
    /// A named part.
    Part(&'static Part),
    /// All records of one type.
    Kind(Kind),
}

impl Choice {
    /// Returns the part or record type with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let part = PARTS.iter().find(|part| part.name.eq_ignore_ascii_case(name));
        // Index records follow from the other records that are kept.
        let kind = || Kind::by_name(name).filter(|kind| *kind != Kind::INDEX).map(Self::Kind);
        part.map(Self::Part).or_else(kind)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Part(part) => part.name.to_owned(),
            Self::Kind(kind) => kind.to_string(),
        }
    }

    /// Whether it can contain records of this type.
    #[must_use]
    pub fn has_kind(&self, kind: Kind) -> bool {
        match self {
            Self::Part(part) => part.kinds.contains(&kind),
            Self::Kind(own) => *own == kind,
        }
    }

    /// Whether it holds a record.
    #[must_use]
    pub fn has(&self, frame: &Frame<'_>) -> bool {
        match self {
            Self::Part(part) => {
                part.kinds.contains(&frame.kind) && part.holds.is_none_or(|holds| holds(frame))
            }
            Self::Kind(kind) => *kind == frame.kind,
        }
    }

    /// Whether it holds some, but not all records of a type.
    pub(super) fn splits(&self, kind: Kind) -> bool {
        matches!(self, Self::Part(part) if part.holds.is_some() && part.kinds.contains(&kind))
    }
}

fn stores(frame: &Frame<'_>, field: &[u8]) -> bool {
    let value = frame.entries().and_then(|entries| entries.find(field).ok().flatten());
    matches!(value, Some(Value::Map(_)))
}

fn is_login(frame: &Frame<'_>) -> bool {
    let method = frame.entries().and_then(|entries| entries.find(b"AuthMethod").ok().flatten());
    matches!(method, Some(Value::Raw(name)) if !name.is_empty())
}

fn is_intention(frame: &Frame<'_>) -> bool {
    frame.kind == Kind::INTENTION
        || matches!(frame.record(), Ok(Record::ConfigEntry(entry)) if entry.kind.0 == b"service-intentions")
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_decode::stream::KINDS;

    #[test]
    fn every_record_type_in_snapshots_is_in_a_part_but_indexes() {
        for kind in KINDS.iter().filter(|kind| kind.versions.is_some() || kind.number > 64) {
            let kind = Kind(kind.number);
            // Intentions share a part with some of the config entries.
            let whole = kind == Kind::INTENTION
                || PARTS.iter().any(|part| part.kinds.contains(&kind) && part.holds.is_none());
            assert_eq!(whole, kind != Kind::INDEX, "{kind}");
        }
        let mut names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PARTS.len());
        assert!(Choice::by_name("KVS").is_some_and(|choice| choice.has_kind(Kind::KVS)));
        assert!(Choice::by_name("Index").is_none());
    }
}
