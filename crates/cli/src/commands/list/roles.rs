//! Explains what a list of tokens by policy leaves out: tokens with the policy through a role.

use super::plan::Plan;
use crate::display::is_quiet;
use crate::form::Form;
use crate::render::escape::one_line;
use crate::terminal::note;
use crate::unmatched::Values;
use anyhow::Result;
use snapscope_archive::Source;
use snapscope_objects::filter::{Expr, Filter, Match, Operator, parse};
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::Projection;
use std::ops::ControlFlow;

/// Reports the roles with the policies by which tokens are filtered. Reads the snapshot once more.
pub(super) fn say(plan: &Plan<'_>, source: &Source) -> Result<()> {
    let args = plan.args;
    let is_for_people = args.output == Form::Text && !is_quiet();
    if plan.kind.id != KindId::Tokens || !is_for_people || !source.reopenable() {
        return Ok(());
    }
    // The same text was compiled before.
    let Some(expr) = args.filter.as_deref().and_then(|text| parse(text).ok()) else {
        return Ok(());
    };
    let mut about = Vec::new();
    about_policies(expr, &mut about);
    if about.is_empty() {
        return Ok(());
    }
    let roles = kinds::of(KindId::Roles);
    // Roles and tokens use the same field names for their policies.
    let Ok(filter) = Filter::of(&Expr::Any(about), "", &roles.shape()) else { return Ok(()) };
    let mut projection = Projection::Only(Vec::new());
    projection.add(["Name", "Policies"]);
    let options = RowOptions { projection, ..RowOptions::default() };
    let name = |row: &Row| {
        let name = String::from_utf8_lossy(row.text("Name")).into_owned();
        filter.holds(row.object()).then_some(name)
    };
    let mut names: Vec<String> = Vec::new();
    args.read.look_again(source, roles, &options, name, |name| {
        names.push(name);
        ControlFlow::Continue(())
    })?;
    let first = names.first().map(|name| one_line(name.as_bytes()));
    let listed = names.iter().cloned().collect::<Values>().listed();
    if let (Some(first), Some(listed)) = (first, listed) {
        note!(
            "snapscope: note: tokens that have it through a role are not listed; roles with it: \
             {listed}; to list theirs, filter by '\"{first}\" in Roles.Name'"
        );
    }
    Ok(())
}

/// The statements that require a policy, anywhere in an expression except in negated parts.
fn about_policies(expr: Expr, out: &mut Vec<Expr>) {
    match expr {
        Expr::Any(parts) | Expr::All(parts) => {
            parts.into_iter().for_each(|part| about_policies(part, out));
        }
        Expr::Not(_) => {}
        Expr::Match(statement) => {
            let Match { selector, operator, .. } = &statement;
            let is_asked = matches!(operator, Operator::Equal | Operator::In | Operator::Matches);
            if is_asked && selector.path.first().is_some_and(|name| name == b"Policies") {
                out.push(Expr::Match(statement));
            }
        }
    }
}
