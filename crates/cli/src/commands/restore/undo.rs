//! How to return to the state before a restore.

use crate::api_flags::ApiFlags;
use crate::render::escape::one_line;
use snapscope_live::client::Client;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The lines about the saved state of the cluster: where it is, the command that restores it into
/// the same cluster, and the token it takes. `has_token` is whether the token in use is also one of
/// the restored snapshot; `None` if none is in use.
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
    // A command that would not do what it looks like is not shown.
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

/// A path that is not taken for a flag.
fn named(path: &Path) -> OsString {
    let looks_like_a_flag = path.as_os_str().as_encoded_bytes().starts_with(b"-");
    if looks_like_a_flag { Path::new(".").join(path).into() } else { path.into() }
}

/// Words as a line for a POSIX shell; `None` if one of them cannot be shown as it is.
fn shell_words(words: &[OsString]) -> Option<String> {
    let quoted: Option<Vec<String>> = words.iter().map(|word| quoted(word)).collect();
    quoted.map(|words| words.join(" "))
}

fn quoted(word: &OsStr) -> Option<String> {
    let text = word.to_str().filter(|text| one_line(text.as_bytes()) == *text)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:,+@%=".contains(&b);
    let is_plain = !text.is_empty() && text.bytes().all(plain);
    Some(if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_a_shell_unchanged() {
        for (word, expected) in [
            ("backup.snap", "backup.snap"),
            ("http://127.0.0.1:8500", "http://127.0.0.1:8500"),
            ("a b", "'a b'"),
            ("it's; $(rm) `x`", r"'it'\''s; $(rm) `x`'"),
            ("http://[::1]:8500", "'http://[::1]:8500'"),
            ("", "''"),
            ("~/x", "'~/x'"),
        ] {
            assert_eq!(quoted(OsStr::new(word)).as_deref(), Some(expected));
        }
        assert_eq!(quoted(OsStr::new("two\nlines")), None);
        assert_eq!(named(Path::new("-y")), OsString::from("./-y"));
    }
}
