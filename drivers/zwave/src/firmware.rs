//! New firmware for nodes, over the air (SDS13782, Firmware Update Meta Data): the files that makers give, and the
//! exchange with a node that takes one.

mod image;
mod transfer;

pub use image::{FirmwareImage, Unusable};
pub use transfer::{Action, Offer, Transfer};
