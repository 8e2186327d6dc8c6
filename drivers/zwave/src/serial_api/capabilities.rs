//! Serial API Get Capabilities (0x07): which functions the stick has.

use std::collections::BTreeSet;

use super::{Function, bare_request};
use crate::node_id::bits_of_mask;
use crate::read::{Problem, Reader};

bare_request! {
    /// Asks for them.
    GetCapabilities, GET_CAPABILITIES
}

/// Maker and functions of the stick.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// Version and revision of the application on the stick.
    pub version: (u8, u8),
    /// The maker.
    pub manufacturer: u16,
    /// The maker's kind of product.
    pub product_type: u16,
    /// The maker's product.
    pub product: u16,
    /// What may be called.
    pub functions: BTreeSet<Function>,
}

/// One bit for each function, from 1.
const FUNCTION_MASK: usize = 32;

impl Capabilities {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let version = reader.array("version").map(|[version, revision]| (version, revision))?;
        let manufacturer = reader.word("manufacturer")?;
        let product_type = reader.word("product type")?;
        let product = reader.word("product")?;
        let mask = reader.bytes(FUNCTION_MASK, "function mask")?;
        let functions = bits_of_mask(mask).filter_map(|bit| u8::try_from(bit + 1).ok()).map(Function).collect();
        Ok(Self { version, manufacturer, product_type, product, functions })
    }
}
