//! Operators of other languages, and their equivalents in this one.

/// Signs; longer ones come before their own prefixes.
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

/// A hint for the end of an error, about an expression that continues with `rest`; `before` is the
/// text before it.
pub(super) fn meant(before: &str, rest: &str) -> Option<String> {
    if rest.starts_with('(') && before.ends_with("not") {
        return Some("a blank has to follow \"not\"".to_owned());
    }
    // A correctly spelled word is just in the wrong place.
    let is_own = ["==", "!="].iter().any(|own| rest.starts_with(own)) && !rest.starts_with("===");
    let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign) && !is_own);
    if let Some((_, meant)) = sign {
        return Some(format!("did you mean {meant:?}?"));
    }
    if rest.starts_with(['<', '>']) {
        return Some("filters cannot compare by size; use == or !=".to_owned());
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
