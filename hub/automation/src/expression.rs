//! Expressions: `if:` conditions, and `{{ }}` in texts and values.
//!
//! ```text
//! state("Hallway lamp", "on") and now().hour >= 22
//! It is {{ state("Outside", "temperature") | round }} °C.
//! ```
//!
//! They are read once, when a rule is loaded, and evaluated against the home as it is. They see what they are given
//! ([`Scope`]) and nothing else, so that the same home and the same time give the same value. What there is to write is in
//! `hub/docs/expressions.md`.
//!
//! **Unknown.** What is not known is `none`: a state never reported, a field that a trigger does not have, a variable that
//! nobody set. It is equal to nothing but itself, no `<` or `>` holds with it, a condition that comes to it does not hold,
//! and a sum with it is an error.
//!
//! **Bounds.** A text has at most [`MAX_BYTES`] bytes and [`MAX_PIECES`] pieces in braces; what it comes to has at most
//! 16 KiB and 1,000 items. There are no loops: statements (`{% %}`), includes and macros are refused, and each step and
//! each byte of an evaluation is paid for from a small amount of fuel.

mod analysis;
mod calls;
mod convert;
mod pieces;
mod printf;
mod session;
mod time;
mod token;
mod vocabulary;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use hub_model::Said;
use hub_model::device::EndpointSelector;
use hub_model::zone::Zone;
use hub_model::{Now, Value};
use minijinja::ErrorKind;
use minijinja::value::Value as Dynamic;

use crate::World;
use crate::document::Position;
use crate::rule::AttributeKey;
use convert::MAX_TEXT;
use pieces::Piece;
use session::Session;
use token::Tokens;
use vocabulary::ENVIRONMENT;

/// How long the text of a condition or template may be.
pub const MAX_BYTES: usize = 16 * 1024;
/// How many `{{ }}` a text may have.
pub const MAX_PIECES: usize = 100;
/// How many lookups with computed arguments one evaluation may do.
const MAX_LOOKUPS: usize = 64;

/// The functions that look something up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Function {
    /// `state`: the value of an attribute.
    State,
    /// `desired`: what a command under way wants it to be.
    Desired,
    /// `changed_at`: since when it is what it is.
    ChangedAt,
}

impl Function {
    /// The name that people write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Desired => "desired",
            Self::ChangedAt => "changed_at",
        }
    }
}

/// A call whose device is written out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// Which function.
    pub function: Function,
    /// The id or name of the device.
    pub device: Arc<str>,
    /// The attribute; none if it, or the endpoint, is computed.
    pub attribute: Option<Arc<str>>,
    /// The endpoint, if one is named.
    pub endpoint: Option<EndpointSelector>,
    /// The bytes of the device in the text, its quotes included.
    pub span: Range<usize>,
}

/// Something that an evaluation looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Read {
    /// By which function.
    pub function: Function,
    /// The attribute.
    pub key: AttributeKey,
    /// What it was told; a time as text.
    pub value: Value,
}

/// What an expression sees.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// What time it is.
    pub now: &'a Now,
    /// Whose clocks.
    pub zone: &'a Zone,
    /// The home.
    pub world: &'a dyn World,
    /// What set the rule off, as `trigger`.
    pub trigger: &'a serde_json::Value,
    /// The rule's variables, as `vars`.
    pub variables: &'a serde_json::Map<String, serde_json::Value>,
}

/// What an evaluation came to, and what it looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Evaluated<T> {
    /// The value, or why there is none.
    pub result: Result<T, ExpressionError>,
    /// What was looked at, in order, each once.
    pub read: Vec<Read>,
}

/// Why a text is no expression, or comes to nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExpressionError {
    /// The text is too long.
    #[error("it is longer than {MAX_BYTES} bytes; make it shorter")]
    TooLong,
    /// Something in the text is wrong.
    #[error("{position}: {message}")]
    Syntax {
        /// Where in the text.
        position: Position,
        /// What is wrong and what to write instead.
        message: String,
    },
    /// The evaluation ran out of fuel.
    #[error("it takes too much work; use shorter texts and lists")]
    TooMuchWork,
    /// It looked up too many computed names.
    #[error("it looks up more than {MAX_LOOKUPS} devices by computed names; write their names out")]
    TooManyLookups,
    /// What it comes to is too long.
    #[error("what it comes to is longer than {MAX_TEXT} bytes; make it shorter")]
    TooLongResult,
    /// The evaluation failed.
    #[error("{message}")]
    Failed {
        /// What was wrong.
        message: String,
    },
}

impl ExpressionError {
    /// The same, for people of any language.
    pub(crate) fn said(&self) -> Said {
        Said::new("expression", self.to_string()).with("error", self)
    }
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    program: Program,
}

/// A text with `{{ }}` in it, or without.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
    references: Vec<Reference>,
    variables: Vec<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(Arc<str>),
    Program(Program),
}

impl Expression {
    /// Reads a condition. Braces around all of it are tolerated.
    pub fn condition(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > MAX_BYTES {
            return Err(ExpressionError::TooLong);
        }
        let trimmed = text.trim_start();
        let start = text.len() - trimmed.len();
        if !trimmed.starts_with("{{") {
            return Ok(Self { program: Program::new(&whole(text, start)?)? });
        }
        let mut programs = pieces::split(text)?.into_iter().filter(|piece| !piece.is_blank());
        match (programs.next(), programs.next()) {
            (Some(Piece::Expression(tokens)), None) => Ok(Self { program: Program::new(&tokens)? }),
            _ => Err(token::wrong(text, start, "a condition is one expression: leave out the braces")),
        }
    }

    /// The calls whose device is written out.
    pub fn references(&self) -> &[Reference] {
        &self.program.references
    }

    /// The names behind `vars.`.
    pub fn variables(&self) -> &[Arc<str>] {
        &self.program.variables
    }

    /// The attributes in this home whose calls are written out.
    pub fn attributes(&self, world: &dyn World) -> Vec<AttributeKey> {
        self.references().iter().filter_map(|reference| session::named(reference, world)).collect()
    }

    /// Whether it reads `trigger` or `vars`, which are there only when a rule fires.
    pub fn reads_run(&self) -> bool {
        self.program.reads_run
    }

    /// Whether it holds. Unknown does not; zero, an empty text and an empty list do not; all else does.
    pub fn holds(&self, scope: &Scope<'_>) -> Evaluated<bool> {
        let session = Session::new(scope, [&self.program]);
        let result = self.program.run(scope, &session).map(|value| value.is_true());
        Evaluated { result, read: session.read() }
    }

    /// The text of a condition with other devices: each that is written out and that `rename` knows something for.
    /// What is no expression stays.
    pub fn rename_devices(text: &str, rename: &mut dyn FnMut(&str) -> Option<String>) -> String {
        match Self::condition(text) {
            Ok(expression) => renamed(text, expression.references(), rename),
            Err(_) => text.to_owned(),
        }
    }
}

impl Template {
    /// Reads a text.
    pub fn new(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > MAX_BYTES {
            return Err(ExpressionError::TooLong);
        }
        let mut template = Self { parts: Vec::new(), references: Vec::new(), variables: Vec::new() };
        for piece in pieces::split(text)? {
            template.parts.push(match piece {
                Piece::Text(text) => Part::Text(text.into()),
                Piece::Expression(tokens) => {
                    let program = Program::new(&tokens)?;
                    template.references.extend(program.references.iter().cloned());
                    for variable in &program.variables {
                        if !template.variables.contains(variable) {
                            template.variables.push(Arc::clone(variable));
                        }
                    }
                    Part::Program(program)
                }
            });
        }
        Ok(template)
    }

    /// Whether it always comes to the same text.
    pub fn is_constant(&self) -> bool {
        self.programs().next().is_none()
    }

    /// The calls whose device is written out.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// The names behind `vars.`.
    pub fn variables(&self) -> &[Arc<str>] {
        &self.variables
    }

    /// What it comes to: a value of its own kind if it is nothing but one `{{ }}`, else a text.
    pub fn value(&self, scope: &Scope<'_>) -> Evaluated<Value> {
        let blank = |part: &&Part| !matches!(part, Part::Text(text) if text.trim().is_empty());
        let mut parts = self.parts.iter().filter(blank);
        let (Some(Part::Program(program)), None) = (parts.next(), parts.next()) else {
            let Evaluated { result, read } = self.text(scope);
            return Evaluated { result: result.map(Value::text), read };
        };
        let session = Session::new(scope, [program]);
        let result = program.run(scope, &session).and_then(|value| convert::to_hub(&value).map_err(failed));
        Evaluated { result, read: session.read() }
    }

    /// The text it comes to. Values are written as everywhere: `true`, `40`, `unknown`.
    pub fn text(&self, scope: &Scope<'_>) -> Evaluated<String> {
        let session = Session::new(scope, self.programs());
        Evaluated { result: self.text_in(scope, &session), read: session.read() }
    }

    fn text_in(&self, scope: &Scope<'_>, session: &Arc<Session>) -> Result<String, ExpressionError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(piece) => text.push_str(piece),
                Part::Program(program) => {
                    text.push_str(&convert::text(&program.run(scope, session)?).map_err(failed)?);
                }
            }
            if text.len() > MAX_TEXT {
                return Err(ExpressionError::TooLongResult);
            }
        }
        Ok(text)
    }

    fn programs(&self) -> impl Iterator<Item = &Program> {
        self.parts.iter().filter_map(|part| match part {
            Part::Program(program) => Some(program),
            Part::Text(_) => None,
        })
    }

    /// The text with other devices: each that is written out and that `rename` knows something for. What is no template
    /// stays.
    pub fn rename_devices(text: &str, rename: &mut dyn FnMut(&str) -> Option<String>) -> String {
        match Self::new(text) {
            Ok(template) => renamed(text, template.references(), rename),
            Err(_) => text.to_owned(),
        }
    }
}

/// The tokens of a text that is one expression.
fn whole(text: &str, start: usize) -> Result<Tokens<'_>, ExpressionError> {
    let tokens = Tokens::read(text, start)?;
    match text.get(tokens.end..).is_some_and(str::is_empty) {
        true => Ok(tokens),
        false => Err(token::wrong(text, tokens.end, "there is no {{ for this }} to close")),
    }
}

fn renamed(text: &str, references: &[Reference], rename: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut renamed = String::new();
    let mut copied = 0;
    for reference in references {
        if let Some(device) = rename(&reference.device) {
            renamed.push_str(text.get(copied..reference.span.start).unwrap_or_default());
            renamed.push_str(&calls::quote(&device));
            copied = reference.span.end;
        }
    }
    renamed.push_str(text.get(copied..).unwrap_or_default());
    renamed
}

/// An expression, ready to be evaluated.
#[derive(Clone)]
struct Program {
    /// The form in which it is evaluated. Two programs of one text are one.
    text: Arc<str>,
    compiled: Arc<minijinja::Expression<'static, 'static>>,
    references: Vec<Reference>,
    variables: Vec<Arc<str>>,
    reads_run: bool,
}

impl Program {
    fn new(tokens: &Tokens<'_>) -> Result<Self, ExpressionError> {
        let analysis = analysis::analyse(tokens)?;
        let compiled = ENVIRONMENT.compile_expression_owned(analysis.program.clone()).map_err(|error| {
            let at = error.range().map_or(tokens.end, |range| analysis.source_of(range.start).min(tokens.end));
            token::wrong(tokens.text, at, error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))
        })?;
        Ok(Self {
            text: analysis.program.into(),
            compiled: Arc::new(compiled),
            references: analysis.references,
            variables: analysis.variables,
            reads_run: analysis.reads_run,
        })
    }

    /// Evaluates until nothing is missing any more.
    fn run(&self, scope: &Scope<'_>, session: &Arc<Session>) -> Result<Dynamic, ExpressionError> {
        let mark = session.mark();
        for _ in 0..=MAX_LOOKUPS {
            let result = self.compiled.eval(Dynamic::from_dyn_object(Arc::clone(session)));
            if !session.fetch(scope.world) {
                return result.map_err(failed);
            }
            session.rewind(mark);
        }
        Err(ExpressionError::TooManyLookups)
    }
}

fn failed(error: minijinja::Error) -> ExpressionError {
    match error.kind() {
        ErrorKind::OutOfFuel => ExpressionError::TooMuchWork,
        kind => ExpressionError::Failed { message: error.detail().map_or_else(|| kind.to_string(), str::to_owned) },
    }
}

impl PartialEq for Program {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Program").field(&self.text).finish()
    }
}
