//! What leaves in production: a wired process with a mail server and an SMS centre that tests start, receipts that come
//! twice and in any order, and what providers call back with.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use reqwest::Method;
use sarai::config::Config;
use sarai_application::{Call, devportal::verify::StartRequest};
use sarai_domain::{
    devportal::{
        values::{Brand, Channel, Destination, EmailAddress, Locale, Purpose},
        verify::{CheckOutcome, SendStatus, VerifyState},
    },
    kernel::{Aggregate as _, VerificationId},
};
use sarai_ports::{Scope, system::Clock as _};
use sarai_senders::{Secrets, SenderConfig, sign};
use serde_json::json;

use crate::{
    mail_server::{MailServer, Manner},
    market::text,
    sandboxes::{asking, caller, to},
    smsc::{Act, Conduct, DELIVER, Smsc, Submitted, pdu, receipt},
    world::{Api, generous, unique},
};

const PHONE: &str = "+93701231234";
const SECRET: &str = "a secret of sixteen and more";

/// A file that is there as long as somebody needs it.
struct File(PathBuf);

impl File {
    fn new(content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sarai-{}-{}", std::process::id(), unique("sender")));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn senders(table: &str) -> BTreeMap<String, SenderConfig> {
    toml::from_str(table).unwrap()
}

/// A process with these senders, and whoever comes with a production key of its developer.
async fn started(table: &str) -> (Api, Call) {
    let api = Api::start_with(Config { senders: senders(table), ..generous() }).await;
    let developer = api.user("developer").await;
    let key = json!({
        "label": unique("live"), "environment": "PRODUCTION", "scopes": ["verify:send", "verify:read"],
    });
    let key = developer.post("/v1/keys", &key).await.is(201);
    let call = asking(&api, text(&key, "rawKey")).await;
    (api, call)
}

async fn texts(conduct: Conduct) -> (Smsc, Api, Call, File) {
    let (smsc, password) = (Smsc::start(conduct).await, File::new("s3cr3t-8\n"));
    let table = format!(
        "[smsc]\nkind = \"smpp\"\nurl = \"smpp://127.0.0.1:{}\"\nuser = \"sarai\"\npassword_file = {:?}\n\
         channels = [\"SMS\"]\nfrom = \"SARAI\"\n",
        smsc.port,
        password.0.display()
    );
    let (api, call) = Box::pin(started(&table)).await;
    (smsc, api, call, password)
}

async fn start(api: &Api, call: &Call, request: &StartRequest) -> VerificationId {
    let verify = &api.embedded().devportal.verify;
    verify.start(call, &caller(call), request).await.unwrap().session.id()
}

async fn stands(api: &Api, call: &Call, id: VerificationId) -> (VerifyState, Vec<SendStatus>) {
    let scope = Scope::Within(call.principal.tenant_id.clone());
    let session = api.embedded().devportal.verify.find(&scope, id).await.unwrap();
    (session.data().state, session.sends().iter().map(|send| send.status).collect())
}

/// Lets the dispatcher work until something is so.
async fn until(api: &Api, what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        let _ = api.embedded().devportal.verify.run_due().await;
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what} never came");
}

async fn until_it_stands(
    api: &Api,
    call: &Call,
    id: VerificationId,
    state: VerifyState,
    sends: &[SendStatus],
) {
    let what = format!("{state:?} {sends:?}");
    until(api, &what, async || stands(api, call, id).await == (state, sends.to_vec())).await;
}

/// What a person reads of the parts of a message.
fn words(parts: &[Submitted]) -> String {
    let one = |part: &Submitted| {
        let header = if part.esm_class & 0x40 == 0 { 0 } else { usize::from(part.octets[0]) + 1 };
        let octets = &part.octets[header..];
        if part.data_coding == 8 {
            let units: Vec<u16> =
                octets.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).unwrap()
        } else {
            octets.iter().map(|octet| char::from(*octet)).collect()
        }
    };
    parts.iter().map(one).collect()
}

fn code_in(text: &str) -> String {
    let digits = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    text.split(|one: char| !one.is_ascii_digit()).find(digits).unwrap().to_owned()
}

fn confirm(smsc: &Smsc, id: &str, stat: &str) {
    smsc.deliver(800, &receipt(id, stat));
}

#[tokio::test]
async fn a_code_leaves_by_the_sms_centre_and_its_receipts_come_twice_and_in_any_order() {
    let (smsc, api, call, _password) = texts(Conduct::default()).await;
    let id = start(&api, &call, &to(PHONE, &[Channel::Sms])).await;
    until_it_stands(&api, &call, id, VerifyState::Pending, &[SendStatus::Sent]).await;
    let submitted = smsc.submitted();
    assert_eq!(submitted.len(), 1);
    assert_eq!((submitted[0].registered_delivery, submitted[0].destination.2.as_str()), (1, "93701231234"));
    let code = code_in(&words(&submitted));
    confirm(&smsc, "id-1", "ACCEPTD");
    confirm(&smsc, "id-1", "DELIVRD");
    confirm(&smsc, "id-1", "UNDELIV");
    confirm(&smsc, "id-1", "DELIVRD");
    until_it_stands(&api, &call, id, VerifyState::Delivered, &[SendStatus::Delivered]).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(stands(&api, &call, id).await, (VerifyState::Delivered, vec![SendStatus::Delivered]));
    assert_eq!(smsc.submitted().len(), 1, "a code leaves once");
    let checked = api.embedded().devportal.verify.check(&call, id, &code).await.unwrap();
    assert!(matches!(checked.outcome, CheckOutcome::Approved { .. }));
    let scope = Scope::Within(call.principal.tenant_id.clone());
    let stored = api.embedded().devportal.verify.find(&scope, id).await.unwrap();
    assert!(!format!("{:?} {:?}", stored.data(), stored.sends()).contains(&code), "the code is stored");
}

#[tokio::test]
async fn a_receipt_before_the_answer_waits_for_it() {
    let conduct = Conduct { acts: vec![Act::ConfirmFirst("77", "77".to_owned())], ..Conduct::default() };
    let (_smsc, api, call, _password) = texts(conduct).await;
    let id = start(&api, &call, &to(PHONE, &[Channel::Sms])).await;
    until_it_stands(&api, &call, id, VerifyState::Delivered, &[SendStatus::Delivered]).await;
}

#[tokio::test]
async fn a_receipt_that_speaks_of_nothing_is_taken_and_changes_nothing() {
    let (smsc, api, call, _password) = texts(Conduct::default()).await;
    let id = start(&api, &call, &to(PHONE, &[Channel::Sms])).await;
    until_it_stands(&api, &call, id, VerifyState::Pending, &[SendStatus::Sent]).await;
    confirm(&smsc, "nobody-s", "DELIVRD");
    let answered = || smsc.heard(DELIVER | 0x8000_0000);
    until(&api, "an answer", async || !answered().is_empty()).await;
    assert_eq!(answered(), [0], "it is not said again");
    assert_eq!(stands(&api, &call, id).await, (VerifyState::Pending, vec![SendStatus::Sent]));
}

#[tokio::test]
async fn a_message_of_two_parts_arrived_with_its_last() {
    let (smsc, api, call, _password) = texts(Conduct::default()).await;
    let request = StartRequest {
        locale: Some(Locale::Ps),
        brand: Some(Brand::parse("A company with quite a long name").unwrap()),
        purpose: Purpose::SignUp,
        ..to(PHONE, &[Channel::Sms])
    };
    let id = start(&api, &call, &request).await;
    until_it_stands(&api, &call, id, VerifyState::Pending, &[SendStatus::Sent]).await;
    let parts = smsc.submitted();
    assert_eq!(parts.len(), 2);
    let code = code_in(&words(&parts));
    confirm(&smsc, "id-2", "DELIVRD");
    confirm(&smsc, "id-2", "DELIVRD");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(stands(&api, &call, id).await, (VerifyState::Pending, vec![SendStatus::Sent]), "half of it");
    confirm(&smsc, "id-1", "DELIVRD");
    until_it_stands(&api, &call, id, VerifyState::Delivered, &[SendStatus::Delivered]).await;
    let checked = api.embedded().devportal.verify.check(&call, id, &code).await.unwrap();
    assert!(matches!(checked.outcome, CheckOutcome::Approved { .. }));
}

#[tokio::test]
async fn a_refused_message_falls_back_and_a_later_receipt_changes_nothing() {
    let conduct = Conduct { acts: vec![Act::Deny(0x0b)], ..Conduct::default() };
    let (smsc, api, call, _password) = texts(conduct).await;
    let id = start(&api, &call, &to(PHONE, &[Channel::Sms, Channel::Sms])).await;
    let fallen = [SendStatus::Failed, SendStatus::Sent];
    until_it_stands(&api, &call, id, VerifyState::Pending, &fallen).await;
    let scope = Scope::Within(call.principal.tenant_id.clone());
    let session = api.embedded().devportal.verify.find(&scope, id).await.unwrap();
    let name = session.sends()[1].provider_message_id.clone().unwrap();
    smsc.say(pdu(DELIVER, 0, 801, &receipt(&name, "UNDELIV")));
    let over = [SendStatus::Failed, SendStatus::Undelivered];
    until_it_stands(&api, &call, id, VerifyState::Failed, &over).await;
}

#[tokio::test]
async fn a_letter_leaves_by_the_mail_server_and_its_bounce_comes_signed() {
    let (server, secrets) = (MailServer::start(Manner::default()).await, File::new(SECRET));
    let table = format!(
        "[mail]\nkind = \"smtp\"\nurl = \"smtp://127.0.0.1:{}\"\nchannels = [\"EMAIL\"]\n\
         from = \"Sarai <codes@example.net>\"\nreceipts_file = {:?}\n",
        server.port, secrets.0
    );
    let (api, call) = started(&table).await;
    let email = EmailAddress::parse("amina@example.org").unwrap();
    let request = StartRequest {
        to: Destination::try_new(None, Some(email)).unwrap(),
        channel_order: None,
        ..to(PHONE, &[Channel::Sms])
    };
    let id = start(&api, &call, &request).await;
    until_it_stands(&api, &call, id, VerifyState::Pending, &[SendStatus::Sent]).await;
    let letters = server.letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].to[0].contains("amina@example.org"));
    assert!(letters[0].raw.contains(&code_in(&letters[0].raw.replace("\r\n", "\n"))));

    let scope = Scope::Within(call.principal.tenant_id.clone());
    let session = api.embedded().devportal.verify.find(&scope, id).await.unwrap();
    let name = session.sends()[0].provider_message_id.clone().unwrap();
    let bounce = json!({"receipts": [{"id": name, "status": "UNDELIVERED", "errorCode": "550"}]}).to_string();
    let at = (sarai_system::SystemClock::new(false).real().unix_micros() / 1_000_000).to_string();
    let secrets = Secrets::new([SECRET.to_owned()]);
    let post = |provider: &str, at: &str, signature: &str| {
        let ask = api.nobody().ask(Method::POST, &format!("/v1/callbacks/{provider}/receipts"));
        let ask = ask.header("sarai-timestamp", at).header("sarai-signature", signature);
        ask.raw("application/json", bounce.clone().into_bytes()).send()
    };
    let signature = sign(&secrets, &at, bounce.as_bytes());
    post("mail", &at, "v1=00").await.refused(401, "bad_signature");
    post("nobody", &at, &signature).await.refused(401, "bad_signature");
    let long_ago = sign(&secrets, "1700000000", bounce.as_bytes());
    post("mail", "1700000000", &long_ago).await.refused(401, "bad_signature");
    assert_eq!(stands(&api, &call, id).await, (VerifyState::Pending, vec![SendStatus::Sent]));
    for _ in 0..2 {
        assert_eq!(post("mail", &at, &signature).await.status, 204);
    }
    assert_eq!(stands(&api, &call, id).await, (VerifyState::Failed, vec![SendStatus::Undelivered]));
    // What nobody understands is heard all the same.
    let nonsense = "{\"news\": 1}";
    let ask = api.nobody().ask(Method::POST, "/v1/callbacks/mail/receipts").header("sarai-timestamp", &at);
    let ask = ask.header("sarai-signature", &sign(&secrets, &at, nonsense.as_bytes()));
    assert_eq!(ask.raw("application/json", nonsense.into()).send().await.status, 204);
}

#[tokio::test]
async fn a_channel_without_a_sender_refuses_production_only() {
    let (api, call) = started("").await;
    let verify = &api.embedded().devportal.verify;
    let refused = verify.start(&call, &caller(&call), &to(PHONE, &[Channel::Sms])).await.unwrap_err();
    assert_eq!(refused.code, "channel_unavailable");
}
