//! Warnings that matter before anyone trusts a comparison.

use snapscope_analyze::diff::{DiffReport, SideReport};
use std::collections::BTreeSet;

/// The expected order of two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// The older one first.
    Forward,
    /// Either: a patch may lead back to an older state.
    Either,
}

/// Warnings about comparing these two, as sentences.
pub(super) fn warnings(report: &DiffReport, direction: Direction) -> Vec<String> {
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
