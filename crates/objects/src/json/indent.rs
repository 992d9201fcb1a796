//! Indents compact JSON as Go's encoder does.

/// Puts each member and item on its own line. Empty lists and objects stay on one line.
#[must_use]
pub fn indented(compact: &[u8], by: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(compact.len() * 2);
    let mut depth = 0_usize;
    let (mut in_text, mut escaped) = (false, false);
    let new_line = |out: &mut Vec<u8>, depth: usize| {
        out.push(b'\n');
        (0..depth).for_each(|_| out.extend_from_slice(by.as_bytes()));
    };
    for (at, &b) in compact.iter().enumerate() {
        if in_text {
            out.push(b);
            (in_text, escaped) = (escaped || b != b'"', !escaped && b == b'\\');
            continue;
        }
        match b {
            b'"' => {
                in_text = true;
                out.push(b);
            }
            b'{' | b'[' => {
                out.push(b);
                depth += 1;
                if !matches!(compact.get(at + 1), Some(b'}' | b']')) {
                    new_line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if !matches!(out.last(), Some(b'{' | b'[')) {
                    new_line(&mut out, depth);
                }
                out.push(b);
            }
            b',' => {
                out.push(b);
                new_line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ => out.push(b),
        }
    }
    out.push(b'\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laid_out_as_go_does() {
        let compact = br#"{"a":[1,{}],"b\"{":[],"c\\":{"d":"x,y"}}"#;
        let expected = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\\\"{\": [],\n  \"c\\\\\": {\n    \"d\": \"x,y\"\n  }\n}\n";
        assert_eq!(String::from_utf8(indented(compact, "  ")).unwrap(), expected);
    }
}
