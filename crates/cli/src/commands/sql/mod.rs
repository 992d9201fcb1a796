//! `sql`: queries over the objects of snapshots.

mod args;
mod dot;
mod inputs;
#[cfg(feature = "tui")]
mod prompt;
mod results;

use crate::exit::Exit;
use crate::tty::is_watched;
use anyhow::{Result, bail};
pub(crate) use args::SqlArgs;
use results::Results;
use snapscope_tables::sql::Database;
use std::io::{self, IsTerminal as _, Read as _};

pub(crate) fn run(args: &SqlArgs) -> Result<Exit> {
    let asks = args.asks();
    let (files, query) = args.files_and_query();
    if query.is_none() && files.iter().any(|file| file.as_os_str() == "-") {
        bail!("standard input is the snapshot, so the query has to be an argument");
    }
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

impl SqlArgs {
    /// Whether queries are typed on a terminal.
    pub(crate) fn asks(&self) -> bool {
        self.files_and_query().1.is_none() && io::stdin().is_terminal()
    }
}
