//! Generates texts of ACL policies in HCL 1 and JSON from a grammar, valid and nearly valid ones.

use crate::random::SplitMix64;

/// A text and the language it is written in.
#[must_use]
pub fn policy_text(random: &mut SplitMix64) -> Vec<u8> {
    let mut text = String::new();
    let mut writer = Writer { random, text: &mut text };
    if writer.random.percent(50) {
        writer.hcl();
    } else {
        writer.json();
    }
    let mut bytes = text.into_bytes();
    // Half of them follow the grammar.
    if random.percent(50) {
        for _ in 0..=random.below(2) {
            damage(&mut bytes, random);
        }
    }
    bytes
}

const KINDS: &[&str] = &[
    "key",
    "key_prefix",
    "service",
    "service_prefix",
    "node",
    "node_prefix",
    "agent",
    "agent_prefix",
    "event",
    "event_prefix",
    "query",
    "query_prefix",
    "session",
    "session_prefix",
    "identity",
    "identity_prefix",
    "Key",
    "SERVICE",
    "namespace",
    "foo",
];
const SCALARS: &[&str] =
    &["acl", "operator", "keyring", "mesh", "peering", "ACL", "id", "revision", "bar"];
const LEVELS: &[&str] =
    &["read", "write", "deny", "list", "read", "write", "deny", "READ", "Write", "", "x"];
const NAMES: &[&str] = &[
    "", "a", "app/", "a/b", "web", "*", "\\u00e9", "\\\"q", "\\x41", "${x}", "${a\\\"}", "ü",
    "\\t", "\\ud800", "policy", "\\101",
];
/// Names that are rare or refused.
const ODD_NAMES: &[&str] = &[
    "5",
    "0x1f",
    "null",
    "${a}${b\\t}",
    "${a{b}c}\\n",
    "${\u{fffd}}",
    "\u{fffd}",
    "$",
    "$${x}",
    "\\377",
    "\\400",
    "\\xff",
    "\\udc00\\ud800",
    "\\ud83d\\ude00",
    "\\U0001F600",
    "\\U00110000",
    "\\U80000041",
    "\\a\\b\\f\\r\\v",
    "\u{e123}",
    "\u{2028}\u{a0}\u{ad}",
    "😀",
];
const FIELDS: &[&str] = &[
    "policy",
    "policy",
    "policy",
    "policy",
    "intentions",
    "intentions",
    "Policy",
    "sentinel",
    "x",
    "\u{17f}entinel",
    "poli\\u0063y",
];
const BARE: &[&str] =
    &["bare", "a.b-c", "é", "x5", "policy", "bare", "a.b-c", "é", "true", "5", "1.5", "null", "-5"];
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "=",
    "\"",
    " ",
    "\n",
    "\0",
    "null",
    "true",
    "0",
    "01",
    "1.5",
    "1e",
    ".5",
    ".5e7",
    "-1",
    "1e+",
    "#",
    "//",
    "/*",
    "*/",
    "<<E\n",
    "\nE\n",
    "\\",
    "$",
    "${",
    "é",
    "\r\n",
    "'",
    "word",
    "\"policy\"",
    "\"read\"",
    "\u{feff}",
    "\u{a0}",
    "²",
    "Ⅷ",
    "٣",
    "-",
    "+",
    ".",
    "\u{b}",
    "\u{fffd}",
    "\u{e123}",
    "<<-E\n",
    "\n  E\n",
    "0e",
    "1.e5",
    "} }",
    "{ x = }",
    "\\u00",
];

struct Writer<'w> {
    random: &'w mut SplitMix64,
    text: &'w mut String,
}

impl Writer<'_> {
    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.random.index(from.len())]
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn name(&mut self) {
        let names = if self.random.percent(15) { ODD_NAMES } else { NAMES };
        self.quoted(names);
    }

    fn quoted(&mut self, names: &[&'static str]) {
        let name = self.pick(names);
        self.put("\"");
        self.put(name);
        self.put("\"");
    }

    fn space(&mut self) {
        let space = self.pick(&[" ", " ", " ", "\n", "\t", "", "  ", "\r\n"]);
        self.put(space);
    }

    /// Where HCL can have a comment.
    fn gap(&mut self) {
        self.space();
        if self.random.percent(6) {
            let comment = self.pick(&["# x\n", "// }\n", "/* { */", "/**/", "/***/", "/* \n */"]);
            self.put(comment);
        }
    }

    fn hcl(&mut self) {
        for _ in 0..self.random.below(5) {
            match self.random.below(12) {
                0..=2 => self.hcl_scalar(),
                3 => self.gap(),
                4 | 5 => self.hcl_nested(),
                6 => {
                    let word = self.pick(&["foo", "namespace", "Bar", "key", "acl", "sentinel"]);
                    self.put(word);
                    self.put(" = ");
                    self.hcl_value(3);
                }
                7 => {
                    // The same text again, often in another letter case.
                    let from = self.text.len();
                    self.hcl_block();
                    let again = self.text.get(from..).unwrap_or("").to_owned();
                    self.put("\n");
                    self.put(&again);
                }
                _ => self.hcl_block(),
            }
            let end = self.pick(&["\n", " ", ",", ";\n", "\n", "\n"]);
            if end != ";\n" {
                self.put(end);
            } else {
                self.put("\n");
            }
        }
    }

    fn hcl_scalar(&mut self) {
        let word = self.pick(SCALARS);
        self.put(word);
        self.gap();
        self.put("=");
        self.gap();
        self.hcl_level();
    }

    /// Any value, nested up to `depth`.
    fn hcl_value(&mut self, depth: u32) {
        match self.random.below(if depth == 0 { 2 } else { 5 }) {
            0 => self.hcl_level(),
            1 => self.heredoc(),
            2 => {
                self.put("[");
                for _ in 0..self.random.below(4) {
                    self.hcl_value(depth - 1);
                    let end = self.pick(&[",", ", ", ",\n", "", ",,"]);
                    self.put(end);
                }
                self.put("]");
            }
            _ => {
                self.put("{");
                for _ in 0..self.random.below(3) {
                    self.gap();
                    self.hcl_key();
                    let assign = self.pick(&[" = ", "=", " ", " \"b\" "]);
                    self.put(assign);
                    self.hcl_value(depth - 1);
                    let end = self.pick(&["\n", ",", " "]);
                    self.put(end);
                }
                self.put("}");
            }
        }
    }

    fn hcl_key(&mut self) {
        if self.random.percent(30) {
            let bare = self.pick(BARE);
            self.put(bare);
        } else if self.random.percent(30) {
            let field = self.pick(FIELDS);
            self.put(field);
        } else {
            self.name();
        }
    }

    fn heredoc(&mut self) {
        let start = self.pick(&["<<E\n", "<<-E\n", "<<E\n", "<<-Ü1\n", "<<E \n", "<<\n", "<E\n"]);
        self.put(start);
        for _ in 0..self.random.below(3) {
            let line = self.pick(&["read\n", "  read\n", "\twrite\n", "\n", " E x\n", "EE\n"]);
            self.put(line);
        }
        let end = self.pick(&["E\n", "  E\n", "E\n", "\tÜ1\n", "Ü1\n", "E\r\n", "E"]);
        self.put(end);
    }

    fn hcl_level(&mut self) {
        match self.random.below(12) {
            0 => {
                let value = self.pick(&[
                    "true", "5", "1.5", "[]", "{}", "-1", "0x1f", "07", "1e5", ".5", "null", "read",
                ]);
                self.put(value);
            }
            1 if self.random.percent(50) => self.heredoc(),
            1 => {
                self.put("[");
                self.quoted(LEVELS);
                self.put("]");
            }
            _ => self.quoted(LEVELS),
        }
    }

    fn hcl_block(&mut self) {
        let kind = self.pick(KINDS);
        self.put(kind);
        self.space();
        self.put(" ");
        if self.random.percent(10) {
            let bare = self.pick(BARE);
            self.put(bare);
        } else {
            self.name();
        }
        if self.random.percent(4) {
            self.put(" ");
            self.name();
        }
        let middle = self.pick(&[" ", " ", " ", " = ", "\n"]);
        self.put(middle);
        self.hcl_body();
    }

    fn hcl_body(&mut self) {
        self.put("{");
        for _ in 0..=self.random.below(2) {
            self.gap();
            let field = if self.random.percent(60) { "policy" } else { self.pick(FIELDS) };
            self.put(field);
            if self.random.percent(3) {
                let assign = self.pick(&[" ", " = "]);
                self.put(assign);
                self.hcl_value(2);
            } else {
                self.put(" = ");
                self.hcl_level();
            }
            let end = self.pick(&["\n", " ", ",", ", "]);
            self.put(end);
        }
        self.put("}");
    }

    fn hcl_nested(&mut self) {
        let kind = self.pick(KINDS);
        self.put(kind);
        let middle = self.pick(&[" {", " = {", " = [{"]);
        self.put(middle);
        for _ in 0..=self.random.below(1) {
            self.name();
            let assign = self.pick(&[" ", " = "]);
            self.put(assign);
            self.hcl_body();
            self.put("\n");
        }
        self.put(if middle.ends_with("[{") { "}]" } else { "}" });
    }

    fn json(&mut self) {
        self.put("{");
        let count = self.random.below(4);
        for at in 0..count {
            self.space();
            if self.random.percent(30) {
                self.quoted(SCALARS);
                self.put(":");
                self.space();
                self.json_level();
            } else if self.random.percent(15) {
                self.quoted(&["foo", "key", "service", "acl", "namespace", "Key_Prefix"]);
                self.put(":");
                self.json_value(3);
            } else {
                self.quoted(KINDS);
                self.put(":");
                self.json_names();
            }
            if at + 1 < count {
                self.put(",");
            }
        }
        self.space();
        self.put("}");
    }

    fn json_level(&mut self) {
        match self.random.below(12) {
            0 => {
                let value = self.pick(&[
                    "true",
                    "5",
                    "1.5",
                    "[]",
                    "{}",
                    "null",
                    "0",
                    "-0.5e3",
                    "[\"read\"]",
                    "5e",
                    ".5e7",
                    "0e1",
                    "nul",
                    "\"re\\u0061d\"",
                ]);
                self.put(value);
            }
            _ => self.quoted(LEVELS),
        }
    }

    /// Any value, nested up to `depth`.
    fn json_value(&mut self, depth: u32) {
        match self.random.below(if depth == 0 { 1 } else { 4 }) {
            0 => self.json_level(),
            1 => {
                self.put("[");
                for _ in 0..self.random.below(4) {
                    self.json_value(depth - 1);
                    let end = self.pick(&[",", ", ", ",\n", "", ",,"]);
                    self.put(end);
                }
                self.put("]");
            }
            _ => {
                self.put("{");
                let count = self.random.below(4);
                for at in 0..count {
                    self.space();
                    if self.random.percent(30) {
                        self.quoted(FIELDS);
                    } else {
                        self.name();
                    }
                    self.put(":");
                    self.json_value(depth - 1);
                    if at + 1 < count {
                        self.put(",");
                    }
                }
                self.put("}");
            }
        }
    }

    fn json_names(&mut self) {
        let list = self.random.percent(20);
        self.put(if list { "[{" } else { "{" });
        let count = self.random.below(3);
        for at in 0..count {
            self.name();
            self.put(":");
            self.json_body();
            if at + 1 < count {
                let apart = list && self.random.percent(50);
                self.put(if apart { "},{" } else { "," });
            }
        }
        self.put(if list { "}]" } else { "}" });
    }

    fn json_body(&mut self) {
        let list = self.random.percent(10);
        self.put(if list { "[{" } else { "{" });
        let count = 1 + self.random.below(2);
        for at in 0..count {
            self.space();
            let fields = if self.random.percent(60) { &["policy"] } else { FIELDS };
            self.quoted(fields);
            self.put(":");
            if self.random.percent(3) {
                self.json_value(2);
            } else {
                self.json_level();
            }
            if at + 1 < count {
                self.put(",");
            }
        }
        self.put(if list { "}]" } else { "}" });
    }
}

fn damage(bytes: &mut Vec<u8>, random: &mut SplitMix64) {
    let at = random.index(bytes.len() + 1);
    let piece = PIECES[random.index(PIECES.len())].as_bytes();
    match random.below(8) {
        0 | 1 => drop(bytes.splice(at..at, piece.iter().copied())),
        2 | 3 if at < bytes.len() => drop(bytes.remove(at)),
        4 if at < bytes.len() => drop(bytes.splice(at..=at, piece.iter().copied())),
        5 => bytes.truncate(at),
        6 => bytes.insert(at, random.below(256) as u8),
        _ => {
            let end = (at + 1 + random.index(6)).min(bytes.len());
            bytes.drain(at.min(end)..end);
        }
    }
}
