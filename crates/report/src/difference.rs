//! The page about the differences between two snapshots.

use crate::changed::ChangedObject;
use crate::field_lines::FieldText;
use crate::html::{Cell, Html, Page, Table};
use crate::words::{duration, grouped, message, shown, time};
use snapscope_analyze::compare::Change;
use snapscope_analyze::diff::Counts;
use snapscope_archive::Closing;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::printable::counted;
use snapscope_pictures::escaped;

/// The differences between two snapshots.
#[derive(Debug)]
pub struct Differences<'a> {
    /// The names of both.
    pub names: [&'a str; 2],
    /// Their names on command lines.
    pub files: [&'a str; 2],
    /// What is known about their containers.
    pub closings: [&'a Closing; 2],
    /// Number of differing objects by type.
    pub summary: Vec<KindSummary>,
    /// The first differing objects of each type.
    pub objects: Vec<ChangedObject>,
    /// Notes about the two.
    pub warnings: &'a [String],
    /// Why the page is incomplete, if it is.
    pub incomplete: Option<&'a str>,
}

/// Number of differing objects of a type.
#[derive(Debug, Clone, Copy)]
pub struct KindSummary {
    /// The type.
    pub kind: &'static ObjectKind,
    /// The number of objects by change.
    pub counts: Counts,
}

/// Writes the page about the differences between two snapshots.
#[must_use]
pub fn difference(of: &Differences<'_>) -> String {
    let page = Page {
        title: "What changed between two snapshots".to_owned(),
        about: of.names.map(|name| shown(name.as_bytes())).join(" \u{2192} "),
        incomplete: of.incomplete,
        sections: vec![
            ("overview", "Overview", overview(of)),
            ("objects", "Changed objects", objects(of)),
        ],
    };
    page.finish()
}

fn overview(of: &Differences<'_>) -> Html {
    let mut html = Html::default();
    let differences: u64 = of.summary.iter().map(|kind| kind.counts.differences()).sum();
    let taken = of.closings.map(|closing| Some(closing.meta.as_ref()?.taken_ms()? / 1000));
    html.raw("<dl class=\"cards\"><div>").element("dt", "Differences");
    html.element("dd", &grouped(differences)).raw("</div>");
    if let [Some(before), Some(after)] = taken {
        html.raw("<div>").element("dt", "Time between");
        html.element("dd", &duration(after.abs_diff(before).try_into().unwrap_or(i64::MAX)))
            .raw("</div>");
    }
    html.raw("</dl>");
    for warning in of.warnings {
        html.note(&format!("Warning: {}", message(warning)));
    }
    let rows = (0..2).filter_map(|side| {
        let (name, closing, taken) =
            (of.names.get(side)?, of.closings.get(side)?, taken.get(side)?);
        let index = closing
            .meta
            .as_ref()
            .map_or_else(|| Cell::Amount("-".into()), |meta| Cell::Count(meta.index));
        Some(vec![
            Cell::Text(if side == 0 { "A, before" } else { "B, after" }.into()),
            Cell::Name(name.as_bytes().to_vec()),
            Cell::Text(taken.map_or_else(|| "unknown".to_owned(), time)),
            index,
            Cell::Count(closing.records),
            Cell::Bytes(closing.integrity.actual_size),
            Cell::Text(closing.integrity.verdict.name().into()),
        ])
    });
    html.table(&Table::new(
        "The two snapshots",
        &["which", "snapshot", "taken", "index", "records", "bytes", "integrity"],
        rows,
    ));
    let shown_changes = [Change::Added, Change::Removed, Change::Changed, Change::Recreated];
    let rows = of.summary.iter().filter(|kind| kind.counts.differences() > 0).map(|summary| {
        let mut row = vec![Cell::Code(summary.kind.object_name().into())];
        row.extend(shown_changes.map(|change| Cell::Count(summary.counts.of(change))));
        row
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    if rows.is_empty() {
        html.paragraph(match of.incomplete {
            None => "No differences.",
            Some(_) => "No differences in what could be compared.",
        });
    } else {
        html.element("h3", "By type");
        html.table(&Table::new(
            "Number of objects that differ",
            &["type", "added", "removed", "changed", "recreated"],
            rows,
        ));
    }
    html.command(&format!("snapscope diff --stat {}", of.files.join(" ")));
    html
}

fn objects(of: &Differences<'_>) -> Html {
    let mut html = Html::default();
    for summary in &of.summary {
        let all = summary.counts.differences();
        if all == 0 {
            continue;
        }
        let name = summary.kind.object_name();
        html.element("h3", name);
        let mut count = 0;
        for object in of.objects.iter().filter(|object| object.kind == summary.kind) {
            count += 1;
            let word = object.change.word();
            html.raw(&format!("<div class=\"change\"><span class=\"badge {word}\">{word}</span> "));
            html.raw(&format!("<bdi class=\"name\">{}</bdi>", escaped(&shown(&object.id))));
            if let Some(name) = &object.name {
                html.raw(&format!(" <bdi class=\"name soft\">{}</bdi>", escaped(&shown(name))));
            }
            fields(&object.fields, &mut html);
            html.raw("</div>");
        }
        let more = all.saturating_sub(count);
        if more > 0 {
            html.raw("<p class=\"more\">").text(&format!("and {} more", grouped(more))).raw("</p>");
            html.command(&format!("snapscope diff --type {name} --limit 0 {}", of.files.join(" ")));
        }
        if summary.counts.not_compared > 0 {
            let objects = counted(summary.counts.not_compared, "object", "objects");
            html.paragraph(&format!("{objects} could not be compared."));
        }
    }
    if of.summary.iter().all(|kind| kind.counts.differences() == 0) {
        html.note(match of.incomplete {
            None => "No object differs.",
            Some(_) => "No object differs in what could be compared.",
        });
    }
    html.command(&format!("snapscope diff {}", of.files.join(" ")));
    html
}

/// Adds the differing fields of an object. Lines of a text keep their indentation.
fn fields(fields: &[FieldText], html: &mut Html) {
    if fields.is_empty() {
        return;
    }
    html.raw("<ul>");
    for FieldText { line, block } in fields {
        html.raw("<li>").text(line);
        if !block.is_empty() {
            html.raw("<pre tabindex=\"0\">");
            for (at, line) in block.iter().enumerate() {
                html.raw(if at > 0 { "\n" } else { "" });
                match line.as_bytes().first() {
                    Some(b'+') => html.element("ins", line),
                    Some(b'-') => html.element("del", line),
                    _ => html.text(line),
                };
            }
            html.raw("</pre>");
        }
        html.raw("</li>");
    }
    html.raw("</ul>");
}
