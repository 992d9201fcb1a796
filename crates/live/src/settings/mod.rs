//! Checked settings of stores and the agent, regardless of their source.

mod agent;
mod azure;
mod destination;
mod environment;
mod s3;

pub use agent::{Bearer, LoginSettings, Settings};
pub use azure::{AZURE_CLOUDS, AzureCloud, AzureSettings};
pub use destination::{DestinationSettings, GoogleSettings};
pub use environment::Environment;
pub use s3::{RoleSettings, S3Encryption, S3Settings};
