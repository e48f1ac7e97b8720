//! The wire types of the ten operations, and which of their values are secret.
//!
//! Each wire type is declared twice, side by side: as a struct, from which the TypeScript types come, and as a
//! [`Shape`](crate::json::shape::Shape), against which bytes are checked without keeping them. A test holds the two together.

pub mod integration;
pub mod redactor;
pub mod secret;
pub mod secrets;
pub mod status_check;
pub mod template;

pub use integration::{
    BeforeProvisioningRuleDto, OwnerDto, PlanInitializerScript, ProvisioningConfig, SERVER_FIELDS,
    ServiceDeskIntegrationDto, ServiceDeskIntegrationInput, ServiceDeskIntegrationType, ServiceDeskSource,
    SourceClusterDto,
};
pub use redactor::Redactor;
pub use secret::Secret;
pub use status_check::QueuedCheckConfigDetails;
pub use template::{ServiceDeskIntegrationTemplateDto, ServiceDeskIntegrationTemplateType};
