//! The plan and the result of a restore, as text and JSON.

use crate::answer::Answer;
use crate::render::escape::one_line;
use crate::render::json::{List, Members as _, Object, ToJson};
use crate::render::tabwriter;
use crate::times::rfc3339;
use snapscope_decode::GoTime;
use snapscope_live::client::Client;
use snapscope_live::restore::{Arrived, Contents, Plan, Refusal, TypeChanges, Warning};
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::counted;
use std::io::{self, Write};

/// The data to show.
pub(crate) struct View<'a> {
    pub(crate) file: String,
    /// Where the cluster's own snapshot is saved.
    pub(crate) saved: Option<String>,
    pub(crate) client: &'a Client,
    pub(crate) snapshot: &'a Contents,
    pub(crate) cluster: &'a Contents,
    pub(crate) plan: &'a Plan,
    /// The result.
    pub(crate) arrived: Option<&'a Arrived>,
}

fn taken(contents: &Contents) -> Option<String> {
    let milliseconds = contents.taken_ms?;
    let seconds = milliseconds.div_euclid(1000) + GoTime::UNIX_EPOCH;
    Some(rfc3339(GoTime { seconds, nanos: 0, offset: None }))
}

/// What is known about a sound snapshot without a cluster, on one line.
pub(crate) fn alone(file: &str, contents: &Contents) -> String {
    let mut facts = vec![format!("index {}", contents.index)];
    facts.extend(taken(contents).map(|time| format!("taken {time}")));
    let datacenter = contents.origin.datacenter.as_ref();
    facts.extend(datacenter.map(|datacenter| format!("datacenter {datacenter}")));
    let versions = versions(contents).join(", ");
    facts.extend((!versions.is_empty()).then(|| format!("Consul {versions}")));
    let objects: u64 = contents.objects.values().sum();
    facts.push(counted(objects, "object", "objects"));
    let checked = if contents.verified { "" } else { ", as far as it has checksums" };
    one_line(format!("{file} is sound{checked}: {}", facts.join(", ")).as_bytes())
}

fn versions(contents: &Contents) -> Vec<String> {
    let mut versions: Vec<String> = contents.origin.servers.values().cloned().collect();
    versions.sort();
    versions.dedup();
    versions
}

fn or_dash(text: Option<String>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned())
}

/// Width of the text.
const WIDTH: usize = 80;

/// Enough of an ID to distinguish clusters in a table; warnings and JSON have all of it.
fn short(id: Option<&String>) -> Option<String> {
    let id = id?;
    Some(match id.char_indices().nth(13) {
        Some((at, _)) => format!("{}...", id.get(..at).unwrap_or(id)),
        None => id.clone(),
    })
}

fn sides(view: &View<'_>) -> String {
    let View { file, client, snapshot, cluster, plan, .. } = view;
    let mut text = String::new();
    // In full length: they are not in columns.
    for (name, place) in [("Snapshot", file.as_str()), ("Cluster", client.address())] {
        text.push_str(&format!(" {name:<9} {}\n", one_line(place.as_bytes())));
    }
    let mut lines = vec!["\n \tsnapshot\tcluster\n \t--------\t-------".to_owned()];
    for (name, ours, theirs) in [
        ("Taken", or_dash(taken(snapshot)), "now".to_owned()),
        ("Index", snapshot.index.to_string(), cluster.index.to_string()),
        (
            "Datacenter",
            or_dash(snapshot.origin.datacenter.clone()),
            or_dash(cluster.origin.datacenter.clone()),
        ),
        (
            "Cluster ID",
            or_dash(short(snapshot.origin.cluster_id.as_ref())),
            or_dash(short(cluster.origin.cluster_id.as_ref())),
        ),
        (
            "Consul",
            or_dash(Some(versions(snapshot).join(", "))),
            or_dash(Some(plan.versions.join(", "))),
        ),
    ] {
        let (ours, theirs) = (one_line(ours.as_bytes()), one_line(theirs.as_bytes()));
        lines.push(format!(" {name}\t{ours}\t{theirs}"));
    }
    let table = tabwriter::align((lines.join("\n") + "\n").as_bytes());
    text + &String::from_utf8_lossy(&table)
}

/// A row for each type: its name, and numbers below their headings.
fn types(plan: &Plan) -> String {
    let mut rows = vec![
        ["Type", "snapshot", "cluster", "added", "removed", "changed", "equal"].map(String::from),
    ];
    for row in &plan.types {
        let number = |number: Option<u64>| number.map_or("-".to_owned(), |n| n.to_string());
        let change = |of: fn(TypeChanges) -> u64| number(row.changes.map(of));
        rows.push([
            row.kind.to_string(),
            row.snapshot.to_string(),
            row.cluster.to_string(),
            change(|changes| changes.added),
            change(|changes| changes.removed),
            change(|changes| changes.changed),
            number(row.equal()),
        ]);
    }
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0)
    });
    let gap = if widths.iter().sum::<usize>() + 2 * widths.len() < WIDTH { "  " } else { " " };
    let mut text = "\n".to_owned();
    for row in rows {
        let mut cells = row.iter().zip(widths);
        if let Some((name, width)) = cells.next() {
            text.push_str(&format!(" {name:<width$}"));
        }
        for (number, width) in cells {
            text.push_str(&format!("{gap}{number:>width$}"));
        }
        text.push('\n');
    }
    text
}

fn text(view: &View<'_>) -> String {
    let View { snapshot, plan, .. } = view;
    let mut text = sides(view) + &types(plan);
    let mut say = |what: &str, about: String| {
        text.push_str(&format!("\n{what}: {}\n", one_line(about.as_bytes())));
    };
    for warning in &plan.warnings {
        say("Warning", warning.to_string());
    }
    for obstacle in &plan.obstacles {
        say("Obstacle", obstacle.to_string());
    }
    if !plan.obstacles.is_empty() {
        let wrote = versions(snapshot).join(", ");
        let wrote = if wrote.is_empty() { wrote } else { format!(" ({wrote})") };
        let servers = plan.versions.join(", ");
        let line = format!(
            "The snapshot cannot be restored into these servers (Consul {servers}). Leave out what they \
             refuse (`snapscope extract --drop` or --filter), or restore it into servers of the version that wrote it{wrote}."
        );
        text.push_str(&format!("\n{}\n", one_line(line.as_bytes())));
    }
    text
}

/// The result, and the lines about how to undo it.
pub(crate) fn result(snapshot: &Contents, arrived: &Arrived, undo: &[String]) -> Vec<u8> {
    let (leader, index) = match arrived {
        Arrived::Index { leader, index } => (leader, format!(", now at index {index}")),
        Arrived::LeaderOnly { leader, .. } => (leader, String::new()),
    };
    let line = format!(
        "Restored snapshot {} (index {}); {leader} leads{index}",
        snapshot.id, snapshot.index
    );
    let mut text = format!("\n{}\n", one_line(line.as_bytes()));
    for line in undo {
        text.push_str(line);
        text.push('\n');
    }
    text.into_bytes()
}

/// The facts about one of the two sides.
fn side(place: &str, contents: &Contents, versions: Vec<String>) -> impl ToJson {
    Object(move |json: &mut JsonText| {
        json.member("Place", place).member("ID", &contents.id).member("Index", contents.index);
        json.member("Taken", taken(contents));
        json.member("Datacenter", contents.origin.datacenter.as_ref());
        json.member("ClusterID", contents.origin.cluster_id.as_ref());
        json.member("Versions", List(versions));
    })
}

/// Renders the plan and, if it was carried out, the result.
impl Answer for View<'_> {
    const INDENT: Option<&'static str> = Some("   ");

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(text(self).as_bytes())
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        let View { file, client, snapshot, cluster, plan, .. } = self;
        let types = plan.types.iter().map(|row| {
            Object(|json: &mut JsonText| {
                json.member("Name", row.kind.to_string());
                json.member("Snapshot", row.snapshot).member("Cluster", row.cluster);
                json.member("Added", row.changes.map(|changes| changes.added));
                json.member("Removed", row.changes.map(|changes| changes.removed));
                json.member("Changed", row.changes.map(|changes| changes.changed));
                json.member("Equal", row.equal());
            })
        });
        let restored = self.arrived.map(|arrived| {
            let (leader, index) = match arrived {
                Arrived::Index { leader, index } => (leader, Some(*index)),
                Arrived::LeaderOnly { leader, .. } => (leader, None),
            };
            Object(move |json: &mut JsonText| {
                json.member("Leader", leader).member("Index", index);
            })
        });
        json.member("Snapshot", side(file, snapshot, versions(snapshot)));
        json.member("Cluster", side(client.address(), cluster, plan.versions.clone()));
        json.member("Types", List(types));
        json.member("Warnings", List(plan.warnings.iter().map(Warning::to_string)));
        json.member("Obstacles", List(plan.obstacles.iter().map(Refusal::to_string)));
        json.member("Saved", self.saved.as_ref()).member("Restored", restored);
        Ok(())
    }
}
