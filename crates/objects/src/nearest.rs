//! Finds the known word that a mistyped one probably means.

/// Maximum length of a compared word. Longer ones are not treated as typos.
const LONGEST: usize = 64;

/// Returns the known word that is closest to an unknown one, if any is close: the one with the
/// fewest typing errors (a letter too many, missing, wrong, or two swapped). If that takes more
/// than one error, the first word that starts with the unknown one comes before it. Case does not
/// matter.
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
        // Two wrong letters make another word.
        let most = most.min(word.len() - 1);
        if let Some(errors) = errors(&word, &letters, most)
            && best.is_none_or(|(least, _)| errors < least)
        {
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

/// The same for names with slashes, such as keys: the rest after the equal parts has to be similar,
/// however long those parts are.
#[must_use]
pub fn nearest_name<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let is_similar = |known: &&str| {
        let equal = name.bytes().zip(known.bytes()).take_while(|(a, b)| a == b).count();
        let start = name.get(..equal).and_then(|equal| equal.rfind('/')).map_or(0, |at| at + 1);
        let rest = |name: &str| name.get(start..).unwrap_or_default().to_owned();
        nearest(&rest(name), [rest(known).as_str()]).is_some()
    };
    nearest(name, known.into_iter().filter(is_similar))
}

/// The number of typing errors between two words, if it is not above `most`.
fn errors(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
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
        // Two letters in the wrong order look back to the row before the last.
        let is_over = |row: &[usize]| row.iter().all(|errors| *errors > most);
        if is_over(&row) && is_over(&last) {
            return None;
        }
        previous = Some(x);
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|errors| *errors <= most)
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

    #[test]
    fn names_differ_in_a_part() {
        let known = ["kv/vault/core/ads/9", "kv/app/web", "config/prod/app.json"];
        assert_eq!(nearest_name("kv/vault/core/none", known), None);
        assert_eq!(nearest_name("config/prod/ap.json", known), Some("config/prod/app.json"));
        assert_eq!(nearest_name("confg/prod/app.json", known), Some("config/prod/app.json"));
        assert_eq!(nearest_name("kv/app/wbe", known), Some("kv/app/web"));
        assert_eq!(nearest_name("kv/ä/web", ["kv/ö/web"]), Some("kv/ö/web"));
    }

    proptest! {
        #[test]
        fn errors_are_a_distance(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let (x, y) = (chars(&a), chars(&b));
            let errors = |a: &[char], b: &[char]| errors(a, b, usize::MAX).unwrap();
            prop_assert_eq!(errors(&x, &y), errors(&y, &x));
            prop_assert_eq!(errors(&x, &y) == 0, a == b);
            prop_assert!(errors(&x, &y) <= x.len().max(y.len()));
        }
    }
}
