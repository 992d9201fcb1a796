//! Determines which entries several logs share, and which are committed.

/// Runs of consecutive entries of one term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: u64,
    last: u64,
    term: u64,
}

/// The terms of a log's entries.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    runs: Vec<Run>,
}

impl Terms {
    /// Adds the next entry.
    pub(super) fn push(&mut self, index: u64, term: u64) {
        match self.runs.last_mut() {
            Some(run) if run.term == term && run.last.checked_add(1) == Some(index) => {
                run.last = index;
            }
            _ => self.runs.push(Run { first: index, last: index, term }),
        }
    }

    /// The term of an entry, if the log has it.
    pub(super) fn at(&self, index: u64) -> Option<u64> {
        let after = self.runs.partition_point(|run| run.first <= index);
        let run = self.runs.get(after.checked_sub(1)?)?;
        (index <= run.last).then_some(run.term)
    }

    /// The index of the last entry; 0 without one.
    pub(super) fn last(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.last)
    }

    /// The last index up to a limit at which both have an entry of the same term. Then all earlier
    /// entries are equal, as far as both logs contain them.
    fn common(&self, other: &Self, limit: u64) -> u64 {
        let (mut a, mut b) =
            (self.runs.iter().rev().peekable(), other.runs.iter().rev().peekable());
        while let (Some(one), Some(two)) = (a.peek(), b.peek()) {
            let last = one.last.min(two.last).min(limit);
            if one.term == two.term && last >= one.first.max(two.first) {
                return last;
            }
            if one.first >= two.first {
                a.next();
            } else {
                b.next();
            }
        }
        0
    }
}

/// A log with its server.
#[derive(Debug)]
pub(super) struct LogTerms {
    pub(super) terms: Terms,
    /// Equal for two copies of one server's log.
    pub(super) server: String,
}

/// A state that a server had applied. Servers apply only committed entries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applied {
    pub(super) index: u64,
    pub(super) term: u64,
}

/// For each log the index up to which its entries are known to be committed: by a snapshot of the state at an
/// entry, or because most of the voters have an entry.
pub(super) fn committed(logs: &[LogTerms], applied: &[Applied], voters: Option<usize>) -> Vec<u64> {
    let by_snapshot = |log: &LogTerms| {
        let of_log = applied.iter().filter(|at| log.terms.at(at.index) == Some(at.term));
        of_log.map(|at| at.index).max().unwrap_or(0)
    };
    let mut committed: Vec<u64> = logs.iter().map(by_snapshot).collect();
    if let Some(voters) = voters {
        // A server alone proves nothing: it may have died before it knew.
        let others = (voters / 2).max(1);
        for (log, committed) in logs.iter().zip(&mut committed) {
            *committed = (*committed).max(by_others(log, logs, others));
        }
    }
    // What is committed in one log is so in another that has it.
    loop {
        let before = committed.clone();
        for (log, committed) in logs.iter().zip(&mut committed) {
            for (other, limit) in logs.iter().zip(&before) {
                *committed = (*committed).max(log.terms.common(&other.terms, *limit));
            }
        }
        if committed == before {
            return committed;
        }
    }
}

/// The last entry of a log that at least this number of other servers have.
fn by_others(log: &LogTerms, logs: &[LogTerms], others: usize) -> u64 {
    let mut common: Vec<(u64, &str)> = logs
        .iter()
        .filter(|other| other.server != log.server)
        .map(|other| (log.terms.common(&other.terms, u64::MAX), other.server.as_str()))
        .collect();
    common.sort_unstable_by(|a, b| b.cmp(a));
    let mut seen: Vec<&str> = Vec::new();
    for (index, server) in common {
        if !seen.contains(&server) {
            seen.push(server);
        }
        if seen.len() >= others {
            return index;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first index, the last one, and their term.
    type Run = (u64, u64, u64);

    fn terms(runs: &[Run]) -> Terms {
        let mut terms = Terms::default();
        for (first, last, term) in runs {
            (*first..=*last).for_each(|index| terms.push(index, *term));
        }
        terms
    }

    fn logs(all: &[(&str, &[Run])]) -> Vec<LogTerms> {
        let log = |(server, runs): &(&str, &[Run])| LogTerms {
            terms: terms(runs),
            server: (*server).to_owned(),
        };
        all.iter().map(log).collect()
    }

    #[test]
    fn entries_in_common() {
        let a = terms(&[(1, 10, 1), (11, 20, 3)]);
        for (other, expected) in [
            (terms(&[(1, 10, 1), (11, 15, 3)]), 15),
            (terms(&[(1, 10, 1), (11, 30, 2)]), 10),
            (terms(&[(5, 8, 1)]), 8),
            (terms(&[(21, 30, 3)]), 0),
            (terms(&[(1, 4, 1), (18, 25, 3)]), 20),
            (Terms::default(), 0),
        ] {
            assert_eq!(a.common(&other, u64::MAX), expected, "{other:?}");
            assert_eq!(other.common(&a, u64::MAX), expected, "{other:?}");
        }
        assert_eq!(a.at(10), Some(1));
        assert_eq!(a.at(11), Some(3));
        assert_eq!((a.at(0), a.at(21)), (None, None));
    }

    #[test]
    fn what_is_committed() {
        let split: &[(&str, &[Run])] = &[
            ("a", &[(1, 20, 1), (21, 25, 2)]),
            ("b", &[(1, 20, 1), (21, 30, 3)]),
            ("c", &[(1, 20, 1), (21, 28, 3)]),
        ];
        // Two of three have it; the later entries of each are not proven.
        assert_eq!(committed(&logs(split), &[], Some(3)), [20, 28, 28]);
        assert_eq!(committed(&logs(split), &[], Some(5)), [20, 20, 20]);
        assert_eq!(committed(&logs(split), &[], None), [0, 0, 0]);
        let at = Applied { index: 29, term: 3 };
        assert_eq!(committed(&logs(split), &[at], None), [20, 29, 28]);
        // A snapshot of another cluster proves nothing.
        let other = Applied { index: 29, term: 4 };
        assert_eq!(committed(&logs(split), &[other], None), [0, 0, 0]);
        // Two copies of a server count as one server.
        let copies: &[(&str, &[Run])] = &[("a", &[(1, 20, 1)]), ("a", &[(1, 25, 1)])];
        assert_eq!(committed(&logs(copies), &[], Some(3)), [0, 0]);
        assert_eq!(committed(&logs(&split[..1]), &[], Some(1)), [0]);
    }
}
