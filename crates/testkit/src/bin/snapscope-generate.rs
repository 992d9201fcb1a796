//! Writes a generated snapshot to disk, for benchmarks and for experiments with large files.

#![allow(clippy::print_stderr, clippy::print_stdout)]

use std::path::PathBuf;
use std::process::ExitCode;

use snapscope_testkit::ConsulVersion;
use snapscope_testkit::generate::{Container, GenerateOptions, write_fleet, write_to};

const USAGE: &str = "\
usage: snapscope-generate --out PATH [--bytes 64MiB] [--seed 1] [--consul 1.8.7|1.14.7|1.21.4]
                          [--form snap|state|raft-dir|tar] [--level 6] [--changed PERCENT]
                          [--snapshots N --clusters N]

--bytes   size of state.bin: a number, with KiB, MiB, GiB (powers of 1024) or kB, MB, GB (of 1000)
--form    snap: the archive; state: bare state.bin; tar: the archive not compressed;
          raft-dir: PATH/<snapshot id>/{meta.json,state.bin}
--changed other values for this percentage of keys, everything else the same: for comparisons
--snapshots, --clusters
          PATH becomes a folder of archives of this number of clusters, an hour apart";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("snapscope-generate: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut options = GenerateOptions { bytes: 64 << 20, ..GenerateOptions::default() };
    let (mut form, mut out) = (Container::Snap, None);
    let (mut snapshots, mut clusters) = (None, 1);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if matches!(arg.as_str(), "-h" | "--help") {
            println!("{USAGE}");
            return Ok(());
        }
        let (flag, value) = match arg.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), value.to_owned()),
            None => {
                let value = args.next().ok_or_else(|| format!("{arg} needs a value\n{USAGE}"))?;
                (arg, value)
            }
        };
        let bad = || format!("{flag} can't be {value:?}\n{USAGE}");
        match flag.as_str() {
            "--bytes" => options.bytes = parse_bytes(&value).ok_or_else(bad)?,
            "--seed" => options.seed = value.parse().map_err(|_| bad())?,
            "--consul" => options.version = ConsulVersion::from_number(&value).ok_or_else(bad)?,
            "--changed" => {
                options.changed = value.parse().ok().filter(|p| *p <= 100).ok_or_else(bad)?;
            }
            "--snapshots" => snapshots = Some(value.parse().map_err(|_| bad())?),
            "--clusters" => clusters = value.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?,
            "--level" => options.level = value.parse().ok().filter(|l| *l <= 9).ok_or_else(bad)?,
            "--form" => {
                form = match value.as_str() {
                    "snap" => Container::Snap,
                    "state" => Container::State,
                    "raft-dir" => Container::RaftDir,
                    "tar" => Container::Tar,
                    _ => return Err(bad()),
                }
            }
            "--out" => out = Some(PathBuf::from(&value)),
            _ => return Err(format!("unknown option {flag}\n{USAGE}")),
        }
    }
    let out = out.ok_or_else(|| format!("--out is missing\n{USAGE}"))?;
    if let Some(count) = snapshots {
        let files = write_fleet(&options, clusters, count, &out);
        let files = files.map_err(|e| format!("{}: {e}", out.display()))?;
        println!("{}", out.display());
        eprintln!("{} snapshots", files.len());
        return Ok(());
    }
    let (path, made) =
        write_to(&options, form, &out).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{}", path.display());
    eprintln!("{made:?}");
    Ok(())
}

fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}
