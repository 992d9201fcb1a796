//! `?keys`: the names of keys below a prefix, cut at a separator.

use super::prefix::{Below, Rights, next_readable};
use crate::answer::{Answered, Found, Pages};
use crate::api::call::Call;
use crate::state::View;
use snapscope_objects::json::{JsonText, Sink as _};
use std::ops::Range;

/// About how long a page becomes.
const PAGE: usize = 256 << 10;

pub(super) fn names(call: &Call<'_>) -> Answered {
    let below = Below::of(call)?;
    // Servers tell "nothing there" only of a prefix.
    if !below.any && !call.rest.is_empty() {
        return Ok(Found::nothing(below.index, 404).filtered(below.is_filtered));
    }
    let query = call.query();
    // The misspelling is older than the word.
    let separator = ["separator", "seperator"]
        .into_iter()
        .find_map(|name| query.get(name).filter(|value| !value.is_empty()));
    let names = Names {
        range: below.range,
        rights: below.rights,
        prefix: call.rest.len(),
        separator: separator.unwrap_or(&[]).to_vec(),
        last: None,
        json: None,
        ended: false,
    };
    Ok(Found::pages(call.view, below.index, Box::new(names)).filtered(below.is_filtered))
}

struct Names {
    range: Range<usize>,
    rights: Rights,
    /// The length of the prefix.
    prefix: usize,
    /// Empty for none.
    separator: Vec<u8>,
    /// The name that was written last: keys with the same beginning follow each other.
    last: Option<Vec<u8>>,
    json: Option<JsonText>,
    ended: bool,
}

impl Names {
    /// The key up to the first separator after the prefix.
    fn cut<'k>(&self, key: &'k [u8]) -> &'k [u8] {
        let after = key.get(self.prefix..).unwrap_or(&[]);
        let length = self.separator.len();
        if length == 0 {
            return key;
        }
        let found = after.windows(length).position(|window| window == self.separator);
        found.and_then(|at| key.get(..self.prefix + at + length)).unwrap_or(key)
    }
}

impl Pages for Names {
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
            let Some(kv) = next_readable(&mut self.range, &self.rights, view, &who) else {
                json.end_list();
                self.ended = true;
                break;
            };
            let name = self.cut(kv.key.0);
            if self.separator.is_empty() || self.last.as_deref() != Some(name) {
                json.text(name);
                self.last = Some(name.to_vec());
            }
        }
        let mut page = Vec::new();
        let _ = json.write_to(&mut page);
        view.spool.release();
        self.json = Some(json);
        Some(page)
    }

    fn is_done(&self) -> bool {
        self.ended
    }
}
