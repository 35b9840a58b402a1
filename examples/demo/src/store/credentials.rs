//! The embedded store's own credentials: generated once, then read again at every start.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::FolderError;
use super::hex::hex;

/// An access key ID and its secret.
pub(crate) struct KeyPair {
    id: String,
    secret: String,
}

impl KeyPair {
    /// Reads the file, or writes it with new credentials, readable by its owner alone. Its form is the one that AWS's tools read from
    /// `AWS_SHARED_CREDENTIALS_FILE`, so they can look into the store.
    pub(super) fn load_or_create(path: &Path) -> Result<Self, FolderError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).ok_or_else(|| FolderError::Credentials {
                path: path.to_owned(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pair = Self::generate()?;
                pair.write(path).map_err(FolderError::io(path))?;
                Ok(pair)
            }
            Err(error) => Err(FolderError::io(path)(error)),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    fn generate() -> Result<Self, getrandom::Error> {
        let mut random = [0; 40];
        getrandom::fill(&mut random)?;
        let (id, secret) = random.split_at(10);
        Ok(Self {
            id: hex(id).to_uppercase(),
            secret: URL_SAFE_NO_PAD.encode(secret),
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut values = text.lines().filter_map(|line| {
                let (key, value) = line.split_once('=')?;
                (key.trim() == name).then(|| value.trim().to_owned())
            });
            let value = values.next().filter(|value| !value.is_empty())?;
            values.next().is_none().then_some(value)
        };
        Some(Self {
            id: value("aws_access_key_id")?,
            secret: value("aws_secret_access_key")?,
        })
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // In one piece: a half-written file would stop every later start.
        let text = format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            self.id, self.secret
        );
        options.open(path)?.write_all(text.as_bytes())
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KeyPair")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
