//! Which tokens may do something, and by which rule: `who_can FILE key write app/color`.

use snapscope_analyze::acl::{AclModel, Question, Resolver, ResolverOptions};
use snapscope_analyze::{Jobs, fold};
use snapscope_archive::{OpenOptions, Source, open};
use std::{error::Error, io::Write, path::Path};

#[allow(clippy::disallowed_methods, reason = "an example that prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let usage = "which snapshot, resource, access and name?";
    let mut args = std::env::args().skip(1);
    let [file, resource, access, name] = std::array::from_fn(|_| args.next().ok_or(usage));
    let question = [resource?, access?, name?];
    who_can(file?.as_ref(), [&question[0], &question[1], &question[2]], &mut std::io::stdout())
}

pub(crate) fn who_can(
    file: &Path,
    [resource, access, name]: [&str; 3],
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let blocks = open(&Source::find(file)?, &OpenOptions::default())?;
    let model = fold(blocks, Jobs::default(), AclModel::default).out;
    let resolver = Resolver::new(&model, ResolverOptions::default());
    for (token, decision) in resolver.who_can(&Question::parse(resource, access, name)?)?.holders {
        let rule = decision.reason.map_or("the default policy".into(), |reason| reason.title());
        writeln!(out, "{} by {rule:?}", token.accessor)?;
    }
    Ok(())
}
