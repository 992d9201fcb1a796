//! `verify`: whether snapshots are sound and Consul would restore them.

mod age;
mod inputs;
mod one;
mod render;
mod sidecar;

use crate::answer::print;
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::progress::Progress;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::terminal::say;
use age::parse_age;
use anyhow::{Context as _, Result};
use clap::Args;
use inputs::{Input, Inputs};
use jiff::SignedDuration;
use one::{Report, Verdict};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use snapscope_analyze::Jobs;
use snapscope_analyze::obstacles::Server;
use snapscope_analyze::verify::{Depth, Level, VerifyOptions};
use snapscope_archive::OpenOptions;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Verify that snapshots are sound and that Consul restores them
///
/// Checks the files, every record, and how records fit together.
///
/// A finding has a level. damaged: bytes are missing, changed, or do not match their checksums.
/// refused: Consul would not restore the file. lost: Consul would restore it and lose something.
/// odd: servers would not write it, but can work with it, such as a token whose policy is gone.
///
/// In a folder or bucket every snapshot is verified, and its SHA-256 is compared with the agent's
/// sidecar. The exit code is 3 if a snapshot is damaged, 1 if one is refused or would lose
/// something, and 0 otherwise.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope verify backup.snap
  snapscope verify --deep -o json backup.snap
  snapscope verify --for-consul 1.21.4 backup.snap
  snapscope verify --max-age 26h /var/backups/consul
  snapscope verify s3://backups/consul-snapshot")]
pub(crate) struct VerifyArgs {
    /// Files, folders and patterns; s3://BUCKET/PREFIX, az://CONTAINER/PREFIX, gs://BUCKET/PREFIX;
    /// - for standard input
    #[arg(value_name = "SNAPSHOT", required = true)]
    snapshots: Vec<PathBuf>,
    /// Check only the files: checksums, and that all records are intact
    #[arg(long, conflicts_with = "deep")]
    quick: bool,
    /// Also check nested data in records, the rules of policies, and certificates
    #[arg(long)]
    deep: bool,
    /// Check whether this version of Consul would restore it, such as 1.8.7 or 1.21.4+ent [default:
    /// the one that wrote it]
    #[arg(long, value_name = "VERSION", value_parser = parse_server, conflicts_with = "quick")]
    for_consul: Option<Server>,
    /// Exit with 1 if anything is found
    #[arg(long)]
    strict: bool,
    /// Exit with 1 if the newest sound snapshot of a folder or bucket is older than this, such as
    /// 26h or 2d
    #[arg(long, value_name = "DURATION", value_parser = parse_age)]
    max_age: Option<SignedDuration>,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["text", "json", "jsonl"]), default_value = "text")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

fn parse_server(text: &str) -> Result<Server, String> {
    Server::parse(text)
        .ok_or_else(|| format!("{text:?} is not a version; expected one such as 1.21.4"))
}

pub(crate) fn run(args: &VerifyArgs) -> Result<Exit> {
    let inputs = inputs::find(&args.snapshots)?;
    let reports = verify_all(args, &inputs)?;
    let stale = args.max_age.map_or_else(Vec::new, |limit| age::stale(&inputs, &reports, limit));
    print(&render::Verified { reports: &reports, stale: &stale }, args.output, None)?;
    let exits = reports.iter().map(|report| exit_of(&report.verdict, args.strict));
    let stale = if stale.is_empty() { Exit::Done } else { Exit::Found };
    let mut exit = exits.fold(stale, Exit::max);
    for (group, name) in inputs.names.iter().enumerate() {
        let of_name = inputs.all.iter().zip(&reports).filter(|(input, _)| input.group == group);
        let mut verdicts = of_name.map(|(_, report)| &report.verdict).peekable();
        // As for a folder without files.
        if verdicts.peek().is_some() && verdicts.all(|v| matches!(v, Verdict::Skipped)) {
            let folder = one_line(name.display().to_string().as_bytes());
            say!("snapscope: {folder}: this folder holds no snapshots");
            exit = exit.max(Exit::Failed);
        }
    }
    Ok(exit)
}

fn exit_of(verdict: &Verdict, strict: bool) -> Exit {
    match verdict {
        Verdict::Sound | Verdict::Skipped => Exit::Done,
        Verdict::Found(Level::Odd) if !strict => Exit::Done,
        Verdict::Found(Level::Odd | Level::Lost | Level::Refused) => Exit::Found,
        Verdict::Found(Level::Damaged) => Exit::Damaged,
        Verdict::Unreadable(_) => Exit::Failed,
    }
}

/// Verifies all snapshots, several at once; reports are in the order of the inputs.
fn verify_all(args: &VerifyArgs, inputs: &Inputs) -> Result<Vec<Report>> {
    let all: Option<u64> = inputs.all.iter().map(|input| input.source.size()).sum();
    let progress = Progress::start(all);
    let jobs = args.read.jobs().0.get();
    let workers = jobs.min(inputs.all.len()).max(1);
    // With fewer snapshots than jobs, the jobs are divided among them.
    let each = NonZeroUsize::new(jobs / workers).unwrap_or(NonZeroUsize::MIN);
    let open = OpenOptions { threads: each.get(), ..args.read.watched(&progress) };
    let depth = match (args.quick, args.deep) {
        (true, _) => Depth::Quick,
        (_, true) => Depth::Deep,
        _ => Depth::Records,
    };
    let verify = VerifyOptions { depth, server: args.for_consul.clone() };
    let one = |input: &Input| one::verify(input, &open, Jobs(each), &verify);
    let pool = ThreadPoolBuilder::new().num_threads(workers).build();
    let pool = pool.context("starting threads")?;
    Ok(pool.install(|| inputs.all.par_iter().map(one).collect()))
}
