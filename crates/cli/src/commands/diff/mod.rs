//! `diff`: what changed between two snapshots.

mod args;
mod both;
mod choice;
mod nothing;
mod patch;
mod render;
mod writes;

pub(crate) use args::DiffArgs;
pub(crate) use both::{Ended, Sources, compare};
pub(crate) use snapscope_answers::diff::Direction;

use crate::exit::Exit;
use crate::form::Form;
use anyhow::{Result, bail};

use render::Renderer;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::DiffOptions;
use writes::Writes;

pub(crate) fn run(args: &DiffArgs) -> Result<Exit> {
    if args.out.is_some() && args.output != Form::Patch {
        bail!("--out needs -o patch; all other output goes to standard output");
    }
    if args.log.is_some() && args.output == Form::Patch {
        bail!("--log cannot be used with -o patch: a patch does not say who made a change");
    }
    let options = options(args)?;
    let comparer = Comparer::new(CompareOptions {
        ignore: choice::ignored(&args.ignore, &options)?,
        show_secrets: args.show_secrets,
        // If only entries are requested, their intentions are parts of them; a patch writes
        // entries.
        whole_entries: args.output == Form::Patch || choice::are_wholes_alone(&options),
        ..CompareOptions::default()
    });
    let sources = Sources::find(&args.before, &args.after)?;
    if args.output == Form::Patch {
        return patch::run(args, &sources, &options, &comparer);
    }
    let writes = match args.stat {
        true => None,
        false => Writes::find(args, &sources, &options, &comparer)?,
    };
    let mut renderer = Renderer::new(args, &comparer, writes.as_ref());
    let report =
        compare(&args.read, &sources, &options, &comparer, &mut |found| renderer.take(found))?;
    let mut ended = Ended::of(&args.read, &sources, report, Direction::Forward);
    let lost = writes.as_ref().and_then(|writes| writes.losses.incomplete());
    ended.incomplete = ended.incomplete.or(lost);
    renderer.end(&ended)?;
    if ended.report.differences() == 0 {
        nothing::explain(args, &sources, &options)?;
    }
    Ok(writes.map_or(ended.exit, |writes| ended.exit.max(writes.losses.exit())))
}

fn options(args: &DiffArgs) -> Result<DiffOptions> {
    Ok(DiffOptions {
        kinds: choice::kinds(args)?,
        prefix: args.prefix.as_ref().map(|prefix| prefix.clone().into_bytes()),
        with_touched: args.with_touched,
        threads: args.read.jobs().0.get() > 1,
        ..DiffOptions::new()
    })
}
