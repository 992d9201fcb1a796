//! A file or folder that gets its name when all of it is on the disk.

use crate::error::ExportError;
use crate::formats::Place;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile, TempDir};

/// The file in a folder that says that the export is not whole.
pub(crate) const INCOMPLETE: &str = "INCOMPLETE";

/// Where an export stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    /// In a file or a folder.
    pub(crate) place: Place,
    /// Whether a file or folder of this name can be the export's own, in its folder.
    pub(crate) owns: fn(&str) -> bool,
}

/// An export on its way. Dropped before it is [settled](Target::settle) it is gone.
#[derive(Debug)]
pub(crate) struct Target {
    out: PathBuf,
    force: bool,
    spec: Stand,
    staged: Staged,
}

#[derive(Debug)]
enum Staged {
    File(NamedTempFile),
    Folder(TempDir),
}

impl Target {
    /// Finds out whether the export may stand at `out`, and begins it beside that.
    pub(crate) fn begin(out: &Path, spec: Stand, force: bool) -> Result<Self, ExportError> {
        may_replace(out, spec, force)?;
        let folder = folder_of(out);
        let mut hidden = OsString::from(".");
        hidden.push(out.file_name().unwrap_or_default());
        hidden.push(".");
        let mut builder = Builder::new();
        builder.prefix(&hidden).suffix(".part");
        let staged = match spec.place {
            // Files are made 0600.
            Place::File => builder.tempfile_in(folder).map(Staged::File),
            Place::Folder => {
                private(&mut builder);
                builder.tempdir_in(folder).map(Staged::Folder)
            }
        };
        let staged = staged.map_err(ExportError::io(folder))?;
        Ok(Self { out: out.to_owned(), force, spec, staged })
    }

    /// Where it is written for the time being.
    pub(crate) fn path(&self) -> &Path {
        match &self.staged {
            Staged::File(file) => file.path(),
            Staged::Folder(folder) => folder.path(),
        }
    }

    /// Puts all of it on the disk and gives it its name. `incomplete` is what is to be said of
    /// damage where the format itself has no place for it.
    pub(crate) fn settle(self, incomplete: Option<&[u8]>) -> Result<(), ExportError> {
        let out = self.out.clone();
        let at_out = ExportError::io(&out);
        match self.staged {
            Staged::File(file) => {
                file.as_file().sync_all().map_err(at_out)?;
                settle_note(&note_beside(&out), incomplete)?;
                if self.force {
                    may_replace(&out, self.spec, true)?;
                    file.persist(&out).map_err(|e| ExportError::io(&out)(e.error))?;
                } else {
                    file.persist_noclobber(&out).map_err(|e| match e.error.kind() {
                        io::ErrorKind::AlreadyExists => ExportError::Exists(out.clone()),
                        _ => ExportError::io(&out)(e.error),
                    })?;
                }
            }
            Staged::Folder(folder) => {
                if let Some(note) = incomplete {
                    create_in(folder.path(), INCOMPLETE)
                        .and_then(|mut file| file.write_all(note))
                        .map_err(at_out)?;
                }
                sync_tree(folder.path()).map_err(ExportError::io(&out))?;
                may_replace(&out, self.spec, self.force)?;
                replace_folder(folder, &out).map_err(ExportError::io(&out))?;
            }
        }
        // The new name is on the disk only when its folder is.
        let _ = sync_folder(folder_of(&out));
        Ok(())
    }
}

/// A new file in a folder that is being written, for its owner's eyes only.
pub(crate) fn create_in(folder: &Path, name: &str) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(folder.join(name))
}

/// A new folder in a folder that is being written, for its owner's eyes only.
pub(crate) fn create_folder_in(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let path = folder.join(name);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&path)?;
    Ok(path)
}

fn private(builder: &mut Builder<'_, '_>) {
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
    let _ = builder;
}

fn folder_of(out: &Path) -> &Path {
    match out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether what stands there, if anything does, may make place for an export.
///
/// Force replaces a file by a file, and a folder by a folder in which nothing stands that such an
/// export doesn't have: whoever writes `--out ~` by mistake keeps their files.
fn may_replace(out: &Path, spec: Stand, force: bool) -> Result<(), ExportError> {
    let in_the_way = |why: String| Err(ExportError::InTheWay { path: out.to_owned(), why });
    let there = match fs::metadata(out) {
        Ok(there) => there,
        // A link that leads nowhere stands there too.
        Err(e) if e.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(out).is_err() => {
            return if out.file_name().is_some() {
                Ok(())
            } else {
                in_the_way("that is no name for an export".to_owned())
            };
        }
        Err(e) => return Err(ExportError::io(out)(e)),
    };
    match spec.place {
        Place::File if !there.is_file() => {
            in_the_way("it is there already, and no file".to_owned())
        }
        Place::Folder if !there.is_dir() => {
            in_the_way("it is there already, and no folder".to_owned())
        }
        _ if !force => Err(ExportError::Exists(out.to_owned())),
        Place::File => Ok(()),
        Place::Folder => {
            for entry in fs::read_dir(out).map_err(ExportError::io(out))? {
                let name = entry.map_err(ExportError::io(out))?.file_name();
                let known = name.to_str().is_some_and(|n| n == INCOMPLETE || (spec.owns)(n));
                if !known {
                    let name = name.to_string_lossy();
                    return in_the_way(format!(
                        "it is there already, and holds {name:?}, which is not of such an export"
                    ));
                }
            }
            Ok(())
        }
    }
}

fn replace_folder(new: TempDir, out: &Path) -> io::Result<()> {
    let aside = if fs::symlink_metadata(out).is_ok() {
        // A name of its own, made by making a folder: what is renamed onto an empty folder takes its place.
        let place = Builder::new().prefix(".").suffix(".old").tempdir_in(folder_of(out))?;
        fs::rename(out, place.path())?;
        Some(place)
    } else {
        None
    };
    if let Err(e) = fs::rename(new.path(), out) {
        if let Some(old) = aside {
            let _ = fs::rename(old.path(), out);
        }
        return Err(e);
    }
    // It has another name now, at which there is nothing to remove.
    let _ = new.keep();
    Ok(())
}

fn note_beside(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".incomplete");
    name.into()
}

/// Writes the note beside a file, or removes that of the file's predecessor.
fn settle_note(path: &Path, note: Option<&[u8]>) -> Result<(), ExportError> {
    let done = match note {
        None => match fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        },
        Some(note) => {
            let mut file = NamedTempFile::new_in(folder_of(path)).map_err(ExportError::io(path))?;
            file.write_all(note)
                .and_then(|()| file.as_file().sync_all())
                .and_then(|()| file.persist(path).map(drop).map_err(|e| e.error))
        }
    };
    done.map_err(ExportError::io(path))
}

fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            File::options().write(true).open(entry.path())?.sync_all()?;
        }
    }
    sync_folder(folder)
}

/// Folders can't be opened as files everywhere.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
