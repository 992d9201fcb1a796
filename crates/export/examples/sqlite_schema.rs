//! Prints the schema that `docs/sqlite-schema.md` shows.

use std::io::Write as _;

#[allow(clippy::disallowed_methods, reason = "an example that prints a generated file")]
fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(snapscope_export::sqlite_schema().as_bytes())
}
