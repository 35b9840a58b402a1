use core::fmt;
use core::str::FromStr;

/// A checksum of a whole file that can be combined from those of its parts, so that the file need not be read before it is sent.
///
/// On the wire it is the checksum's bytes, the most significant first, in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Crc {
    /// CRC-64/NVME, what AWS recommends.
    Crc64Nvme,
    /// CRC-32C (Castagnoli).
    Crc32C,
    /// CRC-32 (ISO-HDLC, that of zip and Ethernet).
    Crc32,
}

impl Crc {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Crc64Nvme, Self::Crc32C, Self::Crc32];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "crc64nvme",
            Self::Crc32C => "crc32c",
            Self::Crc32 => "crc32",
        }
    }

    /// The header that carries it.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Crc32C => "x-amz-checksum-crc32c",
            Self::Crc32 => "x-amz-checksum-crc32",
        }
    }
}

impl fmt::Display for Crc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Crc {
    type Err = UnknownCrc;

    fn from_str(name: &str) -> Result<Self, UnknownCrc> {
        let known = Self::ALL.iter().copied().find(|crc| crc.as_str() == name);
        known.ok_or(UnknownCrc)
    }
}

/// A kind of checksum that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCrc;

impl fmt::Display for UnknownCrc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("expected crc64nvme, crc32c or crc32")
    }
}

impl core::error::Error for UnknownCrc {}
