//! The state tables, rendered into `fixtures/golden/transitions.md` and ARCHITECTURE.md.

use std::fs;

use sarai_domain::{
    devportal::{account, api_key, docs_article, policy, sandbox, sdk_release, template, verify, webhook},
    marketplace::{coupon, earnings, license, listing, order, quote, saga},
};
use sarai_fixtures::golden::{self, Mode, check_file, with_section};

use crate::{
    assert_none,
    source::{self, Source, after, root},
    tables::Table,
};

/// Every state table of the domain.
fn tables() -> Vec<Table> {
    vec![
        Table::new(
            "Listing",
            listing::ListingState::ALL,
            listing::ListingState::TERMINAL,
            listing::TRANSITIONS,
        ),
        Table::new(
            "ListingRevision",
            listing::RevisionState::ALL,
            listing::RevisionState::TERMINAL,
            listing::revision::TRANSITIONS,
        ),
        Table::new("Order", order::OrderStatus::ALL, order::TERMINAL, order::TRANSITIONS),
        Table::new("License", license::LicenseState::ALL, license::TERMINAL, license::TRANSITIONS),
        Table::new(
            "Coupon",
            coupon::CouponStatus::ALL,
            coupon::status::TERMINAL,
            coupon::status::TRANSITIONS,
        ),
        Table::new(
            "CouponRedemption",
            coupon::RedemptionStatus::ALL,
            coupon::redemption::TERMINAL,
            coupon::redemption::TRANSITIONS,
        ),
        Table::new("PurchaseSaga", saga::SagaState::ALL, saga::TERMINAL, saga::TRANSITIONS),
        Table::new("ProviderEarnings", earnings::STATES, earnings::TERMINAL, earnings::TRANSITIONS),
        Table::new("Quote", quote::QuoteState::ALL, quote::QuoteState::TERMINAL, quote::TRANSITIONS),
        Table::new(
            "DeveloperAccount",
            account::AccountState::ALL,
            account::AccountState::TERMINAL,
            account::TRANSITIONS,
        ),
        Table::new("ApiKey", api_key::KeyState::ALL, api_key::KeyState::TERMINAL, api_key::TRANSITIONS),
        Table::new(
            "VerifySession",
            verify::VerifyState::ALL,
            verify::status::TERMINAL,
            verify::status::TRANSITIONS,
        ),
        Table::new(
            "DeliveryAttempt",
            verify::SendStatus::ALL,
            verify::attempt::TERMINAL,
            verify::attempt::TRANSITIONS,
        ),
        Table::new(
            "SandboxSession",
            sandbox::SandboxState::ALL,
            sandbox::status::TERMINAL,
            sandbox::status::TRANSITIONS,
        ),
        Table::new(
            "VerifyTemplate",
            template::TemplateState::ALL,
            template::status::TERMINAL,
            template::status::TRANSITIONS,
        ),
        Table::new(
            "SpendReservation",
            verify::Hold::ALL,
            policy::spend::TERMINAL,
            policy::spend::TRANSITIONS,
        ),
        Table::new(
            "SdkRelease",
            sdk_release::ReleaseState::ALL,
            sdk_release::ReleaseState::TERMINAL,
            sdk_release::TRANSITIONS,
        ),
        Table::new(
            "SdkArtifact",
            sdk_release::UploadState::ALL,
            sdk_release::UploadState::TERMINAL,
            sdk_release::upload::TRANSITIONS,
        ),
        Table::new(
            "DocsArticle",
            docs_article::ArticleState::ALL,
            docs_article::ArticleState::TERMINAL,
            docs_article::TRANSITIONS,
        ),
        Table::new(
            "WebhookEndpoint",
            webhook::EndpointStatus::ALL,
            webhook::EndpointStatus::TERMINAL,
            webhook::TRANSITIONS,
        ),
        Table::new(
            "WebhookDelivery",
            webhook::delivery::DeliveryStatus::ALL,
            webhook::delivery::DeliveryStatus::TERMINAL,
            webhook::delivery::TRANSITIONS,
        ),
    ]
}

const BEGIN: &str = "<!-- transitions:begin -->";
const END: &str = "<!-- transitions:end -->";

fn render(tables: &[Table]) -> String {
    tables.iter().map(Table::render).collect::<Vec<_>>().join("\n")
}

/// How many state tables the domain declares.
fn declared(sources: &[Source]) -> usize {
    let in_domain = sources.iter().filter(|source| source.is_in("domain/src"));
    in_domain
        .flat_map(|source| {
            let shipped = source.shipped_tokens();
            let names =
                shipped.windows(2).filter(|window| after(window, &["const", "TRANSITIONS"]).is_some());
            names.map(|_| source.path.clone()).collect::<Vec<_>>()
        })
        .count()
}

#[test]
fn every_state_table_is_sound_and_listed_here() {
    let tables = tables();
    assert_none(&tables.iter().flat_map(Table::violations).collect::<Vec<_>>());
    assert_eq!(
        declared(source::all()),
        tables.len(),
        "tables() lists each `const TRANSITIONS` of the domain"
    );
}

#[test]
fn golden_transitions_are_current() {
    let tables = render(&tables());
    let file = format!(
        "# State tables\n\nRendered from the code: `cargo xtask golden` rewrites this file.\n\n{tables}"
    );
    golden::check("transitions.md", &file).expect("fixtures/golden/transitions.md is current");

    let architecture = root().join("ARCHITECTURE.md");
    let document = fs::read_to_string(&architecture).expect("ARCHITECTURE.md is readable");
    let current = with_section(&document, BEGIN, END, &tables).expect("ARCHITECTURE.md has the markers");
    check_file(&architecture, &current, Mode::from_env()).expect("ARCHITECTURE.md is current");
}

#[test]
fn a_changed_table_is_drift() {
    let (before, mut tables) = (render(&tables()), tables());
    tables.pop();
    let document = format!("# Map\n{BEGIN}\n{before}{END}\n");
    assert_eq!(with_section(&document, BEGIN, END, &before), Some(document.clone()));
    assert_ne!(with_section(&document, BEGIN, END, &render(&tables)), Some(document));
}

#[test]
fn an_unlisted_table_is_counted() {
    let text =
        "pub const TRANSITIONS: &[Edge<A, B>] = &[];\n#[cfg(test)] mod t { const TRANSITIONS: u8 = 1; }";
    let count = |path: &str| declared(&[Source::new(path, text).expect("lexes")]);
    assert_eq!(count("domain/src/marketplace/seat/status.rs"), 1);
    assert_eq!(count("tests/suite/lib.rs"), 0);
}
