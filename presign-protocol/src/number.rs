//! Whole numbers as JSON has them: `1.0` and `1e0` are as whole as `1`, to JSON Schema too.
//!
//! Source: <https://json-schema.org/draft/2020-12/json-schema-core#section-6.3>

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// Reads a `u64` or a `u32`.
pub(crate) fn whole<'de, D, N>(deserializer: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    deserializer.deserialize_u64(Whole(PhantomData))
}

/// The same, or `null`.
pub(crate) fn whole_if_any<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    let read = Option::<WholeNumber<N>>::deserialize(deserializer)?;
    Ok(read.map(|WholeNumber(number)| number))
}

struct WholeNumber<N>(N);

impl<'de, N: TryFrom<u64>> Deserialize<'de> for WholeNumber<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        whole(deserializer).map(Self)
    }
}

struct Whole<N>(PhantomData<N>);

impl<N: TryFrom<u64>> Visitor<'_> for Whole<N> {
    type Value = N;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = 8 * size_of::<N>();
        write!(formatter, "a whole number of at most {bits} bits")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<N, E> {
        N::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<N, E> {
        let read = u64::try_from(number)
            .ok()
            .and_then(|number| N::try_from(number).ok());
        read.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<N, E> {
        whole_of(number)
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }
}

/// 2^64, the first that a `u64` does not hold.
const TOO_LARGE: f64 = 18_446_744_073_709_551_616.0;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "in this range the cast cuts off the fraction alone, and there must be none"
)]
fn whole_of(number: f64) -> Option<u64> {
    let cut = number as u64;
    ((0.0..TOO_LARGE).contains(&number) && cut as f64 == number).then_some(cut)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use crate::{FileSpec, PartsRequest};

    #[test]
    fn a_number_is_whole_however_it_is_written() {
        for (written, size) in [
            ("1", 1),
            ("1.0", 1),
            ("1e3", 1000),
            ("-0", 0),
            ("-0.0", 0),
            ("5497558138880", 5_497_558_138_880),
            ("18446744073709551615", u64::MAX),
        ] {
            let read =
                serde_json::from_str::<FileSpec>(&format!(r#"{{"name":"a","size":{written}}}"#));
            assert_eq!(read.unwrap().size, size, "{written}");
        }
    }

    #[test]
    fn no_other_number_is_read() {
        for written in [
            "1.5",
            "25e-1",
            "-1",
            "-1.0",
            "18446744073709551616",
            "1e300",
            "\"1\"",
            "null",
        ] {
            let read =
                serde_json::from_str::<FileSpec>(&format!(r#"{{"name":"a","size":{written}}}"#));
            let error = read.unwrap_err().to_string();
            assert!(
                error.contains("expected a whole number of at most 64 bits"),
                "{written}: {error}"
            );
        }
    }

    #[test]
    fn a_count_may_be_left_out() {
        let count = |written: &str| {
            serde_json::from_str::<PartsRequest>(&format!(r#"{{"token":"a","from":1.0{written}}}"#))
                .map(|request| request.count)
                .map_err(|error| error.to_string())
        };
        assert_eq!(count(""), Ok(None));
        assert_eq!(count(r#","count":null"#), Ok(None));
        assert_eq!(count(r#","count":3.0"#), Ok(Some(3)));
        let error = count(r#","count":4294967296"#).unwrap_err();
        assert!(error.contains("at most 32 bits"), "{error}");
    }
}
