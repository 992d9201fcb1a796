//! A difference as JSON.

use snapscope_analyze::compare::{Detail, Difference, Digest, Line, Sign};
use snapscope_objects::json::{JsonText, Sink};
use snapscope_objects::row::{Json, Node, Row, Tape};

/// A difference and the id of its object as it is stored.
pub(super) struct JsonDifference<'d> {
    pub(super) difference: &'d Difference,
    pub(super) id: &'d [u8],
}

impl JsonDifference<'_> {
    pub(super) fn render(&self, json: &mut JsonText) {
        let Difference { kind, id, class, fields, before, after } = self.difference;
        json.begin_object();
        json.key(b"type");
        json.text(kind.object.unwrap_or(kind.name).as_bytes());
        json.key(b"id");
        json.text(id);
        // Whatever else an id that is not UTF-8 looks like, it can be told from others.
        if id == self.id && std::str::from_utf8(id).is_err() {
            json.key(b"id_base64");
            json.bytes(id);
        }
        json.key(b"change");
        json.text(class.change.word().as_bytes());
        if class.recreated {
            json.key(b"recreated");
            json.bool(true);
        }
        for (name, row) in [("before", before), ("after", after)] {
            json.key(name.as_bytes());
            match row {
                Some(row) => Row::render(row, json),
                None => json.null(),
            }
        }
        json.key(b"fields");
        json.begin_object();
        for field in fields {
            json.key(field.path.as_bytes());
            detail(&field.detail, json);
        }
        json.end_object();
        json.end_object();
    }
}

fn detail(detail: &Detail, json: &mut JsonText) {
    json.begin_object();
    match detail {
        Detail::Value { before, after } => {
            for (name, tape) in [("before", before), ("after", after)] {
                json.key(name.as_bytes());
                match tape.as_ref().and_then(Tape::root) {
                    Some(node) => value(node, json),
                    None => json.null(),
                }
            }
        }
        Detail::Lines(lines) => {
            json.key(b"lines");
            json.begin_list();
            lines.iter().for_each(|line| json.text(line_text(line).as_bytes()));
            json.end_list();
        }
        Detail::Bytes { before, after } => {
            for (name, digest) in [("before", before), ("after", after)] {
                json.key(name.as_bytes());
                bytes(digest.as_ref(), json);
            }
        }
        Detail::Set { removed, added } => {
            for (name, items) in [("removed", removed), ("added", added)] {
                json.key(name.as_bytes());
                json.begin_list();
                items.iter().filter_map(Tape::root).for_each(|item| item.render(json));
                json.end_list();
            }
        }
    }
    json.end_object();
}

/// A value; bytes that are text as text, since they stand beside other texts.
fn value(node: Node<'_>, json: &mut JsonText) {
    match node.json() {
        Json::Bytes(bytes) if std::str::from_utf8(bytes).is_ok() => json.text(bytes),
        _ => node.render(json),
    }
}

fn bytes(digest: Option<&Digest>, json: &mut JsonText) {
    let Some(Digest { bytes, sha256 }) = digest else {
        json.null();
        return;
    };
    json.begin_object();
    json.key(b"bytes");
    json.uint(*bytes);
    json.key(b"sha256");
    json.text(sha256.as_bytes());
    json.end_object();
}

/// A line with its sign in front.
pub(super) fn line_text(line: &Line) -> String {
    match line.sign {
        Sign::Same => format!(" {}", line.text),
        Sign::Removed => format!("-{}", line.text),
        Sign::Added => format!("+{}", line.text),
        Sign::Gap(1) => "@ 1 line is the same".to_owned(),
        Sign::Gap(n) => format!("@ {n} lines are the same"),
    }
}
