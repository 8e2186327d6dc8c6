//! History on the wire, as JSON and as CSV.

use hub_model::history::{Aggregate, HistoryAnswer, HistoryQuery, Resolution, Sample};
use hub_model::{Timestamp, Value};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A question to history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryParams {
    /// Which attribute.
    pub(crate) attribute: String,
    /// The endpoint's id or label; may be left out where the attribute is on one endpoint only.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    /// From (included); a day before `to` if left out.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) from: Option<Timestamp>,
    /// To (excluded); now if left out.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) to: Option<Timestamp>,
    /// `raw`, `5m`, `1h` or `1d` (days begin in the home's time zone).
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(crate) resolution: Resolution,
    /// How many rows at most (1 to 10,000; 1,000 if left out; of CSV 100,000).
    #[serde(default)]
    #[param(minimum = 1, maximum = 100_000)]
    pub(crate) limit: Option<usize>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    pub(crate) cursor: Option<String>,
}

/// A stretch of history.
#[derive(Serialize, ToSchema)]
#[schema(as = History)]
pub(crate) struct HistoryBody<'a> {
    device: &'a str,
    endpoint: u16,
    attribute: &'a str,
    unit: Option<&'a str>,
    #[schema(value_type = String)]
    resolution: Resolution,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// Samples for `raw`, else aggregates.
    items: Rows<'a>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HistoryRows)]
#[serde(untagged)]
enum Rows<'a> {
    Samples(Vec<SampleBody<'a>>),
    Aggregates(Vec<AggregateBody>),
}

/// A value and since when.
#[derive(Serialize, ToSchema)]
#[schema(as = Sample)]
struct SampleBody<'a> {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = serde_json::Value)]
    value: &'a Value,
}

/// A stretch of time, summed up.
#[derive(Serialize, ToSchema)]
#[schema(as = Aggregate)]
struct AggregateBody {
    /// The start of the stretch.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    min: f64,
    /// Weighted by time.
    mean: f64,
    max: f64,
    /// How many samples.
    count: u32,
    /// For counters: by how much it rose, resets handled.
    change: Option<f64>,
}

impl<'a> HistoryBody<'a> {
    pub(crate) fn new(
        query: &'a HistoryQuery,
        unit: Option<&'a str>,
        answer: &'a HistoryAnswer,
        next_cursor: Option<String>,
    ) -> Self {
        Self {
            device: query.device.as_str(),
            endpoint: query.endpoint,
            attribute: query.attribute.as_str(),
            unit,
            resolution: query.resolution,
            from: query.from,
            to: query.to,
            items: match answer {
                HistoryAnswer::Samples(samples) => {
                    Rows::Samples(samples.iter().map(|Sample { at, value }| SampleBody { at: *at, value }).collect())
                }
                HistoryAnswer::Aggregates(aggregates) => {
                    Rows::Aggregates(aggregates.iter().map(AggregateBody::new).collect())
                }
            },
            next_cursor,
        }
    }
}

impl AggregateBody {
    fn new(aggregate: &Aggregate) -> Self {
        let Aggregate { at, min, mean, max, count, change, .. } = aggregate.clone();
        Self { at, min, mean, max, count, change }
    }
}

/// The rows as CSV by RFC 4180.
pub(crate) fn csv(answer: &HistoryAnswer) -> String {
    let mut text = String::new();
    match answer {
        HistoryAnswer::Samples(samples) => {
            text.push_str("at,value\r\n");
            for Sample { at, value } in samples {
                let value = match value {
                    Value::Unknown => String::new(),
                    Value::Text(value) => quoted(value),
                    Value::List(_) | Value::Composite(_) => quoted(&serde_json::to_string(value).unwrap_or_default()),
                    plain => plain.to_string(),
                };
                text.push_str(&format!("{at},{value}\r\n"));
            }
        }
        HistoryAnswer::Aggregates(aggregates) => {
            text.push_str("at,min,mean,max,count,change\r\n");
            for Aggregate { at, min, mean, max, count, change, .. } in aggregates {
                let change = change.map(|change| change.to_string()).unwrap_or_default();
                text.push_str(&format!("{at},{min},{mean},{max},{count},{change}\r\n"));
            }
        }
    }
    text
}

fn quoted(text: &str) -> String {
    // A spreadsheet takes a text that begins like this for a formula.
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains([',', '"', '\r', '\n']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_needs_it() {
        let at = Timestamp(0);
        let values =
            [Value::Unknown, Value::Bool(true), Value::Number(21.5), "plain".into(), "a,\"b\"".into(), "=1+1".into()];
        let answer = HistoryAnswer::Samples(values.into_iter().map(|value| Sample { at, value }).collect());
        let lines: Vec<String> =
            csv(&answer).split("\r\n").skip(1).map(|line| line.replace(&format!("{at},"), "")).collect();
        assert_eq!(lines, ["", "true", "21.5", "plain", "\"a,\"\"b\"\"\"", "\"'=1+1\"", ""]);
    }
}
