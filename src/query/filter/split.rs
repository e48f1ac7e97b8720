//! Cuts a filter that is too long for a URL into filters that fit, along its longest `in`.

use std::ops::Range;

use super::expression::Filter;
use super::field::{Field, Operator};
use super::print;
use super::tree::{Kind, Test};
use crate::Invalid;
use crate::text::decimal::decimal;

/// Percent-encoded, the comma between two values.
const COMMA_LEN: usize = "%2C".len();

/// Filters that together match what one matches: its only chunk is itself where it fits.
///
/// No integration matches two chunks of one moment, since a field has one value.
#[derive(Debug, Clone)]
pub struct Chunks {
    whole: Filter,
    list: Option<List>,
}

/// The `in` that is cut.
#[derive(Clone)]
struct List {
    /// Its place among the operands of the outermost `and`; 0 where it stands alone.
    place: usize,
    field: Field,
    /// Each value once.
    values: Vec<String>,
    /// Where each chunk's values end.
    ends: Vec<usize>,
}

impl Chunks {
    pub(crate) fn of(filter: &Filter, max_encoded_len: usize) -> Result<Self, Invalid> {
        let whole_len = encoded_len(&print::text(filter));
        if whole_len <= max_encoded_len {
            return Ok(Self { whole: filter.clone(), list: None });
        }
        let list = longest_in(filter).and_then(|(place, test, list_len)| {
            let room = max_encoded_len.checked_sub(whole_len - list_len)?;
            let values = deduplicated(&test.values);
            let ends = chunk_ends(&values, room)?;
            Some(List { place, field: test.field, values, ends })
        });
        match list {
            Some(_) => Ok(Self { whole: filter.clone(), list }),
            None => Err(too_long(whole_len, max_encoded_len)),
        }
    }

    /// How many there are: one or more.
    #[expect(clippy::len_without_is_empty, reason = "there is always a chunk")]
    pub fn len(&self) -> usize {
        self.list.as_ref().map_or(1, |list| list.ends.len())
    }

    /// The chunk at this place, counted from 0.
    pub fn get(&self, place: usize) -> Option<Filter> {
        match &self.list {
            None => (place == 0).then(|| self.whole.clone()),
            Some(list) => list.range(place).map(|range| self.with_values(list, range)),
        }
    }

    /// The chunk at this place and all after it as one filter, which may be too long for a URL. Splitting it to the same
    /// length gives these chunks again.
    pub fn rest(&self, place: usize) -> Option<Filter> {
        match &self.list {
            None => (place == 0).then(|| self.whole.clone()),
            Some(list) => list.range(place).map(|range| self.with_values(list, range.start..list.values.len())),
        }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Filter> + '_ {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// How many integrations can match the chunk at most, where its values say: an id is one integration's.
    pub(crate) fn most_matches(&self, place: usize) -> Option<u64> {
        let list = self.list.as_ref().filter(|list| list.field == Field::Id)?;
        list.range(place).map(|range| range.len() as u64)
    }

    fn with_values(&self, list: &List, range: Range<usize>) -> Filter {
        let values = list.values.get(range).unwrap_or_default().to_vec();
        let part = Filter::part(Kind::Test(Test { field: list.field, operator: Operator::In, values }));
        let Kind::All(operands) = self.whole.kind() else { return part };
        let mut operands = operands.clone();
        if let Some(operand) = operands.get_mut(list.place) {
            *operand = part;
        }
        Filter::part(Kind::All(operands))
    }
}

impl List {
    fn range(&self, place: usize) -> Option<Range<usize>> {
        let start = place.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.ends.get(place).map(|end| start..*end)
    }
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.ends).finish()
    }
}

/// The longest `in` that can be cut, its place, and the encoded length of its values and commas.
fn longest_in(filter: &Filter) -> Option<(usize, &Test, usize)> {
    let operands = match filter.kind() {
        Kind::All(operands) => operands,
        _ => std::slice::from_ref(filter),
    };
    let mut longest: Option<(usize, &Test, usize)> = None;
    for (place, operand) in operands.iter().enumerate() {
        let Kind::Test(test) = operand.kind() else { continue };
        let mut len = test.values.len().saturating_sub(1) * COMMA_LEN;
        for value in &test.values {
            len += encoded_value_len(value);
        }
        if test.operator == Operator::In && longest.is_none_or(|(_, _, most)| len > most) {
            longest = Some((place, test, len));
        }
    }
    longest
}

/// As many values as fit go into each chunk; nothing where one value alone does not.
fn chunk_ends(values: &[String], room: usize) -> Option<Vec<usize>> {
    let mut ends = Vec::new();
    let mut left = room + COMMA_LEN;
    for (place, value) in values.iter().enumerate() {
        let len = encoded_value_len(value) + COMMA_LEN;
        if len > left {
            ends.push(place);
            left = room + COMMA_LEN;
        }
        left = left.checked_sub(len)?;
    }
    ends.push(values.len());
    Some(ends)
}

fn encoded_value_len(value: &str) -> usize {
    let mut text = String::new();
    print::value(value, &mut text);
    encoded_len(&text)
}

/// The length of what `percent::encode` makes of a text.
fn encoded_len(text: &str) -> usize {
    let mut len = text.len() * 3;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            len -= 2;
        }
    }
    len
}

/// The first of each set of values that are the same without regard to case, in order.
fn deduplicated(values: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(values.len());
    // An open hash table of places in `kept`, one up; half of it stays 0, which is free.
    let mut table = vec![0_usize; (values.len() * 2).next_power_of_two()];
    for value in values {
        let mut slot = hash(value);
        loop {
            slot &= table.len() - 1;
            let Some(entry) = table.get_mut(slot) else { break };
            match entry.checked_sub(1).and_then(|place| kept.get(place)) {
                None => {
                    kept.push(value.clone());
                    *entry = kept.len();
                    break;
                }
                Some(before) if before.eq_ignore_ascii_case(value) => break,
                Some(_) => slot += 1,
            }
        }
    }
    kept
}

fn hash(value: &str) -> usize {
    let mut hash = 0_usize;
    for byte in value.bytes() {
        hash = (hash.rotate_left(5) ^ usize::from(byte.to_ascii_lowercase())).wrapping_mul(0x9E37_79B1);
    }
    hash
}

fn too_long(len: usize, max: usize) -> Invalid {
    let what = ["filters must fit a URL, where ", &decimal(max as u64), " characters are left, but takes "].concat();
    let why = ", and no `in` at its top can be cut into parts that do";
    Invalid::new("filters", [&what, &decimal(len as u64), why].concat())
}

#[cfg(test)]
mod tests {
    use super::{Chunks, encoded_len};
    use crate::query::{Field, Filter};
    use crate::text::percent;

    fn texts(chunks: &Chunks) -> Vec<String> {
        chunks.iter().map(|chunk| chunk.to_string()).collect()
    }

    #[test]
    fn what_fits_is_its_only_chunk() {
        let filter = Filter::parse(r#"id in ("a","A")"#).unwrap();
        let len = percent::encode(&filter.to_string()).len();
        assert_eq!(texts(&filter.split(len).unwrap()), [r#"id in ("a","A")"#]);
        assert_eq!(texts(&filter.split(len - 1).unwrap()), [r#"id in ("a")"#]);
    }

    #[test]
    fn chunks_keep_order_and_say_each_value_once() {
        let filter = Filter::is_in(Field::Id, &["a", "b", "B", "c", "A", "d", "e"]).unwrap();
        let room = percent::encode(r#"id in ("a","b")"#).len();
        let chunks = filter.split(room).unwrap();
        assert_eq!(texts(&chunks), [r#"id in ("a","b")"#, r#"id in ("c","d")"#, r#"id in ("e")"#]);
        assert_eq!(chunks.rest(1).unwrap().to_string(), r#"id in ("c","d","e")"#);
        assert_eq!(chunks.rest(2), chunks.get(2));
        assert_eq!((chunks.rest(3), chunks.get(3)), (None, None));
        assert_eq!(texts(&chunks.rest(1).unwrap().split(room).unwrap()), texts(&chunks)[1..]);
    }

    #[test]
    fn longest_in_of_the_outermost_and_is_cut() {
        let whole = Filter::parse(r#"type in ("x","y") and id in ("aaaa","bbbb","cccc") and not name eq "n""#).unwrap();
        let first = r#"type in ("x","y") and id in ("aaaa","bbbb") and not name eq "n""#;
        let second = r#"type in ("x","y") and id in ("cccc") and not name eq "n""#;
        let chunks = whole.split(percent::encode(first).len()).unwrap();
        assert_eq!(texts(&chunks), [first, second]);
        assert_eq!((chunks.most_matches(0), chunks.most_matches(1)), (Some(2), Some(1)));
    }

    #[test]
    fn only_ids_bound_the_matches() {
        let filter = Filter::parse(r#"type in ("aaaa","bbbb")"#).unwrap();
        assert_eq!(filter.split(40).unwrap().most_matches(0), None);
    }

    #[test]
    fn what_has_no_in_at_its_top_is_refused() {
        for text in
            [r#"name eq "aaaaaaaaaa""#, r#"not id in ("aaaa","bbbb")"#, r#"id in ("aaaa","bbbb") or name eq "n""#]
        {
            let error = Filter::parse(text).unwrap().split(27).unwrap_err();
            assert_eq!((&*error.field, error.position), ("filters", None));
        }
        assert_eq!(
            Filter::parse(r#"name eq "aaaaaaaaaa""#).unwrap().split(27).unwrap_err().message,
            "filters must fit a URL, where 27 characters are left, but takes 28, and no `in` at its top can be cut into parts that do"
        );
    }

    #[test]
    fn one_value_that_does_not_fit_is_refused() {
        let filter = Filter::is_in(Field::Id, &["a", "bbbbbbbbbbbb"]).unwrap();
        let room = percent::encode(r#"id in ("bbbbbbbbbbbb")"#).len();
        assert_eq!(filter.split(room).unwrap().len(), 2);
        assert!(filter.split(room - 1).is_err());
        assert!(filter.split(0).is_err());
    }

    #[test]
    fn encoded_length_is_that_of_the_encoded_text() {
        for text in ('\0'..='\u{FF}').map(String::from).chain(["😀é a~".to_owned()]) {
            assert_eq!(encoded_len(&text), percent::encode(&text).len(), "{text:?}");
        }
    }

    #[test]
    fn raw_text_is_not_cut() {
        assert!(Filter::raw(r#"id in ("aaaa","bbbb")"#).unwrap().split(20).is_err());
    }
}
