//! Resolves names on a command line to snapshots.

use snapscope_archive::{OpenError, Source};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A snapshot that a name refers to.
#[derive(Debug, Clone)]
pub struct Named {
    /// Where it is.
    pub source: Source,
    /// Whether it was found in a named folder. If it turns out not to be a snapshot, it is then
    /// skipped.
    pub in_folder: bool,
}

/// The snapshots, in the order of the names; those in a folder by file name.
pub type Found = Vec<Named>;

/// A name that cannot be resolved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// It does not exist, or the system refuses access.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A pattern without matches.
    #[error("{pattern}: no file matches")]
    NoMatch {
        /// The pattern.
        pattern: String,
    },
    /// An invalid pattern.
    #[error("{pattern}: {error}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        error: glob::PatternError,
    },
    /// A folder with no file in it.
    #[error("{folder}: this folder holds no snapshots")]
    NothingInFolder {
        /// The folder.
        folder: String,
    },
    /// Standard input, which can be read once, was named twice.
    #[error("standard input can be read only once")]
    StdinTwice,
}

/// Resolves names to snapshots: files, folders with files, folders that are snapshots (or data
/// directories, of which the newest finished one is used), patterns with `*`, `?`, `[...]` and `**`
/// as in shells, and `-` for standard input.
///
/// # Errors
/// If one of them cannot be resolved.
pub fn find(names: &[PathBuf]) -> Result<Found, FindError> {
    let mut found = Found::new();
    for name in names {
        if name.as_os_str() == "-" {
            if found.iter().any(|named| matches!(named.source, Source::Stdin)) {
                return Err(FindError::StdinTwice);
            }
            found.push(Named { source: Source::Stdin, in_folder: false });
            continue;
        }
        // An existing file takes precedence, even if its name looks like a pattern.
        let is_pattern = name.to_str().filter(|text| text.contains(['*', '?', '[']));
        match is_pattern.filter(|_| fs::symlink_metadata(name).is_err()) {
            Some(pattern) => matches(pattern, &mut found)?,
            None => one(name, &mut found)?,
        }
    }
    Ok(found)
}

/// Whether it is what the agent writes beside a snapshot: NAME.snap.json beside NAME.snap.
fn is_sidecar(path: &Path) -> bool {
    let beside = path.with_extension("");
    path.extension().is_some_and(|ending| ending == "json")
        && beside.extension().is_some_and(|ending| ending == "snap")
        && beside.is_file()
}

fn matches(pattern: &str, found: &mut Found) -> Result<(), FindError> {
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::new()
    };
    let paths = glob::glob_with(pattern, options)
        .map_err(|error| FindError::Pattern { pattern: pattern.to_owned(), error })?;
    let before = found.len();
    for path in paths {
        let path = path.map_err(|e| {
            let path = e.path().to_owned();
            io_error(&path, e.into())
        })?;
        if !is_sidecar(&path) {
            one(&path, found)?;
        }
    }
    if found.len() == before {
        return Err(FindError::NoMatch { pattern: pattern.to_owned() });
    }
    Ok(())
}

fn one(path: &Path, found: &mut Found) -> Result<(), FindError> {
    if is_folder_of_several(path)? {
        return folder(path, found);
    }
    found.push(Named { source: Source::find(path)?, in_folder: false });
    Ok(())
}

/// Whether a folder is neither a snapshot nor a data directory, but contains snapshots.
fn is_folder_of_several(path: &Path) -> Result<bool, OpenError> {
    let about = fs::metadata(path).map_err(|error| io_error(path, error))?;
    let is_one = |below: &str| path.join(below).exists();
    Ok(about.is_dir() && !["state.bin", "raft/snapshots", "snapshots"].into_iter().any(is_one))
}

/// Takes everything in a folder, and folders in it only if they are snapshots. Names that start
/// with a dot, and unfinished raft folders, are ignored.
fn folder(path: &Path, found: &mut Found) -> Result<(), FindError> {
    let before = found.len();
    let entries = fs::read_dir(path).map_err(|error| io_error(path, error))?;
    let mut inside = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<PathBuf>>>()
        .map_err(|error| io_error(path, error))?;
    inside.sort();
    for path in inside {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Ok(about) = fs::metadata(&path) else { continue };
        if name.starts_with('.') {
            continue;
        }
        if is_sidecar(&path) {
            continue;
        }
        if about.is_file() {
            // Its name says that it is one, even if it is damaged.
            let in_folder = path.extension().is_none_or(|ending| ending != "snap");
            found.push(Named { source: Source::File(path), in_folder });
        } else if about.is_dir()
            && !name.ends_with(".tmp")
            && let Ok(source) = Source::find(&path)
        {
            found.push(Named { source, in_folder: false });
        }
    }
    if found.len() == before {
        return Err(FindError::NothingInFolder { folder: path.display().to_string() });
    }
    Ok(())
}

fn io_error(path: &Path, error: io::Error) -> OpenError {
    OpenError::Io { path: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &Found, root: &Path) -> Vec<String> {
        let root = format!("{}/", root.display());
        found.iter().map(|named| named.source.name().replace(&root, "")).collect()
    }

    #[test]
    fn files_folders_and_patterns_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["day", "day/2-5-7", "day/2-6-8.tmp", "day/empty", "raft/snapshots/2-9-9"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in [
            "one.snap",
            "two.snap",
            ".three.snap",
            "notes[1].txt",
            "day/b.snap",
            "day/a.tgz",
            "day/.hidden",
            "day/2-5-7/state.bin",
            "day/2-5-7/meta.json",
            "day/2-6-8.tmp/state.bin",
            "raft/snapshots/2-9-9/state.bin",
            "raft/snapshots/2-9-9/meta.json",
        ] {
            fs::write(root.join(file), b"").unwrap();
        }
        let found = |names_given: &[&str]| {
            let paths: Vec<PathBuf> = names_given.iter().map(|name| root.join(name)).collect();
            find(&paths).map(|found| names(&found, root)).map_err(|e| e.to_string())
        };
        assert_eq!(found(&["two.snap", "one.snap"]).unwrap(), ["two.snap", "one.snap"]);
        assert_eq!(found(&["*.snap"]).unwrap(), ["one.snap", "two.snap"]);
        assert_eq!(found(&["**/?.snap"]).unwrap(), ["day/b.snap"]);
        assert_eq!(found(&["notes[1].txt"]).unwrap(), ["notes[1].txt"]);
        assert_eq!(found(&["day"]).unwrap(), ["day/2-5-7", "day/a.tgz", "day/b.snap"]);
        assert_eq!(found(&["raft"]).unwrap(), ["raft/snapshots/2-9-9"]);
        assert_eq!(found(&["raft/snapshots"]).unwrap(), ["raft/snapshots/2-9-9"]);
        for (wrong, says) in [
            ("none.snap", "none.snap"),
            ("none*.snap", "no file matches"),
            ("day/empty", "holds no snapshots"),
            ("a***b", "a***b"),
        ] {
            assert!(found(&[wrong]).unwrap_err().contains(says), "{wrong}");
        }
        let twice = find(&["-".into(), "-".into()]).unwrap_err();
        assert!(matches!(twice, FindError::StdinTwice));
    }
}
