//! `snapshots`: what snapshots a folder or bucket has.

use crate::exit::Exit;
use crate::render::escape::one_line;
use crate::render::table::{Cell, Output, Rows};
use crate::terminal::{self, say};
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use snapscope_live::block_on;
use snapscope_live::config::Environment;
use snapscope_live::listing::{Listed, snapshots_and_others};
use snapscope_live::store::Location;
use snapscope_objects::json::{JsonText, Sink as _};
use std::collections::BTreeMap;
use std::io::Write as _;

/// List the snapshots in a folder or bucket, without downloading them
///
/// The agent's sidecars describe the snapshots; without one, the name says when a snapshot was
/// taken. Endpoint, region and credentials of a bucket come from the usual variables and files of
/// its cloud (AWS_..., AZURE_..., GOOGLE_...).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope snapshots .
  snapscope snapshots . -o jsonl
  snapscope snapshots s3://backups/consul-snapshot")]
pub(crate) struct SnapshotsArgs {
    /// A folder, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX
    #[arg(value_name = "LOCATION")]
    location: String,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Types whose counts a table shows.
const MOST: usize = 3;

pub(crate) fn run(args: &SnapshotsArgs) -> Result<Exit> {
    let store = Location::parse(&args.location)?.store(&Environment::of_process())?;
    let (listed, others) = block_on(snapshots_and_others(&store))??;
    if let Some(first) = others.first() {
        let more = match others.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let line = format!(
            "note: skipped, not named .snap: {first}{more}; `snapscope verify` says what a file is"
        );
        say!("snapscope: {}", one_line(line.as_bytes()));
    }
    for snapshot in &listed {
        if let Some(why) = &snapshot.unreadable {
            let line = format!("{}: what is beside it can't be read: {why}", snapshot.name);
            say!("snapscope: {}", one_line(line.as_bytes()));
        }
    }
    let text = match args.output {
        Output::Table => table(&listed, true).table(),
        Output::Csv => table(&listed, false).csv(None),
        Output::Json => {
            let mut json = JsonText::new();
            json.begin_list();
            for snapshot in &listed {
                object(snapshot, &mut json);
            }
            json.end_list();
            json.end_line();
            json.into_bytes()
        }
        Output::Jsonl => {
            let mut json = JsonText::new();
            for snapshot in &listed {
                object(snapshot, &mut json);
                json.end_line();
            }
            json.into_bytes()
        }
    };
    terminal::out().write_all(&text)?;
    Ok(Exit::Done)
}

fn time(snapshot: &Listed) -> String {
    // Years that don't fit are shown as the last one that does.
    let time = Timestamp::try_from(snapshot.time).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Why a snapshot is marked, in a few words.
fn mark(snapshot: &Listed) -> Option<String> {
    let shrunk = snapshot.sidecar.as_ref()?.shrunk.as_ref()?;
    Some(format!("shrunk by {} %", shrunk.percent))
}

/// Counts in one line, the largest first; all of them, or the first few.
fn counts(counts: &BTreeMap<String, u64>, limit: usize) -> String {
    let mut counts: Vec<(&String, &u64)> = counts.iter().collect();
    counts.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    let shown: Vec<String> =
        counts.iter().take(limit).map(|(kind, count)| format!("{kind} {count}")).collect();
    let more = if counts.len() > limit { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn table(listed: &[Listed], is_for_people: bool) -> Rows {
    let columns =
        ["time", "name", "index", "size", "version", "datacenter", "records", "counts", "marked"];
    let limit = if is_for_people { MOST } else { usize::MAX };
    let rows = listed.iter().map(|snapshot| {
        let sidecar = snapshot.sidecar.as_ref();
        let text = |text: Option<String>| Cell::Text(text.unwrap_or_default().into_bytes());
        let number = |number: Option<u64>| number.map_or(Cell::Text(Vec::new()), Cell::Number);
        vec![
            text(Some(time(snapshot))),
            text(Some(snapshot.name.clone())),
            number(sidecar.map(|s| s.index)),
            Cell::Bytes(snapshot.size),
            text(sidecar.and_then(|s| s.consul_version.clone())),
            text(sidecar.and_then(|s| s.datacenter.clone())),
            number(sidecar.map(|s| s.records)),
            text(sidecar.map(|s| counts(&s.counts, limit))),
            text(mark(snapshot)),
        ]
    });
    let columns = columns.map(str::to_owned).into();
    Rows { columns, rows: rows.collect(), total: None }
}

/// A snapshot as JSON; what isn't known is left out.
fn object(snapshot: &Listed, json: &mut JsonText) {
    json.begin_object();
    let mut text = |key: &str, text: &str| {
        json.key(key.as_bytes());
        json.text(text.as_bytes());
    };
    text("time", &time(snapshot));
    text("name", &snapshot.name);
    if let Some(id) = snapshot.id {
        text("id", &id.to_string());
    }
    if let Some(sidecar) = &snapshot.sidecar {
        for (key, value) in
            [("version", &sidecar.consul_version), ("datacenter", &sidecar.datacenter)]
        {
            if let Some(value) = value {
                text(key, value);
            }
        }
        text("sha256", &sidecar.sha256);
    }
    if let Some(mark) = mark(snapshot) {
        text("marked", &mark);
    }
    json.key(b"size");
    json.uint(snapshot.size);
    if let Some(sidecar) = &snapshot.sidecar {
        for (key, value) in [("index", sidecar.index), ("records", sidecar.records)] {
            json.key(key.as_bytes());
            json.uint(value);
        }
        json.key(b"counts");
        json.begin_object();
        for (kind, count) in &sidecar.counts {
            json.key(kind.as_bytes());
            json.uint(*count);
        }
        json.end_object();
    }
    json.end_object();
}
