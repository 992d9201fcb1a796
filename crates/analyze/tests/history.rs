//! Some keys change at random, and snapshots are taken at random in between. The history reports
//! exactly what these snapshots can show, in any order of the snapshots, and with any number of
//! workers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation)]

use proptest::prelude::*;
use snapscope_analyze::Jobs;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::history::{Chosen, Collect, Event, IdQuery, Question, choose, lives};
use snapscope_analyze::series::{Named, Series, read};
use snapscope_archive::{OpenOptions, Source};
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::kinds::by_name;
use snapscope_runs::Room;
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::records::{Record, cluster, kv};
use snapscope_testkit::{Meta, SnapshotSpec};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// No key starts with another one: a deletion without its own tombstone would be found by that of
/// the other key.
const KEYS: [&str; 4] = ["app/a", "app/b", "app/c", "other"];

/// The state of a key.
#[derive(Clone, Copy, PartialEq)]
struct Entry {
    value: u64,
    create: u64,
    modify: u64,
}

/// A key-value store as servers keep it.
#[derive(Clone, Default)]
struct Store {
    keys: BTreeMap<&'static str, Entry>,
    tombstones: BTreeMap<&'static str, u64>,
}

/// The change of a key at an index.
#[derive(Clone, Copy, PartialEq)]
enum Op {
    Put,
    Delete,
}

struct World {
    /// Each snapshot's index and state.
    snapshots: Vec<(u64, Store)>,
    ops: Vec<(u64, &'static str, Op)>,
}

fn world(seed: u64) -> World {
    let mut random = SplitMix64::new(seed);
    let (mut store, mut ops, mut snapshots) = (Store::default(), Vec::new(), Vec::new());
    let mut index = 10;
    for _ in 0..random.below(60) + 5 {
        index += random.below(3) + 1;
        let key = *random.pick(&KEYS);
        if random.percent(60) {
            let value = random.below(3);
            let create = store.keys.get(key).map_or(index, |entry| entry.create);
            store.keys.insert(key, Entry { value, create, modify: index });
            ops.push((index, key, Op::Put));
        } else if store.keys.remove(key).is_some() {
            store.tombstones.insert(key, index);
            ops.push((index, key, Op::Delete));
        }
        if random.percent(10) {
            // The server forgets old deletions.
            let up_to = index - random.below(8).min(index);
            store.tombstones.retain(|_, at| *at > up_to);
        }
        if random.percent(25) {
            index += 1;
            snapshots.push((index, store.clone()));
        }
    }
    snapshots.push((index + 1, store));
    World { snapshots, ops }
}

/// What is expected about a key: word, index, the snapshots before and after, index of an earlier
/// deletion.
type Told = (&'static str, Option<u64>, Option<usize>, usize, Option<u64>);

/// What the snapshots can show about a key, according to its changes.
fn expected(world: &World, key: &str) -> Vec<Told> {
    let mut told = Vec::new();
    for (until, (index, store)) in world.snapshots.iter().enumerate() {
        let since = until.checked_sub(1);
        let (above, before) = match since.map(|since| &world.snapshots[since]) {
            Some((above, store)) => (*above, store.keys.get(key)),
            None => (0, None),
        };
        let after = store.keys.get(key);
        let deleted = world
            .ops
            .iter()
            .filter(|(at, of, op)| *of == key && *op == Op::Delete && *at > above && at <= index)
            .map(|(at, _, _)| *at)
            .next_back()
            // If the server still knew it.
            .filter(|at| store.tombstones.get(key) == Some(at));
        match (before, after) {
            (None, None) => {
                told.extend(deleted.map(|at| ("deleted", Some(at), since, until, Some(at))))
            }
            (None, Some(entry)) => {
                told.extend(deleted.map(|at| ("deleted", Some(at), since, until, Some(at))));
                let word = if since.is_some() { "created" } else { "first-seen" };
                told.push((word, Some(entry.create), since, until, None));
            }
            (Some(_), None) => told.push(("deleted", deleted, since, until, deleted)),
            (Some(b), Some(a)) if b.create != a.create => {
                told.push(("recreated", Some(a.create), since, until, deleted));
            }
            (Some(b), Some(a)) if b.modify != a.modify => {
                let word = if b.value == a.value { "touched" } else { "changed" };
                told.push((word, Some(a.modify), since, until, None));
            }
            _ => {}
        }
    }
    told
}

fn snapshot(index: u64, store: &Store) -> Vec<u8> {
    let mut records: Vec<Record> = Vec::new();
    for (key, entry) in &store.keys {
        let record = kv::entry(key, format!("value {}", entry.value), 0, entry.modify);
        records.push(record.with("CreateIndex", entry.create));
    }
    records.extend(store.tombstones.iter().map(|(key, at)| kv::tombstone(key, *at)));
    records.push(cluster::index("kvs", index));
    let mut spec = SnapshotSpec::new(records);
    spec.meta = Meta::at(index);
    spec.last_index = index;
    spec.snap()
}

/// The reported history of each key.
fn told(world: &World, ids: &IdQuery, order: u64, jobs: usize) -> BTreeMap<String, Vec<Told>> {
    let mut random = SplitMix64::new(order);
    let mut named: Vec<Named> = world
        .snapshots
        .iter()
        .map(|(index, store)| {
            let source = Source::Memory(Arc::from(snapshot(*index, store)));
            Named { source, in_folder: false }
        })
        .collect();
    for at in (1..named.len()).rev() {
        named.swap(at, random.index(at + 1));
    }
    let question =
        Question { kind: by_name("kv").unwrap(), ids: ids.clone(), peers: PeerSelection::Local };
    // Sometimes everything goes through the disk.
    let room = Room::new(if order.is_multiple_of(2) { 0 } else { Room::LIMIT });
    let jobs = Jobs(NonZeroUsize::new(jobs).unwrap());
    let all: Vec<&Named> = named.iter().collect();
    let new = || Collect::new(&question, &room);
    let answers = read(&all, jobs, &OpenOptions::default(), new, |_, found| found.seen());
    let series = Series::new(&named, answers).transposed().unwrap();
    let Chosen::Known(meant) = choose(&question, &series, &BTreeMap::new()).unwrap() else {
        panic!("all is known")
    };
    assert_eq!((series.clusters.len(), series.unreadable.len()), (1, 0));
    // A store without writes has the same content at another index. That is not a duplicate.
    assert_eq!(series.clusters[0].snapshots.len(), world.snapshots.len());
    let comparer = Comparer::new(CompareOptions::default());
    let mut all: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    let mut take = |id: &[u8], event: Event| {
        let deleted = event.deletion.as_ref().map(|deletion| {
            assert_eq!(deletion.prefix, None, "no key was deleted by a prefix");
            deletion.index
        });
        assert!(!event.damaged && !event.restored);
        let told = (event.kind.word(), event.index, event.since, event.until, deleted);
        all.entry(String::from_utf8(id.to_vec()).unwrap()).or_default().push(told);
        Ok(())
    };
    lives(&question, &series.clusters[0], &meant, &comparer, &mut take).unwrap();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_random_life_is_told_exactly(seed in any::<u64>(), order in any::<u64>()) {
        let world = world(seed);
        for key in KEYS {
            let ids = IdQuery::Named(key.into());
            let ours = told(&world, &ids, order, 1 + (order % 4) as usize);
            prop_assert_eq!(ours.get(key).cloned().unwrap_or_default(), expected(&world, key), "{}", key);
        }
        let under = told(&world, &IdQuery::Under(b"app/a".to_vec()), order, 2);
        let mut changes = expected(&world, "app/a");
        changes.retain(|event| event.0 != "first-seen");
        prop_assert_eq!(under.get("app/a").cloned().unwrap_or_default(), changes);
    }
}
