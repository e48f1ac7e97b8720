//! Turns a patch with deep pointers into one that replaces whole top-level fields.

use super::{Patch, Replace, diff, rules};
use crate::Invalid;
use crate::json::pointer::Pointer;

impl Patch {
    /// Whether an operation points below a top-level field.
    pub fn goes_deep(&self) -> bool {
        self.operations.iter().any(|operation| operation.path.tokens().count() > 1)
    }

    /// The same change in whole top-level fields, for a server that takes no deeper pointer; `after` is the integration
    /// that this patch leads to.
    ///
    /// # Errors
    /// The field is `after` for text that is not a JSON object, and `value` where a field that this patch names is
    /// missing there or is none that a patch may carry: `after` is then not where this patch leads.
    pub fn with_whole_fields(&self, after: &str) -> Result<Self, Invalid> {
        let after = diff::integration("after", after)?;
        let mut whole = Self::new();
        for name in self.operations.iter().filter_map(|operation| operation.path.tokens().next()) {
            let path = Pointer::root().child(&name);
            if !whole.operations.iter().any(|operation: &Replace| operation.path == path) {
                let value = after.get(&name).map_or("null".into(), |value| rules::writable(&path, value));
                whole = whole.replace(path.as_str(), &value)?;
            }
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::Patch;

    fn patch(paths: &[&str]) -> Patch {
        paths.iter().fold(Patch::new(), |patch, path| patch.replace(path, "{}").unwrap())
    }

    #[test]
    fn only_pointers_below_a_field_go_deep() {
        assert!(!Patch::new().goes_deep());
        assert!(!patch(&["/attributes", "/ownerRef"]).goes_deep());
        assert!(patch(&["/attributes", "/attributes/"]).goes_deep());
    }

    #[test]
    fn whole_fields_come_once_with_their_value_after_the_change() {
        let after = r#"{"name":"A","ownerRef":{"id":"o"},"attributes":{"a":1.50,"b":[null]}}"#;
        let whole = patch(&["/attributes/a", "/ownerRef", "/attributes/b/c"]).with_whole_fields(after).unwrap();
        let texts: Vec<_> = whole.operations().iter().map(|one| (one.path().as_str(), one.value())).collect();
        assert_eq!(texts, [("/attributes", r#"{"a":1.50,"b":[null]}"#), ("/ownerRef", r#"{"id":"o"}"#)]);
    }

    #[test]
    fn integration_without_the_field_is_refused() {
        let deep = patch(&["/attributes/a"]);
        let fields = ["[]", "{}", r#"{"attributes":1}"#]
            .map(|after| deep.with_whole_fields(after).unwrap_err().into_inner().field);
        assert_eq!(fields, ["after", "value", "value"]);
    }
}
