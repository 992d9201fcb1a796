//! `top`: the largest records.

use crate::answer::{TableAnswer, at_hand, print};
use crate::commands::decode::kinds_by_name;
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::long_table::LongTable;
use crate::render::table::Cell;
use anyhow::Result;
use clap::Args;
use snapscope_analyze::Top;

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
    #[arg(short, long, value_parser = forms(&["table", "json", "jsonl", "csv"]), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &TopArgs) -> Result<Exit> {
    let kinds = kinds_by_name(&args.types)?;
    let Asked { out, exit, incomplete, .. } =
        args.read.ask(&args.file, || Top::new(args.number, kinds.clone()))?;
    let rows: Vec<Vec<Cell>> = out
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
        .collect();
    let columns = ["bytes", "type", "name", "record", "offset"].map(Into::into).into();
    let answer = TableAnswer {
        table: LongTable { columns, rows: &at_hand(&rows), total: None },
        name: "records",
        notes: Vec::new(),
        more: &|_| {},
    };
    print(&answer, args.output, incomplete.as_ref())?;
    Ok(exit)
}
