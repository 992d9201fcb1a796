//! The target of an export: a staged file or folder, and the mark of an incomplete export.

use crate::error::ExportError;
use crate::layout::{Layout, TargetSpec};
use crate::standard_output::is_standard_output;
use snapscope_staged::{StagedFile, StagedFolder, create_in};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The file that marks a folder as incomplete.
pub(crate) const INCOMPLETE: &str = "INCOMPLETE";

/// An export being written. Dropped before it is [settled](Target::settle), it is removed.
#[derive(Debug)]
pub(crate) enum Target {
    File(StagedFile),
    Folder(StagedFolder),
    /// Standard output, which receives data as it is produced.
    Output,
}

impl Target {
    /// Checks that the export may be written at `out`, and stages it beside that.
    pub(crate) fn begin(out: &Path, spec: TargetSpec, force: bool) -> Result<Self, ExportError> {
        Ok(match spec.layout {
            Layout::Stream if is_standard_output(out) => Self::Output,
            Layout::File | Layout::Stream => Self::File(StagedFile::begin(out, force)?),
            Layout::Folder => {
                let owns = move |name: &str| name == INCOMPLETE || (spec.owns)(name);
                Self::Folder(StagedFolder::begin(out, force, owns)?)
            }
        })
    }

    /// The path to which it is written until it is complete.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(file) => file.path(),
            Self::Folder(folder) => folder.path(),
            Self::Output => Path::new("-"),
        }
    }

    /// Flushes everything to disk and renames it to its name. `incomplete` describes damage, for
    /// formats that cannot contain this information.
    pub(crate) fn settle(self, incomplete: Option<&[u8]>) -> Result<(), ExportError> {
        match self {
            Self::File(file) => {
                file.sync()?;
                settle_note(&note_beside(file.target()), incomplete)?;
                file.settle()?;
            }
            Self::Folder(folder) => {
                if let Some(note) = incomplete {
                    create_in(folder.path(), INCOMPLETE)
                        .and_then(|mut file| file.write_all(note))
                        .map_err(ExportError::io(folder.target()))?;
                }
                folder.settle()?;
            }
            Self::Output => {}
        }
        Ok(())
    }
}

fn note_beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".incomplete");
    name.into()
}

/// Writes the note beside a file, or removes the note of a previous file.
fn settle_note(path: &Path, note: Option<&[u8]>) -> Result<(), ExportError> {
    let Some(note) = note else {
        return match fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(ExportError::io(path)(e)),
            _ => Ok(()),
        };
    };
    let file = StagedFile::begin(path, true)?;
    file.file().write_all(note).map_err(ExportError::io(path))?;
    Ok(file.settle()?)
}
