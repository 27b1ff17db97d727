//! The real binary as the crash tests handle it: started, frozen, killed, told to stop.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{net::TcpStream, os::unix::process::ExitStatusExt as _, time::Duration};

use sarai_services::SaraiProcess;

const LIMIT: Duration = Duration::from_secs(30);

fn server() -> SaraiProcess {
    SaraiProcess::new(env!("CARGO_BIN_EXE_sarai")).unwrap().env("SARAI_LOG", "info")
}

#[test]
fn a_killed_server_starts_again_where_it_was() {
    let mut server = server();
    server.start().unwrap();
    assert_eq!(server.probe("/healthz").unwrap(), 200);
    server.kill9();
    assert_eq!(server.exit_status().unwrap().unwrap().signal(), Some(9));
    assert!(server.probe("/healthz").is_err());
    server.start().unwrap();
    assert_eq!(server.probe("/healthz").unwrap(), 200);
    assert_eq!(server.log().matches("\"serving").count(), 2, "{}", server.log());
}

#[test]
fn a_frozen_server_answers_when_it_is_resumed() {
    let mut server = server();
    server.start().unwrap();
    server.pause().unwrap();
    assert!(TcpStream::connect(server.address()).is_ok() && server.probe("/healthz").is_err());
    server.resume().unwrap();
    assert_eq!(server.probe("/healthz").unwrap(), 200);
}

#[test]
fn a_server_told_to_stop_ends_well() {
    let mut server = server();
    server.start().unwrap();
    assert_eq!(server.terminate(LIMIT).unwrap().code(), Some(0), "{}", server.log());
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let mut server = server().args(["--log", "no=such=filter"]);
    let why = server.start().unwrap_err().to_string();
    assert!(why.contains("did not start") && why.contains("filter"), "{why}");
}
