//! The tokens of expressions, as minijinja reads them.
//!
//! Where this is stricter (`1.` is no number, no statement is a token), the text is refused before minijinja sees it.

use super::ExpressionError;

/// How many tokens one expression may have.
pub(super) const MAX_TOKENS: usize = 300;
/// How deep brackets may be nested.
pub(super) const MAX_DEPTH: usize = 16;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A name or a word like `and`.
    Name,
    Number,
    /// In quotes.
    Text,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// Anything else: `+`, `<=`, `,` …
    Operator,
}

/// A token: what it is, and its bytes in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The longest first.
const OPERATORS: &[&str] =
    &["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|"];

/// The tokens of one expression.
pub(super) struct Tokens<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    /// For each opening bracket the index of its closing one.
    pub(super) closing: Vec<usize>,
    /// Where reading ended: at the end of the text, or in front of `}}`.
    pub(super) end: usize,
}

impl<'t> Tokens<'t> {
    /// Reads an expression that begins at `start`, to the end of the text or to `}}` outside of brackets.
    pub(super) fn read(text: &'t str, start: usize) -> Result<Self, ExpressionError> {
        let mut read = Self { text, tokens: Vec::new(), closing: Vec::new(), end: text.len() };
        let mut open: Vec<usize> = Vec::new();
        let mut at = start;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let spaces = rest.len() - rest.trim_start().len();
            at += spaces;
            let rest = text.get(at..).unwrap_or_default();
            if rest.is_empty() || (open.is_empty() && rest.starts_with("}}")) {
                read.end = at;
                break;
            }
            let token = token(text, at, read.tokens.last().is_some_and(|last| read.is(last, ".")))?;
            let index = read.tokens.len();
            read.closing.push(index);
            match token.kind {
                Kind::Open if open.len() == MAX_DEPTH => {
                    return Err(wrong(text, at, format!("brackets are nested deeper than {MAX_DEPTH} levels")));
                }
                Kind::Open => open.push(index),
                Kind::Close => {
                    let Some(opened) = open.pop() else {
                        return Err(wrong(text, at, "there is no bracket for this one to close"));
                    };
                    let bracket = read.tokens.get(opened).copied().unwrap_or(token);
                    if !closes(read.text_of(&bracket), rest) {
                        return Err(wrong(text, bracket.start, "this bracket is never closed"));
                    }
                    if let Some(closing) = read.closing.get_mut(opened) {
                        *closing = index;
                    }
                }
                _ => {}
            }
            if index == MAX_TOKENS {
                return Err(wrong(text, at, format!("the expression has more than {MAX_TOKENS} words and signs")));
            }
            at = token.end;
            read.tokens.push(token);
        }
        match open.last().and_then(|opened| read.tokens.get(*opened)) {
            Some(opened) => Err(wrong(text, opened.start, "this bracket is never closed")),
            None => Ok(read),
        }
    }

    /// Takes the `-` (or `+`) of `-}}` away; whether it was a `-`.
    pub(super) fn cut_trailing_minus(&mut self) -> bool {
        let last = self.tokens.last().copied();
        let sign = last.filter(|last| last.end == self.end && (self.is(last, "-") || self.is(last, "+")));
        let is_minus = sign.is_some_and(|sign| self.is(&sign, "-"));
        if let Some(sign) = sign {
            self.tokens.pop();
            self.closing.pop();
            self.end = sign.start;
        }
        is_minus
    }

    /// The text of a token.
    pub(super) fn text_of(&self, token: &Token) -> &'t str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// Whether a token is this sign or word, and not a text in quotes.
    pub(super) fn is(&self, token: &Token, text: &str) -> bool {
        token.kind != Kind::Text && self.text_of(token) == text
    }
}

/// Whether the text in front of us closes this bracket.
fn closes(open: &str, rest: &str) -> bool {
    matches!((open, rest.chars().next()), ("(", Some(')')) | ("[", Some(']')) | ("{", Some('}')))
}

fn token(text: &str, start: usize, after_dot: bool) -> Result<Token, ExpressionError> {
    let rest = text.get(start..).unwrap_or_default();
    let token = |kind, length| Ok(Token { kind, start, end: start + length });
    match rest.chars().next() {
        Some(first) if first.is_ascii_alphabetic() || first == '_' => token(Kind::Name, word_length(rest)),
        Some(first) if first.is_ascii_digit() => match number_length(rest, after_dot) {
            Some(length) => token(Kind::Number, length),
            None => Err(wrong(text, start, "this is no number: write one like 40, 21.5 or 1e3")),
        },
        Some(quote @ ('"' | '\'')) => match quoted_length(rest, quote) {
            Some(length) => token(Kind::Text, length),
            None => Err(wrong(text, start, "this text in quotes never ends")),
        },
        Some('(' | '[' | '{') => token(Kind::Open, 1),
        Some(')' | ']' | '}') => token(Kind::Close, 1),
        Some(first) => match OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            Some(operator) => token(Kind::Operator, operator.len()),
            None => Err(wrong(text, start, format!("{first:?} is not part of expressions"))),
        },
        None => token(Kind::Operator, 0),
    }
}

fn word_length(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

/// `12`, `1_000`, `0x1f`, `21.5`, `1.5e-3`; behind a dot, digits alone.
fn number_length(text: &str, after_dot: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count()
    };
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if text.len() > 1 && text.starts_with('0') && matches!(bytes.get(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'))
    {
        return Some(word_length(text)).filter(|length| *length > 2);
    }
    let mut length = digits(0);
    if !after_dot {
        if bytes.get(length) == Some(&b'.') && is_digit(length + 1) {
            length += 1 + digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            if !is_digit(length + 1 + sign) {
                return None;
            }
            length += 1 + sign + digits(length + 1 + sign);
        }
    }
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || (*byte == b'.' && !after_dot);
    let ends = !bytes.get(length).is_some_and(goes_on);
    ends.then_some(length)
}

fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next()?;
            }
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// What is wrong at a byte of the text.
pub(super) fn wrong(text: &str, at: usize, message: impl Into<String>) -> ExpressionError {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
    ExpressionError::Syntax {
        position: crate::document::Position {
            line: count(before.matches('\n').count()),
            column: count(before.get(line_start..).unwrap_or_default().chars().count()),
        },
        message: message.into(),
    }
}
