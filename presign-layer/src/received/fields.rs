//! Reading an object's fields in one pass: `receipt` is kept here, all others reach the application's type as if there were no `receipt`, so that one with
//! `deny_unknown_fields`, or a map, is what its author thinks it is.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::MAX_RECEIPTS;

const FIELD: &str = "receipt";

/// The receipts that were in the body.
#[derive(Default)]
pub(super) struct Given {
    /// Of more than are taken the first alone.
    pub(super) texts: Vec<String>,
    pub(super) count: usize,
}

impl Given {
    fn add(&mut self, receipt: impl Into<String>) {
        self.count += 1;
        if self.texts.len() < MAX_RECEIPTS {
            self.texts.push(receipt.into());
        }
    }
}

/// The body, to the application's type.
pub(super) struct Fields<'a, D> {
    body: D,
    given: &'a mut Given,
}

impl<'a, D> Fields<'a, D> {
    pub(super) fn new(body: D, given: &'a mut Given) -> Self {
        Self { body, given }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Fields<'_, D> {
    type Error = D::Error;

    /// Whatever is asked for, there are fields.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.body.deserialize_map(Split {
            visitor,
            given: self.given,
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    /// Where the application has no fields, nobody reads them.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(IgnoredAny)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_unit(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Takes the receipts out of what `visitor` is shown.
struct Split<'a, V> {
    visitor: V,
    given: &'a mut Given,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Split<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Rest {
            fields,
            given: self.given,
        })
    }
}

/// The fields that are no receipts.
struct Rest<'a, A> {
    fields: A,
    given: &'a mut Given,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.fields.next_key::<String>()? {
            if name != FIELD {
                let name: StringDeserializer<A::Error> = name.into_deserializer();
                return seed.deserialize(name).map(Some);
            }
            self.fields.next_value_seed(Receipts(&mut *self.given))?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.fields.next_value_seed(seed)
    }
}

/// One receipt, a list of them, or null.
struct Receipts<'a>(&'a mut Given);

impl<'de> DeserializeSeed<'de> for Receipts<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Receipts<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a receipt or a list of receipts")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, receipt: &str) -> Result<(), E> {
        self.0.add(receipt);
        Ok(())
    }

    fn visit_string<E: Error>(self, receipt: String) -> Result<(), E> {
        self.0.add(receipt);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(receipt) = list.next_element::<String>()? {
            self.0.add(receipt);
        }
        Ok(())
    }
}
