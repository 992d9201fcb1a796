//! Sorters, groups and merges give the result of a stable sort in memory, with any amount of room.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;
use snapscope_runs::{Amount, Groups, Merge, Room, Sorted, Sorter, descending};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

type Entry = (Vec<u8>, Vec<u8>);

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let key = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..3),
        prop::collection::vec(any::<u8>(), 0..200),
    ];
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(any::<u8>(), 0..9000),
    ];
    prop::collection::vec((key, value), 0..60)
}

fn sorted(entries: &[Entry], room: &Room) -> Sorted {
    let mut sorter = Sorter::new(room);
    entries.iter().for_each(|(key, value)| sorter.push(key, value).unwrap());
    sorter.finish().unwrap()
}

fn read(mut merge: Merge<'_>) -> Vec<(Vec<u8>, u64, Vec<u8>)> {
    let mut out = Vec::new();
    while let Some(item) = merge.next().unwrap() {
        out.push((item.key.to_vec(), item.rank, item.value.to_vec()));
    }
    out
}

#[derive(Debug, Default, PartialEq)]
struct Sum(u64);

impl Amount for Sum {
    fn merge(&mut self, other: &Self) {
        self.0 += other.0;
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        Self(u64::from_le_bytes(bytes.try_into().unwrap()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_sorter_is_a_stable_sort(entries in entries(), limit in 0usize..20_000) {
        let room = Room::new(limit);
        let sorted = sorted(&entries, &room);
        let mut expected = entries.clone();
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        for _ in 0..2 {
            let read: Vec<Entry> =
                read(sorted.entries().unwrap()).into_iter().map(|(k, _, v)| (k, v)).collect();
            prop_assert_eq!(&read, &expected);
        }
        prop_assert!(room.used() <= limit.max(10_000) + 10_000);
        drop(sorted);
        prop_assert_eq!(room.used(), 0);
    }

    #[test]
    fn several_are_merged_by_key_and_rank(
        all in prop::collection::vec((0u64..4, entries()), 0..5), limit in 0usize..20_000
    ) {
        let room = Room::new(limit);
        let each: Vec<(u64, Sorted)> =
            all.iter().map(|(rank, entries)| (*rank, sorted(entries, &room))).collect();
        let mut expected: Vec<(Vec<u8>, u64, Vec<u8>)> = all
            .iter()
            .flat_map(|(rank, entries)| entries.iter().map(|(k, v)| (k.clone(), *rank, v.clone())))
            .collect();
        expected.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let merge = Merge::of(each.iter().map(|(rank, sorted)| (*rank, sorted))).unwrap();
        prop_assert_eq!(read(merge), expected);
    }

    #[test]
    fn one_that_absorbs_another_has_its_entries_last(
        a in entries(), b in entries(), limits in (0usize..20_000, 0usize..20_000)
    ) {
        let fill = |entries: &[Entry], limit| {
            let mut sorter = Sorter::new(&Room::new(limit));
            entries.iter().for_each(|(key, value)| sorter.push(key, value).unwrap());
            sorter
        };
        let mut sorter = fill(&a, limits.0);
        sorter.absorb(fill(&b, limits.1)).unwrap();
        let mut expected: Vec<Entry> = a.into_iter().chain(b).collect();
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        let sorted = sorter.finish().unwrap();
        let read: Vec<Entry> =
            read(sorted.entries().unwrap()).into_iter().map(|(k, _, v)| (k, v)).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn groups_are_sums_by_name(
        names in prop::collection::vec((0u16..300, 0u64..1000, any::<bool>()), 0..800),
        limit in 0usize..60_000
    ) {
        let room = Room::new(limit);
        let (mut groups, mut other) = (Groups::<Sum>::new(&room), Groups::<Sum>::new(&room));
        let mut expected: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for (name, n, which) in names {
            let name = name.to_string().into_bytes();
            if which { &mut groups } else { &mut other }.add(&name, |sum| sum.0 += n);
            *expected.entry(name).or_default() += n;
        }
        groups.merge(other);
        let ranked = groups.ranked(|sum| descending(sum.0)).unwrap();
        let mut expected: Vec<(Vec<u8>, u64)> = expected.into_iter().collect();
        let all = |ranked: &snapscope_runs::Ranked<Sum>| {
            let mut out = Vec::new();
            ranked.each(|name, sum| {
                out.push((name.to_vec(), sum.0));
                Ok(ControlFlow::Continue(()))
            }).unwrap();
            out
        };
        prop_assert_eq!(ranked.len(), expected.len() as u64);
        prop_assert_eq!(all(&ranked.again(&room, |_| []).unwrap()), expected.clone());
        expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        prop_assert_eq!(all(&ranked), expected);
        drop(ranked);
        prop_assert_eq!(room.used(), 0);
    }
}

#[cfg(unix)]
#[test]
fn what_is_spilled_has_no_name_and_is_its_owners() {
    use std::os::unix::fs::MetadataExt as _;
    let room = Room::new(0);
    let mut sorter = Sorter::new(&room);
    sorter.push(b"key", b"value").unwrap();
    assert!(room.spilled() > 0);
    let folder = std::env::temp_dir().display().to_string();
    let open: Vec<_> = std::fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            let target = target.display().to_string();
            target.starts_with(&folder) && target.ends_with("(deleted)")
        })
        .map(|entry| std::fs::metadata(entry.path()).unwrap())
        .collect();
    if cfg!(target_os = "linux") {
        assert!(!open.is_empty());
    }
    for file in open {
        assert_eq!((file.nlink(), file.mode() & 0o777), (0, 0o600));
    }
}
