//! The link to the stick: frames, acknowledgements and retransmission (Serial API host application programming guide,
//! INS12350), and what is done when the stick no longer answers.

pub mod frame;
pub mod machine;
pub mod recovery;

pub use frame::{Data, Frame, FrameTooLong, Kind, decode};
pub use machine::{Event, Link, SendError, Statistics, Undelivered};
pub use recovery::{Recovery, Step, Trouble};
