//! Describes a command: the operation and the object.

use crate::document::{Doc, NIL, first_values, items, text};
use crate::kv_request::KvRequest;
use snapscope_decode::Kind;
use snapscope_decode::protobuf::{FieldValue, fields};
use snapscope_decode::records::entry_name;
use snapscope_decode::wire::{Cursor, Value};
use snapscope_objects::kind::KindId;
use snapscope_raftlog::Command;

/// One operation of a command. A transaction has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The operation: `set`, `delete`, `register`.
    pub op: Vec<u8>,
    /// The kind of the object, if there is one.
    pub kind: Option<KindId>,
    /// The object's name.
    pub id: Vec<u8>,
}

/// A type of command.
struct Row {
    kind: Kind,
    /// Whether its request contains the SecretID of the token used.
    has_token: bool,
    describe: fn(&Doc<'_>, &[u8]) -> Vec<Operation>,
}

const fn row(kind: Kind, has_token: bool, describe: fn(&Doc<'_>, &[u8]) -> Vec<Operation>) -> Row {
    Row { kind, has_token, describe }
}

const ROWS: &[Row] = &[
    row(Kind::DEREGISTER, true, deregistration),
    row(Kind::SESSION, true, |request, _| {
        of(request, "Op", "Session", |_, session| (KindId::Sessions, session.text("ID").to_vec()))
    }),
    row(Kind::ACL, true, |request, _| {
        of(request, "Op", "ACL", |_, _| (KindId::Tokens, Vec::new()))
    }),
    row(Kind::TOMBSTONE, false, |request, _| {
        one(
            request.text("Op"),
            KindId::Tombstones,
            format!("up to {}", request.uint("ReapIndex")).as_bytes(),
        )
    }),
    row(Kind::COORDINATE_BATCH_UPDATE, false, coordinates),
    row(Kind::PREPARED_QUERY, true, |request, _| {
        of(request, "Op", "Query", |_, query| (KindId::Queries, query.text("ID").to_vec()))
    }),
    row(Kind::TXN, true, transaction),
    row(Kind::AUTOPILOT, true, |request, _| {
        one(if request.is_true("CAS") { b"cas" } else { b"set" }, KindId::Autopilot, b"")
    }),
    row(Kind::ACL_BOOTSTRAP, false, |request, _| {
        let token = request.doc("Token").unwrap_or_default();
        one(b"bootstrap", KindId::Tokens, token.text("AccessorID"))
    }),
    row(Kind::INTENTION, true, intention),
    row(Kind::CONNECT_CA, true, certificate_authority),
    row(Kind::ACL_TOKEN, false, |request, _| each(request, "Tokens", KindId::Tokens, "AccessorID")),
    row(Kind::ACL_TOKEN_DELETE, false, |request, _| deleted(request, "TokenIDs", KindId::Tokens)),
    row(Kind::ACL_POLICY, false, |request, _| each(request, "Policies", KindId::Policies, "Name")),
    row(Kind::ACL_POLICY_DELETE, false, |request, _| {
        deleted(request, "PolicyIDs", KindId::Policies)
    }),
    row(Kind::CONNECT_CA_LEAF, true, |request, _| one(request.text("Op"), None, b"")),
    row(Kind::CONFIG_ENTRY, true, config_entry),
    row(Kind::ACL_ROLE, false, |request, _| each(request, "Roles", KindId::Roles, "Name")),
    row(Kind::ACL_ROLE_DELETE, false, |request, _| deleted(request, "RoleIDs", KindId::Roles)),
    row(Kind::ACL_BINDING_RULE, false, |request, _| {
        each(request, "BindingRules", KindId::BindingRules, "ID")
    }),
    row(Kind::ACL_BINDING_RULE_DELETE, false, |request, _| {
        deleted(request, "BindingRuleIDs", KindId::BindingRules)
    }),
    row(Kind::ACL_AUTH_METHOD, false, |request, _| {
        each(request, "AuthMethods", KindId::AuthMethods, "Name")
    }),
    row(Kind::ACL_AUTH_METHOD_DELETE, false, |request, _| {
        deleted(request, "AuthMethodNames", KindId::AuthMethods)
    }),
    row(Kind::FEDERATION_STATE, true, |request, _| {
        of(request, "Op", "State", |_, state| {
            (KindId::Federation, state.text("Datacenter").to_vec())
        })
    }),
    row(Kind::SYSTEM_METADATA, true, |request, _| {
        of(request, "Op", "Entry", |_, entry| (KindId::Metadata, entry.text("Key").to_vec()))
    }),
    row(Kind::PEERING, false, |_, body| {
        one(b"set", KindId::Peerings, &message_text(body, &[1, 2]))
    }),
    row(Kind::PEERING_DELETE, false, |_, body| {
        one(b"delete", KindId::Peerings, &message_text(body, &[1]))
    }),
    row(Kind::PEERING_TERMINATE_BY_ID, false, |_, body| {
        one(b"terminate", KindId::Peerings, &message_text(body, &[1]))
    }),
    row(Kind::PEERING_TRUST_BUNDLE, false, |_, body| {
        one(b"set", KindId::TrustBundles, &message_text(body, &[1, 2]))
    }),
    row(Kind::PEERING_TRUST_BUNDLE_DELETE, false, |_, body| {
        one(b"delete", KindId::TrustBundles, &message_text(body, &[1]))
    }),
    row(Kind::PEERING_SECRET, false, |_, body| {
        one(b"set", KindId::PeeringSecrets, &message_text(body, &[1]))
    }),
    row(Kind::RAFT_LOG_VERIFIER_CHECKPOINT, false, |_, _| one(b"checkpoint", None, b"")),
    row(Kind::RESOURCE, false, |_, _| one(b"write", KindId::Resources, b"")),
    row(Kind::UPDATE_VIRTUAL_IP, false, |request, _| {
        of(request, "", "Service", |_, service| {
            let name = service.doc("ServiceName").unwrap_or_default();
            (KindId::VirtualIps, name.text("Name").to_vec())
        })
    }),
];

/// The description of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    /// Its operations; empty if its type is unknown or its request can't be read.
    pub operations: Vec<Operation>,
    /// The SecretID of the request's token: empty if it had none, `None` if commands of this type
    /// do not contain it.
    pub token: Option<Vec<u8>>,
}

impl Described {
    /// Reads a command's request.
    #[must_use]
    pub fn of(command: &Command<'_>) -> Self {
        match command.kind {
            Kind::KVS => return key_write(command.request),
            Kind::REGISTER => return registration(command.request),
            _ => {}
        }
        let Some(row) = row_of(command.kind) else { return Self::default() };
        let request = Doc::read(command.request);
        let token = match &request {
            _ if !row.has_token => None,
            _ if command.kind == Kind::CONFIG_ENTRY => config_request(command.request)
                .and_then(|(_, request)| Some(Doc::read(request).ok()?.text("Token").to_vec())),
            Ok(request) => Some(request.text("Token").to_vec()),
            Err(_) => None,
        };
        let operations = (row.describe)(&request.unwrap_or_default(), command.request);
        Self { operations, token }
    }
}

/// A write of a key. Nine of ten commands are such writes, so only the fields that are shown are
/// read.
fn key_write(request: &[u8]) -> Described {
    match KvRequest::read(request) {
        Ok(request) => Described {
            operations: one(request.op, KindId::Kv, request.key()),
            token: Some(request.token.to_vec()),
        },
        Err(_) => Described { operations: one(b"", KindId::Kv, b""), token: None },
    }
}

fn row_of(kind: Kind) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.kind == kind)
}

fn one(op: &[u8], kind: impl Into<Option<KindId>>, id: &[u8]) -> Vec<Operation> {
    vec![Operation { op: op.to_vec(), kind: kind.into(), id: id.to_vec() }]
}

/// An operation on the object whose name is in a field.
fn of(
    request: &Doc<'_>,
    op: &str,
    field: &str,
    object: fn(&Doc<'_>, &Doc<'_>) -> (KindId, Vec<u8>),
) -> Vec<Operation> {
    let inner = request.doc(field).unwrap_or_default();
    let (kind, id) = object(request, &inner);
    let op = if op.is_empty() { b"set" } else { request.text(op) };
    one(op, kind, &id)
}

fn each(request: &Doc<'_>, field: &str, kind: KindId, id: &str) -> Vec<Operation> {
    let items = request.items(field).into_iter().filter_map(|item| Doc::read(item).ok());
    items
        .map(|item| Operation { op: b"set".to_vec(), kind: Some(kind), id: item.text(id).to_vec() })
        .collect()
}

fn deleted(request: &Doc<'_>, field: &str, kind: KindId) -> Vec<Operation> {
    let ids = request.items(field).into_iter().map(text);
    ids.map(|id| Operation { op: b"delete".to_vec(), kind: Some(kind), id: id.to_vec() }).collect()
}

/// The name of something on a node: the node's name and its own.
fn on_node(node: &[u8], id: &[u8]) -> Vec<u8> {
    [node, b"/", id].concat()
}

/// A registration: of a service, of checks, or only of the node. These are the largest requests, so
/// only the shown fields are read.
fn registration(request: &[u8]) -> Described {
    let fields = ["Node", "Service", "Check", "Checks", "Token"];
    let [node, service, check, checks, token] = first_values(request, fields);
    let node = text(node);
    let named = |kind: KindId, item: &[u8], id: &str| {
        let [id] = first_values(item, [id]);
        Operation { op: b"register".to_vec(), kind: Some(kind), id: on_node(node, text(id)) }
    };
    let operations = if service != NIL {
        vec![named(KindId::Instances, service, "ID")]
    } else {
        let first = Some(check).filter(|check| *check != NIL);
        let checks = first.into_iter().chain(items(checks));
        checks.map(|check| named(KindId::Checks, check, "CheckID")).collect()
    };
    let operations = match operations.is_empty() {
        true => one(b"register", KindId::Nodes, node),
        false => operations,
    };
    Described { operations, token: Some(text(token).to_vec()) }
}

fn deregistration(request: &Doc<'_>, _: &[u8]) -> Vec<Operation> {
    let node = request.text("Node");
    let (service, check) = (request.text("ServiceID"), request.text("CheckID"));
    if !service.is_empty() {
        one(b"deregister", KindId::Instances, &on_node(node, service))
    } else if !check.is_empty() {
        one(b"deregister", KindId::Checks, &on_node(node, check))
    } else {
        one(b"deregister", KindId::Nodes, node)
    }
}

fn coordinates(_: &Doc<'_>, body: &[u8]) -> Vec<Operation> {
    let updates = items(body).into_iter().filter_map(|item| Doc::read(item).ok());
    updates
        .map(|update| Operation {
            op: b"update".to_vec(),
            kind: Some(KindId::Coordinates),
            id: update.text("Node").to_vec(),
        })
        .collect()
}

fn transaction(request: &Doc<'_>, _: &[u8]) -> Vec<Operation> {
    let operations = request.items("Ops").into_iter().filter_map(|item| Doc::read(item).ok());
    operations.flat_map(|operation| part_of_transaction(&operation)).collect()
}

fn part_of_transaction(operation: &Doc<'_>) -> Vec<Operation> {
    let part = |field: &str| {
        let is_there = !operation.is_nil(field);
        is_there.then(|| operation.doc(field).unwrap_or_default())
    };
    if let Some(kv) = part("KV") {
        return of(&kv, "Verb", "DirEnt", |_, entry| (KindId::Kv, entry.text("Key").to_vec()));
    }
    if let Some(node) = part("Node") {
        return of(&node, "Verb", "Node", |_, node| (KindId::Nodes, node.text("Node").to_vec()));
    }
    if let Some(service) = part("Service") {
        return of(&service, "Verb", "Service", |request, service| {
            (KindId::Instances, on_node(request.text("Node"), service.text("ID")))
        });
    }
    if let Some(check) = part("Check") {
        return of(&check, "Verb", "Check", |_, check| {
            (KindId::Checks, on_node(check.text("Node"), check.text("CheckID")))
        });
    }
    if let Some(session) = part("Session") {
        return of(&session, "Verb", "Session", |_, session| {
            (KindId::Sessions, session.text("ID").to_vec())
        });
    }
    if let Some(intention) = part("Intention") {
        return of(&intention, "Op", "Intention", |_, intention| {
            (KindId::Intentions, between(intention))
        });
    }
    Vec::new()
}

/// An intention, named by its services.
fn between(intention: &Doc<'_>) -> Vec<u8> {
    [intention.text("SourceName"), b"=>", intention.text("DestinationName")].concat()
}

fn intention(request: &Doc<'_>, _: &[u8]) -> Vec<Operation> {
    let op = request.text("Op");
    if let Some(mutation) = request.doc("Mutation").ok().filter(|_| !request.is_nil("Mutation")) {
        let name =
            |field: &str| mutation.doc(field).map_or(Vec::new(), |doc| doc.text("Name").to_vec());
        let (source, destination) = (name("Source"), name("Destination"));
        let source = if source.is_empty() { name("Value") } else { source };
        let id = match mutation.text("ID") {
            b"" => [source.as_slice(), b"=>", &destination].concat(),
            id => id.to_vec(),
        };
        return one(op, KindId::Intentions, &id);
    }
    let intention = request.doc("Intention").unwrap_or_default();
    match (intention.text("SourceName"), intention.text("ID")) {
        (b"", id) => one(op, KindId::Intentions, id),
        _ => one(op, KindId::Intentions, &between(&intention)),
    }
}

fn certificate_authority(request: &Doc<'_>, _: &[u8]) -> Vec<Operation> {
    let op = request.text("Op");
    let kind = match op {
        b"set-config" => KindId::CaConfig,
        b"set-roots" | b"set-roots-config" => KindId::CaRoots,
        _ => KindId::CaProviderStates,
    };
    let id = if kind == KindId::CaRoots {
        let roots = request.items("Roots").into_iter().filter_map(|root| Doc::read(root).ok());
        let mut active = roots.filter(|root| root.is_true("Active"));
        active.next().map_or(Vec::new(), |root| root.text("ID").to_vec())
    } else {
        request.doc("ProviderState").map_or(Vec::new(), |state| state.text("ID").to_vec())
    };
    one(op, kind, &id)
}

/// Kind and request of a config entry's command.
fn config_request(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut cursor = Cursor::new(text(body));
    let Ok(Value::Raw(kind)) = cursor.value() else { return None };
    Some((kind, cursor.rest()))
}

fn config_entry(_: &Doc<'_>, body: &[u8]) -> Vec<Operation> {
    let Some((kind, request)) = config_request(body) else { return Vec::new() };
    let Ok(request) = Doc::read(request) else { return Vec::new() };
    let entry = crate::table::entry_doc(&request).unwrap_or_default();
    let name = entry_name(kind, entry.text("Name"));
    one(request.text("Op"), KindId::ConfigEntries, &[kind, b"/", name].concat())
}

/// A text in a protobuf message, found by the field numbers on its path.
fn message_text(body: &[u8], path: &[u32]) -> Vec<u8> {
    let mut bytes = text(body);
    if bytes.is_empty() {
        bytes = body;
    }
    for number in path {
        let found = fields(bytes).flatten().find_map(|field| match field.value {
            FieldValue::Bytes(value) if field.number == *number => Some(value),
            _ => None,
        });
        let Some(found) = found else { return Vec::new() };
        bytes = found;
    }
    bytes.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::COMMANDS;

    #[test]
    fn every_command_that_is_applied_is_described() {
        for command in COMMANDS {
            let is_own = matches!(command.kind, Kind::KVS | Kind::REGISTER);
            let is_described = is_own || row_of(command.kind).is_some();
            assert!(is_described, "{}", command.kind);
        }
    }
}
