//! `?keys`: the names of keys below a prefix, cut at a separator.

use super::listed::Listed;
use super::prefix::Below;
use crate::answer::{Answered, Found};
use crate::api::call::Call;
use snapscope_objects::json::{JsonText, Sink as _};

pub(super) fn names(call: &Call<'_>) -> Answered {
    let below = Below::of(call)?;
    let (index, is_filtered) = (below.index, below.is_filtered);
    // Servers answer 404 only if there is a prefix.
    if !below.any && !call.rest.is_empty() {
        return Ok(Found::nothing(index, 404).filtered(is_filtered));
    }
    let query = call.query();
    // Servers also accept the former, misspelled name.
    let separator = ["separator", "seperator"]
        .into_iter()
        .find_map(|name| query.get(name).filter(|value| !value.is_empty()));
    let mut names =
        Names { prefix: call.rest.len(), separator: separator.unwrap_or(&[]).to_vec(), last: None };
    let listed = Listed::new(below, move |json, kv| names.write(json, kv.key.0));
    Ok(Found::pages(call.view, index, Box::new(listed)).filtered(is_filtered))
}

struct Names {
    /// The length of the prefix.
    prefix: usize,
    /// Empty if there is none.
    separator: Vec<u8>,
    /// The name written last. Keys with the same start are adjacent.
    last: Option<Vec<u8>>,
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

    /// Writes a key up to the separator, unless it was written before.
    fn write(&mut self, json: &mut JsonText, key: &[u8]) {
        let name = self.cut(key);
        if self.separator.is_empty() || self.last.as_deref() != Some(name) {
            json.text(name);
            self.last = Some(name.to_vec());
        }
    }
}
