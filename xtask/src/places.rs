//! Blanks the places in the sources that panics would tell: compiled code hands them on, and nothing reads them once a
//! trap stands where a panic stood.

use std::ops::Range;

use walrus::ir::Value;
use walrus::{ConstExpr, Data, DataKind, Module};

/// The `core::panic::Location` of a 32-bit target: address and length of the path, line, column.
const SIZE: usize = 16;

/// Fills every place, and every path that one tells, with zeros, which wasm-opt leaves out; gives the number of places.
pub fn blank(module: &mut Module) -> usize {
    let mut count = 0;
    let segments: Vec<_> = module.data.iter().map(Data::id).collect();
    for segment in segments {
        let data = module.data.get_mut(segment);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = data.kind else { continue };
        let places = places(&data.value, start.cast_unsigned() as usize);
        count += places.len();
        for range in places.into_iter().flatten() {
            if let Some(bytes) = data.value.get_mut(range) {
                bytes.fill(0);
            }
        }
    }
    count
}

/// Where each place stands in the data, and its path.
fn places(data: &[u8], start: usize) -> Vec<[Range<usize>; 2]> {
    let words: Vec<usize> = data.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word) as usize).collect();
    let place = |(index, fields): (usize, &[usize])| {
        let &[address, length, line, column] = fields else { return None };
        let from = address.checked_sub(start)?;
        let path = from..from.checked_add(length)?;
        let is_place = line > 0 && column > 0 && is_path(data.get(path.clone())?);
        is_place.then_some([4 * index..4 * index + SIZE, path])
    };
    words.windows(SIZE / 4).enumerate().filter_map(place).collect()
}

fn is_path(text: &[u8]) -> bool {
    text.ends_with(b".rs") && text.contains(&b'/') && text.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u32 = 1024;

    /// Two texts, and after them an address, a length, a line and a column.
    fn data(address: u32, length: u32, line: u32) -> Vec<u8> {
        let mut data = b"src/a.rsa/text__".to_vec();
        data.extend([START + address, length, line, 9].into_iter().flat_map(u32::to_le_bytes));
        data
    }

    fn blanked(value: Vec<u8>) -> (usize, Vec<u8>) {
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 1, None, None);
        let offset = ConstExpr::Value(Value::I32(START.cast_signed()));
        module.data.add(DataKind::Active { memory, offset }, value);
        let count = blank(&mut module);
        (count, module.data.iter().next().unwrap().value.clone())
    }

    #[test]
    fn a_place_and_its_path_are_blanked_and_nothing_beside_them() {
        let (count, value) = blanked(data(0, 8, 7));
        assert_eq!((count, value), (1, [&[0; 8][..], b"a/text__", &[0; 16]].concat()));
    }

    #[test]
    fn what_is_no_place_stays() {
        for other in [data(0, 8, 0), data(8, 6, 7), data(4, 4, 7), data(0, 99, 7), data(u32::MAX - START, 8, 7)] {
            assert_eq!(blanked(other.clone()), (0, other));
        }
    }
}
