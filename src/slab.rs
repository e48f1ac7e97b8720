//! Values that keep their place until it is given up.

/// A list in which places are reused.
#[derive(Debug)]
pub struct Slab<T> {
    items: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Slab<T> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { items: Vec::new(), free: Vec::new() }
    }

    /// Puts a value in, and gives its place.
    pub fn insert(&mut self, value: T) -> usize {
        let Some(place) = self.free.pop() else {
            self.items.push(Some(value));
            return self.items.len() - 1;
        };
        self.put_back(place, value);
        place
    }

    /// The value at a place.
    pub fn get(&self, place: usize) -> Option<&T> {
        self.items.get(place)?.as_ref()
    }

    /// The value at a place, to be changed.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.items.get_mut(place)?.as_mut()
    }

    /// Takes a value out for a while: its place stays taken.
    pub fn take(&mut self, place: usize) -> Option<T> {
        self.items.get_mut(place)?.take()
    }

    /// Puts a value into a place that it, or another one, was taken from.
    pub fn put_back(&mut self, place: usize, value: T) {
        if let Some(item) = self.items.get_mut(place) {
            *item = Some(value);
        }
    }

    /// Gives up a place whose value was taken.
    pub fn give_up(&mut self, place: usize) {
        self.free.push(place);
    }

    /// Takes a value out for good.
    pub fn remove(&mut self, place: usize) -> Option<T> {
        let value = self.take(place)?;
        self.give_up(place);
        Some(value)
    }

    /// How many places are taken.
    pub fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// How many places there are, free ones included.
    pub fn places(&self) -> usize {
        self.items.len()
    }

    /// All values, with their places.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.items.iter().enumerate().filter_map(|(place, item)| item.as_ref().map(|value| (place, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_reused_when_it_was_given_up() {
        let mut slab = Slab::new();
        assert_eq!([slab.insert('a'), slab.insert('b')], [0, 1]);
        assert_eq!((slab.take(0), slab.get(0).copied(), slab.insert('c')), (Some('a'), None, 2));
        slab.put_back(0, 'd');
        assert_eq!((slab.remove(0), slab.remove(0), slab.insert('e')), (Some('d'), None, 0));
        assert_eq!(slab.iter().collect::<Vec<_>>(), [(0, &'e'), (1, &'b'), (2, &'c')]);
        assert_eq!((slab.len(), slab.places(), slab.get_mut(9)), (3, 3, None));
    }
}
