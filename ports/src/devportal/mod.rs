//! The developer portal's ports: a file a repository, with what a store needs of its aggregate beside the document.

mod accounts;
mod docs;
mod keys;
mod sdk;

pub use accounts::AccountRepository;
pub use docs::{DocsQuestion, DocsRepository, Found, Heading, Markup, Rendered, TreeEntry};
pub use keys::{KeyFilter, KeyRepository, KeyUse, LabelSlot};
pub use sdk::{
    ArtifactError, ArtifactStore, Bytes, Chunks, DownloadHour, DownloadLog, LoggedRelease, Received,
    ReleaseLog, SdkRepository,
};

macro_rules! store {
    ($($port:ident),* $(,)?) => {
        /// What keeps the developer portal's state: every repository of it.
        pub trait DevportalStore: $($port +)* {}

        impl<S: $($port +)*> DevportalStore for S {}
    };
}

store! {
    AccountRepository,
    KeyRepository,
    DocsRepository,
    SdkRepository,
    ReleaseLog,
    DownloadLog,
}
