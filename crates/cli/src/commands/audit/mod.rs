//! `audit`: what is wrong in a snapshot.

mod baseline;
mod choice;
mod log;

use crate::answer::print;
use crate::exit::Exit;
use crate::form::{Form, forms, one_of};
use crate::index_times::LogArg;
use crate::log_damage::Losses;
use crate::reading::{Asked, FILE, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::findings::{Rules, Whole};
use crate::render::sarif::Sarif;
use crate::terminal::note;
use crate::times;
use anyhow::{Result, bail};
use choice::Choice;
use clap::Args;
use clap::builder::TypedValueParser;
use snapscope_analyze::acl::ServerVersion;
use snapscope_analyze::audit::{Audit, AuditOptions, RULES, Severity};
use snapscope_analyze::fold;
use snapscope_decode::GoTime;
use snapscope_objects::printable::counted;
use std::path::PathBuf;

/// Find what is wrong: ACLs, secrets, certificates, mesh, ...
///
/// Checks ACLs, the catalog, the mesh and its certificates, operation, and all texts for secrets.
/// In a data directory, or with --log, it also checks the Raft log. Each finding has a rule, a
/// severity and an object; --rules explains the rules. Secrets are masked. The exit code is 0, or
/// with --fail-on 1 if there is a finding of at least that severity.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope audit backup.snap
  snapscope audit --only SECRET,CA --min-severity high -o json backup.snap
  snapscope audit --write-baseline known.json backup.snap
  snapscope audit --baseline known.json --fail-on medium backup.snap
  snapscope audit --rules")]
pub(crate) struct AuditArgs {
    #[arg(value_name = "FILE", required_unless_present = "rules", help = FILE)]
    file: Option<PathBuf>,
    /// Check only these rules or groups: ACL, SECRET007
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Skip these rules or groups
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    skip: Vec<String>,
    /// Hide findings that are less severe [default: info; tables list medium and up unless rules
    /// are named]
    #[arg(long, value_name = "SEVERITY", value_parser = severities())]
    min_severity: Option<Severity>,
    /// Exit with 1 if a finding of at least this severity is shown
    #[arg(long, value_name = "SEVERITY", value_parser = severities())]
    fail_on: Option<Severity>,
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
    #[command(flatten)]
    log: LogArg,
    /// Print secrets that were found
    #[arg(long)]
    show_secrets: bool,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json", "jsonl", "sarif"]), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

fn severities() -> impl TypedValueParser<Value = Severity> {
    one_of(Severity::ALL, |severity| severity.word())
}

fn parse_version(text: &str) -> Result<ServerVersion, String> {
    ServerVersion::parse(text).ok_or_else(|| "expected a version such as 1.21.4".to_owned())
}

pub(crate) fn run(args: &AuditArgs) -> Result<Exit> {
    let choice = Choice::new(&args.only, &args.skip)?;
    if args.rules {
        print(&Rules(choice.rules()), args.output, None)?;
        return Ok(Exit::Done);
    }
    let Some(file) = &args.file else { bail!("no snapshot given") };
    let known = args.baseline.as_deref().map(baseline::read).transpose()?;
    let options = AuditOptions {
        scan: choice.wants_group("SECRET"),
        show_secrets: args.show_secrets,
        at: args.at,
        datacenter: args.datacenter.clone(),
        version: args.consul_version,
        ..AuditOptions::default()
    };
    let file = FileArg { file: file.clone() };
    let source = ReadArgs::source(&file)?;
    let log = args.log.with_own(&file);
    let mut losses = Losses::default();
    let times = match args.log.times(log.as_deref(), &source, &args.read.options()) {
        // The snapshot of a data directory is checked without its log.
        Err(e) if !args.log.is_named() => {
            losses.add(&one_line(format!("{e:#}").as_bytes()));
            None
        }
        times => times?,
    };
    let Asked { out: mut found, name, closing, mut exit, incomplete, .. } =
        args.read.ask_of(&source, |blocks| {
            Ok(fold(blocks, args.read.jobs(), || Audit::new(options.clone())))
        })?;
    if log.is_none() && choice.names_group("LOG") {
        note!(
            "snapscope: note: rules of LOG need a server's Raft log: name its data directory, or add it \
             with --log"
        );
    }
    if let Some(place) = log.filter(|_| choice.wants_group("LOG") && losses.is_empty()) {
        let (audit, lost) = log::read(&place, &file.file, &source, &args.read)?;
        found.add(audit.finish(&options));
        losses.absorb(lost);
    }
    let least = args.min_severity.unwrap_or(Severity::Info);
    found.findings.retain(|f| choice.wants(f.rule) && f.rule.severity >= least);
    let severity = |id: &str| RULES.iter().find(|rule| rule.id == id).map(|rule| rule.severity);
    found.more.retain(|(rule, _)| choice.wants_id(rule) && severity(rule) >= Some(least));
    if let Some(path) = &args.write_baseline {
        baseline::write(path, &found.findings)?;
        note!(
            "snapscope: note: {} in {}",
            counted(found.findings.len() as u64, "finding is", "findings are"),
            one_line(path.display().to_string().as_bytes())
        );
        for (rule, more) in &found.more {
            note!("snapscope: note: {more} more findings of {rule} are not in the baseline");
        }
    }
    let before = found.findings.len();
    if let Some(known) = &known {
        found.findings.retain(|f| !known.contains(&baseline::fingerprint(f)));
    }
    if let Some(times) = &times {
        for finding in &found.findings {
            finding.modify_index.and_then(|index| times.of(index));
        }
        losses.absorb(times.losses());
    }
    exit = exit.max(losses.exit());
    let incomplete = incomplete.or_else(|| losses.incomplete());
    let is_named = args.min_severity.is_some() || !args.only.is_empty();
    let whole = Whole {
        listed: if is_named { least } else { Severity::Medium },
        snapshot: &name,
        id: closing.meta.as_ref().map(|meta| meta.id.as_str()),
        report: &found,
        known: before - found.findings.len(),
        times: times.as_ref(),
    };
    match args.output {
        Form::Sarif => {
            print(&Sarif { whole: &whole, incomplete: incomplete.as_ref() }, Form::Sarif, None)?
        }
        form => print(&whole, form, incomplete.as_ref())?,
    }
    let fails = args.fail_on.is_some_and(|level| {
        // Findings that were counted but not kept were not compared with the baseline either.
        found.findings.iter().any(|f| f.rule.severity >= level)
            || found.more.iter().any(|(rule, _)| severity(rule) >= Some(level))
    });
    Ok(exit.max(if fails { Exit::Found } else { Exit::Done }))
}
