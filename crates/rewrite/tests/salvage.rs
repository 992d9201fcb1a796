//! What is salvaged from damaged snapshots: nothing that is not in the original, and nearly
//! everything that is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use snapscope_archive::{OpenOptions, Source, Verdict, open};
use snapscope_decode::frames_of;
use snapscope_rewrite::{Salvage, SnapshotWriter, WriteOptions};
use snapscope_testkit::fixtures;
use snapscope_testkit::random::SplitMix64;
use std::collections::HashSet;
use std::io::Cursor;

/// A state with the offsets of its records, and the end of the last one.
struct State {
    name: &'static str,
    bytes: Vec<u8>,
    header: usize,
    boundaries: Vec<u64>,
}

fn state_of(snap: &[u8]) -> (Vec<u8>, usize) {
    let mut blocks = open(&Source::Memory(snap.into()), &OpenOptions::default()).unwrap();
    let mut bytes = Vec::new();
    for block in blocks.by_ref() {
        bytes.extend_from_slice(block.bytes());
    }
    let header = blocks.header().unwrap().bytes.clone();
    let size = header.len();
    (header.into_iter().chain(bytes).collect(), size)
}

fn states() -> Vec<State> {
    let names = [
        "consul-1.8.7/small-a.snap",
        "consul-1.14.7/small-a.snap",
        "consul-1.21.4/small-a.snap",
        "consul-1.21.4/acl-extra.snap",
        "consul-1.21.4/empty.snap",
    ];
    let states = names.map(|name| {
        let (bytes, header) = state_of(&fixtures::read(name));
        let mut boundaries = vec![header as u64];
        for frame in frames_of(&bytes[header..]) {
            let frame = frame.unwrap();
            boundaries.push(header as u64 + frame.offset + frame.size());
        }
        State { name, bytes, header, boundaries }
    });
    states.into()
}

fn salvaged(bytes: &[u8]) -> Option<Salvage> {
    let options = OpenOptions { threads: 1, ..OpenOptions::default() };
    Salvage::open(Source::Memory(bytes.into()), &options).ok()
}

/// The state of the written snapshot, which has to verify.
fn written(salvage: &Salvage) -> Vec<u8> {
    let options = WriteOptions {
        level: snapscope_rewrite::Level::new(1).unwrap(),
        ..WriteOptions::default()
    };
    let file = Cursor::new(Vec::new());
    let mut writer = SnapshotWriter::begin(file, salvage.meta(), &options).unwrap();
    salvage.copy(&mut writer).unwrap();
    let snap = writer.finish().unwrap().0.into_inner();
    let mut blocks =
        open(&Source::Memory(snap.as_slice().into()), &OpenOptions::default()).unwrap();
    blocks.by_ref().for_each(drop);
    let integrity = blocks.finish().integrity;
    assert_eq!((integrity.verdict, integrity.findings), (Verdict::Verified, vec![]));
    state_of(&snap).0
}

fn cuts(count: u64) {
    let states = states();
    let mut random = SplitMix64::new(11);
    for _ in 0..count {
        let state = &states[random.below(states.len() as u64) as usize];
        let at = state.header as u64 + random.below((state.bytes.len() - state.header) as u64);
        let whole = *state.boundaries.iter().rfind(|boundary| **boundary <= at).unwrap();
        let salvage = salvaged(&state.bytes[..at as usize]);
        if whole == state.header as u64 {
            assert!(salvage.is_none());
            continue;
        }
        let salvage = salvage.unwrap();
        assert_eq!(
            salvage.kept(),
            [std::ops::Range { start: state.header as u64, end: whole }],
            "{} cut at {at}",
            state.name
        );
        assert_eq!(salvage.report.lost.is_empty(), whole == at);
        assert!(random.below(20) > 0 || written(&salvage) == state.bytes[..whole as usize]);
    }
}

/// Damages a range in one of the ways of disks, networks and people.
fn damage(bytes: &mut [u8], random: &mut SplitMix64) {
    match random.below(4) {
        0 => bytes.fill(0),
        1 => random.fill(bytes),
        2 => bytes.iter_mut().for_each(|byte| *byte ^= 1 << random.below(8)),
        _ => bytes.reverse(),
    }
}

fn damages(count: u64) {
    let states = states();
    let mut random = SplitMix64::new(29);
    let (mut behind, mut back) = (0u64, 0u64);
    for _ in 0..count {
        let state = &states[random.below(states.len() as u64) as usize];
        let mut bytes = state.bytes.clone();
        let most = 1 << random.below(13);
        let size = (1 + random.below(most)).min(bytes.len() as u64 - 1);
        let at = random.below(bytes.len() as u64 - size);
        let region = at..at + size;
        damage(&mut bytes[at as usize..(at + size) as usize], &mut random);
        let own: HashSet<u64> = state.boundaries.iter().copied().collect();
        let Some(salvage) = salvaged(&bytes) else {
            assert!(state.boundaries.len() < 40, "{}: nothing came back ({region:?})", state.name);
            continue;
        };
        for range in salvage.kept() {
            let mut end = range.start;
            assert!(own.contains(&end), "{}: {region:?}: starts at {end}", state.name);
            for frame in frames_of(&bytes[range.start as usize..range.end as usize]) {
                end = range.start + frame.as_ref().unwrap().offset + frame.unwrap().size();
                assert!(own.contains(&end), "{}: {region:?}: ends at {end}", state.name);
            }
            assert_eq!(end, range.end);
        }
        let is_kept = |at: u64| salvage.kept().iter().any(|range| range.contains(&at));
        let starts = &state.boundaries[..state.boundaries.len() - 1];
        // Before the damage, at most the record is lost whose successor cannot confirm it.
        let before =
            starts.iter().zip(&state.boundaries[1..]).filter(|(_, end)| **end < region.start);
        let lost = before.filter(|(start, _)| !is_kept(**start)).count();
        assert!(lost <= 1, "{}: {region:?}: {lost} records in front are lost", state.name);
        behind += starts.iter().filter(|start| **start >= region.end).count() as u64;
        back +=
            starts.iter().filter(|start| **start >= region.end && is_kept(**start)).count() as u64;
    }
    assert!(back * 100 >= behind * 95, "{back} of {behind} records behind the damage came back");
}

#[test]
fn every_record_in_front_of_a_cut_is_kept() {
    cuts(100);
}

#[test]
fn damage_costs_what_it_hits() {
    damages(100);
}

#[test]
#[ignore = "a minute; run it after changes to salvage"]
fn every_record_in_front_of_a_thousand_cuts_is_kept() {
    cuts(1000);
}

#[test]
#[ignore = "a minute; run it after changes to salvage"]
fn a_thousand_damages_cost_what_they_hit() {
    damages(1000);
}

/// Damage in a compressed file: what is inflated after it are records of the original.
#[test]
fn a_compressed_file_goes_on_behind_damage() {
    let mut random = SplitMix64::new(3);
    // Long enough for many blocks and several members.
    let (state, header) = state_of(&fixtures::read("consul-1.21.4/small-a.snap"));
    let mut long = state[..header].to_vec();
    for _ in 0..6 {
        long.extend_from_slice(&state[header..]);
    }
    let records: HashSet<&[u8]> =
        frames_of(&state[header..]).map(|frame| frame.unwrap().bytes).collect();
    let meta = snapscope_testkit::Meta::at(978).json(0, None);
    let meta = snapscope_archive::Meta::parse(meta.as_bytes()).unwrap().object;
    let mut writer =
        SnapshotWriter::begin(Cursor::new(Vec::new()), &meta, &WriteOptions::default()).unwrap();
    writer.append(&long).unwrap();
    let members = writer.finish().unwrap().0.into_inner();
    let single = snapscope_testkit::Archive::new(&snapscope_testkit::Meta::at(978), &long).snap();
    for (file, least) in [(members, 60), (single, 60)] {
        for _ in 0..8 {
            let mut damaged = file.clone();
            let at = file.len() / 4 + random.below(file.len() as u64 / 4) as usize;
            damage(&mut damaged[at..at + 300], &mut random);
            let salvage = salvaged(&damaged).unwrap();
            let bytes = written(&salvage);
            let head = frames_of(&bytes).next();
            assert!(head.is_some());
            let start = bytes.len() as u64 - salvage.report.bytes;
            let out: Vec<_> =
                frames_of(&bytes[start as usize..]).map(|frame| frame.unwrap().bytes).collect();
            let own = out.iter().filter(|record| records.contains(*record)).count();
            // In a damaged member that is not the first, some copies of damaged bytes look like
            // records.
            assert!(own * 200 >= out.len() * 199, "{own} of {}", out.len());
            let share = salvage.report.bytes * 100 / long.len() as u64;
            assert!(share >= least, "{share} %");
            assert!(salvage.report.is_damaged());
        }
    }
}

/// Most damage does not stop a decoder. What it later copies from the damaged bytes also looks like
/// records.
#[test]
fn nothing_comes_out_of_a_damaged_compressed_file_that_was_not_in_it() {
    let mut random = SplitMix64::new(5);
    let options = snapscope_testkit::generate::GenerateOptions { seed: 5, ..Default::default() };
    let (file, _) = snapscope_testkit::generate::snap(&options);
    let (state, header) = state_of(&file);
    let records: HashSet<&[u8]> =
        frames_of(&state[header..]).map(|frame| frame.unwrap().bytes).collect();
    for size in [1, 8, 40, 300, 2000, 4096] {
        let mut damaged = file.clone();
        let at = file.len() / 4 + random.below(file.len() as u64 / 2) as usize;
        damage(&mut damaged[at..at + size], &mut random);
        let salvage = salvaged(&damaged).unwrap();
        let bytes = written(&salvage);
        let start = bytes.len() - salvage.report.bytes as usize;
        let out: Vec<_> = frames_of(&bytes[start..]).map(|frame| frame.unwrap().bytes).collect();
        let others = out.iter().filter(|record| !records.contains(*record)).count();
        // The damaged value may have its old length.
        assert!(others <= 1, "{size} bytes at {at}: {others} of {}", out.len());
        let before = salvage.report.bytes * 100 / state.len() as u64;
        assert!(before as usize + 12 >= at * 100 / file.len(), "{size} bytes at {at}: {before} %");
    }
}

/// The checks of a lost service are left out: a server aborts a restore at a check without its
/// service.
#[test]
fn what_servers_refuse_without_what_is_lost_is_left_out() {
    let state = &states()[0];
    let starts = state.boundaries.windows(2).map(|pair| pair[0] as usize..pair[1] as usize);
    let with = |kind: u8, text: &str| {
        let text = text.as_bytes().to_vec();
        starts.clone().filter(move |range| {
            let bytes = &state.bytes[range.clone()];
            bytes[0] == kind && bytes.windows(text.len()).any(|window| window == text)
        })
    };
    // Each service in turn becomes unreadable.
    let mut lost = 0;
    for service in with(0, "EnableTagOverride").take(12) {
        let mut bytes = state.bytes.clone();
        bytes[service].fill(0);
        let salvage = salvaged(&bytes).unwrap();
        let mut refusals = snapscope_analyze::obstacles::Refusals::default();
        for frame in frames_of(&written(&salvage)[state.header..]) {
            assert!(!refusals.refuses(&frame.unwrap()));
        }
        lost += salvage.report.lost.len();
    }
    assert!(lost > 12, "no check was lost with its service");
}

#[test]
fn a_lost_header_and_meta_json_are_made() {
    let (state, header) = state_of(&fixtures::read("consul-1.21.4/small-a.snap"));
    let mut bytes = state.clone();
    bytes[..header].fill(0xff);
    let salvage = salvaged(&bytes).unwrap();
    assert!(salvage.report.header_is_made && salvage.report.meta_is_made);
    assert_eq!(salvage.kept(), [std::ops::Range { start: header as u64, end: state.len() as u64 }]);
    // The highest index of a table was that of the header.
    assert!(written(&salvage) == state);
}
