//! Tests of templates, their texts and their messages.

use proptest::prelude::*;
use ulid::Ulid;
use zeroize::Zeroizing;

use super::*;
use crate::{
    devportal::{
        invariants::*,
        values::{Brand, CodeLength, CodeSeed, Direction, PepperRing, PlainCode, Purpose},
    },
    kernel::{Coded, DomainEvent, Edge, Id, IdKind, Kind, breaches},
};

fn id<K: IdKind>(number: u128) -> Id<K> {
    Id::new(Ulid::from(number))
}

fn now() -> Timestamp {
    "2026-04-20T09:30:00Z".parse().unwrap()
}

fn sms(locale: Locale, body: &str) -> NewVariant {
    NewVariant { channel: Channel::Sms, locale, subject: None, body: body.to_owned(), recorded_digits: None }
}

fn of(channel: Channel, locale: Locale, body: &str) -> NewVariant {
    let subject = (channel == Channel::Email).then(|| "Your code".to_owned());
    NewVariant { channel, subject, ..sms(locale, body) }
}

fn built(new: NewVariant) -> Result<TemplateVariant, TemplateError> {
    TemplateVariant::try_new(new, None)
}

fn domain() -> OriginDomain {
    OriginDomain::parse("Example.com").unwrap()
}

fn new_template(variants: Vec<NewVariant>) -> NewTemplate {
    NewTemplate {
        id: id(1),
        owner: TenantId::try_new("acme").unwrap(),
        name: TemplateName::parse("sign-in-2").unwrap(),
        default_locale: Locale::En,
        locale_fallbacks: Vec::new(),
        domain: None,
        variants,
    }
}

fn template() -> VerifyTemplate {
    VerifyTemplate::create(new_template(vec![sms(Locale::En, "Your code:\n{{code}}")]), now()).unwrap()
}

type Command = fn(&mut VerifyTemplate) -> Result<Outcome, TemplateError>;

fn in_state(state: TemplateState) -> VerifyTemplate {
    let mut template = template();
    let steps: &[Command] = match state {
        TemplateState::Draft => &[],
        TemplateState::InReview => &[|one| one.submit(1, now())],
        TemplateState::Approved => &[|one| one.submit(1, now()), |one| one.approve(1, now())],
        TemplateState::Retired => &[
            |one| one.submit(1, now()),
            |one| one.approve(1, now()),
            |one| one.new_version(now()).map(|_| Outcome::Applied),
            |one| one.submit(2, now()),
            |one| one.approve(2, now()),
        ],
        TemplateState::Archived => {
            &[|one| one.submit(1, now()), |one| one.approve(1, now()), |one| one.archive(1, now())]
        }
    };
    for step in steps {
        assert_eq!(step(&mut template), Ok(Outcome::Applied));
    }
    assert_eq!(template.version_no(1).unwrap().state, state);
    template
}

fn code(length: u8) -> PlainCode {
    let kid = || "k".parse().unwrap();
    let ring = PepperRing::try_new(kid(), &[(kid(), Zeroizing::new(vec![7; 32]))], true).unwrap();
    CodeSeed::new([1; 16]).code(&ring, &kid(), 1, CodeLength::try_new(length).unwrap()).unwrap()
}

fn render(
    variant: &TemplateVariant,
    brand: &str,
    code: &PlainCode,
    domain: Option<&OriginDomain>,
) -> Rendered {
    let brand = Brand::parse(brand).unwrap();
    variant.render(&Filling { brand: &brand, code, minutes: 10, domain }).unwrap()
}

fn text(rendered: &Rendered) -> &str {
    match rendered {
        Rendered::Text { body, .. } => body,
        Rendered::Email { text, .. } | Rendered::Speech { text, .. } => text,
    }
}

#[test]
fn t_inv_1_rejects_a_text_without_one_code_or_with_other_placeholders() {
    for body in [
        "No code",
        "{{code}}\n{{code}}",
        "{{code}}\n{{name}}",
        "{{code}}\n{{#if x}}",
        "{{code",
        "code}}\n{{code}}",
        "{{}}\n{{code}}",
    ] {
        let error = built(sms(Locale::En, body)).unwrap_err();
        assert_eq!((error.invariant(), error.kind()), (Some(T_INV_1), Kind::Invalid), "{body}");
    }
    let new = NewVariant { subject: Some("{{code}}".into()), ..of(Channel::Email, Locale::En, "{{code}}") };
    assert_eq!(built(new).unwrap_err().invariant(), Some(T_INV_1));
    let template = template();
    let mut row = template.version_no(1).unwrap().clone();
    row.variants[0].body = "no code".into();
    let error = VerifyTemplate::rehydrate(template.data().clone(), vec![row], 1).unwrap_err();
    assert_eq!(error.invariant(), Some(T_INV_1));
}

#[test]
fn t_inv_1_allows_the_four_placeholders() {
    let body = "{{brand}} at {{domain}}:\n{{ code }}\n{{minutes}} minutes {not} a placeholder";
    assert!(TemplateVariant::try_new(sms(Locale::En, body), Some(&domain())).is_ok(), "{T_INV_1}");
    assert_eq!(built(sms(Locale::En, body)), Err(TemplateError::DomainMissing));
}

#[test]
fn t_inv_2_rejects_a_change_of_what_is_reviewed_or_approved() {
    for state in
        [TemplateState::InReview, TemplateState::Approved, TemplateState::Retired, TemplateState::Archived]
    {
        let mut template = in_state(state);
        let before = template.version_no(1).unwrap().clone();
        let error = template.edit(1, None, vec![sms(Locale::En, "New:\n{{code}}")], now()).unwrap_err();
        assert_eq!((error.invariant(), error.code()), (Some(T_INV_2), "template.frozen"));
        assert_eq!(template.version_no(1).unwrap().variants, before.variants);
    }
}

#[test]
fn t_inv_2_allows_a_draft_to_change_and_a_new_version_to_follow() {
    let mut template = in_state(TemplateState::Approved);
    assert_eq!(template.new_version(now()), Ok(2));
    assert_eq!(template.new_version(now()), Err(TemplateError::VersionOpen { version_no: 2 }));
    let written = || vec![sms(Locale::En, "New:\n{{code}}")];
    assert_eq!(template.edit(2, None, written(), now()), Ok(Outcome::Applied), "{T_INV_2}");
    assert_eq!(template.edit(2, None, written(), now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(template.edit(3, None, written(), now()), Err(TemplateError::NoVersion));
    let (pin, _) = template.pin(None, &[Channel::Sms], Locale::En).unwrap();
    assert_eq!(pin.version_no, 1, "sessions keep the approved one");
    assert!(template.version_no(1).unwrap().variants[0].body.starts_with("Your"));
}

#[test]
fn t_inv_3_rejects_a_channel_without_the_default_locale() {
    let variants = vec![sms(Locale::En, "{{code}}"), of(Channel::Whatsapp, Locale::Ps, "{{code}}")];
    let error = VerifyTemplate::create(new_template(variants), now()).unwrap_err();
    assert_eq!(error, TemplateError::DefaultMissing { channel: Channel::Whatsapp });
    assert_eq!(error.invariant(), Some(T_INV_3));
    let template = template();
    let mut row = template.version_no(1).unwrap().clone();
    row.variants = vec![built(sms(Locale::Ps, "{{code}}")).unwrap()];
    let error = VerifyTemplate::rehydrate(template.data().clone(), vec![row], 1).unwrap_err();
    assert_eq!(error.invariant(), Some(T_INV_3));
    assert_eq!(VerifyTemplate::create(new_template(Vec::new()), now()).unwrap_err(), TemplateError::Length);
    let twice = vec![sms(Locale::En, "{{code}}"), sms(Locale::En, "a\n{{code}}")];
    assert_eq!(
        VerifyTemplate::create(new_template(twice), now()).unwrap_err().code(),
        "template.variant_twice"
    );
}

#[test]
fn a_missing_language_falls_back_along_the_template_s_own_chain() {
    let variants = vec![sms(Locale::En, "{{code}}"), sms(Locale::Fa, "{{code}}")];
    let used = |locale_fallbacks: Vec<Locale>| {
        let new = NewTemplate { locale_fallbacks, ..new_template(variants.clone()) };
        let template = VerifyTemplate::create(new, now()).unwrap();
        let stored = serde_json::to_value(template.data()).unwrap();
        let data: TemplateData = serde_json::from_value(stored).unwrap();
        template.version_no(1).unwrap().variant(Channel::Sms, &data.chain(Locale::Ps)).unwrap().locale
    };
    assert_eq!(used(vec![]), Locale::En, "the default");
    assert_eq!(used(vec![Locale::Fa]), Locale::Fa);
    assert_eq!(used(vec![Locale::Ps, Locale::Fa, Locale::Ps]), Locale::Fa);
}

#[test]
fn t_inv_3_allows_other_locales_to_be_missing_and_says_so() {
    let variants = vec![sms(Locale::En, "{{code}}"), sms(Locale::Ps, "{{code}}")];
    let template = VerifyTemplate::create(new_template(variants), now()).unwrap();
    assert_eq!(
        template.lints(1),
        [Lint::LocaleMissing { channel: Channel::Sms, locale: Locale::Fa }],
        "{T_INV_3}"
    );
    let version = template.version_no(1).unwrap();
    let used = |locale| version.variant(Channel::Sms, &template.data().chain(locale)).unwrap().locale;
    assert_eq!((used(Locale::Fa), used(Locale::Ps)), (Locale::En, Locale::Ps));
    assert!(version.variant(Channel::Voice, Locale::ALL).is_none());
}

#[test]
fn t_inv_4_rejects_a_longest_text_of_four_messages() {
    let long = |letter: &str, count: usize| format!("{}\n{{{{code}}}}", letter.repeat(count));
    // 201 units of UCS-2 are three messages: 190 letters, a line break and ten digits.
    let error = built(sms(Locale::Ps, &long("ک", 191))).unwrap_err();
    assert_eq!((error.invariant(), error.code()), (Some(T_INV_4), "template.segments_exceeded"));
    assert_eq!(error.details().len(), 1);
    // A brand of any script takes an English text to UCS-2.
    assert!(built(sms(Locale::En, &format!("{{{{brand}}}} {}", long("a", 158)))).is_err());
}

#[test]
fn t_inv_4_allows_three_messages_and_warns_above_one() {
    let long = |letter: &str, count: usize| format!("{}\n{{{{code}}}}", letter.repeat(count));
    let variant = built(sms(Locale::Ps, &long("ک", 190))).unwrap();
    assert_eq!((variant.segments_max, variant.encoding), (3, Encoding::Ucs2), "{T_INV_4}");
    assert_eq!(variant.lints(), [Lint::LongForUcs2 { locale: Locale::Ps, segments: 3 }]);
    let variant = built(sms(Locale::Ps, &long("ک", 59))).unwrap();
    assert_eq!((variant.segments_max, variant.lints().len()), (1, 0));
    let variant = built(sms(Locale::En, &long("a", 448))).unwrap();
    assert_eq!((variant.segments_max, variant.encoding), (3, Encoding::Gsm7));
    let curly = built(sms(Locale::En, "It’s yours:\n{{code}}")).unwrap();
    assert_eq!(curly.lints(), [Lint::LeavesGsm7 { character: '’' }]);
}

#[test]
fn t_inv_5_rejects_a_code_that_shares_its_line() {
    for channel in [Channel::Sms, Channel::Whatsapp] {
        for body in ["Code {{code}}", "{{code}} is yours", "a\n {{code}}"] {
            let error = built(of(channel, Locale::Ps, body)).unwrap_err();
            assert_eq!((error.invariant(), error.code()), (Some(T_INV_5), "template.code_line"), "{body}");
        }
    }
}

#[test]
fn t_inv_5_allows_ascii_digits_on_their_own_line_and_isolated_in_an_e_mail() {
    let code = code(6);
    let variant = built(sms(Locale::Ps, "ستاسو کوډ:\n{{code}}")).unwrap();
    let rendered = render(&variant, "سرای", &code, None);
    assert_eq!(text(&rendered).lines().nth(1), Some(code.expose()), "{T_INV_5}");
    assert!(code.expose().bytes().all(|byte| byte.is_ascii_digit()));
    assert!(!text(&rendered).chars().any(|c| ('\u{2066}'..='\u{2069}').contains(&c)));
    let variant = built(of(Channel::Email, Locale::Fa, "سلام {{brand}} <b>\n\nکود: {{code}}")).unwrap();
    let Rendered::Email { html, subject, .. } = render(&variant, "A & B", &code, None) else {
        panic!("an e-mail")
    };
    assert!(html.contains(&format!("<bdi dir=\"ltr\"><strong>{}</strong></bdi>", code.expose())));
    assert!(
        html.contains("<html lang=\"fa\" dir=\"rtl\">") && html.contains("<bdi>A &amp; B</bdi> &lt;b&gt;")
    );
    assert_eq!((subject.as_str(), variant.dir), ("Your code", Direction::Rtl));
}

#[test]
fn t_inv_6_rejects_a_written_origin_line() {
    for body in ["{{code}}\n@example", "{{code}}\n @ x"] {
        let error = TemplateVariant::try_new(sms(Locale::En, body), Some(&domain())).unwrap_err();
        assert_eq!((error.invariant(), error.code()), (Some(T_INV_6), "template.origin_line"));
    }
    for bad in ["", "localhost", "a b.com", "https://a.com", "a..com", "12345.com"] {
        assert_eq!(OriginDomain::parse(bad), Err(TemplateError::Domain), "{bad}");
    }
}

#[test]
fn t_inv_6_allows_the_last_line_to_bind_the_code_to_its_domain() {
    let variant = TemplateVariant::try_new(sms(Locale::En, "Code:\n{{code}}"), Some(&domain())).unwrap();
    let code = code(8);
    let rendered = render(&variant, "Sarai", &code, Some(&domain()));
    let last = format!("@example.com #{}", code.expose());
    assert_eq!(text(&rendered).lines().last(), Some(last.as_str()), "{T_INV_6}");
}

#[test]
fn t_inv_7_rejects_links_and_numbers_that_look_like_codes() {
    for body in [
        "{{code}}\nhttps://x",
        "{{code}}\nwww.x",
        "{{code}}\nsee example.com",
        "{{code}}\n(bank.af/x)",
        "{{code}}\nCall 1234",
        "{{code}}\n۱۲۳۴",
        "{{code}}\n1{{minutes}}",
        "{{code}}\n{{brand}}2",
    ] {
        let error = built(sms(Locale::En, body)).unwrap_err();
        assert_eq!(error.invariant(), Some(T_INV_7), "{body}");
    }
}

#[test]
fn t_inv_7_allows_sentences_and_short_numbers() {
    for body in ["{{code}}\nDone. Thanks e.g. 24 h.", "{{code}}\nCall 119.", "{{code}}\n... {{minutes}} min"]
    {
        assert!(built(sms(Locale::En, body)).is_ok(), "{body}, {T_INV_7}");
    }
}

#[test]
fn t_inv_8_rejects_a_call_that_nobody_can_speak() {
    for locale in [Locale::Ps, Locale::Fa] {
        let error = built(of(Channel::Voice, locale, "{{code}}")).unwrap_err();
        assert_eq!((error.invariant(), error.code()), (Some(T_INV_8), "template.no_voice"));
    }
}

#[test]
fn t_inv_8_allows_digits_one_by_one_twice() {
    let code = code(6);
    let digits: Vec<u8> = code.expose().bytes().map(|byte| byte - b'0').collect();
    for locale in Locale::ALL {
        let recorded_digits = (*locale != Locale::En).then(|| "set-1".to_owned());
        let new = NewVariant {
            recorded_digits: recorded_digits.clone(),
            ..of(Channel::Voice, *locale, "Hi.\n{{code}}")
        };
        let variant = built(new).unwrap();
        let Rendered::Speech { text, digits: said, recorded_digits: set, .. } =
            render(&variant, "Sarai", &code, None)
        else {
            panic!("a call")
        };
        assert_eq!((&*said, &set), (&digits, &recorded_digits), "{T_INV_8}");
        let halves: Vec<_> = text.trim_start_matches("Hi.\n").trim_end_matches('.').split(". ").collect();
        assert_eq!((halves.len(), halves[0]), (2, halves[1]));
        assert_eq!(halves[0].split([',', '،']).count(), 6);
        assert!(!text.contains(code.expose()));
    }
}

#[test]
fn t_inv_9_rejects_a_start_with_a_version_that_is_not_approved() {
    for state in
        [TemplateState::Draft, TemplateState::InReview, TemplateState::Retired, TemplateState::Archived]
    {
        let error = in_state(state).pin(Some(1), &[Channel::Sms], Locale::En).unwrap_err();
        assert_eq!((error.invariant(), error.kind()), (Some(T_INV_9), Kind::Conflict));
    }
    assert!(in_state(TemplateState::Archived).pin(None, &[], Locale::En).is_err());
    let retired = in_state(TemplateState::Retired);
    let row = TemplateVersion { ended_at: None, ..retired.version_no(1).unwrap().clone() };
    let error = VerifyTemplate::rehydrate(retired.data().clone(), vec![row], 1).unwrap_err();
    assert_eq!(error.invariant(), Some(T_INV_9));
}

#[test]
fn t_inv_9_allows_live_sessions_to_keep_a_retired_text() {
    let retired = in_state(TemplateState::Retired);
    let version = retired.version_no(1).unwrap();
    assert!(version.was_usable(now()) && !version.was_usable(now().plus_days(1)));
    let variant = version.variant(Channel::Sms, &[Locale::En]).unwrap();
    assert!(
        variant
            .render(&Filling {
                brand: &Brand::parse("Sarai").unwrap(),
                code: &code(6),
                minutes: 10,
                domain: None
            })
            .is_ok(),
        "{T_INV_9}"
    );
    let (pin, used) = retired.pin(None, &[Channel::Sms], Locale::Fa).unwrap();
    assert_eq!((pin.version_no, used), (2, Locale::En));
    let error = retired.pin(None, &[Channel::Voice], Locale::Fa).unwrap_err();
    assert_eq!(error.code(), "template.no_variant");
}

#[test]
fn everybody_s_texts_keep_the_rules_in_every_language_and_channel() {
    for purpose in Purpose::ALL {
        let template = system_template(*purpose, now()).unwrap();
        assert_eq!((template.id(), template.data().owner.as_str()), (system_template_id(*purpose), PLATFORM));
        let version = template.version_no(1).unwrap();
        assert_eq!(version.variants.len(), Channel::ALL.len() * Locale::ALL.len());
        let (_, used) = template.pin(None, Channel::ALL, Locale::Ps).unwrap();
        assert_eq!(used, Locale::Ps);
        for variant in &version.variants {
            assert!(variant.segments_max <= 3, "{variant:?}");
            let code = code(6);
            let rendered = render(variant, "Sarai", &code, None);
            assert!(!text(&rendered).contains("{{"));
            if variant.channel == Channel::Sms && variant.locale == Locale::En {
                assert!(matches!(rendered, Rendered::Text { segments: 1, .. }));
            }
        }
        assert_eq!(template.check_invariants(), Ok(()));
    }
}

#[test]
fn a_message_is_measured_in_its_alphabet() {
    for (text, encoding, units, segments) in [
        ("", Encoding::Gsm7, 0, 1),
        ("€{}", Encoding::Gsm7, 6, 1),
        (&"a".repeat(160), Encoding::Gsm7, 160, 1),
        (&"a".repeat(161), Encoding::Gsm7, 161, 2),
        (&"a".repeat(307), Encoding::Gsm7, 307, 3),
        (&"ن".repeat(70), Encoding::Ucs2, 70, 1),
        (&"ن".repeat(71), Encoding::Ucs2, 71, 2),
        ("😀", Encoding::Ucs2, 2, 1),
    ] {
        assert_eq!(measure(text), Measure { encoding, units, segments }, "{text}");
    }
}

#[test]
fn texts_have_lengths_and_subjects_belong_to_e_mails() {
    for bad in [
        NewVariant { subject: Some("x".into()), ..sms(Locale::En, "{{code}}") },
        NewVariant { subject: None, ..of(Channel::Email, Locale::En, "{{code}}") },
        NewVariant { subject: Some("a\nb".into()), ..of(Channel::Email, Locale::En, "{{code}}") },
        NewVariant { recorded_digits: Some("s".into()), ..sms(Locale::En, "{{code}}") },
        of(Channel::Whatsapp, Locale::En, &format!("{}\n{{{{code}}}}", "a".repeat(1_020))),
        sms(Locale::En, "a\t\n{{code}}"),
    ] {
        assert_eq!(built(bad), Err(TemplateError::Length));
    }
    for bad in ["", "A", "a--b", "-a", "a b", &"a".repeat(65)] {
        assert_eq!(TemplateName::parse(bad), Err(TemplateError::Name), "{bad}");
    }
}

fn act(template: &mut VerifyTemplate, action: TemplateAction) -> Result<Outcome, TemplateError> {
    match action {
        TemplateAction::Submit => template.submit(1, now()),
        TemplateAction::Approve => template.approve(1, now()),
        TemplateAction::Reject => template.reject(1, "unclear", now()),
        TemplateAction::Retire => {
            let Some(version) = template.moved(1, TemplateAction::Retire, None)? else {
                return Ok(Outcome::AlreadyApplied);
            };
            template.write(TemplateVersion { ended_at: Some(now()), ..version });
            Ok(Outcome::Applied)
        }
        TemplateAction::Archive => template.archive(1, now()),
    }
}

#[test]
fn every_pair_of_state_and_action_agrees_with_the_table() {
    for from in TemplateState::ALL {
        assert_eq!(
            status::TERMINAL.contains(from),
            status::TRANSITIONS.iter().all(|edge| edge.from != *from)
        );
        for action in TemplateAction::ALL {
            let mut template = in_state(*from);
            let last = template.version_no(1).unwrap().last_transition.as_ref().map(|last| last.action);
            let result = act(&mut template, *action);
            let after = template.version_no(1).unwrap().state;
            let edge =
                |edge: &&Edge<TemplateState, TemplateAction>| edge.from == *from && edge.action == *action;
            match status::TRANSITIONS.iter().find(edge) {
                Some(edge) => {
                    assert_eq!((result, after), (Ok(Outcome::Applied), edge.to), "{from:?} {action:?}");
                }
                None if last == Some(*action) => {
                    assert_eq!((result, after), (Ok(Outcome::AlreadyApplied), *from));
                }
                None => {
                    assert_eq!(
                        result.unwrap_err().code(),
                        "template.invalid_transition",
                        "{from:?} {action:?}"
                    );
                    assert_eq!(after, *from);
                }
            }
        }
    }
    let mut template = in_state(TemplateState::InReview);
    assert_eq!(template.reject(1, " ", now()), Err(TemplateError::Reason));
    assert_eq!(template.reject(1, "unclear", now()), Ok(Outcome::Applied));
    assert_eq!(template.reject(1, "unclear", now()), Ok(Outcome::AlreadyApplied));
    assert_eq!(template.version_no(1).unwrap().rejected_because.as_deref(), Some("unclear"));
    assert_eq!(template.submit(1, now()), Ok(Outcome::Applied));
}

#[test]
fn documents_rows_and_events_survive_their_json() {
    let template = in_state(TemplateState::Retired);
    let json = serde_json::to_string(template.data()).unwrap();
    assert_eq!(&serde_json::from_str::<TemplateData>(&json).unwrap(), template.data());
    let changes = template.clone().into_changes();
    assert_eq!((changes.rows.len(), changes.events.len()), (2, 2));
    for row in &changes.rows {
        let json = serde_json::to_string(row).unwrap();
        assert_eq!(&serde_json::from_str::<TemplateVersion>(&json).unwrap(), row);
    }
    for event in &changes.events {
        let json = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<TemplateEvent>(&json).unwrap(), event);
        assert_eq!(event.topic(), "devportal.template.approved.v1");
    }
    assert!(breaches::<VerifyTemplate>(template.data(), &changes.rows).is_empty());
    assert_eq!(VerifyTemplate::rehydrate(changes.data, changes.rows, 4).unwrap().version(), 4);
}

proptest! {
    #[test]
    fn every_walk_keeps_the_rules(walk in prop::collection::vec((0_u8..6, 1_u32..4), 1..30)) {
        let mut template = template();
        for (step, no) in walk {
            let before = template.clone();
            let result = match step {
                0 => template.submit(no, now()),
                1 => template.approve(no, now()),
                2 => template.reject(no, "why", now()),
                3 => template.archive(no, now()),
                4 => template.new_version(now()).map(|_| Outcome::Applied),
                _ => template.edit(no, None, vec![sms(Locale::En, "x:\n{{code}}")], now()),
            };
            prop_assert_eq!(template.check_invariants(), Ok(()));
            if result != Ok(Outcome::Applied) {
                prop_assert_eq!(template.data(), before.data());
            }
            for (no, version) in &before.versions {
                let after = &template.versions[no];
                prop_assert!(version.approved_at.is_none() || after.variants == version.variants);
            }
        }
    }

    #[test]
    fn the_longest_text_is_no_shorter_than_any_render(
        body in "[a-zA-Z ,']{0,60}", brand in "[a-zA-Zک€]{1,32}", length in 6_u8..=10,
    ) {
        let variant = built(sms(Locale::En, &format!("{{{{brand}}}} {body}\n{{{{code}}}}\n{{{{minutes}}}} min"))).unwrap();
        let Rendered::Text { segments, .. } = render(&variant, &brand, &code(length), None) else { panic!("a text") };
        prop_assert!(segments <= variant.segments_max);
    }
}
