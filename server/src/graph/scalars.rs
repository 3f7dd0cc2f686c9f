//! Values that many types share: money, counts, figures from outside, connections.

use async_graphql::{
    ComplexObject, Enum, InputObject, OutputType, Scalar, ScalarType, SimpleObject, Value,
    connection::{Connection, CursorType, Edge},
};
use entity::enums::{Locale, MetricSource};

use crate::{
    base::{
        money::{self, Currency as Coin},
        paging::{Cursor, Page, Slice},
    },
    error::{Problem, Result},
    graph::rows::Row,
};

/// The languages of the product.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Locale", name = "Locale")]
pub enum LocaleName {
    /// English
    En,
    /// Japanese
    Ja,
}

/// A currency of ISO 4217.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Coin", name = "CurrencyCode")]
pub enum CurrencyCode {
    /// Japanese yen, without minor units
    Jpy,
    /// United States dollar
    Usd,
    /// Euro
    Eur,
    /// Pound sterling
    Gbp,
}

/// A whole number that may pass 2³¹, as a JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Long(pub i64);

/// A whole number of up to 64 bits, written as a JSON number.
#[Scalar(name = "Long", specified_by_url = "https://ibm.github.io/graphql-specs/custom-scalars/long.html")]
impl ScalarType for Long {
    fn parse(value: Value) -> async_graphql::InputValueResult<Self> {
        match &value {
            Value::Number(n) if n.is_i64() => Ok(Self(n.as_i64().unwrap_or_default())),
            _ => Err(async_graphql::InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

/// A measured or computed number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal(pub f64);

impl Decimal {
    /// With so many decimals; none where it is no number.
    pub fn of(value: f64, decimals: i32) -> Option<Self> {
        let size = 10_f64.powi(decimals);
        value.is_finite().then(|| Self((value * size).round() / size))
    }
}

/// A measured or computed number in decimals, finite: a score, a rate, people on average. Never money, and never a count that is exact.
#[Scalar(name = "Decimal", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259#section-6")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> async_graphql::InputValueResult<Self> {
        match &value {
            Value::Number(number) => {
                number.as_f64().filter(|n| n.is_finite()).map(Self).ok_or_else(|| async_graphql::InputValueError::expected_type(value))
            }
            _ => Err(async_graphql::InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        async_graphql::Number::from_f64(self.0).map_or(Value::Null, Value::Number)
    }
}

/// A day of the calendar, without a time or a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub chrono::NaiveDate);

/// A day of the calendar, without a time or a zone: `2026-12-24`.
#[Scalar(name = "Date", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339#section-5.6")]
impl ScalarType for Date {
    fn parse(value: Value) -> async_graphql::InputValueResult<Self> {
        match &value {
            Value::String(text) => Ok(Self(text.parse().map_err(|_| async_graphql::InputValueError::custom("expected YYYY-MM-DD"))?)),
            _ => Err(async_graphql::InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An amount of money in whole minor units; never a float.
#[derive(SimpleObject, Clone, Copy)]
#[graphql(complex, name = "Money")]
pub struct Money {
    /// The amount in minor units: yen, cents.
    pub amount_minor: Long,
    /// What it is counted in.
    pub currency: CurrencyCode,
    #[graphql(skip)]
    money: money::Money,
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self { amount_minor: Long(money.minor), currency: money.currency.into(), money }
    }
}

impl Money {
    /// From a row's two columns.
    pub fn from_row(minor: i64, currency: &str) -> Self {
        money::Money::from_row(minor, currency).into()
    }
}

#[ComplexObject]
impl Money {
    /// As a reader of the language expects it: `¥30,000` or `30,000円`.
    async fn formatted(&self, #[graphql(desc = "The reader's language.")] locale: LocaleName) -> String {
        self.money.formatted(Locale::from(locale))
    }
}

/// An amount of money.
#[derive(InputObject, Clone, Copy)]
pub struct MoneyInput {
    /// The amount in minor units: yen, cents. Not negative.
    pub amount_minor: Long,
    /// What it is counted in.
    pub currency: CurrencyCode,
}

impl MoneyInput {
    /// As the plain text that a form would send, so that one rule reads both.
    pub fn into_form(self) -> (String, String) {
        let currency = Coin::from(self.currency);
        let money = money::Money { minor: self.amount_minor.0, currency };
        let text = if money.minor < 0 { money.minor.to_string() } else { money.plain() };
        (text, currency.code().to_owned())
    }
}

/// Whether a figure is known, and if not, why.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricState {
    /// The value is known.
    Known,
    /// Nobody has told it yet.
    Unknown,
}

/// Where a figure came from.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "MetricSource", name = "MetricSource")]
pub enum MetricSourceName {
    /// The network's own interface, asked with the creator's grant or for what it shows everybody
    Network,
    /// A list that an operator imported
    Imported,
    /// The creator typed it
    SelfReported,
}

/// A figure from outside: never a bare number, since what is not known must not read as zero.
#[derive(SimpleObject, Clone)]
pub struct Metric {
    /// The figure; null unless `state` is KNOWN.
    pub value: Option<Long>,
    /// Whether it is known.
    pub state: MetricState,
    /// Where it came from; null while unknown.
    pub source: Option<MetricSourceName>,
    /// The instant for which it holds; null while unknown.
    pub as_of: Option<chrono::DateTime<chrono::Utc>>,
}

impl Metric {
    /// From a row's columns.
    pub fn of(value: Option<i64>, source: Option<MetricSource>, as_of: Option<chrono::DateTime<chrono::Utc>>) -> Self {
        match value {
            Some(value) => Self { value: Some(Long(value)), state: MetricState::Known, source: source.map(Into::into), as_of },
            None => Self { value: None, state: MetricState::Unknown, source: None, as_of: None },
        }
    }
}

impl CursorType for Cursor {
    type Error = std::convert::Infallible;
    fn decode_cursor(text: &str) -> std::result::Result<Self, Self::Error> {
        Ok(Self::from(text.to_owned()))
    }
    fn encode_cursor(&self) -> String {
        self.as_str().to_owned()
    }
}

/// A page as Relay wants it.
pub fn connection<T: OutputType + async_graphql::ObjectType, M>(page: Page<M>, make: impl Fn(Row<M>) -> T) -> Connection<Cursor, T> {
    let mut connection = Connection::new(page.has_previous, page.has_next);
    let (cursors, rows): (Vec<_>, Vec<_>) = page.rows.into_iter().unzip();
    connection.edges.extend(cursors.into_iter().zip(Row::each(rows)).map(|(cursor, row)| Edge::new(cursor, make(row))));
    connection
}

/// Relay's arguments as a slice; a wrong one is a coded error of the field.
pub fn slice(after: Option<String>, before: Option<String>, first: Option<i32>, last: Option<i32>) -> Result<Slice> {
    Slice::relay(after, before, first, last)
}

/// Refuses an argument of a query.
pub fn bad_argument(name: &'static str, wrong: crate::error::Wrong) -> crate::error::Error {
    Problem::new(name, wrong).into()
}
