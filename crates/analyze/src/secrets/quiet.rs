//! Texts of fields that were found to hold no secret. Names of nodes, addresses and states recur in
//! thousands of objects, and looking one up takes a fraction of the time of scanning it.

use super::hit::Hit;
use foldhash::fast::FixedState;
use std::cell::RefCell;
use std::hash::{BuildHasher as _, Hasher as _};

/// Number of texts that a thread remembers.
const PLACES: usize = 1024;

/// Texts of at most this size, with the field's name, are remembered: 128 KiB for a thread.
const MOST: usize = 96;

thread_local! {
    static KNOWN: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
}

/// A field's name and its text. At first both are empty, and the empty text holds no secret.
#[derive(Clone, Default)]
struct Known {
    /// Both, one after the other.
    bytes: Vec<u8>,
    /// Where the text starts.
    text_at: usize,
}

impl Known {
    fn is(&self, name: &[u8], text: &[u8]) -> bool {
        self.text_at == name.len() && self.bytes.strip_prefix(name).is_some_and(|rest| rest == text)
    }
}

/// The secrets in the text of a field. Those of a text that is known to hold none are not searched
/// for again.
pub(super) fn hits(name: &[u8], text: &[u8], scan: impl FnOnce() -> Vec<Hit>) -> Vec<Hit> {
    if name.len() + text.len() > MOST {
        return scan();
    }
    let place = place(name, text);
    KNOWN.with_borrow_mut(|known| {
        if known.is_empty() {
            known.resize(PLACES, Known::default());
        }
        let Some(known) = known.get_mut(place) else { return scan() };
        if known.is(name, text) {
            return Vec::new();
        }
        let hits = scan();
        if hits.is_empty() {
            known.bytes.clear();
            known.bytes.extend_from_slice(name);
            known.bytes.extend_from_slice(text);
            known.text_at = name.len();
        }
        hits
    })
}

fn place(name: &[u8], text: &[u8]) -> usize {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(name);
    hasher.write(text);
    usize::try_from(hasher.finish()).unwrap_or(usize::MAX) % PLACES
}

#[cfg(test)]
mod tests {
    use super::super::hit::{Certainty, SecretClass};
    use super::*;

    #[test]
    fn only_the_same_text_of_the_same_field_is_known() {
        let scanned = |name: &[u8], text: &[u8], found: &[Hit]| {
            let mut was_scanned = false;
            let hits = hits(name, text, || {
                was_scanned = true;
                found.to_vec()
            });
            assert_eq!(hits, found);
            was_scanned
        };
        let (certainty, range) = (Certainty::Sure, 0..8);
        let (class, excerpt) = (SecretClass::Named, String::new());
        let secret = [Hit { class, certainty, range, wrapped: false, excerpt }];
        for (name, text) in [("Node", "web-1"), ("Nod", "eweb-1"), ("", "Nodeweb-1")] {
            assert!(scanned(name.as_bytes(), text.as_bytes(), &[]), "{name} {text}");
        }
        for _ in 0..2 {
            assert!(scanned(b"Password", b"hunter2!", &secret));
        }
        assert!(scanned(b"Meta", b"one", &[]));
        assert!(!scanned(b"Meta", b"one", &[]));
        for _ in 0..2 {
            assert!(scanned(b"Meta", &[b'x'; MOST], &[]));
        }
    }
}
