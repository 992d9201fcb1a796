//! The credential and config files of AWS's own tools.

use crate::client::Secret;
use crate::settings::Environment;
use std::fs;
use std::path::PathBuf;

/// Variables for an endpoint other than Amazon's: those of Amazon's own tools, then that of
/// Consul's agent, then that of this library.
pub(crate) const ENDPOINTS: [&str; 4] =
    ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT", "AWS_ENDPOINT"];

/// The settings of the profile in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) key_id: Option<String>,
    pub(crate) secret: Option<Secret>,
    pub(crate) session_token: Option<Secret>,
    pub(crate) region: Option<String>,
}

impl Profile {
    /// Reads `~/.aws/credentials` and `~/.aws/config`, or the files in
    /// `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE`, for the profile in `AWS_PROFILE`.
    /// Missing files are ignored.
    pub(crate) fn of(environment: &Environment) -> Self {
        let name = environment.text(&["AWS_PROFILE"]).unwrap_or_else(|| "default".to_owned());
        let home = environment.value("HOME").map(PathBuf::from);
        let read = |variable: &str, file: &str| {
            let path = environment
                .value(variable)
                .map(PathBuf::from)
                .or_else(|| Some(home.as_ref()?.join(".aws").join(file)))?;
            fs::read_to_string(path).ok()
        };
        let mut profile = Self::default();
        // In the config file all profiles except the default one have a prefix before their name.
        let in_config = if name == "default" { name.clone() } else { format!("profile {name}") };
        for (text, section) in [
            (read("AWS_CONFIG_FILE", "config"), in_config),
            (read("AWS_SHARED_CREDENTIALS_FILE", "credentials"), name),
        ] {
            profile.take(&text.unwrap_or_default(), &section);
        }
        profile
    }

    fn take(&mut self, text: &str, section: &str) {
        let mut is_ours = false;
        for line in text.lines() {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                is_ours = name.trim() == section;
                continue;
            }
            let Some((key, value)) = line.split_once('=').filter(|_| is_ours) else { continue };
            let value = value.trim();
            match key.trim() {
                "aws_access_key_id" => self.key_id = Some(value.to_owned()),
                "aws_secret_access_key" => self.secret = Some(Secret::new(value)),
                "aws_session_token" => self.session_token = Some(Secret::new(value)),
                "region" => self.region = Some(value.to_owned()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_profile_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let credentials = file(
            "credentials",
            "[default]\naws_access_key_id = A\naws_secret_access_key=B\n# no\n\n[backup]\n\
             aws_access_key_id = C\naws_secret_access_key = D=\naws_session_token = E\n",
        );
        let config =
            file("config", "[default]\nregion=us-west-1\n[profile backup]\nregion = eu-1\n");
        let both = [
            ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str()),
            ("AWS_CONFIG_FILE", config.as_str()),
        ];
        let profile = Profile::of(&Environment::from(both));
        assert_eq!(
            (profile.key_id.as_deref(), profile.region.as_deref()),
            (Some("A"), Some("us-west-1"))
        );
        let named = [both[0], both[1], ("AWS_PROFILE", "backup")];
        let profile = Profile::of(&Environment::from(named));
        assert_eq!(profile.secret, Some(Secret::new("D=")));
        assert_eq!(profile.session_token, Some(Secret::new("E")));
        assert_eq!(profile.region.as_deref(), Some("eu-1"));
        assert_eq!(Profile::of(&Environment::default()), Profile::default());
    }
}
