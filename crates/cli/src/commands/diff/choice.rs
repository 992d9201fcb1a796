//! What is compared: types, filters, ignored fields.

use super::args::DiffArgs;
use crate::kinds::compared_named;
use anyhow::{Result, anyhow, bail};
use snapscope_analyze::diff::DiffOptions;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds::compared_kinds;
use snapscope_objects::nearest;

/// The kinds that are compared, each with its filter.
pub(super) fn kinds(args: &DiffArgs) -> Result<Vec<(&'static ObjectKind, Option<Filter>)>> {
    let chosen: Vec<&'static ObjectKind> = if args.types.is_empty() {
        let all =
            compared_kinds().filter(|kind| args.with_touched || !kind.traits.bookkeeping_only);
        // A prefix of keys says nothing about objects without keys.
        all.filter(|kind| args.prefix.is_none() || kind.traits.keyed).collect()
    } else {
        named(&args.types)?
    };
    let Some(text) = &args.filter else {
        return Ok(chosen.into_iter().map(|kind| (kind, None)).collect());
    };
    let mut fitting = Vec::new();
    let mut refused = None;
    for kind in chosen {
        match Filter::compile(text, &kind.shape()) {
            Ok(filter) => fitting.push((kind, Some(filter))),
            // The filter has to be valid for each requested type.
            Err(e) if !args.types.is_empty() => {
                bail!("the filter is not valid for {}: {e}", kind.object_name())
            }
            Err(e) => refused = Some(e),
        }
    }
    match refused {
        Some(e) if fitting.is_empty() => {
            Err(anyhow!(e).context("the filter is not valid for any type"))
        }
        _ => Ok(fitting),
    }
}

/// The kinds with these names, each once.
fn named(names: &[String]) -> Result<Vec<&'static ObjectKind>> {
    let mut kinds = Vec::new();
    for name in names {
        for kind in compared_named(name)? {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    Ok(kinds)
}

/// The ignored fields; the first part of each has to be a field of some type.
pub(super) fn ignored(fields: &[String], options: &DiffOptions) -> Result<Vec<String>> {
    for field in fields {
        let first = field.split(['.', '[']).next().unwrap_or(field);
        let known = |kind: &ObjectKind| kind.shape().names().contains(&first);
        if !options.kinds.iter().any(|(kind, _)| known(kind)) {
            let all = options.kinds.iter().flat_map(|(kind, _)| kind.shape().names());
            let hint = nearest(first, all)
                .map_or_else(String::new, |meant| format!("; did you mean {meant:?}?"));
            bail!("--ignore {field:?}: no compared type has a field {first:?}{hint}");
        }
    }
    Ok(fields.to_vec())
}

/// Whether the selection includes objects that contain others but not those others: config entries
/// without intentions.
pub(super) fn are_wholes_alone(options: &DiffOptions) -> bool {
    let has = |id: KindId| options.kinds.iter().any(|(kind, _)| kind.id == id);
    let mut parts = options.kinds.iter().filter_map(|(kind, _)| kind.traits.parts);
    parts.any(|parts| !has(parts.kind))
}
