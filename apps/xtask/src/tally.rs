//! Adds up the result lines of many test binaries while their output streams by.

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
}

impl Tally {
    /// Whether no test ran at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed == 0 && self.failed == 0
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
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
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
    fn a_run_without_result_lines_is_empty() {
        let tally = stream(&b"error: could not compile\n"[..], io::sink()).expect("memory does not fail");
        assert!(tally.is_empty());
        assert_eq!(tally.to_string(), "0 passed, 0 failed");
    }
}
