//! Runs the binary against `igzip -dc` and `gzip -dc` on the same file, in turn, and writes the
//! table of docs/performance.md.
//!
//!     cargo bench --bench side_by_side -- [--bytes 1GiB] [--rounds 5] [--consul PATH] [--write] [--only WORD]
//!
//! Absolute times say little on a machine shared with others; the ratios, taken round by round
//! against the reference that ran right before, say what one waits for. CPU time and peak memory
//! are the operating system's own accounts of each finished process.

#![allow(clippy::print_stdout)] // the table is what it is run for

mod measuring;

use measuring::{Failure, Run, cpu_model, measure, median, parse_bytes};
use snapscope_testkit::generate::{Form, GenerateOptions, write_to};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A command that is measured.
struct Contender {
    name: &'static str,
    words: Vec<String>,
    /// What the issue it belongs to asks for, as a multiple of the reference.
    limit: Option<f64>,
    /// Index of the contender it is compared with.
    against: usize,
    runs: Vec<Run>,
}

fn main() -> Result<(), Failure> {
    let mut bytes = 1u64 << 30;
    let mut rounds = 5usize;
    let mut consul: Option<String> = None;
    let mut only: Option<String> = None;
    let mut write = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--bytes" => bytes = parse_bytes(&value()?).ok_or("--bytes takes 64MiB, 1GiB, ...")?,
            "--rounds" => rounds = value()?.parse()?,
            "--consul" => consul = Some(value()?),
            "--only" => only = Some(value()?),
            "--write" => write = true,
            // What cargo bench itself adds.
            "--bench" => {}
            other => return Err(format!("{other} is no option").into()),
        }
    }
    let folder = tempfile::tempdir()?;
    let options = GenerateOptions { bytes, ..GenerateOptions::default() };
    println!("generating {bytes} bytes of state ...");
    let (snap, made) = write_to(&options, Form::Snap, &folder.path().join("big.snap"))?;
    let (state, _) = write_to(&options, Form::State, &folder.path().join("big.state.bin"))?;
    println!("{made:?}");

    let mut contenders = contenders(&snap, &state, consul.as_deref());
    if let Some(only) = &only {
        // The references stay: everything is compared with one of them.
        let mut at = 0;
        contenders.retain(|c| {
            at += 1;
            at <= 2 || c.name.contains(only.as_str())
        });
    }
    for round in 0..=rounds {
        for contender in &mut contenders {
            let run = measure(&contender.words)?;
            // The first round only warms up.
            if round > 0 {
                contender.runs.push(run);
            }
        }
    }
    let table = table(&contenders, bytes, made.records, fs::metadata(&snap)?.len(), rounds);
    println!("{table}");
    if write {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance.md");
        replace_table(&page, &table)?;
        println!("docs/performance.md is rewritten");
    }
    Ok(())
}

fn contenders(snap: &Path, state: &Path, consul: Option<&str>) -> Vec<Contender> {
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let words = |program: &str, args: &[&str], file: &Path| -> Vec<String> {
        let mut words = vec![program.to_owned()];
        words.extend(args.iter().map(|arg| (*arg).to_owned()));
        words.push(file.display().to_string());
        words
    };
    let contender =
        |name, words, limit, against| Contender { name, words, limit, against, runs: Vec::new() };
    // The two everything is compared with stand first: index 0 and 1.
    let mut all = vec![
        contender("`igzip -dc`", words("igzip", &["-dc"], snap), None, 0),
        contender("`inspect` of the .snap", words(ours, &["inspect"], snap), Some(1.3), 0),
        contender("`inspect` of its state.bin", words(ours, &["inspect"], state), Some(0.15), 0),
        contender(
            "`breakdown --by prefix`",
            words(ours, &["breakdown", "--by", "prefix"], snap),
            Some(1.2),
            1,
        ),
        contender("`top`", words(ours, &["top"], snap), None, 1),
        contender("`inspect --more`", words(ours, &["inspect", "--more"], snap), None, 1),
        contender("`decode`", words(ours, &["decode"], snap), Some(2.0), 1),
        contender("`gzip -dc`", words("gzip", &["-dc"], snap), None, 0),
    ];
    if let Some(consul) = consul {
        let args = ["snapshot", "inspect"];
        all.push(contender("`consul snapshot inspect`", words(consul, &args, snap), None, 0));
    }
    all
}

fn table(contenders: &[Contender], bytes: u64, records: u64, packed: u64, rounds: usize) -> String {
    let mut out = String::new();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let _ = writeln!(
        out,
        "{} with {cores} cores; state.bin {bytes} bytes, {records} records, .snap {packed} bytes; \
         {rounds} rounds in turn after one to warm up, medians.\n",
        cpu_model()
    );
    out.push_str("| command | wall s | CPU s | peak MiB | ratio of wall | lowest, highest | limit | against |\n");
    out.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n");
    for contender in contenders {
        let Some(reference) = contenders.get(contender.against) else { continue };
        let mut ratios: Vec<f64> = contender
            .runs
            .iter()
            .zip(&reference.runs)
            .map(|(ours, theirs)| ours.wall.as_secs_f64() / theirs.wall.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let figure =
            |of: fn(&Run) -> f64| median(contender.runs.iter().map(of).collect()).unwrap_or(0.0);
        let _ = writeln!(
            out,
            "| {} | {:.2} | {:.2} | {:.0} | {:.2} | {:.2}, {:.2} | {} | {} |",
            contender.name,
            figure(|run| run.wall.as_secs_f64()),
            figure(|run| run.cpu.as_secs_f64()),
            figure(|run| {
                #[allow(clippy::cast_precision_loss)]
                let kib = run.peak_kib as f64;
                kib / 1024.0
            }),
            median(ratios.clone()).unwrap_or(0.0),
            ratios.first().unwrap_or(&0.0),
            ratios.last().unwrap_or(&0.0),
            contender.limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string()),
            reference.name,
        );
    }
    out
}

const BEGIN: &str = "<!-- table: written by the side_by_side bench -->\n";
const END: &str = "<!-- end of table -->";

fn replace_table(page: &PathBuf, table: &str) -> Result<(), Failure> {
    let text = fs::read_to_string(page)?;
    let (head, rest) = text.split_once(BEGIN).ok_or("the page has no place for the table")?;
    let (_, tail) = rest.split_once(END).ok_or("the page has no end of the table")?;
    fs::write(page, format!("{head}{BEGIN}{table}{END}{tail}"))?;
    Ok(())
}
