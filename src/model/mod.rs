//! The wire types of the ten operations and their validation.
//!
//! Each wire type is declared twice, side by side: as a struct, from which the TypeScript types come, and as a
//! [`Shape`], against which bytes are checked without keeping them. A test holds the two together.

pub mod decimal;
pub mod host;
pub mod integration;
mod invalid;
pub mod json;
mod json_scalar;
mod json_scan;
mod json_write;
pub mod percent;
pub mod pointer;
pub mod redactor;
pub mod secret;
pub mod secrets;
pub mod shape;
pub mod similar;
pub mod status_check;
pub mod template;
pub mod text;
pub mod visible;

pub use integration::{
    BeforeProvisioningRuleDto, OwnerDto, PlanInitializerScript, ProvisioningConfig, SERVER_FIELDS,
    ServiceDeskIntegrationDto, ServiceDeskIntegrationInput, ServiceDeskIntegrationType, ServiceDeskSource,
    SourceClusterDto,
};
pub use invalid::{Invalid, Position, Refused};
pub use redactor::Redactor;
pub use secret::Secret;
pub use shape::{Mismatch, Shape};
pub use status_check::QueuedCheckConfigDetails;
pub use template::{ServiceDeskIntegrationTemplateDto, ServiceDeskIntegrationTemplateType};
