//! Collects the first differing objects of each type while two snapshots are compared.

use crate::field_lines::FieldText;
use crate::words::message;
use snapscope_analyze::compare::{Change, CompareOptions, Comparer, FieldChange};
use snapscope_analyze::diff::Found;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::printable::counted;
use std::collections::HashMap;

/// Maximum number of lines shown of a text.
const LINES: usize = 24;

/// A differing object.
#[derive(Debug, Clone)]
pub struct ChangedObject {
    /// Its type.
    pub kind: &'static ObjectKind,
    /// Its ID, without secrets.
    pub id: Vec<u8>,
    /// Its name, if its ID is not one.
    pub name: Option<Vec<u8>>,
    /// How it changed.
    pub change: Change,
    /// Its differing fields, without secrets.
    pub fields: Vec<FieldText>,
}

/// How much a page shows of differing objects.
#[derive(Debug, Clone, Copy)]
pub struct ChangeLimits {
    /// Maximum number of objects of each type.
    pub objects: usize,
    /// Maximum number of fields of an object.
    pub fields: usize,
    /// Maximum number of bytes of all fields. Further objects have no fields.
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
        let mut fields: Vec<FieldText> = fields.map(field_text).collect();
        let more = difference.fields.len().saturating_sub(self.limits.fields);
        fields.extend((more > 0).then(|| {
            let more = counted(more as u64, "more field", "more fields");
            FieldText { line: format!("and {more}"), block: Vec::new() }
        }));
        let texts =
            fields.iter().flat_map(|field| std::iter::once(&field.line).chain(&field.block));
        self.bytes += texts.map(String::len).sum::<usize>();
        if self.bytes > self.limits.bytes {
            fields.clear();
        }
        let (kind, change, name) = (difference.kind, difference.class.change, difference.name());
        self.objects.push(ChangedObject { kind, id: difference.id, name, change, fields });
    }

    /// The objects, in the order in which they were found.
    #[must_use]
    pub fn finish(self) -> Vec<ChangedObject> {
        self.objects
    }
}

/// A field with lines that are short enough for a page.
fn field_text(field: &FieldChange) -> FieldText {
    let FieldText { line, block } = FieldText::of(field, LINES);
    FieldText { line: message(&line), block: block.iter().map(|line| message(line)).collect() }
}
