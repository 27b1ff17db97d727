//! The developer portal's ports.

mod docs;
mod sdk;

pub use docs::{DocsQuestion, DocsRepository, Found, Heading, Markup, Rendered, TreeEntry};
pub use sdk::{
    ArtifactError, ArtifactStore, Bytes, Chunks, DownloadHour, DownloadLog, LoggedRelease, Received,
    ReleaseLog, SdkRepository,
};
