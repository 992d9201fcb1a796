//! `prune`: removes old snapshots by the agent's rules.

use super::agent::KeepFlags;
use crate::answer::{Answer, at_hand, print};
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::render::escape::one_line;
use crate::render::json::{Members as _, Object, ToJson as _};
use crate::render::long_table::{Equal, LongTable};
use crate::render::table::Cell;
use crate::terminal::{self, note, say};
use anyhow::{Result, bail};
use clap::Args;
use jiff::Timestamp;
use snapscope_live::block_on;
use snapscope_live::config::KeepLayer;
use snapscope_live::retention::{Intact, Inventory, Owners, Policy, Review, Rules, Verdict, apply};
use snapscope_live::settings::Environment;
use snapscope_live::store::{Lease, Location, SnapshotId, Store, Stored};
use snapscope_objects::json::JsonText;
use std::io::{self, Write};

/// Remove old snapshots from a folder or bucket by the agent's rules
///
/// Only names of the form consul-ID.snap, as the agent assigns them, and their sidecars are
/// considered. The newest intact snapshot always stays. If sidecars do not show which one that is,
/// the newest ones are read and verified until one is intact. A snapshot that is marked as much
/// smaller than the previous one also stays, and so does the previous one. --dry-run shows what
/// would be removed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope prune backups --retain 24 --keep-daily 14 --keep-monthly 12 --dry-run
  snapscope prune s3://backups/consul-snapshot --retain 72")]
pub(crate) struct PruneArgs {
    /// A folder, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX
    #[arg(value_name = "LOCATION")]
    location: String,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Treat a snapshot without a sidecar as marked if it is more than PCT percent smaller than the
    /// previous one
    #[arg(long, value_name = "PCT", value_parser = clap::value_parser!(u8).range(1..=99))]
    alert_shrink: Option<u8>,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json"]), default_value = "table")]
    output: Form,
    #[command(flatten)]
    keep: KeepFlags,
}

pub(crate) fn run(args: &PruneArgs) -> Result<Exit> {
    let policy = policy(args.keep.keep())?;
    let store = Location::parse(&args.location)?.store(&Environment::of_process())?;
    block_on(prune(args, &policy, &store))?
}

/// The rules. There are no defaults here: what is removed has to be requested.
fn policy(keep: &KeepLayer) -> Result<Policy> {
    let count = |number: Option<u64>| usize::try_from(number.unwrap_or(0)).unwrap_or(usize::MAX);
    let within = keep.keep_within.as_deref().map(str::parse);
    let policy = Policy {
        retain: keep.retain.map_or(1, |number| usize::try_from(number).unwrap_or(usize::MAX)),
        hourly: count(keep.keep_hourly),
        daily: count(keep.keep_daily),
        weekly: count(keep.keep_weekly),
        monthly: count(keep.keep_monthly),
        within: within.transpose().map_err(anyhow::Error::msg)?,
    };
    if keep.retain.is_none() && !policy.is_by_calendar() {
        bail!("no rule given; use --retain N, --keep-daily N or another --keep flag");
    }
    if policy.keeps_all() && policy.is_by_calendar() {
        bail!("--retain 0 keeps everything, so the other rules have no effect");
    }
    Ok(policy)
}

async fn prune(args: &PruneArgs, policy: &Policy, store: &Store) -> Result<Exit> {
    let first = Inventory::of(&store.list().await?);
    let listing = store.list().await?;
    let inventory = Inventory::of(&listing);
    if let Some(gone) = inventory.lacks_of(&first) {
        bail!(
            "{}: {} was listed a moment ago and is missing now: the listing is incomplete, or \
             another program removes snapshots there; nothing was removed",
            store.name(),
            gone.file_name()
        );
    }
    let owners = Owners::find(store, &inventory).await;
    let clusters = owners.by_cluster(&inventory);
    if clusters.len() > 1 {
        let count = clusters.len();
        warn(store, &format!("snapshots of {count} clusters are there; the rules apply to each"));
    }
    let mut parts = Vec::new();
    for inventory in clusters {
        let intact = Intact::find(store, &inventory).await;
        parts.push((inventory, intact));
    }
    let (alert_shrink, now) = (args.alert_shrink, Timestamp::now());
    let rules = move |intact| Rules { policy, intact, alert_shrink, now };
    let mut verdicts = Vec::new();
    let mut notes = Vec::new();
    for (inventory, intact) in &parts {
        let mut review = Review::begin(store, inventory, rules(intact));
        while let Some(verdict) = review.next().await {
            verdicts.push(verdict);
        }
        notes.append(&mut review.notes());
    }
    verdicts.extend(owners.unsure().map(|(id, why)| (id, Verdict::Unknown(why.to_owned()))));
    verdicts.sort_by_key(|(id, _)| *id);
    print(&Pruned { verdicts: &verdicts, inventory: &inventory }, args.output, None)?;
    for note in notes {
        warn(store, &note);
    }
    if let Some(note) = left_alone(&listing) {
        warn(store, &note);
    }
    let doomed = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Remove).count();
    let kept = verdicts.len() - doomed;
    let (summary, exit) = if args.dry_run {
        (format!("{kept} kept, {doomed} would be removed"), Exit::Done)
    } else {
        let (done, exit) = remove(store, &parts, rules).await;
        (format!("{kept} kept, {done}"), exit)
    };
    if args.output == Form::Text {
        writeln!(terminal::out(), "{summary}")?;
    }
    if verdicts.is_empty() {
        note!("snapscope: note: no snapshots there: no name is of the form consul-ID.snap");
    }
    Ok(exit)
}

/// Removes the snapshots that no rule keeps; returns the results in words.
async fn remove<'a>(
    store: &Store,
    clusters: &'a [(Inventory, Intact)],
    rules: impl Fn(&'a Intact) -> Rules<'a>,
) -> (String, Exit) {
    let (mut removed, mut locked, mut exit) = (0, 0, Exit::Done);
    for (inventory, intact) in clusters {
        let outcome = apply(store, inventory, rules(intact), &Lease::forever()).await;
        removed += outcome.removed.len();
        locked += outcome.locked.len();
        for trouble in &outcome.troubles {
            warn(store, trouble);
            exit = Exit::Failed;
        }
    }
    let mut done = format!("{removed} removed");
    if locked > 0 {
        done.push_str(&format!(", {locked} locked there"));
    }
    (done, exit)
}

/// Snapshots named by other programs, or by `save`.
fn left_alone(listing: &[Stored]) -> Option<String> {
    let is_other = |name: &str| name.ends_with(".snap") && SnapshotId::of_file_name(name).is_none();
    let others = listing.iter().map(|stored| stored.name.as_str()).filter(|name| is_other(name));
    let (count, first) = (others.clone().count(), others.min()?);
    let (files, are) = if count == 1 { ("snapshot", "is") } else { ("snapshots", "are") };
    Some(format!(
        "note: {count} other {files} {are} left alone, such as {first}; only names that the agent assigns, \
         consul-ID.snap, are considered"
    ))
}

fn warn(store: &Store, what: &str) {
    let line = format!("{}: {what}", store.name());
    say!("snapscope: {}", one_line(line.as_bytes()));
}

/// The action for a snapshot and its reason, in words.
fn words(verdict: &Verdict) -> (&'static str, String) {
    match verdict {
        Verdict::Remove => ("remove", String::new()),
        Verdict::Kept(reasons) => {
            let names: Vec<&str> = reasons.iter().map(|reason| reason.name()).collect();
            ("keep", names.join(", "))
        }
        Verdict::Newest => ("keep", "newest intact one".to_owned()),
        Verdict::Damaged(why) => {
            ("keep", format!("newer than all intact ones, and damaged: {why}"))
        }
        Verdict::NoneIntact => ("keep", "no snapshot here is known to be intact".to_owned()),
        Verdict::Marked => ("keep", "marked, or before a marked one".to_owned()),
        Verdict::Unknown(why) => ("keep", format!("cannot find out whether it is marked: {why}")),
    }
}

fn time(id: SnapshotId) -> String {
    let time = Timestamp::from_nanosecond(i128::from(id.0)).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The data to print.
struct Pruned<'a> {
    verdicts: &'a [(SnapshotId, Verdict)],
    inventory: &'a Inventory,
}

impl Answer for Pruned<'_> {
    const IS_LIST: bool = true;

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.verdicts.iter().map(|(id, verdict)| {
            let (action, why) = words(verdict);
            let text = |text: String| Cell::Text(text.into_bytes());
            vec![
                text(time(*id)),
                text(id.file_name()),
                Cell::Bytes(self.inventory.size(*id).unwrap_or(0)),
                text(action.to_owned()),
                text(why),
            ]
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        let columns = ["time", "name", "size", "action", "why"];
        let each = at_hand(&rows);
        let mut table = LongTable::new(columns, &each);
        // The action is the answer, so its column is shown even if it is the same for all.
        table.fitting.equal = Equal::Kept;
        table.table(out)
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        for (id, verdict) in self.verdicts {
            let (action, why) = words(verdict);
            let members = |json: &mut JsonText| {
                json.member("time", time(*id)).member("name", id.file_name());
                json.member("id", id.to_string()).member("action", action).member("why", why);
                json.member("size", self.inventory.size(*id).unwrap_or(0));
            };
            Object(members).write(json);
        }
        Ok(())
    }
}
