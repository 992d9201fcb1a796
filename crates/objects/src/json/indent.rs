//! Indents compact JSON as Go's encoder does.

/// Puts each member and item on its own line. Empty lists and objects stay on one line.
#[must_use]
pub fn indented(compact: &[u8], by: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(compact.len() * 2);
    Indenter::new(by).push(compact, &mut out);
    out.push(b'\n');
    out
}

/// Lays out compact JSON that comes in pieces, cut anywhere.
#[derive(Debug)]
pub struct Indenter<'b> {
    by: &'b str,
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// A list or object was opened, and nothing of it has come.
    opened: bool,
}

impl<'b> Indenter<'b> {
    /// Nothing laid out yet; each level is indented by `by`.
    #[must_use]
    pub const fn new(by: &'b str) -> Self {
        Self { by, depth: 0, in_text: false, escaped: false, opened: false }
    }

    /// Lays out the next piece.
    pub fn push(&mut self, compact: &[u8], out: &mut Vec<u8>) {
        for &b in compact {
            if self.in_text {
                out.push(b);
                self.in_text = self.escaped || b != b'"';
                self.escaped = !self.escaped && b == b'\\';
                continue;
            }
            if b == b'\n' {
                out.push(b);
                continue;
            }
            let is_end = matches!(b, b'}' | b']');
            if is_end {
                self.depth = self.depth.saturating_sub(1);
            }
            // Empty ones stay as they are.
            if self.opened != is_end {
                self.new_line(out);
            }
            self.opened = matches!(b, b'{' | b'[');
            out.push(b);
            match b {
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth += 1,
                b',' => self.new_line(out),
                b':' => out.push(b' '),
                _ => {}
            }
        }
    }

    fn new_line(&self, out: &mut Vec<u8>) {
        out.push(b'\n');
        (0..self.depth).for_each(|_| out.extend_from_slice(self.by.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPACT: &[u8] = br#"{"a":[1,{}],"b\"{":[],"c\\":{"d":"x,y"}}"#;
    const EXPECTED: &str = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\\\"{\": [],\n  \"c\\\\\": {\n    \"d\": \"x,y\"\n  }\n}\n";

    #[test]
    fn laid_out_as_go_does() {
        assert_eq!(String::from_utf8(indented(COMPACT, "  ")).unwrap(), EXPECTED);
    }

    #[test]
    fn pieces_make_the_same() {
        for cut in 0..COMPACT.len() {
            let (mut indenter, mut out) = (Indenter::new("  "), Vec::new());
            let (first, second) = COMPACT.split_at(cut);
            indenter.push(first, &mut out);
            indenter.push(second, &mut out);
            indenter.push(b"\n", &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), EXPECTED, "{cut}");
        }
    }
}
