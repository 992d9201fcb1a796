//! The plan and the result of a restore, as text and JSON.

use crate::answer::Answer;
use crate::render::escape::one_line;
use crate::render::json::{List, Members as _, Object, ToJson};
use crate::render::tabwriter;
use crate::times::rfc3339;
use snapscope_decode::GoTime;
use snapscope_live::client::Client;
use snapscope_live::restore::{Arrived, Contents, Plan, TypeChanges, Warning};
use snapscope_objects::json::JsonText;
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
    pub(crate) arrived: Option<Arrived>,
}

fn taken(contents: &Contents) -> Option<String> {
    let milliseconds = contents.taken_ms?;
    let seconds = milliseconds.div_euclid(1000) + GoTime::UNIX_EPOCH;
    Some(rfc3339(GoTime { seconds, nanos: 0, offset: None }))
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

fn text(view: &View<'_>) -> Vec<u8> {
    let View { file, client, snapshot, cluster, plan, .. } = view;
    let mut lines = vec![format!(" \tsnapshot\tcluster\n \t--------\t-------")];
    for (name, ours, theirs) in [
        ("Place", file.clone(), client.address().to_owned()),
        ("Taken", or_dash(taken(snapshot)), "now".to_owned()),
        ("Index", snapshot.index.to_string(), cluster.index.to_string()),
        (
            "Datacenter",
            or_dash(snapshot.origin.datacenter.clone()),
            or_dash(cluster.origin.datacenter.clone()),
        ),
        (
            "Cluster ID",
            or_dash(snapshot.origin.cluster_id.clone()),
            or_dash(cluster.origin.cluster_id.clone()),
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
    let mut text = tabwriter::align((lines.join("\n") + "\n").as_bytes());
    lines = vec![
        "\n Type\tsnapshot\tcluster\tadded\tremoved\tchanged\tequal\n \
         ----\t--------\t-------\t-----\t-------\t-------\t-----"
            .to_owned(),
    ];
    for row in &plan.types {
        let changes = match (row.changes, row.equal()) {
            (Some(TypeChanges { added, removed, changed }), Some(equal)) => {
                format!("{added}\t{removed}\t{changed}\t{equal}")
            }
            _ => "-\t-\t-\t-".to_owned(),
        };
        lines.push(format!(" {}\t{}\t{}\t{changes}", row.kind, row.snapshot, row.cluster));
    }
    text.extend(tabwriter::align((lines.join("\n") + "\n").as_bytes()));
    for warning in &plan.warnings {
        let line = format!("\nWarning: {}\n", one_line(warning.to_string().as_bytes()));
        text.extend_from_slice(line.as_bytes());
    }
    text
}

/// The result.
pub(crate) fn result(snapshot: &Contents, arrived: &Arrived, saved: Option<&str>) -> Vec<u8> {
    let (leader, index) = match arrived {
        Arrived::Index { leader, index } => (leader, format!(", now at index {index}")),
        Arrived::LeaderOnly { leader, .. } => (leader, String::new()),
    };
    let line = format!(
        "Restored snapshot {} (index {}); {leader} leads{index}",
        snapshot.id, snapshot.index
    );
    let mut text = format!("\n{}\n", one_line(line.as_bytes()));
    if let Some(saved) = saved {
        let undo = format!(
            "The cluster's previous state is saved; to return to it: snapscope \
                            restore {saved}"
        );
        text.push_str(&format!("{}\n", one_line(undo.as_bytes())));
    }
    text.into_bytes()
}

/// What is known of one of the two.
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
        out.write_all(&text(self))
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
        let restored = self.arrived.as_ref().map(|arrived| {
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
        json.member("Obstacles", List(plan.obstacles().map(Warning::to_string)));
        json.member("Saved", self.saved.as_ref()).member("Restored", restored);
        Ok(())
    }
}
