//! Whether exports of many snapshots, and the ten questions of docs/tables.md, grow as the number of snapshots does: time,
//! and not memory. One snapshot of each fleet is broken. Answers that are not those of single runs are a failure.
//!
//!     cargo bench --bench fleet -- [--bytes 1MiB] [--clusters 20] [--counts 500,1000,2000] [--write]

#![allow(clippy::print_stdout)] // the table is what it is run for

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Arguments, Failure, Run, make, measure, measure_with, write_to_page};
use snapscope_testkit::generate::{options_of_fleet, write_fleet};
use snapscope_testkit::{duckdb, package, spark};
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
    write_fleet(
        &options_of_fleet(bytes.parse()?),
        clusters.parse()?,
        count.parse()?,
        Path::new(folder),
    )?;
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

/// Truncates the file in the middle of a folder: what is broken loses nothing else.
fn break_one(folder: &Path) -> Result<(), Failure> {
    let files: Result<Vec<_>, _> = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect();
    let mut files = files?;
    files.sort();
    let path = files.get(files.len() / 2).ok_or("no snapshots")?;
    fs::OpenOptions::new().write(true).open(path)?.set_len(fs::metadata(path)?.len() / 2)?;
    Ok(())
}

/// A number of snapshots that are measured.
struct Fleet {
    dir: tempfile::TempDir,
    from: String,
    to: String,
}

impl Fleet {
    fn made(count: u64, bytes: u64, clusters: &str) -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let [from, to] = ["in", "out"].map(|name| dir.path().join(name).display().to_string());
        make(&[&from, &bytes.to_string(), clusters, &count.to_string()])?;
        break_one(Path::new(&from))?;
        Ok(Self { dir, from, to })
    }

    /// Exports, exports again, compacts: cells of the first table.
    fn exports(&self) -> Result<String, Failure> {
        let (_, given) = held(Path::new(&self.from))?;
        let export = ["export", &self.from, "--to", "parquet", "--partition", "cluster,date"];
        // One file is broken.
        let run = |words: &[&str]| measure_with(&words_of(words), &[0, 3]);
        let export = [&[OURS][..], &export, &["--out", &self.to]].concat();
        let first = run(&export)?;
        let (files, _) = held(Path::new(&self.to))?;
        let again = run(&export)?;
        let compacted = run(&[OURS, "compact", &self.to])?;
        let (fewer, size) = held(Path::new(&self.to))?;
        let [first, again, compacted] = [first, again, compacted].map(cells);
        let (given, size) = (given >> 20, size >> 20);
        Ok(format!("{given} | {first} | {files} | {again} | {compacted} | {fewer} | {size}"))
    }

    /// Puts the ten questions to each snapshot, then to the engines, whose answers have to be the same: cells of the second
    /// table.
    fn questions(&self, duckdb: &Path, spark: &Path) -> Result<String, Failure> {
        let answers = self.dir.path().join("answers.json").display().to_string();
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/tests/questions.py");
        let binary = format!("SNAPSCOPE_BINARY={OURS}");
        let ask = |python: &Path, engine: &str, place: &str| -> Result<Run, Failure> {
            let (python, program) = (python.display().to_string(), program.display().to_string());
            measure(&words_of(&["env", &binary, &python, &program, engine, place, &answers]))
        };
        let single = ask(duckdb, "single", &self.from)?;
        let engines = [
            ask(duckdb, "duckdb", &self.to)?,
            ask(spark, "spark-parquet", &self.to)?,
            ask(spark, "spark", &self.from)?,
        ];
        let engines = engines.map(cells).join(" | ");
        Ok(format!("{:.1} | {engines}", single.wall.as_secs_f64()))
    }
}

/// The program that is measured.
const OURS: &str = env!("CARGO_BIN_EXE_snapscope");

fn words_of(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Seconds, and MiB of the largest process.
fn cells(run: Run) -> String {
    format!("{:.1} | {}", run.wall.as_secs_f64(), run.peak_kib >> 10)
}

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if let Some(words) = arguments.to_make() {
        return made(words);
    }
    let bytes = arguments.bytes("--bytes", 1 << 20)?;
    let clusters = arguments.number("--clusters", 20u64)?.to_string();
    let counts = match arguments.text("--counts")? {
        Some(counts) => {
            counts.split(',').map(str::parse::<u64>).collect::<Result<Vec<u64>, _>>()?
        }
        None => COUNTS.to_vec(),
    };
    let write = arguments.flag("--write");
    arguments.end()?;
    let (duckdb, libraries) = (duckdb()?, spark()?);
    // With `--profile bench` cargo would build the library as a test.
    let spark = package::fresh("fresh-bench", &package::wheel("release")?)?;
    package::with_libraries(&spark, &libraries)?;
    let mut exports = String::from(
        "| snapshots | MiB | `export`, s | peak MiB | files | again, s | peak MiB | `compact`, s | peak MiB | files | MiB |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut questions = String::from(
        "| snapshots | single runs, s | DuckDB, s | peak MiB | Spark over Parquet, s | peak MiB | Spark over snapshots, s | peak MiB |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for count in counts {
        let fleet = Fleet::made(count, bytes, &clusters)?;
        let row = fleet.exports()?;
        println!("{count}: {row}");
        let _ = writeln!(exports, "| {count} | {row} |");
        let row = fleet.questions(&duckdb, &spark)?;
        println!("{count}: {row}");
        let _ = writeln!(questions, "| {count} | {row} |");
    }
    let tables = format!("{exports}\n{questions}");
    println!("{tables}");
    if write {
        write_to_page("fleet", &tables)?;
    }
    Ok(())
}
