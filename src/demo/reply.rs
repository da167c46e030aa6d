//! Questions and answers, apart from any socket.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// What a feed answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Body.
    pub body: Vec<u8>,
    /// Credits it costs, on The Odds API.
    pub cost: u32,
}

impl Reply {
    /// A good answer.
    pub(super) fn ok(body: &impl Serialize) -> Self {
        Self::json(200, body)
    }

    /// An answer with a JSON body.
    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self {
                status,
                content_type: "application/json; charset=utf-8",
                body,
                cost: 0,
            },
            Err(error) => Self {
                status: 500,
                content_type: "text/plain; charset=utf-8",
                body: error.to_string().into_bytes(),
                cost: 0,
            },
        }
    }

    /// A page, where a feed answers with one.
    pub(super) fn page(status: u16, body: &str) -> Self {
        Self {
            status,
            content_type: "text/html; charset=UTF-8",
            body: body.into(),
            cost: 0,
        }
    }

    /// An answer in XML.
    pub(super) fn xml(body: String) -> Self {
        Self {
            status: 200,
            content_type: "text/xml; charset=utf-8",
            body: body.into_bytes(),
            cost: 0,
        }
    }

    /// The same answer at a price.
    #[must_use]
    pub(super) fn costing(mut self, credits: u32) -> Self {
        self.cost = credits;
        self
    }
}

/// The query of a URL, in its order.
#[derive(Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Read a raw query string.
    pub(super) fn parse(query: &str) -> Self {
        Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The value of a parameter; none when absent or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The comma-separated values of a parameter; none when absent.
    pub(super) fn list(&self, name: &str) -> Option<Vec<&str>> {
        self.get(name).map(|text| {
            text.split(',')
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .collect()
        })
    }
}

/// An object whose keys are data, in the given order.
#[derive(Debug, Clone, Default)]
pub(super) struct Object<K, V>(pub(super) Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Object<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A field that can be null, where an absent one means something else.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum Nullable<T> {
    Null,
    Is(T),
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Is)
    }
}

/// A number that feeds write with or without a decimal point.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    /// As an int where it is whole, unless `pointed`.
    pub(super) fn of(value: f64, pointed: bool) -> Self {
        if value.fract() == 0.0 && !pointed {
            Self::Int(value as i64)
        } else {
            Self::Float(value)
        }
    }
}
