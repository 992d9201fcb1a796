//! `coordinate/`: network coordinates of nodes.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::{each_row, write_with};
use crate::answer::{Answered, Found, list};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("coordinate/nodes", all).tenancy(Tenancy::Ignored),
    Endpoint::get("coordinate/node/", one).tenancy(Tenancy::Ignored),
    // Snapshots do not contain coordinates between datacenters.
    Endpoint::absent("coordinate/datacenters"),
    Endpoint::writes(&["PUT"], "coordinate/update"),
];

const TABLE: &str = "coordinates";

fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let segment = call.query().get("segment");
    let mut is_filtered = false;
    let json = list(|json| {
        each_row(call.view, KindId::Coordinates, &mut |row| {
            if !call.may_read(Resource::Node, row.text("Node")) {
                is_filtered = true;
            } else if segment.is_none_or(|segment| row.text("Segment") == segment) {
                row.render(json);
            }
        });
    });
    Ok(Found::json(call.view.facts.index(TABLE), json).filtered(is_filtered))
}

fn one(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let node = call.name();
    let named = Some(node.as_bytes()).filter(|name| !name.is_empty());
    call.require(Resource::Node, Access::Read, named)?;
    let segment = call.query().get("segment");
    let mut count = 0u64;
    let json = list(|json| {
        each_row(call.view, KindId::Coordinates, &mut |row| {
            let is_it = row.text("Node").eq_ignore_ascii_case(node.as_bytes())
                && segment.is_none_or(|segment| row.text("Segment") == segment);
            if !is_it {
                return;
            }
            count += 1;
            json.begin_object();
            // The node name as spelled in the request.
            write_with(json, row.object(), &mut |json, name, _| {
                let is_name = name == b"Node";
                if is_name {
                    json.key(name);
                    json.text(node.as_bytes());
                }
                is_name
            });
            json.end_object();
        });
    });
    let index = call.view.facts.index(TABLE);
    if count == 0 {
        return Ok(Found { is_about_state: false, ..Found::nothing(index, 404) });
    }
    Ok(Found::json(index, json))
}
