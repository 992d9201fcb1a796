//! Reads paths as Go's router does.

/// Decodes percent-encoding; `None` if an escape is malformed.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let is_escape = |at: usize| {
        bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    let mut escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    escapes.all(|(at, _)| is_escape(at)).then(|| percent_encoding::percent_decode(bytes).collect())
}

/// The path to which Go's router redirects, without `//`, `.` and `..`; `None` if the path is
/// already clean. An encoded slash belongs to a name, so this takes the path as sent.
pub(crate) fn cleaned(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut clean = format!("/{}", parts.join("/"));
    if path.ends_with('/') && clean != "/" {
        clean.push('/');
    }
    (clean != path).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_routers_do() {
        for (path, clean) in [
            ("/v1/kv//", Some("/v1/kv/")),
            ("/v1/kv/double//slash///key", Some("/v1/kv/double/slash/key")),
            ("/v1/kv/dots/../top-5", Some("/v1/kv/top-5")),
            ("/v1/kv/dots/..hidden/.x/..", Some("/v1/kv/dots/..hidden")),
            ("/v1/kv/./top-5", Some("/v1/kv/top-5")),
            ("/v1/kv/%2Fleading", None),
            ("/v1/kv/dots/..hidden/.x", None),
            ("/", None),
        ] {
            assert_eq!(cleaned(path).as_deref(), clean, "{path}");
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(decoded("a%20b%2F%ff").as_deref(), Some(&b"a b/\xff"[..]));
        assert_eq!(decoded("bad%zzescape"), None);
        assert_eq!(decoded("cut%2"), None);
    }
}
