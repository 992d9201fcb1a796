//! `top`: the largest records.

use crate::commands::decode::kinds_by_name;
use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs, incomplete_line};
use crate::render::incomplete::{mark_incomplete, with_line};
use crate::render::table::{Cell, Output, Rows};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use snapscope_analyze::{Top, fold};
use std::io::Write as _;

/// Show the largest records
///
/// The name of a record is what it describes: a key, NODE/SERVICE-ID, KIND/NAME, a token's
/// accessor.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope top backup.snap
  snapscope top -n 5 --type KVS backup.snap
  snapscope top --type Register,ConfigEntry -o json backup.snap")]
pub(crate) struct TopArgs {
    #[command(flatten)]
    file: FileArg,
    /// Number of records to show
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 20)]
    number: usize,
    /// Only records of these types
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &TopArgs) -> Result<Exit> {
    let kinds = kinds_by_name(&args.types)?;
    let source = ReadArgs::source(&args.file)?;
    let (blocks, progress) = args.read.open(&source)?;
    let outcome = fold(blocks, args.read.jobs(), || Top::new(args.number, kinds.clone()));
    drop(progress);
    let exit = args.read.report(&source, &outcome.closing, &outcome.problems);
    let rows = Rows {
        columns: ["bytes", "type", "name", "record", "offset"].map(Into::into).into(),
        rows: outcome
            .out
            .iter()
            .map(|record| {
                vec![
                    Cell::Bytes(record.size),
                    Cell::Text(record.kind.to_string().into_bytes()),
                    Cell::Text(record.identity.clone()),
                    Cell::Number(record.number),
                    Cell::Number(record.offset),
                ]
            })
            .collect(),
        total: None,
    };
    let incomplete = incomplete_line(&outcome.closing, &outcome.problems);
    let text = match args.output {
        Output::Table => {
            let mut text = rows.table();
            if let Some(line) = incomplete {
                text.extend_from_slice(line.as_bytes());
                text.push(b'\n');
            }
            text
        }
        Output::Json => rows.json("records", |json| mark_incomplete(incomplete.as_deref(), json)),
        Output::Jsonl => with_line(rows.jsonl(), incomplete.as_deref()),
        Output::Csv => rows.csv(incomplete.as_deref()),
    };
    terminal::out().write_all(&text)?;
    Ok(exit)
}
