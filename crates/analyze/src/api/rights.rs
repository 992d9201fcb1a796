//! The rights needed to write an object.

use super::written::{list, text};
use crate::acl::{Access, Resource};
use serde_json::{Map, Value};
use snapscope_objects::kind::KindId;
use std::fmt;

/// A right, in the words of `/v1/internal/acl/authorize`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Right {
    /// The resource.
    pub resource: Resource,
    /// The name; empty for resources without names.
    pub segment: String,
    /// The access.
    pub access: Access,
}

impl Right {
    fn to_write(resource: Resource, segment: &str) -> Self {
        Self { resource, segment: segment.to_owned(), access: Access::Write }
    }

    /// The right to write every key that starts with this prefix.
    #[must_use]
    pub fn to_write_below(prefix: &str) -> Self {
        Self { access: Access::WritePrefix, ..Self::to_write(Resource::Key, prefix) }
    }
}

/// In the form of rules.
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.segment.as_str(), self.resource) {
            ("", resource) => write!(f, "{resource} = \"write\""),
            (name, Resource::Intention) => write!(f, "intentions = \"write\" for service {name:?}"),
            (name, resource) => write!(f, "{resource} = \"write\" for {name:?}"),
        }
    }
}

/// The rights needed to write or delete an object, as far as they are the same in all versions.
#[must_use]
pub fn needed(kind: KindId, object: &Map<String, Value>) -> Vec<Right> {
    match kind {
        KindId::Kv => vec![Right::to_write(Resource::Key, text(object, "Key"))],
        KindId::ConfigEntries => match text(object, "Kind") {
            "service-defaults" | "service-resolver" | "service-splitter" | "service-router" => {
                vec![Right::to_write(Resource::Service, text(object, "Name"))]
            }
            "service-intentions" => {
                vec![Right::to_write(Resource::Intention, text(object, "Name"))]
            }
            // The rights for other objects differ between versions.
            _ => Vec::new(),
        },
        KindId::Intentions => {
            vec![Right::to_write(Resource::Intention, text(object, "DestinationName"))]
        }
        KindId::Policies
        | KindId::Roles
        | KindId::AuthMethods
        | KindId::BindingRules
        | KindId::Tokens => vec![Right::to_write(Resource::Acl, "")],
        KindId::Queries if !text(object, "Name").is_empty() => {
            vec![Right::to_write(Resource::Query, text(object, "Name"))]
        }
        KindId::Nodes => {
            let mut rights = vec![Right::to_write(Resource::Node, text(object, "Node"))];
            let services = list(object, "Services").filter_map(Value::as_object);
            rights.extend(
                services.map(|one| Right::to_write(Resource::Service, text(one, "Service"))),
            );
            rights
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_right_is_named_as_rules_have_it() {
        let of = |kind, object: Value| {
            let rights = needed(kind, object.as_object().unwrap());
            rights.iter().map(Right::to_string).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(of(KindId::Kv, json!({"Key": "a/b"})), "key = \"write\" for \"a/b\"");
        assert_eq!(of(KindId::Tokens, json!({})), "acl = \"write\"");
        let intention = json!({"SourceName": "a", "DestinationName": "b"});
        assert_eq!(of(KindId::Intentions, intention), "intentions = \"write\" for service \"b\"");
        let entry = json!({"Kind": "service-router", "Name": "web"});
        assert_eq!(of(KindId::ConfigEntries, entry), "service = \"write\" for \"web\"");
        assert_eq!(of(KindId::ConfigEntries, json!({"Kind": "mesh"})), "");
        let node = json!({"Node": "n", "Services": [{"ID": "w1", "Service": "web"}]});
        let rights = "node = \"write\" for \"n\"; service = \"write\" for \"web\"";
        assert_eq!(of(KindId::Nodes, node), rights);
    }
}
