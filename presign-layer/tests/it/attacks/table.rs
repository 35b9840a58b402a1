//! SECURITY.md is held to what is tested: every test that it names is there, and every attack that is performed is listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// So the table shortens the folders of tests.
const FOLDERS: [(&str, &str); 4] = [
    ("it/", "presign-layer/tests/it/"),
    ("src/", "presign-layer/src/"),
    ("demo/", "examples/demo/tests/"),
    ("browser/", "tests/browser/test/"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Attack {
    number: usize,
    /// File and name, as the table has them.
    tests: Vec<(String, String)>,
}

/// The rows that begin with a number, of all tables.
fn attacks() -> Vec<Attack> {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let mut attacks = Vec::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some(number) = cells.get(1).and_then(|cell| cell.parse().ok()) else {
            continue;
        };
        assert_eq!(cells.len(), 7, "five columns, and no `|` in any: {line}");
        for cell in &cells[2..5] {
            assert!(!cell.is_empty(), "{line}");
        }
        let quoted = cells[5].split('`').skip(1).step_by(2);
        let tests = quoted
            .map(|test| {
                let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{test}"));
                (file.to_owned(), name.to_owned())
            })
            .collect();
        attacks.push(Attack { number, tests });
    }
    attacks
}

/// The names of a file's tests: of functions below an attribute `test`, or of calls of `test`.
fn names(file: &Path) -> BTreeSet<String> {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    if file.extension().is_some_and(|extension| extension == "mjs") {
        let calls = text.split("test(").skip(1);
        let quoted = calls.filter_map(|call| {
            let quote = call
                .chars()
                .next()
                .filter(|quote| "\"`'".contains(*quote))?;
            call[1..].split(quote).next()
        });
        return quoted.map(str::to_owned).collect();
    }
    let mut names = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((_, after)) = line.split_once("fn ").filter(|_| is_test) {
            names.extend(after.split('(').next().map(str::to_owned));
            is_test = false;
        }
    }
    names
}

fn path_of(file: &str) -> PathBuf {
    let found = FOLDERS
        .iter()
        .find_map(|(short, long)| Some(root().join(long).join(file.strip_prefix(short)?)));
    found.unwrap_or_else(|| panic!("{file} is in no folder that the table shortens"))
}

#[test]
fn every_attack_is_shown_by_tests_that_are_there() {
    let attacks = attacks();
    assert!(attacks.len() >= 40, "only {} attacks", attacks.len());
    for (index, attack) in attacks.iter().enumerate() {
        assert_eq!(attack.number, index + 1, "the numbers are in order");
        assert!(!attack.tests.is_empty(), "{} has no test", attack.number);
        for (file, name) in &attack.tests {
            assert!(
                names(&path_of(file)).contains(name),
                "{}: there is no test `{name}` in {file}",
                attack.number
            );
        }
    }
}

#[test]
fn every_attack_that_is_performed_is_listed() {
    let listed: BTreeSet<(String, String)> = attacks()
        .into_iter()
        .flat_map(|attack| attack.tests)
        .collect();
    let here = |short: &str| {
        let folder = path_of(short);
        let files = fs::read_dir(folder).unwrap();
        let mut files: Vec<String> = files
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    };
    let ours = here("it/attacks/")
        .into_iter()
        .filter(|name| name != "table.rs" && name != "mod.rs")
        .map(|name| format!("it/attacks/{name}"));
    let at_the_store = here("browser/")
        .into_iter()
        .filter(|name| name.starts_with("attacks"))
        .map(|name| format!("browser/{name}"));
    for file in ours.chain(at_the_store) {
        for name in names(&path_of(&file)) {
            let test = (file.clone(), name);
            assert!(listed.contains(&test), "SECURITY.md does not list {test:?}");
        }
    }
}
