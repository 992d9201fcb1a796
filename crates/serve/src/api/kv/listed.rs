//! A JSON list of the readable keys below a prefix, page by page.

use super::prefix::{Below, Rights, next_readable};
use crate::answer::{PAGE, Pages};
use crate::state::View;
use snapscope_decode::records::KvRef;
use snapscope_objects::json::{JsonText, Sink as _};
use std::ops::Range;

/// The list, and which parts of a key it contains.
pub(super) struct Listed<W> {
    range: Range<usize>,
    rights: Rights,
    /// The unfinished list.
    json: JsonText,
    ended: bool,
    write: W,
}

impl<W> Listed<W>
where
    W: FnMut(&mut JsonText, &KvRef<'_>) + Send,
{
    pub(super) fn new(below: Below, write: W) -> Self {
        let mut json = JsonText::new();
        json.begin_list();
        Self { range: below.range, rights: below.rights, json, ended: false, write }
    }
}

impl<W> Pages for Listed<W>
where
    W: FnMut(&mut JsonText, &KvRef<'_>) + Send,
{
    fn next(&mut self, view: &View<'_>) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let who = self.rights.who(view);
        while self.json.as_bytes().len() < PAGE {
            match next_readable(&mut self.range, &self.rights, view, &who) {
                Some(kv) => (self.write)(&mut self.json, &kv),
                None => {
                    self.json.end_list();
                    self.ended = true;
                    break;
                }
            }
        }
        let mut page = Vec::new();
        // Writes to memory cannot fail.
        let _ = self.json.write_to(&mut page);
        view.spool.release();
        Some(page)
    }

    fn is_done(&self) -> bool {
        self.ended
    }
}
