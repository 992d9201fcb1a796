//! The section about certificates and when they expire.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Table};
use crate::words::{day, duration, message};

/// Maximum number of certificates listed.
const ROWS: usize = 50;
/// A certificate that expires within this time is highlighted.
const SOON: i64 = 30 * 86_400;

pub(super) fn section(of: &Snapshot<'_>) -> Html {
    let mut html = Html::default();
    let certificates = &of.facts.audit.certificates;
    if certificates.is_empty() {
        html.note(&of.none("certificates of a mesh CA or of gateways"));
        html.command(&of.command("audit --only CA"));
        return html;
    }
    let at = of.facts.audit.at.map(|time| time.unix_seconds());
    html.paragraph(match at {
        Some(_) => "The time left is counted from when the snapshot was taken.",
        None => "The time left is unknown, because the snapshot records no time.",
    });
    let rows = certificates.iter().take(ROWS).map(|certificate| {
        let left = at.map(|at| certificate.not_after - at);
        let (class, word) = match left {
            None => ("inactive", "unknown"),
            Some(..0) => ("bad", "expired"),
            Some(0..SOON) => ("warning", "expires soon"),
            Some(_) => ("passing", "valid"),
        };
        let subject = if certificate.subject.is_empty() { "unknown" } else { &certificate.subject };
        let left = match left {
            Some(left @ 0..) => duration(left),
            Some(left) => format!("{} ago", duration(-left)),
            None => "-".to_owned(),
        };
        vec![
            Cell::Name(message(subject).into_bytes()),
            Cell::Badge(class, word.into()),
            Cell::Text(certificate.role.into()),
            Cell::Name(of.masked(&certificate.id)),
            Cell::Text(day(certificate.not_before)),
            Cell::Text(day(certificate.not_after)),
            Cell::Amount(left),
        ]
    });
    html.table(
        &Table::new(
            "Certificates, those that expire first at the top",
            &["subject", "state", "role", "object", "from", "until", "left"],
            rows,
        )
        .first_of(certificates.len() as u64),
    );
    html.command(&of.command("audit --only CA"));
    html
}
