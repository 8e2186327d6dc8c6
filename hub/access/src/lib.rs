//! Who may do what.
//!
//! Every door of the hub asks one question of one function: [`can`], with a policy that was compiled for a person when
//! something changed, a request (an action and a target) and what is so in the home just now. The answer says whether,
//! by which rule, and if not, why not and what would help.
//!
//! All rules allow. What no rule allows is denied, and what is protected (locks, garages, alarms, cameras, valves, and
//! the parts of the hub that lead to them) is allowed only by a rule that names it.
//!
//! **Invariant:** no I/O, no clock: the time, who is home, what was approved and what was used are arguments.
//! **Invariant:** what cannot be read, decided or known denies.
//! **Invariant:** one more rule never takes anything away.

pub mod set;
pub mod action;
pub mod part;
pub mod device_type;
pub mod protection;
pub mod document;
mod roles;
pub mod check;
pub mod ready_made;
mod window;
pub mod request;
pub mod approval;
pub mod allowance;
pub mod policy;
mod rule;
pub mod verdict;
mod decide;
mod explain;
pub mod overlap;

pub use action::Action;
pub use allowance::Allowances;
pub use approval::Approvals;
pub use decide::{can, may_see, may_see_attribute, may_see_part, never};
pub use device_type::{DeviceType, DeviceTypes, types_of};
pub use document::{PolicyRule, ReadyMadeChoice, Who};
pub use part::Part;
pub use policy::{CompiledPolicy, Policy, Subject};
pub use request::{DeviceFacts, Household, Request, Resident, Target, Through, Via, Whereabouts};
pub use verdict::{Reason, ReasonCode, Verdict};
