//! What readers get: the latest release, downloads, the log.

use proptest::prelude::*;

use super::{
    log::{LogAction, ReleaseLogEntry, genesis, verify_log},
    *,
};
use crate::kernel::{Broken, ChainHead, ChainLink};

fn with_state(n: u128, version: &str, state: ReleaseState) -> SdkReleaseData {
    SdkReleaseData { state, ..draft(n, version).data().clone() }
}

use ReleaseState::{Deleted, Deprecated, Draft, Published, Yanked};

fn latest_of(releases: &[SdkReleaseData], channel: ReleaseChannel) -> Option<String> {
    latest(releases, SdkLanguage::Rust, channel).map(|release| release.version.to_string())
}

#[test]
fn r_inv_4_allows_the_highest_version_that_is_published() {
    let releases = [
        with_state(1, "1.9.0", Published),
        with_state(2, "1.10.0", Published),
        with_state(3, "2.0.0-rc.1", Published),
        with_state(4, "3.0.0", Deprecated),
    ];
    assert_eq!(latest_of(&releases, ReleaseChannel::Stable).as_deref(), Some("1.10.0"));
    assert_eq!(latest_of(&releases, ReleaseChannel::Rc).as_deref(), Some("2.0.0-rc.1"));
    assert_eq!(
        latest_of(&releases[3..], ReleaseChannel::Stable).as_deref(),
        Some("3.0.0"),
        "there is no other"
    );
    assert_eq!(latest(&releases, SdkLanguage::Go, ReleaseChannel::Stable), None);
}

#[test]
fn r_inv_4_rejects_drafts_and_what_was_withdrawn() {
    assert_eq!(R_INV_4.id, "R-INV-4");
    let releases =
        [with_state(1, "9.0.0", Yanked), with_state(2, "8.0.0", Draft), with_state(3, "7.0.0", Deleted)];
    assert_eq!(latest_of(&releases, ReleaseChannel::Stable), None);
    assert_eq!(latest_of(&releases, ReleaseChannel::Beta), None);
}

#[test]
fn r_inv_5_rejects_a_yanked_release_by_a_name_that_moves() {
    let mut release = published(1, "1.0.0");
    let _ = release.yank("it leaks", None, at(5)).unwrap();
    let error = release.data().download(artifact_id(1), Asked::Loosely).unwrap_err();
    assert_eq!(facts(&error), ("sdk.yanked", Kind::Conflict, Some(R_INV_5)));
}

#[test]
fn r_inv_5_allows_it_by_its_exact_version_with_a_warning() {
    let mut release = published(1, "1.0.0");
    let plain = release.data().download(artifact_id(1), Asked::Loosely).unwrap();
    assert_eq!((plain.sha256, plain.deprecated_since, plain.warning), (digest(b"bytes"), None, None));
    let _ = release.deprecate("old", None, at(4)).unwrap();
    let old = release.data().download(artifact_id(1), Asked::Loosely).unwrap();
    assert_eq!(
        (old.deprecated_since, old.warning.as_deref()),
        (Some(at(4)), Some("sarai 1.0.0 is deprecated: old"))
    );
    let _ = release.yank("it leaks", None, at(5)).unwrap();
    let bad = release.data().download(artifact_id(1), Asked::Exactly).unwrap();
    assert_eq!(
        (bad.deprecated_since, bad.warning.as_deref()),
        (Some(at(5)), Some("sarai 1.0.0 is yanked: it leaks"))
    );
    assert_eq!(release.data().download(artifact_id(2), Asked::Exactly), Err(SdkError::NotFound));
    assert_eq!(draft(1, "1.0.0").data().download(artifact_id(1), Asked::Exactly), Err(SdkError::NotFound));
}

#[test]
fn r_inv_8_rejects_a_second_count_in_the_hour() {
    assert_eq!(R_INV_8.id, "R-INV-8");
    let key = |minute| DownloadKey::new(artifact_id(1), Hex([5; 32]), at(0).plus(Duration::minutes(minute)));
    assert_eq!(key(0), key(59), "a store keeps it once");
    let mut release = published(1, "1.0.0");
    let one = |count| {
        vec![DownloadCount {
            artifact_id: artifact_id(1),
            count,
            country_code: None,
            user_agent_family: None,
        }]
    };
    let _ = release.announce_downloads(at(4), one(3), at(6)).unwrap();
    assert_eq!(release.announce_downloads(at(4), one(3), at(6)), Ok(Outcome::AlreadyApplied));
    assert_eq!(release.announce_downloads(at(3), one(3), at(6)), Ok(Outcome::AlreadyApplied));
    assert_eq!(release.announce_downloads(at(5), one(0), at(6)), Err(SdkError::NotFound));
}

#[test]
fn r_inv_8_allows_the_next_hour_another_client_and_another_artifact() {
    let start = DownloadKey::new(artifact_id(1), Hex([5; 32]), at(0));
    assert_ne!(start, DownloadKey::new(artifact_id(1), Hex([5; 32]), at(1)));
    assert_ne!(start, DownloadKey::new(artifact_id(1), Hex([6; 32]), at(0)));
    assert_ne!(start, DownloadKey::new(artifact_id(2), Hex([5; 32]), at(0)));
    assert_eq!(start.hour, at(0));
}

fn logged(count: u128) -> Vec<(ReleaseLogEntry, ChainLink)> {
    let mut head = genesis();
    (1..=count)
        .map(|n| {
            let mut release = published(n, &format!("1.{n}.0"));
            let action = if n % 3 == 0 { LogAction::Yanked } else { LogAction::Released };
            if action == LogAction::Yanked {
                let _ = release.yank("it leaks", None, at(5)).unwrap();
            }
            let entry = ReleaseLogEntry::of(release.data(), action, at(6));
            let link = head.link(&entry).unwrap();
            head = ChainHead::from(&link);
            (entry, link)
        })
        .collect()
}

#[test]
fn the_log_is_a_chain_in_which_a_swapped_artifact_is_found() {
    let mut entries = logged(6);
    let head = verify_log(&entries, None).unwrap();
    assert_eq!((head.count, entries[2].0.reason.as_deref()), (6, Some("it leaks")));
    assert_eq!(verify_log(&entries, Some(&head)), Ok(head));
    assert_eq!(verify_log(&entries[..4], Some(&head)), Err(Broken::Truncated { count: 4, anchored: 6 }));
    entries[3].0.artifacts[0].sha256 = digest(b"malware");
    assert_eq!(verify_log(&entries, None), Err(Broken::Row { seq: 4 }));
}

proptest! {
    #[test]
    fn the_latest_is_never_below_another_published_one(versions in prop::collection::vec((0_u8..3, 0_u8..12, 0_u8..3, 0_usize..5), 1..12)) {
        let base = draft(1, "1.0.0").data().clone();
        let releases: Vec<SdkReleaseData> = versions
            .iter()
            .map(|(major, minor, patch, state)| SdkReleaseData {
                version: format!("{major}.{minor}.{patch}").parse().unwrap(),
                state: ReleaseState::ALL[*state],
                ..base.clone()
            })
            .collect();
        let best = latest(&releases, SdkLanguage::Rust, ReleaseChannel::Stable);
        let published: Vec<_> = releases.iter().filter(|one| one.state == Published).collect();
        if let Some(best) = best {
            prop_assert!(published.iter().all(|one| one.version <= best.version) || best.state == Published);
            prop_assert!(published.is_empty() || best.state == Published);
            prop_assert!(published.iter().all(|one| one.version <= best.version));
        } else {
            prop_assert!(releases.iter().all(|one| !matches!(one.state, Published | Deprecated)));
        }
    }
}
