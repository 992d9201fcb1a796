//! `sql`: queries over the objects of snapshots.

mod args;
mod dot;
mod inputs;
#[cfg(feature = "columnar")]
mod parquet;
#[cfg(feature = "tui")]
mod prompt;
mod results;

use crate::exit::Exit;
#[cfg(feature = "columnar")]
use crate::form::Form;
#[cfg(feature = "columnar")]
use crate::own_input::spare_inputs;
use crate::tty::is_watched;
use anyhow::{Result, bail};
pub(crate) use args::SqlArgs;
use results::Results;
#[cfg(feature = "columnar")]
use snapscope_staged::remove_on_signals;
use snapscope_tables::sql::Database;
use std::io::{self, IsTerminal as _, Read as _};

pub(crate) fn run(args: &SqlArgs) -> Result<Exit> {
    let asks = args.asks();
    let (files, query) = args.files_and_query();
    if query.is_none() && files.iter().any(|file| file.as_os_str() == "-") {
        bail!("standard input is the snapshot, so the query has to be an argument");
    }
    #[cfg(feature = "columnar")]
    check_out(args, &files, query.is_none() && asks)?;
    let snapshots = inputs::snapshots(&files, args)?;
    let database = Database::open(snapshots)?;
    let mut results = Results::new(&database, args);
    match query {
        Some(query) => results.answer(&query)?,
        #[cfg(feature = "tui")]
        None if asks => prompt::run(&mut results)?,
        None => {
            if asks && is_watched() {
                crate::terminal::note!("snapscope: note: reading queries from standard input");
            }
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            results.answer(&text)?;
        }
    }
    Ok(results.exit())
}

/// Checks where a Parquet file goes.
#[cfg(feature = "columnar")]
fn check_out(args: &SqlArgs, files: &[std::path::PathBuf], is_prompt: bool) -> Result<()> {
    if args.output != Form::Parquet {
        if args.out.is_some() {
            bail!("--out works with -o parquet; redirect other forms");
        }
        return Ok(());
    }
    if is_prompt {
        bail!("-o parquet needs a query, as an argument or on standard input");
    }
    if let Some(out) = &args.out {
        let inputs: Vec<&std::path::Path> = files.iter().map(std::path::PathBuf::as_path).collect();
        spare_inputs("--out", out, &inputs)?;
        remove_on_signals()?;
    }
    parquet::check(args.out.as_deref())
}

impl SqlArgs {
    /// Whether queries are typed on a terminal.
    pub(crate) fn asks(&self) -> bool {
        self.files_and_query().1.is_none() && io::stdin().is_terminal()
    }
}
