//! What can be made, and the templates to make it from.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tsify::Tsify;

use super::integration::{ProvisioningConfig, ServiceDeskIntegrationType};
use crate::json::shape::{Shape, optional, required};

/// One line of the list of types that this tenant can make. API schema: `ServiceDeskIntegrationTemplateType`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ServiceDeskIntegrationTemplateType {
    /// What a person calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The `type` of integrations made from it.
    #[serde(rename = "type")]
    pub kind: ServiceDeskIntegrationType,
    /// The name that `templates.get()` takes.
    pub script_name: String,
}

/// What an integration of one type starts from. API schema: `ServiceDeskIntegrationTemplateDto`.
#[derive(Debug, Clone, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ServiceDeskIntegrationTemplateDto {
    /// The server's name for it.
    /// @readonly
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What a person calls it.
    #[tsify(type = "string | null")]
    pub name: Option<String>,
    /// When it was made: an RFC 3339 date-time, as the server wrote it.
    /// @readonly
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed: an RFC 3339 date-time, as the server wrote it.
    /// @readonly
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The `type` of integrations made from it.
    #[serde(rename = "type")]
    pub kind: ServiceDeskIntegrationType,
    /// The attributes that an integration of this type takes.
    #[tsify(type = "Record<string, unknown>")]
    pub attributes: Box<RawValue>,
    /// Which provisioning becomes a ticket.
    pub provisioning_config: ProvisioningConfig,
}

impl ServiceDeskIntegrationTemplateType {
    /// What the wire may hold.
    pub const SHAPE: Shape = Shape::Object(&[
        optional("name", Shape::Text),
        required("type", Shape::Text),
        required("scriptName", Shape::Text),
    ]);
}

impl ServiceDeskIntegrationTemplateDto {
    /// What the wire may hold. Null or nothing for `provisioningConfig` is read as `{}`.
    pub const SHAPE: Shape = Shape::Object(&[
        optional("id", Shape::Text),
        optional("name", Shape::Text),
        optional("created", Shape::Text),
        optional("modified", Shape::Text),
        required("type", Shape::Text),
        required("attributes", Shape::Map),
        optional("provisioningConfig", ProvisioningConfig::SHAPE),
    ]);
}
