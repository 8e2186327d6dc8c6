//! Get Version (0x15): the name of the protocol library, and its kind.

use super::bare_request;
use crate::read::{Problem, Reader, named_bytes};

bare_request! {
    /// Asks for it.
    GetVersion, GET_VERSION
}

named_bytes! {
    /// What the stick's library can do.
    LibraryType, "library type" {
        /// A controller that stays where it is.
        StaticController = 0x01,
        /// A remote.
        PortableController = 0x02,
        /// A node that knows routes.
        EnhancedEndNode = 0x03,
        /// A simple node.
        EndNode = 0x04,
        /// For installers.
        Installer = 0x05,
        /// A node that sends by itself.
        RoutingEndNode = 0x06,
        /// A controller with virtual nodes.
        BridgeController = 0x07,
        /// For tests.
        DeviceUnderTest = 0x08,
        /// A remote for audio and video.
        AvRemote = 0x0A,
        /// A remote for audio and video.
        AvDevice = 0x0B,
    }
}

/// The stick's library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// As in «Z-Wave 7.17.99».
    pub library: String,
    /// `None` for a kind that the specification does not know.
    pub library_type: Option<LibraryType>,
}

impl Version {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        let bytes = reader.rest();
        let end = bytes.iter().position(|byte| *byte == 0);
        let end = end.ok_or(Problem::TooShort { field: "library version", length: bytes.len() })?;
        let mut after = Reader::new(&bytes[end + 1..]);
        Ok(Self {
            library: String::from_utf8_lossy(&bytes[..end]).into_owned(),
            library_type: LibraryType::from_byte(after.byte("library type")?).ok(),
        })
    }
}
