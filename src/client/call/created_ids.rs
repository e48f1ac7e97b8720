//! What one client has made, so that none of its creates finds what another was given.

use std::cell::RefCell;
use std::rc::Rc;

use super::reconcile;

/// More creates than this are not on their way at once.
const REMEMBERED: usize = 250;

/// The ids of what the creates of one client have made lately, each of them by one create.
#[derive(Debug, Clone, Default)]
pub struct CreatedIds(Rc<RefCell<Vec<String>>>);

impl CreatedIds {
    /// Whether one of them has made it.
    pub fn hold(&self, id: &str) -> bool {
        self.0.borrow().iter().any(|made| made == id)
    }

    /// Takes in what one of them has made: the JSON text of an integration.
    pub fn add(&self, integration: &str) {
        // One without an id is told from no other.
        let Some(id) = reconcile::id_of(integration).filter(|id| !id.is_empty()) else { return };
        let mut made = self.0.borrow_mut();
        if made.len() == REMEMBERED {
            made.remove(0);
        }
        made.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered_and_no_more() {
        let created_ids = CreatedIds::default();
        for number in 0..=REMEMBERED {
            created_ids.clone().add(&format!(r#"{{"id":"{number}"}}"#));
        }
        assert!(!created_ids.hold("0") && created_ids.hold("1") && created_ids.hold("250") && !created_ids.hold("251"));
        assert_eq!(created_ids.0.borrow().len(), REMEMBERED);
    }

    #[test]
    fn what_has_no_id_is_nobodys() {
        let created_ids = CreatedIds::default();
        for text in ["{}", r#"{"id":""}"#, r#"{"id":1}"#, "[", ""] {
            created_ids.add(text);
        }
        assert!(!created_ids.hold("") && created_ids.0.borrow().is_empty());
    }
}
