//! An integration, as it is read and as it is written.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Number;
use serde_json::value::RawValue;
use tsify::Tsify;

use crate::json::shape::{Member, Shape, optional, required};
use crate::json::{Json, ObjectWriter};

/// The identity that owns an integration. API schema: `OwnerDto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct OwnerDto {
    /// The kind of what is referred to; the API knows one.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "\"IDENTITY\"")]
    pub kind: Option<String>,
    /// Its id: enough to refer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its display name, which the server finds by the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub name: Option<String>,
}

/// The cluster of virtual appliances that reaches the service desk. API schema: `SourceClusterDto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct SourceClusterDto {
    /// The kind of what is referred to; the API knows one.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "\"CLUSTER\"")]
    pub kind: Option<String>,
    /// Its id: enough to refer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its display name, which the server finds by the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub name: Option<String>,
}

/// The rule that runs before each provisioning plan. API schema: `BeforeProvisioningRuleDto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct BeforeProvisioningRuleDto {
    /// The kind of what is referred to; the API knows one.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "\"RULE\"")]
    pub kind: Option<String>,
    /// Its id: enough to refer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its display name, which the server finds by the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub name: Option<String>,
}

/// A source whose provisioning goes through the service desk. API schema: `ServiceDeskSource`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct ServiceDeskSource {
    /// The kind of what is referred to; the API knows one.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "\"SOURCE\"")]
    pub kind: Option<String>,
    /// Its id: enough to refer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its display name, which the server finds by the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub name: Option<String>,
}

/// The code that prepares the plan of a ticket. API schema: `ProvisioningConfig.planInitializerScript`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct PlanInitializerScript {
    /// The XML text of a rule of type BeforeProvisioning. Live servers answer null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub source: Option<String>,
}

/// Which provisioning becomes a ticket. API schema: `ProvisioningConfig`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningConfig {
    /// True where this integration handles every source of the tenant; then no `managedResourceRefs` are allowed.
    /// @readonly
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub universal_manager: Option<bool>,
    /// The sources that this integration handles; only where `universalManager` is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_resource_refs: Option<Vec<ServiceDeskSource>>,
    /// Runs before each plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "PlanInitializerScript | null")]
    pub plan_initializer_script: Option<PlanInitializerScript>,
    /// True stops provisioning requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_provisioning_requests: Option<bool>,
    /// How long a pending request lives, in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "number")]
    pub provisioning_request_expiration: Option<Number>,
}

/// The kind of service desk: the `type` of an integration, a template or a template's type.
///
/// The API's list is open and differs by licence: `types.list()` says what this tenant can make. The names here are
/// those that are publicly known. Integrations of live tenants have `ServiceNow SDIM`; the API's document writes it without the space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(transparent)]
#[tsify(
    type = "\"Atlassian Cloud Jira SDIM\" | \"Atlassian Data Center Jira SDIM\" | \"Atlassian Server Jira SDIM\" | \"BMC Helix ITSM SDIM\" | \"BMC Helix Remedyforce SDIM\" | \"Generic SDIM\" | \"Ivanti Cherwell ITSM SDIM\" | \"ServiceNow SDIM\" | \"ServiceNow\" | \"ServiceNowSDIM\" | \"Web Service SDIM\" | \"Zendesk SDIM\" | (string & {})"
)]
pub struct ServiceDeskIntegrationType(pub String);

/// What create and replace send: an integration without the fields that the server owns.
///
/// A null in an optional field is left out, but for `cluster`. API schema: `ServiceDeskIntegrationDto`.
#[derive(Debug, Clone, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ServiceDeskIntegrationInput {
    /// What a person calls it; unique in the tenant.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The kind of service desk.
    #[serde(rename = "type")]
    pub kind: ServiceDeskIntegrationType,
    /// How to reach the service desk and what to send it. The keys depend on the type, and are not published: a
    /// template of the type holds them.
    #[tsify(type = "Record<string, unknown>")]
    pub attributes: Box<RawValue>,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "OwnerDto | null")]
    pub owner_ref: Option<OwnerDto>,
    /// The cluster that reaches the service desk. Live servers demand it for some types, though the document does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "SourceClusterDto | null")]
    pub cluster_ref: Option<SourceClusterDto>,
    /// The cluster's id.
    /// @deprecated by the API: use clusterRef.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub cluster: Option<String>,
    /// Ids of the sources that it handles.
    /// @deprecated by the API: use provisioningConfig.managedResourceRefs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string[] | null")]
    pub managed_sources: Option<Vec<String>>,
    /// Which provisioning becomes a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "ProvisioningConfig | null")]
    pub provisioning_config: Option<ProvisioningConfig>,
    /// Runs before each plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "BeforeProvisioningRuleDto | null")]
    pub before_provisioning_rule: Option<BeforeProvisioningRuleDto>,
    /// Whether a credential provider holds the credentials. Live servers answer it; the API's document does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "boolean | null")]
    pub credential_provider_enabled: Option<bool>,
}

/// An integration, as the server returns it.
///
/// `id`, `name` and `type` are there; every other field may be absent or null, as live servers do it. Fields that
/// this version does not know are kept as they came. API schema: `ServiceDeskIntegrationDto`.
#[derive(Debug, Clone, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ServiceDeskIntegrationDto {
    /// The server's name for it: 32 hexadecimal digits.
    pub id: String,
    /// When it was made: an RFC 3339 date-time, as the server wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub created: Option<String>,
    /// When it was last changed: an RFC 3339 date-time, as the server wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub modified: Option<String>,
    /// What a person calls it; unique in the tenant.
    pub name: String,
    /// What it is for.
    #[tsify(type = "string | null")]
    pub description: Option<String>,
    /// The kind of service desk.
    #[serde(rename = "type")]
    pub kind: ServiceDeskIntegrationType,
    /// How to reach the service desk and what to send it. The keys depend on the type, and are not published: a
    /// template of the type holds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "Record<string, unknown> | null")]
    pub attributes: Option<Box<RawValue>>,
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "OwnerDto | null")]
    pub owner_ref: Option<OwnerDto>,
    /// The cluster that reaches the service desk. Live servers demand it for some types, though the document does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "SourceClusterDto | null")]
    pub cluster_ref: Option<SourceClusterDto>,
    /// The cluster's id.
    /// @deprecated by the API: use clusterRef.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string | null")]
    pub cluster: Option<String>,
    /// Ids of the sources that it handles.
    /// @deprecated by the API: use provisioningConfig.managedResourceRefs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "string[] | null")]
    pub managed_sources: Option<Vec<String>>,
    /// Which provisioning becomes a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "ProvisioningConfig | null")]
    pub provisioning_config: Option<ProvisioningConfig>,
    /// Runs before each plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "BeforeProvisioningRuleDto | null")]
    pub before_provisioning_rule: Option<BeforeProvisioningRuleDto>,
    /// Whether a credential provider holds the credentials. Live servers answer it; the API's document does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "boolean | null")]
    pub credential_provider_enabled: Option<bool>,
}

/// The fields that the server owns: never sent, never patched.
pub const SERVER_FIELDS: [&str; 3] = ["id", "created", "modified"];

/// The member of a field that the server owns.
pub const READ_ONLY: (&str, &str) = ("provisioningConfig", "universalManager");

/// The one list whose items a patch may name, as a JSON Pointer to each of them begins.
pub const LIST: &str = "/provisioningConfig/managedResourceRefs/";

/// The value of the field of [`READ_ONLY`] without that member.
pub fn without_read_only(config: Json<'_>) -> Cow<'_, str> {
    let members = config.as_object().unwrap_or_default();
    if members.get(READ_ONLY.1).is_none() {
        return Cow::Borrowed(config.text());
    }
    let mut writer = ObjectWriter::new();
    for member in members.members().into_iter().filter(|member| member.name() != Some(READ_ONLY.1)) {
        writer.member(member.key(), member.value.text());
    }
    Cow::Owned(writer.finish())
}

const REFERENCE: Shape =
    Shape::Object(&[optional("type", Shape::Text), optional("id", Shape::Text), optional("name", Shape::Text)]);

impl ProvisioningConfig {
    /// What the wire may hold.
    pub const SHAPE: Shape = Shape::Object(&[
        optional("universalManager", Shape::Flag),
        optional("managedResourceRefs", Shape::List(&REFERENCE)),
        optional("planInitializerScript", Shape::Object(&[optional("source", Shape::Text)])),
        optional("noProvisioningRequests", Shape::Flag),
        optional("provisioningRequestExpiration", Shape::Number),
    ]);
}

impl ServiceDeskIntegrationInput {
    /// What a caller must give.
    pub const SHAPE: Shape = Shape::Object(&[
        required("name", Shape::Text),
        required("description", Shape::Text),
        required("type", Shape::Text),
        required("attributes", Shape::Map),
        OPTIONAL[0],
        OPTIONAL[1],
        OPTIONAL[2],
        OPTIONAL[3],
        OPTIONAL[4],
        OPTIONAL[5],
        OPTIONAL[6],
    ]);
}

impl ServiceDeskIntegrationDto {
    /// What the wire may hold.
    pub const SHAPE: Shape = Shape::Object(READ);

    /// The same but for the id, which the server owns: what a caller may give in its place has none before it is made.
    pub const WITHOUT_ID: Shape = match READ {
        [_, others @ ..] => Shape::Object(others),
    };
}

const READ: &[Member; 14] = &[
    required("id", Shape::Text),
    required("name", Shape::Text),
    optional("created", Shape::Text),
    optional("modified", Shape::Text),
    optional("description", Shape::Text),
    required("type", Shape::Text),
    optional("attributes", Shape::Map),
    OPTIONAL[0],
    OPTIONAL[1],
    OPTIONAL[2],
    OPTIONAL[3],
    OPTIONAL[4],
    OPTIONAL[5],
    OPTIONAL[6],
];

/// The fields that may be left out, of what is read and what is written alike.
const OPTIONAL: [Member; 7] = [
    optional("ownerRef", REFERENCE),
    optional("clusterRef", REFERENCE),
    optional("cluster", Shape::Text),
    optional("managedSources", Shape::List(&Shape::Text)),
    optional("provisioningConfig", ProvisioningConfig::SHAPE),
    optional("beforeProvisioningRule", REFERENCE),
    optional("credentialProviderEnabled", Shape::Flag),
];
