//! Bounds the bodies of calls that are on their way: the memory of WebAssembly ends at 4 GiB, and a program with it.

use std::cell::Cell;
use std::rc::Rc;

use crate::Invalid;

/// Of bodies at once. A call takes several times the length of its body: of many secrets some ten times.
const MAX_BODIES_BYTES: usize = 256 * 1024 * 1024;

/// What the calls of all clients share.
#[derive(Debug, Clone, Default)]
pub struct BodyBudget(Rc<Cell<usize>>);

/// The part of the budget that a call has until it is dropped.
#[derive(Debug)]
pub struct Reservation {
    taken: Rc<Cell<usize>>,
    bytes: usize,
}

impl BodyBudget {
    /// Takes the length of a body from the budget.
    ///
    /// # Errors
    ///
    /// [`Invalid`] without a field where there is too little left.
    pub fn reserve(&self, bytes: usize) -> Result<Reservation, Invalid> {
        let taken = self.0.get().saturating_add(bytes);
        if taken > MAX_BODIES_BYTES {
            return Err(Invalid::new("", "bodies of 256 MiB are on their way"));
        }
        self.0.set(taken);
        Ok(Reservation { taken: Rc::clone(&self.0), bytes })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.taken.set(self.taken.get().saturating_sub(self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_waits_for_room_and_gives_it_back() {
        let budget = BodyBudget::default();
        let most = budget.reserve(MAX_BODIES_BYTES).unwrap();
        assert!(budget.reserve(0).is_ok());
        assert!(budget.reserve(1).unwrap_err().message.contains("256 MiB"));
        drop(most);
        let parts = [budget.reserve(1).unwrap(), budget.clone().reserve(MAX_BODIES_BYTES - 1).unwrap()];
        assert!(budget.reserve(usize::MAX).is_err());
        drop(parts);
        assert_eq!(budget.0.get(), 0);
    }
}
