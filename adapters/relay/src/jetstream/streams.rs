//! The streams we need: made where they are missing, checked where they are there.

use std::time::Duration;

use async_nats::jetstream::{
    context::GetStreamErrorKind,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};

use super::Inner;

/// Everything that happened here.
pub(super) const EVENTS: &str = "SARAI_EVENTS";
/// What other services tell us.
pub(super) const INBOUND: &str = "SARAI_INBOUND";
/// What of it could not be taken.
pub(super) const DEAD: &str = "SARAI_INBOUND_DEAD";

/// What the subjects of dead letters begin with.
pub(super) const DEAD_SUBJECT: &str = "inbound_dead";

/// How long a message is known by its id, so that a repetition is no second message.
const DUPLICATES: Duration = Duration::from_mins(10);
/// How long the broker keeps what was published.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// The streams with their subjects. What happens in sandboxes is apart from what happens (ruling R11).
const STREAMS: &[(&str, &[&str])] = &[
    (EVENTS, &["marketplace.>", "devportal.>", "sandbox.>"]),
    (INBOUND, &["inbound.>"]),
    (DEAD, &["inbound_dead.>"]),
];

fn wanted(name: &str, subjects: &[&str], replicas: usize) -> Config {
    Config {
        name: name.to_owned(),
        subjects: subjects.iter().map(|&subject| subject.to_owned()).collect(),
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        max_age: KEPT,
        duplicate_window: DUPLICATES,
        num_replicas: replicas,
        ..Config::default()
    }
}

impl Inner {
    /// Makes what is missing; a stream that was made when there was less to take is told of the rest.
    ///
    /// # Errors
    /// Why the broker cannot be used.
    pub(super) async fn ensure_streams(&self) -> Result<(), String> {
        for (name, subjects) in STREAMS {
            let wanted = wanted(name, subjects, self.replicas);
            match self.context.get_stream(*name).await {
                Ok(stream) => {
                    let found = &stream.cached_info().config;
                    check(&wanted, found)?;
                    if found.subjects.len() < wanted.subjects.len() {
                        let more = Config { subjects: wanted.subjects, ..found.clone() };
                        self.context
                            .update_stream(more)
                            .await
                            .map_err(|error| format!("stream {name} cannot be told to take more: {error}"))?;
                        tracing::info!(stream = name, "a stream takes more subjects");
                    }
                }
                Err(error) => match error.kind() {
                    GetStreamErrorKind::JetStream(refusal) if refusal.code() == 404 => {
                        self.context
                            .create_stream(wanted)
                            .await
                            .map_err(|error| format!("stream {name} cannot be made: {error}"))?;
                        tracing::info!(stream = name, "a stream was made");
                    }
                    _ => return Err(format!("stream {name} cannot be looked at: {error}")),
                },
            }
        }
        Ok(())
    }
}

/// Refuses a stream that does not take our messages, or forgets them; says where else it differs.
fn check(wanted: &Config, found: &Config) -> Result<(), String> {
    let name = &wanted.name;
    if found.subjects.iter().any(|subject| !wanted.subjects.contains(subject)) {
        return Err(format!("stream {name} has subjects {:?}, not {:?}", found.subjects, wanted.subjects));
    }
    if found.retention != wanted.retention {
        return Err(format!("stream {name} does not keep what was read: {:?}", found.retention));
    }
    let differences = [
        ("storage", format!("{:?}", found.storage), format!("{:?}", wanted.storage)),
        ("replicas", found.num_replicas.to_string(), wanted.num_replicas.to_string()),
        ("age", format!("{:?}", found.max_age), format!("{:?}", wanted.max_age)),
        (
            "duplicate window",
            format!("{:?}", found.duplicate_window),
            format!("{:?}", wanted.duplicate_window),
        ),
    ];
    for (what, found, wanted) in differences.iter().filter(|(_, found, wanted)| found != wanted) {
        tracing::warn!(
            stream = name,
            what,
            found,
            wanted,
            "a stream is not as configured; it is used as it is"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_takes_something_else_is_refused() {
        let ours = wanted(EVENTS, &["marketplace.>", "devportal.>"], 1);
        assert_eq!(check(&ours, &ours), Ok(()));
        let before = Config { subjects: vec!["marketplace.>".to_owned()], ..ours.clone() };
        assert_eq!(check(&ours, &before), Ok(()), "it is told of the rest");
        assert_eq!(check(&ours, &Config { num_replicas: 3, ..ours.clone() }), Ok(()));
        let others = Config { subjects: vec!["market.>".to_owned()], ..ours.clone() };
        assert!(check(&ours, &others).unwrap_err().contains("market.>"));
        let queue = Config { retention: RetentionPolicy::WorkQueue, ..ours.clone() };
        assert!(check(&ours, &queue).unwrap_err().contains("WorkQueue"));
    }
}
