//! The purchase the demo prints, pasted into a shell as it is.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{
    market::{cents, usd},
    world::Api,
};

/// What the demo prints from its first comment on.
fn printed_walk(welcome: &str) -> &str {
    let start = welcome.find("# A course is sold").expect("the demo prints a walk");
    welcome.get(start..).expect("a walk")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_printed_walk_sells_uses_and_returns_a_course() {
    for program in ["bash", "curl", "grep", "head"] {
        let found = Command::new(program).arg("--version").stdout(Stdio::null()).status();
        assert!(found.is_ok_and(|status| status.success()), "{program} is not here, and the walk needs it");
    }
    let api = Api::start().await;
    let script = printed_walk(api.welcome()).to_owned();
    assert!(script.contains(api.base()), "the walk names this server");
    assert!(!script.contains('{') || !script.contains("{api}"), "nothing is left to fill in");
    let ran = tokio::task::spawn_blocking(move || Command::new("bash").arg("-c").arg(script).output());
    let ran = ran.await.expect("no panic").expect("bash runs");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && err.is_empty(), "{err}\n{out}");

    let printed: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let [approved, live, coupon, quote, order, seat, yes, earned, refunded, no, returned] =
        printed.as_slice()
    else {
        panic!("{} answers were printed:\n{out}", printed.len());
    };
    assert_eq!((&approved["state"], &live["state"]), (&"approved".into(), &"live".into()));
    assert_eq!(live["pricingPlans"][0]["price"], usd("49.90"));
    assert_eq!((&coupon["discount"]["value"], &coupon["usageCount"]), (&10.into(), &0.into()));
    // 49.90 - 4.99 = 44.91; 8.25 % of it is 3.705, so 3.71.
    assert_eq!((&quote["discountTotal"], &quote["taxTotal"]), (&usd("4.99"), &usd("3.71")));
    assert_eq!((&quote["totals"], &quote["state"]), (&usd("48.62"), &"open".into()));
    assert_eq!((&order["status"], &order["totals"]), (&"fulfilled".into(), &usd("48.62")));
    assert_eq!((&seat["userId"], &seat["remainingSeats"]), (&"ann".into(), &1.into()));
    assert_eq!((&yes["entitled"], &yes["reason"]), (&true.into(), &"entitled".into()));
    // 15 % of 44.91 is 6.7365: 6.73 and 38.17, the odd cent to the larger fraction, which is .7365's.
    let earned = &earned["data"][0];
    assert_eq!(earned["grossRevenue"], usd("44.91"));
    assert_eq!(cents(&earned["platformFee"]) + cents(&earned["netPayable"]), 4_491);
    assert_eq!(earned["platformFee"], usd("6.74"));
    assert_eq!((&refunded["status"], &refunded["refundedTotal"]), (&"refunded".into(), &usd("48.62")));
    assert_eq!((&no["entitled"], &no["reason"]), (&false.into(), &"revoked".into()));
    let returned = &returned["data"][0];
    assert_eq!((&returned["refunds"], &returned["netPayable"]), (&usd("44.91"), &usd("0.00")));
    assert_eq!((&returned["feeReversed"], &returned["closingDeficit"]), (&usd("6.74"), &usd("0.00")));
}

/// The walk of the README, for this server's address.
fn documented_walk(base: &str) -> String {
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once("<!-- walk:begin -->").expect("the README has a walk");
    let (walk, _) = rest.split_once("<!-- walk:end -->").expect("the walk ends");
    let lines = walk.lines().filter(|line| !line.starts_with("```"));
    let script = lines.collect::<Vec<_>>().join("\n");
    assert!(script.contains("http://127.0.0.1:8080"), "the README names the default address");
    script.replace("http://127.0.0.1:8080", base)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_readme_s_walk_does_what_its_comments_say() {
    let api = Api::start().await;
    let script = documented_walk(api.base());
    let ran = tokio::task::spawn_blocking(move || Command::new("bash").arg("-c").arg(script).output());
    let ran = ran.await.expect("no panic").expect("bash runs");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && err.is_empty(), "{err}\n{out}");
    let answers = out.lines().filter_map(|line| serde_json::from_str(line).ok());
    let printed: Vec<Value> = answers.filter(Value::is_object).collect();
    let codes: Vec<_> = printed.iter().filter_map(|answer| answer["invariant"].as_str()).collect();
    assert_eq!(codes, ["LI-INV-2"], "only the third seat is refused\n{out}");
    let entitled: Vec<_> = printed.iter().filter_map(|answer| answer["entitled"].as_bool()).collect();
    assert_eq!(entitled, [true, false], "yes before the refund, no after it");
    assert!(printed.iter().any(|answer| answer["status"] == "refunded"));
    assert!(printed.last().expect("answers")["ran"].is_u64(), "the clock was moved");
}
