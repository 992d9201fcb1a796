//! How keys are grouped by their prefixes, for every command with `--by`.

use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::By;

/// Flags of grouping by prefix.
#[derive(Debug, Args)]
pub(crate) struct PrefixArgs {
    /// With --by prefix: number of key segments, split at /, that form a group
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parse_depth)]
    depth: usize,
    /// With --by prefix: only keys that start with PREFIX
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub(crate) prefix: String,
}

fn parse_depth(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(depth) if depth > 0 => Ok(depth),
        _ => Err("expected a whole number of 1 or more".to_owned()),
    }
}

impl PrefixArgs {
    /// The start of a note that no group exists, which says what keys were requested.
    pub(crate) fn no_key(&self) -> String {
        match self.prefix.as_str() {
            "" => String::new(),
            prefix => format!("no key starts with {prefix:?}; "),
        }
    }

    /// The requested groupings; `--depth` and `--prefix` are refused unless one of them groups by
    /// prefix.
    pub(crate) fn of(&self, by: &[By]) -> Result<Vec<By>> {
        let by_prefix = |by: &By| matches!(by, By::Prefix { .. });
        if !by.iter().any(by_prefix) && (self.depth != 1 || !self.prefix.is_empty()) {
            bail!("--depth and --prefix need --by prefix");
        }
        let of_keys = || By::Prefix { depth: self.depth, under: self.prefix.as_bytes().to_vec() };
        Ok(by.iter().map(|by| if by_prefix(by) { of_keys() } else { by.clone() }).collect())
    }
}
