//! Lists in pages: `{"items": […], "next_cursor": …}`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::problem::Problem;
use crate::random::{from_hex, hex};

/// The most items of one page.
pub(crate) const LIMIT_MAX: usize = 1_000;
/// How many come if nobody says.
const LIMIT_DEFAULT: usize = 100;

/// Which page is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many items at most (1 to 1,000).
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of a list.
#[derive(Serialize)]
pub(crate) struct Page<T> {
    /// The items, in order.
    pub(crate) items: Vec<T>,
    /// Where the next page begins; null = this was the last.
    pub(crate) next_cursor: Option<String>,
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
        let next_cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("Where the next page begins; null = this was the last."));
        let page = ObjectBuilder::new().property("items", items).property("next_cursor", next_cursor);
        page.required("items").required("next_cursor").into()
    }
}

/// A schema of its own for each kind of item.
impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
        schemas.push((T::name().into_owned(), T::schema()));
    }
}

impl PageQuery {
    /// A page of so many items, after this cursor.
    pub(crate) fn new(limit: Option<usize>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// How many items are wanted.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(LIMIT_DEFAULT),
            Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
            Some(limit) => Err(Problem::invalid(
                "bad_limit",
                format!("The limit {limit} is out of range."),
                format!("Give limit=1 to limit={LIMIT_MAX}."),
            )),
        }
    }

    /// The id behind which the page begins.
    pub(crate) fn after(&self) -> Result<Option<String>, Problem> {
        self.cursor.as_deref().map(decode).transpose()
    }
}

/// The cursor that leads behind `id`.
pub(crate) fn encode(id: &str) -> String {
    hex(id.as_bytes())
}

fn decode(cursor: &str) -> Result<String, Problem> {
    from_hex(cursor).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
        Problem::invalid("bad_cursor", "The cursor is not one of this list.", "Give next_cursor of the page before.")
    })
}

/// The wanted page of `items`, which are ordered by `id`.
pub(crate) fn page<'a, T, B>(
    items: &'a [T],
    query: &PageQuery,
    id: impl Fn(&T) -> &str,
    body: impl Fn(&'a T) -> B,
) -> Result<Page<B>, Problem> {
    let limit = query.limit()?;
    let after = query.after()?;
    let start = after.map_or(0, |after| items.partition_point(|item| id(item) <= after.as_str()));
    let rest = items.get(start..).unwrap_or_default();
    let shown = rest.get(..limit).unwrap_or(rest);
    let next_cursor = shown.last().filter(|_| shown.len() < rest.len()).map(|last| encode(id(last)));
    Ok(Page { items: shown.iter().map(body).collect(), next_cursor })
}

/// The wanted page of `items`, which are ordered by `id`, from the last to the first.
pub(crate) fn page_backwards<'a, T, B>(
    items: &'a [T],
    query: &PageQuery,
    id: impl Fn(&T) -> &str,
    body: impl Fn(&'a T) -> B,
) -> Result<Page<B>, Problem> {
    let limit = query.limit()?;
    let end = query.after()?.map_or(items.len(), |before| items.partition_point(|item| id(item) < before.as_str()));
    let start = end.saturating_sub(limit);
    let shown = items.get(start..end).unwrap_or_default();
    let next_cursor = shown.first().filter(|_| start > 0).map(|first| encode(id(first)));
    Ok(Page { items: shown.iter().rev().map(body).collect(), next_cursor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let items: Vec<String> = (0..25).map(|number| format!("device:{number:02}")).collect();
        let mut query = PageQuery { limit: Some(10), cursor: None };
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let answer = page(&items, &query, |item| item, |item| item.clone()).unwrap();
            seen.extend(answer.items);
            pages += 1;
            match answer.next_cursor {
                Some(cursor) => query.cursor = Some(cursor),
                None => break,
            }
        }
        assert_eq!((seen, pages), (items, 3));
    }

    #[test]
    fn pages_lead_backwards_too() {
        let items: Vec<String> = (0..5).map(|number| number.to_string()).collect();
        let mut query = PageQuery { limit: Some(2), cursor: None };
        let mut seen = Vec::new();
        loop {
            let answer = page_backwards(&items, &query, |item| item, |item| item.clone()).unwrap();
            seen.push(answer.items.join(""));
            match answer.next_cursor {
                Some(cursor) => query.cursor = Some(cursor),
                None => break,
            }
        }
        assert_eq!(seen, ["43", "21", "0"]);
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        for (limit, cursor) in [(Some(0), None), (Some(1001), None), (None, Some("xyz"))] {
            let query = PageQuery { limit, cursor: cursor.map(str::to_owned) };
            assert!(page(&["a".to_owned()], &query, |item| item, |_| ()).is_err(), "{query:?}");
        }
    }
}
