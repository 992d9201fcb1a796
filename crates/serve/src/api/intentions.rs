//! `connect/intentions`: which services may connect to each other.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::filter;
use crate::answer::{Answered, Found, Refused, list, object};
use crate::state::View;
use crate::versions::PARTITIONS;
use snapscope_analyze::acl::{Access, DefaultPolicy, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::{Reader, Row, RowOptions};

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("connect/intentions", all).methods(&["GET", "POST"]).versions(ENTRIES),
    Endpoint::get("connect/intentions", all)
        .methods(&["GET", "POST"])
        .tenancy(Tenancy::Ignored)
        .versions(RECORDS),
    Endpoint::get("connect/intentions/match", matching).says_consistency().versions(ENTRIES),
    Endpoint::get("connect/intentions/match", matching).bare().versions(RECORDS),
    Endpoint::get("connect/intentions/check", check).bare(),
    Endpoint::get("connect/intentions/exact", exact)
        .bare()
        .methods(&["GET", "PUT", "DELETE"])
        .versions(ENTRIES),
    Endpoint::get("connect/intentions/", by_id).bare().methods(&["GET", "PUT", "DELETE"]),
];

/// Since then, intentions are config entries.
const ENTRIES: VersionRange = VersionRange::since(1, 9);
/// Until then, intentions were records.
const RECORDS: VersionRange = VersionRange::before(1, 9);

/// The wildcard for any service.
const ANY: &[u8] = b"*";

/// All intentions, by precedence.
fn in_order(view: &View<'_>, each: &mut dyn FnMut(&Row)) {
    let kind = kinds::of(KindId::Intentions);
    let mut reader = Reader::new(kind, RowOptions::default());
    for from in kind.from {
        for frame in view.spool.records(*from) {
            // Problems were reported when the snapshot was read.
            reader.frame(&frame, each);
        }
    }
    reader.finish(each);
}

/// All intentions, as a list.
pub(super) fn ordered(view: &View<'_>) -> Vec<Row> {
    let mut all = Vec::new();
    in_order(view, &mut |row| all.push(row.clone()));
    all
}

/// Whether an intention applies to connections to a service.
pub(super) fn leads_to(intention: &Row, service: &[u8]) -> bool {
    [service, ANY].contains(&intention.text("DestinationName"))
}

/// The index of all intentions.
pub(super) fn index(view: &View<'_>) -> u64 {
    view.facts.index(if view.is(ENTRIES) { "config-entries" } else { "connect-intentions" })
}

/// An intention is visible to those who may read one of its sides.
pub(super) fn may_read(call: &Call<'_>, intention: &Row) -> bool {
    ["SourceName", "DestinationName"].iter().any(|end| {
        let name = intention.text(end);
        !name.is_empty() && call.may_read(Resource::Intention, name)
    })
}

fn all(call: &Call<'_>) -> Answered {
    let filter = filter(call, &kinds::of(KindId::Intentions).shape())?;
    call.check_token()?;
    let mut is_filtered = false;
    let json = list(|json| {
        in_order(call.view, &mut |row| {
            if !may_read(call, row) {
                is_filtered = true;
            } else if filter.holds(row.object()) {
                row.render(json);
            }
        });
    });
    Ok(Found::json(index(call.view), json).filtered(is_filtered))
}

/// A required parameter.
fn required(call: &Call<'_>, name: &str) -> Result<String, Refused> {
    match call.query().has(name) {
        true => Ok(call.query().text(name)),
        false => Err(Refused::early(500, format!("required query parameter '{name}' not set"))),
    }
}

/// The intentions of services, by their side.
fn matching(call: &Call<'_>) -> Answered {
    let by = required(call, "by")?;
    let field = match by.as_str() {
        "source" => "SourceName",
        "destination" => "DestinationName",
        _ => {
            let text = "'by' parameter must be one of 'source' or 'destination'";
            return Err(Refused::early(500, text));
        }
    };
    required(call, "name")?;
    let names: Vec<String> =
        call.query().all("name").map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let mut ends = Vec::new();
    for name in &names {
        ends.push(End::parse(call.view, name)?);
    }
    call.check_token()?;
    for end in &ends {
        if !end.is_default() && call.view.is(ENTRIES) {
            let text = format!(
                "Invalid match entry namespace {:?}: Namespaces is a Consul Enterprise feature",
                end.namespace
            );
            return Err(Refused::new(500, text));
        }
        call.require(Resource::Intention, Access::Read, Some(end.name.as_bytes()))?;
    }
    let json = object(|json| {
        for (sent, end) in names.iter().zip(&ends) {
            let mut found: Vec<Row> = Vec::new();
            if end.is_default() {
                in_order(call.view, &mut |row| {
                    if [end.name.as_bytes(), ANY].contains(&row.text(field)) {
                        found.push(row.clone());
                    }
                });
            }
            json.key(sent.as_bytes());
            if found.is_empty() {
                json.null();
                continue;
            }
            json.begin_list();
            found.iter().for_each(|row| row.render(json));
            json.end_list();
        }
    });
    Ok(Found::json(index(call.view), json))
}

/// A side of an intention, as in requests.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    namespace: String,
    name: String,
}

impl End {
    /// Parses `NAME`, `NAMESPACE/NAME` or `PARTITION/NAMESPACE/NAME`.
    fn parse(view: &View<'_>, text: &str) -> Result<Self, Refused> {
        let parts: Vec<&str> = text.split('/').collect();
        let (namespace, name) = match parts.as_slice() {
            [name] => ("default", *name),
            [namespace, name] => (*namespace, *name),
            [_, namespace, name] if view.is(PARTITIONS) => (*namespace, *name),
            _ => {
                let most = if view.is(PARTITIONS) { "two" } else { "one" };
                return Err(Refused::early(500, format!("input can contain at most {most} '/'")));
            }
        };
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
    }

    /// Parses a required parameter.
    fn of(call: &Call<'_>, parameter: &str) -> Result<Self, Refused> {
        let text = required(call, parameter)?;
        Self::parse(call.view, &text).map_err(|refused| {
            let why = String::from_utf8_lossy(&refused.text).into_owned();
            Refused::early(500, format!("{parameter} {text:?} is invalid: {why}"))
        })
    }

    /// Servers without Enterprise have only one namespace.
    fn is_default(&self) -> bool {
        self.namespace == "default"
    }
}

/// Both sides of an intention.
fn ends(call: &Call<'_>) -> Result<(End, End), Refused> {
    required(call, "source")?;
    required(call, "destination")?;
    Ok((End::of(call, "source")?, End::of(call, "destination")?))
}

/// Whether a service may connect to another one.
fn check(call: &Call<'_>) -> Answered {
    let (source, destination) = ends(call)?;
    if call.view.is(ENTRIES) {
        call.check_token()?;
    }
    let kind = call.query().text("source-type");
    if !kind.is_empty() && kind != "consul" {
        return Err(Refused::early(500, format!("unsupported SourceType: {kind:?}")));
    }
    call.check_token()?;
    for (end, word) in [(&source, "source"), (&destination, "destination")] {
        if !end.is_default() && call.view.is(ENTRIES) {
            let text = format!(
                "Invalid {word} namespace {:?}: Namespaces is a Consul Enterprise feature",
                end.namespace
            );
            return Err(Refused::new(500, text));
        }
    }
    if !destination.name.is_empty() {
        call.require(Resource::Service, Access::Read, Some(destination.name.as_bytes()))?;
    }
    let authorizer = &call.view.authorizer;
    let default = !authorizer.is_on() || authorizer.basis().default_policy == DefaultPolicy::Allow;
    let mut allowed = None;
    in_order(call.view, &mut |row| {
        let decides = [destination.name.as_bytes(), ANY].contains(&row.text("DestinationName"))
            && [source.name.as_bytes(), ANY].contains(&row.text("SourceName"))
            && row.text("SourcePeer").is_empty();
        if decides && allowed.is_none() {
            // An intention with permissions depends on the request.
            allowed = Some(row.text("Action") == b"allow");
        }
    });
    let json = object(|json| {
        json.key(b"Allowed");
        json.bool(allowed.unwrap_or(default));
    });
    Ok(Found::json(0, json))
}

fn missing() -> Refused {
    Refused::early(404, "Intention not found")
}

fn shown(call: &Call<'_>, found: Option<Row>) -> Answered {
    let row = found.ok_or_else(missing)?;
    if !may_read(call, &row) {
        return Err(Refused::new(403, "Permission denied"));
    }
    Ok(Found::json(0, row.to_json()))
}

/// The first intention for which `is_it` is true.
fn first(view: &View<'_>, is_it: impl Fn(&Row) -> bool) -> Option<Row> {
    let mut found = None;
    in_order(view, &mut |row| {
        if found.is_none() && is_it(row) {
            found = Some(row.clone());
        }
    });
    found
}

/// The intention between two services.
fn exact(call: &Call<'_>) -> Answered {
    let (source, destination) = ends(call)?;
    call.check_token()?;
    let sides = [(&source, "Source"), (&destination, "Destination")];
    let missing: Vec<&str> =
        sides.iter().filter(|(end, _)| end.name.is_empty()).map(|(_, side)| *side).collect();
    if !missing.is_empty() {
        let lines: Vec<String> =
            missing.iter().map(|side| format!("\t* {side}Name is missing\n")).collect();
        let errors = if lines.len() == 1 { "1 error" } else { "2 errors" };
        return Err(Refused::new(500, format!("{errors} occurred:\n{}\n", lines.concat())));
    }
    for (end, side) in sides {
        if !end.is_default() {
            let text = format!(
                "Invalid {side}NS {:?}: Namespaces is a Consul Enterprise feature",
                end.namespace
            );
            return Err(Refused::new(500, text));
        }
    }
    shown(
        call,
        first(call.view, |row| {
            row.text("SourceName") == source.name.as_bytes()
                && row.text("DestinationName") == destination.name.as_bytes()
                && row.text("SourcePeer").is_empty()
        }),
    )
}

/// The intention with an ID.
fn by_id(call: &Call<'_>) -> Answered {
    let id = call.name();
    if call.view.is(ENTRIES) {
        call.check_token()?;
    }
    if id.len() != 36 {
        let text = match call.view.is(ENTRIES) {
            true => "failed config entry lookup: index error: UUID must be 36 characters",
            false => {
                "Bad request: failed intention lookup: index error: UUID must be 36 characters"
            }
        };
        return Err(Refused::early(400, text));
    }
    let found = first(call.view, |row| row.text("ID").eq_ignore_ascii_case(id.as_bytes()));
    let row = found.ok_or_else(missing)?;
    call.check_token()?;
    shown(call, Some(row))
}
