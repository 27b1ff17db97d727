//! Sandboxes: found, listed, ended by real time, cleared with all that is in them.

use std::collections::BTreeSet;

use sarai_domain::{
    devportal::{
        sandbox::{NewSandbox, SandboxCode, SandboxMessage, SandboxSession, Scenario},
        values::{Address, E164Phone, Environment, Locale},
        verify::{KeyGrant, NewSession, SessionSandbox},
    },
    kernel::{Aggregate, DeveloperAccountId, Outcome, SandboxId},
};
use sarai_ports::{PageRequest, Repository, Scope, StoreError, UniqueKey};

use crate::{
    SuitePorts, make,
    verify::{new_session, opened, started},
};

fn new(ports: &SuitePorts, account: DeveloperAccountId, is_default: bool) -> NewSandbox {
    NewSandbox {
        id: ports.id(),
        tenant_id: make::tenant("acme"),
        account_id: account,
        is_default,
        seed: 7,
        ttl_seconds: None,
        taken: BTreeSet::new(),
    }
}

async fn made(ports: &SuitePorts, new: NewSandbox) -> Result<SandboxSession, StoreError> {
    let id = new.id;
    let sandbox = SandboxSession::create(new, ports.now()).expect("a sandbox");
    save(ports, sandbox).await?;
    Ok(found(ports, id).await)
}

async fn save(ports: &SuitePorts, sandbox: SandboxSession) -> Result<(), StoreError> {
    let scope = Scope::Within(make::tenant("acme"));
    let sandboxes: &dyn Repository<SandboxSession> = &*ports.devportal;
    sandboxes.save(&scope, ports.unit(sandbox, ports.context())).await.map(drop)
}

async fn found(ports: &SuitePorts, id: SandboxId) -> SandboxSession {
    let scope = Scope::Tenant(make::tenant("acme"));
    let found = Repository::<SandboxSession>::find(&*ports.devportal, &scope, &id).await;
    found.expect("an answer").expect("the sandbox")
}

/// An account has one open default sandbox, and a next one after that.
pub async fn an_account_has_one_default_sandbox(ports: &SuitePorts) {
    let account = ports.id();
    let scope = Scope::Tenant(make::tenant("acme"));
    let mut first = made(ports, new(ports, account, true)).await.expect("the first");
    let second = made(ports, new(ports, account, true)).await;
    assert_eq!(second.err(), Some(StoreError::Taken(UniqueKey::SandboxPlace)));
    let default = async || ports.devportal.find_default_sandbox(&scope, account).await.expect("an answer");
    assert_eq!(default().await.map(|one| one.id()), Some(first.id()));
    let other = Scope::Tenant(make::tenant("umbrella"));
    assert!(ports.devportal.find_default_sandbox(&other, account).await.expect("an answer").is_none());
    assert_eq!(first.close(), Ok(Outcome::Applied));
    save(ports, first).await.expect("closed");
    assert!(default().await.is_none());
    let next = made(ports, new(ports, account, true)).await.expect("the next");
    assert_eq!(default().await.map(|one| one.id()), Some(next.id()));
}

/// Open ones, all of a tenant, and those whose time is over.
pub async fn sandboxes_are_listed_and_end(ports: &SuitePorts) {
    let account = ports.id();
    let scope = Scope::Tenant(make::tenant("acme"));
    let one = made(ports, new(ports, account, false)).await.expect("one");
    let same = made(ports, new(ports, account, false)).await;
    assert_eq!(same.err(), Some(StoreError::Taken(UniqueKey::SandboxPlace)), "of a place there is one");
    let two = NewSandbox { taken: [1].into(), ..new(ports, account, false) };
    let two = made(ports, two).await.expect("two");
    let open = ports.devportal.find_open_sandboxes(&scope, account).await.expect("open ones");
    assert_eq!(open.len(), 2);
    let all = ports.devportal.list_sandboxes(&scope, &make::tenant("acme"), &PageRequest::first(10)).await;
    let all = all.expect("a page");
    assert!([one.id(), two.id()].iter().all(|id| all.items.iter().any(|one| one.id() == *id)));
    let expired = async || {
        let due = ports.devportal.find_expired_sandboxes(ports.now(), 10).await.expect("due ones");
        due.iter().any(|(_, id)| *id == one.id())
    };
    assert!(!expired().await);
    ports.clock.advance(std::time::Duration::from_hours(25));
    assert!(expired().await);
    let mut over = found(ports, one.id()).await;
    assert_eq!(over.expire(ports.now()), Ok(Outcome::Applied));
    save(ports, over).await.expect("expired");
    assert!(!expired().await);
    let uncleared = async || ports.devportal.find_uncleared_sandboxes(10).await.expect("some");
    assert_eq!(uncleared().await, [(make::tenant("acme"), one.id())]);
    let mut cleared = found(ports, one.id()).await;
    assert_eq!(cleared.note_cleared(), Outcome::Applied);
    save(ports, cleared).await.expect("noted");
    assert_eq!(uncleared().await, []);
}

/// Clearing a sandbox deletes its sessions and its messages, and nobody else's.
pub async fn clearing_a_sandbox_deletes_what_is_in_it(ports: &SuitePorts) {
    let account = ports.id();
    let scope = Scope::Tenant(make::tenant("acme"));
    let mut boxes = Vec::new();
    for taken in [BTreeSet::new(), BTreeSet::from([1])] {
        let new = NewSandbox { taken, ..new(ports, account, false) };
        let mut sandbox = made(ports, new).await.expect("a sandbox");
        let id = sandbox.id();
        let code = SandboxCode { seed: 7, ordinal: 1, fixed: true };
        let environment = Environment::Sandbox;
        let mut start = NewSession {
            sandbox: Some(SessionSandbox { id, code, ttl_seconds: None }),
            key: KeyGrant { id: ports.id(), environment },
            environment,
            ..new_session(ports, "acme", "+12025550100")
        };
        for one in &mut start.sealed {
            one.scenario = Some(Scenario::default());
        }
        let session = started(start, ports);
        let message = message(ports, id, &session);
        opened(ports, session.clone()).await;
        assert_eq!(sandbox.receive(message, ports.now()), Ok(Outcome::Applied));
        save(ports, sandbox).await.expect("received");
        boxes.push((id, session.id()));
    }
    let within = async |id| ports.devportal.find_in_sandbox(&scope, id).await.expect("sessions").len();
    let inbox = async |id| {
        ports.devportal.inbox(&scope, id, 0, &PageRequest::first(10)).await.expect("a page").items.len()
    };
    let [(one, _), (two, kept)] = boxes[..] else { panic!("two sandboxes") };
    assert_eq!((within(one).await, inbox(one).await), (1, 1));
    ports.devportal.clear_sandbox(&make::tenant("umbrella"), one).await.expect("nothing");
    assert_eq!((within(one).await, inbox(one).await), (1, 1), "another tenant clears nothing");
    ports.devportal.clear_sandbox(&make::tenant("acme"), one).await.expect("cleared");
    assert_eq!((within(one).await, inbox(one).await), (0, 0));
    assert_eq!((within(two).await, inbox(two).await), (1, 1));
    // What was live there is free again.
    let again = NewSession {
        sandbox: Some(SessionSandbox {
            id: one,
            code: SandboxCode { seed: 7, ordinal: 1, fixed: true },
            ttl_seconds: None,
        }),
        key: KeyGrant { id: ports.id(), environment: Environment::Sandbox },
        environment: Environment::Sandbox,
        ..new_session(ports, "acme", "+12025550100")
    };
    opened(ports, started(again, ports)).await;
    assert_eq!(within(one).await, 1);
    assert_eq!(ports.devportal.find_in_sandbox(&scope, two).await.expect("sessions")[0].id(), kept);
}

fn message(
    ports: &SuitePorts,
    sandbox: SandboxId,
    session: &sarai_domain::devportal::verify::VerifySession,
) -> SandboxMessage {
    let (data, send) = (session.data(), session.sends()[0]);
    SandboxMessage {
        id: ports.id(),
        sandbox_id: sandbox,
        round: 0,
        at: ports.now(),
        channel: send.channel,
        destination_masked: Address::Phone(E164Phone::parse("+12025550100").expect("a number")).masked(),
        verification_id: data.id,
        attempt_id: send.id,
        template: data.template,
        locale: Locale::En,
        brand: data.brand.clone(),
        minutes: 10,
        code: data.sandbox_code().expect("a code"),
        generation: 1,
        code_length: data.policy.terms.code_length,
    }
}
