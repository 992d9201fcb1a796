//! Operators of other languages, and what this one has in their place.

/// Signs, longer ones before those that they begin with.
const SIGNS: [(&str, &str); 10] = [
    ("===", "=="),
    ("=~", "matches"),
    ("!~", "not matches"),
    ("<>", "!="),
    ("&&", "and"),
    ("||", "or"),
    ("=", "=="),
    ("!", "not"),
    ("~", "matches"),
    (":", "=="),
];

/// Words, in any case.
const WORDS: [(&str, &str); 15] = [
    ("and", "and"),
    ("or", "or"),
    ("not", "not"),
    ("in", "in"),
    ("contains", "contains"),
    ("matches", "matches"),
    ("like", "matches"),
    ("regex", "matches"),
    ("regexp", "matches"),
    ("match", "matches"),
    ("has", "contains"),
    ("contain", "contains"),
    ("includes", "contains"),
    ("equals", "=="),
    ("eq", "=="),
];

/// What was meant where an expression goes on with `rest`, as the end of an error; `before` is the text in
/// front of it.
pub(super) fn meant(before: &str, rest: &str) -> Option<String> {
    if rest.starts_with('(') && before.ends_with("not") {
        return Some("a blank has to follow \"not\"".to_owned());
    }
    // What is spelled right is wrong in this place.
    let is_own = ["==", "!="].iter().any(|own| rest.starts_with(own)) && !rest.starts_with("===");
    let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign) && !is_own);
    if let Some((_, meant)) = sign {
        return Some(format!("did you mean {meant:?}?"));
    }
    if rest.starts_with(['<', '>']) {
        return Some("values have no order; use == or !=".to_owned());
    }
    let mut words = rest.split_ascii_whitespace().map(str::to_ascii_lowercase);
    let first = words.next()?;
    if first == "is" {
        let not = words.next().filter(|word| word == "not");
        let (list, text) = if not.is_some() { ("is not empty", "!=") } else { ("is empty", "==") };
        return Some(format!("use {list:?} with lists and maps, and {text} \"\" with text"));
    }
    let is_word = |(word, meant): &&(&str, &str)| first == *word && !rest.starts_with(meant);
    WORDS.iter().find(is_word).map(|(_, meant)| format!("did you mean {meant:?}?"))
}
