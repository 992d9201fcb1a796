//! Reads paths as Go's router does.

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
}
