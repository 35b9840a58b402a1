use super::{Contradiction, LOOKED_AT, check};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0";
const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";
const WAV: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nstream\n\0\x01\x02";
const HTML: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\x50\x40\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\xb0\x3a\0\0\0\0\0\0\0\0\0\0\x40";
const SCRIPT: &[u8] = b"#!/bin/sh\nrm -rf ~\n";
const MP4: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2";
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
const MKV: &[u8] = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01";
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0";
const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03";
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0";
const NOTHING_KNOWN: &[u8] = b"\x01\x02\x03\x04\x05\x06\x07\x08";

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The beginning of an archive whose entries have these names, and 40 bytes each.
fn zip(entries: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in entries {
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&[0; 14]);
        bytes.extend_from_slice(&40_u32.to_le_bytes());
        bytes.extend_from_slice(&40_u32.to_le_bytes());
        bytes.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&[b'x'; 40]);
    }
    bytes
}

fn windows_program() -> Vec<u8> {
    let mut bytes = vec![0; 200];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x80;
    bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
    bytes
}

#[track_caller]
fn passes(granted: &[&str], first: &[u8]) {
    for granted in granted {
        assert_eq!(check(granted, first), Ok(()), "{granted}");
    }
}

#[track_caller]
fn contradicts(granted: &[&str], first: &[u8], found: Option<&'static str>) {
    let expected = found.map_or(Contradiction::IsNot, Contradiction::Is);
    for granted in granted {
        assert_eq!(check(granted, first), Err(expected.clone()), "{granted}");
    }
}

#[test]
fn what_has_a_signature_begins_with_it() {
    passes(&["image/png", "IMAGE/PNG; q=1", "image/apng"], PNG);
    passes(&["image/jpeg", "image/jpg"], JPEG);
    passes(&["image/gif"], GIF);
    passes(&["image/webp"], WEBP);
    passes(&["audio/wav", "audio/x-wav"], WAV);
    passes(&["audio/wav"], b"RF64\xff\xff\xff\xffWAVEds64");
    passes(&["application/pdf"], PDF);
    passes(&["application/pdf"], &[b"\xef\xbb\xbf\n", PDF].concat());
    passes(&["application/pdf"], &[&[b'x'; 1020], PDF].concat());
    passes(&["video/mp4", "audio/mp4", "video/quicktime"], MP4);
    passes(&["video/quicktime"], b"\0\0\0\x08wide\0\0\x10\0mdat");
    passes(&["image/heic", "image/heif", "image/avif"], HEIC);
    passes(&["video/webm", "video/x-matroska", "audio/webm"], MKV);
    passes(&["audio/ogg", "video/ogg"], OGG);
    passes(&["audio/flac"], b"fLaC\0\0\0\x22");
    passes(&["audio/flac"], b"ID3\x04\0\0\0\0\0\0");
    passes(&["image/tiff"], b"II+\0\x08\0\0\0");
    passes(&["font/woff"], b"wOFFOTTO\0\0\0\0");
    passes(&["font/otf", "font/ttf"], b"OTTO\0\x0b\0\x80");
    passes(&["application/gzip", "application/x+gzip"], GZIP);

    contradicts(
        &["image/png", "image/gif", "image/webp"],
        JPEG,
        Some("image/jpeg"),
    );
    contradicts(&["image/webp"], WAV, Some("audio/x-wav"));
    contradicts(&["image/heic"], MP4, Some("video/mp4"));
    contradicts(
        &["application/pdf", "image/png", "video/mp4"],
        HTML,
        Some("text/html"),
    );
    contradicts(
        &["application/pdf", "image/png", "application/zip"],
        ELF,
        Some("a program"),
    );
    // Readers would take it for one, because its signature need not come first.
    contradicts(
        &["application/pdf"],
        &[HTML, PDF].concat(),
        Some("text/html"),
    );
    contradicts(
        &["application/pdf"],
        &[ELF, PDF].concat(),
        Some("a program"),
    );
    let program = windows_program();
    contradicts(
        &["image/png", "application/zip", DOCX],
        &program,
        Some("a program"),
    );
    contradicts(
        &["image/png", "application/pdf", "font/woff"],
        NOTHING_KNOWN,
        None,
    );
    // Nothing is no image either, and neither is half a signature.
    for cut in [&b""[..], b"\x89", b"\x89PN"] {
        contradicts(&["image/png"], cut, None);
    }
}

#[test]
fn office_files_are_archives_and_told_apart_where_they_tell() {
    let bare = zip(&["mimetype"]);
    let word = zip(&[
        "[Content_Types].xml",
        "_rels/.rels",
        "word/document.xml",
        "word/styles.xml",
    ]);
    let sheet = zip(&[
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/styles.xml",
    ]);
    let unusual = zip(&["docMetadata/LabelInfo.xml", "word/document.xml"]);
    passes(&[DOCX], &word);
    passes(&[XLSX], &sheet);
    passes(&[DOCX, XLSX], &unusual);
    // Encrypted ones.
    passes(&[DOCX, XLSX], OLE);
    contradicts(&[XLSX], &word, Some(DOCX));
    contradicts(&[DOCX], &sheet, Some(XLSX));
    contradicts(&[DOCX], PDF, Some("application/pdf"));
    for granted in [
        "application/zip",
        "application/epub+zip",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/java-archive",
        "image/openraster",
    ] {
        passes(&[granted], &bare);
        passes(
            &[granted],
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        );
        contradicts(&[granted], GZIP, Some("application/gzip"));
    }
    passes(&["application/vnd.oasis.opendocument.text-flat-xml"], SVG);
}

#[test]
fn the_old_types_of_office_files_are_used_for_much() {
    const OLD: &[&str] = &["application/msword", "application/vnd.ms-excel"];
    for first in [
        OLE,
        HTML,
        b"a;b\n1;2\n",
        b"{\\rtf1",
        b"",
        &zip(&["xl/workbook.xml"]),
    ] {
        passes(OLD, first);
    }
    contradicts(OLD, ELF, Some("a program"));
    contradicts(OLD, PNG, Some("image/png"));
    contradicts(OLD, MP4, Some("video/mp4"));
}

#[test]
fn text_is_not_binary_and_plain_text_no_page() {
    const PLAIN: &[&str] = &[
        "text/plain;charset=UTF-8",
        "text/csv",
        "application/json",
        "application/geo+json",
    ];
    const OTHER: &[&str] = &[
        "text/html",
        "text/markdown",
        "text/javascript",
        "application/xml",
        "image/svg+xml",
        "application/yaml",
    ];
    for first in [
        &b""[..],
        b"hello",
        // Two bytes that many formats begin with.
        b"MZ is how Mark Zbikowski signs",
        b"BM, PK, BC, 07\xe4\xf6\xfc",
        b"%PDF is the beginning of a PDF",
        b"-----BEGIN CERTIFICATE-----",
        b"\xff\xfea\0b\0",
        b"\x1b$B$3$l\x1b(B",
        SCRIPT,
        // No text at all, but no format that is known either.
        NOTHING_KNOWN,
    ] {
        passes(PLAIN, first);
        passes(OTHER, first);
    }
    passes(OTHER, HTML);
    passes(OTHER, b"<?xml version=\"1.0\"?><a>\x01</a>");
    contradicts(PLAIN, HTML, Some("text/html"));
    for page in [
        &b"\xef\xbb\xbf <HTML>"[..],
        b"\n\n<script\n>alert(1)</script>",
        b"<script/a>alert(1)</script>",
        b"<!-- -->",
    ] {
        contradicts(PLAIN, page, Some("text/html"));
    }
    contradicts(PLAIN, PDF, Some("application/pdf"));
    contradicts(OTHER, PDF, Some("application/pdf"));
    contradicts(OTHER, ELF, Some("a program"));
    contradicts(PLAIN, PNG, Some("image/png"));
    contradicts(PLAIN, &windows_program(), Some("a program"));
    passes(&["image/svg+xml"], GZIP);
    contradicts(&["text/plain"], GZIP, Some("application/gzip"));
}

#[test]
fn other_media_are_not_clearly_something_else() {
    const IMAGES: &[&str] = &["image/x-icon", "image/x-unheard-of", "image/vnd.dxf"];
    const SOUNDS: &[&str] = &[
        "audio/mpeg",
        "audio/aac",
        "video/mp2t",
        "video/x-unheard-of",
    ];
    const FONTS: &[&str] = &["font/x-unheard-of"];
    for first in [
        &b""[..],
        b"hello",
        NOTHING_KNOWN,
        b"MZ\0\0",
        b"\0\x02\0\0",
        b"BM",
    ] {
        passes(IMAGES, first);
        passes(SOUNDS, first);
        passes(FONTS, first);
    }
    // An icon may be a PNG, a film a row of JPEGs, a sound in a film's container.
    passes(IMAGES, PNG);
    passes(SOUNDS, JPEG);
    passes(SOUNDS, MP4);
    passes(&["audio/mpeg"], b"ID3\x04\0\0\0\0\0\0");
    contradicts(IMAGES, MP4, Some("video/mp4"));
    contradicts(SOUNDS, PNG, Some("image/png"));
    contradicts(FONTS, GIF, Some("image/gif"));
    for types in [IMAGES, SOUNDS, FONTS] {
        contradicts(types, HTML, Some("text/html"));
        contradicts(types, ELF, Some("a program"));
        contradicts(types, SCRIPT, Some("a program"));
        contradicts(types, PDF, Some("application/pdf"));
        contradicts(types, &zip(&["a"]), Some("application/zip"));
    }
}

#[test]
fn what_claims_nothing_cannot_be_contradicted() {
    for first in [PNG, HTML, ELF, PDF, OLE, NOTHING_KNOWN, b""] {
        passes(
            &[
                "application/octet-stream",
                "application/x-unheard-of",
                "model/stl",
                "message/rfc822",
                "no type",
            ],
            first,
        );
    }
}

/// Bytes of strangers: whatever they are, they are looked at and not believed.
#[test]
fn no_bytes_break_it() {
    use proptest::prelude::*;

    const BEGINNINGS: &[&[u8]] = &[
        PNG,
        WEBP,
        PDF,
        HTML,
        ELF,
        MP4,
        HEIC,
        MKV,
        GZIP,
        OLE,
        SCRIPT,
        b"PK\x03\x04",
        b"MZ",
        b"",
        b"\x50\x2a\x4d\x18",
        b"\xca\xfe\xba\xbe",
        b"dey\n",
    ];
    const GRANTED: &[&str] = &[
        "image/png",
        "image/heic",
        "text/plain",
        "image/x",
        "audio/x",
        DOCX,
        "a/b+zip",
    ];
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    proptest!(|(
        beginning in proptest::sample::select(BEGINNINGS),
        rest in bytes,
        long in any::<bool>(),
        granted in proptest::sample::select(GRANTED),
    )| {
        let mut first = [beginning, &rest].concat();
        if long {
            first.resize(LOOKED_AT, 0xff);
        }
        let checked = check(granted, &first);
        if granted == "image/png" {
            prop_assert_eq!(checked.is_ok(), first.starts_with(b"\x89PNG"));
        }
    });
}
