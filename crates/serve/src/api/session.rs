//! `session/`: sessions, which hold locks.

use super::call::Call;
use super::endpoint::Endpoint;
use super::rows::each_row;
use crate::answer::{Answered, Found, Refused, list};
use snapscope_analyze::acl::Resource;
use snapscope_decode::VersionRange;
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("session/list", all),
    Endpoint::get("session/info/", info),
    Endpoint::get("session/node/", of_node),
    Endpoint::writes(&["PUT"], "session/create"),
    Endpoint::writes(&["PUT"], "session/destroy/"),
    Endpoint::writes(&["PUT"], "session/renew/"),
];

/// Until then, an ID that is not a UUID was an error.
const STRICT_IDS: VersionRange = VersionRange::before(1, 9);

fn all(call: &Call<'_>) -> Answered {
    sessions(call, |_| true)
}

fn info(call: &Call<'_>) -> Answered {
    let id = call.named("Missing session")?;
    call.check_token()?;
    if id.len() != 36 && call.view.is(STRICT_IDS) {
        let text = "failed session lookup: index error: UUID must be 36 characters";
        return Err(Refused::new(500, text));
    }
    sessions(call, |session| session.text("ID") == id.as_bytes())
}

fn of_node(call: &Call<'_>) -> Answered {
    let node = call.named("Missing node name")?;
    sessions(call, |session| session.text("Node").eq_ignore_ascii_case(node.as_bytes()))
}

fn sessions(call: &Call<'_>, is_meant: impl Fn(&Row) -> bool) -> Answered {
    call.check_token()?;
    let mut is_filtered = false;
    let json = list(|json| {
        each_row(call.view, KindId::Sessions, &mut |session| {
            if !is_meant(session) {
                return;
            }
            if call.may_read(Resource::Session, session.text("Node")) {
                session.render(json);
            } else {
                is_filtered = true;
            }
        });
    });
    Ok(Found::json(call.view.facts.index("sessions"), json).filtered(is_filtered))
}
