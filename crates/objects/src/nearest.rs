//! Which of the known words a mistyped one is meant to be.

/// Longest word that is compared. Longer ones are not taken for typos.
const LONGEST: usize = 64;

/// Returns the known word that is nearest to one that is not known, if one is near: the first of those
/// with the fewest typing errors (a letter too many, missing, wrong, or two in the wrong order), or, if it has
/// several of those, the first one that it begins. Case does not count.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    let mut begun = None;
    for candidate in known {
        let letters: Vec<char> = candidate.to_lowercase().chars().take(LONGEST).collect();
        let most = word.len().max(letters.len()).div_ceil(4);
        let errors = errors(&word, &letters);
        // Two letters that are both wrong are another word.
        if errors <= most && errors < word.len() && best.is_none_or(|(least, _)| errors < least) {
            best = Some((errors, candidate));
        }
        if word.len() > 2 && begun.is_none() && letters.starts_with(&word) {
            begun = Some(candidate);
        }
    }
    match (best, begun) {
        (Some((..=1, candidate)), _) | (_, Some(candidate)) => Some(candidate),
        (best, None) => best.map(|(_, candidate)| candidate),
    }
}

/// The number of typing errors between two words.
fn errors(a: &[char], b: &[char]) -> usize {
    // The two rows before, and the current one.
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    let mut previous = None;
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let at = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut least = at(&last, j) + usize::from(x != y);
            least = least.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = previous == Some(y) && j > 0 && b.get(j - 1) == Some(&x);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        previous = Some(x);
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typos_are_found_and_other_words_are_not() {
        let known = ["kv", "keys", "nodes", "services", "sessions", "config-entries", "policies"];
        for (word, meant) in [
            ("kvs", Some("kv")),
            ("node", Some("nodes")),
            ("ndoes", Some("nodes")),
            ("serivces", Some("services")),
            ("SERVCES", Some("services")),
            ("config", Some("config-entries")),
            ("config_entries", Some("config-entries")),
            ("polices", Some("policies")),
            ("", None),
            ("x", None),
            ("coffee", None),
            ("s", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
        assert_eq!(nearest(&"k".repeat(100_000), known), None);
    }

    proptest! {
        #[test]
        fn errors_are_a_distance(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let (x, y) = (chars(&a), chars(&b));
            prop_assert_eq!(errors(&x, &y), errors(&y, &x));
            prop_assert_eq!(errors(&x, &y) == 0, a == b);
            prop_assert!(errors(&x, &y) <= x.len().max(y.len()));
        }
    }
}
