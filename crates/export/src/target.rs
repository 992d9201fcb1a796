//! Where an export goes: a staged file or folder, and the note that it is not whole.

use crate::error::ExportError;
use crate::place::{Place, Stand};
use crate::write_behind::is_standard_output;
use snapscope_staged::{StagedFile, StagedFolder, create_in};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The file in a folder that says that the export is not whole.
pub(crate) const INCOMPLETE: &str = "INCOMPLETE";

/// An export on its way. Dropped before it is [settled](Target::settle) it is gone.
#[derive(Debug)]
pub(crate) enum Target {
    File(StagedFile),
    Folder(StagedFolder),
    /// Standard output, which gets what there is.
    Output,
}

impl Target {
    /// Finds out whether the export may stand at `out`, and begins it beside that.
    pub(crate) fn begin(out: &Path, spec: Stand, force: bool) -> Result<Self, ExportError> {
        Ok(match spec.place {
            Place::Stream if is_standard_output(out) => Self::Output,
            Place::File | Place::Stream => Self::File(StagedFile::begin(out, force)?),
            Place::Folder => {
                let owns = move |name: &str| name == INCOMPLETE || (spec.owns)(name);
                Self::Folder(StagedFolder::begin(out, force, owns)?)
            }
        })
    }

    /// Where it is written for the time being.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(file) => file.path(),
            Self::Folder(folder) => folder.path(),
            Self::Output => Path::new("-"),
        }
    }

    /// Puts all of it on the disk and gives it its name. `incomplete` is what is to be said of
    /// damage where the format itself has no place for it.
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

/// Writes the note beside a file, or removes that of the file's predecessor.
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
