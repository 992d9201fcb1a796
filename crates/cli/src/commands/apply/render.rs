//! Renders the plan and the result, as text and JSON.

use super::args::ApplyArgs;
use crate::answer::Answer;
use crate::render::escape::one_line;
use crate::render::json::{List, Members as _, Object, ToJson};
use crate::shell_line::{named, shell_words};
use snapscope_analyze::api::written::{WRITTEN, place, row};
use snapscope_analyze::compare::{CompareOptions, Comparer, Difference};
use snapscope_answers::field_change::{fields_member, id_members};
use snapscope_live::apply::{Action, Cluster, Counts, Plan, Planned, Report, Verdict, Written};
use snapscope_live::client::Client;
use snapscope_objects::json::JsonText;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::printable::counted;
use snapscope_report::field_lines;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

/// The data to show.
pub(super) struct View<'v> {
    pub(super) args: &'v ApplyArgs,
    pub(super) client: &'v Client,
    /// What is applied.
    pub(super) from: &'v str,
    pub(super) plan: &'v Plan,
    pub(super) cluster: &'v Cluster,
    /// The result, and the folder with which it can be undone.
    pub(super) result: Option<(&'v Report, &'v Path)>,
}

/// Maximum number of lines of a differing text.
const LINES: usize = 20;

impl View<'_> {
    fn comparer(&self) -> Comparer {
        let show = self.args.show_secrets;
        Comparer::new(CompareOptions {
            show_secrets: show,
            hide_values: !show,
            whole_entries: true,
            ..CompareOptions::default()
        })
    }

    /// The ID of an object, masked where a key contains a secret.
    fn id(&self, planned: &Planned, comparer: &Comparer) -> String {
        if planned.wanted.kind != KindId::Kv || self.args.show_secrets {
            return planned.id();
        }
        let mut key = planned.wanted.object.clone();
        key.retain(|name, _| name == "Key");
        String::from_utf8_lossy(&comparer.shown_id(&row(KindId::Kv, &key))).into_owned()
    }

    /// How an object is changed, if it is.
    fn change(planned: &Planned, comparer: &Comparer) -> Option<Difference> {
        let is_change = planned.action() == Some(Action::Change);
        is_change.then(|| planned.difference(comparer)).flatten()
    }

    fn sides(&self) -> String {
        let mut about: Vec<String> = self.cluster.name.datacenter.iter().cloned().collect();
        about.extend(self.cluster.version.map(|version| format!("Consul {version}")));
        let about =
            if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
        let cluster = format!("{}{about}", self.client.address());
        let mut text = String::new();
        for (name, value) in [("From", self.from), ("Cluster", &cluster)] {
            text.push_str(&format!(" {name:<8} {}\n", one_line(value.as_bytes())));
        }
        text
    }

    /// A row for each type, with the number of objects for each verdict that occurs.
    fn table(&self) -> String {
        let counts = self.plan.counts();
        let total = self.plan.total();
        let columns: Vec<Column> = COLUMNS
            .iter()
            .filter(|(name, of)| of(&total) > 0 || *name == "create" || *name == "change")
            .copied()
            .collect();
        let heads = columns.iter().map(|(name, _)| (*name).to_owned());
        let mut rows: Vec<Vec<String>> =
            vec![std::iter::once("Type".to_owned()).chain(heads).collect()];
        for kind in WRITTEN {
            let Some(counts) = counts.get(kind) else { continue };
            let cells = columns.iter().map(|(_, of)| of(counts).to_string());
            rows.push(std::iter::once(kinds::of(*kind).name.to_owned()).chain(cells).collect());
        }
        let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(String::len).max();
        let mut text = "\n".to_owned();
        for row in &rows {
            for (at, cell) in row.iter().enumerate() {
                let width = width(at).unwrap_or(0);
                text.push_str(&if at == 0 {
                    format!(" {cell:<width$}")
                } else {
                    format!("  {cell:>width$}")
                });
            }
            text.push('\n');
        }
        text
    }

    /// The objects that differ, up to the limit of each type.
    fn objects(&self) -> String {
        let comparer = self.comparer();
        let mut text = String::new();
        let mut shown = vec![0u64; WRITTEN.len()];
        let mut hidden = 0u64;
        for planned in &self.plan.objects {
            if planned.verdict == Verdict::Equal {
                continue;
            }
            let Some(shown) = place(planned.wanted.kind).and_then(|at| shown.get_mut(at)) else {
                continue;
            };
            if *shown >= self.args.limit {
                hidden += 1;
                continue;
            }
            *shown += 1;
            self.object(planned, &comparer, &mut text);
        }
        if hidden > 0 {
            text.push_str(&format!(" ... and {hidden} more; -n 0 shows all\n"));
        }
        if text.is_empty() { text } else { format!("\n{text}") }
    }

    fn object(&self, planned: &Planned, comparer: &Comparer, text: &mut String) {
        let id = self.id(planned, comparer);
        let kind = kinds::of(planned.wanted.kind).object_name();
        let mut line = format!("{} {kind}/{id}", planned.verdict.word());
        if planned.wanted.is_needed && planned.action().is_some() {
            line.push_str(" (needed by others)");
        }
        if planned.is_newer
            && let Some(live) = &planned.live
        {
            line.push_str(&format!(
                " (changed since the snapshot: index {} there, {} in the cluster)",
                planned.wanted.index, live.index
            ));
        }
        if let Some(why) = planned.verdict.why() {
            line.push_str(&format!(": {why}"));
        }
        text.push_str(&format!(" {}\n", one_line(line.as_bytes())));
        let difference = Self::change(planned, comparer);
        let fields = difference.iter().flat_map(|difference| &difference.fields);
        for line in fields.flat_map(|field| field_lines(field, LINES)) {
            text.push_str(&format!("     {line}\n"));
        }
    }

    fn result_text(&self, report: &Report, folder: &Path) -> String {
        let mut text = String::new();
        let comparer = self.comparer();
        let mut left = 0;
        let mut bad = 0u64;
        for (planned, result) in self.plan.objects.iter().zip(&report.results) {
            let (word, why) = match result {
                Some(Written::Conflict(why)) => ("conflict", why),
                Some(Written::Refused(why)) => ("refused", why),
                None if planned.action().is_some() => {
                    left += 1;
                    continue;
                }
                Some(Written::Done(_)) | None => continue,
            };
            bad += 1;
            if bad <= self.args.limit {
                let kind = kinds::of(planned.wanted.kind).object_name();
                let line = format!("{word} {kind}/{}: {why}", self.id(planned, &comparer));
                text.push_str(&format!(" {}\n", one_line(line.as_bytes())));
            }
        }
        if bad > self.args.limit {
            text.push_str(&format!(" ... and {} more; -n 0 shows all\n", bad - self.args.limit));
        }
        let mut line = format!("Applied {}", counted(report.done() as u64, "object", "objects"));
        if bad > 0 {
            line.push_str(&format!("; {bad} not written"));
        }
        if left > 0 {
            line.push_str(&format!("; {left} not reached"));
        }
        if let Some(why) = &report.stopped {
            line.push_str(&format!("; it ended early: {why}"));
        }
        text.push_str(&format!("{}\n", one_line(line.as_bytes())));
        if report.stopped.is_some() || bad > 0 {
            text.push_str(&self.command("To go on", folder, &["--resume"]));
        }
        text + &self.command("To take it back", folder, &[])
    }

    /// A line with the command that uses the folder.
    fn command(&self, what: &str, folder: &Path, flags: &[&str]) -> String {
        let mut words: Vec<OsString> = vec!["snapscope".into(), "apply".into()];
        words.extend(self.args.api.repeated(self.client.address(), true));
        words.extend(flags.iter().map(OsString::from));
        words.push(named(folder));
        match shell_words(&words) {
            Some(command) => format!("{what}: {command}\n"),
            None => String::new(),
        }
    }
}

/// A column: its name, and its number in a row.
type Column = (&'static str, fn(&Counts) -> usize);

/// The columns of the table.
const COLUMNS: [Column; 7] = [
    ("create", |counts| counts.create),
    ("change", |counts| counts.change),
    ("delete", |counts| counts.delete),
    ("equal", |counts| counts.equal),
    ("kept", |counts| counts.kept),
    ("conflict", |counts| counts.conflict),
    ("cannot", |counts| counts.cannot),
];

impl Answer for View<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        if let Some((report, folder)) = self.result {
            return out.write_all(format!("\n{}", self.result_text(report, folder)).as_bytes());
        }
        let mut text = self.sides() + &self.table() + &self.objects();
        for warning in &self.plan.warnings {
            text.push_str(&format!("\nWarning: {}\n", one_line(warning.as_bytes())));
        }
        if self.plan.total().writes() == 0 {
            text.push_str("\nNothing to write.\n");
        }
        out.write_all(text.as_bytes())
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        let View { client, plan, cluster, .. } = self;
        let about = |json: &mut JsonText| {
            json.member("address", client.address());
            json.member("datacenter", cluster.name.datacenter.as_ref());
            json.member("version", cluster.version.map(|version| version.to_string()));
        };
        json.member("from", self.from).member("cluster", Object(about));
        let summary = |json: &mut JsonText| {
            for (kind, counts) in plan.counts() {
                let counts = move |json: &mut JsonText| {
                    for (name, of) in COLUMNS {
                        json.member(name, of(&counts));
                    }
                };
                json.member(kinds::of(kind).object_name(), Object(counts));
            }
        };
        json.member("summary", Object(summary));
        json.member("warnings", List(&plan.warnings));
        let comparer = self.comparer();
        let results = self.result.map(|(report, _)| report.results.as_slice()).unwrap_or_default();
        let different = plan.objects.iter().enumerate();
        let different = different.filter(|(_, planned)| planned.verdict != Verdict::Equal);
        let objects = different.map(|(at, planned)| {
            let result = results.get(at).and_then(Option::as_ref);
            object_json(planned, result, &comparer, self)
        });
        json.member("objects", List(objects));
        let result = self.result.map(|(report, folder)| {
            let (stopped, done) = (report.stopped.clone(), report.done());
            let folder = folder.display().to_string();
            Object(move |json: &mut JsonText| {
                json.member("done", done).member("stopped", stopped).member("undo", folder);
            })
        });
        json.member("result", result);
        Ok(())
    }
}

fn object_json(
    planned: &Planned,
    result: Option<&Written>,
    comparer: &Comparer,
    view: &View<'_>,
) -> impl ToJson {
    Object(move |json: &mut JsonText| {
        json.member("type", kinds::of(planned.wanted.kind).object_name());
        id_members(view.id(planned, comparer).as_bytes(), json);
        json.member("action", planned.verdict.word());
        json.member_if("why", planned.verdict.why());
        json.member_if("needed", planned.wanted.is_needed.then_some(true));
        let known = |index: u64| (index > 0).then_some(index);
        json.member("snapshot_index", known(planned.wanted.index));
        json.member("cluster_index", planned.live.as_ref().map(|live| live.index));
        json.member("changed_since", planned.is_newer);
        if let Some(difference) = View::change(planned, comparer) {
            fields_member(&difference.fields, json);
        }
        let (word, why) = match result {
            None => return,
            Some(Written::Done(_)) => ("done", None),
            Some(Written::Conflict(why)) => ("conflict", Some(why)),
            Some(Written::Refused(why)) => ("refused", Some(why)),
        };
        json.member("result", word).member_if("result_why", why);
    })
}
