//! Files that are not JSON: what they are called, and that what broke off never looks whole.

use std::{
    io,
    marker::PhantomData,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use tokio::io::{AsyncRead, AsyncWriteExt, DuplexStream, ReadBuf};

/// How many bytes wait for their reader.
const BUFFER: usize = 64 * 1024;

/// What a file is.
pub trait Media: Send + Sync + 'static {
    /// Its media type.
    const TYPE: &'static str;
}

/// JSON, a value a line.
pub struct Lines;

impl Media for Lines {
    const TYPE: &'static str = "application/x-ndjson";
}

/// A PDF document.
pub struct Pdf;

impl Media for Pdf {
    const TYPE: &'static str = "application/pdf";
}

/// A file.
pub struct Download<M> {
    name: String,
    body: Body,
    media: PhantomData<M>,
}

impl<M> Download<M> {
    /// A file of this name.
    pub fn new(name: String, body: impl Into<Body>) -> Self {
        Self { name, body: body.into(), media: PhantomData }
    }

    /// A file that is written while it is sent. When the writer fails, the connection breaks off.
    pub fn streamed<F>(name: String, write: impl FnOnce(Sink) -> F) -> Self
    where
        F: Future<Output = io::Result<Sink>> + Send + 'static,
    {
        let (writer, reader) = tokio::io::duplex(BUFFER);
        let whole = Arc::new(AtomicBool::new(false));
        let (writing, reached) = (write(Sink(writer)), Arc::clone(&whole));
        tokio::spawn(async move {
            match writing.await {
                Ok(mut sink) => {
                    reached.store(true, Ordering::Release);
                    let _ = sink.0.shutdown().await;
                }
                Err(error) => tracing::warn!(%error, "a file was not sent to its end"),
            }
        });
        Self::new(name, Body::from_async_read(Whole { reader, whole }))
    }
}

/// Where a file is written to.
pub struct Sink(DuplexStream);

impl Sink {
    /// Writes, when its reader is ready for it.
    ///
    /// # Errors
    /// When the reader is gone.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await
    }
}

/// A reader whose end is an error unless the writer came to its own.
struct Whole {
    reader: DuplexStream,
    whole: Arc<AtomicBool>,
}

impl AsyncRead for Whole {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.reader).poll_read(context, buffer))?;
        let ended = buffer.filled().len() == before && buffer.remaining() > 0;
        if ended && !self.whole.load(Ordering::Acquire) {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it broke off")));
        }
        Poll::Ready(Ok(()))
    }
}

impl<M: Media> IntoResponse for Download<M> {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(M::TYPE)
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name))
            .body(self.body)
    }
}

impl<M: Media> ApiResponse for Download<M> {
    fn meta() -> MetaResponses {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let content = vec![MetaMediaType { content_type: M::TYPE, schema }];
        let response =
            MetaResponse { description: "", status: Some(200), status_range: None, content, headers: vec![] };
        MetaResponses { responses: vec![response] }
    }

    fn register(_registry: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(download: Download<Lines>) -> io::Result<String> {
        let response = download.into_response();
        assert_eq!(response.header("content-disposition"), Some("attachment; filename=\"a\""));
        response.into_body().into_string().await.map_err(io::Error::other)
    }

    #[tokio::test]
    async fn what_is_written_is_read_and_what_broke_off_is_no_file() {
        let text = "x".repeat(3 * BUFFER);
        let written = text.clone();
        let whole = Download::streamed("a".to_owned(), |mut sink| async move {
            sink.write(written.as_bytes()).await?;
            Ok(sink)
        });
        assert_eq!(body(whole).await.unwrap(), text);
        let broken = Download::streamed("a".to_owned(), |mut sink| async move {
            sink.write(b"{}\n").await?;
            Err(io::Error::other("the other side is gone"))
        });
        assert!(body(broken).await.is_err());
    }
}
