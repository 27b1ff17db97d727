//! Adds up the result lines of many test binaries while their output streams by, and keeps what failing tests said.

use std::{
    fmt,
    io::{self, BufRead, Write},
};

/// How many tests ran, over all result lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    /// What the binaries with failing tests printed under `failures:`.
    failures: Vec<u8>,
}

impl Tally {
    /// Whether no test ran at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed == 0 && self.failed == 0
    }

    /// What failing tests said, to be shown where a reader of the last lines finds it.
    pub(crate) fn failures(&self) -> &[u8] {
        &self.failures
    }

    /// Adds a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`; any other line adds nothing.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        for part in result.split(';') {
            let mut words = part.split_whitespace().rev();
            let (Some(what), Some(Ok(count))) = (words.next(), words.next().map(str::parse::<u64>)) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} skipped", self.ignored)?;
        }
        Ok(())
    }
}

/// Copies `from` to `to` line by line, as it comes, and counts.
///
/// # Errors
/// Reading or writing.
pub(crate) fn stream(mut from: impl BufRead, mut to: impl Write) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut line = Vec::new();
    let mut failing = false;
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        // A binary begins its failures with this line, and ends them with its result.
        failing = (failing || line == b"failures:\n") && !line.starts_with(b"test result: ");
        if failing {
            tally.failures.extend_from_slice(&line);
        }
        tally.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_add_up_and_the_output_passes_unchanged() {
        let output: &[u8] = b"running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            a \xff byte\n\
            test result: FAILED. 40 passed; 1 failed; 3 ignored; 0 measured; 9 filtered out; finished in 2.00s\n\
            test result: \x1b[32mok\x1b[m. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
            no newline";
        let mut copy = Vec::new();
        let tally = stream(output, &mut copy).expect("memory does not fail");
        assert_eq!(copy, output);
        assert_eq!(tally.to_string(), "43 passed, 1 failed, 3 skipped");
    }

    #[test]
    fn what_failing_tests_said_is_kept_and_nothing_else() {
        let output: &[u8] = b"test a ... FAILED\n\n\
            failures:\n\n---- a stdout ----\nleft: 1\n\nfailures:\n    a\n\n\
            test result: FAILED. 0 passed; 1 failed\n\
            test result: ok. 1 passed; 0 failed\n\
            failures:\n    b\n";
        let tally = stream(output, io::sink()).expect("memory does not fail");
        let said = String::from_utf8_lossy(tally.failures());
        assert_eq!(
            said,
            "failures:\n\n---- a stdout ----\nleft: 1\n\nfailures:\n    a\n\nfailures:\n    b\n"
        );
    }

    #[test]
    fn a_run_without_result_lines_is_empty() {
        let tally = stream(&b"error: could not compile\n"[..], io::sink()).expect("memory does not fail");
        assert!(tally.is_empty());
        assert_eq!(tally.to_string(), "0 passed, 0 failed");
    }
}
