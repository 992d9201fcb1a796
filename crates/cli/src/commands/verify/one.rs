//! One snapshot verified.

use super::inputs::Input;
use snapscope_analyze::verify::{
    Depth, FindRepeated, Findings, Level, Verified, Verify, VerifyOptions,
};
use snapscope_analyze::{Jobs, Outcome, fold};
use snapscope_archive::{Closing, Integrity, OpenError, OpenOptions, open};
use snapscope_runs::Room;
use std::hash::RandomState;

/// The result for one snapshot.
pub(super) struct Report {
    pub(super) name: String,
    pub(super) verdict: Verdict,
    pub(super) findings: Findings,
    /// What is known about the file; `None` if it could not be opened.
    pub(super) integrity: Option<Integrity>,
    pub(super) records: u64,
    pub(super) index: Option<u64>,
    pub(super) taken_ms: Option<i64>,
}

pub(super) enum Verdict {
    /// Nothing was found.
    Sound,
    /// The worst level found.
    Found(Level),
    /// Another file in the same folder.
    Skipped,
    /// The system refuses.
    Unreadable(String),
}

impl Verdict {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Found(level) => level.name(),
            Self::Skipped => "skipped",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

pub(super) fn verify(
    input: &Input,
    options: &OpenOptions,
    jobs: Jobs,
    verify: &VerifyOptions,
) -> Report {
    let name = input.source.name();
    match read(input, options, jobs, verify) {
        Ok((mut verified, closing)) => {
            if let Some(beside) = &input.beside {
                match beside.differs(&input.source) {
                    Ok(None) => {}
                    Ok(Some(what)) => verified.add_sidecar(what),
                    Err(e) => return unreadable(name, e.to_string()),
                }
            }
            let verdict = match verified.findings.worst() {
                _ if input.in_folder && is_something_else(&closing) => Verdict::Skipped,
                Some(level) => Verdict::Found(level),
                None => Verdict::Sound,
            };
            Report {
                name,
                verdict,
                findings: verified.findings,
                records: closing.records,
                index: closing.meta.as_ref().map(|meta| meta.index),
                taken_ms: closing.meta.as_ref().and_then(snapscope_archive::Meta::taken_ms),
                integrity: Some(closing.integrity),
            }
        }
        Err(e) => unreadable(name, e.to_string()),
    }
}

fn unreadable(name: String, error: String) -> Report {
    Report {
        name,
        verdict: Verdict::Unreadable(error),
        findings: Findings::default(),
        integrity: None,
        records: 0,
        index: None,
        taken_ms: None,
    }
}

/// Nothing in it belongs to a snapshot.
fn is_something_else(closing: &Closing) -> bool {
    closing.header.is_none() && closing.meta.is_none() && closing.is_damaged()
}

fn read(
    input: &Input,
    options: &OpenOptions,
    jobs: Jobs,
    verify: &VerifyOptions,
) -> Result<(Verified, Closing), OpenError> {
    let source = &input.source;
    let hasher = RandomState::new();
    let room = Room::default();
    let repeated = |kinds| FindRepeated::new(kinds, hasher.clone(), &room);
    let no_space = |error| OpenError::Io { path: source.name(), error };
    let blocks = open(source, options)?;
    if !source.reopenable() && verify.depth != Depth::Quick {
        // Without a second pass, every name is kept in the first.
        let Outcome { out: (mut verified, found), closing, problems } =
            fold(blocks, jobs, || (Verify::new(verify.clone()), repeated(None)));
        verified.add(found.map_err(no_space)?);
        verified.add_problems(&problems);
        return Ok((verified, closing));
    }
    let Outcome { out: mut verified, closing, problems } =
        fold(blocks, jobs, || Verify::new(verify.clone()));
    verified.add_problems(&problems);
    if !verified.disordered.is_empty() {
        let again = OpenOptions { progress: None, ..options.clone() };
        let kinds = Some(verified.disordered.clone());
        let found = fold(open(source, &again)?, jobs, || repeated(kinds.clone())).out;
        verified.add(found.map_err(no_space)?);
    }
    Ok((verified, closing))
}
