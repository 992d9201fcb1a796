//! `config/`: config entries.

use super::call::Call;
use super::endpoint::Endpoint;
use super::rows::{each_row, filter};
use crate::answer::{Answered, Found, Refused, list};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::records::EntryKind;
use snapscope_decode::{ServerVersion, VersionRange};
use snapscope_objects::filter::Shape;
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::writes(&["PUT"], "config"),
    Endpoint::get("config/", get).bare_errors().methods(&["GET", "DELETE"]),
];

/// Since then, lists can be filtered.
const FILTERS: VersionRange = VersionRange::since(1, 19);

/// The table of all config entries.
const TABLE: &str = "config-entries";

fn get(call: &Call<'_>) -> Answered {
    let name = call.name();
    match name.split_once('/') {
        None => entries(call, &name),
        Some((kind, name)) => entry(call, kind, name),
    }
}

fn entry(call: &Call<'_>, kind: &str, name: &str) -> Answered {
    call.check_token()?;
    check_kind(call, kind)?;
    if let Some((resource, segment)) = needed(kind, name)
        && !is_for_services(call, kind)
    {
        call.require(resource, Access::Read, segment.map(str::as_bytes))?;
    }
    let index = call.view.facts.index(TABLE);
    let mut found = None;
    each_row(call.view, KindId::ConfigEntries, &mut |row| {
        if row.text("Kind") == kind.as_bytes() && name_of(row) == name.as_bytes() {
            found = Some(row.to_json());
        }
    });
    Ok(match found {
        Some(json) => Found::json(index, json),
        None => {
            Found::text(index, 404, format!("Config entry not found for \"{kind}\" / \"{name}\""))
        }
    })
}

/// All entries of a kind, or of all kinds.
fn entries(call: &Call<'_>, kind: &str) -> Answered {
    call.check_token()?;
    if !kind.is_empty() {
        check_kind(call, kind)?;
    }
    let filter = match call.view.is(FILTERS) && !kind.is_empty() {
        true => Some(filter(call, &Shape::config_entry(Some(kind)))?),
        false => None,
    };
    let mut is_filtered = false;
    let json = list(|json| {
        each_row(call.view, KindId::ConfigEntries, &mut |row| {
            let own = row.text("Kind");
            if !kind.is_empty() && own != kind.as_bytes() {
                return;
            }
            let own = String::from_utf8_lossy(own);
            let needed = needed(&own, "").filter(|_| !is_for_services(call, &own));
            let readable = needed.is_none_or(|(resource, _)| call.may_read(resource, name_of(row)));
            if readable {
                if filter.as_ref().is_none_or(|filter| filter.holds(row.object())) {
                    row.render(json);
                }
            } else {
                is_filtered = true;
            }
        });
    });
    Ok(Found::json(call.view.facts.index(TABLE), json).filtered(is_filtered))
}

/// The name of an entry; there is only one for the mesh.
fn name_of(row: &Row) -> &[u8] {
    match row.text("Kind") {
        b"mesh" => b"mesh",
        _ => row.text("Name"),
    }
}

fn check_kind(call: &Call<'_>, kind: &str) -> Result<(), Refused> {
    let version: ServerVersion = call.view.version();
    match EntryKind::by_name(kind.as_bytes()) {
        Some(known) if known.versions.contains(version) => Ok(()),
        _ => Err(Refused::new(500, format!("invalid config entry kind: {kind}"))),
    }
}

/// Whether the token may read entries of a kind because it may write at least one service: services
/// need these kinds.
fn is_for_services(call: &Call<'_>, kind: &str) -> bool {
    kind == "jwt-provider" && call.view.authorizer.may_write_some_service(&call.who)
}

/// The permission for reading an entry: a resource, and the name if the resource has names.
fn needed<'n>(kind: &str, name: &'n str) -> Option<(Resource, Option<&'n str>)> {
    match kind {
        "proxy-defaults" | "mesh" | "sameness-group" => None,
        "service-intentions" => Some((Resource::Intention, Some(name))),
        "exported-services"
        | "file-system-certificate"
        | "http-route"
        | "inline-certificate"
        | "jwt-provider"
        | "tcp-route" => Some((Resource::Mesh, None)),
        _ => Some((Resource::Service, Some(name))),
    }
}
