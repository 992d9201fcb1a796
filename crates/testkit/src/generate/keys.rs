//! KV paths in byte order: a tree of roots, teams and parts, with different numbers of keys in each part.

use crate::random::mix;

const ROOTS: [&str; 8] =
    ["app", "config", "env", "feature", "jobs", "services", "terraform", "vault"];
/// Also the first half of service names.
pub(super) const TEAMS: [&str; 24] = [
    "accounts",
    "ads",
    "billing",
    "cart",
    "catalog",
    "checkout",
    "devices",
    "email",
    "fraud",
    "geo",
    "identity",
    "inventory",
    "ledger",
    "media",
    "metrics",
    "orders",
    "payments",
    "pricing",
    "reviews",
    "search",
    "sessions",
    "shipping",
    "stock",
    "video",
];
/// Also the second half of service names. None begins with another, so a name followed by `-01` keeps its place.
pub(super) const PARTS: [&str; 16] = [
    "admin",
    "api",
    "batch",
    "cache",
    "db",
    "edge",
    "frontend",
    "gateway",
    "importer",
    "queue",
    "reader",
    "scheduler",
    "stream",
    "sync",
    "worker",
    "zone",
];
const LEAVES: [&str; 16] = [
    "certificate",
    "database/password",
    "database/url",
    "enabled",
    "endpoints",
    "limits",
    "log-level",
    "owner",
    "pool/size",
    "release",
    "replicas",
    "retries",
    "schema",
    "settings.json",
    "state",
    "timeouts",
];

/// Number of all parts.
const ALL: u64 = (ROOTS.len() * TEAMS.len() * PARTS.len()) as u64;

/// The parts used, and how much of the data each takes.
pub(super) struct Groups {
    seed: u64,
    count: u64,
    total_weight: u64,
}

impl Groups {
    /// Parts for about `keys` keys: around 40 keys in each, until all parts are used.
    pub(super) fn new(seed: u64, keys: u64) -> Self {
        let count = (keys / 40).clamp(1, ALL);
        let mut groups = Self { seed, count, total_weight: 0 };
        groups.total_weight = (0..count).map(|g| groups.weight(g)).sum();
        groups
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// From 1 to 64, mostly small. The prefixes of real trees are as uneven.
    fn weight(&self, group: u64) -> u64 {
        let draw = 1 + mix(self.seed ^ mix(group)) % 8;
        draw * draw
    }

    /// The group's share of `bytes`.
    pub(super) fn share(&self, group: u64, bytes: u64) -> f64 {
        self.weight(group) as f64 / self.total_weight as f64 * bytes as f64
    }

    /// The path of a group, with its final slash. Paths ascend with `group`.
    pub(super) fn path(&self, group: u64, out: &mut Vec<u8>) {
        let at = (group * ALL / self.count) as usize;
        let (root, rest) = (at / (TEAMS.len() * PARTS.len()), at % (TEAMS.len() * PARTS.len()));
        for part in [ROOTS[root], TEAMS[rest / PARTS.len()], PARTS[rest % PARTS.len()]] {
            out.extend_from_slice(part.as_bytes());
            out.push(b'/');
        }
    }

    /// The end of a key inside its group. Ends ascend with `number`.
    pub(super) fn leaf(&self, number: u64, draw: u64, out: &mut Vec<u8>) {
        let mut digits = [b'0'; 9];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        // Six digits suffice for most trees and look like real keys; the largest trees need nine.
        out.extend_from_slice(if self.count == ALL { &digits } else { &digits[3..] });
        out.push(b'/');
        out.extend_from_slice(LEAVES[(draw % LEAVES.len() as u64) as usize].as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_rise() {
        for keys in [1, 5000, 10_000_000] {
            let groups = Groups::new(7, keys);
            let paths: Vec<Vec<u8>> = (0..groups.count())
                .map(|g| {
                    let mut path = Vec::new();
                    groups.path(g, &mut path);
                    path
                })
                .collect();
            assert!(paths.is_sorted_by(|a, b| a < b));
            assert!((groups.count() == 1) == (keys == 1));
        }
    }

    #[test]
    fn service_names_keep_their_order_when_numbered() {
        let names: Vec<String> =
            TEAMS.iter().flat_map(|t| PARTS.iter().map(move |p| format!("{t}-{p}"))).collect();
        assert!(names.is_sorted());
        let numbered: Vec<String> = names.iter().map(|n| format!("{n}-01")).collect();
        assert!(numbered.is_sorted());
    }
}
