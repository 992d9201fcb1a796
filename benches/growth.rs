//! Whether time grows as hostile snapshots do, and whether memory stays bounded.
//!
//!     cargo bench --bench growth -- [--rounds 3] [--only WORD] [--write]
//!
//! Each command is run on a shape of 1, 2 and 4 times a size, the sizes in turn. The least processor time of each
//! size counts, as other load only ever adds to it.

#![allow(clippy::print_stdout)] // the table is what it is run for

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Arguments, Failure, Run, make, measure_with, table_of_page, write_to_page};
use snapscope_testkit::adversarial::Shape;
use std::collections::BTreeMap;
use std::path::Path;

/// A command on a shape.
struct Case {
    /// The shapes of its files, in the order in which the command names them.
    shapes: &'static [&'static str],
    size: u64,
    /// `A` and `B` are the files, `OUT` what isn't there yet.
    command: &'static str,
}

const fn case(shapes: &'static [&'static str], size: u64, command: &'static str) -> Case {
    Case { shapes, size, command }
}

static CASES: &[Case] = &[
    case(&["prefixes"], 250_000, "breakdown --by prefix A"),
    case(&["prefixes"], 250_000, "inspect --kvdetails A"),
    case(&["prefixes"], 250_000, "trend --by prefix -o json A"),
    case(&["deep keys"], 50_000, "inspect --kvdetails --kvdepth 102 A"),
    case(&["keys in order"], 250_000, "history --under= kv A"),
    case(&["one key repeated"], 250_000, "history kv app/key A"),
    case(&["versions of a large value"], 1_000, "history kv app/large A"),
    case(&["deletions"], 250_000, "history --under=app/ kv A"),
    case(&["nothing", "one key repeated"], 250_000, "diff --stat A B"),
    case(&["keys in order", "keys in no order"], 250_000, "diff --stat A B"),
    case(&["versions of a large value", "nothing"], 1_000, "diff --stat A B"),
    case(&["many sources", "nothing"], 50_000, "diff --stat A B"),
    case(&["large metadata", "other large metadata"], 25_000, "diff --stat A B"),
    case(&["one policy of matching rules"], 100_000, "acl who-can -o json A key read app/x"),
    case(&["policies that match"], 50_000, "acl who-can -o json A key read app/x"),
    case(&["one config entry repeated"], 5_000, "export --to config-entries --out OUT A"),
    case(&["one accessor repeated"], 5_000, "export --to acl --out OUT A"),
    case(&["one accessor repeated"], 100_000, "export --to sqlite --out OUT A"),
    case(&["one service everywhere"], 50_000, "list services -o json A"),
    case(&["keys in no order"], 100_000, "list kv --sort key A"),
    case(&["one service everywhere"], 50_000, "audit A"),
    case(&["one service everywhere"], 50_000, "verify --deep A"),
    case(&["one node registered again"], 50_000, "verify --deep A"),
    case(&["one node registered again"], 50_000, "audit A"),
    case(&["one node registered again"], 50_000, "extract --only catalog --out OUT A"),
    case(&["one node registered again"], 50_000, "list services A"),
    case(&["one service registered again"], 50_000, "verify --deep A"),
    case(&["one service registered again"], 50_000, "audit A"),
    case(&["one service registered again"], 50_000, "list services A"),
    case(&["one service registered again"], 50_000, "export --to sqlite --out OUT A"),
    case(&["one service with many tags", "nothing"], 50_000, "diff --limit 0 -o json A B"),
    case(&["one service with many tags"], 50_000, "list instances --wide -o json A"),
    case(&["one service with many tags"], 50_000, "audit A"),
    case(&["one service with many tags"], 50_000, "redact --out OUT A"),
    case(
        &["one token with many links"],
        25_000,
        "acl explain A 00000000-0000-4000-8000-000000000001",
    ),
    case(&["one token with many links"], 25_000, "verify --deep A"),
    case(&["one token with many links"], 25_000, "audit A"),
    case(&["one token with many links"], 25_000, "extract --only acl --out OUT A"),
    case(&["one token with many links"], 25_000, "redact --out OUT A"),
    case(&["one accessor repeated"], 50_000, "verify --deep A"),
    case(&["one accessor repeated"], 50_000, "audit A"),
    case(&["one accessor repeated"], 50_000, "extract --only acl --out OUT A"),
    case(&["one accessor repeated"], 50_000, "redact --out OUT A"),
    case(&["one key repeated"], 250_000, "verify --deep A"),
    case(&["keys in no order"], 250_000, "verify --deep A"),
    case(&["keys in no order"], 250_000, "pack --out OUT A"),
    case(&["keys in no order"], 100_000, "extract --rename-prefix app/=other/ --out OUT A"),
    case(&["keys in no order"], 100_000, "export --to kv-json --out OUT A"),
    case(&["keys in no order"], 100_000, "redact --out OUT A"),
    case(&["prefixes"], 100_000, "redact --pseudonymise --out OUT A"),
    case(&["prefixes"], 250_000, "salvage --out OUT A"),
    case(&["many sources"], 25_000, "verify --for-consul 1.22.0 A"),
    case(&["many sources"], 25_000, "audit A"),
    case(&["many sources"], 25_000, "list intentions -o json A"),
    case(&["large metadata"], 25_000, "redact --out OUT A"),
    case(&["nested settings"], 50_000, "list config-entries -o json A"),
    case(&["nested settings"], 50_000, "audit A"),
    case(&["nested settings"], 50_000, "verify --deep A"),
    case(&["nested settings"], 50_000, "redact --out OUT A"),
    case(&["nested settings", "nothing"], 50_000, "diff --limit 0 -o json A B"),
    case(&["one large value of secrets"], 20_000, "audit A"),
    case(&["one large value of secrets"], 20_000, "redact --out OUT A"),
    case(&["one large value of secrets", "nothing"], 20_000, "diff -o json A B"),
    case(&["cut records"], 50_000, "salvage --out OUT A"),
    case(&["islands"], 100_000, "salvage --out OUT A"),
    case(&["lengths that lie"], 50_000, "salvage --out OUT A"),
    case(&["cut records"], 50_000, "verify A"),
    case(&["many routes", "other routes"], 25_000, "diff --limit 0 -o json A B"),
    case(&["large metadata", "other large metadata"], 10_000, "diff --limit 0 -o json A B"),
    case(&["one role of many policies"], 10_000, "acl who-can -o json A key read app/7"),
    case(&["one role of many policies"], 10_000, "acl who-can A key read app/7"),
    case(&["one role of many policies"], 10_000, "audit A"),
    case(&["one role of many policies"], 10_000, "verify --deep A"),
    case(&["one role of many policies"], 10_000, "extract --only acl --out OUT A"),
    case(
        &["one token with many rules"],
        25_000,
        "acl explain A 00000000-0000-4000-8000-000000000001",
    ),
    case(
        &["one policy with many names"],
        50_000,
        "acl explain -o json A 00000000-0000-4000-8000-000000000001",
    ),
    case(
        &["one policy with many names"],
        50_000,
        "acl can A 00000000-0000-4000-8000-000000000001 intention write *",
    ),
    case(&["one policy with many names"], 50_000, "audit A"),
    case(
        &["one token with many templates"],
        20_000,
        "acl explain A 00000000-0000-4000-8000-000000000001",
    ),
    case(&["many binding rules"], 5_000, "acl who-can -o json A key read app/x"),
    case(&["many binding rules"], 10_000, "audit A"),
    case(&["many binding rules"], 10_000, "extract --only acl --out OUT A"),
    case(&["variables without end"], 500_000, "acl who-can A key read app/x"),
    case(&["variables without end"], 500_000, "redact --pseudonymise --out OUT A"),
    case(&["variables without end"], 500_000, "extract --only acl --out OUT A"),
    case(&["one setting repeated"], 50_000, "audit A"),
    case(&["one setting repeated"], 50_000, "list config-entries -o json A"),
    case(&["one long name"], 50_000, "audit A"),
    case(&["many services of a node"], 25_000, "audit A"),
    case(&["many services of a node"], 25_000, "verify --deep A"),
    case(&["many services of a node"], 25_000, "list services A"),
    case(&["many services of a node"], 25_000, "list nodes -o json A"),
    case(&["many services of a node"], 25_000, "breakdown --by service A"),
    case(&["many services of a node"], 25_000, "history --under= services A"),
    case(&["many services of a node", "nothing"], 25_000, "diff --stat A B"),
    case(
        &["many services of a node"],
        25_000,
        "extract --filter services=Name==\"web-000000007\" --out OUT A",
    ),
    case(&["many services of a node"], 25_000, "export --to sqlite --out OUT A"),
    case(&["one long key"], 500_000, "top A"),
    case(&["one long key"], 500_000, "list kv A"),
    case(&["one long key"], 500_000, "breakdown --by prefix A"),
    case(&["one long key"], 500_000, "audit A"),
    case(&["one long key"], 500_000, "verify --deep A"),
    case(&["one long key", "nothing"], 500_000, "diff A B"),
    case(&["runs of base64"], 100_000, "audit A"),
    case(&["runs of base64"], 100_000, "redact --out OUT A"),
    case(&["unknown fields"], 100_000, "redact --out OUT A"),
    case(&["unknown fields"], 100_000, "list kv -o json A"),
    case(&["unknown fields", "nothing"], 100_000, "diff -o json A B"),
    case(&["one secret named often"], 50_000, "redact --out OUT A"),
    case(&["many vaults"], 25_000, "audit A"),
    case(&["large lengths that lie"], 100_000, "salvage --out OUT A"),
    case(&["lists without end"], 400_000, "salvage --out OUT A"),
    case(&["records in values"], 50, "salvage --out OUT A"),
    case(&["one role of many policies"], 5_000, "export --to acl --out OUT A"),
    case(&["one key written again"], 50_000, "log A"),
    case(&["one key written again"], 50_000, "log stats --by who A"),
    case(&["one key written again"], 50_000, "at --index 50000 --out OUT A"),
    case(&["one large transaction"], 50_000, "log -o json A"),
    case(&["one service registered everywhere"], 10_000, "log A"),
    case(&["many resolvers written"], 2_000, "log A"),
];

impl Case {
    /// The cells of its line that say what it is.
    fn cells(&self) -> String {
        format!("| {} | `{}` |", self.shapes.join(", "), self.command)
    }
}

/// How much more a command may take for twice as much.
const MOST_GROWTH: f64 = 2.3;
const MOST_MIB: u64 = 256;
/// How many times the rounds are repeated while a command seems to grow more.
const MOST_TRIES: usize = 6;

/// Makes a file, as its own process is asked to.
fn made(words: &[String]) -> Result<(), Failure> {
    let [path, shape, size] = words else { return Err("--make PATH SHAPE SIZE".into()) };
    Ok(Shape::named(shape).write_to(size.parse()?, Path::new(path))?)
}

/// A case at one size: its files, and what runs of it took.
struct CaseOfSize {
    folder: tempfile::TempDir,
    words: Vec<String>,
    runs: Vec<Run>,
}

impl CaseOfSize {
    fn new(case: &Case, size: u64) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        for (name, shape) in ["A", "B"].iter().zip(case.shapes) {
            make(&[&path(name), shape, &size.to_string()])?;
        }
        let mut words = vec![env!("CARGO_BIN_EXE_snapscope").to_owned()];
        words.extend(case.command.split(' ').map(|word| match word {
            "A" | "B" | "OUT" => path(word),
            word => word.to_owned(),
        }));
        Ok(Self { folder, words, runs: Vec::new() })
    }

    fn run(&mut self) -> Result<(), Failure> {
        // A difference, a finding of the audit or damage is not a failure.
        self.runs.push(measure_with(&self.words, &[0, 1, 3])?);
        let out = self.folder.path().join("OUT");
        if out.is_dir() {
            std::fs::remove_dir_all(&out)?;
        } else if out.exists() {
            std::fs::remove_file(&out)?;
        }
        Ok(())
    }

    fn least_seconds(&self) -> f64 {
        self.runs.iter().map(|run| run.cpu.as_secs_f64()).fold(f64::INFINITY, f64::min)
    }

    fn peak_mib(&self) -> u64 {
        self.runs.iter().map(|run| run.peak_kib >> 10).max().unwrap_or(0)
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    if let Some(words) = arguments.to_make() {
        return made(words);
    }
    let rounds = arguments.number("--rounds", 3usize)?;
    let only = arguments.text("--only")?.unwrap_or_default();
    let write = arguments.flag("--write");
    arguments.end()?;
    let mut measured = BTreeMap::new();
    let mut failed = Vec::new();
    let cases = CASES.iter().filter(|case| {
        case.command.contains(&only) || case.shapes.iter().any(|shape| shape.contains(&only))
    });
    for case in cases {
        let mut sizes = Vec::new();
        for times in [1, 2, 4] {
            sizes.push(CaseOfSize::new(case, case.size * times)?);
        }
        let mut seconds: Vec<f64> = Vec::new();
        let mut growth = f64::INFINITY;
        // Other load on the machine may last for all rounds of one size: whatever seems to grow too much is
        // measured again, several times.
        for round in 0..rounds * MOST_TRIES {
            if round >= rounds && growth <= MOST_GROWTH {
                break;
            }
            sizes.iter_mut().try_for_each(CaseOfSize::run)?;
            seconds = sizes.iter().map(CaseOfSize::least_seconds).collect();
            growth = seconds.windows(2).map(|pair| pair[1] / pair[0]).fold(0.0, f64::max);
        }
        let peak = sizes.iter().map(CaseOfSize::peak_mib).max().unwrap_or(0);
        let line = format!(
            "{} {} | {:.2} | {:.2} | {:.2} | {growth:.2} | {peak} |",
            case.cells(),
            case.size,
            seconds[0],
            seconds[1],
            seconds[2],
        );
        println!("{line}");
        measured.insert(case.cells(), line.clone());
        if growth > MOST_GROWTH || peak > MOST_MIB {
            failed.push(line);
        }
    }
    if write {
        // Cases that were not measured now keep the lines they have.
        let mut table = String::from(
            "| shape | command | parts | CPU s | of 2 times | of 4 times | growth | peak MiB |\n\
             | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        let earlier = table_of_page("growth")?;
        for case in CASES {
            let cells = case.cells();
            let now = measured.get(&cells).map(String::as_str);
            let line = now.or_else(|| earlier.lines().find(|line| line.starts_with(&cells)));
            line.into_iter().for_each(|line| table.extend([line, "\n"]));
        }
        write_to_page("growth", &table)?;
    }
    match failed.as_slice() {
        [] => Ok(()),
        lines => {
            Err(format!("more than {MOST_GROWTH} times or {MOST_MIB} MiB:\n{}", lines.join("\n"))
                .into())
        }
    }
}
