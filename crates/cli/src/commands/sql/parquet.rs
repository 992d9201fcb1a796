//! The answer to a query as a Parquet file.

use crate::terminal;
use anyhow::{Result, bail};
use snapscope_export::AnswerFile;
use snapscope_objects::printable::counted;
use snapscope_staged::StagedFile;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// Checks that there is a place for a file.
pub(super) fn check(out: Option<&Path>) -> Result<()> {
    if out.is_none() && terminal::is_terminal() {
        bail!("a Parquet file is not written to a terminal; redirect it, or pass --out FILE");
    }
    Ok(())
}

/// Writes an answer to a file, which appears complete or not at all, or to standard output.
pub(super) fn write(
    answer: AnswerFile,
    out: Option<&Path>,
    force: bool,
    incomplete: Option<String>,
) -> io::Result<()> {
    let Some(path) = out else {
        let mut out = BufWriter::with_capacity(1 << 16, terminal::out());
        answer.write(&mut out, incomplete)?;
        return out.flush();
    };
    let staged = StagedFile::begin(path, force)?;
    let rows = counted(answer.rows(), "row", "rows");
    let mut out = BufWriter::with_capacity(1 << 20, staged.file());
    answer.write(&mut out, incomplete)?;
    out.flush()?;
    drop(out);
    staged.settle()?;
    let name = crate::render::escape::one_line(path.display().to_string().as_bytes());
    terminal::note!("snapscope: {name}: wrote {rows}");
    Ok(())
}
