//! Errors of staged files and folders.

use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file or folder was not created. Nothing was changed under its name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// The name is taken.
    #[error("{} already exists; use --force to overwrite it", .0.display())]
    Exists(PathBuf),
    /// The name belongs to something that is never replaced, not even with force.
    #[error("{} already exists and is {is}, not {wanted}; choose another name", path.display())]
    NotReplaceable {
        /// The name.
        path: PathBuf,
        /// What has this name, with its article.
        is: &'static str,
        /// What could be replaced.
        wanted: &'static str,
    },
    /// The existing folder holds an entry that cannot come from such an export.
    #[error(
        "{} already exists and holds {name:?}, which is not part of such an export; choose another \
         name",
        path.display()
    )]
    Holds {
        /// The folder.
        path: PathBuf,
        /// Name of the first such entry.
        name: String,
    },
    /// There is no folder for the new name.
    #[error("{}: the folder \"{}\" {is}", path.display(), folder.display())]
    Folder {
        /// The new name.
        path: PathBuf,
        /// What should be its folder.
        folder: PathBuf,
        /// Why it cannot be used.
        is: &'static str,
    },
    /// The path does not end in a file name.
    #[error("\"{}\" is not a file name", .0.display())]
    Name(PathBuf),
    /// The system refuses.
    #[error("{}: {error}{}", path.display(), advice(error))]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
}

impl StageError {
    /// Wraps a system error about a path.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }

    /// Wraps the error about a temporary name in `folder`. It names the target instead.
    pub(crate) fn beginning(target: &Path, folder: &Path) -> impl FnOnce(io::Error) -> Self {
        let (path, folder) = (target.to_owned(), folder.to_owned());
        move |error| match error.kind() {
            io::ErrorKind::NotFound => {
                Self::Folder { path, folder, is: "does not exist; create it first" }
            }
            io::ErrorKind::NotADirectory => Self::Folder { path, folder, is: "is not a folder" },
            _ => Self::Io { path, error: without_path(&error).unwrap_or(error) },
        }
    }

    pub(crate) fn not_replaceable(path: &Path, is: FileType, wanted: &'static str) -> Self {
        Self::NotReplaceable { path: path.into(), is: what(is), wanted }
    }
}

/// An error of `tempfile` without the path at its end; `None` if it has none.
fn without_path(error: &io::Error) -> Option<io::Error> {
    let text = error.get_ref()?.to_string();
    let (system, _) = text.rsplit_once(" at path ")?;
    Some(io::Error::new(error.kind(), system.to_owned()))
}

/// For callers that name the path themselves.
impl From<StageError> for io::Error {
    fn from(e: StageError) -> Self {
        match e {
            StageError::Io { error, .. } => error,
            StageError::Folder { folder, is, .. } => {
                let text = format!("the folder \"{}\" {is}", folder.display());
                Self::new(io::ErrorKind::NotFound, text)
            }
            StageError::Exists(_) => Self::new(io::ErrorKind::AlreadyExists, e.to_string()),
            _ => Self::other(e.to_string()),
        }
    }
}

fn what(is: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if is.is_fifo() {
            return "a named pipe";
        }
        if is.is_socket() {
            return "a socket";
        }
        if is.is_block_device() || is.is_char_device() {
            return "a device";
        }
    }
    if is.is_dir() {
        "a folder"
    } else if is.is_symlink() {
        "a symbolic link"
    } else if is.is_file() {
        "a file"
    } else {
        "something else"
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space or choose another disk"
        }
        io::ErrorKind::FileTooLarge => "; the system's limit on file sizes (ulimit -f) is lower",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that this user may write to"
        }
        _ => "",
    }
}
