//! The store's answers. serde alone would take any root element, half a document and a document type for granted, so these are looked at first.

use http::StatusCode;
use quick_xml::events::Event;
use quick_xml::{Reader, de};
use serde::de::DeserializeOwned;

use super::CallError;
use super::error::Said;
use super::words::bounded;

/// No answer of S3's nests deeper than five.
const MAX_DEPTH: usize = 16;

/// A successful answer whose root element is `root`. An `<Error>` in its place is the error that it says.
pub(super) fn read<T: DeserializeOwned>(body: &[u8], root: &str) -> Result<T, CallError> {
    match parse(body, root) {
        Ok(answer) => Ok(answer),
        Err(reason) => match parse::<Said>(body, "Error") {
            Ok(said) => Err(said.means(StatusCode::OK)),
            Err(_) => Err(CallError::Unreadable(reason)),
        },
    }
}

/// The document whose root element is `root`, or why it is none.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8], root: &str) -> Result<T, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
    // Spaces before the declaration keep the connection alive while the store assembles an object.
    let text = text.trim_start_matches(|character: char| {
        character.is_ascii_whitespace() || character == '\u{feff}'
    });
    let found = well_formed(text)?;
    if found != root {
        return Err(format!("expected `{root}`, got `{}`", bounded(&found)));
    }
    de::from_str(text).map_err(|error| bounded(&error.to_string()))
}

/// The name of the only root element, without its prefix.
fn well_formed(text: &str) -> Result<String, String> {
    let mut reader = Reader::from_str(text);
    let mut root = None;
    let mut depth = 0_usize;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| bounded(&error.to_string()))?;
        let begins = match &event {
            Event::Start(element) | Event::Empty(element) => Some(element.local_name()),
            _ => None,
        };
        if let Some(name) = begins
            && depth == 0
        {
            let name = String::from_utf8_lossy(name.as_ref()).into_owned();
            if root.replace(name).is_some() {
                return Err("it has two root elements".to_owned());
            }
        }
        match event {
            Event::Start(_) if depth == MAX_DEPTH => {
                return Err(format!("its elements nest deeper than {MAX_DEPTH}"));
            }
            Event::Start(_) => depth += 1,
            // That it ends the element that began last is checked by the reader.
            Event::End(_) => depth = depth.saturating_sub(1),
            // No answer has one, and entities are declared in them.
            Event::DocType(_) => return Err("it has a document type".to_owned()),
            Event::Text(text) if depth == 0 && !text.iter().all(u8::is_ascii_whitespace) => {
                return Err("it has text outside of its root element".to_owned());
            }
            Event::CData(_) | Event::GeneralRef(_) if depth == 0 => {
                return Err("it has text outside of its root element".to_owned());
            }
            Event::Eof if depth > 0 => return Err("it breaks off".to_owned()),
            Event::Eof => return root.ok_or_else(|| "it is empty".to_owned()),
            _ => {}
        }
    }
}
