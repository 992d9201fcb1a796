//! `list`: objects of one kind, as a table or whole.

use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs, incomplete_line};
use crate::render::incomplete::{mark_incomplete, with_line};
use crate::render::table::{Cell, Output, Rows, csv_line};
use crate::terminal::{self, say};
use anyhow::{Result, anyhow, bail};
use clap::Args;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::rows::kept;
use snapscope_archive::Verdict;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::{CellValue, Chosen, KindId, ObjectKind, PeerSelection};
use snapscope_objects::kinds::{KINDS, by_name, by_object};
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::{Json, Node, Wanted};
use snapscope_runs::{Room, Sorter};
use std::io::{self, Write};
use std::ops::ControlFlow;

/// List the objects of one kind
///
/// Tables show the columns one usually wants, JSON and JSON lines whole objects in the shape of
/// Consul's HTTP API. Filters are Consul's own: `Meta.zone == "a" and Node matches "^web"`.
/// Secrets and values of keys are masked unless --show-secrets is given.
#[derive(Debug, Args)]
#[command(after_help = kinds_help())]
pub(crate) struct ListArgs {
    /// What to list; see below
    #[arg(value_name = "TYPE")]
    kind: String,
    #[command(flatten)]
    file: FileArg,
    /// Only objects for which this expression holds
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    /// With instances: only those of this service
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// With config-entries: only those of this kind
    #[arg(long = "kind", value_name = "KIND")]
    kind_of_entry: Option<String>,
    /// Columns to show, by name or by selector
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
    /// Show all columns
    #[arg(long)]
    wide: bool,
    /// Sort by a column or selector; `-NAME` for largest first
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Show only the first ones; reading stops there, so nothing is verified
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Show secrets, and the values of keys
    #[arg(long)]
    show_secrets: bool,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(flatten)]
    read: ReadArgs,
}

fn kinds_help() -> String {
    /// Where the text about a kind begins, and where a line of it ends at the latest.
    const INDENT: usize = 18;
    const WIDTH: usize = 96;
    let mut text = String::from("Types:\n");
    for kind in KINDS {
        let columns: Vec<&str> = kind.columns.iter().map(|c| c.name).collect();
        let about = format!("{}: {}", kind.about, columns.join(", "));
        let mut line = format!("  {:<width$}", kind.name, width = INDENT - 2);
        for word in about.split(' ') {
            if line.len() + 1 + word.len() > WIDTH {
                text.push_str(line.trim_end());
                line = format!("\n{:INDENT$}", "");
            }
            if !line.ends_with(' ') {
                line.push(' ');
            }
            line.push_str(word);
        }
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(
        "
Examples:
  snapscope list services backup.snap
  snapscope list nodes --filter 'Meta.zone == \"a\"' -o json backup.snap
  snapscope list tokens --columns accessor,policies --sort created --limit 10 backup.snap",
    );
    text
}

/// Finds a kind, or says which there are.
pub(crate) fn kind_named(name: &str) -> Result<&'static ObjectKind> {
    by_name(name).ok_or_else(|| {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        anyhow!("{name:?} is no type; there are {}", known.join(", "))
    })
}

/// The kind an object is of, as a user names it: NODE/SERVICE-ID is an instance, which comparisons
/// and findings call a service.
pub(crate) fn kind_of(name: &str, id: &str) -> Result<&'static ObjectKind> {
    match by_object(name) {
        Some(kind) if name == "service" && id.contains('/') => Ok(kind),
        _ => kind_named(name),
    }
}

/// The objects a `--peer` stands for.
pub(crate) fn peers(peer: Option<&str>) -> PeerSelection {
    match peer {
        None => PeerSelection::Local,
        Some("all") => PeerSelection::All,
        Some(name) => PeerSelection::Named(name.to_owned()),
    }
}

/// What a worker keeps of a row.
struct Kept {
    sort: Option<CellValue<'static>>,
    cells: Vec<CellValue<'static>>,
    json: Vec<u8>,
}

impl Kept {
    /// All but what it is sorted by, as bytes.
    fn written(&self) -> Vec<u8> {
        let mut out = (self.json.len() as u64).to_le_bytes().to_vec();
        out.extend_from_slice(&self.json);
        self.cells.iter().for_each(|cell| cell.write(&mut out));
        out
    }

    /// Makes a row of what [`written`](Self::written) gave.
    fn read(bytes: &[u8]) -> Self {
        let (len, rest) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let len = usize::try_from(u64::from_le_bytes(*len)).unwrap_or(0);
        let (json, mut cells) = rest.split_at_checked(len).unwrap_or_default();
        let cells = std::iter::from_fn(|| CellValue::read(&mut cells)).collect();
        Self { sort: None, cells, json: json.to_vec() }
    }
}

/// Whether a column is made of what is masked, and tells nothing of it.
fn is_size(column: &Chosen, kind: &ObjectKind) -> bool {
    let is_made_of = |value| matches!(column, Chosen::Column(column) if column.is_made_of(value));
    kind.traits.value.is_some_and(is_made_of)
}

pub(crate) fn run(args: &ListArgs) -> Result<Exit> {
    let kind = kind_named(&args.kind)?;
    if args.service.is_some() && kind.id != KindId::Instances {
        bail!("--service goes with instances, not with {}", kind.name);
    }
    if args.kind_of_entry.is_some() && kind.id != KindId::ConfigEntries {
        bail!("--kind goes with config-entries, not with {}", kind.name);
    }
    let shape = match &args.kind_of_entry {
        Some(entry) => Shape::config_entry(Some(entry)),
        None => kind.shape(),
    };
    let filter = args.filter.as_deref().map(|text| Filter::compile(text, &shape)).transpose()?;
    let columns: Vec<Chosen> = if args.columns.is_empty() {
        kind.table(args.wide)
    } else {
        let find = |name: &String| kind.column(&shape, name);
        args.columns.iter().map(find).collect::<Result<_, _>>()?
    };
    let (sort, descending) = match args.sort.as_deref() {
        None => (None, false),
        Some(name) => {
            let plain = name.strip_prefix('-').unwrap_or(name);
            (Some(kind.column(&shape, plain)?), plain.len() < name.len())
        }
    };
    let whole = matches!(args.output, Output::Json | Output::Jsonl);
    let mut wanted = if whole { Wanted::All } else { kind.wanted(&columns, filter.as_ref()) };
    wanted.add(sort.iter().flat_map(Chosen::fields).collect::<Vec<_>>().iter().map(String::as_str));
    wanted.add(["ServiceName", "Kind"].into_iter().filter(|_| !whole));

    // A list may be long, so that it shows no values of keys at all.
    let options = CompareOptions { hide_values: true, ..CompareOptions::default() };
    let comparer = Comparer::new(options);
    let keep = |row: &Row| -> Option<Kept> {
        let is = |field: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|text| row.text(field) == text.as_bytes())
        };
        let holds = filter.as_ref().is_none_or(|filter| filter.holds(row.object()));
        if !holds || !is("ServiceName", &args.service) || !is("Kind", &args.kind_of_entry) {
            return None;
        }
        let sort = sort.as_ref().map(|column| column.cell(row.object()).into_owned());
        let masked = (!args.show_secrets).then(|| comparer.masked(row));
        let safe = masked.as_ref().unwrap_or(row);
        if whole {
            return Some(Kept { sort, cells: Vec::new(), json: safe.to_json() });
        }
        let cell = |column: &Chosen| {
            let row = if is_size(column, kind) { row } else { safe };
            column.cell(row.object()).into_owned()
        };
        Some(Kept { sort, cells: columns.iter().map(cell).collect(), json: Vec::new() })
    };

    let source = ReadArgs::source(&args.file)?;
    let (blocks, progress) = args.read.open(&source)?;
    let options = RowOptions { peers: peers(args.peer.as_deref()), wanted };
    let limit = args.limit.unwrap_or(usize::MAX);
    let mut writer = Writer::new(args.output, &columns);
    let room = Room::default();
    let mut sorter = Sorter::new(&room);
    let mut count = 0usize;
    let take = |kept: Kept| {
        if limit == 0 {
            return Ok(ControlFlow::Break(()));
        }
        if let Some(value) = &kept.sort {
            let mut key = Vec::new();
            value.sort_key(descending, &mut key);
            sorter.push(&key, &kept.written())?;
            return Ok(ControlFlow::Continue(()));
        }
        writer.row(kept)?;
        count += 1;
        Ok(if count < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    let outcome = kept(blocks, args.read.jobs(), kind, &options, |_| true, keep, take)?;
    drop(progress);
    let sorted = sorter.finish()?;
    let mut entries = sorted.entries()?;
    for _ in 0..limit {
        let Some(entry) = entries.next()? else { break };
        writer.row(Kept::read(entry.value))?;
    }
    let exit = args.read.report(&source, &outcome.closing, &outcome.problems);
    let incomplete = incomplete_line(&outcome.closing, &outcome.problems);
    writer.end(incomplete.as_deref())?;
    if outcome.closing.integrity.verdict == Verdict::StoppedEarly {
        say!("snapscope: not verified: reading stopped behind the rows that were asked for");
    }
    Ok(exit)
}

/// Rows of a table that are laid out at once, or bytes of large ones: memory is bounded however long
/// a list is, at the price that columns may be of another width on the next page.
const PAGE: usize = 1000;
const PAGE_BYTES: usize = 4 << 20;

/// Writes rows as they come, as far as the form allows it.
struct Writer {
    output: Output,
    out: io::BufWriter<terminal::Out>,
    table: Rows,
    rows: usize,
    /// Bytes of text that wait.
    bytes: usize,
}

impl Writer {
    fn new(output: Output, columns: &[Chosen]) -> Self {
        let columns = columns.iter().map(Chosen::name).collect();
        let table = Rows { columns, rows: Vec::new(), total: None };
        let out = io::BufWriter::with_capacity(1 << 16, terminal::out());
        Self { output, out, table, rows: 0, bytes: 0 }
    }

    fn row(&mut self, kept: Kept) -> io::Result<()> {
        match self.output {
            Output::Json => {
                self.out.write_all(if self.rows == 0 { b"[" } else { b",\n" })?;
                self.out.write_all(&kept.json)?;
            }
            Output::Jsonl => {
                self.out.write_all(&kept.json)?;
                self.out.write_all(b"\n")?;
            }
            Output::Table | Output::Csv => {
                let cells: Vec<Cell> = kept.cells.into_iter().map(cell).collect();
                self.bytes += cells.iter().map(Cell::text_len).sum::<usize>();
                self.table.rows.push(cells);
            }
        }
        self.rows += 1;
        if self.table.rows.len() == PAGE || self.bytes > PAGE_BYTES {
            self.page()?;
        }
        Ok(())
    }

    /// Writes the rows that wait, the first ones below the head.
    fn page(&mut self) -> io::Result<()> {
        let is_first = self.rows <= self.table.rows.len();
        if self.output == Output::Table {
            self.out.write_all(&self.table.page(is_first))?;
        } else {
            if is_first {
                self.out.write_all(&self.table.csv_head())?;
            }
            self.out.write_all(&self.table.csv_rows())?;
        }
        self.table.rows.clear();
        self.bytes = 0;
        Ok(())
    }

    fn end(mut self, incomplete: Option<&str>) -> io::Result<()> {
        match self.output {
            Output::Json => {
                if self.rows == 0 {
                    self.out.write_all(b"[")?;
                }
                if incomplete.is_some() {
                    // An array has no other place to say that it is not whole.
                    self.out.write_all(if self.rows == 0 { b"" } else { b",\n" })?;
                    let mut json = JsonText::new();
                    json.begin_object();
                    mark_incomplete(incomplete, &mut json);
                    json.end_object();
                    self.out.write_all(json.as_bytes())?;
                }
                self.out.write_all(b"]\n")?;
            }
            Output::Jsonl => self.out.write_all(&with_line(Vec::new(), incomplete))?,
            Output::Csv | Output::Table => {
                if self.rows == 0 || !self.table.rows.is_empty() {
                    self.page()?;
                }
                match incomplete {
                    Some(line) if self.output == Output::Table => writeln!(self.out, "{line}")?,
                    incomplete => self.out.write_all(&csv_line(incomplete))?,
                }
            }
        }
        self.out.flush()
    }
}

fn cell(value: CellValue<'static>) -> Cell {
    match value {
        CellValue::Uint(n) => Cell::Number(n),
        other => Cell::Text(other.text().into_owned()),
    }
}

/// The bytes of a field, of text as stored.
pub(crate) fn bytes_of<'t>(node: Node<'t>) -> &'t [u8] {
    match node.json() {
        Json::Bytes(bytes) | Json::Text(bytes) => bytes,
        _ => &[],
    }
}
