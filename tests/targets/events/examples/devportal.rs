//! From an account to an approved verification, and what the platform publishes.

use std::str::FromStr;

use sarai_domain::{
    devportal::{
        account::{AccountEvent, AccountFacts, SuspendedBy},
        api_key::{KeyCreator, KeyEvent, KeyFacts, RevokedReason},
        docs_article::{ArticleFacts, Audience, DocsEvent},
        policy::{
            BlockedStartData, BlockedStartEvent, PeriodKind, PolicySettings, SpendCaps, SpendEvent,
            SpendPeriod, SpendPolicyEvent, VerifyPolicyEvent,
        },
        sandbox::SandboxEvent,
        sdk_release::{DownloadCount, ReleaseFacts, ReleasedArtifact, SdkEvent, SdkLanguage},
        template::TemplateEvent,
        values::{
            Assurance, Channel, ChannelOrder, ChannelStep, CountryCode, DestinationHash, Environment, Locale,
            Purpose, ReleaseChannel, ScopeSet,
        },
        verify::{FailureReason, SendStatus, VerifyEvent, World},
        webhook::{DisabledReason, WebhookEvent},
    },
    kernel::{Currency, Hex, Price, Timestamp},
};

use super::{Example, also, at, buyer, id, learner, usual};

pub(super) fn all() -> Vec<Example> {
    [accounts(), keys(), sessions(), texts(), policies(), spend(), publishing()]
        .into_iter()
        .flatten()
        .collect()
}

fn read<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn when() -> Timestamp {
    at("2026-04-20T09:30:00Z")
}

fn afghanistan() -> CountryCode {
    CountryCode::parse("AF").unwrap()
}

fn price(amount: &str) -> Price {
    Price::parse(amount, Currency::parse("USD").unwrap()).unwrap()
}

fn hash() -> DestinationHash {
    DestinationHash(Hex([0xa7; 32]))
}

fn accounts() -> Vec<Example> {
    let account = || AccountFacts {
        account_id: id(100),
        auth_account_id: read("acc_zahra"),
        tenant_id: buyer(),
        at: when(),
    };
    vec![
        usual(AccountEvent::Registered { account: account() }),
        usual(AccountEvent::Suspended {
            account: account(),
            reason: "unpaid invoices".to_owned(),
            by: SuspendedBy::Staff,
        }),
        usual(AccountEvent::Reinstated { account: account() }),
        usual(AccountEvent::Closed { account: account() }),
    ]
}

fn keys() -> Vec<Example> {
    let key = || KeyFacts {
        key_id: id(101),
        account_id: id(100),
        environment: Environment::Production,
        sandbox_id: None,
        at: when(),
    };
    let tried_out = || KeyFacts { environment: Environment::Sandbox, sandbox_id: Some(id(102)), ..key() };
    let created = |key, expires_at, rotated_from, created_by| KeyEvent::Created {
        key,
        label: read("CI – main"),
        prefix: read("srk_live_8GkQ"),
        last4: read("3xZa"),
        scopes: ScopeSet::parse(&["verify:send"]).unwrap(),
        expires_at,
        rotated_from,
        created_by,
    };
    let ends = at("2026-10-20T09:30:00Z");
    vec![
        usual(created(key(), Some(ends), Some(id(103)), KeyCreator::User(learner()))),
        also("by-a-key", created(tried_out(), None, None, KeyCreator::Key(id(103)))),
        usual(KeyEvent::Revoked {
            key: key(),
            reason: RevokedReason::Rotated,
            revoked_at: when(),
            effective_by: at("2026-04-20T09:30:05Z"),
            replaced_by: Some(id(104)),
        }),
        also(
            "by-its-owner",
            KeyEvent::Revoked {
                key: tried_out(),
                reason: RevokedReason::User,
                revoked_at: when(),
                effective_by: at("2026-04-20T09:30:05Z"),
                replaced_by: None,
            },
        ),
        usual(KeyEvent::Rotated { key: key(), replaced_by: id(104), retire_at: at("2026-04-27T09:30:00Z") }),
        usual(KeyEvent::ExpiringSoon { key: key(), expires_at: ends, days: 14 }),
        usual(KeyEvent::Exposed {
            key: key(),
            found_at: Some(read("https://example.com/repo/blob/main/.env")),
        }),
        also("somewhere", KeyEvent::Exposed { key: tried_out(), found_at: None }),
        usual(KeyEvent::Discarded { key: tried_out() }),
    ]
}

fn world() -> World {
    World { environment: Environment::Production, sandbox_id: None }
}

fn tried_out() -> World {
    World { environment: Environment::Sandbox, sandbox_id: Some(id(102)) }
}

fn sessions() -> Vec<Example> {
    [asking(), ending()].into_iter().flatten().collect()
}

fn asking() -> Vec<Example> {
    let order = |channels: &[Channel]| {
        let steps = channels.iter().map(|channel| ChannelStep::try_new(*channel, None).unwrap());
        ChannelOrder::try_new(steps.collect()).unwrap()
    };
    let requested =
        |world, channel_order: ChannelOrder, country_code, shown: &str, reused| VerifyEvent::Requested {
            verification_id: id(110),
            world,
            api_key_id: id(101),
            purpose: Purpose::SignIn,
            first_channel: channel_order.steps()[0].channel(),
            channel_order,
            locale: Locale::Ps,
            country_code,
            destination_hash: hash(),
            destination_masked: shown.to_owned(),
            template_id: id(111),
            template_version: 1,
            expires_at: at("2026-04-20T09:40:00Z"),
            reused,
        };
    vec![
        usual(requested(
            world(),
            order(&[Channel::Sms, Channel::Voice, Channel::Email]),
            Some(afghanistan()),
            "+93•••••1234",
            false,
        )),
        also("by-mail", requested(tried_out(), order(&[Channel::Email]), None, "z•••@example.com", true)),
        usual(VerifyEvent::Sent {
            verification_id: id(110),
            world: world(),
            attempt_id: id(112),
            channel: Channel::Sms,
            country_code: Some(afghanistan()),
            api_key_id: id(101),
            price: price("0.061000"),
        }),
        also(
            "by-mail",
            VerifyEvent::Sent {
                verification_id: id(110),
                world: tried_out(),
                attempt_id: id(112),
                channel: Channel::Email,
                country_code: None,
                api_key_id: id(101),
                price: price("0"),
            },
        ),
        usual(VerifyEvent::SendSettled {
            verification_id: id(110),
            world: world(),
            attempt_id: id(112),
            channel: Channel::Sms,
            country_code: Some(afghanistan()),
            api_key_id: id(101),
            price: price("0.061000"),
            status: Some(SendStatus::Delivered),
        }),
        usual(VerifyEvent::ChannelAdvanced {
            verification_id: id(110),
            world: world(),
            step: 1,
            channel: Channel::Voice,
            from_channel: Channel::Sms,
            attempt_id: id(113),
            manual: false,
        }),
        usual(VerifyEvent::Delivered {
            verification_id: id(110),
            world: world(),
            api_key_id: Some(id(101)),
            country_code: Some(afghanistan()),
            attempt_id: id(112),
            channel: Channel::Sms,
            step: 0,
            provider: Some("afghan-sms".to_owned()),
            latency_ms: 2_417,
            segments: Some(1),
        }),
        also(
            "by-nobody-known",
            VerifyEvent::Delivered {
                verification_id: id(110),
                world: tried_out(),
                api_key_id: None,
                country_code: None,
                attempt_id: id(112),
                channel: Channel::Sms,
                step: 0,
                provider: None,
                latency_ms: 0,
                segments: None,
            },
        ),
    ]
}

fn ending() -> Vec<Example> {
    vec![
        usual(VerifyEvent::Approved {
            verification_id: id(110),
            world: world(),
            api_key_id: Some(id(101)),
            country_code: Some(afghanistan()),
            channel: Channel::Sms,
            attempts: 2,
            sends: 1,
            duration_ms: 31_250,
            cost: price("0.061000"),
            assurance: Assurance::PossessionRestricted,
        }),
        usual(VerifyEvent::Failed {
            verification_id: id(110),
            world: world(),
            api_key_id: Some(id(101)),
            country_code: Some(afghanistan()),
            reason: FailureReason::ChannelsExhausted,
            attempts: 0,
            sends: 3,
            last_channel: Some(Channel::Email),
            last_error_code: Some("550".to_owned()),
            cost: price("0.122000"),
        }),
        also(
            "before-a-send",
            VerifyEvent::Failed {
                verification_id: id(110),
                world: tried_out(),
                api_key_id: None,
                country_code: None,
                reason: FailureReason::Cancelled,
                attempts: 0,
                sends: 0,
                last_channel: None,
                last_error_code: None,
                cost: price("0"),
            },
        ),
        usual(VerifyEvent::Expired {
            verification_id: id(110),
            world: world(),
            api_key_id: Some(id(101)),
            country_code: Some(afghanistan()),
            attempts: 1,
            sends: 1,
            last_channel: Some(Channel::Sms),
            cost: price("0.061000"),
        }),
        also(
            "before-a-send",
            VerifyEvent::Expired {
                verification_id: id(110),
                world: world(),
                api_key_id: Some(id(101)),
                country_code: Some(afghanistan()),
                attempts: 0,
                sends: 0,
                last_channel: None,
                cost: price("0"),
            },
        ),
    ]
}

fn texts() -> Vec<Example> {
    vec![
        usual(TemplateEvent::Approved { template_id: id(111), version_no: 2, retired: Some(1) }),
        also("the-first", TemplateEvent::Approved { template_id: id(111), version_no: 1, retired: None }),
        usual(TemplateEvent::Rejected {
            template_id: id(111),
            version_no: 2,
            reason: "it names another company".to_owned(),
        }),
        usual(TemplateEvent::Archived { template_id: id(111), version_no: 1 }),
        usual(SandboxEvent::Created {
            sandbox_id: id(102),
            account_id: id(100),
            expires_at: at("2026-04-21T09:30:00Z"),
        }),
        usual(SandboxEvent::Closed { sandbox_id: id(102), account_id: id(100), expired: true }),
    ]
}

fn policies() -> Vec<Example> {
    let blocked = BlockedStartData {
        verification_id: id(110),
        tenant_id: buyer(),
        environment: Environment::Production,
        api_key_id: id(101),
        purpose: Purpose::SignUp,
        channel: Channel::Sms,
        destination_hash: hash(),
        destination_masked: "+93•••••1234".to_owned(),
        country_code: Some(afghanistan()),
        code: "destination.rate_limited".to_owned(),
        reasons: vec!["too_many_sends".to_owned()],
        bucket: Some("destination".to_owned()),
        until: Some(at("2026-04-20T09:40:00Z")),
        at: when(),
    };
    let plain = BlockedStartData { country_code: None, bucket: None, until: None, ..blocked.clone() };
    let settings = PolicySettings {
        allowed_countries: [afghanistan()].into(),
        allowed_channels: [Channel::Sms].into(),
        blocked_prefixes: [read("+93790")].into(),
        tenant_sends_per_hour: Some(5_000),
        ..PolicySettings::at_home(afghanistan())
    };
    let environment = Environment::Production;
    let caps = SpendCaps {
        per_day: Some(price("50")),
        per_month: Some(price("900")),
        max_price_per_send: Some(price("0.25")),
    };
    vec![
        usual(BlockedStartEvent::Blocked(blocked)),
        also("by-mail", BlockedStartEvent::Blocked(plain)),
        usual(VerifyPolicyEvent::Changed { environment, settings }),
        also(
            "unbounded",
            VerifyPolicyEvent::Changed {
                environment,
                settings: PolicySettings {
                    allowed_channels: [Channel::Email].into(),
                    ..PolicySettings::at_home(afghanistan())
                },
            },
        ),
        usual(SpendPolicyEvent::Changed { environment, caps }),
        also("unbounded", SpendPolicyEvent::Changed { environment, caps: SpendCaps::default() }),
    ]
}

fn spend() -> Vec<Example> {
    let environment = Environment::Production;
    let hit = |kind, refused_verification_id| SpendEvent::CapHit {
        environment,
        period: SpendPeriod::of(kind, when()),
        cap: price("50"),
        spent: price("49.951000"),
        reserved: price("0"),
        resets_at: SpendPeriod::of(kind, when()).ends_at(),
        refused_verification_id,
    };
    vec![
        usual(hit(PeriodKind::Day, Some(id(110)))),
        also("at-a-start", hit(PeriodKind::Month, None)),
        usual(SpendEvent::Threshold {
            environment,
            period: SpendPeriod::of(PeriodKind::Month, when()),
            percent: 80,
            cap: price("900"),
            spent: price("719.939000"),
            reserved: price("0.061000"),
            resets_at: SpendPeriod::of(PeriodKind::Month, when()).ends_at(),
        }),
    ]
}

fn publishing() -> Vec<Example> {
    let release = || ReleaseFacts {
        release_id: id(120),
        language: SdkLanguage::Rust,
        package_name: "sarai-client".to_owned(),
        version: read("0.1.0"),
        channel: ReleaseChannel::Stable,
        at: when(),
    };
    let artifact = ReleasedArtifact {
        id: id(121),
        filename: "sarai-client-0.1.0.crate".to_owned(),
        sha256: read(&"5e".repeat(32)),
        size_bytes: 48_211,
    };
    let downloads = |country_code, user_agent_family| DownloadCount {
        artifact_id: id(121),
        count: 12,
        country_code,
        user_agent_family,
    };
    let downloaded =
        |downloads| SdkEvent::Downloaded { release: release(), hour: at("2026-04-20T09:00:00Z"), downloads };
    let article = || ArticleFacts {
        article_id: id(122),
        api_version: "v1".to_owned(),
        section: read("verify"),
        slug: read("getting-started"),
        audience: Audience::Public,
        at: when(),
    };
    let reason = "it drops the last digit of a code".to_owned();
    let disabled = |sandbox_id, failing_since, reason| WebhookEvent::Disabled {
        endpoint_id: id(130),
        environment: Environment::Production,
        sandbox_id,
        url: read("https://example.com/hooks"),
        reason,
        failing_since,
        at: when(),
    };
    vec![
        usual(SdkEvent::Released {
            release: release(),
            artifacts: vec![artifact],
            min_api_version: "v1".to_owned(),
            restored: false,
        }),
        usual(SdkEvent::Deprecated {
            release: release(),
            reason: reason.clone(),
            superseded_by: Some(id(123)),
        }),
        usual(SdkEvent::Yanked { release: release(), reason, superseded_by: None }),
        usual(downloaded(downloads(Some("AF".to_owned()), Some("cargo".to_owned())))),
        also("by-nobody-known", downloaded(downloads(None, None))),
        usual(DocsEvent::Published { article: article(), locale: Locale::Fa, revision_no: 3 }),
        usual(DocsEvent::Moved { article: article(), old_slug: read("start") }),
        usual(DocsEvent::Archived { article: article(), redirect_to: Some(id(124)) }),
        also("for-good", DocsEvent::Archived { article: article(), redirect_to: None }),
        usual(disabled(None, Some(at("2026-04-15T09:30:00Z")), DisabledReason::Failing)),
        also("by-its-owner", disabled(Some(id(102)), None, DisabledReason::User)),
    ]
}
