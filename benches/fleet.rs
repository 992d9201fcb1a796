//! Whether exports of many snapshots grow as their number does: time, and not memory.
//!
//!     cargo bench --bench fleet -- [--bytes 1MiB] [--clusters 20] [--write]

#![allow(clippy::print_stdout)] // the table is what it is run for

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Failure, make, measure, parse_bytes, write_to_page};
use snapscope_testkit::ConsulVersion;
use snapscope_testkit::generate::{GenerateOptions, write_fleet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Numbers of snapshots.
const COUNTS: [u64; 3] = [500, 1000, 2000];

/// Makes what is measured, as its own process is asked to.
fn made(words: &[String]) -> Result<(), Failure> {
    let [folder, bytes, clusters, count] = words else {
        return Err("--make FOLDER BYTES CLUSTERS COUNT".into());
    };
    let options = GenerateOptions {
        bytes: bytes.parse()?,
        version: ConsulVersion::V1_21_4,
        level: 1,
        ..GenerateOptions::default()
    };
    write_fleet(&options, clusters.parse()?, count.parse()?, Path::new(folder))?;
    Ok(())
}

/// The number and bytes of files below a folder.
fn held(folder: &Path) -> Result<(u64, u64), Failure> {
    let (mut count, mut bytes) = (0, 0);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (more, size) = match entry.file_type()?.is_dir() {
            true => held(&entry.path())?,
            false => (1, entry.metadata()?.len()),
        };
        (count, bytes) = (count + more, bytes + size);
    }
    Ok((count, bytes))
}

fn main() -> Result<(), Failure> {
    let (mut bytes, mut clusters, mut write) = (1 << 20, "20".to_owned(), false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--bytes" => bytes = parse_bytes(&value()?).ok_or("--bytes is no size")?,
            "--clusters" => clusters = value()?,
            "--write" => write = true,
            "--make" => return made(&args.collect::<Vec<_>>()),
            // What cargo bench itself adds.
            "--bench" => {}
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let mut table = String::from(
        "| snapshots | MiB | `export`, s | peak MiB | files | again, s | peak MiB | `compact`, s | peak MiB | files | MiB |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for count in COUNTS {
        let dir = tempfile::tempdir()?;
        let (from, to) = (dir.path().join("in"), dir.path().join("out"));
        let [input, out] = [&from, &to].map(|path| path.display().to_string());
        make(&[&input, &bytes.to_string(), &clusters, &count.to_string()])?;
        let run = |words: &[&str]| {
            measure(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        let export = [
            ours,
            "export",
            &input,
            "--to",
            "parquet",
            "--partition",
            "cluster,date",
            "--out",
            &out,
        ];
        let first = run(&export)?;
        let (files, _) = held(&to)?;
        let again = run(&export)?;
        let compacted = run(&[ours, "compact", &out])?;
        let (fewer, size) = held(&to)?;
        let (_, given) = held(&from)?;
        let _ = writeln!(
            table,
            "| {count} | {} | {:.1} | {} | {files} | {:.1} | {} | {:.1} | {} | {fewer} | {} |",
            given >> 20,
            first.wall.as_secs_f64(),
            first.peak_kib >> 10,
            again.wall.as_secs_f64(),
            again.peak_kib >> 10,
            compacted.wall.as_secs_f64(),
            compacted.peak_kib >> 10,
            size >> 20,
        );
    }
    println!("{table}");
    if write {
        write_to_page("fleet", &table)?;
    }
    Ok(())
}
