//! The plan and the result of a restore, as text and JSON.

use crate::render::escape::one_line;
use crate::render::go_json::Json;
use crate::render::tabwriter;
use crate::times::rfc3339;
use snapscope_decode::GoTime;
use snapscope_live::client::Client;
use snapscope_live::restore::{Arrived, Contents, Plan, TypeChanges, Warning};

/// The data to show.
pub(crate) struct View<'a> {
    pub(crate) file: String,
    /// Where the cluster's own snapshot is saved.
    pub(crate) saved: Option<String>,
    pub(crate) client: &'a Client,
    pub(crate) snapshot: &'a Contents,
    pub(crate) cluster: &'a Contents,
    pub(crate) plan: &'a Plan,
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

pub(crate) fn text(view: &View<'_>) -> Vec<u8> {
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
        let undo = format!("The cluster's state before is kept: snapscope restore {saved}");
        text.push_str(&format!("{}\n", one_line(undo.as_bytes())));
    }
    text.into_bytes()
}

/// Renders the plan and, if it was carried out, the result.
pub(crate) fn json(view: &View<'_>, arrived: Option<&Arrived>) -> Vec<u8> {
    let View { file, client, snapshot, cluster, plan, .. } = view;
    let texts = |list: Vec<String>| Json::List(list.into_iter().map(Json::text).collect());
    let side = |place: &str, contents: &Contents, versions: Vec<String>| {
        let origin = &contents.origin;
        Json::Object(vec![
            ("Place", Json::text(place)),
            ("ID", Json::text(&contents.id)),
            ("Index", Json::Uint(contents.index)),
            ("Taken", Json::or_null(taken(contents), Json::text)),
            ("Datacenter", Json::or_null(origin.datacenter.as_ref(), Json::text)),
            ("ClusterID", Json::or_null(origin.cluster_id.as_ref(), Json::text)),
            ("Versions", texts(versions)),
        ])
    };
    let types = plan.types.iter().map(|row| {
        Json::Object(vec![
            ("Name", Json::text(row.kind.to_string())),
            ("Snapshot", Json::Uint(row.snapshot)),
            ("Cluster", Json::Uint(row.cluster)),
            ("Added", Json::or_null(row.changes, |changes| Json::Uint(changes.added))),
            ("Removed", Json::or_null(row.changes, |changes| Json::Uint(changes.removed))),
            ("Changed", Json::or_null(row.changes, |changes| Json::Uint(changes.changed))),
            ("Equal", Json::or_null(row.equal(), Json::Uint)),
        ])
    });
    let obstacles = plan.obstacles().map(Warning::to_string).collect();
    let result = arrived.map(|arrived| match arrived {
        Arrived::Index { leader, index } => {
            Json::Object(vec![("Leader", Json::text(leader)), ("Index", Json::Uint(*index))])
        }
        Arrived::LeaderOnly { leader, .. } => {
            Json::Object(vec![("Leader", Json::text(leader)), ("Index", Json::Null)])
        }
    });
    let object = Json::Object(vec![
        ("Snapshot", side(file, snapshot, versions(snapshot))),
        ("Cluster", side(client.address(), cluster, plan.versions.clone())),
        ("Types", Json::List(types.collect())),
        ("Warnings", texts(plan.warnings.iter().map(Warning::to_string).collect())),
        ("Obstacles", texts(obstacles)),
        ("Saved", Json::or_null(view.saved.as_ref(), Json::text)),
        ("Restored", result.unwrap_or(Json::Null)),
    ]);
    let mut text = object.indented();
    text.push(b'\n');
    text
}
