//! `acl`: who can do what, and why.

mod basis;
mod can;
mod check;
mod explain;
mod origin;
mod token;
mod who_can;

use crate::exit::Exit;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal::say;
use anyhow::Result;
use basis::BasisArgs;
use clap::{Args, Subcommand};
use snapscope_analyze::acl::{AclModel, Question, Resource, ServerVersion};

/// Show who can do what, and which rule decides
///
/// Answers match the server that wrote the snapshot: its version and datacenter are read from the
/// snapshot, and expiry is evaluated at the time it was taken. Snapshots do not record the default
/// policy; it is assumed to be "deny" unless you set it. No SecretID is ever printed.
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

/// The arguments of all `acl` commands.
#[derive(Debug, Args)]
struct CommonArgs {
    #[command(flatten)]
    basis: BasisArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// The ACL objects of a snapshot, and whether they are complete.
fn load(file: &FileArg, read: &ReadArgs) -> Result<Asked<AclModel>> {
    read.ask(file, AclModel::default)
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

/// Parses a question, and reports a segment that is missing or has no effect.
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
    // If standard error is closed, nothing can be reported.
    say!("snapscope: note: {}", one_line(note.as_bytes()));
    Ok(question)
}
