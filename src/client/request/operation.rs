//! The ten operations: how each is sent, and what each reads.

use crate::http::message::Method;
use crate::json::shape::Shape;
use crate::wire::{
    QueuedCheckConfigDetails, ServiceDeskIntegrationDto, ServiceDeskIntegrationTemplateDto,
    ServiceDeskIntegrationTemplateType,
};

/// An operation of the Service Desk Integration API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `integrations.list()`
    List,
    /// `integrations.create()`
    Create,
    /// `integrations.get()`
    Get,
    /// `integrations.replace()`
    Replace,
    /// `integrations.patch()`
    Patch,
    /// `integrations.delete()`
    Delete,
    /// `types.list()`
    ListTypes,
    /// `templates.get()`
    GetTemplate,
    /// `statusCheck.get()`
    GetStatusCheck,
    /// `statusCheck.update()`
    UpdateStatusCheck,
}

/// One line of the API's document.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The operationId, as the v3 document has it; it names the operation in errors and events.
    pub id: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the collection; the one path parameter follows where it ends with a slash.
    pub path: &'static str,
    /// The media type of the request's body, where there is one.
    pub sends: Option<&'static str>,
    /// What a 2xx answer holds; `None` where its body does not matter.
    pub reads: Option<Shape>,
}

const JSON: Option<&str> = Some("application/json");
const JSON_PATCH: Option<&str> = Some("application/json-patch+json");

const INTEGRATION: Option<Shape> = Some(ServiceDeskIntegrationDto::SHAPE);
const INTEGRATIONS: Option<Shape> = Some(Shape::List(&ServiceDeskIntegrationDto::SHAPE));
const TYPES: Option<Shape> = Some(Shape::List(&ServiceDeskIntegrationTemplateType::SHAPE));
const TEMPLATE: Option<Shape> = Some(ServiceDeskIntegrationTemplateDto::SHAPE);
const STATUS_CHECK: Option<Shape> = Some(QueuedCheckConfigDetails::SHAPE);

impl Operation {
    /// How it is sent. Source: the API's document, v1 and v3 alike.
    #[rustfmt::skip]
    pub const fn route(self) -> &'static Route {
        match self {
            Self::List =>
                const { &route("getServiceDeskIntegrations", Method::Get, "", None, INTEGRATIONS) },
            Self::Create =>
                const { &route("createServiceDeskIntegration", Method::Post, "", JSON, INTEGRATION) },
            Self::Get =>
                const { &route("getServiceDeskIntegration", Method::Get, "/", None, INTEGRATION) },
            Self::Replace =>
                const { &route("putServiceDeskIntegration", Method::Put, "/", JSON, INTEGRATION) },
            Self::Patch =>
                const { &route("patchServiceDeskIntegration", Method::Patch, "/", JSON_PATCH, INTEGRATION) },
            Self::Delete =>
                const { &route("deleteServiceDeskIntegration", Method::Delete, "/", None, None) },
            Self::ListTypes =>
                const { &route("getServiceDeskIntegrationTypes", Method::Get, "/types", None, TYPES) },
            Self::GetTemplate =>
                const { &route("getServiceDeskIntegrationTemplate", Method::Get, "/templates/", None, TEMPLATE) },
            Self::GetStatusCheck =>
                const { &route("getStatusCheckDetails", Method::Get, "/status-check-configuration", None, STATUS_CHECK) },
            Self::UpdateStatusCheck =>
                const { &route("updateStatusCheckDetails", Method::Put, "/status-check-configuration", JSON, STATUS_CHECK) },
        }
    }
}

const fn route(
    id: &'static str,
    method: Method,
    path: &'static str,
    sends: Option<&'static str>,
    reads: Option<Shape>,
) -> Route {
    Route { id, method, path, sends, reads }
}
