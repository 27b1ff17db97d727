//! SDK releases, their log, and who downloaded what.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sarai_domain::{
    devportal::sdk_release::{
        DownloadCount, DownloadKey, SdkLanguage, SdkRelease, SdkReleaseData,
        log::{ReleaseLogEntry, genesis},
    },
    kernel::{ArtifactId, ChainHead, ChainLink, SdkReleaseId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError, Stored,
    devportal::{DownloadHour, DownloadLog, LoggedRelease, ReleaseLog, SdkRepository},
};

use crate::{
    MemoryStore,
    table::{Indexed, Rows},
};

/// What stands beside the releases.
#[derive(Default)]
pub(crate) struct SdkRecords {
    log: Vec<LoggedRelease>,
    /// The events that the log has a line of.
    logged: BTreeSet<String>,
    downloads: BTreeMap<(Timestamp, SdkReleaseId, ArtifactId), BTreeSet<DownloadKey>>,
}

impl Indexed for SdkRelease {
    fn index(data: &SdkReleaseData) -> Vec<(&'static str, String)> {
        let artifacts = data.artifacts.iter().map(|artifact| ("artifact", artifact.id.to_string()));
        [("language", data.language.as_str().to_owned())].into_iter().chain(artifacts).collect()
    }
}

#[async_trait]
impl SdkRepository for MemoryStore {
    async fn find_by_artifact(
        &self,
        scope: &Scope,
        artifact: ArtifactId,
    ) -> Result<Option<SdkRelease>, StoreError> {
        let state = self.state();
        let mut ids = state.releases.by_index("artifact", &artifact.to_string());
        let readable = |id: &&SdkReleaseId| {
            state.releases.data(id).is_some_and(|data| SdkRelease::readable(scope, data))
        };
        ids.find(readable).map_or(Ok(None), |id| state.releases.load(id, &Rows::All))
    }

    async fn find_by_language(
        &self,
        scope: &Scope,
        language: SdkLanguage,
        page: &PageRequest,
    ) -> Result<Page<SdkRelease>, StoreError> {
        let state = self.state();
        let ids = state.releases.by_index("language", language.as_str());
        state.releases.page(ids, page, &Rows::All, |data| SdkRelease::readable(scope, data))
    }

    async fn released(&self, language: Option<SdkLanguage>) -> Result<Vec<SdkReleaseData>, StoreError> {
        let state = self.state();
        let all = state.releases.ids().filter_map(|id| state.releases.data(id));
        let wanted = |data: &&SdkReleaseData| {
            data.is_public() && language.is_none_or(|language| data.language == language)
        };
        Ok(all.filter(wanted).cloned().collect())
    }
}

#[async_trait]
impl ReleaseLog for MemoryStore {
    async fn append(&self, event_id: &str, entry: ReleaseLogEntry) -> Result<Option<ChainLink>, StoreError> {
        let mut state = self.state();
        if !state.sdk.logged.insert(event_id.to_owned()) {
            return Ok(None);
        }
        let last = state.sdk.log.last().map(|last| last.link);
        let head = last.map_or_else(genesis, |last| ChainHead { count: last.seq, hash: last.hash });
        let link = head.link(&entry).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        state.sdk.log.push(LoggedRelease { entry, link });
        Ok(Some(link))
    }

    async fn lines(&self, after: u64, limit: usize) -> Result<Vec<LoggedRelease>, StoreError> {
        let state = self.state();
        Ok(state.sdk.log.iter().filter(|line| line.link.seq > after).take(limit).cloned().collect())
    }
}

#[async_trait]
impl DownloadLog for MemoryStore {
    async fn note(&self, release: SdkReleaseId, download: DownloadKey) -> Result<bool, StoreError> {
        let mut state = self.state();
        let key = (download.hour, release, download.artifact_id);
        Ok(state.sdk.downloads.entry(key).or_default().insert(download))
    }

    async fn hours_before(&self, hour: Timestamp, limit: usize) -> Result<Vec<DownloadHour>, StoreError> {
        let state = self.state();
        let mut hours: Vec<DownloadHour> = Vec::new();
        for ((at, release_id, artifact_id), downloads) in &state.sdk.downloads {
            if *at >= hour {
                break;
            }
            let count = DownloadCount {
                artifact_id: *artifact_id,
                count: downloads.len() as u64,
                country_code: None,
                user_agent_family: None,
            };
            let full = hours.len() == limit;
            match hours.last_mut().filter(|last| last.hour == *at && last.release_id == *release_id) {
                Some(last) => last.counts.push(count),
                None if full => break,
                None => hours.push(DownloadHour { release_id: *release_id, hour: *at, counts: vec![count] }),
            }
        }
        Ok(hours)
    }

    async fn forget_hour(&self, release: SdkReleaseId, hour: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        state.sdk.downloads.retain(|(at, of, _), _| *of != release || *at > hour);
        Ok(())
    }
}
