//! Prints all tokens without expiry, with their policies' names: `tokens FILE`.

use snapscope_analyze::{Jobs, rows};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_objects::{kinds, row::Row, row::RowOptions};
use std::{error::Error, io::Write, ops::ControlFlow, path::Path};

#[allow(clippy::disallowed_methods, reason = "an example that prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("which snapshot?")?;
    tokens(file.as_ref(), &mut std::io::stdout())
}

pub(crate) fn tokens(file: &Path, out: &mut (impl Write + Send)) -> Result<(), Box<dyn Error>> {
    let blocks = open(&Source::find(file)?, &OpenOptions::default())?;
    let kind = kinds::by_name("tokens").ok_or("no such kind")?;
    let line = |token: &Row| {
        let links = token.get("Policies").into_iter().flat_map(|links| links.items());
        let names = links.filter_map(|link| link.get("Name")?.text()).map(String::from_utf8_lossy);
        let names: Vec<_> = names.collect();
        token.get("ExpirationTime").is_none().then(|| format!("{} {names:?}", token.id_text()))
    };
    let take = |line: String| writeln!(out, "{line}").map(ControlFlow::Continue);
    rows::kept(blocks, Jobs::default(), kind, &RowOptions::default(), |_| true, line, take)?;
    Ok(())
}
