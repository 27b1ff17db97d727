//! Walks a paged list forth and back.

use sarai_ports::{Page, PageRequest, StoreError};

/// Asserts that a list is this, whatever the page size: forth and back, every row once, in order, with
/// cursors exactly where there is more.
pub(crate) async fn assert_pages(
    expected: &[String],
    list: impl AsyncFn(PageRequest) -> Result<Page<String>, StoreError>,
) {
    let list = async |request| list(request).await.expect("a store that answers");
    assert!(expected.len() > 3, "too few rows to turn pages");
    for limit in [1, 2, expected.len() - 1, expected.len(), expected.len() + 1] {
        let mut pages = vec![list(PageRequest::first(limit)).await];
        assert_eq!(pages[0].prev, None, "nothing before the first page of {limit}");
        while let Some(cursor) = pages.last().and_then(|page| page.next.clone()) {
            assert!(pages.len() <= expected.len(), "pages of {limit} do not end");
            pages.push(list(PageRequest { limit, cursor: Some(cursor) }).await);
        }
        let seen: Vec<String> = pages.iter().flat_map(|page| page.items.clone()).collect();
        assert_eq!(seen, expected, "forth by {limit}");
        assert!(pages.iter().all(|page| page.items.len() <= limit && !page.items.is_empty()));
        for at in (1..pages.len()).rev() {
            let cursor = pages[at].prev.clone();
            assert!(cursor.is_some(), "the way back from page {at} of {limit}");
            let back = list(PageRequest { limit, cursor }).await;
            assert_eq!(back.items, pages[at - 1].items, "back by {limit}");
            assert_eq!(back.prev.is_some(), at > 1, "before page {at} of {limit}");
            assert!(back.next.is_some(), "after page {at} of {limit}");
        }
    }
}

/// The order of lists: the later first, and of the same instant the greater id first.
pub(crate) fn newest_first<T: Ord + Clone>(rows: &[(T, String)]) -> Vec<String> {
    let mut rows = rows.to_vec();
    rows.sort();
    rows.into_iter().rev().map(|(_, id)| id).collect()
}
