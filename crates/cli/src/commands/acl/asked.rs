//! Questions of all `acl` commands, and the snapshot they are about.

use super::basis::BasisArgs;
use crate::place::with_file;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal::note;
use anyhow::{Result, anyhow, bail};
use clap::Args;
use snapscope_analyze::acl::{Access, AclModel, Question, Resource, ServerVersion};
use std::ffi::OsString;

/// The arguments of all `acl` commands.
#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    #[command(flatten)]
    pub(super) basis: BasisArgs,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}

/// The ACL objects of a snapshot, and whether they are complete.
pub(super) fn load(file: &FileArg, read: &ReadArgs) -> Result<Asked<AclModel>> {
    read.ask(file, AclModel::default)
}

/// The words of a question, at least `least` of them, and the snapshot.
pub(super) fn words_and_file(
    arguments: &[OsString],
    least: usize,
    usage: &str,
) -> Result<(Vec<String>, FileArg)> {
    let (words, file) = with_file(arguments.to_vec(), least, usage)?;
    let words = words.into_iter().map(|word| {
        word.into_string().map_err(|word| anyhow!("{}: not UTF-8", word.to_string_lossy()))
    });
    Ok((words.collect::<Result<_>>()?, FileArg { file }))
}

/// The help of RESOURCE: the resources of the newest servers.
pub(super) fn resources() -> String {
    let known = |resource: &&Resource| resource.known_to(ServerVersion::NEWEST_KNOWN);
    let words: Vec<&str> = Resource::ALL.iter().filter(known).map(|r| r.word()).collect();
    match words.split_last() {
        Some((last, words)) => format!("{} or {last}", words.join(", ")),
        None => String::new(),
    }
}

/// Whether a word is a resource, and whether one is an access.
fn is_resource(word: &str) -> bool {
    Resource::ALL.iter().any(|resource| resource.word() == word)
}

fn is_access(word: &str) -> bool {
    Access::ALL.iter().any(|access| access.word() == word)
}

/// Refuses words in the wrong order, and shows the right order.
pub(super) fn in_order(token: Option<&str>, resource: &str, access: &str) -> Result<()> {
    if token.is_some_and(is_resource) && is_access(resource) {
        bail!("a token comes before the resource: its accessor, or \"anonymous\"");
    }
    if is_access(resource) && is_resource(access) {
        bail!("unknown resource {resource:?}; did you mean \"{access} {resource}\"?");
    }
    Ok(())
}

/// Parses a question, and reports a segment that is missing or has no effect.
pub(super) fn question<'q>(
    resource: &str,
    access: &str,
    segment: Option<&'q str>,
) -> Result<Question<'q>> {
    let question = Question::parse(resource, access, segment.unwrap_or_default())?;
    let needs_none = !question.resource().has_segments();
    let note = match segment {
        None if !needs_none => format!("no {resource} given; checking the empty {resource} \"\""),
        Some(segment) if needs_none && !segment.is_empty() => {
            format!("{resource} takes no SEGMENT; {segment} is ignored")
        }
        _ => return Ok(question),
    };
    // If standard error is closed, nothing can be reported.
    note!("snapscope: note: {}", one_line(note.as_bytes()));
    Ok(question)
}
