//! The endpoints of the API for the objects of each kind.

use crate::client::{Query, Verb};
use serde_json::Value;
use snapscope_analyze::api::written::{Object, chosen_id, text, written};
use snapscope_analyze::api::{entries, path};
use snapscope_decode::VersionRange;
use snapscope_decode::records::entry_name;
use snapscope_objects::kind::KindId;

/// A request that writes or deletes an object.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) verb: Verb,
    pub(super) path: String,
    pub(super) query: Query,
    pub(super) body: Vec<u8>,
}

/// From this version on, intentions are parts of config entries and are written by their names; before, by
/// IDs.
pub(super) static INTENTIONS_BY_NAME: VersionRange = VersionRange::since(1, 9);

/// The endpoint for one intention by its names.
const EXACT: &str = "v1/connect/intentions/exact";

fn exact(intention: &Object) -> Query {
    let of = |name: &str| text(intention, name);
    Query::default().with("source", of("SourceName")).with("destination", of("DestinationName"))
}

/// Where objects are listed; `None` for kinds that are read in other ways.
pub(super) const fn list_of(kind: KindId) -> Option<&'static str> {
    Some(match kind {
        KindId::Intentions => "v1/connect/intentions",
        KindId::Policies => "v1/acl/policies",
        KindId::Roles => "v1/acl/roles",
        KindId::AuthMethods => "v1/acl/auth-methods",
        KindId::BindingRules => "v1/acl/binding-rules",
        KindId::Tokens => "v1/acl/tokens",
        KindId::Queries => "v1/query",
        _ => return None,
    })
}

/// The endpoint that returns one object in full; `None` for kinds that are listed in full.
///
/// # Errors
/// Why its name cannot be part of a path.
pub(super) fn one_of(kind: KindId, object: &Object) -> Result<Option<String>, &'static str> {
    Ok(Some(match kind {
        KindId::Policies => format!("v1/acl/policy/{}", path::escaped(text(object, "ID"))?),
        KindId::AuthMethods => {
            format!("v1/acl/auth-method/{}", path::escaped(text(object, "Name"))?)
        }
        KindId::Tokens => format!("v1/acl/token/{}", path::escaped(text(object, "AccessorID"))?),
        _ => return Ok(None),
    }))
}

/// The endpoint that returns an existing object.
///
/// # Errors
/// Why its name cannot be part of a path.
pub(super) fn again(kind: KindId, live: &Object) -> Result<Option<String>, &'static str> {
    let path = match kind {
        KindId::Roles => "v1/acl/role",
        KindId::BindingRules => "v1/acl/binding-rule",
        KindId::Queries => "v1/query",
        KindId::Intentions => "v1/connect/intentions",
        kind => return one_of(kind, live),
    };
    match chosen_id(kind, live) {
        Some(id) => of(path, Some(id)).map(Some),
        None => Ok(None),
    }
}

/// The request that creates an object, or changes the one that the cluster has.
///
/// # Errors
/// Why its name cannot be part of a path.
pub(super) fn write(
    kind: KindId,
    object: &Object,
    live: Option<&Object>,
    by_name: bool,
) -> Result<Call, &'static str> {
    let mut body = written(kind, object);
    if kind == KindId::Intentions && by_name {
        // These servers refuse it.
        body.remove("Meta");
        let body = Value::Object(body).to_string().into_bytes();
        return Ok(Call { verb: Verb::Put, path: EXACT.to_owned(), query: exact(object), body });
    }
    let id = live.and_then(|live| chosen_id(kind, live));
    if let Some(id) = id {
        body.insert("ID".to_owned(), id.into());
    }
    let (verb, path) = match kind {
        KindId::ConfigEntries => (Verb::Put, "v1/config".to_owned()),
        KindId::Policies => (Verb::Put, of("v1/acl/policy", id)?),
        KindId::Roles => (Verb::Put, of("v1/acl/role", id)?),
        KindId::BindingRules => (Verb::Put, of("v1/acl/binding-rule", id)?),
        KindId::AuthMethods => {
            let name = live.map(|live| text(live, "Name"));
            (Verb::Put, of("v1/acl/auth-method", name)?)
        }
        KindId::Tokens => {
            let accessor = live.map(|live| text(live, "AccessorID"));
            (Verb::Put, of("v1/acl/token", accessor)?)
        }
        KindId::Queries => match id {
            Some(_) => (Verb::Put, of("v1/query", id)?),
            None => (Verb::Post, "v1/query".to_owned()),
        },
        KindId::Intentions => match id {
            Some(_) => (Verb::Put, of("v1/connect/intentions", id)?),
            None => (Verb::Post, "v1/connect/intentions".to_owned()),
        },
        _ => return Err("objects of this kind are not written one by one"),
    };
    let body = Value::Object(body).to_string().into_bytes();
    Ok(Call { verb, path, query: Query::default(), body })
}

/// The request that deletes the object that the cluster has.
///
/// # Errors
/// Why its name cannot be part of a path.
pub(super) fn delete(kind: KindId, live: &Object, by_name: bool) -> Result<Call, &'static str> {
    if kind == KindId::Intentions && by_name {
        let (path, query) = (EXACT.to_owned(), exact(live));
        return Ok(Call { verb: Verb::Delete, path, query, body: Vec::new() });
    }
    let id = chosen_id(kind, live);
    let path = match kind {
        KindId::ConfigEntries => {
            let of = |name: &str| text(live, name).as_bytes();
            let name = entry_name(of("Kind"), of("Name"));
            format!("v1/config/{}", entries::deletable(of("Kind"), name)?)
        }
        KindId::Policies => of("v1/acl/policy", id)?,
        KindId::Roles => of("v1/acl/role", id)?,
        KindId::BindingRules => of("v1/acl/binding-rule", id)?,
        KindId::AuthMethods => of("v1/acl/auth-method", Some(text(live, "Name")))?,
        KindId::Tokens => of("v1/acl/token", Some(text(live, "AccessorID")))?,
        KindId::Queries => of("v1/query", id)?,
        KindId::Intentions => of("v1/connect/intentions", id)?,
        _ => return Err("objects of this kind are not deleted one by one"),
    };
    Ok(Call { verb: Verb::Delete, path, query: Query::default(), body: Vec::new() })
}

fn of(endpoint: &str, name: Option<&str>) -> Result<String, &'static str> {
    match name {
        Some(name) => Ok(format!("{endpoint}/{}", path::escaped(name)?)),
        None => Ok(endpoint.to_owned()),
    }
}
