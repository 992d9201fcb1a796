//! What is compared: types, filters, fields that don't count.

use super::args::DiffArgs;
use anyhow::{Result, anyhow, bail};
use snapscope_analyze::diff::DiffOptions;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds::{by_name, by_object, compared_kinds};

/// The kinds that are compared, each with its filter.
pub(super) fn kinds(args: &DiffArgs) -> Result<Vec<(&'static ObjectKind, Option<Filter>)>> {
    let chosen: Vec<&'static ObjectKind> = if args.types.is_empty() {
        let all =
            compared_kinds().filter(|kind| args.with_touched || !kind.traits.bookkeeping_only);
        // Of what has no key a prefix of keys says nothing.
        all.filter(|kind| args.prefix.is_none() || kind.traits.keyed).collect()
    } else {
        args.types.iter().map(|name| kind_named(name)).collect::<Result<_>>()?
    };
    let Some(text) = &args.filter else {
        return Ok(chosen.into_iter().map(|kind| (kind, None)).collect());
    };
    let mut fitting = Vec::new();
    let mut refused = None;
    for kind in chosen {
        match Filter::compile(text, &kind.shape()) {
            Ok(filter) => fitting.push((kind, Some(filter))),
            // Of types that were asked for it has to fit each.
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

/// A type by the name that output has for it, or by the one `list` has.
fn kind_named(name: &str) -> Result<&'static ObjectKind> {
    let lower = name.to_ascii_lowercase();
    let found = by_object(&lower).or_else(|| by_name(name).filter(|kind| kind.object.is_some()));
    found.ok_or_else(|| {
        let known: Vec<&str> = compared_kinds().filter_map(|kind| kind.object).collect();
        anyhow!("unknown type {name:?}; known types: {}", known.join(", "))
    })
}

/// The fields that don't count; the first part of each has to be a field of some type.
pub(super) fn ignored(fields: &[String], options: &DiffOptions) -> Result<Vec<String>> {
    for field in fields {
        let first = field.split(['.', '[']).next().unwrap_or(field);
        let known = |kind: &ObjectKind| kind.shape().names().contains(&first);
        if !options.kinds.iter().any(|(kind, _)| known(kind)) {
            bail!("--ignore {field:?}: no compared type has a field {first:?}");
        }
    }
    Ok(fields.to_vec())
}

/// Whether objects are compared whose parts belong to another kind, but not those parts: config
/// entries without intentions.
pub(super) fn are_wholes_alone(options: &DiffOptions) -> bool {
    let has = |id: KindId| options.kinds.iter().any(|(kind, _)| kind.id == id);
    let mut parts = options.kinds.iter().filter_map(|(kind, _)| kind.traits.parts);
    parts.any(|parts| !has(parts.kind))
}
