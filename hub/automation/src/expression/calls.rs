//! The names in an expression: which there are, and the devices that calls name.

use std::ops::Range;
use std::sync::Arc;

use hub_model::device::EndpointSelector;

use super::analysis::Analyser;
use super::token::Kind;
use super::vocabulary::{FUNCTIONS, VARIABLES};
use super::{ExpressionError, Function, Reference};
use hub_model::name::nearest;

impl Analyser<'_, '_> {
    /// A name that stands for something.
    pub(super) fn name(&mut self, index: usize) -> Result<(), ExpressionError> {
        let name = self.text(index);
        if let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
            return if self.is(index + 1, "(") {
                self.call(index, *function)
            } else {
                Err(self.wrong(index, format!("{name} is a function: write {}", example(*function))))
            };
        }
        if name == "vars" && self.is(index + 1, ".") {
            let variable = Arc::from(self.text(index + 2));
            if !self.variables.contains(&variable) {
                self.variables.push(variable);
            }
        }
        if VARIABLES.contains(&name) {
            self.reads_run |= matches!(name, "trigger" | "vars");
            return Ok(());
        }
        let functions = FUNCTIONS.iter().map(|(name, _)| *name);
        let hint = match nearest(name, functions.chain(VARIABLES.iter().copied())) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => "a text needs quotes; a variable is vars.NAME".to_owned(),
        };
        Err(self.wrong(index, format!("there is no {name:?}; {hint}")))
    }

    /// A call of one of our functions: its arguments, and what it names.
    fn call(&mut self, index: usize, function: Option<Function>) -> Result<(), ExpressionError> {
        let close = self.tokens.closing.get(index + 1).copied().unwrap_or(index + 1);
        let arguments = self.arguments(index + 2..close);
        let wrong = |analyser: &Self| analyser.wrong(index, format!("write {}", example(function)));
        let Some(function) = function else {
            return if arguments.is_empty() { Ok(()) } else { Err(wrong(self)) };
        };
        let (device, attribute, endpoint) = match arguments.as_slice() {
            [device, attribute] => (device, attribute, None),
            [device, attribute, endpoint]
                if self.is(endpoint.start, "endpoint") && self.is(endpoint.start + 1, "=") =>
            {
                (device, attribute, Some(endpoint.start + 2..endpoint.end))
            }
            [device, attribute, endpoint] => (device, attribute, Some(endpoint.clone())),
            _ => return Err(wrong(self)),
        };
        if [device, attribute].iter().any(|argument| self.is(argument.start + 1, "=")) {
            return Err(wrong(self));
        }
        let Some(name) = self.literal(device) else { return Ok(()) };
        let span = self.token(device.start).map_or(0..0, |token| token.start..token.end);
        let selector = endpoint.map(|endpoint| self.selector(&endpoint));
        let attribute = match selector {
            Some(None) => None,
            _ => self.literal(attribute),
        };
        self.references.push(Reference {
            function,
            device: name.into(),
            attribute: attribute.map(Into::into),
            endpoint: selector.flatten(),
            span,
        });
        Ok(())
    }

    /// The tokens of each argument.
    fn arguments(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut arguments = Vec::new();
        let (mut start, mut index) = (range.start, range.start);
        while index < range.end {
            if self.is(index, ",") {
                arguments.push(start..index);
                start = index + 1;
            }
            index = self.tokens.closing.get(index).map_or(range.end, |last| last + 1);
        }
        // A comma may stand behind the last one.
        if start < range.end {
            arguments.push(start..range.end);
        }
        arguments
    }

    /// The text of an argument that is nothing but a text in quotes.
    fn literal(&self, argument: &Range<usize>) -> Option<String> {
        let token = self.token(argument.start).filter(|token| argument.len() == 1 && token.kind == Kind::Text)?;
        unquote(self.tokens.text_of(token))
    }

    fn selector(&self, argument: &Range<usize>) -> Option<EndpointSelector> {
        let number = self.token(argument.start).filter(|token| argument.len() == 1 && token.kind == Kind::Number);
        match number {
            Some(token) => self.tokens.text_of(token).parse().ok().map(EndpointSelector::Number),
            None => self.literal(argument).map(|label| EndpointSelector::Label(label.into())),
        }
    }
}

fn example(function: Option<Function>) -> &'static str {
    match function {
        None => "now()",
        Some(Function::State) => "state(\"Hallway lamp\", \"on\")",
        Some(Function::Desired) => "desired(\"Hallway lamp\", \"on\")",
        Some(Function::ChangedAt) => "changed_at(\"Hallway lamp\", \"on\")",
    }
}

/// The text within quotes. None if it has escapes that stand for other characters.
fn unquote(quoted: &str) -> Option<String> {
    let inner = quoted.get(1..quoted.len().checked_sub(1)?)?;
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => characters.next().filter(|escaped| matches!(escaped, '\\' | '"' | '\'' | '/'))?,
            _ => character,
        });
    }
    Some(text)
}

/// A text in quotes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
