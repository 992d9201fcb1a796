//! Files for objects, whose names need not differ.

use snapscope_staged::create_in;
use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes files under names that aren't taken yet.
#[derive(Debug, Default)]
pub(crate) struct NewFiles {
    /// Of names that were found taken, without the ending: by which number to go on.
    next: HashMap<PathBuf, u64>,
}

impl NewFiles {
    /// Writes a file that isn't there yet, under another name if one of that name is: names that
    /// differ only in case are one to some file systems. Gives the name it took, without the ending.
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
        // A name that was taken stays so: thousands of the same are not tried all over again.
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
