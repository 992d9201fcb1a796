//! The plan of a restore, and what came of it, for people and programs.

use crate::render::escape::one_line;
use crate::render::go_json::Json;
use crate::render::tabwriter;
use crate::times::rfc3339;
use snapscope_decode::GoTime;
use snapscope_live::client::Client;
use snapscope_live::restore::{Arrived, Contents, Plan, Warning};

/// All that is shown.
pub(crate) struct View<'a> {
    pub(crate) file: String,
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
    let View { file, client, snapshot, cluster, plan } = view;
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
    lines = vec!["\n Type\tsnapshot\tcluster\tchange\n ----\t--------\t-------\t------".to_owned()];
    for row in &plan.types {
        let (ours, theirs) = (i128::from(row.snapshot), i128::from(row.cluster));
        let change = match ours - theirs {
            0 => "=".to_owned(),
            change => format!("{change:+}"),
        };
        lines.push(format!(" {}\t{ours}\t{theirs}\t{change}", row.kind));
    }
    text.extend(tabwriter::align((lines.join("\n") + "\n").as_bytes()));
    for warning in &plan.warnings {
        let line = format!("\nWarning: {}\n", one_line(warning.to_string().as_bytes()));
        text.extend_from_slice(line.as_bytes());
    }
    text
}

/// What came of it.
pub(crate) fn result(snapshot: &Contents, arrived: &Arrived) -> Vec<u8> {
    let (leader, index) = match arrived {
        Arrived::Index { leader, index } => (leader, format!(", now at index {index}")),
        Arrived::LeaderOnly { leader, .. } => (leader, String::new()),
    };
    let line = format!(
        "Restored snapshot {} (index {}); {leader} leads{index}",
        snapshot.id, snapshot.index
    );
    format!("\n{}\n", one_line(line.as_bytes())).into_bytes()
}

/// The plan, and if it was carried out what came of it.
pub(crate) fn json(view: &View<'_>, arrived: Option<&Arrived>) -> Vec<u8> {
    let View { file, client, snapshot, cluster, plan } = view;
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
        ("Restored", result.unwrap_or(Json::Null)),
    ]);
    let mut text = object.indented();
    text.push(b'\n');
    text
}
