//! What an expression names, and the form in which it is evaluated.
//!
//! minijinja orders values of different kinds in a way of its own (`none < 5` is true there), has no times, and works out
//! constant operations when it compiles, without fuel. So operands are handed to functions that know better: `a < b`
//! becomes `_compare(a, "<", b)`, and `a - b` becomes `_term(a) - _term(b)`. The operands are exactly the tokens between
//! signs and words that bind less, so that no grammar is needed for it.

use std::ops::Range;
use std::sync::Arc;

use super::token::{Kind, Token, Tokens, wrong};
use super::vocabulary::{FILTERS, TESTS};
use super::{ExpressionError, Reference};
use hub_model::name::nearest;

/// What was found in an expression.
pub(super) struct Analysis {
    /// The text in the form in which it is evaluated.
    pub(super) program: String,
    /// Where stretches of the program come from: their bytes in the program, and in the text.
    copied: Vec<(usize, usize)>,
    /// Calls whose device is written out.
    pub(super) references: Vec<Reference>,
    /// The names behind `vars.`.
    pub(super) variables: Vec<Arc<str>>,
    /// Whether it reads `trigger` or `vars`.
    pub(super) reads_run: bool,
}

/// Looks at an expression. One that is wrong in its grammar is not always noticed; minijinja does that afterwards.
pub(super) fn analyse(tokens: &Tokens<'_>) -> Result<Analysis, ExpressionError> {
    let mut analyser =
        Analyser { tokens, edits: Vec::new(), references: Vec::new(), variables: Vec::new(), reads_run: false };
    analyser.level(0..tokens.tokens.len(), Level::Plain)?;
    // Names on one level are found before those in its brackets.
    analyser.references.sort_by_key(|reference| reference.span.start);
    let (first, last) = match (tokens.tokens.first(), tokens.tokens.last()) {
        (Some(first), Some(last)) => (first.start, last.end),
        _ => return Err(wrong(tokens.text, tokens.end, "there is nothing to evaluate; write an expression")),
    };
    let mut program = String::new();
    let mut copied = vec![(0, first)];
    let mut from = first;
    for edit in std::mem::take(&mut analyser.edits) {
        program.push_str(tokens.text.get(from..edit.at).unwrap_or_default());
        program.push_str(&edit.text);
        from = edit.at + edit.replaced;
        copied.push((program.len(), from));
    }
    program.push_str(tokens.text.get(from..last).unwrap_or_default());
    let Analyser { references, variables, reads_run, .. } = analyser;
    Ok(Analysis { program, copied, references, variables, reads_run })
}

impl Analysis {
    /// The byte of the text that a byte of the program comes from.
    pub(super) fn source_of(&self, at: usize) -> usize {
        let stretch = self.copied.iter().rev().find(|(program, _)| *program <= at);
        stretch.map_or(0, |(program, source)| source + (at - program))
    }
}

pub(super) struct Analyser<'a, 't> {
    pub(super) tokens: &'a Tokens<'t>,
    /// In the order of the text.
    edits: Vec<Edit>,
    pub(super) references: Vec<Reference>,
    pub(super) variables: Vec<Arc<str>>,
    pub(super) reads_run: bool,
}

struct Edit {
    at: usize,
    replaced: usize,
    text: String,
}

/// What brackets are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Plain,
    /// Of a call.
    Arguments,
    /// Of a list or text, or a part of one.
    Index,
}

/// A token, or a pair of brackets with what is in it.
#[derive(Clone, Copy)]
struct Item {
    first: usize,
    last: usize,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Part of an operand.
    Operand,
    /// The brackets of a call.
    Call,
    /// The brackets behind a list or text.
    Index,
    /// Ends every operand: `,`, `and`, `if` …
    Separator,
    /// `<`, `==` …
    Comparison,
    /// `in`, `not in`.
    Membership,
    /// A `+` or `-` between operands.
    PlusMinus,
    /// `~`.
    Tilde,
    /// `*`, `/`, `//`, `%`, `**`.
    Times,
}

/// What must come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Anything,
    Attribute,
    Filter,
    Test { negatable: bool },
}

impl<'t> Analyser<'_, 't> {
    pub(super) fn token(&self, index: usize) -> Option<&Token> {
        self.tokens.tokens.get(index)
    }

    pub(super) fn is(&self, index: usize, text: &str) -> bool {
        self.token(index).is_some_and(|token| self.tokens.is(token, text))
    }

    pub(super) fn text(&self, index: usize) -> &'t str {
        self.token(index).map_or("", |token| self.tokens.text_of(token))
    }

    pub(super) fn wrong(&self, index: usize, message: impl Into<String>) -> ExpressionError {
        wrong(self.tokens.text, self.token(index).map_or(self.tokens.end, |token| token.start), message)
    }

    /// What stands in one pair of brackets, or outside of all.
    fn level(&mut self, range: Range<usize>, level: Level) -> Result<(), ExpressionError> {
        let items = self.items(range, level)?;
        let mut colons = items.iter().filter(|item| self.is(item.first, ":"));
        if let (Level::Index, Some(step)) = (level, colons.nth(1)) {
            return Err(self.wrong(step.first, "a slice has a begin and an end, but no step"));
        }
        for segment in items.split(|item| item.role == Role::Separator) {
            self.comparison(segment)?;
        }
        Ok(())
    }

    fn items(&mut self, range: Range<usize>, level: Level) -> Result<Vec<Item>, ExpressionError> {
        let mut items: Vec<Item> = Vec::new();
        let mut expected = Expected::Anything;
        // Whether what came before can be the left side of an operator.
        let mut complete = false;
        let mut index = range.start;
        while let Some(token) = self.token(index).copied().filter(|_| index < range.end) {
            let mut last = self.tokens.closing.get(index).copied().unwrap_or(index);
            let text = self.tokens.text_of(&token);
            let role = match (expected, token.kind) {
                (Expected::Attribute, Kind::Name | Kind::Number) => {
                    (expected, complete) = (Expected::Anything, true);
                    Role::Operand
                }
                (Expected::Attribute, _) => return Err(self.wrong(index, "a name must stand behind a dot")),
                (Expected::Filter, _) => {
                    self.check_word(index, "filter", FILTERS)?;
                    (expected, complete) = (Expected::Anything, true);
                    Role::Operand
                }
                (Expected::Test { negatable: true }, Kind::Name) if text == "not" => {
                    expected = Expected::Test { negatable: false };
                    Role::Operand
                }
                (Expected::Test { .. }, _) => {
                    self.check_word(index, "test", TESTS)?;
                    // What follows may be its argument, so that a sign in front of it is not one between operands.
                    (expected, complete) = (Expected::Anything, false);
                    Role::Operand
                }
                (Expected::Anything, Kind::Number | Kind::Text) => {
                    complete = true;
                    Role::Operand
                }
                (Expected::Anything, Kind::Open) => {
                    let behind = std::mem::replace(&mut complete, true);
                    match text {
                        "(" if behind => Role::Call,
                        "[" if behind => Role::Index,
                        _ => Role::Operand,
                    }
                }
                (Expected::Anything, Kind::Close) => Role::Operand,
                (Expected::Anything, Kind::Name) => match text {
                    "and" | "or" | "if" | "else" => {
                        complete = false;
                        Role::Separator
                    }
                    "not" if complete && self.is(index + 1, "in") => {
                        last = index + 1;
                        complete = false;
                        Role::Membership
                    }
                    "not" => Role::Separator,
                    "in" => {
                        complete = false;
                        Role::Membership
                    }
                    "is" => {
                        expected = Expected::Test { negatable: true };
                        Role::Operand
                    }
                    _ => {
                        if level != Level::Arguments || !self.is(index + 1, "=") {
                            self.name(index)?;
                        }
                        complete = true;
                        Role::Operand
                    }
                },
                (Expected::Anything, Kind::Operator) => {
                    let between = complete;
                    complete = false;
                    match text {
                        "," | ":" | "=" => Role::Separator,
                        "<" | ">" | "<=" | ">=" | "==" | "!=" => Role::Comparison,
                        "~" => Role::Tilde,
                        "+" | "-" if between => Role::PlusMinus,
                        "*" | "/" | "//" | "%" | "**" => Role::Times,
                        _ => {
                            match text {
                                "." => expected = Expected::Attribute,
                                "|" => expected = Expected::Filter,
                                _ => {}
                            }
                            Role::Operand
                        }
                    }
                }
            };
            items.push(Item { first: index, last, role });
            index = last + 1;
        }
        Ok(items)
    }

    fn check_word(&self, index: usize, what: &str, known: &[&str]) -> Result<(), ExpressionError> {
        let word = self.text(index);
        if known.contains(&word) && !self.is(index + 1, ".") {
            return Ok(());
        }
        let hint = match nearest(word, known.iter().copied()) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => format!("there are {}", known.join(", ")),
        };
        Err(self.wrong(index, format!("there is no {what} {word:?}; {hint}")))
    }

    /// What stands between separators.
    fn comparison(&mut self, items: &[Item]) -> Result<(), ExpressionError> {
        let membership = items.iter().find(|item| item.role == Role::Membership);
        if !items.iter().any(|item| item.role == Role::Comparison) {
            return self.parts(items, Role::Membership);
        }
        match membership {
            Some(item) => Err(self.wrong(item.first, "put brackets around the part with in, or the comparison")),
            None => self.chain(items),
        }
    }

    /// Comparisons become one call of all that is compared.
    fn chain(&mut self, items: &[Item]) -> Result<(), ExpressionError> {
        self.check_operands(items, Role::Comparison)?;
        self.insert_before(items, "_compare");
        let mut operators = items.iter().filter(|item| item.role == Role::Comparison);
        for part in items.split(|item| item.role == Role::Comparison) {
            self.parts(part, Role::PlusMinus)?;
            let operator = operators.next().and_then(|item| self.token(item.first)).copied();
            if let Some(token) = operator {
                let text = format!(", {:?}, ", self.tokens.text_of(&token));
                self.edits.push(Edit { at: token.start, replaced: token.end - token.start, text });
            }
        }
        self.insert_behind(items);
        Ok(())
    }

    /// The operands between operators of one role; where there are some, each is handed to a function.
    fn parts(&mut self, items: &[Item], role: Role) -> Result<(), ExpressionError> {
        let (function, tighter) = match role {
            Role::Membership => (None, Role::PlusMinus),
            Role::PlusMinus => (Some("_term"), Role::Tilde),
            Role::Tilde => (Some("_text"), Role::Times),
            _ => (Some("_factor"), Role::Operand),
        };
        self.check_operands(items, role)?;
        let function = function.filter(|_| items.iter().any(|item| item.role == role));
        for part in items.split(|item| item.role == role) {
            if let Some(function) = function {
                self.insert_before(part, function);
            }
            match tighter {
                Role::Operand => self.operand(part)?,
                _ => self.parts(part, tighter)?,
            }
            if function.is_some() {
                self.insert_behind(part);
            }
        }
        Ok(())
    }

    fn check_operands(&self, items: &[Item], role: Role) -> Result<(), ExpressionError> {
        let operator = items.iter().find(|item| item.role == role);
        match operator.filter(|_| items.split(|item| item.role == role).any(<[Item]>::is_empty)) {
            Some(item) => {
                let sign = self.text(item.first);
                Err(self.wrong(item.first, format!("something is missing before or behind {sign}")))
            }
            None => Ok(()),
        }
    }

    fn insert_before(&mut self, items: &[Item], function: &str) {
        if let Some(token) = items.first().and_then(|item| self.token(item.first)) {
            // A space, because a word may end just before it.
            self.edits.push(Edit { at: token.start, replaced: 0, text: format!(" {function}(") });
        }
    }

    fn insert_behind(&mut self, items: &[Item]) {
        if let Some(token) = items.last().and_then(|item| self.token(item.last)) {
            self.edits.push(Edit { at: token.end, replaced: 0, text: ")".to_owned() });
        }
    }

    fn operand(&mut self, items: &[Item]) -> Result<(), ExpressionError> {
        for item in items.iter().filter(|item| item.last > item.first) {
            let level = match item.role {
                Role::Call => Level::Arguments,
                Role::Index => Level::Index,
                _ => Level::Plain,
            };
            self.level(item.first + 1..item.last, level)?;
        }
        Ok(())
    }
}
