//! `peerings`, `peering/`: clusters that export services to this one or import them.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::joined::PEERING;
use super::rows::{each_row, find_row, write_with};
use crate::answer::{Answered, Found, Refused, list};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("peerings", all)
        .bare_errors()
        .any_datacenter()
        .tenancy(Tenancy::OnlyPartition)
        .versions(PEERING),
    Endpoint::get("peering/", one)
        .bare_errors()
        .any_datacenter()
        .tenancy(Tenancy::OnlyPartition)
        .methods(&["GET", "DELETE"])
        .versions(PEERING),
    Endpoint::writes(&["POST"], "peering/token").versions(PEERING),
    Endpoint::writes(&["POST"], "peering/establish").versions(PEERING),
];

fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Peering, Access::Read, None)?;
    let json = list(|json| {
        each_row(call.view, KindId::Peerings, &mut |row| write(json, row));
    });
    Ok(Found::json(call.view.facts.index("peering"), json))
}

fn one(call: &Call<'_>) -> Answered {
    let name = call.named("Must specify a name to fetch.")?;
    call.check_token()?;
    call.require(Resource::Peering, Access::Read, None)?;
    let found = find_row(call.view, KindId::Peerings, |row| {
        row.text("Name").eq_ignore_ascii_case(name.as_bytes())
    });
    let missing = || Refused::early(404, format!("Peering not found for {name:?}"));
    let row = found.ok_or_else(missing)?;
    let index = row.get("ModifyIndex").and_then(|index| index.uint()).unwrap_or(1);
    let mut json = JsonText::new();
    write(&mut json, &row);
    Ok(Found::json(index, json.into_bytes()))
}

/// A peering. Snapshots do not record the activity of its stream.
fn write(json: &mut JsonText, row: &Row) {
    json.begin_object();
    write_with(json, row.object(), &mut |_, name, _| name == b"StreamStatus");
    json.key(b"StreamStatus");
    json.begin_object();
    for name in ["ImportedServices", "ExportedServices", "LastHeartbeat", "LastReceive", "LastSend"]
    {
        json.key(name.as_bytes());
        json.null();
    }
    json.end_object();
    json.end_object();
}
