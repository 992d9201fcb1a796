//! `acl check`: an answer for each of many questions.

use super::super::super::ask::{Ask, shown};
use super::super::super::reply::Reply;
use super::basis::{basis, readable};
use serde_json::{Map, Value, json};

/// Maximum number of questions answered.
const QUESTIONS: usize = 500;

pub(in super::super) fn check(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let text = ask.text("questions");
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let resolver = ask.view.authorizer.resolver();
    let mut rows = Vec::new();
    for (at, line) in lines.take(QUESTIONS) {
        let question: Map<String, Value> = serde_json::from_str(line).map_err(|error| {
            Reply::error(400, format!("Line {} is not a JSON object: {error}", at + 1))
        })?;
        let field = |name: &str| question.get(name).and_then(Value::as_str).unwrap_or("");
        let [accessor, resource, access, segment] =
            ["AccessorID", "Resource", "Access", "Segment"].map(field);
        let answer = resolver.authorize(accessor, resource, access, segment);
        rows.push(json!({
            "accessor": shown(accessor.as_bytes()),
            "resource": shown(resource.as_bytes()),
            "access": shown(access.as_bytes()),
            "segment": shown(segment.as_bytes()),
            "allow": answer.as_ref().ok(),
            "error": answer.as_ref().err().map(|error| shown(error.as_bytes())),
        }));
    }
    Ok(json!({
        "rows": rows,
        "basis": basis(ask),
        "command": format!("{} < questions.jsonl", ask.command("acl check")),
    }))
}
