//! Values that keep their place until they are taken out.

/// A list in which places are reused.
pub struct Slab<T> {
    items: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Slab<T> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { items: Vec::new(), free: Vec::new() }
    }

    /// Puts a value in, and tells its place.
    pub fn insert(&mut self, value: T) -> usize {
        match self.free.pop() {
            Some(place) => {
                if let Some(item) = self.items.get_mut(place) {
                    *item = Some(value);
                }
                place
            }
            None => {
                self.items.push(Some(value));
                self.items.len() - 1
            }
        }
    }

    /// The value at a place.
    pub fn get(&self, place: usize) -> Option<&T> {
        self.items.get(place)?.as_ref()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.items.get_mut(place)?.as_mut()
    }

    /// Takes a value out; its place may be another's from then on.
    pub fn remove(&mut self, place: usize) {
        if self.items.get_mut(place).is_some_and(|item| item.take().is_some()) {
            self.free.push(place);
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.free.len() == self.items.len()
    }

    /// All values.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().flatten()
    }
}
