//! Parts of lists: keyset paging over a sort key and an id, in both directions, without counting.

/// Which way from the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// What comes after it.
    Next,
    /// What comes before it.
    Prev,
}

/// A place in a list: between the row with this key and its neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The row's sort key: microseconds or minor units.
    pub key: i64,
    /// The row's id, which makes the key unique.
    pub id: String,
    /// Which way.
    pub direction: Direction,
}

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many rows.
    pub limit: usize,
    /// From here; none: from the start.
    pub cursor: Option<Cursor>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// Where the next part begins, when there is one.
    pub next: Option<Cursor>,
    /// Where the part before ends, when there is one.
    pub prev: Option<Cursor>,
}

impl PageRequest {
    /// The first `limit` rows.
    pub fn first(limit: usize) -> Self {
        Self { limit, cursor: None }
    }
}

impl<T> Page<T> {
    /// Cuts a page out of rows that hold at least the request's neighbourhood, in any order.
    ///
    /// `place` gives a row's (key, id); `descending` is the list's order. O(n log n) in the rows given.
    pub fn cut(
        mut rows: Vec<T>,
        request: &PageRequest,
        descending: bool,
        place: impl Fn(&T) -> (i64, String),
    ) -> Self {
        rows.sort_by_cached_key(|row| place(row));
        if descending {
            rows.reverse();
        }
        let after = |row: &T, cursor: &Cursor| {
            let (here, there) = (place(row), (cursor.key, cursor.id.clone()));
            if descending { here < there } else { here > there }
        };
        let before = |row: &T, cursor: &Cursor| {
            let (here, there) = (place(row), (cursor.key, cursor.id.clone()));
            if descending { here > there } else { here < there }
        };
        let (start, end) = match &request.cursor {
            None => (0, request.limit),
            Some(cursor) if cursor.direction == Direction::Next => {
                let start = rows.iter().position(|row| after(row, cursor)).unwrap_or(rows.len());
                (start, start.saturating_add(request.limit))
            }
            Some(cursor) => {
                let end = rows.iter().take_while(|row| before(row, cursor)).count();
                (end.saturating_sub(request.limit), end)
            }
        };
        let end = end.min(rows.len());
        let (more_before, more_after) = (start > 0, end < rows.len());
        let items: Vec<T> = rows.drain(start..end).collect();
        let cursor = |row: Option<&T>, direction| {
            row.map(|row| {
                let (key, id) = place(row);
                Cursor { key, id, direction }
            })
        };
        let next = if more_after { cursor(items.last(), Direction::Next) } else { None };
        let prev = if more_before { cursor(items.first(), Direction::Prev) } else { None };
        Self { items, next, prev }
    }

    /// The same page with every row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next, prev: self.prev }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(request: &PageRequest, descending: bool) -> Page<i64> {
        Page::cut(vec![3, 1, 4, 5, 2], request, descending, |row| (*row, row.to_string()))
    }

    #[test]
    fn pages_walk_forth_and_back_over_every_row_once() {
        let first = cut(&PageRequest::first(2), true);
        assert_eq!((first.items.as_slice(), &first.prev), ([5, 4].as_slice(), &None));
        let second = cut(&PageRequest { limit: 2, cursor: first.next }, true);
        assert_eq!(second.items, [3, 2]);
        let third = cut(&PageRequest { limit: 2, cursor: second.next.clone() }, true);
        assert_eq!((third.items.as_slice(), &third.next), ([1].as_slice(), &None));
        let back = cut(&PageRequest { limit: 2, cursor: third.prev }, true);
        assert_eq!(back.items, second.items);
    }

    #[test]
    fn an_ascending_list_pages_the_same_way() {
        let first = cut(&PageRequest::first(3), false);
        assert_eq!(first.items, [1, 2, 3]);
        assert_eq!(cut(&PageRequest { limit: 3, cursor: first.next }, false).items, [4, 5]);
    }
}
