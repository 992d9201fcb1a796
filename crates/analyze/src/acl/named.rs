//! Finds the token that a name means.

use super::model::{AclModel, Token};
use crate::drivers::Jobs;
use crate::rows::kept;
use snapscope_archive::Blocks;
use snapscope_objects::kind::KindId;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::Projection;
use snapscope_objects::{kinds, nearest};
use std::io;
use std::ops::ControlFlow;

/// The shortest SecretID that is looked up. Servers assign UUIDs; people choose shorter ones.
const LEAST: usize = 4;

/// How a name means a token.
const NAMING: &str =
    "TOKEN is an accessor, a prefix that matches only one accessor, a SecretID, or \"anonymous\".";

/// Why a name means no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownToken {
    /// No accessor is called or starts like this. The name may be a SecretID, so only its start is here.
    #[error("no token has the accessor or SecretID {hidden}{}", hint(.near.as_deref()))]
    Missing {
        /// The start of the name.
        hidden: String,
        /// The accessor that was probably meant.
        near: Option<String>,
    },
    /// Several accessors start like this.
    #[error("{name:?} is ambiguous; it matches {count} tokens: give more of the accessor")]
    Ambiguous {
        /// The name.
        name: String,
        /// How many.
        count: usize,
    },
}

fn hint(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("; did you mean {near:?}?"),
        None => format!(", or an accessor that starts with it. {NAMING}"),
    }
}

impl AclModel {
    /// Returns the token with that accessor, or with the only accessor that starts with it; `anonymous` is the anonymous
    /// token.
    ///
    /// # Errors
    /// If there is no such token, or several.
    pub fn token_named(&self, name: &str) -> Result<&Token, UnknownToken> {
        let named = |t: &&Token| !t.accessor.is_empty();
        let all = || self.tokens.iter().filter(named).map(|t| (t, t.accessor.to_string()));
        let wanted = name.to_ascii_lowercase();
        if wanted == "anonymous"
            && let Some(token) = self.tokens.iter().filter(named).find(|t| t.anonymous)
        {
            return Ok(token);
        }
        // If two records have one accessor, the later one counts, as in servers.
        if let Some((token, _)) = all().rfind(|(_, accessor)| accessor == name) {
            return Ok(token);
        }
        let starts = |accessor: &str| accessor.to_ascii_lowercase().starts_with(&wanted);
        let mut fitting: Vec<(&Token, String)> =
            all().filter(|(_, accessor)| starts(accessor)).collect();
        fitting.dedup_by(|a, b| a.1 == b.1);
        match fitting.as_slice() {
            [(token, _)] if !wanted.is_empty() => Ok(token),
            [] => {
                let accessors: Vec<String> = all().map(|(_, accessor)| accessor).collect();
                let near = nearest(name, accessors.iter().map(String::as_str));
                Err(UnknownToken::Missing { hidden: hidden(name), near: near.map(str::to_owned) })
            }
            several => Err(UnknownToken::Ambiguous { name: name.to_owned(), count: several.len() }),
        }
    }
}

/// A name that may be a SecretID, so messages do not repeat all of it.
fn hidden(name: &str) -> String {
    let shown: String = name.chars().take(4).collect();
    if name.chars().count() > 8 { format!("\"{shown}...\"") } else { format!("{name:?}") }
}

/// Returns the ID of the token with this SecretID, if there is one.
///
/// # Errors
/// If the snapshot cannot be read.
pub fn accessor_of_secret_id(
    blocks: Blocks,
    jobs: Jobs,
    secret: &[u8],
) -> io::Result<Option<String>> {
    if secret.len() < LEAST {
        return Ok(None);
    }
    let mut projection = Projection::Only(Vec::new());
    projection.add(["AccessorID", "SecretID", "CreateIndex"]);
    let options = RowOptions { projection, ..RowOptions::default() };
    let keep = |row: &Row| (row.text("SecretID") == secret).then(|| row.id_text());
    let mut found = None;
    let tokens = kinds::of(KindId::Tokens);
    kept(
        blocks,
        jobs,
        tokens,
        &options,
        |_| true,
        keep,
        |id| {
            found = Some(id.to_string());
            Ok(ControlFlow::Break(()))
        },
    )?;
    Ok(found)
}
