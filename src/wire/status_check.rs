//! The tenant-wide check of queued tickets.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::json::shape::{Shape, required};

/// How often, and for how long, ISC asks the service desk for a ticket's state.
///
/// Strings that hold whole numbers: the API's document types them so, though its examples are numbers. A server that
/// answers numbers is read too. API schema: `QueuedCheckConfigDetails`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct QueuedCheckConfigDetails {
    /// Minutes between two checks of one ticket.
    pub provisioning_status_check_interval_minutes: String,
    /// Days after which a ticket is no longer checked.
    pub provisioning_max_status_check_days: String,
}

impl QueuedCheckConfigDetails {
    /// Its two members, in the document's order.
    pub const FIELDS: [&str; 2] = ["provisioningStatusCheckIntervalMinutes", "provisioningMaxStatusCheckDays"];

    /// What the wire may hold.
    pub const SHAPE: Shape = Shape::Object(&[
        required(Self::FIELDS[0], Shape::TextOrNumber),
        required(Self::FIELDS[1], Shape::TextOrNumber),
    ]);
}
