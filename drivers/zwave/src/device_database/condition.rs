//! Of which devices a part of a model is true: those of some product types, products and versions of the firmware.

use serde::Deserialize;

use crate::command_class::version::MajorMinor;
use crate::interview::Identity;

/// Alternatives, each of comparisons that all hold.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(transparent)]
pub struct Condition(Vec<Vec<Comparison>>);

/// A comparison, e.g. `["firmware", ">=", [2, 0, 0]]`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Comparison(Subject, Operator, Vec<u16>);

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// The version of the firmware: major, minor, patch.
    Firmware,
    /// The maker's kind of product.
    ProductType,
    /// The maker's product.
    Product,
    /// The version of the protocol's library; nobody asks for it, so that no comparison with it holds.
    Sdk,
}

/// How it is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[allow(missing_docs, reason = "as their signs say")]
pub enum Operator {
    #[serde(rename = "===")]
    Equal,
    #[serde(rename = "!==")]
    NotEqual,
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "<=")]
    LessOrEqual,
    #[serde(rename = ">")]
    Greater,
    #[serde(rename = ">=")]
    GreaterOrEqual,
}

impl Operator {
    fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// A device, as conditions see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subjects {
    pub(super) identity: Identity,
    /// Where it is not known, 0.0.
    pub(super) firmware: [u16; 3],
}

impl Subjects {
    pub(super) fn new(identity: Identity, firmware: Option<MajorMinor>) -> Self {
        let version = |version: MajorMinor| [u16::from(version.major), u16::from(version.minor), 0];
        Self { identity, firmware: firmware.map(version).unwrap_or_default() }
    }
}

impl Condition {
    /// Whether it is true of a device.
    pub(super) fn holds(&self, subjects: &Subjects) -> bool {
        self.0.iter().any(|all| all.iter().all(|comparison| comparison.holds(subjects)))
    }
}

impl Comparison {
    fn holds(&self, subjects: &Subjects) -> bool {
        let Self(subject, operator, operand) = self;
        match subject {
            Subject::Firmware => operator.holds(subjects.firmware.as_slice().cmp(operand)),
            Subject::ProductType => operator.holds([subjects.identity.product_type].as_slice().cmp(operand)),
            Subject::Product => operator.holds([subjects.identity.product].as_slice().cmp(operand)),
            Subject::Sdk => false,
        }
    }
}

/// Whether something without a condition, or with one that holds, is true of a device.
pub(super) fn applies(condition: Option<&Condition>, subjects: &Subjects) -> bool {
    condition.is_none_or(|condition| condition.holds(subjects))
}
