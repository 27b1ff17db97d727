//! Seeds of randomized tests: printed, replayed from the environment, remembered when they fail.

use std::{env, fs, path::Path};

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// A seed and the name of its run.
#[derive(Debug)]
pub struct Seed {
    name: &'static str,
    seed: u64,
}

impl Seed {
    /// The seed of a run: `SARAI_SEED` when set, else one that differs from run to run. It is printed, so
    /// that a failure shows it.
    pub fn of(name: &'static str) -> Self {
        let fresh = || {
            use std::hash::{BuildHasher, Hasher};
            std::collections::hash_map::RandomState::new().build_hasher().finish()
        };
        let seed = env::var("SARAI_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(fresh);
        Self::fixed(name, seed)
    }

    /// The run of this seed.
    #[allow(clippy::print_stdout, reason = "the test runner shows it when the test fails")]
    pub fn fixed(name: &'static str, seed: u64) -> Self {
        println!("{name} SEED={seed}");
        Self { name, seed }
    }

    /// The seeds of this run that failed before, and then [`Seed::of`].
    pub fn all(name: &'static str) -> Vec<Self> {
        let known = fs::read_to_string(regressions()).unwrap_or_default();
        let lines = known.lines().filter_map(|line| line.split_once(' '));
        let mine = lines.filter(|(run, _)| *run == name).filter_map(|(_, seed)| seed.trim().parse().ok());
        let mut seeds: Vec<_> = mine.map(|seed| Self::fixed(name, seed)).collect();
        seeds.push(Self::of(name));
        seeds
    }

    /// Numbers that follow from the seed.
    pub fn numbers(&self) -> Numbers {
        Numbers(self.seed)
    }

    /// A runner of this many cases that follow from the seed.
    pub fn runner(&self, cases: u32) -> TestRunner {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng)
    }
}

impl Seed {
    /// Remembers a seed whose run failed, so that it runs first ever after.
    pub fn remember(&self) {
        let (known, line) = (fs::read_to_string(regressions()).unwrap_or_default(), self.line());
        if !known.lines().any(|known| known == line) {
            // A seed that cannot be kept was printed all the same.
            let _ = fs::write(regressions(), format!("{known}{line}\n"));
        }
    }

    fn line(&self) -> String {
        format!("{} {}", self.name, self.seed)
    }
}

fn regressions() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/regressions.txt")
}

/// A number of the environment, or this one.
pub fn setting(name: &str, ordinary: u32) -> u32 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(ordinary)
}

/// A stream of numbers (splitmix64).
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// The next number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// The next place below a bound.
    pub fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).expect("below a usize")
    }
}
