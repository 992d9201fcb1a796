//! Opens a snapshot: reads it once, indexes it, and keeps it as long as it is served.

use super::reading::{Read, Reading};
use super::view::View;
use super::workers::{Workers, queue, work};
use crate::authorizer::Authorizer;
use crate::page::PageFacts;
use crate::settings::Settings;
use crate::spool::{Filled, fill};
use snapscope_analyze::Problems;
use snapscope_archive::{Blocks, Closing, FindingKind, Meta, OpenError, Source, open};
use std::io;
use std::sync::Arc;
use std::thread;
use tokio::sync::oneshot;

/// A snapshot cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum OpenFailed {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The temporary copy cannot be written.
    #[error("{name}: cannot write the temporary copy in {folder}: {error}")]
    Copy {
        /// The snapshot.
        name: String,
        /// The folder for the copy.
        folder: String,
        /// The system's error.
        error: io::Error,
    },
    /// It is damaged, and no record can be read.
    #[error("{name}: nothing to serve: {why}")]
    Nothing {
        /// The snapshot.
        name: String,
        /// The damage.
        why: String,
    },
}

/// What is known about a snapshot once it is indexed.
#[derive(Debug)]
pub struct Report {
    /// Its name in messages.
    pub name: String,
    /// What is known about the container.
    pub closing: Closing,
    /// Malformed records.
    pub problems: Problems,
    /// Who may read.
    pub access: Access,
}

/// Whose requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody's.
    Open,
    /// Those that the snapshot's tokens allow.
    ByTokens,
    /// Nobody's: the snapshot is damaged and has no tokens, so they may have been lost.
    TokensMayBeLost,
}

/// A snapshot that is being read, or was read.
#[derive(Clone)]
pub(crate) struct Opened {
    /// Sends work to its threads.
    pub(crate) workers: Workers,
    /// `meta.json`, if it precedes the records.
    pub(crate) early_meta: Option<Arc<Meta>>,
}

/// The progress of reading a snapshot.
pub(crate) struct Ready {
    /// Resolves when the first record is read, or when there is none.
    pub(crate) begun: oneshot::Receiver<()>,
    /// Resolves when the snapshot is indexed.
    pub(crate) indexed: oneshot::Receiver<Result<Report, OpenFailed>>,
}

impl Opened {
    /// Opens a snapshot and starts to read it on a separate thread.
    pub(crate) fn start(
        source: Source,
        settings: &Arc<Settings>,
    ) -> Result<(Self, Ready), OpenFailed> {
        let blocks = open(&source, &settings.open)?;
        let early_meta = blocks.early_meta().cloned().map(Arc::new);
        let (workers, jobs) = queue();
        let (report, indexed) = oneshot::channel();
        let (begin, begun) = oneshot::channel();
        let settings = Arc::clone(settings);
        let name = source.name();
        let serving = move || {
            let (read, filled) = match read(&source, blocks, begin) {
                Ok(read) => read,
                Err(failed) => {
                    let _ = report.send(Err(failed));
                    return;
                }
            };
            let Filled { spool, closing, problems } = filled;
            let Read { model, facts, secrets, catalog } = read;
            let page = PageFacts::default();
            let is_whole = !closing.is_damaged() && problems.count == 0;
            let view = View {
                spool: &spool,
                authorizer: Authorizer::new(&model, secrets, &settings, is_whole),
                facts: &facts,
                catalog: &catalog,
                page: &page,
                settings: &settings,
                source: &source,
            };
            let is_unknown = model.tokens.is_empty() && !settings.default_policy_is_given;
            let access = match view.authorizer.is_on() {
                false => Access::Open,
                true if is_unknown => Access::TokensMayBeLost,
                true => Access::ByTokens,
            };
            let name = source.name();
            let _ = report.send(Ok(Report { name, closing, problems, access }));
            work(&view, settings.open.threads, jobs);
        };
        let thread = thread::Builder::new().name("snapshot".to_owned());
        thread.spawn(serving).map_err(|error| OpenError::Io { path: name, error })?;
        Ok((Self { workers, early_meta }, Ready { begun, indexed }))
    }
}

fn read(
    source: &Source,
    blocks: Blocks,
    begin: oneshot::Sender<()>,
) -> Result<(Read, Filled), OpenFailed> {
    let mut reading = Reading::default();
    let mut begin = Some(begin);
    let filled = fill(blocks, &mut |frame, at, problems| {
        if let Some(begin) = begin.take() {
            // The server may have ended.
            let _ = begin.send(());
        }
        reading.see(frame, at, problems);
    });
    drop(begin);
    let filled = filled.map_err(|error| OpenFailed::Copy {
        name: source.name(),
        folder: std::env::temp_dir().display().to_string(),
        error,
    })?;
    if filled.closing.records == 0 && filled.closing.is_damaged() {
        let damage = &filled.closing.integrity.findings;
        let damage = damage.iter().find(|finding| finding.kind == FindingKind::Damage);
        let why = damage.map_or_else(|| "no record can be read".to_owned(), ToString::to_string);
        return Err(OpenFailed::Nothing { name: source.name(), why });
    }
    Ok((reading.finish(&filled.closing, filled.problems.count), filled))
}
