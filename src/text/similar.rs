//! Finds the name that a mistyped one was meant to be.

/// The known name that is nearest to `name`, where a few edits make one of the other; letters' case does not count.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let may_be_near = |known: &&&'k str| known.len().abs_diff(name.len()) <= most_edits(known);
    let measured = known.iter().filter(may_be_near).map(|known| (edits(name, known), *known));
    measured.min_by_key(|near| near.0).filter(|(edits, known)| *edits <= most_edits(known)).map(|near| near.1)
}

/// The known name that is meant by one that is probably none of its own: it has the same letters in another case, or, from six letters on,
/// one that is missing, wrong or too many before the last, or two that changed places.
pub fn misspelled<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let is_meant = |known: &&&'k str| {
        let goes_on = name.starts_with(**known) || known.starts_with(name);
        known.eq_ignore_ascii_case(name)
            || known.len() >= 6
                && !goes_on
                && (edits(name, known) == 1 || is_swapped(name.as_bytes(), known.as_bytes()))
    };
    known.iter().filter(|known| known.len().abs_diff(name.len()) <= 1).find(is_meant).copied()
}

/// Whether two letters that follow each other have changed places.
fn is_swapped(from: &[u8], to: &[u8]) -> bool {
    let place = from.iter().zip(to).position(|(one, other)| !one.eq_ignore_ascii_case(other)).unwrap_or_default();
    let mut swapped = from.to_vec();
    if let Some(two) = swapped.get_mut(place..place + 2) {
        two.reverse();
    }
    swapped.eq_ignore_ascii_case(to)
}

/// More edits than this make another word: a long one stays itself for longer.
fn most_edits(known: &str) -> usize {
    match known.len() {
        0..=2 => 1,
        3..12 => 2,
        _ => 3,
    }
}

/// Levenshtein's distance in bytes, without regard to ASCII case.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (taken, byte) in from.bytes().enumerate() {
        let (mut diagonal, mut left) = (taken, taken + 1);
        for (above, other) in row.iter_mut().skip(1).zip(to.bytes()) {
            let changed = diagonal + usize::from(!byte.eq_ignore_ascii_case(&other));
            diagonal = *above;
            left = changed.min(left + 1).min(diagonal + 1);
            *above = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{edits, misspelled, nearest};

    #[test]
    fn edits_are_levenshtein() {
        for (from, to, distance) in
            [("name", "Name", 0), ("", "id", 2), ("nmae", "name", 2), ("kitten", "sitting", 3), ("names", "name", 1)]
        {
            assert_eq!(edits(from, to), distance, "{from} {to}");
        }
    }

    #[test]
    fn what_may_be_a_name_of_its_own_is_not_misspelled() {
        let meant = |name: &str| misspelled(name, &["id", "name", "ownerRef", "managedResourceRefs"]);
        for (name, known) in [
            ("ID", "id"),
            ("NAME", "name"),
            ("ownerref", "ownerRef"),
            ("onwerref", "ownerRef"),
            ("owneRef", "ownerRef"),
            ("ownerRaf", "ownerRef"),
            ("managedSResourceRefs", "managedResourceRefs"),
        ] {
            assert_eq!(meant(name), Some(known), "{name}");
        }
        for other in
            ["ids", "same", "nmae", "mode", "ownerId", "ownerReff", "managedSourceRefs", "provisioningRefs", "nam", ""]
        {
            assert_eq!(meant(other), None, "{other}");
        }
    }

    #[test]
    fn two_edits_are_near_and_three_are_not() {
        let known = ["id", "name", "type", "cluster"];
        let near = |name: &str| nearest(name, &known);
        assert_eq!(near("nmae"), Some("name"));
        assert_eq!(near("cluters"), Some("cluster"));
        assert_eq!(near("ids"), Some("id"));
        assert_eq!(near("cltrs"), None);
        assert_eq!(near("xy"), None);
        assert_eq!(nearest("beforeProvisionRule", &["beforeProvisioningRule"]), Some("beforeProvisioningRule"));
        assert_eq!(near(&"n".repeat(1_000_000)), None);
    }
}
