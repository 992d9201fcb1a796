//! Waiting until a restored cluster works again.

use crate::client::{Client, ClientError};
use std::time::{Duration, Instant};

/// The state of the cluster after a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// It has a leader whose index is past the restore.
    Index {
        /// The leader's address.
        leader: String,
        /// Its last index.
        index: u64,
    },
    /// It has a leader, but its index is not visible: the cluster no longer knows the token, or the
    /// token does not have the right.
    LeaderOnly {
        /// The leader's address.
        leader: String,
        /// Why the index is not visible.
        why: String,
    },
}

/// The cluster did not recover in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the servers accepted the snapshot, but after {} s {what}; check their logs and `consul \
     operator raft list-peers`; do not repeat the restore before there is a leader",
    waited.as_secs()
)]
pub struct NotSeen {
    /// What is missing.
    pub what: String,
    /// How long was waited.
    pub waited: Duration,
}

const PAUSE: Duration = Duration::from_millis(250);

/// Waits until the cluster has a leader whose index is above `index`, the higher one of the
/// snapshot's and the cluster's previous index: servers apply a restore at the next one.
///
/// # Errors
/// If that does not happen within `patience`.
pub async fn wait_for_restore(
    client: &Client,
    index: u64,
    patience: Duration,
) -> Result<Arrived, NotSeen> {
    let client = client.without_retries();
    let begin = Instant::now();
    loop {
        let what = match look(&client, index).await {
            Ok(arrived) => return Ok(arrived),
            Err(what) => what,
        };
        if begin.elapsed() + PAUSE > patience {
            return Err(NotSeen { what, waited: begin.elapsed() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns the state, or what is missing.
async fn look(client: &Client, index: u64) -> Result<Arrived, String> {
    let leader = match client.leader().await {
        Ok(Some(leader)) => leader,
        Ok(None) => return Err("the cluster has no leader".to_owned()),
        Err(e) => return Err(format!("the cluster cannot be queried ({e})")),
    };
    match client.servers().await {
        Ok(servers) => match servers.iter().find(|server| server.leader) {
            Some(server) if server.last_index > index => {
                Ok(Arrived::Index { leader, index: server.last_index })
            }
            Some(server) => {
                Err(format!("the leader is at index {}, not past {index}", server.last_index))
            }
            None => Err("no server reports that it leads".to_owned()),
        },
        Err(ClientError::Status { status: 401 | 403, message, .. }) => {
            let why = format!(
                "the cluster now has the snapshot's tokens and refuses this one ({message})"
            );
            Ok(Arrived::LeaderOnly { leader, why })
        }
        // The endpoint came with Consul 0.8.
        Err(ClientError::Status { status: 404, .. }) => {
            let why =
                "its servers are older than Consul 0.8 and do not report their index".to_owned();
            Ok(Arrived::LeaderOnly { leader, why })
        }
        Err(e) => Err(format!("its servers cannot be queried ({e})")),
    }
}
