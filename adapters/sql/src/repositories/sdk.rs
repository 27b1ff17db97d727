//! SDK releases, their log, and who downloaded what.

use async_trait::async_trait;
use sarai_domain::{
    devportal::sdk_release::{
        DownloadCount, DownloadKey, SdkLanguage, SdkRelease, SdkReleaseData,
        log::{ReleaseLogEntry, genesis},
    },
    kernel::{Aggregate as _, ArtifactId, ChainHead, ChainLink, SdkReleaseId, Timestamp},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    devportal::{DownloadHour, DownloadLog, LoggedRelease, ReleaseLog, SdkRepository},
};

use super::Readable;
use crate::{
    Database, Record, Store, Value,
    aggregates::json,
    load::{Rows, parsed, select},
    statement::{NEWEST, Statement, args},
};

impl Readable for SdkRelease {
    fn visible(statement: &mut Statement, scope: &Scope) {
        match scope {
            Scope::PlatformAdmin | Scope::System => {}
            _ => {
                statement.push("and r.state not in ('DRAFT', 'DELETED')");
            }
        }
    }
}

fn releases(condition: &str, args: Vec<Value>) -> Statement {
    let text = format!("{} where r.tenant_id = 'platform' and {condition}", select::<SdkRelease>(&Rows::All));
    Statement::new(text, args)
}

#[async_trait]
impl<D: Database> SdkRepository for Store<D> {
    async fn find_by_artifact(
        &self,
        scope: &Scope,
        artifact: ArtifactId,
    ) -> Result<Option<SdkRelease>, StoreError> {
        let condition = "r.id = (select a.parent_id from sdk_artifacts a \
             where a.tenant_id = 'platform' and a.artifact_id = $1)";
        let mut statement = releases(condition, args![artifact.to_string()]);
        SdkRelease::visible(&mut statement, scope);
        self.load_one(scope, statement).await
    }

    async fn find_by_language(
        &self,
        scope: &Scope,
        language: SdkLanguage,
        page: &PageRequest,
    ) -> Result<Page<SdkRelease>, StoreError> {
        let mut statement = releases("r.language = $1", args![language.as_str()]);
        SdkRelease::visible(&mut statement, scope);
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn released(&self, language: Option<SdkLanguage>) -> Result<Vec<SdkReleaseData>, StoreError> {
        let mut statement = releases("r.state not in ('DRAFT', 'DELETED')", Vec::new());
        statement.and_if("r.language =", language.map(SdkLanguage::as_str)).push("order by r.id");
        let found = self.load::<SdkRelease>(&Scope::Public, statement).await?;
        Ok(found.into_iter().map(|release| release.data().clone()).collect())
    }
}

fn logged(record: &Record) -> Result<LoggedRelease, StoreError> {
    let unreadable = |error: serde_json::Error| StoreError::Corrupt {
        aggregate: "sdk",
        id: "log".to_owned(),
        reason: error.to_string(),
    };
    let entry = serde_json::from_str(record.text(0)?).map_err(unreadable)?;
    let link = serde_json::from_str(record.text(1)?).map_err(unreadable)?;
    Ok(LoggedRelease { entry, link })
}

/// A line goes where the one before it is the last; an event that has its line gets no other.
const APPEND: &str = "insert into release_log (tenant_id, seq, event_id, doc, link) \
     select 'platform', $1, $2, $3, $4 where not exists (select 1 from release_log l \
         where l.tenant_id = 'platform' and (l.seq >= $1 or l.event_id = $2)) \
     on conflict do nothing returning 1";

/// How often an append is tried while others append.
const TRIES: u32 = 20;

#[async_trait]
impl<D: Database> ReleaseLog for Store<D> {
    async fn append(&self, event_id: &str, entry: ReleaseLogEntry) -> Result<Option<ChainLink>, StoreError> {
        let known = "select 1 from release_log where tenant_id = 'platform' and event_id = $1";
        let last = "select doc, link from release_log where tenant_id = 'platform' order by seq desc limit 1";
        let document = json("sdk", &entry)?;
        for _ in 0..TRIES {
            let found = self.ask(&Scope::System, Statement::new(known, args![event_id])).await?;
            if !found.is_empty() {
                return Ok(None);
            }
            let found = self.ask(&Scope::System, Statement::new(last, Vec::new())).await?;
            let head = match found.first() {
                None => genesis(),
                Some(record) => {
                    let link = logged(record)?.link;
                    ChainHead { count: link.seq, hash: link.hash }
                }
            };
            let link = head.link(&entry).map_err(|error| StoreError::Unavailable(error.to_string()))?;
            let args = vec![
                link.seq.into(),
                event_id.into(),
                Value::Json(document.clone()),
                Value::Json(json("sdk", &link)?),
            ];
            if !self.ask(&Scope::System, Statement::new(APPEND, args)).await?.is_empty() {
                return Ok(Some(link));
            }
        }
        Err(StoreError::Conflict { aggregate: "sdk" })
    }

    async fn lines(&self, after: u64, limit: usize) -> Result<Vec<LoggedRelease>, StoreError> {
        let text = "select doc, link from release_log where tenant_id = 'platform' and seq > $1 \
                    order by seq limit $2";
        let found = self.ask(&Scope::Public, Statement::new(text, args![after, limit])).await?;
        found.iter().map(logged).collect()
    }
}

#[async_trait]
impl<D: Database> DownloadLog for Store<D> {
    async fn note(&self, release: SdkReleaseId, download: DownloadKey) -> Result<bool, StoreError> {
        let text = "insert into sdk_downloads (tenant_id, hour, release_id, artifact_id, client) \
                    values ('platform', $1, $2, $3, $4) on conflict do nothing returning 1";
        let args = args![
            download.hour,
            release.to_string(),
            download.artifact_id.to_string(),
            download.client.to_string()
        ];
        Ok(!self.ask(&Scope::System, Statement::new(text, args)).await?.is_empty())
    }

    async fn hours_before(&self, hour: Timestamp, limit: usize) -> Result<Vec<DownloadHour>, StoreError> {
        let text = "select d.release_id, d.hour, d.artifact_id, count(*) from sdk_downloads d \
                    join (select distinct release_id, hour from sdk_downloads \
                        where tenant_id = 'platform' and hour < $1 order by hour, release_id limit $2) h \
                    on h.release_id = d.release_id and h.hour = d.hour where d.tenant_id = 'platform' \
                    group by d.hour, d.release_id, d.artifact_id order by d.hour, d.release_id, d.artifact_id";
        let found = self.ask(&Scope::System, Statement::new(text, args![hour, limit])).await?;
        let mut hours: Vec<DownloadHour> = Vec::new();
        for record in &found {
            let (release_id, hour) = (parsed(record.text(0)?)?, record.time(1)?);
            let count = DownloadCount {
                artifact_id: parsed(record.text(2)?)?,
                count: record.count(3)?,
                country_code: None,
                user_agent_family: None,
            };
            match hours.last_mut().filter(|last| last.hour == hour && last.release_id == release_id) {
                Some(last) => last.counts.push(count),
                None => hours.push(DownloadHour { release_id, hour, counts: vec![count] }),
            }
        }
        Ok(hours)
    }

    async fn forget_hour(&self, release: SdkReleaseId, hour: Timestamp) -> Result<(), StoreError> {
        let text = "delete from sdk_downloads where tenant_id = 'platform' and release_id = $1 and hour <= $2 \
                    returning 1";
        self.ask(&Scope::System, Statement::new(text, args![release.to_string(), hour])).await.map(|_| ())
    }
}
