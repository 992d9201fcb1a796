//! Tokens, policies, roles, binding rules, auth methods.

use super::{Record, fake_hash, kind};
use crate::msgpack::{Val, structure, texts, time};
use crate::shapes::{ConsulVersion, build};

/// ID of the policy that grants everything.
pub const GLOBAL_MANAGEMENT: &str = "00000000-0000-0000-0000-000000000001";
/// Accessor of the token of requests without a token; its SecretID is `anonymous`.
pub const ANONYMOUS: &str = "00000000-0000-0000-0000-000000000002";

/// The creation time of all these objects: 2026-11-23T03:00:00Z.
pub const CREATED: i64 = 1_795_402_800;

/// A link between ACL objects: an ID and a name.
pub type Link<'a> = (&'a str, &'a str);

fn links(of: &[Link<'_>]) -> Val {
    if of.is_empty() {
        return Val::Nil;
    }
    Val::Array(
        of.iter()
            .map(|(id, name)| structure([("ID", (*id).into()), ("Name", (*name).into())]))
            .collect(),
    )
}

/// A token with policies and roles.
#[must_use]
pub fn token(
    version: ConsulVersion,
    accessor: &str,
    secret: &str,
    description: &str,
    policies: &[Link<'_>],
    roles: &[Link<'_>],
    index: u64,
) -> Record {
    let fields = vec![
        ("AccessorID", accessor.into()),
        ("SecretID", secret.into()),
        ("Description", description.into()),
        ("Policies", links(policies)),
        ("Roles", links(roles)),
        ("CreateTime", time(CREATED, 123_456_789, -1)),
        ("Hash", fake_hash(accessor)),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::ACL_TOKEN, build("ACLToken", version, fields))
}

/// The anonymous token.
#[must_use]
pub fn anonymous_token(version: ConsulVersion, index: u64) -> Record {
    token(version, ANONYMOUS, "anonymous", "Anonymous Token", &[], &[], index)
}

/// A token that may do everything. 1.8.7 gives the bootstrap token the legacy type `management`.
#[must_use]
pub fn management_token(
    version: ConsulVersion,
    accessor: &str,
    secret: &str,
    index: u64,
) -> Record {
    let policies = [(GLOBAL_MANAGEMENT, "global-management")];
    token(version, accessor, secret, "Initial Management Token", &policies, &[], index)
}

/// A policy with its rules, valid in all datacenters.
#[must_use]
pub fn policy(version: ConsulVersion, id: &str, name: &str, rules: &str, index: u64) -> Record {
    let fields = vec![
        ("ID", id.into()),
        ("Name", name.into()),
        ("Rules", rules.into()),
        ("Hash", fake_hash(rules)),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::ACL_POLICY, build("ACLPolicy", version, fields))
}

/// The built-in policy that grants everything. A server replaces other rules in it.
#[must_use]
pub fn global_management(version: ConsulVersion, index: u64) -> Record {
    let new = version >= ConsulVersion::V1_14_7;
    let mut rules = String::from("\nacl = \"write\"");
    for resource in [
        "agent", "event", "key", "keyring", "node", "operator", "mesh", "peering", "query",
        "service", "session",
    ] {
        match resource {
            "mesh" | "peering" if !new => {}
            "keyring" | "operator" | "mesh" | "peering" => {
                rules.push_str(&format!("\n{resource} = \"write\""));
            }
            _ => {
                let more = if resource == "service" { "\n\tintentions = \"write\"" } else { "" };
                rules.push_str(&format!(
                    "\n{resource}_prefix \"\" {{\n\tpolicy = \"write\"{more}\n}}"
                ));
            }
        }
    }
    let description = if version >= ConsulVersion::V1_21_4 {
        "A built-in policy that grants read and write access to all Consul features"
    } else {
        "Builtin Policy that grants unlimited access"
    };
    policy(version, GLOBAL_MANAGEMENT, "global-management", &rules, index)
        .with("Description", description)
}

/// A role with policies and service identities.
#[must_use]
pub fn role(
    version: ConsulVersion,
    id: &str,
    name: &str,
    policies: &[Link<'_>],
    services: &[&str],
    index: u64,
) -> Record {
    let identities = services
        .iter()
        .map(|s| {
            build(
                "ACLServiceIdentity",
                version,
                vec![("ServiceName", (*s).into()), ("Datacenters", texts(&["dc1"]))],
            )
        })
        .collect::<Vec<_>>();
    let fields = vec![
        ("ID", id.into()),
        ("Name", name.into()),
        ("Policies", links(policies)),
        (
            "ServiceIdentities",
            if identities.is_empty() { Val::Nil } else { Val::Array(identities) },
        ),
        ("Hash", fake_hash(id)),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::ACL_ROLE, build("ACLRole", version, fields))
}

/// A rule that binds logins through an auth method to a role or a service.
#[must_use]
pub fn binding_rule(
    version: ConsulVersion,
    id: &str,
    method: &str,
    bind: (&str, &str),
    index: u64,
) -> Record {
    let fields = vec![
        ("ID", id.into()),
        ("AuthMethod", method.into()),
        ("Selector", "serviceaccount.namespace==default".into()),
        ("BindType", bind.0.into()),
        ("BindName", bind.1.into()),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::ACL_BINDING_RULE, build("ACLBindingRule", version, fields))
}

/// A Kubernetes auth method.
#[must_use]
pub fn auth_method(version: ConsulVersion, name: &str, index: u64) -> Record {
    let config = Val::Map(vec![
        ("Host".into(), "https://192.0.2.42:8443".into()),
        ("CACert".into(), super::connect::ROOT_CERT.into()),
        ("ServiceAccountJWT".into(), "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl".into()),
    ]);
    let fields = vec![
        ("Name", name.into()),
        ("Type", "kubernetes".into()),
        ("DisplayName", "a cluster".into()),
        ("MaxTokenTTL", 300_000_000_000u64.into()),
        ("Config", config),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::ACL_AUTH_METHOD, build("ACLAuthMethod", version, fields))
}
