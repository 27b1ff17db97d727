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

/// The streams with their subjects.
const STREAMS: &[(&str, &[&str])] = &[
    // A context is the first word of its topics; what happens in sandboxes is apart from what happens (ruling R11).
    (EVENTS, &["devportal.>", "marketplace.>", "sandbox.>"]),
    (INBOUND, &["inbound.>"]),
    (DEAD, &["inbound_dead.>"]),
];

fn wanted(name: &str, subjects: &[&str], replicas: usize) -> Config {
    Config {
        name: name.to_owned(),
        subjects: subjects.iter().map(|subject| (*subject).to_owned()).collect(),
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
    /// Makes what is missing, and opens to more of our messages what took only some of them: an earlier version's.
    ///
    /// # Errors
    /// Why the broker cannot be used.
    pub(super) async fn ensure_streams(&self) -> Result<(), String> {
        for (name, subjects) in STREAMS {
            let wanted = wanted(name, subjects, self.replicas);
            match self.context.get_stream(*name).await {
                Ok(stream) => {
                    let found = &stream.cached_info().config;
                    if let Some(opened) = check(&wanted, found)? {
                        let updated = self.context.update_stream(&opened).await;
                        updated.map_err(|error| format!("stream {name} cannot be opened: {error}"))?;
                        tracing::info!(stream = name, subjects = ?opened.subjects, "a stream takes more");
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

/// Refuses a stream that takes none of our messages, or forgets them; says where else it differs. What it has to become
/// to take all of them, where it takes some.
fn check(wanted: &Config, found: &Config) -> Result<Option<Config>, String> {
    let name = &wanted.name;
    let missing: Vec<_> =
        wanted.subjects.iter().filter(|subject| !found.subjects.contains(subject)).cloned().collect();
    if missing.len() == wanted.subjects.len() {
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
    Ok((!missing.is_empty()).then(|| {
        let subjects = found.subjects.iter().cloned().chain(missing).collect();
        Config { subjects, ..found.clone() }
    }))
}

#[cfg(test)]
mod tests {
    use sarai_domain::{devportal::event::DevportalEvent, marketplace::event::MarketplaceEvent};

    use super::*;

    #[test]
    fn every_topic_has_its_stream() {
        let (_, subjects) = STREAMS[0];
        for topic in MarketplaceEvent::topics().chain(DevportalEvent::topics()) {
            let takes = |subject: &&&str| topic.starts_with(subject.trim_end_matches('>'));
            assert_eq!(subjects.iter().filter(takes).count(), 1, "{topic}");
        }
    }

    #[test]
    fn a_stream_that_takes_something_else_is_refused() {
        let ours = wanted(EVENTS, &["devportal.>", "marketplace.>"], 1);
        assert_eq!(check(&ours, &ours), Ok(None));
        assert_eq!(check(&ours, &Config { num_replicas: 3, ..ours.clone() }), Ok(None));
        let more = Config {
            subjects: vec!["a.>".to_owned(), "marketplace.>".to_owned(), "devportal.>".to_owned()],
            ..ours.clone()
        };
        assert_eq!(check(&ours, &more), Ok(None));
        let earlier = Config { subjects: vec!["marketplace.>".to_owned()], num_replicas: 3, ..ours.clone() };
        let opened = check(&ours, &earlier).unwrap().expect("it takes some of them");
        assert_eq!(opened.subjects, ["marketplace.>", "devportal.>"]);
        assert_eq!(opened.num_replicas, 3, "what else somebody chose stays");
        let others = Config { subjects: vec!["market.>".to_owned()], ..ours.clone() };
        assert!(check(&ours, &others).unwrap_err().contains("market.>"));
        let queue = Config { retention: RetentionPolicy::WorkQueue, ..ours.clone() };
        assert!(check(&ours, &queue).unwrap_err().contains("WorkQueue"));
    }
}
