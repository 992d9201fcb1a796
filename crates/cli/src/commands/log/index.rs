//! An index on the command line, before the log.

use std::path::Path;

/// Reads an index. Words that look like something else are named as what they are.
pub(crate) fn index(text: &str) -> Result<u64, String> {
    if let Ok(index) = text.parse() {
        return Ok(index);
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    Err(if Path::new(text).exists() {
        format!("{text:?} is not an index; INDEX comes before DATA_DIR")
    } else if text.contains([',', '-']) && text.split([',', '-']).all(is_number) {
        format!("{text:?} is not an index; name each index, separated by spaces: 957 958")
    } else if is_number(text) {
        format!("the index {text:?} is too large")
    } else {
        format!("{text:?} is not an index, such as 12345")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_index_is_explained() {
        assert_eq!(index("958"), Ok(958));
        for (text, says) in [
            ("957-958", "separated by spaces"),
            ("957,958", "separated by spaces"),
            (".", "INDEX comes before DATA_DIR"),
            ("99999999999999999999", "too large"),
            ("-", "is not an index, such as"),
            ("", "is not an index, such as"),
        ] {
            assert!(index(text).unwrap_err().contains(says), "{text}");
        }
    }
}
