//! One endpoint with one method, as OpenAPI describes it.

use std::collections::BTreeMap;

use presign_protocol::ErrorCode;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::schemas::Schemas;

/// Makes the schema of a type.
pub(super) type SchemaOf = fn(&mut Schemas) -> Value;

pub(super) struct Operation {
    /// Below the mount point.
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    /// Its name, for programs that are generated.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) query: &'static [Parameter],
    pub(super) body: Option<SchemaOf>,
    pub(super) answers: Vec<Answer>,
    /// What the whole request is refused with.
    pub(super) refusals: Vec<ErrorCode>,
}

/// A parameter of the query.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) description: &'static str,
    pub(super) schema: fn() -> Value,
}

/// An answer that is not a refusal.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: &'static str,
    /// Media types, and the schema of each.
    pub(super) content: Vec<(&'static str, SchemaOf)>,
    /// Headers of this answer that a client reads.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Operations that what is in the answer leads to, and what their body is.
    pub(super) links: fn() -> Value,
}

impl Answer {
    pub(super) fn json<T: JsonSchema>(description: &'static str) -> Self {
        Self {
            content: vec![("application/json", Schemas::answer::<T>)],
            ..Self::empty(200, description)
        }
    }

    pub(super) fn empty(status: u16, description: &'static str) -> Self {
        Self {
            status,
            description,
            content: Vec::new(),
            headers: &[],
            links: || Value::Null,
        }
    }

    fn into_json(self, schemas: &mut Schemas) -> Value {
        let mut answer = json!({ "description": self.description });
        if !self.content.is_empty() {
            let content: Map<_, _> = self
                .content
                .into_iter()
                .map(|(media, schema)| (media.to_owned(), json!({ "schema": schema(schemas) })))
                .collect();
            answer["content"] = content.into();
        }
        for (name, description) in self.headers {
            answer["headers"][name] =
                json!({ "description": description, "schema": { "type": "string" } });
        }
        if let links @ Value::Object(_) = (self.links)() {
            answer["links"] = links;
        }
        answer
    }
}

impl Operation {
    pub(super) fn into_json(self, schemas: &mut Schemas) -> Value {
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "description": self.description,
        });
        if !self.query.is_empty() {
            operation["parameters"] = self.query.iter().map(Parameter::to_json).collect();
        }
        if let Some(body) = self.body {
            operation["requestBody"] = json!({
                "required": true,
                "content": { "application/json": { "schema": body(schemas) } },
            });
        }
        let mut responses = Map::new();
        for answer in self.answers {
            responses.insert(answer.status.to_string(), answer.into_json(schemas));
        }
        for (status, codes) in by_status(&self.refusals) {
            responses.insert(status.to_string(), refusal(&codes));
        }
        operation["responses"] = responses.into();
        operation
    }
}

impl Parameter {
    fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "in": "query",
            "required": self.required,
            "description": self.description,
            "schema": (self.schema)(),
        })
    }
}

fn by_status(refusals: &[ErrorCode]) -> BTreeMap<u16, Vec<ErrorCode>> {
    let mut by_status = BTreeMap::<_, Vec<_>>::new();
    for code in refusals {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
}

/// A problem of one of these kinds.
fn refusal(codes: &[ErrorCode]) -> Value {
    let kinds: Vec<_> = codes
        .iter()
        .map(|code| format!("`{code}` ({})", code.title()))
        .collect();
    json!({
        "description": format!("{}.", kinds.join(", ")),
        "content": {
            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
        },
    })
}
