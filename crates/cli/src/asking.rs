//! Asks before a cluster is changed.

use crate::render::escape::one_line;
use crate::terminal;
use anyhow::Result;
use snapscope_live::detached;
use std::io::{self, IsTerminal as _};

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
