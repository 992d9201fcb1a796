//! One file per command.

pub(crate) mod acl;
#[cfg(feature = "live")]
pub(crate) mod agent;
pub(crate) mod audit;
pub(crate) mod breakdown;
pub(crate) mod decode;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod pack;
pub(crate) mod redact;
#[cfg(feature = "live")]
pub(crate) mod restore;
#[cfg(feature = "live")]
pub(crate) mod save;
#[cfg(feature = "live")]
pub(crate) mod snapshots;
pub(crate) mod top;
pub(crate) mod trend;
pub(crate) mod verify;
