//! Finds out which argument is FILE: the last one, as in all commands, or the first one, as in some
//! earlier ones.

use anyhow::{Result, bail};
use snapscope_archive::{Source, starts_like_a_snapshot};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// How likely it is that an argument is FILE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// No file of that name exists.
    None,
    /// No file of that name exists, but it looks like the name of a snapshot.
    Name,
    /// It exists.
    Exists,
    /// It is a snapshot, by its first bytes or its form.
    Snapshot,
}

/// Endings of names of snapshots.
const ENDINGS: [&str; 6] = ["snap", "bin", "tar", "tgz", "gz", "db"];

/// How much an argument looks like a snapshot.
pub(crate) fn likeness(argument: &OsStr) -> Likeness {
    let path = Path::new(argument);
    let text = argument.to_string_lossy();
    let is_url = ["s3://", "az://", "azure://", "gs://"].iter().any(|s| text.starts_with(s));
    if text == "-" || is_url {
        return Likeness::Snapshot;
    }
    if let Ok(about) = std::fs::metadata(path) {
        let is_one = match about.is_dir() {
            true => Source::find(path).is_ok(),
            false => starts_like_a_snapshot(path),
        };
        return if is_one { Likeness::Snapshot } else { Likeness::Exists };
    }
    if text.rsplit_once('@').is_some_and(|(place, _)| Path::new(place).is_dir()) {
        return Likeness::Snapshot;
    }
    let ending = path.extension().and_then(OsStr::to_str);
    if ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
        Likeness::Name
    } else {
        Likeness::None
    }
}

/// The data directory and the moment of a name such as `DATA_DIR@INDEX`; `None` for other names, and
/// if a file with this name exists.
pub(crate) fn place_and_moment(name: &Path) -> Option<(&str, &str)> {
    let text = name.to_str().filter(|_| !name.exists())?;
    text.rsplit_once('@').filter(|(place, _)| Path::new(place).exists())
}

/// Separates FILE from the `least` or more other arguments of a command. FILE is the last one,
/// unless the first one looks at least as much like a snapshot: some commands used to take it
/// first.
pub(crate) fn with_file(
    mut arguments: Vec<OsString>,
    least: usize,
    usage: &str,
) -> Result<(Vec<OsString>, PathBuf)> {
    let (Some(first), Some(last)) = (arguments.first(), arguments.last()) else {
        bail!("no arguments; usage: {usage}");
    };
    let (at_first, at_last) = (likeness(first), likeness(last));
    if arguments.len() <= least {
        // An argument is missing, and the error names it.
        let is_there = arguments.iter().any(|argument| likeness(argument) >= Likeness::Name);
        let what = if is_there { "an argument before FILE" } else { "FILE" };
        bail!("{what} is missing; usage: {usage}");
    }
    let is_first = at_first > at_last || at_first == at_last && at_first != Likeness::None;
    let file = if is_first { arguments.remove(0) } else { arguments.pop().unwrap_or_default() };
    Ok((arguments, file.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_where_a_snapshot_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).into_os_string();
        std::fs::write(path("one.snap"), [0x1f, 0x8b, 8]).unwrap();
        std::fs::write(path("two"), [0x81, 0xa1]).unwrap();
        std::fs::write(path("notes"), "text").unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        let (snap, two, notes, folder) =
            (path("one.snap"), path("two"), path("notes"), path("folder"));
        let missing = path("missing.snap");
        let id: OsString = "app/x".into();
        for (arguments, expected) in [
            ([&id, &snap], &snap),
            ([&snap, &id], &snap),
            ([&snap, &two], &snap),
            ([&notes, &snap], &snap),
            ([&snap, &folder], &snap),
            ([&folder, &two], &two),
            ([&id, &missing], &missing),
            ([&missing, &id], &missing),
            ([&missing, &notes], &notes),
        ] {
            let given = arguments.map(Clone::clone).to_vec();
            let (rest, file) = with_file(given, 1, "x").unwrap();
            assert_eq!((file.as_os_str(), rest.len()), (expected.as_os_str(), 1));
        }
        for place in ["-", "s3://bucket/x.snap"] {
            let (_, file) = with_file(vec![id.clone(), place.into()], 1, "x").unwrap();
            assert_eq!(file.as_os_str(), place);
        }
        let missing = with_file(vec![id], 1, "get TYPE ID FILE").unwrap_err().to_string();
        assert_eq!(missing, "FILE is missing; usage: get TYPE ID FILE");
        let missing = with_file(vec![snap], 1, "get TYPE ID FILE").unwrap_err().to_string();
        assert!(missing.starts_with("an argument before FILE is missing"), "{missing}");
    }
}
