//! Builds the request of each operation from its checked arguments.

use super::body;
use super::endpoint::Endpoint;
use super::operation::Operation;
use super::path_segment::{integration_id, script_name};
use crate::Invalid;
use crate::http::message::{Headers, MAX_BODY_BYTES, Request};
use crate::json::Json;
use crate::patch::Patch;
use crate::query::{Field, Filter, ListQuery, check_url_length};
use crate::wire::Secret;

/// A request that lacks only its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it does.
    pub operation: Operation,
    /// What is sent.
    pub request: Request,
    /// How to find out what a create has done where its answer does not tell.
    pub search: Option<Box<Search>>,
    /// Whether a list gives its odd records apart.
    pub keeps_odd: bool,
}

/// What is looked for after a create of unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The integration's name.
    pub name: String,
    /// Asks for the integrations of that name; `None` where no URL can hold the name.
    pub request: Option<Request>,
}

/// Before the JSON of a patch that a builder of the package made. `JSON.stringify` begins no text with it.
const BUILT: &str = " ";

impl Endpoint {
    /// `GET /service-desk-integrations`
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `filters` where the URL would be longer than servers take.
    pub fn list(&self, query: &ListQuery, headers: &Headers) -> Result<Plan, Invalid> {
        let mut plan = self.plan(Operation::List, "", &query.to_query_string(), None, headers);
        plan.keeps_odd = query.keeps_odd();
        check_url_length(plan.request.url.len(), query.filter()).map(|()| plan)
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
        let body = body::integration(json, "")?;
        let search = Some(Box::new(self.search(body.reveal(), headers)));
        let mut plan = self.plan(Operation::Create, "", "", Some(body), headers);
        plan.search = search;
        Ok(plan)
    }

    /// Asks for the integrations that have the name of this one.
    fn search(&self, body: &str, headers: &Headers) -> Search {
        let members = Json::parse(body).ok().and_then(Json::as_object).unwrap_or_default();
        let name = members.get("name").and_then(Json::as_str).unwrap_or_default().into_owned();
        let plan = Filter::eq(Field::Name, &name).and_then(|filter| {
            let mut query = ListQuery::default();
            query.set_filter(filter);
            self.list(&query, headers)
        });
        Search { name, request: plan.ok().map(|plan| plan.request) }
    }

    /// `PUT /service-desk-integrations/{id}` with an integration, as `JSON.stringify` wrote it, made of `record`, where that is known.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `id`, or with a JSON Pointer into the body.
    pub fn replace(&self, id: &str, json: &str, record: &str, headers: &Headers) -> Result<Plan, Invalid> {
        let segment = integration_id(id)?;
        Ok(self.plan(Operation::Replace, &segment, "", Some(body::integration(json, record)?), headers))
    }

    /// `PATCH /service-desk-integrations/{id}` with an array of operations, as `JSON.stringify` wrote it.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `id`, or with a JSON Pointer into the array; with field `operations` where it is empty.
    pub fn patch(&self, id: &str, json: &str, headers: &Headers) -> Result<Plan, Invalid> {
        let segment = integration_id(id)?;
        let patch = match json.strip_prefix(BUILT) {
            Some(built) => Patch::parse_built(built)?,
            None => Patch::parse(json)?,
        };
        if patch.is_empty() {
            return Err(Invalid::new("operations", "operations must hold at least one operation, got none"));
        }
        Ok(self.plan(Operation::Patch, &segment, "", Some(Secret::new(patch.to_json())), headers))
    }

    /// The same for a patch that was made here, and may have an operation that the API's document does not allow.
    ///
    /// # Errors
    ///
    /// [`Invalid`] with field `id` where it is no path segment.
    pub fn update(&self, id: &str, patch: &str, headers: &Headers) -> Result<Plan, Invalid> {
        let body = Secret::new(patch.to_owned());
        Ok(self.plan(Operation::Patch, &integration_id(id)?, "", Some(body), headers))
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
        headers.add("accept", &["application/json"]);
        if let Some(media_type) = route.sends {
            headers.add("content-type", &[media_type]);
        }
        let url = self.url(operation, segment, query);
        let request =
            Request { method: route.method, url, headers, body, max_body_bytes: MAX_BODY_BYTES, all_fields: false };
        Plan { operation, request, search: None, keeps_odd: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::request::endpoint::{ApiVersion, BaseUrl};
    use crate::http::message::Method;
    use crate::json::Json;

    const BODY: &str = r#"{"name":"n","description":"d","type":"t","attributes":{}}"#;

    fn endpoint(version: ApiVersion) -> Endpoint {
        Endpoint { base: BaseUrl::parse("baseUrl", "https://a.example").expect("a plain URL"), version }
    }

    fn line(plan: Result<Plan, Invalid>) -> String {
        let request = plan.expect("good arguments").request;
        let media_type = request.headers.get("content-type").unwrap_or("-").to_owned();
        format!("{} {} {media_type}", request.method.as_str(), request.url.trim_start_matches("https://a.example"))
    }

    /// One line for each operation, in the order of the API's document.
    fn lines(version: ApiVersion) -> Vec<String> {
        let (endpoint, none) = (endpoint(version), Headers::default());
        let check = r#"{"provisioningStatusCheckIntervalMinutes":1,"provisioningMaxStatusCheckDays":1}"#;
        [
            endpoint.list(&ListQuery::default(), &none),
            endpoint.create(BODY, &none),
            endpoint.get("i", &none),
            endpoint.replace("i", BODY, "", &none),
            endpoint.patch("i", r#"[{"op":"replace","path":"/name","value":"n"}]"#, &none),
            endpoint.delete("i", &none),
            Ok(endpoint.list_types(&none)),
            endpoint.get_template("s", &none),
            Ok(endpoint.get_status_check(&none)),
            endpoint.update_status_check(check, &none),
        ]
        .map(line)
        .into()
    }

    #[test]
    fn the_ten_operations_are_sent_as_the_document_says() {
        let sent = |collection: &str| {
            [
                format!("GET {collection}?limit=250 -"),
                format!("POST {collection} application/json"),
                format!("GET {collection}/i -"),
                format!("PUT {collection}/i application/json"),
                format!("PATCH {collection}/i application/json-patch+json"),
                format!("DELETE {collection}/i -"),
                format!("GET {collection}/types -"),
                format!("GET {collection}/templates/s -"),
                format!("GET {collection}/status-check-configuration -"),
                format!("PUT {collection}/status-check-configuration application/json"),
            ]
        };
        assert_eq!(lines(ApiVersion::V1), sent("/service-desk-integrations/v1"));
        assert_eq!(lines(ApiVersion::V3), sent("/v3/service-desk-integrations"));
        assert_eq!(lines(ApiVersion::V2024), sent("/v2024/service-desk-integrations"));
        assert_eq!(lines(ApiVersion::V2025), sent("/v2025/service-desk-integrations"));
        assert_eq!(lines(ApiVersion::V2026), sent("/v2026/service-desk-integrations"));
        assert_eq!(lines(ApiVersion::Beta), sent("/beta/service-desk-integrations"));
    }

    #[test]
    fn the_callers_headers_go_along_and_the_clients_own_stay() {
        let own = Headers::from_iter([("accept-language", "de")]);
        let Plan { request, .. } = endpoint(ApiVersion::V1).create(BODY, &own).expect("a good body");
        let sent: Vec<_> = request.headers.iter().collect();
        let expected =
            [("accept-language", "de"), ("accept", "application/json"), ("content-type", "application/json")];
        assert_eq!(sent, expected);
        assert_eq!(request.method, Method::Post);
        assert!(request.body.is_some_and(|body| Json::parse(body.reveal()).is_ok()));
    }

    #[test]
    fn a_create_knows_how_to_find_what_it_made() {
        let endpoint = endpoint(ApiVersion::V1);
        let search = |name: &str| {
            let body = format!(r#"{{"name":{name},"description":"d","type":"t","attributes":{{}}}}"#);
            endpoint.create(&body, &Headers::default()).expect("a good body").search.expect("a create")
        };
        let found = search(r#""A \"x\"""#);
        assert_eq!(found.name, "A \"x\"");
        let url =
            "https://a.example/service-desk-integrations/v1?limit=250&filters=name%20eq%20%22A%20%5C%22x%5C%22%22";
        assert_eq!(found.request.map(|request| request.url).as_deref(), Some(url));
        assert_eq!(search(&format!("\"{}\"", "x".repeat(8000))).request, None);
    }

    #[test]
    fn a_patch_without_operations_and_a_url_that_is_too_long_are_not_sent() {
        let endpoint = endpoint(ApiVersion::V1);
        let field = |plan: Result<Plan, Invalid>| plan.expect_err("bad arguments").into_inner().field.into_owned();
        assert_eq!(field(endpoint.patch("i", "[]", &Headers::default())), "operations");
        assert_eq!(
            field(endpoint.patch("i", r#"[{"op":"add","path":"/name","value":""}]"#, &Headers::default())),
            "/0/op"
        );
        assert_eq!(field(endpoint.patch("..", "[]", &Headers::default())), "id");
        let ids: Vec<_> = (0..300).map(|id| format!("{id:032}")).collect();
        let filter = Filter::is_in(Field::Id, &ids).expect("a filter");
        let mut query = ListQuery::default();
        query.set_filter(filter);
        assert_eq!(field(endpoint.list(&query, &Headers::default())), "filters");
    }
}
