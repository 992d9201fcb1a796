//! A seeded, bounded run of every fuzz body. libFuzzer runs the same bodies without end.

use crate::support::{Fixture, all, in_parallel, run, split};
use snapscope_testkit::Archive;
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::archive::gzip;
use snapscope_testkit::fuzz::{Seeds, TARGETS, Target, run as give};
use snapscope_testkit::raftlog::{WalOptions, Writes, write_bolt, write_wal};
use std::collections::BTreeSet;
use std::path::Path;

/// Inputs for each target, besides its seeds; they take a few seconds for each.
fn rounds(target: &Target) -> usize {
    match target.seeds {
        Seeds::Files => 3_000,
        Seeds::Databases | Seeds::Segments => 4_000,
        Seeds::States => 6_000,
        Seeds::Records | Seeds::RawJson | Seeds::Commands => 40_000,
    }
}

/// Valid inputs. They are small, because the mutations matter.
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
            // Of each fixture, the smallest records of each type, and one of each kind of entry.
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
        Seeds::Databases | Seeds::Segments | Seeds::Commands => seeds.extend(logs(kind)),
        Seeds::RawJson => {
            let path = Fixture::snap("consul-1.21.4/empty").path;
            for line in run(["decode", "--raw", path.to_str().unwrap()]).lines() {
                seeds.push(line["Data"].to_string().into_bytes());
            }
        }
    }
    seeds
}

/// Small logs, as files and as commands.
fn logs(kind: Seeds) -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let versions = [ConsulVersion::V1_8_7, ConsulVersion::V1_21_4];
    let entries = |version, count| Writes::new(version, 1, 7).take(count);
    let file = |path: &Path| std::fs::read(path).unwrap();
    match kind {
        Seeds::Commands => {
            versions.iter().flat_map(|v| entries(*v, 300).map(|entry| entry.data)).collect()
        }
        Seeds::Databases => {
            let path = dir.path().join("raft.db");
            let counts = [1, 20, 200];
            let log = |count| {
                write_bolt(&path, entries(versions[0], count)).unwrap();
                file(&path)
            };
            counts.map(log).to_vec()
        }
        _ => {
            let options = WalOptions { batch: 3, segment: 6_000 };
            write_wal(dir.path(), entries(versions[1], 60), options).unwrap();
            let files = std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path());
            files
                .filter(|path| path.extension().is_some_and(|e| e == "wal"))
                .map(|path| file(&path))
                .collect()
        }
    }
}

#[test]
fn every_body_holds_for_a_bounded_run() {
    in_parallel(TARGETS.iter().collect(), |target| {
        give(target, &seeds(target.seeds), rounds(target), 2_026);
    });
}

/// Whole fixtures, for the bodies that take whole files and states.
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
                Seeds::RawJson | Seeds::Databases | Seeds::Segments | Seeds::Commands => {}
            }
        }
    }
}
