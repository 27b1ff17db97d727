//! Releasing SDKs: for the platform's staff.

use std::collections::BTreeMap;

use async_trait::async_trait;
use poem::{Body, FromRequest, Request, RequestBody, http::header};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::{Binary, Json},
};
use sarai_application::{
    AppError, Loaded,
    devportal::sdk_desk::{ReleaseDraft, SdkDesk, Upload},
};
use sarai_domain::{
    devportal::{
        sdk_release::{MAX_SIZE, SdkError, SdkLanguage, SdkRelease},
        values::Locale,
    },
    kernel::{Aggregate, id::kinds},
};
use sarai_ports::devportal::{ArtifactError, Bytes, Chunks};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{
    Tag,
    located::Located,
    sdk_body::{ArtifactBody, ChangelogBody, ReleaseBody},
};
use crate::{
    answers::{Created, Tagged},
    caller::Caller,
    problem::Problem,
    scalars::ApiId,
};

/// How many bytes of an upload are read at a time.
const PART: usize = 64 * 1024;

/// Routes of the staff.
pub struct SdkDeskRoutes {
    desk: SdkDesk,
}

/// A release to put together.
#[derive(Debug, Object)]
#[oai(rename = "NewSdkRelease", rename_all = "camelCase")]
pub struct NewReleaseBody {
    /// Its language, such as `RUST`.
    language: String,
    /// What its package is called.
    package_name: String,
    /// What every tool calls it, such as `pkg:cargo/sarai@1.0.0`.
    purl: String,
    /// Its version (Semantic Versioning 2.0).
    version: String,
    /// The oldest version of the API it speaks.
    min_api_version: String,
    /// What changed.
    changelog: ChangelogBody,
    /// The key it is signed with: one of `/v1/sdks/signing-keys`.
    release_key_id: String,
}

/// Why a release is withdrawn.
#[derive(Debug, Object)]
#[oai(rename = "WithdrawSdkRelease", rename_all = "camelCase")]
pub struct WithdrawBody {
    /// Why: one line of 1 to 500 characters.
    reason: String,
    /// The release to use instead.
    superseded_by: Option<ApiId<kinds::SdkRelease>>,
}

/// How many bytes were announced: an extractor of handlers.
#[derive(Debug, Clone, Copy)]
pub struct Announced(Option<u64>);

impl<'a> FromRequest<'a> for Announced {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(request.header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok())))
    }
}

/// The bytes of a request as they come.
struct Coming<R>(R);

#[async_trait]
impl<R: AsyncRead + Unpin + Send> Chunks for Coming<R> {
    async fn next(&mut self) -> Option<Result<Bytes, ArtifactError>> {
        let mut part = Vec::with_capacity(PART);
        match self.0.read_buf(&mut part).await {
            Ok(0) => None,
            Ok(_) => Some(Ok(part)),
            Err(_) => Some(Err(ArtifactError::BrokenOff)),
        }
    }
}

impl NewReleaseBody {
    fn parse(self) -> Result<ReleaseDraft, Problem> {
        let language: SdkLanguage =
            self.language.parse().map_err(|_| Problem::field("/language", "there is no such language"))?;
        let malformed = |pointer: &'static str| {
            move |error: sarai_domain::devportal::values::Malformed| {
                Problem::field(pointer, error.to_string())
            }
        };
        let said = [
            (Locale::En, self.changelog.en),
            (Locale::Ps, self.changelog.ps),
            (Locale::Fa, self.changelog.fa),
        ];
        let changelog: BTreeMap<Locale, String> =
            said.into_iter().filter_map(|(locale, text)| Some((locale, text?))).collect();
        Ok(ReleaseDraft {
            language,
            package_name: self.package_name,
            purl: self.purl.parse().map_err(malformed("/purl"))?,
            version: self.version.parse().map_err(malformed("/version"))?,
            min_api_version: self.min_api_version,
            changelog,
            release_key_id: self.release_key_id,
        })
    }
}

impl SdkDeskRoutes {
    /// Over this use case.
    pub fn new(desk: SdkDesk) -> Self {
        Self { desk }
    }
}

fn answer(outcome: Result<Loaded<SdkRelease>, AppError>) -> Result<Tagged<200, ReleaseBody>, Problem> {
    let changed = outcome?;
    Ok(Tagged { version: changed.version, body: changed.aggregate.data().into() })
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sdks")]
impl SdkDeskRoutes {
    /// Put a release together
    ///
    /// A draft, which takes its files later.
    #[oai(path = "/sdks/releases", method = "post", operation_id = "sdks.create")]
    async fn create(
        &self,
        caller: Caller,
        body: Json<NewReleaseBody>,
    ) -> Result<Located<Created<ReleaseBody>>, Problem> {
        let created = self.desk.create(&caller.0, body.0.parse()?).await?;
        let path = format!("/v1/admin/sdks/releases/{}", created.aggregate.id());
        let body = created.aggregate.data().into();
        Ok(Located { path, version: Some(created.version), answer: Created(body) })
    }

    /// One release, drafts included
    #[oai(path = "/admin/sdks/releases/:id", method = "get", operation_id = "admin.sdks.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::SdkRelease>>,
    ) -> Result<Tagged<200, ReleaseBody>, Problem> {
        let release = self.desk.get(&caller.0, id.0.0).await?;
        Ok(Tagged { version: release.version(), body: release.data().into() })
    }

    /// Upload a file
    ///
    /// The body is the file. It is hashed as it comes; what has another digest than `sha256` is refused, and can be sent
    /// again under the same name.
    #[oai(path = "/sdks/releases/:id/artifacts", method = "post", operation_id = "sdks.upload")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn upload(
        &self,
        caller: Caller,
        announced: Announced,
        id: Path<ApiId<kinds::SdkRelease>>,
        filename: Query<String>,
        signature: Query<String>,
        #[oai(name = "mediaType")] media_type: Query<Option<String>>,
        sha256: Query<Option<String>>,
        platform: Query<Option<String>>,
        arch: Query<Option<String>>,
        #[oai(name = "sigstoreBundleUrl")] sigstore_bundle_url: Query<Option<String>>,
        body: Binary<Body>,
    ) -> Result<Created<ArtifactBody>, Problem> {
        let hex = |pointer| Problem::field(pointer, "lower-case hexadecimal digits");
        let upload = Upload {
            filename: filename.0,
            media_type: media_type.0.unwrap_or_else(|| "application/octet-stream".to_owned()),
            platform: platform.0,
            arch: arch.0,
            claimed_sha256: sha256.0.map(|text| text.parse().map_err(|_| hex("sha256"))).transpose()?,
            signature: signature.0.parse().map_err(|_| hex("signature"))?,
            sigstore_bundle_url: sigstore_bundle_url
                .0
                .map(|url| url.parse().map_err(|_| Problem::field("sigstoreBundleUrl", "an https URL")))
                .transpose()?,
        };
        if announced.0.is_some_and(|announced| announced > MAX_SIZE) {
            return Err(AppError::from(SdkError::TooLarge).into());
        }
        let mut bytes = Coming(body.0.into_async_read());
        let (_, artifact) = self.desk.upload(&caller.0, id.0.0, upload, &mut bytes).await?;
        Ok(Created((&artifact).into()))
    }

    /// Release a draft
    ///
    /// Every file has come and is signed by the release's key; English says what changed.
    #[oai(path = "/sdks/releases/:id/publish", method = "post", operation_id = "sdks.publish")]
    async fn publish(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::SdkRelease>>,
    ) -> Result<Tagged<200, ReleaseBody>, Problem> {
        answer(self.desk.publish(&caller.0, id.0.0).await)
    }

    /// Say that there is a better one
    #[oai(path = "/sdks/releases/:id/deprecate", method = "post", operation_id = "sdks.deprecate")]
    async fn deprecate(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::SdkRelease>>,
        body: Json<WithdrawBody>,
    ) -> Result<Tagged<200, ReleaseBody>, Problem> {
        let WithdrawBody { reason, superseded_by } = body.0;
        let superseded_by = superseded_by.map(|id| id.0);
        answer(self.desk.deprecate(&caller.0, id.0.0, &reason, superseded_by).await)
    }

    /// Withdraw a release
    ///
    /// It is nobody's latest any more; who asks for exactly it gets it, with a warning.
    #[oai(path = "/sdks/releases/:id/yank", method = "post", operation_id = "sdks.yank")]
    async fn yank(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::SdkRelease>>,
        body: Json<WithdrawBody>,
    ) -> Result<Tagged<200, ReleaseBody>, Problem> {
        let WithdrawBody { reason, superseded_by } = body.0;
        let superseded_by = superseded_by.map(|id| id.0);
        answer(self.desk.yank(&caller.0, id.0.0, &reason, superseded_by).await)
    }

    /// Take a withdrawal back, within 72 hours
    #[oai(path = "/sdks/releases/:id/unyank", method = "post", operation_id = "sdks.unyank")]
    async fn unyank(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::SdkRelease>>,
    ) -> Result<Tagged<200, ReleaseBody>, Problem> {
        answer(self.desk.unyank(&caller.0, id.0.0).await)
    }
}
