//! Blanks the words of panics, of the standard library's and of wasm-bindgen's: nothing reads them once a trap stands where
//! a panic stood.

use walrus::{Data, Module};

const WORDS: [&str; 30] = [
    " but ends at ",
    " but the index is ",
    " is not a char boundary; it is inside ",
    " is out of bounds of `",
    " out of range for slice of length ",
    ") does not match destination slice length (",
    "FnOnce called more than once",
    "Hash table capacity overflow",
    "LazyCell instance has previously been poisoned",
    "RefCell already borrowed",
    "RefCell already mutably borrowed",
    "Tried to shrink to a larger capacity",
    "`async fn` resumed after completion",
    "a Display implementation returned an error unexpectedly",
    "attempt to divide by zero",
    "attempted to take ownership of Rust value while it was borrowed",
    "called `Option::unwrap()` on a `None` value",
    "called `Option::unwrap_throw()` on a `None` value",
    "called `Result::unwrap_throw()` on an `Err` value",
    "cannot remove a char from the end of a string",
    "capacity overflow",
    "closure invoked recursively or after being dropped",
    "copy_from_slice: source slice length (",
    "finish: callbacks should be Some",
    "index out of bounds: the len is ",
    "null pointer passed to rust",
    "range end index ",
    "range start index ",
    "recursive use of an object detected which would lead to unsafe aliasing in rust",
    "slice index starts at ",
];

/// Fills all of them with zeros, which wasm-opt leaves out; gives how many there were.
pub fn blank(module: &mut Module) -> usize {
    let segments: Vec<_> = module.data.iter().map(Data::id).collect();
    segments
        .into_iter()
        .map(|segment| {
            WORDS.iter().map(|words| blank_in(&mut module.data.get_mut(segment).value, words)).sum::<usize>()
        })
        .sum()
}

fn blank_in(data: &mut [u8], words: &str) -> usize {
    let found: Vec<usize> =
        data.windows(words.len()).enumerate().filter(|(_, text)| *text == words.as_bytes()).map(|(at, _)| at).collect();
    for at in &found {
        if let Some(text) = data.get_mut(*at..at + words.len()) {
            text.fill(0);
        }
    }
    found.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_blanked_wherever_they_stand_and_nothing_beside_them() {
        let mut data = b"<range end index >range end<range end index >".to_vec();
        assert_eq!(blank_in(&mut data, "range end index "), 2);
        assert_eq!(data, [b"<", &[0; 16][..], b">range end<", &[0; 16], b">"].concat());
    }
}
