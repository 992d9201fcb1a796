//! The arguments of a bench: options with a value, and flags. `cargo bench` adds `--bench`.

use super::Failure;
use std::str::FromStr;

/// The arguments that were not asked for yet.
pub(crate) struct Arguments {
    left: Vec<String>,
}

impl Arguments {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        Self { left: std::env::args().skip(1).filter(|word| word != "--bench").collect() }
    }

    /// What this process should generate, if [`make`](super::make) started it.
    pub(crate) fn to_make(&self) -> Option<&[String]> {
        self.left.split_first().filter(|(first, _)| *first == "--make").map(|(_, rest)| rest)
    }

    /// Whether a flag is set.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let at = self.left.iter().position(|word| word == name);
        at.map(|at| self.left.remove(at)).is_some()
    }

    /// The value of an option.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(at) = self.left.iter().position(|word| word == name) else { return Ok(None) };
        if at + 1 == self.left.len() {
            return Err(format!("{name} needs a value").into());
        }
        let value = self.left.remove(at + 1);
        self.left.remove(at);
        Ok(Some(value))
    }

    /// The value of an option, which is a number.
    pub(crate) fn number<T: FromStr>(&mut self, name: &str, default: T) -> Result<T, Failure> {
        Ok(self.optional_number(name)?.unwrap_or(default))
    }

    /// The same for an option without a default.
    pub(crate) fn optional_number<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Failure> {
        let number = |text: String| {
            text.parse().map_err(|_| format!("{name} needs a number: {text:?}").into())
        };
        self.text(name)?.map(number).transpose()
    }

    /// The value of an option, which is a size.
    pub(crate) fn bytes(&mut self, name: &str, default: u64) -> Result<u64, Failure> {
        let Some(text) = self.text(name)? else { return Ok(default) };
        bytes(&text)
            .ok_or_else(|| format!("{name} needs a size such as 64MiB or 1GiB: {text:?}").into())
    }

    /// Checks that all arguments were used.
    pub(crate) fn end(self) -> Result<(), Failure> {
        match self.left.first() {
            None => Ok(()),
            Some(other) => Err(format!("unknown option {other:?}").into()),
        }
    }
}

fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let power = match &text[digits.len()..] {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << power)
}
