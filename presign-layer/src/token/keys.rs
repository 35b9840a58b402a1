use super::{Claims, TokenError};
use crate::sealed::{Keys, OpenError, Purpose, SealError, ShortKey};

const VERSION: u8 = 2;

/// The keys that tokens are sealed with. Empty where a mount gives none out.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenKeys(Keys);

impl TokenKeys {
    pub(crate) fn configured(keys: &[Vec<u8>]) -> Result<Self, ShortKey> {
        Keys::configured(Purpose::Token, keys).map(Self)
    }

    pub(crate) fn from_secret(secret: &str) -> Result<Self, ShortKey> {
        Keys::from_secret(Purpose::Token, secret).map(Self)
    }

    pub(crate) fn seal(&self, claims: &Claims) -> Result<String, SealError> {
        self.0.seal(VERSION, claims)
    }

    /// What an authentic token says.
    pub(crate) fn open(&self, token: &str) -> Result<Claims, TokenError> {
        self.0.open(VERSION, token).map_err(|error| match error {
            OpenError::Invalid => TokenError::Invalid,
            OpenError::Outdated => TokenError::Outdated,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use presign_protocol::Checksums;
    use proptest::prelude::*;

    use super::VERSION;
    use crate::sealed::{MAX_BYTES, SealError, Subject};
    use crate::token::{ClaimedWay, Claims, Elsewhere, TokenError, TokenKeys, kept_name};

    fn keys(first: u8) -> TokenKeys {
        TokenKeys::configured(&[vec![first; 32]]).unwrap()
    }

    fn claims() -> impl Strategy<Value = Claims> {
        let texts = (
            any::<String>(),
            any::<String>(),
            any::<String>(),
            any::<String>(),
            any::<String>(),
            any::<String>(),
            any::<String>(),
        );
        let rest = (
            any::<u64>(),
            any::<u64>(),
            any::<bool>(),
            proptest::option::of(any::<String>()),
            any::<u64>(),
            proptest::option::of(any::<String>()),
            0..3_u8,
        );
        (texts, rest).prop_map(
            |(
                (mount, bucket, key, upload_id, mark, name, content_type),
                (size, part_size, overwrite, subject, ends_at, final_key, way),
            )| Claims {
                mount,
                bucket,
                key,
                final_key,
                way: match way {
                    0 => ClaimedWay::Put,
                    1 => ClaimedWay::Post { least: part_size },
                    _ => ClaimedWay::Parts {
                        upload_id,
                        part_size,
                    },
                },
                mark,
                name,
                content_type,
                size,
                overwrite,
                checksums: Checksums::default(),
                subject: subject.as_deref().map(Subject::new),
                ends_at,
            },
        )
    }

    proptest! {
        // Each case tries thousands of changes.
        #![proptest_config(ProptestConfig::with_cases(8))]

        /// Every single bit of the text, not a sample: a lenient decoder takes some of them for the same bytes.
        #[test]
        fn a_flipped_bit_is_refused(claims in claims()) {
            let token = keys(1).seal(&claims).unwrap();
            for place in 0..token.len() {
                for bit in 0..7 {
                    let mut bytes = token.clone().into_bytes();
                    bytes[place] ^= 1 << bit;
                    let changed = String::from_utf8(bytes).unwrap();
                    prop_assert_eq!(keys(1).open(&changed), Err(TokenError::Invalid), "{} {}", place, bit);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_is_read_back(claims in claims()) {
            let token = keys(1).seal(&claims).unwrap();
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(keys(1).open(&token), Ok(claims));
            prop_assert_eq!(keys(2).open(&token), Err(TokenError::Invalid));
        }

        #[test]
        fn another_length_or_order_is_refused(claims in claims(), other in claims(), at in any::<prop::sample::Index>()) {
            let (token, other) = (keys(1).seal(&claims).unwrap(), keys(1).seal(&other).unwrap());
            let cut = at.index(token.len());
            for changed in [
                token[..cut].to_owned(),
                token[cut + 1..].to_owned(),
                format!("{token}A"),
                format!("{token}="),
                format!("{} {}", &token[..cut], &token[cut..]),
                format!("{}{}", &token[cut..], &token[..cut]),
                token.chars().rev().collect(),
            ] {
                if changed != token {
                    prop_assert_eq!(keys(1).open(&changed), Err(TokenError::Invalid));
                }
            }
            // The head of one with the body of another.
            let cut = cut.min(other.len());
            let spliced = format!("{}{}", &token[..cut], &other[cut..]);
            if spliced != token && spliced != other {
                prop_assert_eq!(keys(1).open(&spliced), Err(TokenError::Invalid));
            }
        }

        #[test]
        fn any_text_is_answered(text in any::<String>(), word in "[A-Za-z0-9_-]{0,200}") {
            for token in [text, word] {
                prop_assert_eq!(keys(1).open(&token), Err(TokenError::Invalid));
            }
        }
    }

    #[test]
    fn an_authentic_token_of_another_version_is_outdated() {
        let token = keys(1).0.seal(VERSION + 1, &Claims::default()).unwrap();
        assert_eq!(keys(1).open(&token), Err(TokenError::Outdated));
        assert_eq!(keys(2).open(&token), Err(TokenError::Invalid));
    }

    #[test]
    fn the_first_key_signs_and_all_verify() {
        let both = TokenKeys::configured(&[vec![2; 32], vec![1; 32]]).unwrap();
        let (old, new) = (
            keys(1).seal(&Claims::default()).unwrap(),
            both.seal(&Claims::default()).unwrap(),
        );
        assert!(both.open(&old).is_ok() && both.open(&new).is_ok());
        assert!(keys(2).open(&new).is_ok());
        assert_eq!(keys(1).open(&new), Err(TokenError::Invalid));
    }

    #[test]
    fn without_a_key_nothing_is_sealed_or_opened() {
        let token = keys(1).seal(&Claims::default()).unwrap();
        let none = TokenKeys::default();
        assert_eq!(none.seal(&Claims::default()), Err(SealError::NoKey));
        assert_eq!(none.open(&token), Err(TokenError::Invalid));
    }

    #[test]
    fn long_tokens_are_neither_made_nor_read() {
        let claims = Claims {
            key: "u".repeat(MAX_BYTES),
            ..Claims::default()
        };
        assert!(matches!(keys(1).seal(&claims), Err(SealError::TooLong(_))));
        assert_eq!(
            keys(1).open(&"A".repeat(MAX_BYTES + 1)),
            Err(TokenError::Invalid)
        );
    }

    #[test]
    fn short_keys_are_refused() {
        let short = TokenKeys::configured(&[vec![1; 32], vec![1; 31]]).unwrap_err();
        assert_eq!(short.bytes, 31);
    }

    #[test]
    fn a_token_is_for_one_mount_bucket_subject_and_time() {
        let claims = Claims {
            mount: "/a".to_owned(),
            bucket: "b".to_owned(),
            subject: Some(Subject::new("u")),
            ends_at: 10,
            ..Claims::default()
        };
        let at = Duration::from_millis;
        let foreign = |elsewhere| Err(TokenError::Foreign(elsewhere));
        assert_eq!(claims.check("/a", "b", at(9_999)), Ok(()));
        assert_eq!(
            claims.check("/a", "b", at(10_000)),
            Err(TokenError::Expired)
        );
        assert_eq!(claims.check("/", "b", at(1)), foreign(Elsewhere::Mount));
        assert_eq!(claims.check("/a", "", at(1)), foreign(Elsewhere::Bucket));
        assert_eq!(claims.check_subject(Some("u")), Ok(()));
        for other in [None, Some(""), Some("v")] {
            assert_eq!(claims.check_subject(other), foreign(Elsewhere::Subject));
        }
        let anybodys = Claims::default();
        assert_eq!(anybodys.check_subject(None), Ok(()));
        assert_eq!(
            anybodys.check_subject(Some("u")),
            foreign(Elsewhere::Subject)
        );
    }

    #[test]
    fn names_are_cut_between_characters() {
        assert_eq!(kept_name("a.png"), "a.png");
        assert_eq!(kept_name(&"é".repeat(200)), "é".repeat(127));
    }

    #[test]
    fn no_key_and_no_upload_shows_in_debug() {
        let claims = Claims {
            way: ClaimedWay::Parts {
                upload_id: "the upload".to_owned(),
                part_size: 1,
            },
            ..Claims::default()
        };
        assert!(!format!("{claims:?}").contains("the upload"));
        assert_eq!(format!("{:?}", keys(1)), "TokenKeys([1 redacted])");
    }
}
