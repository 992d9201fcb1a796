//! `list`: objects of one kind, as a table or whole.

use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::incomplete::Incomplete;
use crate::render::table::{Cell, Rows};
use crate::terminal::{self, say};
use anyhow::{Result, anyhow, bail};
use clap::Args;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::rows::kept;
use snapscope_archive::Verdict;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::kind::{CellValue, Chosen, KindId, ObjectKind, PeerSelection};
use snapscope_objects::kinds::{KINDS, by_name, by_object};
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::{Json, Node, Wanted};
use snapscope_runs::{Room, Sorter};
use std::io::{self, Write};
use std::ops::ControlFlow;

/// List the objects of one kind
///
/// Tables show the most useful columns; JSON and JSON lines have whole objects in the shape of
/// Consul's HTTP API. Filters are Consul's own: `Meta.zone == "a" and Node matches "^web"`. Secrets
/// and values of keys are masked unless you pass --show-secrets.
#[derive(Debug, Args)]
#[command(after_help = kinds_help())]
pub(crate) struct ListArgs {
    /// The type to list; see below
    #[arg(value_name = "TYPE")]
    kind: String,
    #[command(flatten)]
    file: FileArg,
    /// Only objects that match this expression
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// List objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    /// With instances: only instances of this service
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// With config-entries: only entries of this kind
    #[arg(long = "kind", value_name = "KIND")]
    kind_of_entry: Option<String>,
    /// Columns to show, by name or by selector
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
    /// Show all columns
    #[arg(long)]
    wide: bool,
    /// Sort by a column or selector; `-NAME` sorts largest first
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Show only the first N objects; reading stops there, so checksums are not verified
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Show secrets, and the values of keys
    #[arg(long)]
    show_secrets: bool,
    /// Output format
    #[arg(short, long, value_parser = forms(&["table", "json", "jsonl", "csv"]), default_value = "table")]
    output: Form,
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

/// Finds a kind, or reports the known ones.
pub(crate) fn kind_named(name: &str) -> Result<&'static ObjectKind> {
    by_name(name).ok_or_else(|| {
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        anyhow!("unknown type {name:?}; known types: {}", known.join(", "))
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

/// The objects that `--peer` selects.
pub(crate) fn peers(peer: Option<&str>) -> PeerSelection {
    match peer {
        None => PeerSelection::Local,
        Some("all") => PeerSelection::All,
        Some(name) => PeerSelection::Named(name.to_owned()),
    }
}

/// What a worker keeps of a row.
struct Kept {
    /// What it is sorted by.
    sort: Option<Vec<u8>>,
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

/// Whether a column is derived from masked values and reveals nothing about them.
fn is_size(column: &Chosen, kind: &ObjectKind) -> bool {
    let is_made_of = |value| matches!(column, Chosen::Column(column) if column.is_made_of(value));
    kind.traits.value.is_some_and(is_made_of)
}

/// What is asked of a snapshot.
struct Plan<'a> {
    args: &'a ListArgs,
    kind: &'static ObjectKind,
    filter: Option<Filter>,
    columns: Vec<Chosen>,
    /// What rows are sorted by, and whether the largest comes first.
    sort: Option<(Chosen, bool)>,
    /// Whether objects are printed whole, as in JSON.
    whole: bool,
    comparer: Comparer,
}

impl<'a> Plan<'a> {
    fn new(args: &'a ListArgs) -> Result<Self> {
        let kind = kind_named(&args.kind)?;
        if args.service.is_some() && kind.id != KindId::Instances {
            bail!("--service works with instances, not with {}", kind.name);
        }
        if args.kind_of_entry.is_some() && kind.id != KindId::ConfigEntries {
            bail!("--kind works with config-entries, not with {}", kind.name);
        }
        let shape = match &args.kind_of_entry {
            Some(entry) => Shape::config_entry(Some(entry)),
            None => kind.shape(),
        };
        let filter =
            args.filter.as_deref().map(|text| Filter::compile(text, &shape)).transpose()?;
        let columns = if args.columns.is_empty() {
            kind.table(args.wide)
        } else {
            let find = |name: &String| kind.column(&shape, name);
            args.columns.iter().map(find).collect::<Result<_, _>>()?
        };
        let sort = args.sort.as_deref().map(|name| {
            let plain = name.strip_prefix('-').unwrap_or(name);
            kind.column(&shape, plain).map(|column| (column, plain.len() < name.len()))
        });
        // A list may be long, so that it shows no values of keys at all.
        let options = CompareOptions { hide_values: true, ..CompareOptions::default() };
        Ok(Self {
            args,
            kind,
            filter,
            columns,
            sort: sort.transpose()?,
            whole: matches!(args.output, Form::Json | Form::Jsonl),
            comparer: Comparer::new(options),
        })
    }

    /// The fields that are read.
    fn wanted(&self) -> Wanted {
        let mut wanted = if self.whole {
            Wanted::All
        } else {
            self.kind.wanted(&self.columns, self.filter.as_ref())
        };
        let sort: Vec<_> = self.sort.iter().flat_map(|(column, _)| column.fields()).collect();
        wanted.add(sort.iter().map(String::as_str));
        wanted.add(["ServiceName", "Kind"].into_iter().filter(|_| !self.whole));
        wanted
    }

    /// What is kept of a row, if anything is.
    fn keep(&self, row: &Row) -> Option<Kept> {
        let is = |field: &str, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|text| row.text(field) == text.as_bytes())
        };
        let args = self.args;
        let holds = self.filter.as_ref().is_none_or(|filter| filter.holds(row.object()));
        if !holds || !is("ServiceName", &args.service) || !is("Kind", &args.kind_of_entry) {
            return None;
        }
        let sort = self.sort.as_ref().map(|(column, descending)| {
            let mut key = Vec::new();
            column.cell(row.object()).sort_key(*descending, &mut key);
            key
        });
        let masked = (!args.show_secrets).then(|| self.comparer.masked(row));
        let safe = masked.as_ref().unwrap_or(row);
        if self.whole {
            return Some(Kept { sort, cells: Vec::new(), json: safe.to_json() });
        }
        let cell = |column: &Chosen| {
            let row = if is_size(column, self.kind) { row } else { safe };
            column.cell(row.object()).into_owned()
        };
        Some(Kept { sort, cells: self.columns.iter().map(cell).collect(), json: Vec::new() })
    }
}

pub(crate) fn run(args: &ListArgs) -> Result<Exit> {
    let plan = Plan::new(args)?;
    let source = ReadArgs::source(&args.file)?;
    let options = RowOptions { peers: peers(args.peer.as_deref()), wanted: plan.wanted() };
    let limit = args.limit.unwrap_or(usize::MAX);
    let mut writer = Writer::new(args.output, &plan.columns);
    let room = Room::default();
    let mut sorter = Sorter::new(&room);
    let mut count = 0usize;
    let take = |kept: Kept| {
        if limit == 0 {
            return Ok(ControlFlow::Break(()));
        }
        if let Some(key) = &kept.sort {
            sorter.push(key, &kept.written())?;
            return Ok(ControlFlow::Continue(()));
        }
        writer.row(kept)?;
        count += 1;
        Ok(if count < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    let keep = |row: &Row| plan.keep(row);
    let Asked { closing, exit, incomplete, .. } = args.read.ask_of(&source, |blocks| {
        Ok(kept(blocks, args.read.jobs(), plan.kind, &options, |_| true, keep, take)?)
    })?;
    let sorted = sorter.finish()?;
    let mut entries = sorted.entries()?;
    for _ in 0..limit {
        let Some(entry) = entries.next()? else { break };
        writer.row(Kept::read(entry.value))?;
    }
    writer.end(incomplete.as_ref())?;
    if closing.integrity.verdict == Verdict::StoppedEarly {
        say!("snapscope: checksums not verified: reading stopped after the last row");
    }
    Ok(exit)
}

/// Rows of a table that are laid out at once, or bytes of large ones: memory is bounded however long
/// a list is, at the price that columns may be of another width on the next page.
const PAGE: usize = 1000;
const PAGE_BYTES: usize = 4 << 20;

/// Writes rows as they come, as far as the form allows it.
struct Writer {
    output: Form,
    out: io::BufWriter<terminal::Out>,
    table: Rows,
    rows: usize,
    /// Bytes of text that wait.
    bytes: usize,
}

impl Writer {
    fn new(output: Form, columns: &[Chosen]) -> Self {
        let columns = columns.iter().map(Chosen::name).collect();
        let table = Rows { columns, rows: Vec::new(), total: None };
        let out = io::BufWriter::with_capacity(1 << 16, terminal::out());
        Self { output, out, table, rows: 0, bytes: 0 }
    }

    fn row(&mut self, kept: Kept) -> io::Result<()> {
        match self.output {
            Form::Json => {
                self.out.write_all(if self.rows == 0 { b"[" } else { b",\n" })?;
                self.out.write_all(&kept.json)?;
            }
            Form::Jsonl => {
                self.out.write_all(&kept.json)?;
                self.out.write_all(b"\n")?;
            }
            _ => {
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
        if self.output == Form::Text {
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

    fn end(mut self, incomplete: Option<&Incomplete>) -> io::Result<()> {
        match self.output {
            Form::Json => {
                if self.rows == 0 {
                    self.out.write_all(b"[")?;
                }
                if let Some(why) = incomplete {
                    self.out.write_all(if self.rows == 0 { b"" } else { b",\n" })?;
                    self.out.write_all(&why.item())?;
                }
                self.out.write_all(b"]\n")?;
            }
            Form::Jsonl => {
                self.out.write_all(&incomplete.map_or_else(Vec::new, Incomplete::json_line))?;
            }
            _ => {
                if self.rows == 0 || !self.table.rows.is_empty() {
                    self.page()?;
                }
                match incomplete {
                    Some(why) if self.output == Form::Text => writeln!(self.out, "{}", why.line())?,
                    Some(why) => self.out.write_all(&why.csv_line())?,
                    None => {}
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
