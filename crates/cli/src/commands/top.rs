//! `top`: the largest records.

use crate::answer::{TableAnswer, at_hand, print};
use crate::exit::Exit;
use crate::form::{Form, ROWS, forms, limit};
use crate::kinds::record_types;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::long_table::LongTable;
use crate::render::table::Cell;
use crate::terminal::{is_watched, note};
use anyhow::Result;
use clap::Args;
use snapscope_analyze::{Fold, Largest, Problems, Top};
use snapscope_archive::Closing;
use snapscope_decode::{Frame, Kind};

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
    /// Number of records to show; 0 shows all, and holds their names in memory
    #[arg(short = 'n', long, alias = "number", value_name = "N", allow_negative_numbers = true, value_parser = limit, default_value = "20")]
    limit: u64,
    /// Only records of these types; a kind of object selects the records that hold it
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &TopArgs) -> Result<Exit> {
    let types = record_types(&args.types)?;
    let most = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let Asked { out, exit, incomplete, .. } = args.read.ask(&args.file, || Counted {
        top: Top::new(most, types.clone()),
        count: 0,
        types: types.clone(),
    })?;
    let rows: Vec<Vec<Cell>> = out
        .largest
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
    let columns = ["bytes", "type", "name", "record", "offset"];
    let each = at_hand(&rows);
    let answer = TableAnswer {
        table: LongTable::new(columns, &each),
        name: "records",
        notes: Vec::new(),
        more: &|_| {},
    };
    print(&answer, args.output, incomplete.as_ref())?;
    match (rows.len() as u64, out.count) {
        (_, 0) if !args.types.is_empty() && args.output == Form::Text => {
            let types = args.types.join(", ");
            note!("snapscope: note: no records of type {}", one_line(types.as_bytes()));
        }
        (shown, all) if shown < all && args.output == Form::Text && is_watched() => {
            note!("snapscope: note: {shown} of {all} records shown; --limit 0 shows all");
        }
        _ => {}
    }
    Ok(exit)
}

/// The largest records, and the number of all.
struct Counted {
    top: Top,
    types: Option<Vec<Kind>>,
    count: u64,
}

/// The data to print.
struct Found {
    largest: Vec<Largest>,
    count: u64,
}

impl Fold for Counted {
    type Out = Found;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        self.count += u64::from(self.types.as_ref().is_none_or(|t| t.contains(&frame.kind)));
        self.top.frame(frame, problems);
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.top.merge(other.top);
    }

    fn finish(self, closing: &Closing) -> Found {
        Found { largest: self.top.finish(closing), count: self.count }
    }
}
