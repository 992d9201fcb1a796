//! The decision of intentions between two services, as the topology shows it.

use super::summary::flag;
use crate::answer::text_member;
use crate::api::call::Call;
use snapscope_analyze::acl::DefaultPolicy;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;

/// Any service.
const ANY: &[u8] = b"*";

/// The side of a service on which another one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The other one receives connections.
    Upstream,
    /// The other one opens connections.
    Downstream,
}

/// A decision.
#[derive(Debug, Clone, Default)]
pub(super) struct Decision {
    pub(super) is_allowed: bool,
    has_permissions: bool,
    /// The program that wrote the intention.
    source: Vec<u8>,
    /// Whether the intention names both services.
    is_exact: bool,
    /// Whether no intention decided.
    is_default: bool,
}

/// Whether connections are allowed without an intention.
fn default_allows(call: &Call<'_>) -> bool {
    let authorizer = &call.view.authorizer;
    !authorizer.is_on() || authorizer.basis().default_policy == DefaultPolicy::Allow
}

/// The intentions about a service on one side of it, the one that decides first before others.
pub(super) struct Intentions<'i> {
    about: Vec<&'i Row>,
    /// The name of the other service in them.
    other: &'static str,
    pub(super) default_allows: bool,
}

impl<'i> Intentions<'i> {
    /// Selects those about a service.
    pub(super) fn about(call: &Call<'_>, all: &'i [Row], name: &str, side: Side) -> Self {
        let (own, other) = match side {
            Side::Upstream => ("SourceName", "DestinationName"),
            Side::Downstream => ("DestinationName", "SourceName"),
        };
        let is_about = |intention: &&Row| {
            [name.as_bytes(), ANY].contains(&intention.text(own))
                && intention.text("SourcePeer").is_empty()
        };
        let about = all.iter().filter(is_about).collect();
        Self { about, other, default_allows: default_allows(call) }
    }
}

impl Decision {
    /// Evaluates the intentions about a service and another one. `permitted` is the decision of an intention that
    /// depends on the request.
    pub(super) fn of(intentions: &Intentions<'_>, other: &str, permitted: bool) -> Self {
        let mut about = intentions.about.iter();
        let found = about
            .find(|intention| [other.as_bytes(), ANY].contains(&intention.text(intentions.other)));
        let Some(intention) = found else {
            let is_allowed = intentions.default_allows;
            return Self { is_allowed, is_default: true, ..Self::default() };
        };
        let permissions = intention.get("Permissions").map(|list| list.items());
        let has_permissions = permissions.is_some_and(|permissions| !permissions.is_empty());
        let writer = intention.object().at(["Meta", "external-source"]);
        Self {
            is_allowed: match has_permissions {
                true => permitted,
                false => intention.text("Action") == b"allow",
            },
            has_permissions,
            source: writer.and_then(|writer| writer.text()).unwrap_or_default().to_vec(),
            is_exact: intention.text("SourceName") != ANY
                && intention.text("DestinationName") != ANY,
            is_default: false,
        }
    }

    /// The reason why an allowed service is a neighbour.
    pub(super) const fn source(&self) -> &'static str {
        match self {
            Self { is_exact: true, .. } => "specific-intention",
            Self { is_default: true, .. } => "default-allow",
            _ => "wildcard-intention",
        }
    }

    pub(super) fn write(&self, json: &mut JsonText, default_allows: bool) {
        json.begin_object();
        flag(json, "Allowed", self.is_allowed);
        flag(json, "HasPermissions", self.has_permissions);
        text_member(json, "ExternalSource", &self.source);
        flag(json, "HasExact", self.is_exact);
        flag(json, "DefaultAllow", default_allows);
        json.end_object();
    }
}
