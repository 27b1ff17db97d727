//! Wire values: how ids, money and time of the domain are written in JSON, in parameters and in the document.
//!
//! Each is a thin wrapper around the domain's value, parsed by the domain and by nothing else.

use std::{
    borrow::Cow,
    fmt::{self, Display},
    str::FromStr,
};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToHeader, ToJSON, Type},
};
use sarai_domain::kernel::{Currency, ExternalId, Id, IdKind, Money, PeriodMonth, Price, Timestamp};
use serde_json::{Value, json};

/// The pattern of a month.
pub(crate) const PERIOD_PATTERN: &str = "^[0-9]{4}-(0[1-9]|1[0-2])$";
/// The pattern of an amount of money. Which fraction is too long, the currency says.
pub(crate) const AMOUNT_PATTERN: &str = "^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,4})?$";
/// The pattern of a price: to the millionth, whatever the currency.
pub(crate) const PRICE_PATTERN: &str = "^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$";
/// The pattern of an id that another service owns.
pub(crate) const EXTERNAL_ID_PATTERN: &str = "^[!-~]{1,128}$";

/// An id of ours, such as `ord_01ARZ3NDEKTSV4RRFFQ69G5FAV`.
pub struct ApiId<K>(pub Id<K>);

/// An id that another service owns.
pub struct ApiExternalId<K>(pub ExternalId<K>);

/// An instant, RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiTimestamp(pub Timestamp);

/// A calendar month, such as `2026-04`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiPeriod(pub PeriodMonth);

/// A currency of the allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiCurrency(pub Currency);

/// An amount of money: `{"amount":"19.99","currency":"USD"}`, the amount always a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiMoney(pub Money);

/// A price of something small: `{"amount":"0.007900","currency":"USD"}`, to the millionth (ruling R22).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiPrice(pub Price);

/// What `derive` would give if it did not ask the same of the kind.
macro_rules! value_traits {
    ($($wrapper:ident)*) => {$(
        impl<K: IdKind> PartialEq for $wrapper<K> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }
        impl<K: IdKind> Eq for $wrapper<K> {}
        impl<K: IdKind> fmt::Debug for $wrapper<K> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )*};
}

value_traits!(ApiId ApiExternalId);

impl<K: IdKind> Clone for ApiId<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K: IdKind> Copy for ApiId<K> {}

impl<K: IdKind> Clone for ApiExternalId<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A value that is one text on the wire.
trait Text: Sized + Send + Sync {
    /// Its name in messages.
    fn wire_name() -> Cow<'static, str>;
    /// Its schema in the document.
    fn schema() -> MetaSchema;
    /// Takes a text.
    fn parse(text: &str) -> Result<Self, impl Display>;
    /// Gives the text.
    fn text(&self) -> String;
}

impl<K: IdKind> Text for ApiId<K> {
    fn wire_name() -> Cow<'static, str> {
        format!("{} id", K::NAME).into()
    }

    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some(format!("^{}_[0-7][0-9A-HJKMNP-TV-Z]{{25}}$", K::PREFIX)),
            ..MetaSchema::new_with_format("string", "ulid")
        }
    }

    fn parse(text: &str) -> Result<Self, impl Display> {
        Id::from_str(text).map(Self)
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl<K: IdKind> Text for ApiExternalId<K> {
    fn wire_name() -> Cow<'static, str> {
        format!("{} id", K::NAME).into()
    }

    fn schema() -> MetaSchema {
        MetaSchema { pattern: Some(EXTERNAL_ID_PATTERN.to_owned()), ..MetaSchema::new("string") }
    }

    fn parse(text: &str) -> Result<Self, impl Display> {
        ExternalId::try_new(text).map(Self)
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl Text for ApiTimestamp {
    fn wire_name() -> Cow<'static, str> {
        "time".into()
    }

    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "date-time")
    }

    fn parse(text: &str) -> Result<Self, impl Display> {
        Timestamp::from_str(text).map(Self)
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl Text for ApiPeriod {
    fn wire_name() -> Cow<'static, str> {
        "period".into()
    }

    fn schema() -> MetaSchema {
        MetaSchema { pattern: Some(PERIOD_PATTERN.to_owned()), ..MetaSchema::new("string") }
    }

    fn parse(text: &str) -> Result<Self, impl Display> {
        PeriodMonth::from_str(text).map(Self)
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl Text for ApiCurrency {
    fn wire_name() -> Cow<'static, str> {
        "currency".into()
    }

    fn schema() -> MetaSchema {
        MetaSchema {
            enum_items: Currency::all().map(|currency| Value::from(currency.code())).collect(),
            ..MetaSchema::new("string")
        }
    }

    fn parse(text: &str) -> Result<Self, impl Display> {
        Currency::parse(text).map(Self)
    }

    fn text(&self) -> String {
        self.0.code().to_owned()
    }
}

/// The library's traits for a [`Text`]: only a JSON string is one, never a number that looks like it.
macro_rules! text_scalars {
    ($([$($generics:tt)*] $scalar:ty => $value:ty;)*) => {$(
        impl<$($generics)*> Type for $scalar {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                Self::wire_name()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new(Self::schema()))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl<$($generics)*> ParseFromJSON for $scalar {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                match value {
                    Some(Value::String(text)) => Self::parse(&text).map_err(ParseError::custom),
                    other => Err(ParseError::expected_type(other.unwrap_or_default())),
                }
            }
        }

        impl<$($generics)*> ParseFromParameter for $scalar {
            fn parse_from_parameter(text: &str) -> ParseResult<Self> {
                Self::parse(text).map_err(ParseError::custom)
            }
        }

        impl<$($generics)*> ToJSON for $scalar {
            fn to_json(&self) -> Option<Value> {
                Some(Value::String(self.text()))
            }
        }

        impl<$($generics)*> ToHeader for $scalar {
            fn to_header(&self) -> Option<poem::http::HeaderValue> {
                poem::http::HeaderValue::from_str(&self.text()).ok()
            }
        }

        impl<$($generics)*> From<$value> for $scalar {
            fn from(value: $value) -> Self {
                Self(value)
            }
        }
    )*};
}

text_scalars! {
    [K: IdKind] ApiId<K> => Id<K>;
    [K: IdKind] ApiExternalId<K> => ExternalId<K>;
    [] ApiTimestamp => Timestamp;
    [] ApiPeriod => PeriodMonth;
    [] ApiCurrency => Currency;
}

/// The library's traits for an amount and its currency, both strings.
macro_rules! amounts {
    ($($scalar:ident $name:literal of $value:ident, $pattern:ident, $example:literal, $description:literal;)*) => {$(
        impl From<$value> for $scalar {
            fn from(value: $value) -> Self {
                Self(value)
            }
        }

        impl Type for $scalar {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Reference($name.to_owned())
            }

            fn register(registry: &mut Registry) {
                registry.create_schema::<Self, _>($name.to_owned(), |_| MetaSchema {
                    description: Some($description),
                    required: vec!["amount", "currency"],
                    properties: vec![
                        (
                            "amount",
                            MetaSchemaRef::Inline(Box::new(MetaSchema {
                                pattern: Some($pattern.to_owned()),
                                ..MetaSchema::new("string")
                            })),
                        ),
                        ("currency", ApiCurrency::schema_ref()),
                    ],
                    example: Some(json!({"amount": $example, "currency": "USD"})),
                    ..MetaSchema::new("object")
                });
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl ParseFromJSON for $scalar {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                let Some(Value::Object(members)) = value else {
                    return Err(ParseError::expected_type(value.unwrap_or_default()));
                };
                let (Some(Value::String(amount)), Some(Value::String(currency)), 2) =
                    (members.get("amount"), members.get("currency"), members.len())
                else {
                    let form = concat!("this is {\"amount\": \"", $example, "\", \"currency\": \"USD\"}");
                    return Err(ParseError::custom(form));
                };
                Currency::parse(currency)
                    .and_then(|currency| $value::parse(amount, currency))
                    .map(Self)
                    .map_err(ParseError::custom)
            }
        }

        impl ToJSON for $scalar {
            fn to_json(&self) -> Option<Value> {
                Some(json!({"amount": self.0.text(), "currency": self.0.currency().code()}))
            }
        }
    )*};
}

/// The text of an amount, without its currency.
trait AmountText {
    fn text(&self) -> String;
}

impl AmountText for Money {
    fn text(&self) -> String {
        self.amount().to_string()
    }
}

impl AmountText for Price {
    fn text(&self) -> String {
        self.to_string()
    }
}

amounts! {
    ApiMoney "Money" of Money, AMOUNT_PATTERN, "19.99",
        "An amount in one currency, exact to the currency's minor unit.";
    ApiPrice "Price" of Price, PRICE_PATTERN, "0.007900",
        "A price in one currency, exact to the millionth.";
}

#[cfg(test)]
mod tests {
    use sarai_domain::kernel::{OrderId, id::kinds};

    use super::*;

    #[test]
    fn money_is_two_strings_and_nothing_else() {
        let money = ApiMoney::parse_from_json(Some(json!({"amount": "19.9", "currency": "USD"}))).unwrap();
        assert_eq!(money.to_json(), Some(json!({"amount": "19.90", "currency": "USD"})));
        for bad in [
            json!({"amount": 19.9, "currency": "USD"}),
            json!({"amount": "1e2", "currency": "USD"}),
            json!({"amount": "19.999", "currency": "USD"}),
            json!({"amount": "-1", "currency": "USD"}),
            json!({"amount": "1", "currency": "XXX"}),
            json!({"amount": "1", "currency": "USD", "minor": 1}),
            json!({"amount": "1"}),
            json!("1 USD"),
        ] {
            assert!(ApiMoney::parse_from_json(Some(bad.clone())).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_price_is_exact_to_the_millionth() {
        let price = ApiPrice::parse_from_json(Some(json!({"amount": "0.0079", "currency": "USD"}))).unwrap();
        assert_eq!(price.to_json(), Some(json!({"amount": "0.007900", "currency": "USD"})));
        for bad in ["0.0000001", "-1", "1e2", ""] {
            let bad = json!({"amount": bad, "currency": "USD"});
            assert!(ApiPrice::parse_from_json(Some(bad.clone())).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_its_canonical_text() {
        let text = "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let id = ApiId::<kinds::Order>::parse_from_parameter(text).unwrap();
        assert_eq!(id.0, text.parse::<OrderId>().unwrap());
        assert_eq!(id.to_json(), Some(json!(text)));
        let error =
            ApiId::<kinds::Order>::parse_from_parameter("lst_01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap_err();
        assert!(error.message().contains("ord_"), "{}", error.message());
        assert!(ApiId::<kinds::Order>::parse_from_json(Some(json!(1))).is_err());
    }

    #[test]
    fn times_and_periods_are_texts() {
        let time = ApiTimestamp::parse_from_parameter("2026-01-01T02:00:00+02:00").unwrap();
        assert_eq!(time.to_json(), Some(json!("2026-01-01T00:00:00Z")));
        assert!(ApiTimestamp::parse_from_json(Some(json!(1_700_000_000))).is_err());
        assert!(ApiPeriod::parse_from_parameter("2026-13").is_err());
        assert!(ApiCurrency::parse_from_parameter("usd").is_err());
    }
}
