//! Names the fields and operators that the list operation takes.

use crate::text::similar::nearest;

/// A field that the list operation filters by.
///
/// API: the parameter `filters` of `getServiceDeskIntegrations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The server's id: eq, in.
    Id,
    /// The unique name: eq.
    Name,
    /// The integration's type, such as `ServiceNow SDIM`: eq, in.
    Type,
    /// The id of the VA cluster: eq, in.
    Cluster,
}

impl Field {
    /// All of them, in the document's order.
    pub const ALL: [Self; 4] = [Self::Id, Self::Name, Self::Type, Self::Cluster];

    /// The field with this name, which is case-sensitive.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Its name in a filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Type => "type",
            Self::Cluster => "cluster",
        }
    }

    /// Whether `in` may be used with it: with all but the name. `eq` may always be.
    pub fn takes_in(self) -> bool {
        self != Self::Name
    }
}

/// What the list operation compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// One value.
    Eq,
    /// A list.
    In,
}

/// Operators of the API's grammar that the list operation does not take.
const OTHERS: [&str; 10] = ["ne", "gt", "ge", "lt", "le", "co", "sw", "ca", "pr", "isnull"];

impl Operator {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Eq, Self::In].into_iter().find(|operator| operator.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::In => "in",
        }
    }
}

/// Whether the grammar has an operator of this name that the list operation does not take.
pub(crate) fn is_other_operator(name: &str) -> bool {
    OTHERS.contains(&name)
}

/// The field that a wrong name was probably meant to be: at most two edits away, and something of it left as it was.
pub(crate) fn similar_field(name: &str) -> Option<Field> {
    nearest(name, &Field::ALL.map(Field::as_str)).and_then(Field::named)
}

#[cfg(test)]
mod tests {
    use super::{Field, Operator, is_other_operator};

    #[test]
    fn names_read_back() {
        assert!(Field::ALL.into_iter().all(|field| Field::named(field.as_str()) == Some(field)));
        assert_eq!((Operator::named("eq"), Operator::named("in")), (Some(Operator::Eq), Some(Operator::In)));
        assert_eq!((Field::named("Name"), Field::named(""), Operator::named("EQ")), (None, None, None));
        assert!(is_other_operator("isnull") && !is_other_operator("eq") && !is_other_operator("CO"));
    }
}
