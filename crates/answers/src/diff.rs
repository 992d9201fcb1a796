//! The answer of a comparison of two snapshots.

use crate::field_change;
use snapscope_analyze::compare::{Change, Difference};
use snapscope_analyze::diff::{Counts, DiffReport, SideReport};
use snapscope_objects::json::{JsonText, List, Members as _, Object};
use std::collections::BTreeSet;

/// The facts that are known after both snapshots were read.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The numbers.
    pub report: &'a DiffReport,
    /// The names of the files.
    pub files: &'a [String; 2],
    /// Warnings about the comparison, as sentences.
    pub warnings: &'a [String],
    /// Whether objects are shown in which only bookkeeping differs.
    pub with_touched: bool,
}

impl Compared<'_> {
    /// Writes the members of the answer besides the changes.
    pub fn members(&self, json: &mut JsonText) {
        let report = self.report;
        let sides = [("before", &report.before), ("after", &report.after)];
        for ((name, side), file) in sides.into_iter().zip(self.files) {
            let meta = side.closing.meta.as_ref();
            let about = |json: &mut JsonText| {
                json.member("file", file);
                json.member("id", meta.map(|meta| &meta.id));
                json.member("index", meta.map(|meta| meta.index));
            };
            json.member(name, Object(about));
        }
        json.member("warnings", List(self.warnings));
        let summary = |json: &mut JsonText| {
            for (kind, counts) in &report.summary {
                let of_kind = |json: &mut JsonText| {
                    counts_members(counts, self.with_touched, json);
                    let not_compared = (counts.not_compared > 0).then_some(counts.not_compared);
                    json.member_if("not_compared", not_compared);
                };
                json.member(kind.object_name(), Object(of_kind));
            }
        };
        json.member("summary", Object(summary));
        json.member("differences", report.differences());
        if !report.out_of_order.is_empty() {
            let kinds = |json: &mut JsonText| {
                for (kind, count) in &report.out_of_order {
                    json.member(kind.object_name(), *count);
                }
            };
            json.member("out_of_order", Object(kinds)).member("held_bytes", report.held);
        }
    }
}

/// Writes the number of objects by kind of difference, as members of an open object.
pub fn counts_members(counts: &Counts, with_touched: bool, json: &mut JsonText) {
    for change in Change::ALL.into_iter().filter(|c| with_touched || *c != Change::Touched) {
        json.member(change.word(), counts.of(change));
    }
}

/// Writes a difference as members of an open object; `stored` is the stored ID of its object.
pub fn difference_members(difference: &Difference, stored: &[u8], json: &mut JsonText) {
    let Difference { kind, id, class, fields, before, after } = difference;
    json.member("type", kind.object_name());
    if id == stored {
        field_change::id_members(id, json);
    } else {
        json.member("id", id);
    }
    json.member("change", class.change.word());
    json.member_if("recreated", class.recreated.then_some(true));
    field_change::states_members(before.as_ref(), after.as_ref(), json);
    field_change::fields_member(fields, json);
}

/// The expected order of two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The older one first.
    Forward,
    /// Any order, because a patch may return to an older state.
    Either,
}

/// Warnings about comparing these two, as sentences.
#[must_use]
pub fn warnings(report: &DiffReport, direction: Direction) -> Vec<String> {
    let (a, b) = (&report.before, &report.after);
    let mut out = Vec::new();
    let mut other_cluster = false;
    if let (Some(before), Some(after)) = (&a.facts.cluster_id, &b.facts.cluster_id)
        && before != after
    {
        other_cluster = true;
        out.push(format!("A and B are from different clusters: A has the ID {before}, B {after}"));
    }
    if let (Some(before), Some(after)) = (&a.facts.datacenter, &b.facts.datacenter)
        && before != after
    {
        out.push(format!("A and B are from different datacenters: A is {before}, B is {after}"));
    }
    let versions =
        |side: &SideReport| -> BTreeSet<String> { side.facts.servers.values().cloned().collect() };
    let (before, after) = (versions(a), versions(b));
    if !before.is_empty() && !after.is_empty() && before != after {
        let list = |versions: BTreeSet<String>| versions.into_iter().collect::<Vec<_>>().join(", ");
        out.push(format!(
            "the servers run different versions of Consul: {} in A, {} in B; a field that only one \
             of them stores counts as zero in the other",
            list(before),
            list(after)
        ));
    }
    if direction == Direction::Forward
        && let Some(why) = is_older(a, b, other_cluster)
    {
        out.push(format!("B is older than A: {why}"));
    }
    for (kind, count) in &report.out_of_order {
        out.push(format!(
            "{count} records of type {} are not in the servers' order; matching them took up to {} \
             bytes of memory",
            kind.object_name(),
            report.held
        ));
    }
    out
}

/// Why the second snapshot is older than the first, if it is. Indexes of different clusters are
/// unrelated.
fn is_older(a: &SideReport, b: &SideReport, other_cluster: bool) -> Option<String> {
    if let (Some(before), Some(after)) = (&a.closing.meta, &b.closing.meta) {
        if after.index < before.index && !other_cluster {
            return Some(format!("its index is {}, that of A is {}", after.index, before.index));
        }
        let (before, after) = (before.taken_ms()?, after.taken_ms()?);
        return (after < before)
            .then(|| format!("it was taken {} seconds before A", (before - after) / 1000));
    }
    let last = |side: &SideReport| side.closing.header.as_ref().and_then(|h| h.last_index);
    let (before, after) = (last(a)?, last(b)?);
    (after < before && !other_cluster)
        .then(|| format!("its index is {after}, that of A is {before}"))
}
