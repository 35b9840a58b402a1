//! What a file of a type begins with.

use infer::{app, archive, audio, doc, image};

use super::bytes::{is_box, is_boxed_image, is_flac, is_matroska, is_ogg, is_ole, is_pdf, is_riff};

type Signature = fn(&[u8]) -> bool;

/// What is expected of a type's first bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// This, in every file.
    Signature(Signature),
    /// No format that is no text.
    Text,
    /// No HTML either.
    PlainText,
    /// One of the many images that have no signature in common: none of what is clearly something else.
    Image,
    SoundOrFilm,
    Font,
    /// A file of the old office programs, which are HTML, XML, RTF, CSV or a zip archive as often as not: but no program, image, sound or film.
    OfficeFile,
    /// The type says nothing of the bytes, or nothing that is known here.
    Anything,
}

impl Expected {
    /// Of a type without parameters, in lower case.
    pub(super) fn of(essence: &str) -> Self {
        if let Some(signature) = signature(essence) {
            return Self::Signature(signature);
        }
        match essence {
            // Compressed SVG goes by the same name.
            "image/svg+xml" => {
                Self::Signature(|first| archive::is_gz(first) || !super::bytes::is_binary(first))
            }
            "text/plain"
            | "text/css"
            | "text/csv"
            | "text/tab-separated-values"
            | "text/calendar"
            | "text/vcard"
            | "application/json" => Self::PlainText,
            "application/ecmascript"
            | "application/graphql"
            | "application/javascript"
            | "application/ndjson"
            | "application/sql"
            | "application/toml"
            | "application/typescript"
            | "application/x-httpd-php"
            | "application/x-javascript"
            | "application/x-ndjson"
            | "application/x-sh"
            | "application/x-yaml"
            | "application/xml"
            | "application/yaml" => Self::Text,
            "application/msword" | "application/vnd.ms-excel" | "application/vnd.ms-powerpoint" => {
                Self::OfficeFile
            }
            _ if essence.ends_with("+json") => Self::PlainText,
            _ if essence.ends_with("+xml") || essence.ends_with("+yaml") => Self::Text,
            _ => match essence.split('/').next() {
                Some("text") => Self::Text,
                Some("image") => Self::Image,
                Some("audio" | "video") => Self::SoundOrFilm,
                Some("font") => Self::Font,
                _ => Self::Anything,
            },
        }
    }
}

/// What every file of the type begins with, whoever wrote it. Types that some programs write without it are not here: an MP3 may begin
/// anywhere in a sound, an icon may be a PNG, a tar archive of old has no signature.
fn signature(essence: &str) -> Option<Signature> {
    Some(match essence {
        "image/png" | "image/apng" | "image/x-png" => image::is_png,
        "image/jpeg" | "image/jpg" | "image/pjpeg" => image::is_jpeg,
        "image/gif" => image::is_gif,
        "image/webp" => |first| is_riff(first, *b"WEBP"),
        "image/bmp" | "image/x-bmp" | "image/x-ms-bmp" => image::is_bmp,
        // The second pair is that of files above 4 GiB.
        "image/tiff" => |first| {
            [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]
                .iter()
                .any(|signature| first.starts_with(*signature))
        },
        "image/heic"
        | "image/heif"
        | "image/heic-sequence"
        | "image/heif-sequence"
        | "image/avif" => is_boxed_image,
        "image/jxl" => image::is_jxl,
        "image/vnd.adobe.photoshop" => image::is_psd,
        // Many programs put the tag of MP3 files before it.
        "audio/flac" | "audio/x-flac" => |first| is_flac(first) || first.starts_with(b"ID3"),
        "audio/ogg" | "video/ogg" | "application/ogg" => is_ogg,
        "audio/wav" | "audio/wave" | "audio/x-wav" | "audio/vnd.wave" => {
            |first| is_riff(first, *b"WAVE")
        }
        "audio/aiff" | "audio/x-aiff" => |first| {
            first.starts_with(b"FORM") && first.get(8..11).is_some_and(|kind| kind == b"AIF")
        },
        "audio/midi" | "audio/mid" | "audio/x-midi" => {
            |first| audio::is_midi(first) || is_riff(first, *b"RMID")
        }
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" | "audio/3gpp" | "video/mp4" | "video/x-m4v"
        | "video/quicktime" | "video/3gpp" | "video/3gpp2" => is_box,
        "audio/webm" | "audio/x-matroska" | "video/webm" | "video/x-matroska" => is_matroska,
        "video/x-msvideo" | "video/avi" | "video/msvideo" => |first| is_riff(first, *b"AVI "),
        "font/woff" | "application/font-woff" | "application/x-font-woff" => {
            |first| first.starts_with(b"wOFF")
        }
        "font/woff2" => |first| first.starts_with(b"wOF2"),
        "font/ttf" | "font/otf" | "font/sfnt" | "font/collection" => |first| {
            [b"\0\x01\0\0", b"OTTO", b"true", b"typ1", b"ttcf"]
                .iter()
                .any(|signature| first.starts_with(*signature))
        },
        "application/pdf" | "application/x-pdf" => is_pdf,
        "application/rtf" => |first| first.starts_with(b"{\\rt"),
        "application/wasm" => app::is_wasm,
        "application/gzip" | "application/x-gzip" => archive::is_gz,
        "application/x-bzip2" => archive::is_bz2,
        "application/x-xz" => archive::is_xz,
        "application/zstd" => archive::is_zst,
        "application/x-7z-compressed" => archive::is_7z,
        "application/vnd.rar" | "application/x-rar-compressed" => archive::is_rar,
        "application/zip"
        | "application/x-zip-compressed"
        | "application/java-archive"
        | "application/vnd.android.package-archive"
        | "application/vnd.google-earth.kmz"
        | "image/openraster" => archive::is_zip,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => {
            |first| is_office(first) && !doc::is_xlsx(first) && !doc::is_pptx(first)
        }
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => {
            |first| is_office(first) && !doc::is_docx(first) && !doc::is_pptx(first)
        }
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => {
            |first| is_office(first) && !doc::is_docx(first) && !doc::is_xlsx(first)
        }
        _ if essence.starts_with("application/vnd.openxmlformats-officedocument.")
            && !essence.ends_with("+xml") =>
        {
            is_office
        }
        _ if essence.starts_with("application/vnd.oasis.opendocument.")
            && !essence.ends_with("xml") =>
        {
            archive::is_zip
        }
        // https://www.rfc-editor.org/rfc/rfc6839, and rfc8460 for gzip.
        _ if essence.ends_with("+zip") => archive::is_zip,
        _ if essence.ends_with("+gzip") => archive::is_gz,
        _ => return None,
    })
}

/// The archives of the office programs since 2007; what they encrypt is in an OLE file. Which of them wrote it cannot always be told.
fn is_office(first: &[u8]) -> bool {
    archive::is_zip(first) || is_ole(first)
}
