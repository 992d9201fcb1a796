//! `SHA256SUMS`: the expected hashes of the members.

/// Parses the lines of a `SHA256SUMS` into names and hashes in lower-case hex. The error names an
/// invalid line.
pub(crate) fn parse(text: &[u8]) -> (Vec<(String, String)>, Vec<String>) {
    let mut sums = Vec::new();
    let mut errors = Vec::new();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    for (i, line) in text.split(|b| *b == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match parse_line(line) {
            Some(sum) => sums.push(sum),
            None => errors.push(format!("line {} of SHA256SUMS is broken", i + 1)),
        }
    }
    (sums, errors)
}

fn parse_line(line: &[u8]) -> Option<(String, String)> {
    let line = std::str::from_utf8(line).ok()?;
    let (hash, name) = line.split_once(char::is_whitespace)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let name = name.trim_start();
    (is_hash && !name.is_empty()).then(|| (name.to_owned(), hash.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_consul_reads() {
        let a = "A".repeat(64);
        let text = format!("{a}  meta.json\r\n{a} state.bin\n");
        let (sums, errors) = parse(text.as_bytes());
        let hash = "a".repeat(64);
        assert_eq!(sums, [("meta.json".into(), hash.clone()), ("state.bin".into(), hash)]);
        assert!(errors.is_empty());
        assert_eq!(parse(format!("{a}  x\n\n{a}  y\n").as_bytes()).1.len(), 1);
        assert_eq!(parse(b"").1.len(), 1);
        assert_eq!(parse(format!("{a}0  x\n").as_bytes()).1.len(), 1);
    }
}
