//! Whether time grows as the snapshot does and memory doesn't grow at all.
//!
//!     cargo bench --bench linear -- [--rounds 3] [--write]

#![allow(clippy::print_stdout)] // the table is what it is run for

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Arguments, Failure, Run, make, measure, median, write_to_page};
use snapscope_testkit::generate::{Container, GenerateOptions, write_to};
use std::fmt::Write as _;
use std::path::Path;

/// Bytes of state.
const SIZES: [u64; 4] = [10 << 20, 100 << 20, 1 << 30, 4 << 30];

const FILES: [&str; 2] = ["big.snap", "big.state.bin"];

/// Makes what is measured, as its own process is asked to.
fn made(words: &[String]) -> Result<(), Failure> {
    let [folder, bytes] = words else { return Err("--make FOLDER BYTES".into()) };
    let options = GenerateOptions { bytes: bytes.parse()?, ..GenerateOptions::default() };
    let [snap, state] = FILES.map(|name| Path::new(folder).join(name));
    write_to(&options, Container::Snap, &snap)?;
    write_to(&options, Container::State, &state)?;
    Ok(())
}

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if let Some(words) = arguments.to_make() {
        return made(words);
    }
    let rounds = arguments.number("--rounds", 3usize)?;
    let write = arguments.flag("--write");
    arguments.end()?;
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let mut table = String::from(
        "| state, MiB | `igzip -dc`, s | `inspect`, s | ratio | MiB/s | peak MiB: `inspect` | of state.bin | `decode` | `top` | `breakdown` |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for bytes in SIZES {
        let folder = tempfile::tempdir()?;
        make(&[&folder.path().display().to_string(), &bytes.to_string()])?;
        let [snap, state] = FILES.map(|name| folder.path().join(name).display().to_string());
        let run = |words: &[&str]| {
            measure(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        let mut reference: Vec<Run> = Vec::new();
        let mut inspected: Vec<Run> = Vec::new();
        for round in 0..=rounds {
            let (theirs, mine) = (run(&["igzip", "-dc", &snap])?, run(&[ours, "inspect", &snap])?);
            // The first round only warms up.
            if round > 0 {
                reference.push(theirs);
                inspected.push(mine);
            }
        }
        let seconds = |runs: &[Run]| {
            median(runs.iter().map(|run| run.wall.as_secs_f64()).collect()).unwrap_or(0.0)
        };
        let ratios = inspected.iter().zip(&reference);
        let ratios = ratios.map(|(a, b)| a.wall.as_secs_f64() / b.wall.as_secs_f64()).collect();
        let peak =
            |command: &str, file: &str| run(&[ours, command, file]).map(|r| r.peak_kib / 1024);
        #[allow(clippy::cast_precision_loss)]
        let mib = bytes as f64 / f64::from(1 << 20);
        let _ = writeln!(
            table,
            "| {mib} | {:.3} | {:.3} | {:.2} | {:.0} | {} | {} | {} | {} | {} |",
            seconds(&reference),
            seconds(&inspected),
            median(ratios).unwrap_or(0.0),
            mib / seconds(&inspected),
            peak("inspect", &snap)?,
            peak("inspect", &state)?,
            peak("decode", &snap)?,
            peak("top", &snap)?,
            peak("breakdown", &snap)?,
        );
    }
    println!("{table}");
    if write {
        write_to_page("linear", &table)?;
    }
    Ok(())
}
