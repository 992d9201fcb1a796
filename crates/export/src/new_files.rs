//! Files for objects, whose names may be equal.

use snapscope_staged::create_in;
use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes files under unused names.
#[derive(Debug, Default)]
pub(crate) struct NewFiles {
    /// For names that are taken, without the extension: the next number to try.
    next: HashMap<PathBuf, u64>,
}

impl NewFiles {
    /// Writes a new file, under another name if its name is taken: names that differ only in case
    /// are equal on some file systems. Returns the name used, without the extension.
    pub(crate) fn write(
        &mut self,
        folder: &Path,
        name: &str,
        ending: &str,
        content: &[u8],
    ) -> io::Result<String> {
        let path = folder.join(name);
        let known = self.next.get(&path).copied();
        let numbers = known.unwrap_or(2)..;
        // A taken name stays taken, so thousands of equal names are not all tried again.
        let first = known.is_none().then_some((name.to_owned(), 2));
        let others = numbers.map(|n| (format!("{name}~{n}"), n + 1));
        for (candidate, next) in first.into_iter().chain(others) {
            match create_in(folder, &format!("{candidate}.{ending}")) {
                Ok(mut file) => {
                    file.write_all(content)?;
                    if candidate != name {
                        self.next.insert(path, next);
                    }
                    return Ok(candidate);
                }
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_gets_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = NewFiles::default();
        let mut write = |name| files.write(folder.path(), name, "json", b"x").unwrap();
        assert_eq!(write("a"), "a");
        assert_eq!(write("a~2"), "a~2");
        assert_eq!(write("a"), "a~3");
        assert_eq!(write("a"), "a~4");
        assert_eq!(write("a~2"), "a~2~2");
        assert_eq!(write("b"), "b");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6);
    }
}
