//! A snapshot that Python has opened.

use crate::error::{damaged, failed, not_opened, offset_of};
use crate::identity::identify;
use arrow_schema::ArrowError;
use pyo3::prelude::*;
use snapscope_analyze::{Jobs, Problems};
use snapscope_archive::{Closing, Code, Finding, OpenOptions, Source, open};
use snapscope_tables::columnar::Common;
use snapscope_tables::{Masking, Request, Scan, Snapshot, damage, relation};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Options for reading a snapshot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    pub(crate) show_secrets: bool,
    pub(crate) strict: bool,
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// A snapshot, and what is known about it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) snapshot: Arc<Snapshot>,
    /// Whether damage is an error.
    pub(crate) strict: bool,
    common: OnceLock<Vec<Common>>,
    damage: OnceLock<Vec<String>>,
}

impl Opened {
    /// Opens a file, a folder or a URL, and reads its start.
    pub(crate) fn find(py: Python<'_>, place: &Path, how: How) -> PyResult<Self> {
        let source = source(place)?;
        let (opened, closing) = py.detach(|| Self::of(source, how))?;
        match closing.as_ref().and_then(no_snapshot) {
            Some(finding) => {
                let what = finding.to_string();
                Err(damaged(&opened.snapshot.name(), &what, offset_of(finding)))
            }
            None => Ok(opened),
        }
    }

    /// Opens a source. The facts about it are already known if reading its start reached its end.
    fn of(source: Source, how: How) -> PyResult<(Self, Option<Closing>)> {
        let jobs = how.jobs.map_or_else(Jobs::default, Jobs);
        let options = OpenOptions { threads: jobs.0.get(), ..OpenOptions::default() };
        let one = OpenOptions { threads: 1, ..OpenOptions::default() };
        let mut blocks = open(&source, &one).map_err(|e| not_opened(&e))?;
        let closing = match blocks.next() {
            Some(_) => None,
            None => Some(blocks.finish()),
        };
        let masking = (!how.show_secrets).then(|| Arc::new(Masking::default()));
        let snapshot = Arc::new(Snapshot::new(source, options, jobs, masking));
        let (common, damage) = (OnceLock::new(), OnceLock::new());
        Ok((Self { snapshot, strict: how.strict, common, damage }, closing))
    }

    /// The values of the common columns. The first call reads the snapshot.
    pub(crate) fn common(&self) -> PyResult<&[Common]> {
        if let Some(known) = self.common.get() {
            return Ok(known);
        }
        let outcome = identify(&self.snapshot)?;
        self.refuse_damage_of(&outcome.closing, &outcome.problems)?;
        let read = Common::of(outcome.out, &outcome.closing);
        Ok(self.common.get_or_init(|| read))
    }

    /// The damage, in sentences. The first call reads the snapshot with all its objects.
    pub(crate) fn damage(&self) -> PyResult<&[String]> {
        if let Some(known) = self.damage.get() {
            return Ok(known);
        }
        let table = relation("damage").ok_or_else(|| failed("the table of damage is missing"))?;
        let mut scan = Scan::start(Arc::clone(&self.snapshot), Request::new(table, vec![1]));
        scan.try_for_each(|batch| batch.map(drop)).map_err(failed)?;
        let read = self.outcome().map(|(closing, problems)| damage(&closing, &problems));
        Ok(self.damage.get_or_init(|| read.unwrap_or_default()))
    }

    /// The facts about the container and malformed records, as far as they are known.
    pub(crate) fn outcome(&self) -> Option<(Closing, Problems)> {
        self.snapshot.outcome()
    }

    /// An error if damage is one, and the snapshot was read and is damaged.
    pub(crate) fn refuse_damage(&self) -> PyResult<()> {
        match self.outcome() {
            Some((closing, problems)) => self.refuse_damage_of(&closing, &problems),
            None => Ok(()),
        }
    }

    /// An error if damage is one, and there is some in what was read.
    pub(crate) fn refuse_damage_of(&self, closing: &Closing, problems: &Problems) -> PyResult<()> {
        match first_damage(closing, problems).filter(|_| self.strict) {
            Some((what, offset)) => {
                Err(damaged(&self.snapshot.name(), &format!("damaged: {what}"), offset))
            }
            None => Ok(()),
        }
    }

    /// The same for streams, whose errors are only messages.
    pub(crate) fn damage_in_stream(&self) -> Option<ArrowError> {
        let (closing, problems) = self.outcome().filter(|_| self.strict)?;
        let (what, _) = first_damage(&closing, &problems)?;
        let name = self.snapshot.name();
        Some(ArrowError::ExternalError(format!("{name}: damaged: {what}").into()))
    }
}

/// The first damage, and its offset.
fn first_damage(closing: &Closing, problems: &Problems) -> Option<(String, Option<u64>)> {
    if let Some(finding) = closing.integrity.damage().next() {
        let of_record = || closing.damage.as_ref().map(|damage| damage.offset);
        return Some((finding.to_string(), offset_of(finding).or_else(of_record)));
    }
    let problem = problems.first.first()?;
    Some((problem.to_string(), Some(problem.offset)))
}

/// Why a file without records is not opened: it is not a snapshot, or even its metadata cannot be read.
fn no_snapshot(closing: &Closing) -> Option<&Finding> {
    let mut findings = closing.integrity.findings.iter();
    findings
        .find(|finding| finding.code == Code::NotASnapshot)
        .or_else(|| closing.integrity.damage().next().filter(|_| closing.meta.is_none()))
}

/// The source of a snapshot.
fn source(place: &Path) -> PyResult<Source> {
    if place.as_os_str() == "-" {
        return Err(failed(
            "\"-\" is standard input, which can be read only once; pass the name of a file",
        ));
    }
    if let Some(source) = crate::places::remote(place)? {
        return Ok(source);
    }
    if let Some((folder, _)) = place.to_str().and_then(|text| text.rsplit_once('@'))
        && !place.exists()
        && Path::new(folder).is_dir()
    {
        return Err(failed(format!(
            "{}: the state at an index of a Raft log; write it to a file first: snapscope at",
            place.display()
        )));
    }
    Source::find(place).map_err(|e| not_opened(&e))
}
