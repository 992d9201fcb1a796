//! Generates snapshots of many clusters over days.

use super::drift::{change, places};
use super::{GenerateOptions, state_bin};
use crate::ConsulVersion;
use crate::archive::Archive;
use crate::records::connect::CLUSTER_ID;
use crate::snapshot::{Meta, Server, TAKEN_MS};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How a generated KV record begins.
const HEAD: &[u8] = b"\x02\x87\xabCreateIndex";
const HOUR_MS: u64 = 3_600_000;

/// The ID of a cluster, by its number from 0.
#[must_use]
pub fn cluster_id(number: u64) -> String {
    format!("{:08x}-5609-c38a-5b04-5cfbc786e7c1", 0xc000_0000 + number)
}

/// Options for a fleet of snapshots of a size: of a server with a mesh, and quickly compressed.
#[must_use]
pub fn options_of_fleet(bytes: u64) -> GenerateOptions {
    let version = ConsulVersion::V1_21_4;
    GenerateOptions { bytes, version, level: 1, ..GenerateOptions::default() }
}

/// Writes a fleet of snapshots of 256 KiB, as [`write_fleet`] does.
///
/// # Errors
/// If a file cannot be written.
pub fn small_fleet(folder: &Path, clusters: u64, count: u64) -> io::Result<Vec<PathBuf>> {
    write_fleet(&options_of_fleet(256 << 10), clusters, count, folder)
}

/// Writes `count` snapshots of `clusters` clusters into a folder. Those of one cluster are an hour apart, and in each of
/// them one key in a hundred has another value than in the previous one. Returns the files, hour by hour.
///
/// # Errors
/// If a file can't be written.
pub fn write_fleet(
    options: &GenerateOptions,
    clusters: u64,
    count: u64,
    folder: &Path,
) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    for cluster in 0..clusters.min(count) {
        let options = GenerateOptions { seed: options.seed + cluster, ..options.clone() };
        let (mut state, generated) = state_bin(&options);
        let id = cluster_id(cluster);
        for at in places(&state, CLUSTER_ID.as_bytes()) {
            state[at..at + id.len()].copy_from_slice(id.as_bytes());
        }
        let keys = places(&state, HEAD);
        for hour in 0..(count - cluster).div_ceil(clusters) {
            // Encoded with the width of the existing numbers, so that no offset changes.
            let index = generated.last_index + 3 + hour;
            if hour > 0 {
                let changed = keys.iter().skip((hour % 100) as usize).step_by(100);
                changed.for_each(|at| change(&mut state, *at, index));
            }
            // Snapshots of two clusters are never taken at the same time, so that their IDs differ.
            let taken = TAKEN_MS + hour * HOUR_MS + cluster;
            let server = Server {
                suffrage: 0,
                id: id.clone(),
                address: format!("10.0.{}.{}:8300", cluster / 256, cluster % 256),
            };
            let meta =
                Meta { id: format!("2-{index}-{taken}"), servers: vec![server], ..Meta::at(index) };
            let path = folder.join(format!("h{hour:05}-c{cluster:04}.snap"));
            let mut archive = Archive::new(&meta, &state);
            archive.level = options.level;
            fs::write(&path, archive.snap())?;
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
