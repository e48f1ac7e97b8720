//! Builds the request of each operation from its checked arguments.

use super::body;
use super::endpoint::Endpoint;
use super::message::{Headers, Request};
use super::operation::Operation;
use super::segment::{integration_id, script_name};
use crate::model::{Invalid, Secret};
use crate::query::{ListQuery, check_url_length};

/// A request that lacks only its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it does.
    pub operation: Operation,
    /// What is sent.
    pub request: Request,
}

impl Endpoint {
    /// `GET /service-desk-integrations`
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `filters` where the URL would be longer than servers take.
    pub fn list(&self, query: &ListQuery, headers: &Headers) -> Result<Plan, Invalid> {
        let plan = self.plan(Operation::List, "", &query.to_query_string(), None, headers);
        check_url_length(plan.request.url.len()).map(|()| plan)
    }

    /// `GET /service-desk-integrations/{id}`
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `id` where it is no path segment.
    pub fn get(&self, id: &str, headers: &Headers) -> Result<Plan, Invalid> {
        Ok(self.plan(Operation::Get, &integration_id(id)?, "", None, headers))
    }

    /// `POST /service-desk-integrations` with an integration, as `JSON.stringify` wrote it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with a JSON Pointer into the body.
    pub fn create(&self, json: &str, headers: &Headers) -> Result<Plan, Invalid> {
        Ok(self.plan(Operation::Create, "", "", Some(body::integration(json)?), headers))
    }

    /// `PUT /service-desk-integrations/{id}` with an integration, as `JSON.stringify` wrote it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `id`, or with a JSON Pointer into the body.
    pub fn replace(&self, id: &str, json: &str, headers: &Headers) -> Result<Plan, Invalid> {
        let segment = integration_id(id)?;
        Ok(self.plan(Operation::Replace, &segment, "", Some(body::integration(json)?), headers))
    }

    /// `DELETE /service-desk-integrations/{id}`
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `id` where it is no path segment.
    pub fn delete(&self, id: &str, headers: &Headers) -> Result<Plan, Invalid> {
        Ok(self.plan(Operation::Delete, &integration_id(id)?, "", None, headers))
    }

    /// `GET /service-desk-integrations/types`
    pub fn list_types(&self, headers: &Headers) -> Plan {
        self.plan(Operation::ListTypes, "", "", None, headers)
    }

    /// `GET /service-desk-integrations/templates/{scriptName}`
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `scriptName` where it is no path segment.
    pub fn get_template(&self, name: &str, headers: &Headers) -> Result<Plan, Invalid> {
        Ok(self.plan(Operation::GetTemplate, &script_name(name)?, "", None, headers))
    }

    /// `GET /service-desk-integrations/status-check-configuration`
    pub fn get_status_check(&self, headers: &Headers) -> Plan {
        self.plan(Operation::GetStatusCheck, "", "", None, headers)
    }

    /// `PUT /service-desk-integrations/status-check-configuration` with both values, as `JSON.stringify` wrote them.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with a JSON Pointer into the body.
    pub fn update_status_check(&self, json: &str, headers: &Headers) -> Result<Plan, Invalid> {
        Ok(self.plan(Operation::UpdateStatusCheck, "", "", Some(body::status_check(json)?), headers))
    }

    fn plan(&self, operation: Operation, segment: &str, query: &str, body: Option<Secret>, own: &Headers) -> Plan {
        let route = operation.route();
        let mut headers = own.clone();
        headers.set("accept", "application/json");
        if let Some(media_type) = route.sends {
            headers.set("content-type", media_type);
        }
        let url = self.url(operation, segment, query);
        Plan { operation, request: Request { method: route.method, url, headers, body } }
    }
}
