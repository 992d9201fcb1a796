//! Asks before a cluster is changed.

use crate::api_flags::ApiFlags;
use crate::reading::FileArg;
use crate::render::escape::one_line;
use crate::terminal;
use anyhow::{Result, bail};
use snapscope_live::detached;
use std::io::{self, IsTerminal as _};

/// Refuses a snapshot on standard input if that is needed for the token, or for the answer to a
/// question.
pub(crate) fn spare_stdin(file: &FileArg, api: &ApiFlags, asks: bool) -> Result<()> {
    if file.file.as_os_str() != "-" {
        return Ok(());
    }
    if api.token_is_on_stdin() {
        bail!("standard input cannot have both the snapshot and the token");
    }
    if asks {
        bail!("the snapshot is on standard input, so it cannot answer the question; pass -y");
    }
    Ok(())
}

/// Whether a person can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && terminal::errors_are_seen()
}

/// Asks a question; returns whether the answer is yes.
pub(crate) async fn agreed(question: &str) -> Result<bool> {
    let question = format!("{question} Type yes: ");
    terminal::say_to(format_args!("{}", one_line(question.as_bytes())));
    let answer = detached(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    Ok(answer.await??.trim() == "yes")
}
