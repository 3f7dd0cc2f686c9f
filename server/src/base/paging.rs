//! Pages by key, never by offset: stable under inserts, and the thousandth page costs what the first does.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::error::{Code, Error, Problem, Result, Wrong};

/// How many rows a page has when nobody says.
pub const DEFAULT: u64 = 20;
/// How many rows a page has at most.
pub const MOST: u64 = 100;

/// Where a row stands in its list: the sort key and the id. Opaque to callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The cursor of a row with this key.
    pub fn of<K: Serialize>(key: &K) -> Self {
        Self(URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default()))
    }

    /// A cursor that a caller sent back.
    pub fn key<K: DeserializeOwned>(&self) -> std::result::Result<K, Wrong> {
        URL_SAFE_NO_PAD
            .decode(&self.0)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .filter(storable)
            .and_then(|value| serde_json::from_value(value).ok())
            .ok_or_else(|| Wrong::new(Code::Invalid, "base.problem.cursor"))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a database can compare with this: no text with control characters, no day outside its calendar.
fn storable(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let year = text.trim_start_matches(['+', '-']);
            let digits = year.chars().take_while(char::is_ascii_digit).count();
            let rest = &year.as_bytes()[digits..];
            let dated = matches!(rest, [b'-', a, b, b'-', c, d, ..] if [a, b, c, d].iter().all(|d| d.is_ascii_digit()));
            let far = dated && digits > 0 && (digits > 4 || year.len() < text.len());
            !far && !text.chars().any(char::is_control)
        }
        Value::Array(items) => items.iter().all(storable),
        Value::Object(fields) => fields.values().all(storable),
        _ => true,
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Which rows of a list are asked for.
#[derive(Clone, Debug)]
pub struct Slice {
    /// How many.
    pub size: u64,
    /// After (or before) which row; none = from the start (or the end).
    pub from: Option<Cursor>,
    /// Backward: the rows before `from`, still in the list's order.
    pub backward: bool,
    /// A list whose newest row is first is turned round: [`Slice::newest`] gives the oldest first.
    pub turned: bool,
}

impl Default for Slice {
    fn default() -> Self {
        Self { size: DEFAULT, from: None, backward: false, turned: false }
    }
}

impl Slice {
    /// Relay's four arguments. `first` and `last` together, or a size out of 1 to 100, are problems.
    pub fn relay(after: Option<String>, before: Option<String>, first: Option<i32>, last: Option<i32>) -> Result<Self> {
        let bad =
            |field: &'static str| Error::from(Problem::new(field, Wrong::new(Code::Invalid, "base.problem.paging").with("most", MOST)));
        let size = |field, n: i32| u64::try_from(n).ok().filter(|n| (1..=MOST).contains(n)).ok_or_else(|| bad(field));
        match (first, last) {
            (Some(_), Some(_)) => Err(bad("last")),
            (None, Some(n)) if after.is_none() => {
                Ok(Self { size: size("last", n)?, from: before.map(Cursor), backward: true, ..Self::default() })
            }
            (None, Some(_)) => Err(bad("after")),
            (n, None) if before.is_none() => {
                let size = n.map(|n| size("first", n)).transpose()?.unwrap_or(DEFAULT);
                Ok(Self { size, from: after.map(Cursor), ..Self::default() })
            }
            (_, None) => Err(bad("before")),
        }
    }

    /// A portal page: `?after=` or `?before=`.
    pub fn page(after: Option<&str>, before: Option<&str>) -> Self {
        match (after, before) {
            (_, Some(b)) if !b.is_empty() => Self { from: Some(Cursor(b.to_owned())), backward: true, ..Self::default() },
            (Some(a), _) if !a.is_empty() => Self { from: Some(Cursor(a.to_owned())), ..Self::default() },
            _ => Self::default(),
        }
    }

    /// Of this size.
    pub fn sized(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    /// The oldest first, in lists whose newest row is first otherwise.
    pub fn turned(mut self, turned: bool) -> Self {
        self.turned = turned;
        self
    }

    /// The key that the slice starts from.
    pub fn key<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        let field = if self.backward { "before" } else { "after" };
        self.from.as_ref().map(Cursor::key).transpose().map_err(|wrong| Problem::new(field, wrong).into())
    }

    /// Whether the database walks the list's order downwards: for a list that is descending, forward is down.
    pub fn descends(&self, list_is_descending: bool) -> bool {
        list_is_descending != self.backward
    }

    /// One more than asked for, which tells whether there are more.
    pub fn limit(&self) -> u64 {
        self.size + 1
    }

    /// The page of a list whose newest row is first: ids rise with time.
    pub async fn newest<E, I>(
        self,
        db: &impl ConnectionTrait,
        query: Select<E>,
        column: E::Column,
        id: fn(&E::Model) -> I,
    ) -> Result<Page<E::Model>>
    where
        E: EntityTrait,
        I: Serialize + DeserializeOwned + Into<sea_orm::Value>,
    {
        let down = self.descends(!self.turned);
        let query = match self.key::<I>()? {
            Some(from) if down => query.filter(column.lt(from)),
            Some(from) => query.filter(column.gt(from)),
            None => query,
        };
        let order = if down { Order::Desc } else { Order::Asc };
        let rows = query.order_by(column, order).limit(self.limit()).all(db).await?;
        Ok(self.into_page(rows, |row| Cursor::of(&id(row))))
    }

    /// Makes the page of rows that the database gave in its walking order.
    pub fn into_page<T>(self, mut rows: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
        let more = rows.len() as u64 > self.size;
        rows.truncate(usize::try_from(self.size).unwrap_or(usize::MAX));
        let started_inside = self.from.is_some();
        let (has_previous, has_next) = if self.backward {
            rows.reverse();
            (more, started_inside)
        } else {
            (started_inside, more)
        };
        let rows = rows.into_iter().map(|row| (cursor(&row), row)).collect();
        Page { rows, has_previous, has_next }
    }
}

/// `(column, id) < (key, id)` in a form that both databases use an index for.
pub fn beyond<C, I>(column: C, id: I, key: impl Into<SimpleExpr>, key_id: impl Into<SimpleExpr>, descending: bool) -> SimpleExpr
where
    C: ColumnTrait,
    I: ColumnTrait,
{
    // With their table: another that is joined may have such columns too.
    let row = Expr::tuple([Expr::col(column.as_column_ref()), Expr::col(id.as_column_ref())]);
    let from = Expr::tuple([key.into(), key_id.into()]);
    if descending { row.lt(from) } else { row.gt(from) }
}

/// Rows with their cursors.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// In the list's order.
    pub rows: Vec<(Cursor, T)>,
    /// Whether there are rows before the first.
    pub has_previous: bool,
    /// Whether there are rows after the last.
    pub has_next: bool,
}

impl<T> Page<T> {
    /// The rows without their cursors.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|(_, row)| row)
    }

    /// The same page of something made from each row.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(|(c, row)| (c, f(row))).collect(), has_previous: self.has_previous, has_next: self.has_next }
    }

    /// The cursor for the page before, if there is one.
    pub fn previous(&self) -> Option<&str> {
        self.rows.first().filter(|_| self.has_previous).map(|(c, _)| c.as_str())
    }

    /// The cursor for the page after, if there is one.
    pub fn next(&self) -> Option<&str> {
        self.rows.last().filter(|_| self.has_next).map(|(c, _)| c.as_str())
    }
}

/// The first rows of a list, page after page, and whether there are more than these.
pub async fn gather<T>(most: usize, read: impl AsyncFn(Slice) -> Result<Page<T>>) -> Result<(Vec<T>, bool)> {
    const CHUNK: usize = 1_000;
    let mut rows = Vec::new();
    let mut from = None;
    loop {
        let page = read(Slice::page(from.as_deref(), None).sized(CHUNK.min(most) as u64)).await?;
        from = page.next().map(str::to_owned);
        rows.extend(page.rows.into_iter().map(|(_, row)| row));
        if from.is_none() || rows.len() >= most {
            let more = from.is_some() || rows.len() > most;
            rows.truncate(most);
            return Ok((rows, more));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(rows: &[u32], slice: Slice) -> Page<u32> {
        let key: Option<u32> = slice.key().unwrap();
        let mut hits: Vec<u32> =
            rows.iter().copied().filter(|r| key.is_none_or(|k| if slice.backward { *r < k } else { *r > k })).collect();
        if slice.backward {
            hits.reverse();
        }
        hits.truncate(slice.limit() as usize);
        slice.into_page(hits, Cursor::of)
    }

    #[test]
    fn keys_that_no_database_can_compare_are_refused() {
        for key in ["a\0b", "a\nb", "-262143-01-01", "+10000-01-01", "12345-01-01T00:00:00Z"] {
            assert!(Cursor::of(&(key, "cre_1")).key::<(String, String)>().is_err(), "{key:?}");
        }
        for key in ["", "-5 kg", "10000-yen tea", "+1", "2026-11-23", "2026-11-23T10:00:00Z", "花"] {
            assert_eq!(Cursor::of(&(key, 1)).key::<(String, i64)>().unwrap().0, key);
        }
    }

    proptest! {
        #[test]
        fn forward_and_backward_see_every_row_once(rows in proptest::collection::btree_set(0u32..1000, 0..60), size in 1u64..9) {
            let rows: Vec<u32> = rows.into_iter().collect();
            let mut seen = Vec::new();
            let mut from = None;
            loop {
                let page = list(&rows, Slice { size, from, ..Slice::default() });
                seen.extend(page.items().copied());
                match page.next() { Some(c) => from = Some(Cursor(c.to_owned())), None => break }
            }
            prop_assert_eq!(&seen, &rows);
            let mut back = Vec::new();
            let mut from = None;
            loop {
                let page = list(&rows, Slice { size, from, backward: true, ..Slice::default() });
                let mut part: Vec<u32> = page.items().copied().collect();
                part.extend(back);
                back = part;
                match page.previous() { Some(c) => from = Some(Cursor(c.to_owned())), None => break }
            }
            prop_assert_eq!(&back, &rows);
        }

        #[test]
        fn foreign_cursors_are_problems(text in "\\PC{0,40}") {
            prop_assert!(Cursor(text).key::<(i64, String)>().is_err());
        }
    }

    #[test]
    fn relay_arguments() {
        assert!(Slice::relay(None, None, Some(0), None).is_err());
        assert!(Slice::relay(None, None, Some(101), None).is_err());
        assert!(Slice::relay(None, None, Some(1), Some(1)).is_err());
        assert!(Slice::relay(Some("x".into()), None, None, Some(1)).is_err());
        assert!(Slice::relay(None, Some("x".into()), None, Some(1)).unwrap().backward);
        assert_eq!(Slice::relay(None, None, None, None).unwrap().size, DEFAULT);
    }
}
