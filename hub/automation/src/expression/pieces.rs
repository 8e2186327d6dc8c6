//! A text apart from the expressions in it.

use super::token::{Tokens, wrong};
use super::{ExpressionError, MAX_PIECES};

/// A part of a text.
pub(super) enum Piece<'t> {
    /// As it stands.
    Text(&'t str),
    /// What stands between `{{` and `}}`.
    Expression(Tokens<'t>),
}

impl Piece<'_> {
    /// Whether it is white space.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Piece::Text(text) if text.trim().is_empty())
    }
}

/// The parts of a text in order. `{{-` and `-}}` take the white space before and behind them away; `{# #}` is left out.
pub(super) fn split(text: &str) -> Result<Vec<Piece<'_>>, ExpressionError> {
    let mut pieces = Vec::new();
    let mut expressions = 0;
    let (mut at, mut trims) = (0, false);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let mark = ["{{", "{%", "{#"].iter().filter_map(|mark| Some((rest.find(mark)?, *mark))).min();
        let (length, mark) = mark.unwrap_or((rest.len(), ""));
        let inside = at + length + mark.len();
        let mut literal = rest.get(..length).unwrap_or_default();
        if trims {
            literal = literal.trim_start();
        }
        let trims_before = !mark.is_empty() && text.get(inside..).is_some_and(|inside| inside.starts_with('-'));
        if trims_before {
            literal = literal.trim_end();
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        match mark {
            "" => return Ok(pieces),
            "{%" => {
                let message = "statements are not possible here; write a choice as {{ a if b else c }}";
                return Err(wrong(text, at + length, message));
            }
            "{#" => {
                let Some(end) = text.get(inside..).and_then(|inside| inside.find("#}")) else {
                    return Err(wrong(text, at + length, "this comment is never closed; write #} behind it"));
                };
                trims = text.get(..inside + end).is_some_and(|comment| comment.ends_with('-'));
                at = inside + end + 2;
            }
            _ => {
                expressions += 1;
                if expressions > MAX_PIECES {
                    return Err(wrong(text, at + length, format!("there are more than {MAX_PIECES} expressions")));
                }
                let sign = usize::from(text.get(inside..).is_some_and(|inside| inside.starts_with(['-', '+'])));
                let mut tokens = Tokens::read(text, inside + sign)?;
                if !text.get(tokens.end..).is_some_and(|rest| rest.starts_with("}}")) {
                    return Err(wrong(
                        text,
                        at + length,
                        "these braces are never closed; write }} behind the expression",
                    ));
                }
                at = tokens.end + 2;
                trims = tokens.cut_trailing_minus();
                pieces.push(Piece::Expression(tokens));
            }
        }
    }
}
