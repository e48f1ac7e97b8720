//! Names the fields and operators of the grammar, and which of them the list operation takes.

use crate::model::similar::nearest;

/// A field that the list operation filters by.
///
/// API: the parameter `filters` of `getServiceDeskIntegrations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The server's id: eq, in.
    Id,
    /// The unique name: eq.
    Name,
    /// The integration's type, such as `ServiceNowSDIM`: eq, in.
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

/// An operator of the documented grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    In,
    /// A collection contains all of a list.
    Ca,
    /// Present; stands before its field.
    Pr,
    IsNull,
}

impl Operator {
    const ALL: [Self; 12] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
        Self::Co,
        Self::Sw,
        Self::In,
        Self::Ca,
        Self::Pr,
        Self::IsNull,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == name)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::In => "in",
            Self::Ca => "ca",
            Self::Pr => "pr",
            Self::IsNull => "isnull",
        }
    }

    pub(super) fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::Ca)
    }

    pub(super) fn takes_value(self) -> bool {
        !matches!(self, Self::Pr | Self::IsNull)
    }
}

/// The field that a wrong name was probably meant to be: at most two edits away, and something of it left as it was.
pub(super) fn similar_field(name: &str) -> Option<Field> {
    nearest(name, Field::ALL.map(Field::as_str)).and_then(Field::named)
}

#[cfg(test)]
mod tests {
    use super::{Field, Operator};

    #[test]
    fn names_read_back() {
        assert!(Field::ALL.into_iter().all(|field| Field::named(field.as_str()) == Some(field)));
        assert!(Operator::ALL.into_iter().all(|operator| Operator::named(operator.as_str()) == Some(operator)));
        assert_eq!((Field::named("Name"), Field::named(""), Operator::named("EQ")), (None, None, None));
    }
}
