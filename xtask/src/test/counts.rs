/// Tests counted in what a test runner prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Ignored, skipped or left to do: they ran nothing.
    pub(crate) skipped: u64,
}

impl Counts {
    /// Adds what `line` says: `test result: …` of Rust's test harness, `# pass 3` or `ℹ pass 3` of Node's.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            let (_, counts) = result.split_once(". ").unwrap_or_default();
            for count in counts.split("; ") {
                if let Some((number, what)) = count.split_once(' ') {
                    self.add(what, number);
                }
            }
        } else if let Some(count) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))
            && let Some((what, number)) = count.split_once(' ')
        {
            self.add(what, number);
        }
    }

    fn add(&mut self, what: &str, number: &str) {
        let Ok(number) = number.trim().parse::<u64>() else {
            return;
        };
        match what {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "cancelled" => self.failed += number,
            "ignored" | "skipped" | "todo" => self.skipped += number,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn counted(text: &str) -> Counts {
        let mut counts = Counts::default();
        text.lines().for_each(|line| counts.read(line));
        counts
    }

    #[test]
    fn every_result_of_rusts_harness_is_added() {
        let text = "running 4 tests\ntest a ... ok\n\
                    test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s\n\
                    test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        assert_eq!(
            counted(text),
            Counts {
                passed: 7,
                failed: 1,
                skipped: 1
            }
        );
    }

    #[test]
    fn both_of_nodes_reporters_are_read() {
        let expected = Counts {
            passed: 3,
            failed: 2,
            skipped: 2,
        };
        assert_eq!(
            counted(
                "# tests 7\n# suites 0\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n"
            ),
            expected
        );
        assert_eq!(
            counted("ℹ tests 7\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\n"),
            expected
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            counted("# passengers 3\n# pass the salt\ntest result: \nok 1 - pass 7\n"),
            Counts::default()
        );
    }
}
