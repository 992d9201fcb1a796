//! Whether the newest sound snapshot is young enough.

use super::inputs::Inputs;
use super::one::{Report, Verdict};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use snapscope_analyze::verify::Level;

/// A name on the command line whose newest sound snapshot is too old.
pub(super) struct Stale {
    pub(super) name: String,
    /// When it was taken, in milliseconds since 1970; `None` without such a snapshot.
    pub(super) newest_ms: Option<i64>,
    pub(super) age: Option<SignedDuration>,
    pub(super) limit: SignedDuration,
}

pub(super) fn parse_age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text:?} is not a duration; expected one such as 90m, 26h or 2d");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let age = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    if age.is_positive() { Ok(age) } else { Err(wrong()) }
}

/// The names whose newest sound snapshot is older than `limit`.
pub(super) fn stale(inputs: &Inputs, reports: &[Report], limit: SignedDuration) -> Vec<Stale> {
    let now = Timestamp::now();
    let names = inputs.names.iter().enumerate();
    let stale = names.filter_map(|(group, name)| {
        let of_name = inputs.all.iter().zip(reports).filter(|(input, _)| input.group == group);
        let sound = of_name.filter(|(_, report)| {
            matches!(report.verdict, Verdict::Sound | Verdict::Found(Level::Odd))
        });
        let newest_ms = sound.filter_map(|(_, report)| report.taken_ms).max();
        let newest = newest_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let age = newest.map(|newest| now.duration_since(newest));
        let is_fresh = age.is_some_and(|age| age <= limit);
        let name = name.display().to_string();
        (!is_fresh).then_some(Stale { name, newest_ms, age, limit })
    });
    stale.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read() {
        assert_eq!(parse_age("26h"), Ok(SignedDuration::from_hours(26)));
        assert_eq!(parse_age("1h30m"), Ok(SignedDuration::from_mins(90)));
        assert_eq!(parse_age("2d"), Ok(SignedDuration::from_hours(48)));
        for wrong in ["", "x", "5", "-3h", "0s", "1month"] {
            assert!(parse_age(wrong).is_err(), "{wrong}");
        }
    }
}
