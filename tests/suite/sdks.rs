//! SDK releases: versions for ever, the log, downloads.

use std::time::Duration;

use ed25519_dalek::{Signer as _, SigningKey as Secret};
use sarai_domain::{
    devportal::sdk_release::{
        DownloadKey, NewArtifact, NewRelease, SdkLanguage, SdkRelease, SigningKey, hour_of,
        log::{LogAction, ReleaseLogEntry, verify_log},
        signature_message,
    },
    devportal::values::Locale,
    kernel::{Aggregate, ArtifactId, Hex},
};
use sarai_ports::{PageRequest, Scope, StoreError, UniqueKey};

use crate::{
    SuitePorts,
    harness::{assert_not_found, at_once, has_committed},
    make,
    paging::{assert_pages, newest_first},
};

fn draft(ports: &SuitePorts, version: &str) -> SdkRelease {
    let new = NewRelease {
        id: ports.id(),
        tenant_id: make::tenant("platform"),
        language: SdkLanguage::Rust,
        package_name: "sarai".to_owned(),
        purl: format!("pkg:cargo/sarai@{version}").parse().unwrap(),
        version: version.parse().unwrap(),
        min_api_version: "v1".to_owned(),
        changelog: [(Locale::En, "First.".to_owned())].into(),
        release_key_id: "release-1".to_owned(),
    };
    SdkRelease::create(new, ports.now()).unwrap()
}

fn released(ports: &SuitePorts, version: &str) -> (SdkRelease, ArtifactId) {
    let mut release = draft(ports, version);
    let (secret, digest) = (Secret::from_bytes(&[3; 32]), Hex([9; 32]));
    let id: ArtifactId = ports.id();
    let new = NewArtifact {
        id,
        filename: format!("sarai-{version}.crate"),
        media_type: "application/gzip".to_owned(),
        platform: None,
        arch: None,
        claimed_sha256: None,
        signature: Hex(secret.sign(&signature_message(&release.data().purl, &digest)).to_bytes()),
        sigstore_bundle_url: None,
        storage_key: format!("sdk/{id}"),
    };
    make::applied(release.add_artifact(new, ports.now()));
    make::applied(release.receive(id, digest, 1_024, ports.now()));
    let public_key = Hex(secret.verifying_key().to_bytes());
    make::applied(release.publish(&[SigningKey { key_id: "release-1".to_owned(), public_key }], ports.now()));
    (release, id)
}

/// A version of a package is one release's, whatever its build is called; a draft that was dropped gives it back.
pub async fn a_version_is_one_release_s(ports: &SuitePorts) {
    let mut first = ports.stored(ports.sdks(), draft(ports, "1.0.0")).await;
    let refused = ports.save(ports.sdks(), draft(ports, "1.0.0+linux")).await;
    assert_eq!(refused.unwrap_err(), StoreError::Taken(UniqueKey::SdkVersion));
    make::applied(first.delete(ports.now()));
    ports.put(ports.sdks(), first).await;
    ports.put(ports.sdks(), draft(ports, "1.0.0")).await;
    let saves = at_once(8, |_| {
        let ports = ports.clone();
        async move { ports.save(ports.sdks(), draft(&ports, "2.0.0")).await }
    })
    .await;
    assert_eq!(saves.iter().filter(|saved| has_committed(saved)).count(), 1);
}

/// What was released is everybody's to find; drafts are the platform's.
pub async fn what_is_released_is_found_by_all(ports: &SuitePorts) {
    let hidden = ports.stored(ports.sdks(), draft(ports, "2.0.0")).await;
    let (release, artifact) = released(ports, "1.0.0");
    let release = ports.stored(ports.sdks(), release).await;
    for scope in [Scope::Public, Scope::Tenant(make::tenant("acme")), Scope::System] {
        let found = ports.sdks().find(&scope, &release.id()).await.unwrap().unwrap();
        assert_eq!(found.data(), release.data());
        let of = ports.sdks().find_by_artifact(&scope, artifact).await.unwrap().unwrap();
        assert_eq!(of.id(), release.id());
        let shown = ports.sdks().find(&scope, &hidden.id()).await.unwrap().is_some();
        assert_eq!(shown, scope == Scope::System, "{scope:?}");
    }
    assert!(ports.sdks().find_by_artifact(&Scope::Public, ports.id()).await.unwrap().is_none());
    let all = ports.sdks().released(None).await.unwrap();
    assert_eq!(all, [release.data().clone()]);
    assert!(ports.sdks().released(Some(SdkLanguage::Go)).await.unwrap().is_empty());
    let unit = ports.unit(draft(ports, "3.0.0"), ports.context());
    assert_not_found(ports.sdks().save(&Scope::Tenant(make::tenant("acme")), unit).await);
}

/// A language's list turns its pages, newest first.
pub async fn a_language_s_list_turns_its_pages(ports: &SuitePorts) {
    let mut rows = Vec::new();
    for number in 0..6 {
        let (release, _) = released(ports, &format!("1.0.{number}"));
        rows.push((release.data().created_at, release.id().to_string()));
        ports.put(ports.sdks(), release).await;
        ports.advance(Duration::from_micros(u64::from(number % 3 == 2)));
    }
    ports.put(ports.sdks(), draft(ports, "2.0.0")).await;
    assert_pages(&newest_first(&rows), async |request| {
        let page = ports.sdks().find_by_language(&Scope::Public, SdkLanguage::Rust, &request).await?;
        Ok(page.map(|release: SdkRelease| release.id().to_string()))
    })
    .await;
    let page = PageRequest::first(10);
    let staff = ports.sdks().find_by_language(&Scope::PlatformAdmin, SdkLanguage::Rust, &page).await;
    assert_eq!(staff.unwrap().items.len(), 7);
}

/// The log grows by a line an event, in one chain, however many write it at once.
pub async fn the_log_is_one_chain(ports: &SuitePorts) {
    let (release, _) = released(ports, "1.0.0");
    let entry = ReleaseLogEntry::of(release.data(), LogAction::Released, ports.now());
    let appended = at_once(8, |number| {
        let (ports, entry) = (ports.clone(), entry.clone());
        // Each event is told twice.
        async move { ports.release_log().append(&format!("evt-{}", number / 2), entry).await.unwrap() }
    })
    .await;
    assert_eq!(appended.iter().flatten().count(), 4);
    let lines = ports.release_log().lines(0, 10).await.unwrap();
    let chain: Vec<_> = lines.iter().map(|line| (line.entry.clone(), line.link)).collect();
    let head = verify_log(&chain, None).unwrap();
    assert_eq!(head.count, 4);
    let later = ports.release_log().lines(1, 2).await.unwrap();
    assert_eq!(later.iter().map(|line| line.link.seq).collect::<Vec<_>>(), [2, 3]);
}

/// A download counts once an hour for a client and an artifact (R-INV-8), until its hour is announced.
pub async fn a_download_counts_once_an_hour(ports: &SuitePorts) {
    let (release, other, one, two) = (ports.id(), ports.id(), ports.id(), ports.id());
    let at = hour_of(ports.now());
    let later = at.plus(time::Duration::hours(1));
    let note = async |release, artifact, client: u8, at| {
        ports.downloads().note(release, DownloadKey::new(artifact, Hex([client; 32]), at)).await.unwrap()
    };
    assert!(note(release, one, 1, at).await);
    assert!(!note(release, one, 1, at.plus(time::Duration::minutes(59))).await);
    assert!(note(release, one, 2, at).await && note(release, two, 1, at).await);
    assert!(note(release, one, 1, later).await && note(other, one, 3, at).await);
    let counted = async |before| -> Vec<_> {
        let hours = ports.downloads().hours_before(before, 10).await.unwrap();
        let of = |hour: sarai_ports::devportal::DownloadHour| {
            let mut counts: Vec<_> = hour.counts.iter().map(|one| (one.artifact_id, one.count)).collect();
            counts.sort();
            (hour.release_id, hour.hour, counts)
        };
        hours.into_iter().map(of).collect()
    };
    assert!(counted(at).await.is_empty());
    let mut first = vec![(one, 2), (two, 1)];
    first.sort();
    let hour = counted(later).await;
    assert_eq!(hour.len(), 2);
    assert!(hour.contains(&(release, at, first)) && hour.contains(&(other, at, vec![(one, 1)])));
    assert_eq!(ports.downloads().hours_before(later, 1).await.unwrap().len(), 1);
    ports.downloads().forget_hour(release, at).await.unwrap();
    assert_eq!(counted(later.plus(time::Duration::hours(1))).await.len(), 2);
    ports.downloads().forget_hour(release, later).await.unwrap();
    assert_eq!(counted(later.plus(time::Duration::hours(1))).await.len(), 1);
}
