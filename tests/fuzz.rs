//! A seeded, bounded run of every fuzz body. libFuzzer runs the same bodies without end.

use crate::support::{Fixture, all, in_parallel, run, split};
use snapscope_testkit::Archive;
use snapscope_testkit::archive::gzip;
use snapscope_testkit::fuzz::{Seeds, TARGETS, Target, run as give};
use std::collections::BTreeSet;

/// Inputs for each target, besides its seeds: a few seconds for each.
fn rounds(target: &Target) -> usize {
    match target.seeds {
        Seeds::Files => 3_000,
        Seeds::States => 6_000,
        Seeds::Records | Seeds::RawJson => 40_000,
    }
}

/// Good inputs: small, for the run is about what is done to them.
fn seeds(kind: Seeds) -> Vec<Vec<u8>> {
    let fresh = ["consul-1.8.7/empty", "consul-1.14.7/empty", "consul-1.21.4/empty"];
    let mut seeds = Vec::new();
    match kind {
        Seeds::Files => {
            for fixture in fresh.map(Fixture::snap) {
                let archive = Archive::of_files(&fixture.meta(), &fixture.state());
                seeds.push(archive.tar());
                seeds.push(archive.snap());
                seeds.push(Archive { gzip_members: 4, empty_gzip_member: true, ..archive }.snap());
                seeds.push(fixture.state());
                seeds.push(gzip(&fixture.state(), 6));
            }
        }
        Seeds::States => {
            for fixture in fresh.map(Fixture::snap) {
                seeds.push(fixture.state());
                seeds.push(fixture.state()[12..].to_vec());
            }
        }
        Seeds::Records => {
            // Of each fixture the smallest records of each type, and one of each kind of entry.
            for fixture in all() {
                let state = fixture.state();
                let mut records = split(&state);
                records.sort_by_key(|(kind, bytes)| (*kind, bytes.len()));
                let mut taken = BTreeSet::new();
                for (kind, bytes) in records {
                    let name = if kind == 22 { bytes.get(4..14).unwrap_or(&[]) } else { &[] };
                    if bytes.len() < 4000 && taken.insert((kind, name.to_vec(), bytes.len() / 300))
                    {
                        seeds.push(bytes.to_vec());
                    }
                }
            }
        }
        Seeds::RawJson => {
            let path = Fixture::snap("consul-1.21.4/empty").path;
            for line in run(["decode", "--raw", path.to_str().unwrap()]).lines() {
                seeds.push(line["Data"].to_string().into_bytes());
            }
        }
    }
    seeds
}

#[test]
fn every_body_holds_for_a_bounded_run() {
    in_parallel(TARGETS.iter().collect(), |target| {
        give(target, &seeds(target.seeds), rounds(target), 2_026);
    });
}

/// Whole fixtures through the bodies that take whole files and states.
#[test]
fn every_body_holds_for_the_fixtures() {
    for fixture in all() {
        let snap = Archive::of_files(&fixture.meta(), &fixture.state()).snap();
        for target in TARGETS {
            match target.seeds {
                Seeds::Files => (target.body)(&snap),
                Seeds::States => (target.body)(&fixture.state()),
                Seeds::Records => {
                    split(&fixture.state()).iter().for_each(|(_, bytes)| (target.body)(bytes));
                }
                Seeds::RawJson => {}
            }
        }
    }
}
