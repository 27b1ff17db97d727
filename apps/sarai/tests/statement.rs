//! `sarai statement verify` as a provider runs it: the exit code, and what it says of a file.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sarai_domain::{
    kernel::{Currency, Hex, Id, Money},
    marketplace::earnings::{
        EarningsKey, SoldLine, StatementAnchor, StatementHead,
        statement::{LinesPart, StatementFile},
    },
};
use sarai_http::statement_csv;
use sarai_ports::system::Signer as _;
use sarai_system::Ed25519Signer;

/// A folder of this process's own, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sarai-statement-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn signer() -> Ed25519Signer {
    Ed25519Signer::new([5; 32])
}

/// Three sales of 6.45, sealed and signed.
fn statement() -> StatementFile {
    let key: EarningsKey = "acme:USD:2026-04".parse().unwrap();
    let at = "2026-04-20T09:30:00Z".parse().unwrap();
    let usd = |text| Money::parse(text, Currency::parse("USD").unwrap()).unwrap();
    let mut head = StatementHead::empty(&key);
    let mut lines = Vec::new();
    for number in 1..=3_u128 {
        let sold = SoldLine {
            order_id: Id::new(number.into()),
            order_line_id: Id::new(number.into()),
            listing_id: Id::new(number.into()),
            net: usd("6.45"),
            fee_amount: usd("1.93"),
            provider_amount: usd("4.52"),
            platform_bps: 3_000,
            refund_deadline: None,
        };
        let sale = sold.sale(Id::new(number.into()), &format!("evt_{number}"), at);
        let sealed = head.seal(&sale).unwrap();
        head = head.follow(&sealed).unwrap();
        lines.push(sealed);
    }
    let signature = signer().sign(&StatementAnchor::signed_bytes(&key, &head.chain, at));
    let (count, hash) = (head.chain.count, head.chain.hash);
    let key_id = signer().key_id().to_owned();
    let anchor = StatementAnchor { count, hash, at, key_id, signature: Hex(signature) };
    let (totals, chain) = (Some(head.totals), Some(head.chain));
    StatementFile { key, totals, lines: LinesPart { data: lines }, head: chain, anchor: Some(anchor) }
}

fn table(file: &StatementFile) -> String {
    let head = StatementHead {
        chain: file.head.unwrap(),
        balance: file.lines.data[2].row.balance,
        totals: file.totals.unwrap(),
    };
    let parts = [
        statement_csv::header(),
        statement_csv::lines(&file.key, &file.lines.data),
        statement_csv::end(&file.key, &head, file.anchor.as_ref()),
    ];
    String::from_utf8(parts.into_iter().flat_map(Result::unwrap).collect()).unwrap()
}

fn verify(key: &str, files: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sarai"));
    command.args(["statement", "verify", "--key", key]).args(files);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = if status.success() { stdout } else { stderr };
    (status.success(), String::from_utf8(said).unwrap().trim().to_owned())
}

#[test]
fn a_whole_statement_is_ok_and_a_tampered_one_fails_with_its_line() {
    let folder = Folder::new("whole");
    let file = statement();
    let public = URL_SAFE_NO_PAD.encode(signer().public_key());
    let set = format!(
        r#"{{"keys":[{{"kid":"other","crv":"Ed25519","x":"AAAA"}},{{"kid":"{}","crv":"Ed25519","x":"{public}"}}]}}"#,
        signer().key_id(),
    );
    let set = folder.put("jwks.json", &set);
    let (json, csv) = (serde_json::to_string(&file).unwrap(), table(&file));
    let ok = (true, "ok: acme:USD:2026-04, 3 lines, 3 of them signed, balance 13.56 USD".to_owned());
    let whole = folder.put("april.json", &json);
    for key in [&public, &set] {
        assert_eq!(verify(key, &[&whole]), ok);
        assert_eq!(verify(key, &[&folder.put("april.csv", &csv)]), ok);
    }
    let page = |range: std::ops::Range<usize>| {
        let lines = LinesPart { data: file.lines.data[range].to_vec() };
        serde_json::to_string(&StatementFile { lines, ..file.clone() }).unwrap()
    };
    let (first, second) = (folder.put("1.json", &page(0..2)), folder.put("2.json", &page(2..3)));
    assert_eq!(verify(&public, &[&first, &second]), ok);

    let fails = |said: &str| (false, format!("sarai: {said}"));
    let other = URL_SAFE_NO_PAD.encode([9; 32]);
    let unsigned = fails("the anchor over 3 lines was not signed by this key");
    assert_eq!(verify(&other, &[&whole]), unsigned);
    assert_eq!(verify(&public, &[&first]), fails("the lines end at 2, the statement says 3"));
    assert_eq!(verify(&public, &[&second, &first]), fails("line 1 is missing: line 3 stands in its place"));
    let cent = folder.put("cent.csv", &csv.replacen("4.52", "4.53", 1));
    assert_eq!(verify(&public, &[&cent]), fails("line 1 was changed"));
    let rows: Vec<_> = csv.split("\r\n").collect();
    let cut = folder.put("cut.csv", &rows[..3].join("\r\n"));
    assert_eq!(verify(&public, &[&cut]), fails("the file has no head after line 2: the download broke off"));
    let (none, said) = verify(&public, &["no such file"]);
    assert!(!none && said.starts_with("sarai: no such file: "), "{said}");
    let (none, said) = verify("no such key", &[&whole]);
    assert!(!none && said.starts_with("sarai: --key is no key and no file: "), "{said}");
}
