//! Random edits of a snapshot are found exactly, in any order of records and with any limit on what
//! is held, and none is made up if a file ends early.

#![allow(clippy::unwrap_used)] // all of this is a test

use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffOptions, DiffReport, diff};
use snapscope_archive::{Blocks, OpenOptions, Source, open};
use snapscope_objects::row::Row;
use snapscope_runs::Room;
use snapscope_testkit::random::SplitMix64;
use snapscope_testkit::records::catalog::{Check, Node, Service};
use snapscope_testkit::records::{Record, acl, catalog, kv};
use snapscope_testkit::{ConsulVersion, SnapshotSpec};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const VERSION: ConsulVersion = ConsulVersion::V1_21_4;

/// An object: its section and position, and its sort.
type Slot = (u64, usize);

/// The content of a snapshot: each object with the number of its content.
type State = BTreeMap<Slot, u64>;

/// An object's type and ID, and how it changed.
type Change = (String, String, &'static str);

const SORTS: usize = 7;

fn uuid(n: u64) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

/// An object's record, with its type and ID. Nodes with all their objects come first, as servers
/// write.
fn object((n, sort): Slot, content: u64) -> (&'static str, String, Record) {
    let node = format!("Node-{n:03}");
    // Objects of a node repeat its address, whose changes are not theirs.
    let of_node = |address: u64| {
        let mut of = Node::new(&node, &uuid(n), 7);
        of.address = format!("10.0.0.{}", address % 250);
        of
    };
    let mut service = Service::new("web-1", "web", 7);
    match sort {
        0 => ("node", node.clone(), of_node(content).record(VERSION)),
        1 => {
            service.port = 1000 + content;
            let record = of_node(0).service_record(VERSION, &service);
            ("service", format!("{node}/web-1"), record)
        }
        2 => {
            let mut check = Check::of_service(&service, "passing", 7);
            check.output = format!("run {content}");
            let record = of_node(0).check_record(VERSION, &check);
            ("check", format!("{node}/service:web-1"), record)
        }
        3 => {
            let name = format!("lock {content}");
            let id = uuid(n);
            ("session", id.clone(), catalog::session(VERSION, &id, &name, "Node-000", 7))
        }
        4 => {
            // Tokens are sorted by their secrets.
            let (accessor, secret) = (uuid(1000 - n), uuid(n));
            let text = format!("for {content}");
            let record = acl::token(VERSION, &accessor, &secret, &text, &[], &[], 7);
            ("token", accessor, record)
        }
        5 => {
            let rules = format!("key_prefix \"{content}\" {{ policy = \"read\" }}");
            let record = acl::policy(VERSION, &uuid(n), &format!("policy-{n}"), &rules, 7);
            ("policy", uuid(n), record)
        }
        _ => {
            let key = format!("app/{n:03}");
            ("kv", key.clone(), kv::entry(key, content.to_string(), 0, 7))
        }
    }
}

/// The records in the order of servers.
fn records(state: &State) -> Vec<Record> {
    let mut slots: Vec<(Slot, u64)> =
        state.iter().map(|(slot, content)| (*slot, *content)).collect();
    // Records of one node are adjacent, and so are other records of one type.
    slots.sort_by_key(|((n, sort), _)| if *sort < 3 { (0, *n, *sort) } else { (*sort, *n, 0) });
    slots.into_iter().map(|(slot, content)| object(slot, content).2).collect()
}

fn expected(before: &State, after: &State) -> BTreeSet<Change> {
    let slots: BTreeSet<&Slot> = before.keys().chain(after.keys()).collect();
    slots
        .into_iter()
        .filter_map(|slot| {
            let change = match (before.get(slot), after.get(slot)) {
                (None, Some(_)) => "added",
                (Some(_), None) => "removed",
                (Some(before), Some(after)) if before != after => "changed",
                _ => return None,
            };
            let (kind, id, _) = object(*slot, 0);
            Some((kind.to_owned(), id, change))
        })
        .collect()
}

fn blocks(state: &[u8]) -> Blocks {
    open(&Source::Memory(state.into()), &OpenOptions::default()).unwrap()
}

/// The differences, each object once, and the report.
fn found(before: &[u8], after: &[u8], hold: usize) -> (BTreeSet<Change>, DiffReport) {
    let options = DiffOptions { hold, threads: hold.is_multiple_of(2), ..DiffOptions::new() };
    let mut found = BTreeSet::new();
    let report = diff(
        blocks(before),
        blocks(after),
        &options,
        COMPARER.get_or_init(|| Comparer::new(CompareOptions::default())),
        &|| Ok(Some((blocks(before), blocks(after)))),
        &mut |change| {
            let row = change.after.or(change.before).unwrap();
            let kind = row.kind.object.unwrap().to_owned();
            let change = (kind, row.id_text(), change.class.change.word());
            assert!(found.insert(change.clone()), "{change:?} is found twice");
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(report.differences(), found.len() as u64);
    (found, report)
}

/// Two states; the second is the first after random edits.
fn states(random: &mut SplitMix64) -> (State, State) {
    let mut before = State::new();
    for n in 0..8 + random.below(30) {
        for sort in 0..SORTS {
            if random.percent(80) {
                before.insert((n, sort), random.below(3));
            }
        }
    }
    let mut after = before.clone();
    for _ in 0..random.below(40) {
        let slot = (random.below(40), random.index(SORTS));
        if random.percent(50) {
            after.insert(slot, random.below(4));
        } else {
            after.remove(&slot);
        }
    }
    (before, after)
}

fn shuffle(records: &mut [Record], random: &mut SplitMix64) {
    for at in (1..records.len()).rev() {
        records.swap(at, random.index(at + 1));
    }
}

/// Its scanner takes a millisecond to create.
static COMPARER: OnceLock<Comparer> = OnceLock::new();

const HOLDS: [usize; 4] = [0, 1, 3000, DiffOptions::HOLD];

#[test]
fn random_edits_are_found_exactly() {
    for seed in 0..40 {
        let mut random = SplitMix64::new(seed);
        let (before, after) = states(&mut random);
        let expected = expected(&before, &after);
        let state = |state: &State| SnapshotSpec::new(records(state)).state();
        let (before, after) = (state(&before), state(&after));
        for hold in HOLDS {
            let (found, report) = found(&before, &after, hold);
            assert_eq!(found, expected, "seed {seed}, {hold} bytes held");
            assert!(report.out_of_order.is_empty(), "seed {seed}: {:?}", report.out_of_order);
        }
    }
}

#[test]
fn the_order_of_records_makes_no_difference() {
    let mut was_told = 0;
    for seed in 0..40 {
        let mut random = SplitMix64::new(seed ^ 0xd15);
        let (before, after) = states(&mut random);
        let expected = expected(&before, &after);
        let (mut first, mut second) = (records(&before), records(&after));
        shuffle(&mut second, &mut random);
        if seed % 2 == 0 {
            shuffle(&mut first, &mut random);
        }
        let (first, second) = (SnapshotSpec::new(first).state(), SnapshotSpec::new(second).state());
        for hold in HOLDS {
            let (found, report) = found(&first, &second, hold);
            assert_eq!(found, expected, "seed {seed}, {hold} bytes held");
            was_told += usize::from(!report.out_of_order.is_empty() && report.held > 0);
        }
    }
    assert!(was_told > 120, "{was_told}");
}

/// No server writes a key twice. Of several, the first belongs to the first one of the other file,
/// whether they are paired in memory or on disk.
#[test]
fn repeated_keys_are_paired_one_by_one() {
    for seed in 0..40 {
        let mut random = SplitMix64::new(seed ^ 0x9e9);
        let state = |random: &mut SplitMix64| {
            let entry = |random: &mut SplitMix64| {
                kv::entry(format!("key {}", random.below(4)), random.below(6).to_string(), 0, 7)
            };
            let records = (0..random.below(30)).map(|_| entry(random)).collect();
            SnapshotSpec::new(records).state()
        };
        let (before, after) = (state(&mut random), state(&mut random));
        let all = |hold: usize, room: usize| {
            let options = DiffOptions { hold, room: Room::new(room), ..DiffOptions::new() };
            let mut all = Vec::new();
            let report = diff(
                blocks(&before),
                blocks(&after),
                &options,
                COMPARER.get_or_init(|| Comparer::new(CompareOptions::default())),
                &|| Ok(None),
                &mut |found| {
                    let value = |row: Option<&Row>| row.map(|row| row.to_json());
                    all.push((found.class.change.word(), value(found.before), value(found.after)));
                    Ok(())
                },
            )
            .unwrap();
            let out_of_order: Vec<u64> = report.out_of_order.iter().map(|(_, n)| *n).collect();
            (all, report.summary.first().map(|(_, counts)| counts.changes), out_of_order)
        };
        let expected = all(usize::MAX, usize::MAX);
        for (hold, room) in [(0, 0), (500, 0), (2000, usize::MAX), (4000, 0)] {
            assert_eq!(all(hold, room), expected, "seed {seed}, {hold} bytes held");
        }
    }
}

/// If the second file ends early, nothing after that is reported as removed.
#[test]
fn nothing_is_made_up_behind_the_end_of_a_file() {
    for seed in 0..4 {
        let mut random = SplitMix64::new(seed ^ 0xcc7);
        let (before, after) = states(&mut random);
        let expected = expected(&before, &after);
        let state = |state: &State| SnapshotSpec::new(records(state)).state();
        let (before, after) = (state(&before), state(&after));
        let ends = SnapshotSpec::new(Vec::new()).state().len();
        for cut in (ends..after.len()).step_by(211) {
            for hold in [0, DiffOptions::HOLD] {
                let (found, report) = found(&before, &after[..cut], hold);
                if report.after.is_damaged() {
                    let made_up: Vec<_> = found.difference(&expected).collect();
                    assert!(made_up.is_empty(), "seed {seed}, cut at {cut}: {made_up:?}");
                }
            }
        }
    }
}
