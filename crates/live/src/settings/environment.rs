//! The process's environment, as a value that tests can replace.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// The variables of the environment.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        // Our names are UTF-8.
        let named = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Self(std::env::vars_os().filter_map(named).collect())
    }

    /// A variable's value; an empty one counts as unset.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<OsString> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// The value of the first of several variables that is set.
    #[must_use]
    pub fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.value(name)?.into_string().ok())
    }

    /// Names and texts of the variables with this prefix.
    pub fn beginning<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let text = value.to_str().filter(|text| !text.is_empty())?;
            name.starts_with(prefix).then_some((name.as_str(), text))
        })
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect())
    }
}
