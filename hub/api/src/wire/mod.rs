//! What clients see. Defined apart from the forms in which the store keeps things; fields are only ever added.

pub(crate) mod audit;
pub(crate) mod automation;
pub(crate) mod check;
pub(crate) mod command;
pub(crate) mod device;
pub(crate) mod driver;
pub(crate) mod energy;
pub(crate) mod event;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod household;
pub(crate) mod maintenance;
pub(crate) mod network;
pub(crate) mod messages;
pub(crate) mod people;
pub(crate) mod permissions;
pub(crate) mod presence;
pub(crate) mod provisioning;
pub(crate) mod scene;
pub(crate) mod tariff;
pub(crate) mod revision;
pub(crate) mod replay;
pub(crate) mod session;
pub(crate) mod user;
pub(crate) mod why;
pub(crate) mod why_not;
