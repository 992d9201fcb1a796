//! Options that all read requests share.

use super::Request;
use crate::answer::Refused;
use snapscope_objects::json::duration_nanos;
use std::time::Duration;

/// Default wait of a blocking query.
const WAIT: Duration = Duration::from_secs(300);
/// Maximum wait.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// Servers lengthen a wait by up to this fraction.
const JITTER: u32 = 16;

/// The requested consistency. A snapshot has only one state, so the answer only repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consistency {
    Leader,
    Stale,
    Consistent,
}

impl Consistency {
    /// Its name in `X-Consul-Effective-Consistency`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Stale => "stale",
            Self::Consistent => "consistent",
        }
    }
}

/// A blocking query, which waits for an index greater than this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    /// The index that the client has seen; at least 1.
    pub(crate) index: u64,
    /// How long it waits.
    pub(crate) time: Duration,
}

/// The options of a request.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) consistency: Consistency,
    pub(crate) wait: Option<Wait>,
    /// The requested datacenter, if any.
    pub(crate) datacenter: Option<String>,
    pub(crate) pretty: bool,
}

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// If they are malformed, in the words of servers.
    pub(crate) fn of(request: &Request) -> Result<Self, Refused> {
        let query = &request.query;
        let stale = query.has("stale") || query.has("max_stale");
        let consistency = match (stale, query.has("consistent")) {
            (true, true) => {
                let text = "Cannot specify ?stale with ?consistent, conflicting semantics.";
                return Err(Refused::early(400, text));
            }
            (true, false) => Consistency::Stale,
            (false, true) => Consistency::Consistent,
            (false, false) => Consistency::Leader,
        };
        let named = ["dc", "datacenter"].map(|name| query.text(name));
        let datacenter = named.into_iter().find(|name| !name.is_empty());
        let wait = wait_of(&query.text("index"), &query.text("wait"))?;
        Ok(Self { consistency, wait, datacenter, pretty: query.has("pretty") })
    }
}

fn wait_of(index: &str, wait: &str) -> Result<Option<Wait>, Refused> {
    let time = match wait {
        "" => None,
        text => Some(duration_nanos(text).ok_or_else(|| Refused::early(400, "Invalid wait time"))?),
    };
    let index: u64 = match index {
        "" => 0,
        // Rust accepts a plus sign, Go's parser accepts no sign.
        text if text.starts_with('+') => return Err(Refused::early(400, "Invalid index")),
        text => text.parse().map_err(|_| Refused::early(400, "Invalid index"))?,
    };
    let time = match time {
        None | Some(0) => WAIT,
        Some(nanos) => Duration::from_nanos(u64::try_from(nanos).unwrap_or(0)).min(LONGEST_WAIT),
    };
    // Servers lengthen waits at random so that they do not end together. A snapshot never changes,
    // so that is unnecessary here; the longest possible wait is as correct as any other.
    let time = time + time / JITTER / 2;
    Ok((index > 0 && time > Duration::ZERO).then_some(Wait { index, time }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_read_as_servers_read_them() {
        let wait = |index, wait| wait_of(index, wait).map_err(|refused| refused.text);
        let ms = |index, ms| Ok(Some(Wait { index, time: Duration::from_millis(ms) }));
        assert_eq!(wait("", "200ms"), Ok(None));
        assert_eq!(wait("0", "200ms"), Ok(None));
        assert_eq!(wait("1", "-1s"), Ok(None));
        assert_eq!(wait("7", "320ms"), ms(7, 330));
        assert_eq!(wait("7", ""), ms(7, 309_375));
        assert_eq!(wait("7", "1h"), ms(7, 618_750));
        for index in ["zz", "-1", "1.5", "+1", "99999999999999999999"] {
            assert_eq!(wait(index, ""), Err(b"Invalid index".to_vec()), "{index}");
        }
        for text in ["zz", "2"] {
            assert_eq!(wait("1", text), Err(b"Invalid wait time".to_vec()), "{text}");
        }
    }
}
