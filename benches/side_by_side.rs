//! Runs the binary against `igzip -dc` and `gzip -dc` on the same file, in turn, and writes the
//! table of docs/performance.md.
//!
//!     cargo bench --bench side_by_side -- [--bytes 1GiB] [--rounds 5] [--consul PATH] [--write] [--only WORD]
//!
//! Absolute times say little on a machine shared with others; the ratios, taken round by round
//! against the reference that ran right before, say what one waits for. CPU time and peak memory
//! are the operating system's own accounts of each finished process.

#![allow(clippy::print_stdout)] // the table is what it is run for

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Arguments, Failure, Run, cpu_model, make, measure, median, write_to_page};
use snapscope_testkit::generate::{Container, GenerateOptions, write_drift, write_to};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A command that is measured.
struct Contender {
    name: &'static str,
    words: Vec<String>,
    /// What the issue it belongs to asks for, as a multiple of the reference.
    limit: Option<f64>,
    /// The same for its memory, in MiB.
    memory: Option<f64>,
    against: Against,
    runs: Vec<Run>,
}

/// What a contender is compared with: the sum of the times of others, each with its weight.
struct Against {
    name: &'static str,
    parts: Vec<(&'static str, f64)>,
}

impl Against {
    fn one(name: &'static str) -> Self {
        Self { name, parts: vec![(name, 1.0)] }
    }

    /// Seconds in each round.
    fn rounds(&self, contenders: &[Contender]) -> Option<Vec<f64>> {
        let part = |(name, weight): &(&str, f64)| {
            let part = contenders.iter().find(|c| c.name == *name)?;
            Some(part.runs.iter().map(|run| run.wall.as_secs_f64() * weight).collect())
        };
        let parts: Option<Vec<Vec<f64>>> = self.parts.iter().map(part).collect();
        parts?.into_iter().reduce(|sum, part| sum.iter().zip(part).map(|(a, b)| a + b).collect())
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if let Some(words) = arguments.to_make() {
        return made(words);
    }
    let bytes = arguments.bytes("--bytes", 1 << 30)?;
    let rounds = arguments.number("--rounds", 5usize)?;
    let consul = arguments.text("--consul")?;
    let only = arguments.text("--only")?;
    let write = arguments.flag("--write");
    arguments.end()?;
    let folder = tempfile::tempdir()?;
    println!("generating {bytes} bytes of state ...");
    let at = folder.path().display().to_string();
    let records: u64 = make(&["snapshots", &at, &bytes.to_string()])?.parse()?;
    let [snap, state, changed] = FILES.map(|name| folder.path().join(name));

    let mut contenders = contenders(&snap, &state, &changed, consul.as_deref());
    contenders.extend(of_objects(&snap, folder.path())?);
    contenders.extend(of_copies(&snap, folder.path()));
    let is_asked_for = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    if is_asked_for(HISTORY) {
        println!("generating {SERIES} snapshots of {SERIES_BYTES} bytes of state ...");
        contenders.extend(of_a_series(&folder.path().join("series"))?);
    }
    // References stay: everything is compared with one of them.
    let kept = contenders.iter().filter(|c| is_asked_for(c.name));
    let references: Vec<&str> = kept
        .flat_map(|c| &c.against.parts)
        .map(|(name, _)| *name)
        .chain([IGZIP, INSPECT])
        .collect();
    contenders.retain(|c| is_asked_for(c.name) || references.contains(&c.name));
    for round in 0..=rounds {
        for contender in &mut contenders {
            // An export is made anew: to free what stood there before would be part of its time.
            for out in EXPORTS.map(out_of).into_iter().chain(COPIES.map(str::to_owned)) {
                let out = folder.path().join(out);
                let _ = fs::remove_file(&out).or_else(|_| fs::remove_dir_all(&out));
            }
            let run = measure(&contender.words)?;
            // The first round only warms up.
            if round > 0 {
                contender.runs.push(run);
            }
        }
    }
    let table = table(&contenders, bytes, records, fs::metadata(&snap)?.len(), rounds);
    println!("{table}");
    if write {
        write_to_page("side_by_side", &table)?;
    }
    Ok(())
}

/// A snapshot, its state.bin, and a snapshot of which 1 % is another.
const FILES: [&str; 3] = ["big.snap", "big.state.bin", "changed.snap"];

/// Makes what is measured, as its own process is asked to: prints how many records a snapshot has, or
/// the key whose history is asked for.
fn made(words: &[String]) -> Result<(), Failure> {
    let [what, folder, bytes] = words else { return Err("--make WHAT FOLDER BYTES".into()) };
    let options = GenerateOptions { bytes: bytes.parse()?, ..GenerateOptions::default() };
    let folder = Path::new(folder);
    if what == "series" {
        let (_, key) = write_drift(&options, SERIES, folder)?;
        println!("{}", String::from_utf8(key)?);
        return Ok(());
    }
    let [snap, state, changed] = FILES.map(|name| folder.join(name));
    let (_, made) = write_to(&options, Container::Snap, &snap)?;
    write_to(&options, Container::State, &state)?;
    write_to(&GenerateOptions { changed: 1, ..options }, Container::Snap, &changed)?;
    println!("{}", made.records);
    Ok(())
}

/// New files that are written.
const COPIES: [&str; 7] = [
    "inflated.gz",
    "packed.snap",
    "kv.snap",
    "redacted.snap",
    "pseudonyms.snap",
    "salvaged.snap",
    "map.json",
];

/// What verifies a snapshot, and what makes others of it. Of these a plan takes as long as `inspect`; to write,
/// nine tenths of what the fastest known inflater and a parallel gzip take.
fn of_copies(snap: &Path, folder: &Path) -> Vec<Contender> {
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let file = snap.display().to_string();
    let out = |name: &str| folder.join(name).display().to_string();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let [gz, packed, kv, redacted, pseudonyms, salvaged, _] = COPIES.map(out);
    let packing = words(&["sh", "-c", r#"igzip -dc "$0" | pigz -p2 -6 > "$1""#, &file, &gz]);
    let writes = |name, args: &[&str], out: &str| {
        let args = [&[ours], args, &[&file, "--out", out]].concat();
        let parts = vec![(INSPECT, 1.0), (IGZIP_PIGZ, 0.9)];
        let against = Against { name: INSPECT_AND_PACK, parts };
        let memory = Some(128.0);
        Contender { name, words: words(&args), limit: Some(1.0), memory, against, runs: Vec::new() }
    };
    vec![
        contender("`verify`", words(&[ours, "verify", &file]), Some(1.2), INSPECT),
        contender(IGZIP_PIGZ, packing, None, IGZIP_PIGZ),
        writes("`pack`", &["pack"], &packed),
        writes("`salvage`", &["salvage"], &salvaged),
        writes("`extract --only kv`", &["extract", "--only", "kv"], &kv),
        writes("`redact`", &["redact"], &redacted),
        writes("`redact --pseudonymise`", &["redact", "--pseudonymise"], &pseudonyms),
    ]
}

fn contender(
    name: &'static str,
    words: Vec<String>,
    limit: Option<f64>,
    against: &'static str,
) -> Contender {
    let against = Against::one(against);
    Contender { name, words, limit, memory: None, against, runs: Vec::new() }
}

/// What everything is compared with, or with something that is compared with it.
const IGZIP: &str = "`igzip -dc`";
const INSPECT: &str = "`inspect` of the .snap";
const TWICE: &str = "two `inspect`s of it at once";
const BOTH: &str = "`inspect` of it and of another at once";
const HISTORY: &str = "`history` of a key over them";
const IGZIP_PIGZ: &str = "`igzip -dc` into `pigz -p2 -6`";
const INSPECT_AND_PACK: &str = "`inspect` + 0.9 x `igzip -dc` into `pigz -p2 -6`";
const INSPECTS: &str = "100 `inspect`s of 10 MiB in a row";
/// Snapshots of the series that `history` reads, and bytes of state in each.
const SERIES: u64 = 100;
const SERIES_BYTES: u64 = 10 << 20;

/// The history of a key over a series, against looking at the snapshots one after another.
fn of_a_series(folder: &Path) -> Result<[Contender; 2], Failure> {
    fs::create_dir_all(folder)?;
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let folder = folder.display().to_string();
    let key = make(&["series", &folder, &SERIES_BYTES.to_string()])?;
    let each = "for file in \"$1\"/*.snap; do \"$0\" inspect \"$file\" || exit; done";
    let inspects = ["sh", "-c", each, ours, &folder].map(str::to_owned).to_vec();
    let history = [ours, "history", "kv", &key, &folder].map(str::to_owned).to_vec();
    Ok([
        contender(INSPECTS, inspects, None, INSPECTS),
        contender(HISTORY, history, Some(0.65), INSPECTS),
    ])
}

/// Formats that are measured.
const EXPORTS: [&str; 4] = ["jsonl", "csv", "sqlite", "parquet"];

/// Queries that are measured.
const RANGE: &str = "select key from kv where key >= 'a' and key < 'b'";
const PREFIXES: &str =
    "select substr(key, 1, instr(key, '/')) as prefix, count(*), sum(size) from kv group by prefix";
const JOIN: &str = "select p.name, count(*) from tokens t join token_policies l on l.token_id = t.id \
     join policies p on p.id = l.policy_id group by p.name";

fn out_of(format: &str) -> String {
    format!("export-{format}")
}

/// What makes objects of records: lists, exports, the audit.
fn of_objects(snap: &Path, folder: &Path) -> Result<Vec<Contender>, Failure> {
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let file = snap.display().to_string();
    let some = ["list", "keys", &file, "--limit", "1000", "-o", "csv"];
    let listed = std::process::Command::new(ours).args(some).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    let key = listed.lines().last().ok_or("the snapshot has no keys")?;
    let asked = |name, args: &[&str], limit| {
        let words = std::iter::once(ours).chain(args.iter().copied()).map(str::to_owned).collect();
        contender(name, words, Some(limit), INSPECT)
    };
    let export = |name, to, limit| {
        let out = folder.join(out_of(to)).display().to_string();
        asked(name, &["export", &file, "--to", to, "--out", &out], limit)
    };
    Ok(vec![
        asked("`get kv`", &["get", "kv", &file, key], 1.1),
        asked("`list kv --limit 20`", &["list", "kv", &file, "--limit", "20"], 0.1),
        asked("`audit`", &["audit", &file], 3.0),
        asked("`sql` that counts keys", &["sql", &file, "select count(*) from kv"], 1.1),
        asked("`sql` with a range of keys", &["sql", &file, RANGE], 1.2),
        asked("`sql` that groups keys by prefix", &["sql", &file, PREFIXES], 1.5),
        asked("`sql` that joins tokens and policies", &["sql", &file, JOIN], 1.2),
        export("`export --to jsonl`", "jsonl", 2.0),
        export("`export --to csv`", "csv", 2.5),
        export("`export --to sqlite`", "sqlite", 8.0),
        export("`export --to parquet`", "parquet", 2.0),
    ])
}

fn contenders(snap: &Path, state: &Path, changed: &Path, consul: Option<&str>) -> Vec<Contender> {
    let ours = env!("CARGO_BIN_EXE_snapscope");
    let words = |program: &str, args: &[&str], file: &Path| -> Vec<String> {
        let mut words = vec![program.to_owned()];
        words.extend(args.iter().map(|arg| (*arg).to_owned()));
        words.push(file.display().to_string());
        words
    };
    let shell = |script: &str, other: &Path| -> Vec<String> {
        let files = [snap, other].map(|path| path.display().to_string());
        let words = ["sh", "-c", script, ours].map(str::to_owned);
        words.into_iter().chain(files).collect()
    };
    let both = r#""$0" inspect "$1" & "$0" inspect "$2"; wait"#;
    // Differences are no failure.
    let diff = r#""$0" diff --stat "$1" "$2" || [ $? = 1 ]"#;
    let mut all = vec![
        contender(IGZIP, words("igzip", &["-dc"], snap), None, IGZIP),
        contender(INSPECT, words(ours, &["inspect"], snap), Some(1.3), IGZIP),
        contender(TWICE, shell(both, snap), None, INSPECT),
        contender(BOTH, shell(both, changed), None, INSPECT),
        contender("`diff` with itself", shell(diff, snap), Some(1.1), TWICE),
        contender("`diff` with 1 % changed", shell(diff, changed), Some(1.3), BOTH),
        contender(
            "`inspect` of its state.bin",
            words(ours, &["inspect"], state),
            Some(0.15),
            IGZIP,
        ),
        contender(
            "`breakdown --by prefix`",
            words(ours, &["breakdown", "--by", "prefix"], snap),
            Some(1.2),
            INSPECT,
        ),
        contender("`top`", words(ours, &["top"], snap), None, INSPECT),
        contender("`inspect --more`", words(ours, &["inspect", "--more"], snap), None, INSPECT),
        contender("`decode`", words(ours, &["decode"], snap), Some(2.0), INSPECT),
        contender("`gzip -dc`", words("gzip", &["-dc"], snap), None, IGZIP),
    ];
    if let Some(consul) = consul {
        let args = ["snapshot", "inspect"];
        all.push(contender("`consul snapshot inspect`", words(consul, &args, snap), None, IGZIP));
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
        let Some(reference) = contender.against.rounds(contenders) else { continue };
        let wall = |run: &Run| run.wall.as_secs_f64();
        let ours = contender.runs.iter().map(wall);
        let mut ratios: Vec<f64> =
            ours.zip(reference).map(|(ours, theirs)| ours / theirs).collect();
        ratios.sort_by(f64::total_cmp);
        let figure =
            |of: fn(&Run) -> f64| median(contender.runs.iter().map(of).collect()).unwrap_or(0.0);
        let peak = figure(|run| {
            #[allow(clippy::cast_precision_loss)]
            let kib = run.peak_kib as f64;
            kib / 1024.0
        });
        let _ = writeln!(
            out,
            "| {} | {:.2} | {:.2} | {peak:.0}{} | {:.2} | {:.2}, {:.2} | {} | {} |",
            contender.name,
            figure(wall),
            figure(|run| run.cpu.as_secs_f64()),
            contender.memory.map_or_else(String::new, |limit| format!(" of {limit}")),
            median(ratios.clone()).unwrap_or(0.0),
            ratios.first().unwrap_or(&0.0),
            ratios.last().unwrap_or(&0.0),
            contender.limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string()),
            contender.against.name,
        );
    }
    out
}
