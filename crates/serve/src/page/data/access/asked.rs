//! The question in a request.

use super::super::super::ask::{Ask, quoted};
use super::super::super::reply::Reply;
use snapscope_analyze::acl::Question;
use snapscope_objects::printable::one_line;

/// The words of a question.
pub(super) struct Asked {
    resource: String,
    access: String,
    segment: String,
}

impl Asked {
    pub(super) fn of(ask: &Ask<'_>) -> Self {
        let [resource, access, segment] =
            ["resource", "access", "segment"].map(|name| ask.text(name));
        Self { resource, access, segment }
    }

    pub(super) fn question(&self) -> Result<Question<'_>, Reply> {
        Question::parse(&self.resource, &self.access, &self.segment)
            .map_err(|error| Reply::error(400, error.to_string()))
    }

    /// As part of a sentence: `read key "app/color"`.
    pub(super) fn sentence(&self) -> String {
        let Self { resource, access, segment } = self;
        match self.question() {
            Ok(question) if question.resource().has_segments() => {
                format!("{access} {resource} \"{}\"", one_line(segment.as_bytes()))
            }
            _ => format!("{access} {resource}"),
        }
    }

    /// As words on a command line.
    pub(super) fn command(&self) -> String {
        let Self { resource, access, segment } = self;
        match self.question() {
            Ok(question) if question.resource().has_segments() => {
                format!("{resource} {access} {}", quoted(segment.as_bytes(), "SEGMENT"))
            }
            _ => format!("{resource} {access}"),
        }
    }
}
