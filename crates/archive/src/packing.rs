//! Hand-packed archives, and other programs' files that look like snapshots.

/// The parts of a member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemberName<'n> {
    /// The folder with its slash, or nothing.
    pub(crate) folder: &'n str,
    /// The file.
    pub(crate) file: &'n str,
}

impl<'n> MemberName<'n> {
    pub(crate) fn of(stored: &'n str) -> Self {
        let name = stored.strip_prefix("./").unwrap_or(stored);
        let (folder, file) = name.split_at(name.rfind('/').map_or(0, |at| at + 1));
        Self { folder, file }
    }

    /// Whether macOS added it to the archive: `._` files with attributes, and `.DS_Store`.
    pub(crate) fn is_of_macos(&self) -> bool {
        self.file.starts_with("._") || self.file == ".DS_Store"
    }
}

/// The name of a member as listed in `SHA256SUMS`: without the `*` that `sha256sum -b` writes, the
/// `./` of a shell pattern, and the folder that holds everything.
pub(crate) fn member_of_sum<'n>(name: &'n str, folder: &str) -> &'n str {
    let name = name.strip_prefix('*').unwrap_or(name);
    let name = name.strip_prefix("./").unwrap_or(name);
    name.strip_prefix(folder).unwrap_or(name)
}

/// The member that only Vault snapshots have: a signature of the sums.
pub(crate) const VAULT: &str = "SHA256SUMS.sealed";

/// Whether a file may start with the header of a `state.bin`: a map with texts as keys, or the empty
/// map of Nomad. A PNG image starts with the byte of a map, too, but with a number after it.
pub(crate) fn starts_like_a_header(start: &[u8]) -> bool {
    let key = match start.first() {
        Some(0x80) => return true,
        Some(0x81..=0x8f) => start.get(1),
        Some(0xde) => start.get(3),
        Some(0xdf) => start.get(5),
        _ => return false,
    };
    key.is_none_or(|key| matches!(key, 0xa0..=0xbf | 0xc4..=0xc6 | 0xd9..=0xdb))
}

/// Recognises files that are neither snapshots nor archives by their first bytes.
pub(crate) fn other_file(start: &[u8]) -> Option<&'static str> {
    /// After the header of a bbolt file's first page.
    const BBOLT: [u8; 4] = 0xED0C_DAED_u32.to_le_bytes();
    const WAL: [u8; 4] = 0x58EB_6B0D_u32.to_le_bytes();
    if start.get(16..20) == Some(&BBOLT) {
        return Some(
            "this is a bbolt file, as raft.db is: a server's Raft log, not a snapshot; to read the \
             server's newest snapshot, pass its data directory",
        );
    }
    if start.starts_with(&WAL) {
        return Some(
            "this is a segment of a server's Raft log (raft-wal), not a snapshot; to read the \
             server's newest snapshot, pass its data directory",
        );
    }
    None
}

/// Whether a `state.bin` is from Nomad: its header is an empty map, followed by a record type.
pub(crate) fn is_of_nomad(start: &[u8]) -> bool {
    matches!(start, [0x80, 0..=0x3f, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_map_with_texts_as_keys() {
        for header in [&b"\x81\xa9LastIndex\x07"[..], b"\x80\x01", b"\x81", b"\xde\0\x01\xd9\x09L"]
        {
            assert!(starts_like_a_header(header), "{header:02x?}");
        }
        for other in [&b""[..], b"\x89PNG\r\n", b"hello", b"\xff\xd8\xff\xe0"] {
            assert!(!starts_like_a_header(other), "{other:02x?}");
        }
    }

    #[test]
    fn names_are_taken_apart() {
        for (stored, folder, file) in [
            ("meta.json", "", "meta.json"),
            ("./meta.json", "", "meta.json"),
            ("backup/meta.json", "backup/", "meta.json"),
            ("./a/b/state.bin", "a/b/", "state.bin"),
            ("folder/", "folder/", ""),
        ] {
            assert_eq!(MemberName::of(stored), MemberName { folder, file }, "{stored}");
        }
        assert!(MemberName::of("backup/._meta.json").is_of_macos());
        for (name, member) in
            [("*meta.json", "meta.json"), ("./state.bin", "state.bin"), ("hp/x", "x"), ("x", "x")]
        {
            assert_eq!(member_of_sum(name, "hp/"), member);
        }
    }
}
