//! Tests of the release: each invariant on both sides, the tables, the log, downloads, walks.

mod reading;
mod table;

use ed25519_dalek::{Signer as _, SigningKey as Secret};
use sha2::{Digest as _, Sha256 as Hasher};
use ulid::Ulid;

use super::*;
use crate::{
    devportal::{
        invariants::{R_INV_1, R_INV_3, R_INV_4, R_INV_5, R_INV_6, R_INV_7, R_INV_8},
        values::ReleaseChannel,
    },
    kernel::{Coded, DomainEvent, Hex, Invariant, Kind},
};

fn at(hour: i64) -> Timestamp {
    "2026-04-20T09:00:00Z".parse::<Timestamp>().unwrap().plus(Duration::hours(hour))
}

fn release_id(n: u128) -> SdkReleaseId {
    SdkReleaseId::new(Ulid(n))
}

fn artifact_id(n: u128) -> ArtifactId {
    ArtifactId::new(Ulid(n))
}

fn secret() -> Secret {
    Secret::from_bytes(&[3; 32])
}

fn keys() -> Vec<SigningKey> {
    let other = SigningKey { key_id: "release-0".to_owned(), public_key: Hex([1; 32]) };
    let ours =
        SigningKey { key_id: "release-1".to_owned(), public_key: Hex(secret().verifying_key().to_bytes()) };
    vec![other, ours]
}

fn digest(bytes: &[u8]) -> Sha256 {
    Hex(Hasher::digest(bytes).into())
}

fn new_release(n: u128, version: &str) -> NewRelease {
    NewRelease {
        id: release_id(n),
        tenant_id: "platform".parse().unwrap(),
        language: SdkLanguage::Rust,
        package_name: "sarai".to_owned(),
        purl: format!("pkg:cargo/sarai@{}", version.replace('+', "%2B")).parse().unwrap(),
        version: version.parse().unwrap(),
        min_api_version: "2026-01".to_owned(),
        changelog: [(Locale::En, "First.".to_owned())].into(),
        release_key_id: "release-1".to_owned(),
    }
}

fn new_artifact(n: u128, release: &SdkRelease, bytes: &[u8]) -> NewArtifact {
    let sha256 = digest(bytes);
    let signed = secret().sign(&signature_message(&release.data().purl, &sha256));
    NewArtifact {
        id: artifact_id(n),
        filename: format!("sarai-{n}.crate"),
        media_type: "application/gzip".to_owned(),
        platform: Some("linux".to_owned()),
        arch: None,
        claimed_sha256: Some(sha256),
        signature: Hex(signed.to_bytes()),
        sigstore_bundle_url: None,
        storage_key: format!("sdk/{n}"),
    }
}

/// As a store hands it back.
fn saved(release: SdkRelease) -> SdkRelease {
    let changes = release.into_changes();
    let json = serde_json::to_string(&changes.data).unwrap();
    let data: SdkReleaseData = serde_json::from_str(&json).unwrap();
    assert_eq!(data, changes.data);
    SdkRelease::rehydrate(data, vec![], changes.expected_version + 1).unwrap()
}

/// A draft with one verified artifact.
fn draft(n: u128, version: &str) -> SdkRelease {
    let mut release = SdkRelease::create(new_release(n, version), at(0)).unwrap();
    let new = new_artifact(n, &release, b"bytes");
    assert_eq!(release.add_artifact(new, at(1)), Ok(Outcome::Applied));
    assert_eq!(release.receive(artifact_id(n), digest(b"bytes"), 5, at(2)), Ok(Outcome::Applied));
    saved(release)
}

fn published(n: u128, version: &str) -> SdkRelease {
    let mut release = draft(n, version);
    assert_eq!(release.publish(&keys(), at(3)), Ok(Outcome::Applied));
    saved(release)
}

fn topics(release: &SdkRelease) -> Vec<&'static str> {
    release.root.pending().iter().map(DomainEvent::topic).collect()
}

fn facts(error: &SdkError) -> (&'static str, Kind, Option<Invariant>) {
    (error.code(), error.kind(), error.invariant())
}

fn breach(release: &SdkRelease, change: fn(&mut SdkReleaseData)) -> Option<Invariant> {
    let mut data = release.data().clone();
    change(&mut data);
    SdkRelease::rehydrate(data, vec![], 1).unwrap_err().invariant()
}

#[test]
fn r_inv_1_rejects_a_version_that_was_ever_released() {
    assert_eq!(SdkError::VersionExists.invariant(), Some(R_INV_1));
    let mut release = published(1, "1.0.0+linux");
    let slot = release.data().version_slot();
    assert_eq!(slot.as_deref(), Some("RUST:sarai:1.0.0"), "without build metadata (R-INV-2)");
    let error = release.delete(at(4)).unwrap_err();
    assert_eq!(error.code(), "sdk.invalid_transition");
    let _ = release.yank("broken", None, at(5)).unwrap();
    assert_eq!(release.data().version_slot(), slot);
}

#[test]
fn r_inv_1_allows_the_version_of_a_draft_that_came_to_nothing() {
    let mut release = draft(1, "1.0.0");
    assert!(release.data().version_slot().is_some());
    assert_eq!(release.delete(at(3)), Ok(Outcome::Applied));
    assert_eq!(release.delete(at(4)), Ok(Outcome::AlreadyApplied));
    assert_eq!(saved(release).data().version_slot(), None);
}

#[test]
fn r_inv_3_rejects_any_change_of_what_was_released() {
    let mut release = published(1, "1.0.0");
    let before = release.data().clone();
    let new = new_artifact(2, &release, b"more");
    for error in [
        release.add_artifact(new, at(4)).unwrap_err(),
        release.remove_artifact(artifact_id(1), at(4)).unwrap_err(),
        release.receive(artifact_id(1), digest(b"other"), 5, at(4)).unwrap_err(),
    ] {
        assert_eq!(facts(&error), ("sdk.immutable", Kind::Conflict, Some(R_INV_3)));
    }
    assert_eq!(*release.data(), before);
}

#[test]
fn r_inv_3_allows_corrections_of_the_changelog() {
    let mut release = published(1, "1.0.0");
    let corrected = [(Locale::En, "The first.".to_owned()), (Locale::Fa, "\u{6cc}\u{6a9}".to_owned())];
    assert_eq!(release.set_changelog(corrected.clone().into(), at(4)), Ok(Outcome::Applied));
    assert_eq!(release.set_changelog(corrected.into(), at(4)), Ok(Outcome::AlreadyApplied));
    assert_eq!(release.set_changelog(BTreeMap::new(), at(4)), Err(SdkError::ChangelogMissing));
    let long = [(Locale::En, "x".repeat(MAX_CHANGELOG + 1))].into();
    assert_eq!(release.set_changelog(long, at(4)), Err(SdkError::ChangelogTooLong));
}

#[test]
fn r_inv_6_rejects_a_digest_that_is_not_the_claimed_one() {
    let mut release = SdkRelease::create(new_release(1, "1.0.0"), at(0)).unwrap();
    let _ = release.add_artifact(new_artifact(1, &release.clone(), b"bytes"), at(1)).unwrap();
    let error = release.publish(&keys(), at(2)).unwrap_err();
    assert_eq!(facts(&error), ("sdk.artifact_missing", Kind::Conflict, Some(R_INV_6)));

    assert_eq!(release.receive(artifact_id(1), digest(b"bytez"), 5, at(2)), Ok(Outcome::Applied));
    let artifact = release.data().artifact(artifact_id(1)).unwrap();
    assert_eq!(artifact.upload_state, UploadState::Failed, "and that is stored");
    let error = artifact.verdict().unwrap_err();
    assert_eq!(facts(&error), ("sdk.digest_mismatch", Kind::Invalid, Some(R_INV_6)));
    assert_eq!(release.publish(&keys(), at(3)).unwrap_err(), error);

    let _ = release.receive(artifact_id(1), digest(b"bytes"), MAX_SIZE + 1, at(4)).unwrap();
    assert_eq!(release.data().artifact(artifact_id(1)).unwrap().verdict(), Err(SdkError::TooLarge));
    let broken = breach(&published(2, "1.0.0"), |data| data.artifacts[0].sha256 = Some(Hex([0; 32])));
    assert_eq!(broken, Some(R_INV_6));
    let waiting =
        breach(&published(2, "1.0.0"), |data| data.artifacts[0].upload_state = UploadState::Waiting);
    assert_eq!(waiting, Some(R_INV_6));
}

#[test]
fn r_inv_6_allows_another_upload_after_a_failed_one_and_no_claim_at_all() {
    let mut release = SdkRelease::create(new_release(1, "1.0.0"), at(0)).unwrap();
    let unclaimed = NewArtifact { claimed_sha256: None, ..new_artifact(2, &release, b"more") };
    for new in [new_artifact(1, &release, b"bytes"), unclaimed] {
        let _ = release.add_artifact(new, at(1)).unwrap();
    }
    let _ = release.receive(artifact_id(1), digest(b"bytez"), 5, at(2)).unwrap();
    let mut release = saved(release);
    assert_eq!(release.receive(artifact_id(1), digest(b"bytes"), 5, at(3)), Ok(Outcome::Applied));
    assert_eq!(release.receive(artifact_id(1), digest(b"bytes"), 5, at(3)), Ok(Outcome::AlreadyApplied));
    assert_eq!(release.receive(artifact_id(2), digest(b"more"), MAX_SIZE, at(3)), Ok(Outcome::Applied));
    assert_eq!(release.publish(&keys(), at(4)), Ok(Outcome::Applied));
}

#[test]
fn r_inv_7_rejects_an_unknown_key_and_a_signature_of_something_else() {
    let error = draft(1, "1.0.0").publish(&keys()[..1], at(3)).unwrap_err();
    assert_eq!(facts(&error), ("sdk.unknown_key", Kind::Invalid, Some(R_INV_7)));

    let mut release = SdkRelease::create(new_release(1, "1.0.0"), at(0)).unwrap();
    let other = SdkRelease::create(new_release(1, "1.0.1"), at(0)).unwrap();
    // The right bytes, signed for another version.
    let _ = release.add_artifact(new_artifact(1, &other, b"bytes"), at(1)).unwrap();
    let _ = release.receive(artifact_id(1), digest(b"bytes"), 5, at(2)).unwrap();
    let error = release.publish(&keys(), at(3)).unwrap_err();
    assert_eq!(facts(&error), ("sdk.bad_signature", Kind::Invalid, Some(R_INV_7)));

    let good = published(2, "1.0.0");
    assert_eq!(breach(&good, |data| data.signed_by = None), Some(R_INV_7));
    assert_eq!(breach(&good, |data| data.artifacts[0].signature.0[7] ^= 1), Some(R_INV_7));
}

#[test]
fn r_inv_7_allows_the_signature_of_purl_and_digest_under_a_published_key() {
    let release = published(1, "1.0.0");
    assert_eq!(release.data().signed_by, keys().pop());
    let artifact = release.data().artifact(artifact_id(1)).unwrap();
    assert_eq!(artifact.verify(&release.data().purl, &keys()[1].public_key), Ok(()));
}

#[test]
fn a_draft_is_complete_before_it_is_released() {
    let mut empty = SdkRelease::create(new_release(1, "1.0.0"), at(0)).unwrap();
    assert_eq!(empty.publish(&keys(), at(1)), Err(SdkError::ArtifactCount));
    let mut silent = draft(1, "1.0.0");
    let _ = silent.set_changelog([(Locale::Ps, "x".to_owned())].into(), at(2)).unwrap();
    assert_eq!(silent.publish(&keys(), at(3)), Err(SdkError::ChangelogMissing));
}

#[test]
fn a_release_is_of_its_package_and_an_artifact_is_one_file() {
    let create = |change: fn(&mut NewRelease)| {
        let mut new = new_release(1, "1.0.0");
        change(&mut new);
        SdkRelease::create(new, at(0)).map(|_| ()).unwrap_err()
    };
    assert_eq!(create(|new| new.purl = "pkg:npm/sarai@1.0.0".parse().unwrap()), SdkError::PurlMismatch);
    assert_eq!(create(|new| new.purl = "pkg:cargo/sarai@1.0.1".parse().unwrap()), SdkError::PurlMismatch);
    assert_eq!(create(|new| new.purl = "pkg:cargo/sarai".parse().unwrap()), SdkError::PurlMismatch);
    assert_eq!(create(|new| new.package_name = " ".to_owned()), SdkError::Name);

    let mut release = draft(1, "1.0.0");
    for bad in ["", "a/b", "..", "a\\b", "a\nb", &"x".repeat(256)] {
        let new = NewArtifact { filename: bad.to_owned(), ..new_artifact(2, &release, b"more") };
        assert_eq!(release.add_artifact(new, at(2)), Err(SdkError::Filename), "{bad}");
    }
    let unnamed = NewArtifact { media_type: "gzip".to_owned(), ..new_artifact(2, &release, b"more") };
    assert_eq!(release.add_artifact(unnamed, at(2)), Err(SdkError::Artifact));
    let same = NewArtifact { id: artifact_id(2), ..new_artifact(1, &release, b"bytes") };
    assert_eq!(release.add_artifact(same, at(2)), Err(SdkError::ArtifactExists));
    for n in 2..=50 {
        let new = new_artifact(n, &release, b"more");
        assert_eq!(release.add_artifact(new, at(2)), Ok(Outcome::Applied));
    }
    let new = new_artifact(51, &release, b"more");
    assert_eq!(release.add_artifact(new, at(2)), Err(SdkError::ArtifactCount));
    assert_eq!(release.remove_artifact(artifact_id(50), at(3)), Ok(Outcome::Applied));
    assert_eq!(release.remove_artifact(artifact_id(50), at(3)), Ok(Outcome::AlreadyApplied));
}
