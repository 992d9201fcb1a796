//! `audit`: what is wrong in a snapshot.

mod baseline;
mod choice;

use crate::exit::Exit;
use crate::reading::{ReadArgs, incomplete_line};
use crate::render::findings::{self, Whole};
use crate::render::sarif;
use crate::terminal::{self, say};
use crate::times;
use anyhow::{Result, bail};
use choice::Choice;
use clap::{Args, ValueEnum};
use snapscope_analyze::acl::ServerVersion;
use snapscope_analyze::audit::{Audit, AuditOptions, RULES, Severity};
use snapscope_analyze::fold;
use snapscope_decode::GoTime;
use std::io::Write as _;
use std::path::PathBuf;

/// Find what is wrong in a snapshot: ACLs, secrets in plain text, certificates, mesh, catalog,
/// operation
///
/// Each finding has its rule, severity and object; --rules explains the rules. Secrets are masked.
/// The exit code is 0 whatever is found, unless --fail-on sets the severity from which it is 1.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope audit backup.snap
  snapscope audit --only SECRET,CA --min-severity high -o json backup.snap
  snapscope audit --rules")]
pub(crate) struct AuditArgs {
    /// A .snap file, a tar archive, a raft snapshot folder, a data directory, a state.bin, or - for
    /// standard input
    #[arg(value_name = "FILE", required_unless_present = "rules")]
    file: Option<PathBuf>,
    /// Check only these rules or groups: ACL, SECRET007
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Skip these rules or groups
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    skip: Vec<String>,
    /// Hide findings that are less severe
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Level::Info)]
    min_severity: Level,
    /// Exit with 1 if a finding of at least this severity is shown
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Level>,
    /// Hide findings in this file, written by --write-baseline or -o json
    #[arg(long, value_name = "PATH")]
    baseline: Option<PathBuf>,
    /// Write the findings to a file, for --baseline
    #[arg(long, value_name = "PATH")]
    write_baseline: Option<PathBuf>,
    /// The time at which expiry and age are evaluated [default: when the snapshot was taken]
    #[arg(long, value_name = "TIME", value_parser = times::parse)]
    at: Option<GoTime>,
    /// The servers' datacenter [default: the most frequent one in the catalog]
    #[arg(long, value_name = "DC")]
    datacenter: Option<String>,
    /// The servers' Consul version [default: the newest one that a server registered with]
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    consul_version: Option<ServerVersion>,
    /// Print the rules: what each finds, why that matters, how to fix it
    #[arg(long)]
    rules: bool,
    /// Print secrets that were found
    #[arg(long)]
    show_secrets: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = AuditOutput::Table)]
    output: AuditOutput,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AuditOutput {
    /// Columns, the worst first
    Table,
    /// One JSON value
    Json,
    /// One JSON line per finding
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Critical => Self::Critical,
            Level::High => Self::High,
            Level::Medium => Self::Medium,
            Level::Low => Self::Low,
            Level::Info => Self::Info,
        }
    }
}

fn parse_version(text: &str) -> Result<ServerVersion, String> {
    ServerVersion::parse(text).ok_or_else(|| "a version is written as 1.21.4".to_owned())
}

pub(crate) fn run(args: &AuditArgs) -> Result<Exit> {
    let choice = Choice::new(&args.only, &args.skip)?;
    if args.rules {
        let text = match args.output {
            AuditOutput::Table => findings::rules_text(&choice.rules()),
            AuditOutput::Json | AuditOutput::Sarif => findings::rules_json(&choice.rules()),
            AuditOutput::Jsonl => findings::rules_jsonl(&choice.rules()),
        };
        terminal::out().write_all(&text)?;
        return Ok(Exit::Done);
    }
    let Some(file) = &args.file else { bail!("no snapshot is given") };
    let known = args.baseline.as_deref().map(baseline::read).transpose()?;
    let source = ReadArgs::source(&crate::reading::FileArg { file: file.clone() })?;
    let (blocks, progress) = args.read.open(&source)?;
    let options = AuditOptions {
        scan: choice.wants_group("SECRET"),
        show_secrets: args.show_secrets,
        at: args.at,
        datacenter: args.datacenter.clone(),
        version: args.consul_version,
        ..AuditOptions::default()
    };
    let outcome = fold(blocks, args.read.jobs(), || Audit::new(options.clone()));
    drop(progress);
    let exit = args.read.report(&source, &outcome.closing, &outcome.problems);
    let mut found = outcome.out;
    let least = Severity::from(args.min_severity);
    found.findings.retain(|f| choice.wants(f.rule) && f.rule.severity >= least);
    let severity = |id: &str| RULES.iter().find(|rule| rule.id == id).map(|rule| rule.severity);
    found.more.retain(|(rule, _)| choice.wants_id(rule) && severity(rule) >= Some(least));
    if let Some(path) = &args.write_baseline {
        baseline::write(path, &found.findings)?;
        for (rule, more) in &found.more {
            say!("snapscope: note: {more} more findings of {rule} are not in the baseline");
        }
    }
    let before = found.findings.len();
    if let Some(known) = &known {
        found.findings.retain(|f| !known.contains(&baseline::fingerprint(f)));
    }
    let incomplete = incomplete_line(&outcome.closing, &outcome.problems);
    let name = source.name();
    let whole = Whole {
        snapshot: &name,
        id: outcome.closing.meta.as_ref().map(|meta| meta.id.as_str()),
        report: &found,
        known: before - found.findings.len(),
        incomplete: incomplete.as_deref(),
    };
    let text = match args.output {
        AuditOutput::Table => findings::table(&whole),
        AuditOutput::Json => findings::json(&whole),
        AuditOutput::Jsonl => findings::jsonl(&whole),
        AuditOutput::Sarif => sarif::log(&whole),
    };
    terminal::out().write_all(&text)?;
    let fails = args.fail_on.is_some_and(|level| {
        let level = Severity::from(level);
        // Findings that were counted but not kept were not compared with the baseline either.
        found.findings.iter().any(|f| f.rule.severity >= level)
            || found.more.iter().any(|(rule, _)| severity(rule) >= Some(level))
    });
    Ok(exit.max(if fails { Exit::Found } else { Exit::Done }))
}
