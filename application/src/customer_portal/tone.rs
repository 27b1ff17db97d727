//! The colour of a status. Beside it always stand a word and a shape.

/// What a status means to whoever looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not over yet.
    Waiting,
    /// Look at it.
    Bad,
    /// Over, and no concern.
    Quiet,
}

impl Tone {
    /// Its name in style sheets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }

    /// Its shape, for whoever sees no colour.
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Good => "●",
            Self::Waiting => "◐",
            Self::Bad => "▲",
            Self::Quiet => "○",
        }
    }

    /// That of a status, whatever it is a status of.
    pub fn of(status: &str) -> Self {
        match status.to_ascii_lowercase().as_str() {
            "active" | "delivered" | "paid" | "approved" | "published" => Self::Good,
            "queued" | "sending" | "sent" | "open" | "pending" | "exhausted" | "deprecated" => Self::Waiting,
            "failed" | "overdue" | "disabled" | "undelivered" | "lost" | "yanked" => Self::Bad,
            _ => Self::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_is_shown_has_its_tone() {
        for (tone, names) in [
            (Tone::Good, "active delivered paid approved published ACTIVE DELIVERED"),
            (Tone::Waiting, "queued sending sent open exhausted deprecated PENDING"),
            (Tone::Bad, "failed overdue disabled undelivered lost yanked FAILED"),
            (Tone::Quiet, "revoked expired closed suppressed unknown"),
        ] {
            for name in names.split(' ') {
                assert_eq!(Tone::of(name), tone, "{name}");
            }
        }
    }
}
