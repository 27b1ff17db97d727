//! What SDKs, docs and endpoints announce.

use super::{
    super::{
        EventType, event,
        shape::{Field, Shape, maybe, one},
        terms::{COUNT, INSTANT, SHA256},
    },
    terms::{
        ARTICLE_ID, ARTIFACT_ID, AUDIENCE, DISABLED, ENDPOINT_ID, ENVIRONMENT, LANGUAGE, LOCALE,
        RELEASE_CHANNEL, RELEASE_ID, SANDBOX_ID, SEMVER, SLUG, URL,
    },
};

const PLATFORM: &str = "the platform";

const RELEASE: &[Field] = &[
    one("releaseId", RELEASE_ID, "The release."),
    one("language", LANGUAGE, "Its language."),
    one("packageName", Shape::Text, "What its package is called."),
    one("version", SEMVER, "Its version."),
    one("channel", RELEASE_CHANNEL, "How far it is."),
    one("at", INSTANT, "When it happened, in business time."),
];
const ARTIFACT: Shape = Shape::Record(&[
    one("id", ARTIFACT_ID, "The file."),
    one("filename", Shape::Text, "Its name."),
    one("sha256", SHA256, "Its digest."),
    one("sizeBytes", Shape::Whole(0, u64::MAX), "How long it is, in bytes."),
]);
const WHY: &[Field] =
    &[one("reason", Shape::Text, "Why."), maybe("supersededBy", RELEASE_ID, "The release to use instead.")];

pub(super) const SDKS: &[EventType] = &[
    event(
        "devportal.sdk.released.v1",
        "Everybody can have an SDK's release.",
        PLATFORM,
        &[
            RELEASE,
            &[
                one("artifacts", Shape::List(&ARTIFACT), "Its files."),
                one("minApiVersion", Shape::Text, "The oldest version of the API it speaks."),
                one("restored", Shape::Flag, "Whether its withdrawal was taken back."),
            ],
        ],
    ),
    event("devportal.sdk.deprecated.v1", "There is a better release.", PLATFORM, &[RELEASE, WHY]),
    event("devportal.sdk.yanked.v1", "A release is withdrawn.", PLATFORM, &[RELEASE, WHY]),
    event(
        "devportal.sdk.downloaded.v1",
        "So often was a file downloaded in an hour.",
        PLATFORM,
        &[
            RELEASE,
            &[
                one("hour", INSTANT, "The hour."),
                one("artifactId", ARTIFACT_ID, "The file."),
                one("count", Shape::Whole(0, u64::MAX), "How often."),
                maybe("countryCode", Shape::Text, "From which country."),
                maybe("userAgentFamily", Shape::Text, "With which kind of program."),
            ],
        ],
    ),
];

const ARTICLE: &[Field] = &[
    one("articleId", ARTICLE_ID, "The article."),
    one("apiVersion", Shape::Text, "The version of the API it speaks of."),
    one("section", SLUG, "The heading it stands under."),
    one("slug", SLUG, "Its name in addresses."),
    one("audience", AUDIENCE, "Who may read it."),
    one("at", INSTANT, "When it happened, in business time."),
];

pub(super) const DOCS: &[EventType] = &[
    event(
        "devportal.docs.published.v1",
        "A revision of an article is read.",
        PLATFORM,
        &[ARTICLE, &[one("locale", LOCALE, "In which language."), one("revisionNo", COUNT, "Its number.")]],
    ),
    event(
        "devportal.docs.moved.v1",
        "An article's name, heading, tags or readers changed.",
        PLATFORM,
        &[ARTICLE, &[one("oldSlug", SLUG, "The name it had.")]],
    ),
    event(
        "devportal.docs.archived.v1",
        "An article is read no more.",
        PLATFORM,
        &[ARTICLE, &[maybe("redirectTo", ARTICLE_ID, "Where it leads.")]],
    ),
];

pub(super) const WEBHOOKS: &[EventType] = &[event(
    "devportal.webhook.disabled.v1",
    "An endpoint gets nothing any more.",
    "its tenant",
    &[&[
        one("endpointId", ENDPOINT_ID, "The endpoint."),
        one("environment", ENVIRONMENT, "In which world."),
        maybe("sandboxId", SANDBOX_ID, "The sandbox it is bound to."),
        one("url", URL, "Where it is."),
        one("reason", DISABLED, "Why."),
        maybe("failingSince", INSTANT, "Since when nothing reached it."),
        one("at", INSTANT, "When it happened, in business time."),
    ]],
)];
