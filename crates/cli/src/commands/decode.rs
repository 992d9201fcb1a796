//! `decode`: one JSON line per record.

use crate::exit::Exit;
use crate::kinds::record_types;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::incomplete::records_line;
use crate::terminal::{self, note};
use anyhow::Result;
use clap::Args;
use snapscope_analyze::{Jobs, Problems, fold, ordered};
use snapscope_archive::{Meta, Source};
use snapscope_decode::wire::{Cursor, Value};
use snapscope_decode::{Block, FieldError, Frame, VersionRange};
use snapscope_objects::filter::RecordFilter;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::render::WrittenBy;
use snapscope_objects::{raw, render};
use std::io::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::OnceLock;

/// Print every record as JSON, like `consul snapshot decode`
///
/// Nothing is lost. Each line is {"Type": ..., "Data": ...}; the first is SnapshotHeader with the
/// content of meta.json. Records that Consul's own decoder shows empty (keys, sessions, queries and
/// others) have the shape of its HTTP API. The output contains all secrets of the snapshot.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope decode backup.snap
  snapscope decode --type KVS,Session backup.snap
  snapscope decode --type ACLToken --filter 'Local == true' backup.snap
  snapscope decode --raw --type ConfigEntry backup.snap")]
pub(crate) struct DecodeArgs {
    #[command(flatten)]
    file: FileArg,
    /// Print only records of these types, without the header; a kind of object selects the records that hold it
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// Print only records that match this expression, in Consul's filter language over lines;
    /// `Data.` is optional
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Print what is stored, in a form from which the stored bytes can be restored
    #[arg(long)]
    raw: bool,
    /// Maximum nesting of lists and maps in the output
    #[arg(long, value_name = "N", default_value_t = render::Options::DEPTH,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_depth: u32,
    #[command(flatten)]
    read: ReadArgs,
}

/// A worker's result for a block.
#[derive(Default)]
struct Lines {
    json: JsonText,
    filter: Option<RecordFilter>,
}

pub(crate) fn run(args: &DecodeArgs) -> Result<Exit> {
    let kinds = record_types(&args.types)?;
    let filter = args
        .filter
        .as_deref()
        .map(|text| RecordFilter::compile(text, kinds.as_deref()))
        .transpose()?;
    let source = ReadArgs::source(&args.file)?;
    let mut out = terminal::out();
    let mut header_due = kinds.is_none() && filter.is_none();
    let find = writer_of(&source, &args.read);
    let options = render::Options { depth: args.max_depth, written_by: WrittenBy::new(&find) };
    let render = |block: &Block, lines: &mut Lines, problems: &mut Problems| {
        let Lines { json, filter: mine } = lines;
        if let (None, Some(filter)) = (&mine, &filter) {
            *mine = Some(filter.another());
        }
        json.clear();
        for frame in block.frames() {
            if kinds.as_ref().is_some_and(|kinds| !kinds.contains(&frame.kind))
                || mine.as_mut().is_some_and(|filter| !filter.holds(&frame))
            {
                continue;
            }
            let found = if args.raw {
                raw_line(&frame, args.max_depth, json)
            } else {
                line(&frame, options, json)
            };
            for problem in found {
                problems.add(&frame, problem);
            }
        }
    };
    let mut is_empty = true;
    let Asked { closing, exit, incomplete, .. } = args.read.ask_of(&source, |blocks| {
        if header_due {
            let meta = blocks.early_meta().cloned().or_else(|| meta_behind(&source, &args.read));
            let state = blocks.header().map(|h| h.bytes.clone());
            if let Some(meta) = meta {
                out.write_all(&header_line(&meta, state.filter(|_| args.raw).as_deref()))?;
                header_due = false;
            }
        }
        Ok(ordered(blocks, args.read.jobs().and_spare(), render, |lines| {
            is_empty &= lines.json.as_bytes().is_empty();
            out.write_all(lines.json.as_bytes())?;
            Ok(ControlFlow::Continue(()))
        })?)
    })?;
    if header_due && let Some(meta) = &closing.meta {
        // Its bytes came last, and the input cannot be read again.
        out.write_all(&header_line(meta, None))?;
    }
    if let Some(why) = incomplete {
        out.write_all(&records_line(&why, &closing))?;
    }
    out.flush()?;
    if is_empty && (kinds.is_some() || filter.is_some()) {
        let of_types = match args.types.is_empty() {
            true => String::new(),
            false => format!(" of type {}", one_line(args.types.join(", ").as_bytes())),
        };
        let matching = if filter.is_some() { " that match the filter" } else { "" };
        note!("snapscope: note: no records{of_types}{matching}");
    }
    Ok(exit)
}

fn line(frame: &Frame<'_>, options: render::Options<'_>, json: &mut JsonText) -> Vec<FieldError> {
    json.begin_object();
    json.key(b"Type");
    json.text(frame.kind.consul_label().as_bytes());
    json.key(b"Data");
    let problems = render::render_record(frame, options, json);
    // The body of an unknown type is shown as text, which does not reveal its exact bytes.
    if frame.kind.consul_name().is_none()
        && let Ok(Value::Raw(body)) = frame.value()
    {
        json.key(b"DataBase64");
        json.bytes(body);
    }
    json.end_object();
    json.end_line();
    problems
}

fn raw_line(frame: &Frame<'_>, depth: u32, json: &mut JsonText) -> Vec<FieldError> {
    json.begin_object();
    json.key(b"Type");
    json.text(frame.kind.consul_label().as_bytes());
    json.key(b"Data");
    let done = raw::render(&mut frame.cursor(), depth, json);
    json.end_object();
    json.end_line();
    done.err().map(Into::into).into_iter().collect()
}

/// The first line: `meta.json` without its checksum, which belongs to another container.
fn header_line(meta: &Meta, state_header: Option<&[u8]>) -> Vec<u8> {
    let mut object = meta.object.clone();
    object.remove("CRC");
    let mut line = br#"{"Type":"SnapshotHeader","Data":"#.to_vec();
    line.extend_from_slice(serde_json::Value::Object(object).to_string().as_bytes());
    if let Some(bytes) = state_header {
        let mut json = JsonText::new();
        if raw::render(&mut Cursor::new(bytes), render::Options::DEPTH, &mut json).is_ok() {
            line.extend_from_slice(b",\"State\":");
            line.extend_from_slice(json.as_bytes());
        }
    }
    line.extend_from_slice(b"}\n");
    line
}

/// Finds out on demand, once, which versions can have written a snapshot. That takes a pass over
/// all of it; if it cannot be read twice, the answer is all versions.
fn writer_of(source: &Source, read: &ReadArgs) -> impl Fn() -> VersionRange + Sync {
    let versions = OnceLock::new();
    move || {
        *versions.get_or_init(|| {
            if !source.reopenable() {
                return VersionRange::ALL;
            }
            let Ok(blocks) = read.open_quietly(source) else { return VersionRange::ALL };
            fold(blocks, Jobs(NonZeroUsize::MIN), snapscope_analyze::WrittenBy::default)
                .out
                .resources
        })
    }
}

/// Returns the `meta.json` of an archive in which it follows `state.bin`, if the archive can be
/// read twice.
fn meta_behind(source: &Source, read: &ReadArgs) -> Option<Meta> {
    if !source.reopenable() {
        return None;
    }
    let (mut blocks, _progress) = read.open(source).ok()?;
    blocks.by_ref().for_each(drop);
    blocks.finish().meta
}
