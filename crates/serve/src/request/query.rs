//! Parses URL parameters as Go's `url.ParseQuery` does.

use snapscope_analyze::api::path::percent_decoded;

/// The parameters of a request, in order.
#[derive(Debug, Default, Clone)]
pub(crate) struct Query {
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Query {
    /// Parses `a=b&c`. Malformed pairs are left out.
    pub(crate) fn parse(text: &str) -> Self {
        let unescaped = |part: &str| percent_decoded(part.replace('+', " ").as_bytes());
        let pairs = text.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';'));
        let pairs = pairs.filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescaped(key)?, unescaped(value)?))
        });
        Self { pairs: pairs.collect() }
    }

    /// Whether the parameter was sent.
    pub(crate) fn has<'q>(&'q self, name: &'q str) -> bool {
        self.all(name).next().is_some()
    }

    /// The first value of the parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        let pair = self.pairs.iter().find(|(key, _)| key == name.as_bytes());
        pair.map(|(_, value)| &**value)
    }

    /// The first value as text; empty if the parameter was not sent.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).map_or_else(String::new, |value| String::from_utf8_lossy(value).into_owned())
    }

    /// All values of the parameter.
    pub(crate) fn all<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q [u8]> {
        self.pairs.iter().filter(move |(key, _)| key == name.as_bytes()).map(|(_, value)| &**value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_read_as_servers_read_them() {
        let query = Query::parse("recurse&tag=a%20b&tag=c+d&x=1;y=2&bad=%zz&=e&keys=");
        assert!(query.has("recurse") && query.has("keys") && query.has(""));
        assert!(!query.has("x") && !query.has("bad"));
        assert_eq!(query.all("tag").collect::<Vec<_>>(), [b"a b", b"c d"]);
        assert_eq!(query.text("none"), "");
    }
}
