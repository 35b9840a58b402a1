//! What proves the bytes of an upload, as `--checksum` says it.

use std::fmt;
use std::str::FromStr;

use presign_layer::protocol::Crc;

/// `md5`, `md5,crc64nvme`, `none`…
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checksums {
    /// Each PUT and each part, by the header `Content-MD5`.
    pub(crate) md5: bool,
    /// The whole of what goes in parts.
    pub(crate) crc: Option<Crc>,
}

impl Default for Checksums {
    fn default() -> Self {
        Self {
            md5: true,
            crc: None,
        }
    }
}

impl FromStr for Checksums {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let mut checksums = Self {
            md5: false,
            crc: None,
        };
        if list == "none" {
            return Ok(checksums);
        }
        for name in list.split(',').map(str::trim) {
            let crc = Crc::ALL.iter().find(|crc| crc.as_str() == name);
            match (name, crc) {
                ("md5", _) => checksums.md5 = true,
                (_, Some(_)) if checksums.crc.is_some() => {
                    return Err(format!(
                        "the whole has one CRC, so `{name}` is one too many"
                    ));
                }
                (_, Some(crc)) => checksums.crc = Some(*crc),
                _ => {
                    return Err(format!(
                        "`{name}` is none of md5, crc64nvme, crc32c and crc32; `none` stands alone"
                    ));
                }
            }
        }
        Ok(checksums)
    }
}

impl fmt::Display for Checksums {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.md5, self.crc) {
            (false, None) => formatter.write_str("none"),
            (true, None) => formatter.write_str("md5"),
            (false, Some(crc)) => formatter.write_str(crc.as_str()),
            (true, Some(crc)) => write!(formatter, "md5,{}", crc.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Checksums;

    #[test]
    fn a_list_is_read_as_it_is_written() {
        for list in ["md5", "none", "crc32", "md5,crc64nvme", "md5,crc32c"] {
            let read: Checksums = list.parse().unwrap();
            assert_eq!(read.to_string(), list);
        }
        assert_eq!(Checksums::default().to_string(), "md5");
        assert_eq!(
            "crc32c, md5".parse::<Checksums>().unwrap().to_string(),
            "md5,crc32c"
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (list, words) in [
            ("sha256", "`sha256` is none of md5"),
            ("", "`` is none of"),
            ("md5,none", "`none` stands alone"),
            ("crc32,crc32c", "`crc32c` is one too many"),
        ] {
            let refused = list.parse::<Checksums>().unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
