//! Policies servers make up themselves: of identities, templates and legacy management tokens.

use super::rules::{AccessLevel, Form, Level, Name, Place, Rule, RuleKind, RuleSet};
use AccessLevel::{Read, Write};
use Form::{Exact, Prefix};

/// A template of policies that comes with Consul.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Template {
    Service,
    Node,
    Dns,
    NomadServer,
    NomadClient,
    ApiGateway,
}

impl Template {
    /// The template of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "builtin/service" => Self::Service,
            "builtin/node" => Self::Node,
            "builtin/dns" => Self::Dns,
            "builtin/nomad-server" => Self::NomadServer,
            "builtin/nomad-client" => Self::NomadClient,
            "builtin/api-gateway" => Self::ApiGateway,
            _ => return None,
        })
    }

    /// Whether it has the variable `name`.
    pub(super) const fn has_name(self) -> bool {
        matches!(self, Self::Service | Self::Node | Self::ApiGateway)
    }

    /// The rules it gives.
    pub(super) fn rules(self, name: &str) -> RuleSet {
        match self {
            Self::Service => service_identity(name),
            Self::Node => node_identity(name),
            Self::Dns => RuleSet::new(vec![
                rule(RuleKind::Node, Prefix, "", Read),
                rule(RuleKind::Service, Prefix, "", Read),
                rule(RuleKind::Query, Prefix, "", Read),
            ]),
            Self::NomadServer => RuleSet::new(vec![
                rule(RuleKind::Acl, Exact, "", Write),
                rule(RuleKind::Agent, Prefix, "", Read),
                rule(RuleKind::Node, Prefix, "", Read),
                rule(RuleKind::Service, Prefix, "", Write),
            ]),
            Self::NomadClient => RuleSet::new(vec![
                rule(RuleKind::Agent, Prefix, "", Read),
                rule(RuleKind::Node, Prefix, "", Read),
                rule(RuleKind::Service, Prefix, "", Write),
                rule(RuleKind::Key, Prefix, "", Read),
            ]),
            Self::ApiGateway => RuleSet::new(vec![
                rule(RuleKind::Mesh, Exact, "", Read),
                rule(RuleKind::Node, Prefix, "", Read),
                rule(RuleKind::Service, Prefix, "", Read),
                rule(RuleKind::Service, Exact, name, Write),
            ]),
        }
    }
}

fn rule(kind: RuleKind, form: Form, name: &str, access: AccessLevel) -> Rule {
    Rule {
        kind,
        form,
        name: Name::from(name),
        level: Level::of(access),
        intentions: None,
        place: Place::default(),
    }
}

/// The rules of a service identity.
pub(super) fn service_identity(service: &str) -> RuleSet {
    RuleSet::new(vec![
        rule(RuleKind::Service, Exact, service, Write),
        rule(RuleKind::Service, Exact, &sidecar_of(service), Write),
        rule(RuleKind::Service, Prefix, "", Read),
        rule(RuleKind::Node, Prefix, "", Read),
    ])
}

/// What is added to a service's name to get its sidecar's.
pub(super) const SIDECAR: &str = "-sidecar-proxy";

fn sidecar_of(service: &str) -> String {
    format!("{service}{SIDECAR}")
}

/// The rules of a node identity.
pub(super) fn node_identity(node: &str) -> RuleSet {
    RuleSet::new(vec![
        rule(RuleKind::Node, Exact, node, Write),
        rule(RuleKind::Service, Prefix, "", Read),
    ])
}

/// What a legacy management token may do that has no link to `global-management` yet. Mesh and
/// peering are younger than such tokens.
pub(super) fn legacy_management() -> RuleSet {
    let named = [
        RuleKind::Agent,
        RuleKind::Event,
        RuleKind::Key,
        RuleKind::Node,
        RuleKind::Query,
        RuleKind::Service,
        RuleKind::Session,
    ];
    let scalars = [RuleKind::Acl, RuleKind::Keyring, RuleKind::Operator];
    let named = named.into_iter().map(|kind| {
        let intentions = (kind == RuleKind::Service).then_some(Level::of(Write));
        Rule { intentions, ..rule(kind, Prefix, "", Write) }
    });
    RuleSet::new(
        scalars.into_iter().map(|kind| rule(kind, Exact, "", Write)).chain(named).collect(),
    )
}
