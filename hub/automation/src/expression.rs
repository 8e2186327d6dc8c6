//! stub
use crate::rule::{AttributeKey, Scope};
use hub_model::Value;
use hub_model::device::EndpointSelector;
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(String);
#[derive(Clone, Debug, PartialEq)]
pub struct Template(String);
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub device: String,
    pub attribute: String,
    pub endpoint: Option<EndpointSelector>,
}
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("x")]
pub struct ExpressionError;
pub struct Outcome {
    pub value: bool,
    pub read: Vec<AttributeKey>,
}
impl Expression {
    pub fn condition(t: &str) -> Result<Self, ExpressionError> {
        Ok(Self(t.to_owned()))
    }
    pub fn references(&self) -> &[Reference] {
        &[]
    }
    pub fn holds(&self, _s: &Scope<'_>) -> Result<Outcome, ExpressionError> {
        Err(ExpressionError)
    }
}
impl Template {
    pub fn new(t: &str) -> Result<Self, ExpressionError> {
        Ok(Self(t.to_owned()))
    }
    pub fn references(&self) -> &[Reference] {
        &[]
    }
    pub fn value(&self, _s: &Scope<'_>) -> Result<Value, ExpressionError> {
        Ok(Value::text(self.0.as_str()))
    }
    pub fn render(&self, _s: &Scope<'_>) -> Result<String, ExpressionError> {
        Ok(self.0.clone())
    }
}
pub fn rename_devices(text: &str, _f: &mut dyn FnMut(&str) -> Option<String>) -> String {
    text.to_owned()
}
