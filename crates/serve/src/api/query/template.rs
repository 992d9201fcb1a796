//! Query templates: texts with `${name.full}`, `${match(1)}` and the like.

use regex::Regex;
use snapscope_objects::json::Sink;
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node};

/// The values for the texts of a template.
pub(in crate::api) struct Template {
    full: String,
    prefix: String,
    suffix: String,
    matches: Vec<String>,
    removes_empty_tags: bool,
}

impl Template {
    /// The values for a name that leads to the query.
    pub(super) fn of(query: &Row, name: &str) -> Self {
        let prefix = String::from_utf8_lossy(query.text("Name")).into_owned();
        let suffix = name.get(prefix.len()..).unwrap_or("").to_owned();
        let text =
            |field: &str| query.object().at(["Template", field]).and_then(|node| node.text());
        let pattern = text("Regexp").map(|text| String::from_utf8_lossy(text).into_owned());
        let pattern = pattern.filter(|pattern| !pattern.is_empty());
        let regex = pattern.and_then(|pattern| Regex::new(&pattern).ok());
        let found = regex.as_ref().and_then(|regex| regex.captures(name));
        let matches = found.map_or_else(Vec::new, |groups| {
            groups.iter().map(|group| group.map_or("", |g| g.as_str()).to_owned()).collect()
        });
        let removes = query.object().at(["Template", "RemoveEmptyTags"]);
        let removes_empty_tags =
            removes.is_some_and(|node| matches!(node.json(), Json::Bool(true)));
        Self { full: name.to_owned(), prefix, suffix, matches, removes_empty_tags }
    }

    /// Writes a value with its texts filled in; `name` is the name of the member.
    pub(in crate::api) fn render<S: Sink>(&self, name: &[u8], value: Node<'_>, sink: &mut S) {
        match value.json() {
            Json::Text(text) => sink.text(self.filled(&String::from_utf8_lossy(text)).as_bytes()),
            Json::List(items) => {
                sink.begin_list();
                for item in items {
                    let text = item.text().map(|text| self.filled(&String::from_utf8_lossy(text)));
                    let is_dropped = self.removes_empty_tags
                        && name == b"Tags"
                        && text.is_some_and(|text| text.is_empty());
                    if !is_dropped {
                        self.render(name, item, sink);
                    }
                }
                sink.end_list();
            }
            Json::Object(members) => {
                sink.begin_object();
                for (name, value) in members {
                    sink.key(name);
                    self.render(name, value, sink);
                }
                sink.end_object();
            }
            _ => value.render(sink),
        }
    }

    /// A text with its variables replaced. Malformed variables stay unchanged.
    pub(in crate::api) fn filled(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, variable) = rest.split_at(at);
            // Two dollar signs are an escaped one, not a variable.
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = variable.get(2..).unwrap_or("");
                continue;
            }
            let Some(end) = variable.find('}') else { break };
            out.push_str(before);
            let expression = variable.get(2..end).unwrap_or("").trim();
            match self.value(expression) {
                Some(value) => out.push_str(value),
                None => out.push_str(variable.get(..=end).unwrap_or("")),
            }
            rest = variable.get(end + 1..).unwrap_or("");
        }
        out.push_str(rest);
        out
    }

    fn value(&self, expression: &str) -> Option<&str> {
        match expression {
            "name.full" => Some(&self.full),
            "name.prefix" => Some(&self.prefix),
            "name.suffix" => Some(&self.suffix),
            // The segment of the answering agent. Only Enterprise has other segments.
            "agent.segment" => Some(""),
            other => {
                let number = other.strip_prefix("match(")?.strip_suffix(')')?.trim();
                let number: usize = number.parse().ok()?;
                Some(self.matches.get(number).map_or("", String::as_str))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in() {
        let template = Template {
            full: "geo-web-v2".to_owned(),
            prefix: "geo-".to_owned(),
            suffix: "web-v2".to_owned(),
            matches: vec!["geo-web-v2".to_owned(), "web".to_owned()],
            removes_empty_tags: false,
        };
        for (text, filled) in [
            ("${name.suffix}", "web-v2"),
            ("a-${ name.full }-${match(1)}${match(7)}.", "a-geo-web-v2-web."),
            ("$${name.full}", "${name.full}"),
            ("${nope} ${", "${nope} ${"),
        ] {
            assert_eq!(template.filled(text), filled);
        }
    }
}
