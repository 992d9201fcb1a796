//! `?recurse`: all keys below a prefix, with their values.

use super::key::write;
use super::prefix::{Below, Rights, next_readable};
use crate::answer::{Answered, Found, Pages};
use crate::api::call::Call;
use crate::state::View;
use snapscope_objects::json::{JsonText, Sink as _};
use std::ops::Range;

/// About how long a page becomes: long enough that its way to the client costs little.
const PAGE: usize = 256 << 10;

pub(super) fn entries(call: &Call<'_>) -> Answered {
    let below = Below::of(call)?;
    if !below.any {
        return Ok(Found::nothing(below.index, 404).filtered(below.is_filtered));
    }
    let entries = Entries { range: below.range, rights: below.rights, json: None, ended: false };
    Ok(Found::pages(call.view, below.index, Box::new(entries)).filtered(below.is_filtered))
}

struct Entries {
    range: Range<usize>,
    rights: Rights,
    /// The open list.
    json: Option<JsonText>,
    ended: bool,
}

impl Pages for Entries {
    fn next(&mut self, view: &View<'_>) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let mut json = self.json.take().unwrap_or_else(|| {
            let mut json = JsonText::new();
            json.begin_list();
            json
        });
        let who = self.rights.who(view);
        while json.as_bytes().len() < PAGE {
            match next_readable(&mut self.range, &self.rights, view, &who) {
                Some(kv) => write(&mut json, &kv),
                None => {
                    json.end_list();
                    self.ended = true;
                    break;
                }
            }
        }
        let mut page = Vec::new();
        // Writing to memory cannot fail.
        let _ = json.write_to(&mut page);
        view.spool.release();
        self.json = Some(json);
        Some(page)
    }

    fn is_done(&self) -> bool {
        self.ended
    }
}
