//! The customer portal in a real browser: signing in, keys, cookies, forms, languages, accessibility, bytes.
//!
//! The short selection here; everything, with contact sheets of screenshots, by `cargo xtask browser`.

#![allow(clippy::print_stdout, reason = "figures are read where the tests run")]

use std::{
    env, fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use sarai_services::{Answer, Receiver, SaraiProcess, browser};

#[test]
fn a_browser_finds_the_portal_as_it_should_be() {
    let mode = env::var("SARAI_BROWSER").unwrap_or_else(|_| "short".to_owned());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../browser");
    fs::create_dir_all(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let receiver = Receiver::start(here, &["127.0.0.1"], |_| Answer::Status(204)).unwrap();
    let authority = folder.join("authority.pem");
    fs::write(&authority, receiver.authority()).unwrap();
    let server = SaraiProcess::new(env!("CARGO_BIN_EXE_sarai")).unwrap().args(["--memory"]);
    let server = server.args(["--webhook-allow", &receiver.address().to_string()]);
    let server = server.args(["--webhook-ca", &authority.display().to_string()]);
    // The browser signs in more often than a person does.
    let mut server = server.env("SARAI_SIGN_IN_PER_MINUTE", "6000").env("SARAI_SIGN_IN_BURST", "600");
    server.start().unwrap();
    let output =
        browser::look(&server.url(), &mode, &format!("https://{}", receiver.address()), &folder).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}
