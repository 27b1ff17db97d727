//! Statements: lines are sealed once, in the order of their commits, without a fork or a gap.

use std::{collections::BTreeSet, time::Duration};

use sarai_domain::{
    kernel::{Aggregate, ChainHead, EarningsLineId, Hex},
    marketplace::earnings::{
        ClosingEvidence, EarningsKey, EarningsLine, FeeOnRefund, StatementAnchor, StatementHead,
        StatementLine,
        statement::{LinesPart, StatementFile, verify},
    },
};
use sarai_ports::{
    PageRequest, Scope, StoreError,
    marketplace::{LISTED_LINES, Unsealed},
};

use crate::{
    SuitePorts,
    harness::{at_once, before, to_nobody},
    make,
    paging::assert_pages,
};

fn april() -> EarningsKey {
    make::period("studio", "2026-04")
}

fn own() -> Scope {
    Scope::Tenant(make::tenant("studio"))
}

async fn accrue(ports: &SuitePorts, key: &EarningsKey, lines: Vec<EarningsLine>) {
    while let Err(error) =
        ports.earnings.accrue(key, lines.clone(), ports.context(), &*ports.ids, to_nobody).await
    {
        assert!(error.to_string().contains("changed by somebody else"), "{error}");
    }
}

/// A commit of so many sales; gives their ids in order.
async fn sell(ports: &SuitePorts, key: &EarningsKey, count: usize) -> Vec<EarningsLineId> {
    let lines: Vec<_> = (0..count).map(|_| make::sale(ports, ports.id())).collect();
    let ids = lines.iter().map(|line| line.id).collect();
    accrue(ports, key, lines).await;
    ids
}

/// The links of lines that are not sealed.
fn links(unsealed: &Unsealed) -> (Vec<StatementLine>, StatementHead) {
    let mut head = unsealed.head;
    let lines = unsealed.lines.iter().map(|line| {
        let sealed = head.seal(line).expect("a line that was taken is sealed");
        head = head.follow(&sealed).expect("the next");
        sealed
    });
    (lines.collect(), head)
}

/// Seals one part; whether somebody else had not.
async fn seal(ports: &SuitePorts, unsealed: &Unsealed) -> bool {
    let (lines, head) = links(unsealed);
    match ports.statements.seal(&unsealed.key, &unsealed.head.chain, lines, head).await {
        Ok(()) => true,
        Err(StoreError::Conflict { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn seal_all(ports: &SuitePorts, limit: usize) {
    loop {
        let unsealed = ports.statements.unsealed(limit).await.unwrap();
        if unsealed.is_empty() {
            return;
        }
        for chain in &unsealed {
            seal(ports, chain).await;
        }
    }
}

async fn sealed(ports: &SuitePorts, key: &EarningsKey) -> Vec<StatementLine> {
    let page = PageRequest::first(10_000);
    ports.statements.sealed(&Scope::System, key, &page).await.unwrap().items
}

fn ids_of(lines: &[StatementLine]) -> Vec<EarningsLineId> {
    lines.iter().map(|line| line.row.line_id).collect()
}

/// The chain is whole, and its head is the one the store names.
async fn assert_whole(ports: &SuitePorts, key: &EarningsKey) -> StatementHead {
    let (lines, head) = (sealed(ports, key).await, ports.statements.head(key).await.unwrap());
    let file = StatementFile {
        key: key.clone(),
        totals: Some(head.totals),
        lines: LinesPart { data: lines },
        head: Some(head.chain),
        anchor: None,
    };
    let verified = verify(&file, &[0; 32]).unwrap_or_else(|fault| panic!("{key}: {fault}"));
    assert_eq!(verified.head, head);
    head
}

/// What was never sealed has an empty head and no lines.
pub async fn an_unknown_period_is_empty(ports: &SuitePorts) {
    let key = april();
    assert_eq!(ports.statements.head(&key).await.unwrap(), StatementHead::empty(&key));
    assert_eq!(sealed(ports, &key).await, []);
    assert_eq!(ports.statements.unsealed(10).await.unwrap(), []);
    assert_eq!(ports.statements.unanchored(ports.now(), 10).await.unwrap(), []);
}

/// Lines are sealed in the order of their commits, those of one commit in the order of their ids.
pub async fn lines_are_sealed_in_the_order_of_their_commits(ports: &SuitePorts) {
    let key = april();
    let mut expected = Vec::new();
    for count in [3, 1, 2] {
        expected.extend(sell(ports, &key, count).await);
    }
    assert_eq!(sealed(ports, &key).await, [], "nothing is shown before it is sealed");
    seal_all(ports, 2).await;
    expected.extend(sell(ports, &key, 2).await);
    seal_all(ports, 100).await;
    assert_eq!(ids_of(&sealed(ports, &key).await), expected);
    let head = assert_whole(ports, &key).await;
    assert_eq!((head.chain.count, head.totals.gross_revenue), (8, make::usd("51.60")));
    let stored = ports.load(&*ports.earnings, &key).await;
    assert_eq!(head.totals, *stored.totals());
}

/// What is asked for is at most what was asked for, over all periods.
pub async fn unsealed_lines_are_limited(ports: &SuitePorts) {
    let may = make::period("studio", "2026-05");
    sell(ports, &april(), 3).await;
    sell(ports, &may, 3).await;
    let found = ports.statements.unsealed(4).await.unwrap();
    assert_eq!(found.iter().map(|chain| chain.lines.len()).sum::<usize>(), 4);
    assert!(found.iter().all(|chain| chain.head == StatementHead::empty(&chain.key)));
    seal_all(ports, 4).await;
    for key in [april(), may] {
        assert_eq!(assert_whole(ports, &key).await.chain.count, 3, "each period has a chain of its own");
    }
}

/// Links that do not follow the head are refused, and leave nothing.
pub async fn a_stale_seal_writes_nothing(ports: &SuitePorts) {
    sell(ports, &april(), 2).await;
    let first = ports.statements.unsealed(10).await.unwrap().remove(0);
    assert!(seal(ports, &first).await);
    sell(ports, &april(), 1).await;
    assert!(!seal(ports, &first).await, "somebody sealed them");
    let second = ports.statements.unsealed(10).await.unwrap().remove(0);
    let forked = Unsealed { head: StatementHead::empty(&april()), ..second.clone() };
    assert!(!seal(ports, &forked).await, "a fork");
    assert!(seal(ports, &second).await);
    assert_eq!(assert_whole(ports, &april()).await.chain.count, 3);
}

/// Lines are sealed in their order or not at all.
pub async fn a_seal_that_leaves_a_line_out_is_refused(ports: &SuitePorts) {
    sell(ports, &april(), 3).await;
    let mut unsealed = ports.statements.unsealed(10).await.unwrap().remove(0);
    let gone = unsealed.lines.remove(1);
    assert!(!seal(ports, &unsealed).await, "a gap");
    unsealed.lines.insert(0, gone);
    assert!(!seal(ports, &unsealed).await, "another order");
    assert_eq!(ports.statements.head(&april()).await.unwrap().chain.count, 0);
    seal_all(ports, 10).await;
    assert_eq!(assert_whole(ports, &april()).await.chain.count, 3);
}

/// Processes that seal while others sell make one chain: no fork, no gap.
pub async fn racing_sealers_make_one_chain(ports: &SuitePorts) {
    let key = april();
    at_once(12, |number| {
        let ports = if number % 2 == 0 { ports.clone() } else { ports.second().clone() };
        async move {
            for round in 0..6 {
                if number < 4 {
                    sell(&ports, &april(), 1 + round % 3).await;
                }
                for chain in ports.statements.unsealed(3).await.unwrap() {
                    seal(&ports, &chain).await;
                }
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    seal_all(ports, 100).await;
    let head = assert_whole(ports, &key).await;
    let stored = ports.load(&*ports.earnings, &key).await;
    assert_eq!((head.chain.count, head.totals), (4 * 12, *stored.totals()));
    assert_eq!(stored.data().line_count, 48);
}

/// The sealed lines turn their pages, the first first.
pub async fn sealed_lines_turn_their_pages(ports: &SuitePorts) {
    let ids = sell(ports, &april(), 7).await;
    seal_all(ports, 100).await;
    let expected: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let scope = own();
    assert_pages(&expected, async |request| {
        let page = ports.statements.sealed(&scope, &april(), &request).await?;
        Ok(page.map(|line| line.row.line_id.to_string()))
    })
    .await;
}

/// To a stranger there is no line and nothing held.
pub async fn a_stranger_sees_no_line(ports: &SuitePorts) {
    sell(ports, &april(), 2).await;
    seal_all(ports, 100).await;
    let page = PageRequest::first(10);
    for scope in [Scope::Tenant(make::tenant("academy")), Scope::Public] {
        assert_eq!(ports.statements.sealed(&scope, &april(), &page).await.unwrap().items, []);
        let held = ports.statements.held(&scope, &april(), ports.now(), 10).await.unwrap();
        assert_eq!((held.count, held.total.is_zero(), held.lines), (0, true, vec![]));
        assert!(ports.earnings.find_without_lines(&scope, &april()).await.unwrap().is_none());
    }
    for scope in [own(), Scope::PlatformAdmin, Scope::System] {
        assert_eq!(ports.statements.sealed(&scope, &april(), &page).await.unwrap().items.len(), 2);
        assert!(ports.earnings.find_without_lines(&scope, &april()).await.unwrap().is_some());
    }
}

/// A period without its lines has its sums.
pub async fn a_period_without_its_lines_has_its_sums(ports: &SuitePorts) {
    sell(ports, &april(), 3).await;
    let whole = ports.load(&*ports.earnings, &april()).await;
    let bare = ports.earnings.find_without_lines(&own(), &april()).await.unwrap().unwrap();
    assert_eq!((bare.data(), bare.version(), bare.lines().count()), (whole.data(), whole.version(), 0));
    let unknown = make::period("studio", "2026-05");
    assert!(ports.earnings.find_without_lines(&own(), &unknown).await.unwrap().is_none());
}

/// A list has so many lines of a period at most, those that were entered last, sealed or not.
pub async fn a_list_has_the_latest_lines(ports: &SuitePorts) {
    let mut expected = Vec::new();
    let set = |ids: &[EarningsLineId]| ids.iter().copied().collect::<BTreeSet<_>>();
    for _ in 0..2 {
        // By sixes, so that the limit falls within a commit.
        for _ in 0..10 {
            expected.extend(sell(ports, &april(), 6).await);
        }
        let listed = latest(ports).await;
        let first = expected.len().saturating_sub(LISTED_LINES);
        assert_eq!(listed, set(&expected[first..]), "{} lines", expected.len());
        seal_all(ports, 1_000).await;
        assert_eq!(latest(ports).await, listed, "sealed");
    }
    expected.extend(sell(ports, &april(), 1).await);
    assert_eq!(latest(ports).await, set(&expected[21..]), "one is not sealed");
}

/// The lines that a provider's list shows of April.
async fn latest(ports: &SuitePorts) -> BTreeSet<EarningsLineId> {
    let (scope, studio, page) = (own(), make::tenant("studio"), PageRequest::first(10));
    let list = ports.earnings.find_by_provider_and_period(&scope, &studio, None, None, &page);
    let listed = list.await.unwrap().items;
    assert_eq!(listed.len(), 1);
    listed[0].lines().map(|line| line.id).collect()
}

/// Held is what is sealed, can still be given back and was not; soonest first, the sum of all.
pub async fn what_can_still_be_given_back_is_held(ports: &SuitePorts) {
    let at = |day: u32| format!("2026-04-{day:02}T00:00:00Z").parse().unwrap();
    let (late, early) = (make::sale_at(ports, ports.id(), at(9)), make::sale_at(ports, ports.id(), at(2)));
    let returned = make::sale_at(ports, ports.id(), at(5));
    accrue(ports, &april(), vec![late.clone(), early.clone(), returned.clone()]).await;
    let back = returned.reversal([ports.id(), ports.id()], "evt-back", FeeOnRefund::Returned, at(6));
    accrue(ports, &april(), back).await;
    let held = async |now, limit| ports.statements.held(&own(), &april(), now, limit).await.unwrap();
    assert_eq!(held(at(6), 10).await.count, 0, "nothing is sealed");
    seal_all(ports, 100).await;
    let both = held(at(6), 10).await;
    assert_eq!(
        (both.total, both.count, both.lines),
        (make::usd("10.96"), 2, vec![early.clone(), late.clone()])
    );
    let one = held(at(6), 1).await;
    assert_eq!((one.total, one.count, one.lines), (make::usd("10.96"), 2, vec![early.clone()]));
    let released = early.hold_until.unwrap();
    let just_before = held(before(released, Duration::from_micros(1)), 10).await;
    assert_eq!(just_before.count, 2);
    assert_eq!(held(released, 10).await.lines, [late]);
    assert_eq!(held(at(30), 10).await.total, make::usd("0.00"));
}

async fn anchor(ports: &SuitePorts, key: &EarningsKey) {
    let ChainHead { count, hash } = ports.statements.head(key).await.unwrap().chain;
    let mut earnings = ports.earnings.find_without_lines(&Scope::System, key).await.unwrap().unwrap();
    let (at, signature) = (ports.now(), Hex([1; 64]));
    let anchor = StatementAnchor { count, hash, at, key_id: "key-1".to_owned(), signature };
    make::applied(earnings.anchor(anchor));
    ports.put(&*ports.earnings, earnings).await;
}

/// A chain is to be anchored when it grew and its anchor is old, or its period is closed.
pub async fn chains_that_grew_are_to_be_anchored(ports: &SuitePorts) {
    let minute = Duration::from_mins(1);
    let due = async || ports.statements.unanchored(before(ports.now(), minute), 10).await.unwrap();
    sell(ports, &april(), 1).await;
    assert_eq!(due().await, [], "nothing is sealed");
    seal_all(ports, 10).await;
    assert_eq!(due().await, [april()], "it has none");
    anchor(ports, &april()).await;
    assert_eq!(due().await, [], "it did not grow");
    sell(ports, &april(), 1).await;
    seal_all(ports, 10).await;
    assert_eq!(due().await, [], "its anchor is new");
    ports.advance(minute);
    assert_eq!(due().await, [april()]);
    anchor(ports, &april()).await;
    sell(ports, &april(), 1).await;
    seal_all(ports, 10).await;
    let mut closed = ports.load(&*ports.earnings, &april()).await;
    make::applied(closed.close(&ClosingEvidence::CLEAN, "2026-06-15T00:00:00Z".parse().unwrap()));
    ports.put(&*ports.earnings, closed).await;
    assert_eq!(due().await, [april()], "nothing will be added to it");
    anchor(ports, &april()).await;
    assert_eq!(due().await, []);
    let may = make::period("studio", "2026-05");
    for key in [&may, &make::period("academy", "2026-04")] {
        sell(ports, key, 1).await;
    }
    seal_all(ports, 10).await;
    assert_eq!(ports.statements.unanchored(ports.now(), 1).await.unwrap().len(), 1, "limited");
    assert_eq!(due().await.len(), 2);
}
