//! `[senders.<name>]`: what is accepted, who is picked, and what every mistake is answered with.

use sarai_domain::devportal::values::{Channel, CountryCode};
use sarai_ports::devportal::Senders as _;

use crate::stage::{self, file, open};

fn one(kind: &str, url: &str, more: &str) -> String {
    format!("[senders.one]\nkind = \"{kind}\"\nurl = \"{url}\"\n{more}")
}

#[test]
fn a_mistake_is_answered_with_the_setting_and_what_to_write_instead() {
    let short = file("short", "too short\n").display().to_string();
    let empty = file("empty", "\n").display().to_string();
    let long = file("long", "a password that is too long\n").display().to_string();
    let sms = "channels = [\"SMS\"]\n";
    let email = "channels = [\"EMAIL\"]\n";
    let secret = "channels = [\"SMS\"]\npassword_file = \"$SECRET\"\n";
    let account = "channels = [\"SMS\"]\nuser = \"sarai\"\npassword_file = \"$PASSWORD\"\n";
    let cases: &[(String, &str)] = &[
        (
            one("http", "http://sms.example.com", secret),
            "url: http:// to another machine goes in clear: use https://, or set insecure = true",
        ),
        (one("http", "http://10.0.0.1", secret), "use https://"),
        (
            one("smpp", "smpp://10.0.0.1", account),
            "url: smpp:// to another machine goes in clear: use smpps://",
        ),
        (one("smpp", "http://localhost", account), "url: `smpp` speaks smpp:// or smpps://, not `http://`"),
        (one("http", "http://user@localhost", secret), "url: write scheme://host:port"),
        (one("http", "http://localhost/?key=1", secret), "url: write scheme://host:port"),
        (one("smpp", "smpp://localhost/path", account), "url: write scheme://host:port"),
        (
            one("http", "http://localhost", "password_file = \"$SECRET\""),
            "channels: name at least one of SMS, WHATSAPP, VOICE",
        ),
        (
            one("smpp", "smpp://localhost", "channels = [\"VOICE\"]"),
            "channels: `smpp` cannot serve VOICE; it can serve SMS",
        ),
        (one("http", "http://localhost", email), "channels: `http` cannot serve EMAIL"),
        (
            one("smtp", "smtp://localhost", "channels = [\"EMAIL\"]\ncountries = [\"AF\"]"),
            "countries: an e-mail address has none",
        ),
        (one("http", "http://localhost", sms), "password_file: `http` needs it"),
        (one("smpp", "smpp://localhost", sms), "user and password_file: `smpp` needs it"),
        (
            one("smtp", "smtp://localhost", "channels = [\"EMAIL\"]\nuser = \"a\""),
            "user and password_file go together",
        ),
        (
            one("http", "http://localhost", "channels = [\"SMS\"]\npassword_file = \"/nowhere/at/all\""),
            "password_file: /nowhere/at/all cannot be read",
        ),
        (
            one("http", "http://localhost", &format!("{sms}password_file = \"{short}\"")),
            "make one with `openssl rand -hex 32`",
        ),
        (
            one("http", "http://localhost", &format!("{sms}password_file = \"{empty}\"")),
            "is empty: write the password into it",
        ),
        (
            one("smpp", "smpp://localhost", &format!("{sms}user = \"a\"\npassword_file = \"{long}\"")),
            "password_file: at most 8 ASCII characters",
        ),
        (
            one("smpp", "smpp://localhost", &account.replace("sarai", "a user of sixteen")),
            "user: at most 15 ASCII characters",
        ),
        (
            one("smpp", "smpp://localhost", &format!("{account}from = \"a name of more than 11\"")),
            "from: a number with +, a short code, or a name",
        ),
        (
            one("smtp", "smtp://localhost", &format!("{email}from = \"no address\"")),
            "from: an e-mail address",
        ),
        (
            one("smtps", "x://localhost", email).replace("smtps", "smtp"),
            "url: `smtp` speaks smtp:// or smtps://",
        ),
        (one("http", "https://localhost", &format!("{secret}ca_file = \"{short}\"")), "ca_file: "),
        (one("http", "http://localhost", secret).replace("senders.one", "senders.One"), "is no name"),
    ];
    for (toml, expected) in cases {
        let error = open(toml).err().unwrap_or_else(|| panic!("{expected}")).to_string();
        assert!(error.contains(expected), "{error:?} is not {expected:?}");
        assert!(error.starts_with("[senders.one] ") || error.starts_with("[senders.One] "), "{error}");
        for secret in ["too short", "a password that"] {
            assert!(!error.contains(secret), "{error}");
        }
    }
}

#[test]
fn an_unknown_kind_or_setting_is_answered_with_those_that_there_are() {
    let read = |toml: &str| toml::from_str::<sarai_senders::SenderConfig>(toml).unwrap_err().to_string();
    let kind = read("kind = \"twilio\"\nurl = \"http://localhost\"");
    assert!(kind.contains("`twilio`, expected one of `smtp`, `smpp`, `http`"), "{kind}");
    let setting = read("kind = \"http\"\nurl = \"http://localhost\"\ncountry = []");
    assert!(setting.contains("`country`") && setting.contains("`countries`"), "{setting}");
    let country = read("kind = \"http\"\nurl = \"http://localhost\"\ncountries = [\"Afghanistan\"]");
    assert!(country.contains("two letters"), "{country}");
}

#[tokio::test]
async fn the_sender_that_names_the_country_is_picked_before_the_one_for_everywhere() {
    let table = open(
        "[senders.afghan]\nkind = \"smpp\"\nurl = \"smpp://localhost\"\nchannels = [\"SMS\"]\ncountries = [\"AF\", \"TJ\"]\n\
         user = \"a\"\npassword_file = \"$PASSWORD\"\n\
         [senders.world]\nkind = \"http\"\nurl = \"https://sms.example.com\"\nchannels = [\"SMS\", \"VOICE\"]\npassword_file = \"$SECRET\"\n\
         [senders.whats]\nkind = \"http\"\nurl = \"http://10.0.0.1\"\ninsecure = true\nchannels = [\"WHATSAPP\"]\ncountries = [\"AF\"]\npassword_file = \"$SECRET\"\n\
         [senders.mail]\nkind = \"smtp\"\nurl = \"smtps://mail.example.com\"\nchannels = [\"EMAIL\"]",
    )
    .unwrap();
    let name = |channel, country: Option<&str>| {
        let country = country.map(|text| CountryCode::parse(text).unwrap());
        table.pick(channel, country).map(|sender| sender.name().to_owned())
    };
    for (channel, country, expected) in [
        (Channel::Sms, Some("AF"), Some("afghan")),
        (Channel::Sms, Some("TJ"), Some("afghan")),
        (Channel::Sms, Some("DE"), Some("world")),
        (Channel::Sms, None, Some("world")),
        (Channel::Voice, Some("AF"), Some("world")),
        (Channel::Whatsapp, Some("AF"), Some("whats")),
        (Channel::Whatsapp, Some("DE"), None),
        (Channel::Whatsapp, None, None),
        (Channel::Email, None, Some("mail")),
        (Channel::Email, Some("AF"), Some("mail")),
    ] {
        assert_eq!(name(channel, country).as_deref(), expected, "{channel} {country:?}");
    }
    let afghan = table.pick(Channel::Sms, CountryCode::parse("AF").ok()).unwrap();
    assert_eq!((afghan.channels(), afghan.countries().len()), (&[Channel::Sms][..], 2));
}

#[test]
fn two_senders_for_the_same_are_a_mistake() {
    let two = |places: &str| {
        let one = |name: &str| {
            format!(
                "[senders.{name}]\nkind = \"http\"\nurl = \"http://localhost\"\nchannels = [\"SMS\"]\n\
                 password_file = \"$SECRET\"\n{places}\n"
            )
        };
        open(&format!("{}{}", one("a"), one("b"))).err().map(|error| error.to_string())
    };
    assert_eq!(
        two("").as_deref(),
        Some("[senders.b] serves SMS everywhere, as [senders.a] does: leave it to one of them")
    );
    assert!(two("countries = [\"AF\"]").unwrap().contains("serves SMS in AF"));
    assert!(
        open(&one("http", "http://localhost", "channels = [\"SMS\", \"SMS\"]\npassword_file = \"$SECRET\""))
            .is_ok()
    );
}

#[test]
fn secrets_are_not_printed() {
    let configs =
        stage::read(&one("http", "http://localhost", "channels = [\"SMS\"]\npassword_file = \"$SECRET\""));
    assert!(!format!("{configs:?}").contains(stage::SECRET));
    let secrets = sarai_senders::Secrets::new([stage::SECRET.to_owned()]);
    assert_eq!(format!("{secrets:?}"), "[redacted]");
}
