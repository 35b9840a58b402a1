//! The JSON schemas of the protocol's types.

use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::words;

/// What is read and what is written are described apart: a field may be left out of the one and not of the other.
pub(super) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Default for Schemas {
    fn default() -> Self {
        Self {
            read: settings(Contract::Deserialize).into_generator(),
            written: settings(Contract::Serialize)
                .with_transform(RecursiveTransform(NeverNull))
                .into_generator(),
        }
    }
}

impl Schemas {
    /// Of what a request's body holds.
    pub(super) fn question<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// Of what an answer's body holds.
    pub(super) fn answer<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// Every type that has been described, by name.
    pub(super) fn into_json(mut self, max_files: usize) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        all.append(&mut self.written.take_definitions(true));
        for (request, items) in [("GrantRequest", "files"), ("CompleteRequest", "uploads")] {
            if let Some(schema) = all.get_mut(request) {
                schema["properties"][items]["maxItems"] = json!(max_files);
            }
        }
        all
    }
}

/// Draft 2020-12 is the dialect of OpenAPI 3.1.
fn settings(contract: Contract) -> SchemaSettings {
    SchemaSettings::draft2020_12()
        .with(|settings| {
            "/components/schemas".clone_into(settings.definitions_path.to_mut());
            settings.contract = contract;
        })
        .with_transform(RecursiveTransform(PlainWords))
}

/// Texts for people who know no Rust.
#[derive(Clone)]
struct PlainWords;

impl Transform for PlainWords {
    fn transform(&mut self, schema: &mut Schema) {
        let plain = schema
            .get("description")
            .and_then(Value::as_str)
            .map(words::plain);
        if let Some(plain) = plain {
            schema.insert("description".to_owned(), plain.into());
        }
    }
}

/// What there is nothing to say of is left out of answers, and is not `null`.
#[derive(Clone)]
struct NeverNull;

impl Transform for NeverNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_mut_slice() {
                let only = only.take();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(kinds)) = schema.get_mut("anyOf") {
            kinds.retain(|kind| kind["type"] != "null");
            if let [Value::Object(only)] = kinds.as_mut_slice() {
                let only = std::mem::take(only);
                schema.remove("anyOf");
                for (name, value) in only {
                    schema.insert(name, value);
                }
            }
        }
    }
}
