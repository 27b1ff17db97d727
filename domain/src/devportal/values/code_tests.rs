//! Vectors and bindings of codes.

use serde_json::Value;

use super::{super::pepper::DOCUMENTED_PEPPER, *};
use crate::devportal::invariants::{V_INV_1, V_INV_2};

fn kid(name: &str) -> Kid {
    name.parse().unwrap()
}

fn ring(pepper: &[u8]) -> PepperRing {
    let other = Zeroizing::new(vec![0x5a; 48]);
    PepperRing::try_new(kid("k1"), &[(kid("k1"), Zeroizing::new(pepper.to_vec())), (kid("k2"), other)], false)
        .unwrap()
}

fn binding() -> CodeBinding {
    CodeBinding {
        environment: Environment::Production,
        verification_id: "ver_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
        generation: 1,
    }
}

fn length(digits: u8) -> CodeLength {
    CodeLength::try_new(digits).unwrap()
}

fn typed(code: &str) -> SubmittedCode {
    SubmittedCode::parse(code, length(u8::try_from(code.len()).unwrap())).unwrap()
}

fn hex(bytes: &str) -> Vec<u8> {
    bytes
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn every_published_vector_is_computed() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../fixtures/vectors/verify.json")).unwrap();
    let vectors = vectors["codes"].as_array().unwrap();
    assert!(vectors.len() >= 5);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let ring = ring(&hex(text("pepper")));
        let generation = u32::try_from(vector["generation"].as_u64().unwrap()).unwrap();
        let digits = length(u8::try_from(vector["digits"].as_u64().unwrap()).unwrap());
        let seed = CodeSeed::new(hex(text("codeSeed")).try_into().unwrap());
        let code = seed.code(&ring, &kid("k1"), generation, digits).unwrap();
        assert_eq!(code.expose(), text("code"));
        let environment = serde_json::from_value(vector["environment"].clone()).unwrap();
        let verification_id = format!("ver_{}", text("id")).parse().unwrap();
        let binding = CodeBinding { environment, verification_id, generation };
        let hash = CodeHash::of(&code, &ring, &kid("k1"), &binding).unwrap();
        assert_eq!(Hex(hash.bytes()).to_string(), text("codeHash"));
        assert_eq!(hash.verify(&typed(text("code")), &ring, &binding), Ok(true));
    }
}

#[test]
fn v_inv_1_rejects_showing_a_code_a_seed_or_a_hash() {
    let ring = ring(&DOCUMENTED_PEPPER);
    let seed = CodeSeed::new([0x11; 16]);
    let code = seed.code(&ring, &kid("k1"), 1, length(6)).unwrap();
    let hash = CodeHash::of(&code, &ring, &kid("k1"), &binding()).unwrap();
    let shown = format!("{seed:?} {hash:?} {:?} {ring:?}", typed("490447"));
    assert_eq!(shown, "[redacted] [redacted] [redacted] PepperRing { active: k1, .. }", "{V_INV_1}");
    assert!(!serde_json::to_string(&(seed, hash)).unwrap().contains(code.expose()));
}

#[test]
fn v_inv_1_allows_the_one_message_to_carry_it() {
    let code = CodeSeed::new([0x11; 16]).code(&ring(&DOCUMENTED_PEPPER), &kid("k1"), 1, length(6)).unwrap();
    assert_eq!((code.expose(), code.length()), ("490447", 6), "{V_INV_1}");
}

#[test]
fn v_inv_2_rejects_the_same_code_bound_to_anything_else() {
    let ring = ring(&DOCUMENTED_PEPPER);
    let code = PlainCode::counting(length(6));
    let hash = CodeHash::of(&code, &ring, &kid("k1"), &binding()).unwrap();
    let others = [
        CodeBinding { environment: Environment::Sandbox, ..binding() },
        CodeBinding { generation: 2, ..binding() },
        CodeBinding { verification_id: "ver_01ARZ3NDEKTSV4RRFFQ69G5FAW".parse().unwrap(), ..binding() },
    ];
    for other in others {
        assert_eq!(hash.verify(&typed("123456"), &ring, &other), Ok(false), "{other:?}, {V_INV_2}");
    }
    let elsewhere = CodeHash::of(&code, &ring, &kid("k2"), &binding()).unwrap();
    assert!(!hash.same(&elsewhere) && hash.same(&hash.clone()));
    assert_eq!(hash.verify(&typed("123457"), &ring, &binding()), Ok(false));
    let gone = PepperRing::try_new(kid("k3"), &[(kid("k3"), Zeroizing::new(vec![9; 32]))], false).unwrap();
    assert_eq!(hash.verify(&typed("123456"), &gone, &binding()), Err(UnknownKid(kid("k1"))));
    CodeHash::compare_with_nothing(&gone);
}

#[test]
fn v_inv_2_allows_the_code_in_its_own_session_after_storage() {
    let ring = ring(&DOCUMENTED_PEPPER);
    let hash = CodeHash::of(&PlainCode::counting(length(10)), &ring, &kid("k1"), &binding()).unwrap();
    let stored: CodeHash = serde_json::from_str(&serde_json::to_string(&hash).unwrap()).unwrap();
    assert_eq!(stored.verify(&typed("1234567890"), &ring, &binding()), Ok(true), "{V_INV_2}");
}

#[test]
fn what_people_type_is_a_code_or_malformed() {
    for text in ["123456", " 123 456 ", "123-456", "۱۲۳۴۵۶", "١٢٣٤٥٦", "\u{202a}123456\u{202c}"] {
        let submitted = SubmittedCode::parse(text, length(6)).unwrap();
        assert_eq!(&**submitted.0, "123456", "{text}");
    }
    for text in ["", "12345", "1234567", "12345a", "½23456", "１２３４５６", &"1".repeat(1000)] {
        let error = SubmittedCode::parse(text, length(6)).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("verification.malformed_code", Kind::Invalid), "{text}");
    }
    for digits in [0, 5, 11] {
        assert_eq!(CodeLength::try_new(digits), Err(CodeError::Length));
        assert!(serde_json::from_str::<CodeLength>(&digits.to_string()).is_err());
    }
}
