//! How to return to the state before a restore.

use crate::api_flags::ApiFlags;
use crate::render::escape::one_line;
use crate::shell_line::{named, shell_words};
use snapscope_live::client::Client;
use std::ffi::OsString;
use std::path::Path;

/// The lines about the saved state of the cluster: where it is, the command that restores it into
/// the same cluster, and the required token. `has_token` says whether the token in use is also in
/// the restored snapshot; `None` if no token is in use.
pub(super) fn lines(
    api: &ApiFlags,
    client: &Client,
    saved: &Path,
    has_token: Option<bool>,
) -> Vec<String> {
    let mut lines = vec![format!("The cluster's previous state is saved in {}", saved.display())];
    let is_replaced = has_token == Some(false);
    let mut words: Vec<OsString> = vec!["snapscope".into(), "restore".into()];
    words.extend(api.repeated(client.address(), !is_replaced));
    words.push(named(saved));
    // A command that would not do what it seems to do is not shown.
    if let Some(command) = shell_words(&words) {
        lines.push(format!("To return to it: {command}"));
    }
    if is_replaced {
        lines.push(
            "The cluster now has the snapshot's tokens: to return, one of them with acl = \"write\" \
             is needed (--token-file, CONSUL_HTTP_TOKEN)"
                .to_owned(),
        );
    } else if api.token_is_gone() {
        lines.push("The same token is needed again (--token-file, CONSUL_HTTP_TOKEN)".to_owned());
    }
    lines.iter().map(|line| one_line(line.as_bytes())).collect()
}
