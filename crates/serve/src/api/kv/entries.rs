//! `?recurse`: all keys below a prefix, with their values.

use super::key::write;
use super::listed::Listed;
use super::prefix::Below;
use crate::answer::{Answered, Found};
use crate::api::call::Call;

pub(super) fn entries(call: &Call<'_>) -> Answered {
    let below = Below::of(call)?;
    let (index, is_filtered) = (below.index, below.is_filtered);
    if !below.any {
        return Ok(Found::nothing(index, 404).filtered(is_filtered));
    }
    let entries = Listed::new(below, write);
    Ok(Found::pages(call.view, index, Box::new(entries)).filtered(is_filtered))
}
