//! Collects the first differing objects of each type while two snapshots are compared.

use crate::field_lines::field_lines;
use crate::words::message;
use snapscope_analyze::compare::{Change, CompareOptions, Comparer};
use snapscope_analyze::diff::Found;
use snapscope_objects::kind::{KindId, ObjectKind};
use std::collections::HashMap;

/// Maximum number of lines shown of a text.
const LINES: usize = 8;

/// A differing object.
#[derive(Debug, Clone)]
pub struct ChangedObject {
    /// Its type.
    pub kind: &'static ObjectKind,
    /// Its ID, without secrets.
    pub id: Vec<u8>,
    /// How it changed.
    pub change: Change,
    /// Its differing fields as lines, without secrets.
    pub lines: Vec<String>,
}

/// How much a page shows of differing objects.
#[derive(Debug, Clone, Copy)]
pub struct ChangeLimits {
    /// Maximum number of objects of each type.
    pub objects: usize,
    /// Maximum number of fields of an object.
    pub fields: usize,
    /// Maximum number of bytes of all lines. Further objects have no lines.
    pub bytes: usize,
}

/// The first differing objects of each type.
#[derive(Debug)]
pub struct ChangedObjects<'c> {
    comparer: &'c Comparer,
    limits: ChangeLimits,
    counts: HashMap<KindId, usize>,
    bytes: usize,
    objects: Vec<ChangedObject>,
}

impl<'c> ChangedObjects<'c> {
    /// A comparer for pages. They are passed on to others, so they never show values of keys.
    #[must_use]
    pub fn comparer() -> Comparer {
        Comparer::new(CompareOptions { hide_values: true, ..CompareOptions::default() })
    }

    /// Collects objects that differ for this comparer.
    #[must_use]
    pub fn new(comparer: &'c Comparer, limits: ChangeLimits) -> Self {
        Self { comparer, limits, counts: HashMap::new(), bytes: 0, objects: Vec::new() }
    }

    /// Adds an object, unless enough of its type are there.
    pub fn see(&mut self, found: &Found<'_>) {
        let Some(row) = found.after.or(found.before) else { return };
        let count = self.counts.entry(row.kind.id).or_default();
        if *count == self.limits.objects {
            return;
        }
        let Some(difference) = self.comparer.difference(found.before, found.after) else { return };
        *count += 1;
        let fields = difference.fields.iter().take(self.limits.fields);
        let lines = fields.flat_map(|field| field_lines(field, LINES));
        let mut lines: Vec<String> = lines.map(|line| message(&line)).collect();
        let more = difference.fields.len().saturating_sub(self.limits.fields);
        lines.extend((more > 0).then(|| format!("and {more} more fields")));
        self.bytes += lines.iter().map(String::len).sum::<usize>();
        if self.bytes > self.limits.bytes {
            lines.clear();
        }
        let change = difference.class.change;
        let object = ChangedObject { kind: difference.kind, id: difference.id, change, lines };
        self.objects.push(object);
    }

    /// The objects, in the order in which they were found.
    #[must_use]
    pub fn finish(self) -> Vec<ChangedObject> {
        self.objects
    }
}
