//! Lists the critical checks, selected by Consul's own filter language: `critical FILE`.

use snapscope_analyze::{Jobs, rows};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::{filter::Filter, kinds};
use std::{error::Error, io::Write, ops::ControlFlow, path::Path};

#[allow(clippy::disallowed_methods, reason = "an example that prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("which snapshot?")?;
    critical(file.as_ref(), &mut std::io::stdout())
}

pub(crate) fn critical(file: &Path, out: &mut (impl Write + Send)) -> Result<(), Box<dyn Error>> {
    let blocks = open(&Source::find(file)?, &OpenOptions::default())?;
    let checks = kinds::by_name("checks").ok_or("no such kind")?;
    let filter = Filter::compile("Status == critical", &checks.shape())?;
    // Only what the filter and the line need is read from each record.
    let mut projection = checks.projection(&[], Some(&filter));
    projection.add(["Node", "CheckID"]);
    let options = RowOptions { projection, ..RowOptions::default() };
    let line = |check: &Row| {
        let text = |name: &str| String::from_utf8_lossy(check.text(name)).into_owned();
        filter.holds(check.object()).then(|| format!("{:?} {:?}", text("Node"), text("CheckID")))
    };
    let take = |line: String| writeln!(out, "{line}").map(ControlFlow::Continue);
    rows::kept(blocks, Jobs::default(), checks, &options, |_| true, line, take)?;
    Ok(())
}
