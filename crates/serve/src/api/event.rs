//! `event/`: user events. Snapshots contain none.

use super::call::Call;
use super::endpoint::Endpoint;
use crate::answer::{Answered, Found, Heads, list};

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("event/list", none).heads(Heads::Index),
    Endpoint::writes(&["PUT"], "event/fire/"),
];

fn none(call: &Call<'_>) -> Answered {
    call.check_token()?;
    Ok(Found::json(1, list(|_| {})))
}
