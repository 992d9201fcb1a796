//! The name that a binding rule binds to; a login may supply parts of it.

/// A `BindName`: literal text with `${...}` in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct BindName {
    /// The literals; there is a variable between each two.
    literals: Vec<String>,
}

impl BindName {
    pub(super) fn parse(text: &str) -> Self {
        let mut literals = vec![String::new()];
        let mut rest = text;
        // Where a brace is missing, it is missing for all variables after it.
        let mut may_close = true;
        while let Some(at) = rest.find('$') {
            let (before, behind) = rest.split_at(at);
            if let Some(last) = literals.last_mut() {
                last.push_str(before);
            }
            let variable = behind.strip_prefix("${").filter(|_| may_close);
            let closed = variable.and_then(|variable| variable.split_once('}'));
            may_close &= variable.is_none() || closed.is_some();
            if let Some((_, after)) = closed {
                literals.push(String::new());
                rest = after;
                continue;
            }
            // `$${` is an escaped `${`.
            let plain = if behind.starts_with("$${") { 2 } else { 1 };
            let taken = if plain == 2 { 3 } else { 1 };
            if let Some(last) = literals.last_mut() {
                last.push_str(if plain == 2 { "${" } else { "$" });
            }
            rest = behind.get(taken..).unwrap_or("");
        }
        if let Some(last) = literals.last_mut() {
            last.push_str(rest);
        }
        Self { literals }
    }

    /// The name, if it does not depend on the login.
    pub(super) fn fixed(&self) -> Option<&str> {
        match self.literals.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// Whether some login can produce that name. Values from logins are converted to lower case.
    pub(super) fn can_be(&self, name: &str) -> bool {
        let [first, middle @ .., last] = self.literals.as_slice() else {
            return self.fixed() == Some(name);
        };
        let Some(rest) = name.strip_prefix(first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
        let lower = |text: &str| !text.contains(|c: char| c.is_ascii_uppercase());
        // Leftmost matches leave most for the rest. Upper-case letters in between make that too
        // strict only if a literal occurs twice, which no real name does.
        for literal in middle {
            let Some(at) = rest.find(literal.as_str()) else { return false };
            if !lower(rest.get(..at).unwrap_or("")) {
                return false;
            }
            rest = rest.get(at + literal.len()..).unwrap_or("");
        }
        lower(rest)
    }
}

/// Whether servers accept a name for an identity: lower-case letters, digits, `-` and `_`, these
/// two not at its ends, at most 256 bytes.
pub(super) fn is_identity_name(name: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.len() <= 256
        && bytes.first().copied().is_some_and(inner)
        && bytes.last().copied().is_some_and(inner)
        && bytes.iter().all(|&c| inner(c) || c == b'-' || c == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_what_logins_can_give() {
        for (pattern, name, fits) in [
            ("web", "web", true),
            ("web", "web2", false),
            ("${value.user}", "anything", true),
            ("${value.user}", "Any", false),
            ("svc-${value.user}", "svc-bob", true),
            ("svc-${value.user}", "svc-", true),
            ("svc-${value.user}", "sv", false),
            ("a-${x}-b-${y}-c", "a-1-b-2-c", true),
            ("a-${x}-b-${y}-c", "a-1-2-c", false),
            ("ab${x}ba", "aba", false),
            ("cost-$5", "cost-$5", true),
            ("$${x}", "${x}", true),
            ("$${x}", "y", false),
        ] {
            assert_eq!(BindName::parse(pattern).can_be(name), fits, "{pattern} {name}");
        }
        assert_eq!(BindName::parse("${open").fixed(), Some("${open"));
    }

    #[test]
    fn identity_names() {
        assert!(is_identity_name("a-b_c9"));
        for bad in ["", "-a", "a-", "A", "a b", "é", &"a".repeat(257)] {
            assert!(!is_identity_name(bad), "{bad}");
        }
    }
}
