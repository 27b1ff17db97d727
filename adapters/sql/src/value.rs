//! What goes into a statement and comes out of it.

use sarai_domain::kernel::Timestamp;
use sarai_ports::StoreError;

/// An argument, or a cell of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A truth value; 0 and 1 where the database has none.
    Bool(bool),
    /// A count, minor units, a version.
    Int(i64),
    /// Text.
    Text(String),
    /// An instant; integer microseconds where the database has none.
    Time(Timestamp),
    /// A document.
    Json(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list of texts: an array, or a JSON array where the database has none.
    Texts(Vec<String>),
    /// The real time of the database's own clock; a test's clock where one is set.
    Now,
}

macro_rules! values {
    ($($of:ty => $variant:ident($convert:expr)),* $(,)?) => {$(
        impl From<$of> for Value {
            fn from(value: $of) -> Self {
                Self::$variant($convert(value))
            }
        }
    )*};
}

values! {
    bool => Bool(std::convert::identity),
    i64 => Int(std::convert::identity),
    u32 => Int(i64::from),
    u64 => Int(|value: u64| i64::try_from(value).unwrap_or(i64::MAX)),
    usize => Int(|value: usize| i64::try_from(value).unwrap_or(i64::MAX)),
    &str => Text(str::to_owned),
    String => Text(std::convert::identity),
    Timestamp => Time(std::convert::identity),
    Vec<String> => Texts(std::convert::identity),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Value {
    /// The text of whatever can be shown: an id, a code.
    pub fn text(value: &impl ToString) -> Self {
        Self::Text(value.to_string())
    }
}

/// A row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Record(pub Vec<Value>);

fn unreadable(place: usize, wanted: &str, found: Option<&Value>) -> StoreError {
    StoreError::Unavailable(format!("column {place} of an answer is not {wanted}: {found:?}"))
}

impl Record {
    /// Text, or a document's text.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn text(&self, place: usize) -> Result<&str, StoreError> {
        match self.0.get(place) {
            Some(Value::Text(text) | Value::Json(text)) => Ok(text),
            other => Err(unreadable(place, "text", other)),
        }
    }

    /// Text, or nothing.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn maybe_text(&self, place: usize) -> Result<Option<&str>, StoreError> {
        match self.0.get(place) {
            Some(Value::Null) => Ok(None),
            _ => self.text(place).map(Some),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn int(&self, place: usize) -> Result<i64, StoreError> {
        match self.0.get(place) {
            Some(Value::Int(int)) => Ok(*int),
            other => Err(unreadable(place, "a number", other)),
        }
    }

    /// A whole number, or nothing.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn maybe_int(&self, place: usize) -> Result<Option<i64>, StoreError> {
        match self.0.get(place) {
            Some(Value::Null) => Ok(None),
            _ => self.int(place).map(Some),
        }
    }

    /// A count.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn count(&self, place: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(place)?).map_err(|_| unreadable(place, "a count", self.0.get(place)))
    }

    /// A truth value.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn bool(&self, place: usize) -> Result<bool, StoreError> {
        match self.0.get(place) {
            Some(Value::Bool(bool)) => Ok(*bool),
            Some(Value::Int(int @ (0 | 1))) => Ok(*int == 1),
            other => Err(unreadable(place, "a truth value", other)),
        }
    }

    /// An instant.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn time(&self, place: usize) -> Result<Timestamp, StoreError> {
        match self.0.get(place) {
            Some(Value::Time(time)) => Ok(*time),
            Some(Value::Int(micros)) => Ok(Timestamp::from_unix_micros(*micros)),
            other => Err(unreadable(place, "a time", other)),
        }
    }

    /// An instant, or nothing.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn maybe_time(&self, place: usize) -> Result<Option<Timestamp>, StoreError> {
        match self.0.get(place) {
            Some(Value::Null) => Ok(None),
            _ => self.time(place).map(Some),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// When the cell holds something else.
    pub fn bytes(&self, place: usize) -> Result<&[u8], StoreError> {
        match self.0.get(place) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            other => Err(unreadable(place, "bytes", other)),
        }
    }
}
