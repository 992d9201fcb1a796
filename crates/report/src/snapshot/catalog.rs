//! The section about services with their health, and failing checks.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Table};
use snapscope_pictures::{Segment, stacked_bar};

/// Maximum number of services listed.
const SERVICES: usize = 60;
/// Maximum number of failing checks listed.
const CHECKS: usize = 40;

pub(super) fn section(of: &Snapshot<'_>) -> Html {
    let mut html = Html::default();
    let rows = &of.facts.rows;
    let services: u64 = rows.service_states.iter().sum();
    if services == 0 && rows.checks.is_empty() {
        html.note(&of.none("services"));
        html.command(&of.command("list services"));
        return html;
    }
    let states = [("passing", "passing"), ("warning", "warning"), ("critical", "bad")];
    let segment = |((name, class), count): ((&str, &'static str), &u64)| Segment {
        name: name.to_owned(),
        count: *count,
        class,
    };
    let segments: Vec<Segment> =
        states.into_iter().zip(&rows.service_states).map(segment).collect();
    html.element("h3", "Services");
    html.raw(&stacked_bar(&segments, 640.0, "Services by their worst instance"));
    let shown = rows.services.iter().take(SERVICES).map(|service| {
        let (class, word) = match (service.critical, service.warning) {
            (1.., _) => ("bad", "critical"),
            (_, 1..) => ("warning", "warning"),
            _ => ("passing", "passing"),
        };
        vec![
            Cell::Name(of.masked(&service.name.0)),
            Cell::Badge(class, word.into()),
            Cell::Text(of.shown(&service.kind)),
            Cell::Count(service.instances),
            Cell::Count(service.passing()),
            Cell::Count(service.warning),
            Cell::Count(service.critical),
            Cell::Count(service.nodes as u64),
        ]
    });
    let shown: Vec<Vec<Cell>> = shown.collect();
    html.table(
        &Table::new(
            "Services, those with critical instances first",
            &["service", "health", "kind", "instances", "passing", "warning", "critical", "nodes"],
            shown,
        )
        .first_of(services),
    );
    html.command(&of.command("list services"));
    checks(of, &mut html);
    html
}

fn checks(of: &Snapshot<'_>, html: &mut Html) {
    let rows = &of.facts.rows;
    let all: u64 = rows.checks.values().sum();
    if all == 0 {
        return;
    }
    html.element("h3", "Checks");
    let passing = rows.checks.get(b"passing".as_slice()).copied().unwrap_or(0);
    if passing == all {
        html.paragraph(&of.of_all("All checks pass"));
        html.command(&of.command("list checks"));
        return;
    }
    let shown = rows.failing.iter().take(CHECKS).map(|check| {
        let class = if check.status == b"warning" { "warning" } else { "bad" };
        vec![
            Cell::Name(of.masked(&check.name)),
            Cell::Badge(class, of.shown(&check.status)),
            Cell::Name(of.masked(&check.node)),
            match check.service.as_slice() {
                b"" => Cell::Text(String::new()),
                service => Cell::Name(of.masked(service)),
            },
        ]
    });
    let shown: Vec<Vec<Cell>> = shown.collect();
    html.table(
        &Table::new("Checks that do not pass", &["check", "status", "node", "service"], shown)
            .first_of(all - passing),
    );
    html.command(&format!("snapscope list --filter 'Status != passing' checks {}", of.file));
}
