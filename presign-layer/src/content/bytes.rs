//! What a file's first bytes are. Most of it is `infer`'s; its signatures of two bytes, with which many a text and many raw data begin, are believed only
//! together with something else.

use std::borrow::Cow;

/// What the bytes are, for people.
pub(super) fn name(first: &[u8]) -> Option<&'static str> {
    if is_html(first) {
        return Some("text/html");
    }
    if is_program(first) {
        return Some("a program");
    }
    // Its other programs are known by two bytes.
    let found =
        infer::get(first).filter(|found| found.matcher_type() != infer::MatcherType::App)?;
    Some(found.mime_type())
}

/// HTML as browsers recognise it that have no type to go by, and a little more: any blank ends a tag's name, and a byte order mark is none.
pub(super) fn is_html(first: &[u8]) -> bool {
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let blank = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b'/');
    let beginning: Cow<'_, [u8]> = if first.iter().copied().any(blank) {
        let blanked = |byte: &u8| if blank(*byte) { b' ' } else { *byte };
        first.iter().map(blanked).collect()
    } else {
        first.into()
    };
    infer::text::is_html(&beginning)
}

/// What a computer runs.
pub(super) fn is_program(first: &[u8]) -> bool {
    use infer::app;

    first.starts_with(b"#!/")
        || first.starts_with(b"#! /")
        || is_windows_program(first)
        || app::is_elf(first)
        || app::is_mach(first)
        || app::is_java(first)
        || app::is_dex(first)
        || app::is_wasm(first)
}

/// `MZ`, and the new header where the old one says it is.
fn is_windows_program(first: &[u8]) -> bool {
    let new_header = || {
        let at = first.get(0x3c..0x40)?;
        let at = u32::from_le_bytes(at.try_into().ok()?);
        first.get(usize::try_from(at).ok()?..)
    };
    infer::app::is_exe(first)
        && new_header()
            .is_some_and(|header| header.starts_with(b"PE\0\0") || header.starts_with(b"NE"))
}

/// What is clearly another thing than an image, a sound, a film or a font. An icon that is a PDF inside begins as an icon all the same.
pub(super) fn is_foreign_to_media(first: &[u8]) -> bool {
    use infer::archive;

    is_html(first)
        || is_program(first)
        || first.starts_with(b"%PDF-")
        || archive::is_zip(first)
        || archive::is_rar(first)
        || archive::is_7z(first)
}

/// A sound or a film of a common kind.
pub(super) fn is_sound_or_film(first: &[u8]) -> bool {
    is_ogg(first)
        || is_matroska(first)
        || is_flac(first)
        || is_riff(first, *b"WAVE")
        || is_riff(first, *b"AVI ")
        || infer::video::is_mp4(first)
        || infer::video::is_wmv(first)
}

/// An image of a common kind, but for JPEG: there are films that are nothing but a row of those.
pub(super) fn is_still(first: &[u8]) -> bool {
    infer::image::is_png(first) || first.starts_with(b"GIF8") || is_riff(first, *b"WEBP")
}

/// No text: a format that is none, with a byte that no text has. UTF-16 has such bytes, and begins with its mark.
///
/// Source: <https://mimesniff.spec.whatwg.org/#binary-data-byte>
pub(super) fn is_binary(first: &[u8]) -> bool {
    let utf_16 = first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff");
    let no_text = |byte: u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    let no_text_format =
        || infer::get(first).is_some_and(|found| found.matcher_type() != infer::MatcherType::Text);
    !utf_16 && first.iter().copied().any(no_text) && no_text_format()
}

pub(super) fn is_ogg(first: &[u8]) -> bool {
    infer::audio::is_ogg(first)
}

pub(super) fn is_flac(first: &[u8]) -> bool {
    infer::audio::is_flac(first)
}

/// EBML, which is what `video/webm` and `video/x-matroska` are.
pub(super) fn is_matroska(first: &[u8]) -> bool {
    first.starts_with(b"\x1a\x45\xdf\xa3")
}

/// RIFF of this kind; sounds of more than 4 GiB have other names for it.
pub(super) fn is_riff(first: &[u8], kind: [u8; 4]) -> bool {
    let container = [b"RIFF", b"RIFX", b"RF64", b"BW64"]
        .iter()
        .any(|name| first.starts_with(*name));
    container && first.get(8..12).is_some_and(|found| *found == kind)
}

/// The first box of an MP4 file, or of one of its elder relatives.
pub(super) fn is_box(first: &[u8]) -> bool {
    const BOXES: [&[u8]; 9] = [
        b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pnot",
    ];
    first.get(4..8).is_some_and(|name| BOXES.contains(&name))
}

/// HEIF and AVIF: a film's container that does not call itself one.
pub(super) fn is_boxed_image(first: &[u8]) -> bool {
    use infer::video;

    first.get(4..8) == Some(b"ftyp")
        && !video::is_mp4(first)
        && !video::is_m4v(first)
        && !video::is_mov(first)
}

/// Its signature may come as late as readers look for it, in the first 1,024 bytes; but a page or a program with one in it is none.
pub(super) fn is_pdf(first: &[u8]) -> bool {
    infer::archive::is_pdf(first) && !is_html(first) && !is_program(first)
}

/// OLE: office files before 2007, and those since that are encrypted.
pub(super) fn is_ole(first: &[u8]) -> bool {
    infer::archive::is_msi(first)
}
