//! Finding, checking and downloading SDKs: for everybody.

use std::sync::Arc;

use poem::{Body, FromRequest, IntoResponse, Request, RequestBody, Response, http::header};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::Any,
};
use sarai_application::{
    AppError,
    devportal::sdks::{Offer, Sdks},
};
use sarai_domain::{
    devportal::sdk_release::{Download, SdkLanguage},
    kernel::{Aggregate, Hex, Timestamp, id::kinds},
};
use sarai_ports::{devportal::Chunks, system::Clock};
use time::Duration;
use tokio::io::AsyncWriteExt as _;

use super::{
    Tag,
    sdk_body::{
        ChannelBody, LanguageBody, LatestBody, LogBody, LogLineBody, ReleaseBody, SigningKeyBody,
        SigningKeysBody,
    },
};
use crate::{
    caller::CameFrom,
    links::Links,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiId,
};

/// For how long an address of ours is good.
const LINK_LASTS: Duration = Duration::minutes(5);
/// How many lines of the log there are at a time.
const LINES: usize = 100;
/// How many bytes of a download wait for its reader.
const BUFFER: usize = 256 * 1024;

/// Routes of readers.
pub struct SdkRoutes {
    sdks: Sdks,
    links: Links,
    clock: Arc<dyn Clock>,
    cursors: Cursors,
}

/// Who downloads, as far as it is known: an extractor of handlers.
#[derive(Debug, Clone)]
pub struct Client(String);

impl<'a> FromRequest<'a> for Client {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let from = request.extensions().get::<CameFrom>().and_then(|from| from.0);
        let address = from.map(|address| address.to_string()).unwrap_or_default();
        let agent = request.header(header::USER_AGENT).unwrap_or_default();
        Ok(Self(format!("{address}\n{agent}")))
    }
}

/// Where an artifact is given, and what goes with it.
pub struct Redirect {
    location: String,
    download: Download,
}

/// The bytes of an artifact.
pub struct Content {
    filename: String,
    media_type: String,
    size: Option<u64>,
    download: Download,
    body: Body,
}

/// `Repr-Digest` (RFC 9530).
fn digest(Hex(bytes): &Hex<32>) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    format!("sha-256=:{}:", STANDARD.encode(bytes))
}

/// The headers that go with a download: its digest, and what to warn of (R-INV-5).
fn headers(download: &Download) -> Vec<(&'static str, String)> {
    let mut headers = vec![("repr-digest", digest(&download.sha256))];
    if let Some(warning) = &download.warning {
        // The text of a warning is quoted (RFC 9111 had it), so that it holds neither quotes nor another alphabet.
        let plain =
            |one: char| if one == '"' || one == '\\' || !(' '..='~').contains(&one) { '?' } else { one };
        headers.push(("warning", format!("299 - \"{}\"", warning.chars().map(plain).collect::<String>())));
    }
    if let Some(since) = download.deprecated_since {
        // RFC 9745: seconds.
        headers.push(("deprecation", format!("@{}", since.unix_micros() / 1_000_000)));
    }
    headers
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        let response =
            Response::builder().status(poem::http::StatusCode::FOUND).header(header::LOCATION, self.location);
        headers(&self.download)
            .into_iter()
            .fold(response, |response, (name, value)| response.header(name, value))
            .finish()
    }
}

impl IntoResponse for Content {
    fn into_response(self) -> Response {
        let name =
            self.filename.replace(|one: char| one == '"' || one == '\\' || !one.is_ascii_graphic(), "_");
        let mut response = Response::builder()
            .content_type(&self.media_type)
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
        if let Some(size) = self.size {
            response = response.header(header::CONTENT_LENGTH, size);
        }
        headers(&self.download)
            .into_iter()
            .fold(response, |response, (name, value)| response.header(name, value))
            .body(self.body)
    }
}

fn described(name: &str, description: &str, required: bool) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
    }
}

fn meta(status: u16, content: Vec<MetaMediaType>, more: Option<MetaHeader>) -> MetaResponses {
    let headers = more
        .into_iter()
        .chain([
            described("Repr-Digest", "The digest of the bytes (RFC 9530).", true),
            described("Warning", "Of what was deprecated or yanked: why.", false),
            described("Deprecation", "Of what was deprecated or yanked: since when (RFC 9745).", false),
        ])
        .collect();
    MetaResponses {
        responses: vec![MetaResponse {
            description: "",
            status: Some(status),
            status_range: None,
            content,
            headers,
        }],
    }
}

impl ApiResponse for Redirect {
    fn meta() -> MetaResponses {
        meta(302, Vec::new(), Some(described("Location", "Where it is for five minutes.", true)))
    }

    fn register(_registry: &mut Registry) {}
}

impl ApiResponse for Content {
    fn meta() -> MetaResponses {
        let bytes = MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")));
        meta(200, vec![MetaMediaType { content_type: "application/octet-stream", schema: bytes }], None)
    }

    fn register(_registry: &mut Registry) {}
}

fn language(text: &str) -> Result<SdkLanguage, Problem> {
    text.parse::<SdkLanguage>().map_err(|error| AppError::from(error).into())
}

impl SdkRoutes {
    /// Over this use case.
    pub fn new(sdks: Sdks, links: Links, clock: Arc<dyn Clock>, cursors: Cursors) -> Self {
        Self { sdks, links, clock, cursors }
    }

    fn link(&self, offer: &Offer) -> String {
        let id = offer.artifact.id;
        let expires = self.clock.real().plus(LINK_LASTS).unix_micros() / 1_000_000;
        let signature = self.links.sign(&format!("sdk\n{id}\n{expires}"));
        format!("/v1/sdks/content/{id}?expires={expires}&signature={signature}")
    }

    fn check(&self, id: impl std::fmt::Display, expires: i64, signature: &str) -> Result<(), Problem> {
        if !self.links.verify(&format!("sdk\n{id}\n{expires}"), signature) {
            return Err(Problem::not_found("download"));
        }
        if Timestamp::from_unix_micros(expires.saturating_mul(1_000_000)) < self.clock.real() {
            return Err(Problem::new("sdk.link_expired", "ask for the download again"));
        }
        Ok(())
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sdks")]
impl SdkRoutes {
    /// The languages there are SDKs for, with the latest of each channel
    #[oai(path = "/sdks/languages", method = "get", operation_id = "sdks.languages")]
    async fn languages(&self) -> Result<Json<LatestBody>, Problem> {
        let languages = self.sdks.languages().await?;
        Ok(Json(LatestBody { data: languages.into_iter().map(LanguageBody::from).collect() }))
    }

    /// A language's releases, newest first
    #[oai(path = "/sdks/languages/:lang/releases", method = "get", operation_id = "sdks.releases")]
    async fn releases(
        &self,
        lang: Path<String>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<ReleaseBody>>, Problem> {
        let language = language(&lang.0)?;
        let list = self.cursors.list("sdks.releases", "public").filter("lang", Some(language.as_str()));
        let page = self.sdks.releases(language, &list.request(limit.0, cursor.0.as_deref())?).await?;
        Ok(Json(list.answer(page, |release| ReleaseBody::from(release.data()))))
    }

    /// The latest release of a channel
    ///
    /// The highest version that is published; a deprecated one only where there is no other; a yanked one never.
    #[oai(path = "/sdks/languages/:lang/latest", method = "get", operation_id = "sdks.latest")]
    async fn latest(
        &self,
        lang: Path<String>,
        channel: Query<Option<ChannelBody>>,
    ) -> Result<Json<ReleaseBody>, Problem> {
        let channel = channel.0.unwrap_or(ChannelBody::Stable).into();
        let release = self.sdks.latest(language(&lang.0)?, channel).await?;
        Ok(Json(ReleaseBody::from(&release)))
    }

    /// One release
    #[oai(path = "/sdks/releases/:id", method = "get", operation_id = "sdks.get")]
    async fn get(&self, id: Path<ApiId<kinds::SdkRelease>>) -> Result<Json<ReleaseBody>, Problem> {
        Ok(Json(ReleaseBody::from(self.sdks.get(id.0.0).await?.data())))
    }

    /// Where an artifact is given, for five minutes
    ///
    /// `Repr-Digest` is the digest we computed when it came. Of a yanked release, `Warning` and `Deprecation` say so.
    #[oai(path = "/sdks/artifacts/:id/download", method = "get", operation_id = "sdks.download")]
    async fn download(&self, client: Client, id: Path<ApiId<kinds::Artifact>>) -> Result<Redirect, Problem> {
        let offer = self.sdks.offer(id.0.0).await?;
        let location = offer.link.clone().unwrap_or_else(|| self.link(&offer));
        let (sdks, counted) = (self.sdks.clone(), offer.clone());
        let client = Hex(self.links.anonymous(&client.0));
        // No download waits for its count (R-INV-8).
        tokio::spawn(async move { sdks.count(&counted, client).await });
        Ok(Redirect { location, download: offer.download })
    }

    /// The bytes of an artifact, at an address that a download gave
    #[oai(path = "/sdks/content/:id", method = "get", operation_id = "sdks.content")]
    async fn content(
        &self,
        id: Path<ApiId<kinds::Artifact>>,
        expires: Query<i64>,
        signature: Query<String>,
    ) -> Result<Content, Problem> {
        self.check(id.0.0, expires.0, &signature.0)?;
        let offer = self.sdks.offer(id.0.0).await?;
        let bytes = self.sdks.bytes(&offer).await?;
        Ok(Content {
            filename: offer.artifact.filename,
            media_type: offer.artifact.media_type,
            size: offer.artifact.size_bytes,
            download: offer.download,
            body: streamed(bytes),
        })
    }

    /// The keys that releases are signed with
    #[oai(path = "/sdks/signing-keys", method = "get", operation_id = "sdks.signing-keys")]
    #[allow(clippy::unused_async, reason = "the library wants every handler async")]
    async fn signing_keys(&self) -> Result<Json<SigningKeysBody>, Problem> {
        let items = self.sdks.signing_keys().iter().map(SigningKeyBody::from).collect();
        Ok(Json(SigningKeysBody { data: items }))
    }

    /// The release log: a hash chain that only grows
    ///
    /// A line's hash is SHA-256(prev, then the entry as canonical JSON (RFC 8785)); the first line's `prev` is
    /// SHA-256 of `sarai.chain.v1:devportal.sdk.releases`.
    #[oai(path = "/sdks/log", method = "get", operation_id = "sdks.log")]
    async fn log(&self, after: Query<Option<u64>>) -> Result<Json<LogBody>, Problem> {
        let lines = self.sdks.log(after.0.unwrap_or_default(), LINES).await?;
        let next_after = (lines.len() == LINES).then(|| lines.last().map(|line| line.link.seq)).flatten();
        let line = |line: &sarai_ports::devportal::LoggedRelease| LogLineBody {
            seq: line.link.seq,
            prev: line.link.prev.to_string(),
            hash: line.link.hash.to_string(),
            entry: Any(serde_json::to_value(&line.entry).unwrap_or_default()),
        };
        Ok(Json(LogBody { data: lines.iter().map(line).collect(), next_after }))
    }
}

/// Bytes that are read while they are sent.
fn streamed(mut bytes: Box<dyn Chunks>) -> Body {
    let (mut writer, reader) = tokio::io::duplex(BUFFER);
    tokio::spawn(async move {
        while let Some(part) = bytes.next().await {
            let sent = match part {
                Ok(part) => writer.write_all(&part).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            // The length that was announced tells the reader that it broke off.
            if let Err(error) = sent {
                tracing::info!(error, "an artifact was not sent to its end");
                return;
            }
        }
    });
    Body::from_async_read(reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yanked_download_warns_and_a_good_one_does_not() {
        let good = Download { sha256: Hex([1; 32]), deprecated_since: None, warning: None };
        assert_eq!(headers(&good), [("repr-digest", digest(&Hex([1; 32])))]);
        assert!(digest(&Hex([0; 32])).starts_with("sha-256=:AAAA"));
        let since: Timestamp = "2026-04-20T09:30:00Z".parse().unwrap();
        let warning = Some("sarai 1.0.0 is yanked: \"leaks\"\n".to_owned());
        let yanked = headers(&Download { deprecated_since: Some(since), warning, ..good });
        assert_eq!(yanked[1], ("warning", "299 - \"sarai 1.0.0 is yanked: ?leaks??\"".to_owned()));
        assert_eq!(yanked[2], ("deprecation", "@1776677400".to_owned()));
    }
}
