//! E-mail against a mail server: what arrives, and what every failure means.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sarai_domain::devportal::values::Locale;
use sarai_ports::devportal::{Part, SendOutcome};
use sarai_senders::SenderTable;

use crate::{
    mail_server::{MailServer, Manner},
    stage::{self, CODE, attempt, mail, not_sent, refused, unknown},
};

fn config(port: u16, more: &str) -> String {
    format!(
        "[senders.mail]\nkind = \"smtp\"\nurl = \"smtp://127.0.0.1:{port}\"\nchannels = [\"EMAIL\"]\n\
         from = \"Sarai <no-reply@example.com>\"\n{more}"
    )
}

async fn against(manner: Manner) -> (MailServer, SenderTable) {
    let server = MailServer::start(manner).await;
    let (table, _) = stage::started(&config(server.port, ""));
    (server, table)
}

/// A header's value, unfolded.
fn header(raw: &str, name: &str) -> Option<String> {
    let head = raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
    let values: Vec<_> = head
        .lines()
        .filter_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)))
        .map(|(_, value)| value.trim().to_owned())
        .collect();
    assert!(values.len() <= 1, "{name} is there {} times", values.len());
    values.into_iter().next()
}

/// RFC 2047, as much as a subject needs.
fn decoded(value: &str) -> String {
    let words = value.split_whitespace().map(|word| {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        encoded.map_or(word.as_bytes().to_vec(), |text| STANDARD.decode(text).unwrap())
    });
    String::from_utf8(words.collect::<Vec<_>>().concat()).unwrap()
}

/// The text of a part of this type.
fn part(raw: &str, kind: &str) -> String {
    let (_, rest) =
        raw.split_once(&format!("Content-Type: {kind}")).unwrap_or_else(|| panic!("no {kind}: {raw}"));
    let (head, body) = rest.split_once("\r\n\r\n").unwrap();
    let body = body.split("\r\n--").next().unwrap();
    let head = head.to_ascii_lowercase();
    if head.contains("base64") {
        return String::from_utf8(STANDARD.decode(body.replace("\r\n", "")).unwrap()).unwrap();
    }
    if !head.contains("quoted-printable") {
        return body.to_owned();
    }
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_pashto_letter_arrives_as_text_and_html_under_our_id() {
    let (server, table) = against(Manner::default()).await;
    let subject = "سرای: ستاسو کوډ د ننوتلو لپاره";
    let text = format!("سلام،\n\nستاسو کوډ:\n{CODE}\n.\nدا کوډ تر 10 دقیقو پورې اعتبار لري.");
    let html = format!(
        "<!doctype html>\n<html lang=\"ps\" dir=\"rtl\"><p>سلام، <bdi dir=\"ltr\">{CODE}</bdi></p></html>\n"
    );
    let outcome = stage::send(&table, &mail(7, Locale::Ps, subject, &text, &html)).await;
    let id = format!("{}@example.com", attempt(7));
    let part_taken = Part { no: 1, of: 1, provider_message_id: id.clone() };
    assert_eq!(outcome, SendOutcome::Sent { parts: vec![part_taken], segments: None });
    let letter = server.letters().remove(0);
    assert!(letter.raw.is_ascii());
    assert_eq!(letter.from, "MAIL FROM:<no-reply@example.com>");
    assert_eq!(letter.to, ["RCPT TO:<zar.gul@example.org>"]);
    let is = |name, value: &str| assert_eq!(header(&letter.raw, name).as_deref(), Some(value));
    is("Message-ID", &format!("<{id}>"));
    is("From", "Sarai <no-reply@example.com>");
    is("To", "zar.gul@example.org");
    is("Auto-Submitted", "auto-generated");
    is("Content-Language", "ps");
    is("MIME-Version", "1.0");
    assert!(header(&letter.raw, "Date").is_some());
    assert_eq!(header(&letter.raw, "List-Unsubscribe"), None);
    assert_eq!(decoded(&header(&letter.raw, "Subject").unwrap()), subject);
    assert!(header(&letter.raw, "Content-Type").unwrap().starts_with("multipart/alternative"));
    assert_eq!(part(&letter.raw, "text/plain").replace("\r\n", "\n").trim_end(), text);
    assert_eq!(part(&letter.raw, "text/html").replace("\r\n", "\n").trim_end(), html.trim_end());
}

#[tokio::test]
async fn nothing_in_a_subject_becomes_a_header_and_nothing_in_a_text_ends_it() {
    let (server, table) = against(Manner::default()).await;
    for (subject, text) in [
        ("Code\r\nBcc: thief@example.com", "a"),
        ("Code\nBcc: thief@example.com\n\nbody", "a"),
        ("کود\r\nBcc: thief@example.com", "a"),
        ("Code\u{0}\u{7f}", "a\r\n.\r\nMAIL FROM:<thief@example.com>\r\n"),
    ] {
        let before = server.letters().len();
        let outcome = stage::send(&table, &mail(1, Locale::En, subject, text, "<p>a</p>")).await;
        assert_eq!(outcome.parts().len(), 1, "{subject:?}: {outcome:?}");
        let letter = server.letters().remove(before);
        let shown = decoded(&header(&letter.raw, "Subject").unwrap());
        assert!(!shown.contains(char::is_control), "{shown:?}");
        assert_eq!(header(&letter.raw, "Bcc"), None, "{subject:?}");
        assert_eq!(letter.to.len(), 1, "{subject:?}");
        assert_eq!(server.letters().len(), before + 1);
    }
    assert!(!server.commands().iter().any(|command| command.contains("thief")));
}

#[tokio::test]
async fn a_line_is_used_again_and_a_dead_one_is_not() {
    let (server, table) = against(Manner::default()).await;
    for number in 1..=5 {
        assert_eq!(stage::send(&table, &mail(number, Locale::En, "Code", CODE, CODE)).await.parts().len(), 1);
    }
    assert_eq!((server.letters().len(), server.connections()), (5, 1));
    let cutting = MailServer::start(Manner { at: Some(("NOOP", "cut")), ..Manner::default() }).await;
    let (table, _) = stage::started(&config(cutting.port, ""));
    for number in 1..=3 {
        assert_eq!(stage::send(&table, &mail(number, Locale::En, "Code", CODE, CODE)).await.parts().len(), 1);
    }
    assert_eq!((cutting.letters().len(), cutting.connections()), (3, 3));
}

#[tokio::test]
async fn a_failure_before_the_message_is_certain_and_its_class_decides() {
    for step in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT"] {
        for (said, expected) in
            [("451 try later", not_sent("smtp_451")), ("550 no such user", refused("smtp_550"))]
        {
            let (server, table) = against(Manner { at: Some((step, said)), ..Manner::default() }).await;
            let outcome = stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await;
            assert_eq!(outcome, expected, "{step} {said}");
            assert!(server.letters().is_empty(), "{step} {said}");
        }
    }
}

#[tokio::test]
async fn a_cut_before_the_message_is_not_sent_and_one_after_it_is_unknown() {
    for step in ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"] {
        let (_, table) = against(Manner { at: Some((step, "cut")), ..Manner::default() }).await;
        let outcome = stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await;
        assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{step}: {outcome:?}");
    }
    let (_, table) = against(Manner { at: Some(("CONTENT", "cut")), ..Manner::default() }).await;
    assert_eq!(
        stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await,
        unknown("connection_lost")
    );
    let (_, table) = against(Manner { at: Some(("CONTENT", "nonsense")), ..Manner::default() }).await;
    assert_eq!(
        stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await,
        unknown("connection_lost")
    );
}

#[tokio::test]
async fn silence_before_the_message_is_not_sent_and_after_it_is_unknown() {
    for (step, expected) in [("RCPT", not_sent("smtp_timeout")), ("CONTENT", unknown("no_answer"))] {
        let server = MailServer::start(Manner { at: Some((step, "mute")), ..Manner::default() }).await;
        let (table, _) = stage::hurried(&config(server.port, ""));
        assert_eq!(stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await, expected, "{step}");
    }
}

#[tokio::test]
async fn nobody_there_is_not_sent() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let (table, _) = stage::started(&config(port, ""));
    let outcome = stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await;
    assert_eq!(outcome, not_sent("connection_refused"));
}

#[tokio::test]
async fn who_we_are_is_said_and_a_refusal_of_it_is_one_of_the_message() {
    let server = MailServer::start(Manner { auth: true, ..Manner::default() }).await;
    let account = "user = \"sarai\"\npassword_file = \"$PASSWORD\"";
    let (table, _) = stage::started(&config(server.port, account));
    assert_eq!(stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await.parts().len(), 1);
    let said = server.letters().remove(0).user.unwrap();
    assert_eq!(STANDARD.decode(said).unwrap(), format!("\0sarai\0{}", stage::PASSWORD).into_bytes());
    let refusing =
        MailServer::start(Manner { auth: true, at: Some(("AUTH", "535 no")), ..Manner::default() }).await;
    let (table, _) = stage::started(&config(refusing.port, account));
    assert_eq!(stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await, refused("smtp_535"));
}

#[tokio::test]
async fn who_sends_is_the_account_where_nothing_is_said_and_otherwise_nobody_at_the_relay() {
    let server = MailServer::start(Manner { auth: true, ..Manner::default() }).await;
    let base = config(server.port, "").replace("from = \"Sarai <no-reply@example.com>\"\n", "");
    let account = "user = \"codes@example.net\"\npassword_file = \"$PASSWORD\"";
    for (toml, from, domain) in [
        (format!("{base}{account}"), "codes@example.net", "example.net"),
        (base.replace("127.0.0.1", "localhost"), "no-reply@localhost", "localhost"),
    ] {
        let (table, _) = stage::started(&toml);
        let outcome = stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await;
        assert_eq!(outcome.parts().len(), 1, "{from}: {outcome:?}");
        let letter = server.letters().pop().unwrap();
        assert_eq!(letter.from, format!("MAIL FROM:<{from}>"));
        assert_eq!(header(&letter.raw, "Message-ID").unwrap(), format!("<{}@{domain}>", attempt(1)));
    }
}

#[tokio::test]
async fn to_another_machine_nothing_is_said_in_clear() {
    // This address is none of the loopback's, though it ends there.
    let server = MailServer::start(Manner::default()).await;
    let config = config(server.port, "").replace("127.0.0.1", "0.0.0.0");
    let (table, _) = stage::started(&config);
    let outcome = stage::send(&table, &mail(1, Locale::En, "Code", CODE, CODE)).await;
    assert!(matches!(outcome, SendOutcome::NotSent { .. }), "{outcome:?}");
    assert!(server.letters().is_empty());
    let (table, _) = stage::started(&format!("{config}\ninsecure = true"));
    assert_eq!(stage::send(&table, &mail(2, Locale::En, "Code", CODE, CODE)).await.parts().len(), 1);
}

#[tokio::test]
async fn what_is_no_letter_is_refused_without_a_word_to_the_server() {
    let (server, table) = against(Manner::default()).await;
    let mut message = stage::text(1, sarai_domain::devportal::values::Channel::Email, CODE);
    message.channel = sarai_domain::devportal::values::Channel::Email;
    assert_eq!(stage::send(&table, &message).await, refused("not_an_email"));
    assert_eq!(server.connections(), 0);
}
