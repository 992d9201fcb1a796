//! Finds the parts of a selection that matched nothing, which are most likely mistakes.

use super::decide::{Tester, key_of};
use super::options::ExtractOptions;
use snapscope_analyze::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::{Frame, Kind};

/// A part of a selection, with its number among those of its sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// Of [`ExtractOptions::only`].
    Only(usize),
    /// Of [`ExtractOptions::drop`].
    Drop(usize),
    /// Of [`ExtractOptions::kv_prefixes`].
    KvPrefix(usize),
    /// Of [`ExtractOptions::drop_kv_prefixes`].
    DropKvPrefix(usize),
    /// Of [`ExtractOptions::renames`].
    Rename(usize),
    /// Of [`ExtractOptions::filters`].
    Filter(usize),
}

/// Collects the parts that matched nothing.
pub(super) struct UseFold<'o> {
    options: &'o ExtractOptions,
    tests: Vec<Tester<'o>>,
    unused: Vec<Selection>,
}

impl<'o> UseFold<'o> {
    pub(super) fn new(options: &'o ExtractOptions) -> Self {
        let numbers = |count: usize, of: fn(usize) -> Selection| (0..count).map(of);
        let tests: Vec<Tester<'o>> = options.filters.iter().map(Tester::of).collect();
        let mut unused: Vec<Selection> = numbers(options.only.len(), Selection::Only)
            .chain(numbers(options.drop.len(), Selection::Drop))
            .chain(numbers(options.kv_prefixes.len(), Selection::KvPrefix))
            .chain(numbers(options.drop_kv_prefixes.len(), Selection::DropKvPrefix))
            .chain(numbers(options.renames.len(), Selection::Rename))
            .collect();
        // Conditions on joined rows are evaluated elsewhere, at the end.
        let direct = tests.iter().enumerate().filter(|(_, test)| !test.is_later());
        unused.extend(direct.map(|(at, _)| Selection::Filter(at)));
        Self { options, tests, unused }
    }
}

impl Fold for UseFold<'_> {
    type Out = Vec<Selection>;

    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        if self.unused.is_empty() || frame.kind == Kind::INDEX {
            return;
        }
        let key = if frame.kind == Kind::KVS { key_of(frame) } else { None };
        let Self { options, tests, unused } = self;
        let has = |prefix: Option<&Vec<u8>>| {
            key.zip(prefix).is_some_and(|(key, prefix)| key.starts_with(prefix))
        };
        unused.retain(|selection| {
            let is_used = match *selection {
                Selection::Only(at) => options.only.get(at).is_some_and(|c| c.has(frame)),
                Selection::Drop(at) => options.drop.get(at).is_some_and(|c| c.has(frame)),
                Selection::KvPrefix(at) => has(options.kv_prefixes.get(at)),
                Selection::DropKvPrefix(at) => has(options.drop_kv_prefixes.get(at)),
                Selection::Rename(at) => has(options.renames.get(at).map(|(old, _)| old)),
                Selection::Filter(at) => tests.get_mut(at).is_some_and(|t| t.matches(frame)),
            };
            !is_used
        });
    }

    fn merge(&mut self, other: Self) {
        self.unused.retain(|selection| other.unused.contains(selection));
    }

    fn finish(self, _: &Closing) -> Vec<Selection> {
        self.unused
    }
}
