//! The types' documentation as readers of an OpenAPI document see it: they know no Rust.

/// Takes the links out of Rust documentation, and spells the fields that they lead to as JSON does.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else {
            break;
        };
        plain.push_str(before);
        plain.push('`');
        plain.push_str(&spelled(name));
        plain.push('`');
        rest = without_target(after);
    }
    plain.push_str(rest);
    plain
}

/// `(crate::Crc)` behind a link's text is left out.
fn without_target(after: &str) -> &str {
    after
        .strip_prefix('(')
        .and_then(|target| target.split_once(')'))
        .map_or(after, |(_, rest)| rest)
}

/// `Checksums::md5_at_complete` is `Checksums.md5AtComplete`, and `ErrorCode::PartsMissing` is `parts_missing`.
fn spelled(name: &str) -> String {
    if let Some(code) = name.strip_prefix("ErrorCode::") {
        return snake_case(code);
    }
    let mut spelled = String::with_capacity(name.len());
    let mut upper = false;
    for character in name.replace("::", ".").chars() {
        match character {
            '_' => upper = true,
            _ if upper => {
                upper = false;
                spelled.extend(character.to_uppercase());
            }
            _ => spelled.push(character),
        }
    }
    spelled
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn links_lead_nowhere_and_names_are_those_of_json() {
        for (text, expected) in [
            (
                "Every one of [`headers`](Self::headers) is sent.",
                "Every one of `headers` is sent.",
            ),
            (
                "With [`ErrorCode::PartsMissing`]: numbers.",
                "With `parts_missing`: numbers.",
            ),
            (
                "Where [`Checksums::md5_at_complete`](crate::Checksums::md5_at_complete) asks.",
                "Where `Checksums.md5AtComplete` asks.",
            ),
            (
                "A list `[1]`, [a page](https://a.test) and [`open",
                "A list `[1]`, [a page](https://a.test) and [`open",
            ),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
