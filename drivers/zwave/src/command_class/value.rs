//! What several command classes have in common: numbers with a scale, durations, levels, bit masks, dates, texts.

mod bit_mask;
mod date;
mod destination;
mod duration;
mod level;
mod names;
mod network_key;
mod scaled_number;
mod text;

pub use bit_mask::BitMask;
pub use date::{Date, DateTime, Time};
pub use destination::{Destination, Endpoints};
pub use duration::Duration;
pub use level::{Direction, Level, Target};
pub use names::{Names, name_of};
pub use network_key::NetworkKey;
pub use scaled_number::ScaledNumber;
pub(super) use scaled_number::{last_bytes, signed};
pub use text::{EncodedText, TextEncoding, text_of};
