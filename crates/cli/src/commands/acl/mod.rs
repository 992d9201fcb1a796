//! `acl`: who can do what, and why.

mod basis;
mod can;
mod check;
mod explain;
mod origin;
mod token;
mod who_can;

use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs, incomplete_line};
use crate::render::escape::one_line;
use crate::terminal::say;
use anyhow::Result;
use basis::BasisArgs;
use clap::{Args, Subcommand, ValueEnum};
use snapscope_analyze::acl::{AclModel, Question, Resource, ServerVersion};
use snapscope_analyze::fold;

/// Say who can do what, and which rule decides
///
/// Answers are those of the server that wrote the snapshot: its version and datacenter are read
/// from the snapshot, expiry is judged at the time it was taken. The default policy is in no
/// snapshot and taken for "deny" unless told otherwise. No SecretID is ever printed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope acl who-can backup.snap operator write
  snapscope acl can backup.snap anonymous service read web --default-policy allow
  snapscope acl explain backup.snap anonymous")]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct AclArgs {
    #[command(subcommand)]
    command: AclCommand,
}

#[derive(Debug, Subcommand)]
enum AclCommand {
    Check(check::CheckArgs),
    Can(can::CanArgs),
    WhoCan(who_can::WhoCanArgs),
    Explain(explain::ExplainArgs),
}

pub(crate) fn run(args: &AclArgs) -> Result<Exit> {
    match &args.command {
        AclCommand::Check(args) => check::run(args),
        AclCommand::Can(args) => can::run(args),
        AclCommand::WhoCan(args) => who_can::run(args),
        AclCommand::Explain(args) => explain::run(args),
    }
}

/// What every one of them takes.
#[derive(Debug, Args)]
struct CommonArgs {
    #[command(flatten)]
    basis: BasisArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// For one answer: text or JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Text for people
    Table,
    /// One JSON value
    Json,
}

/// The ACL objects of a snapshot, and how whole they are.
struct Loaded {
    model: AclModel,
    exit: Exit,
    incomplete: Option<String>,
}

fn load(file: &FileArg, read: &ReadArgs) -> Result<Loaded> {
    let source = ReadArgs::source(file)?;
    let (blocks, progress) = read.open(&source)?;
    let outcome = fold(blocks, read.jobs(), AclModel::default);
    drop(progress);
    let exit = read.report(&source, &outcome.closing, &outcome.problems);
    let incomplete = incomplete_line(&outcome.closing, &outcome.problems);
    Ok(Loaded { model: outcome.out, exit, incomplete })
}

/// What is said of RESOURCE: those that the newest servers know.
fn resources() -> String {
    let known = |resource: &&Resource| resource.known_to(ServerVersion::NEWEST_KNOWN);
    let words: Vec<&str> = Resource::ALL.iter().filter(known).map(|r| r.word()).collect();
    match words.split_last() {
        Some((last, words)) => format!("{} or {last}", words.join(", ")),
        None => String::new(),
    }
}

/// Reads a question; a segment that was forgotten, or can't matter, is told.
fn question<'q>(resource: &str, access: &str, segment: Option<&'q str>) -> Result<Question<'q>> {
    let question = Question::parse(resource, access, segment.unwrap_or_default())?;
    let needs_none = !question.resource().has_segments();
    let note = match segment {
        None if !needs_none => format!("no SEGMENT is given: asked is about the {resource} \"\""),
        Some(segment) if needs_none && !segment.is_empty() => {
            format!("{resource} has no SEGMENT: {segment} doesn't matter")
        }
        _ => return Ok(question),
    };
    // If even standard error is gone there is nobody to tell.
    say!("snapscope: note: {}", one_line(note.as_bytes()));
    Ok(question)
}
