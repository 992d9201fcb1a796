//! Texts of ACL policies, right and nearly right, out of a grammar: HCL 1 and JSON.

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
    // Half of them are as the grammar has them.
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
const FIELDS: &[&str] = &["policy", "policy", "policy", "intentions", "Policy", "sentinel", "x"];
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

    fn hcl(&mut self) {
        for _ in 0..self.random.below(5) {
            match self.random.below(10) {
                0..=2 => self.hcl_scalar(),
                3 => {
                    let comment = self.pick(&["# x\n", "// y\n", "/* z */", "/**/"]);
                    self.put(comment);
                }
                4 => self.hcl_nested(),
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
        self.space();
        self.put("=");
        self.space();
        self.hcl_level();
    }

    fn hcl_level(&mut self) {
        match self.random.below(12) {
            0 => {
                let value =
                    self.pick(&["true", "5", "1.5", "[]", "{}", "<<E\nread\nE\n", "-1", "0x1f"]);
                self.put(value);
            }
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
            let bare = self.pick(&["bare", "a.b-c", "é", "x5"]);
            self.put(bare);
        } else {
            self.quoted(NAMES);
        }
        if self.random.percent(4) {
            self.put(" ");
            self.quoted(NAMES);
        }
        let middle = self.pick(&[" ", " ", " ", " = ", "\n"]);
        self.put(middle);
        self.hcl_body();
    }

    fn hcl_body(&mut self) {
        self.put("{");
        for _ in 0..=self.random.below(2) {
            self.space();
            let field = self.pick(FIELDS);
            self.put(field);
            self.put(" = ");
            self.hcl_level();
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
            self.quoted(NAMES);
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
                ]);
                self.put(value);
            }
            _ => self.quoted(LEVELS),
        }
    }

    fn json_names(&mut self) {
        let list = self.random.percent(20);
        self.put(if list { "[{" } else { "{" });
        let count = self.random.below(3);
        for at in 0..count {
            self.quoted(NAMES);
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
            self.quoted(FIELDS);
            self.put(":");
            self.json_level();
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
