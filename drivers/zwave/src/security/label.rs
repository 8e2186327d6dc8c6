//! What a person can give of a device before it joins: the text of its QR code, the DSK printed below it, or the PIN of
//! that.

use std::str::FromStr;

use super::dsk::{Dsk, ParseDskError, ParsePinError, Pin};
use super::qr_code::{QrCode, QrCodeError};
use super::security_class::SecurityClass;

/// What a label says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// What a person would type.
    pub pin: Pin,
    /// Who the device is; a PIN alone does not say it.
    pub dsk: Option<Dsk>,
    /// What the device would like to be granted; only QR codes say it.
    pub requested: Option<Vec<SecurityClass>>,
    /// Whether the device can join by SmartStart; only QR codes say it.
    pub smart_start: Option<bool>,
}

/// Why a text is of no label.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LabelError {
    /// It begins like a QR code.
    #[error(transparent)]
    QrCode(#[from] QrCodeError),
    /// It is of nothing that stands on a label.
    #[error(
        "this is no code of a device; a code is the PIN of five digits, the DSK of forty (eight groups, each up to 65535), or \
         the text of the QR code, which begins with 90"
    )]
    NoCode,
}

/// With this a QR code begins. No DSK and no PIN does: their groups end at 65535.
const QR_CODE: &str = "90";
/// How many digits a PIN has.
const PIN_LENGTH: usize = 5;

impl Label {
    /// Of a DSK.
    pub fn of_dsk(dsk: Dsk) -> Self {
        Self { pin: dsk.pin(), dsk: Some(dsk), requested: None, smart_start: None }
    }
}

impl FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.starts_with(QR_CODE) {
            let code = QrCode::parse(text)?;
            let (requested, smart_start) = (Some(code.requested), Some(code.smart_start));
            return Ok(Self { requested, smart_start, ..Self::of_dsk(code.dsk) });
        }
        if text.len() <= PIN_LENGTH {
            let pin = text.parse().map_err(|ParsePinError| LabelError::NoCode)?;
            return Ok(Self { pin, dsk: None, requested: None, smart_start: None });
        }
        text.parse().map(Self::of_dsk).map_err(|ParseDskError| LabelError::NoCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_from_each_of_its_parts() {
        let qr_code = "900132782003515253545541424344453132333435212223242500100435301537022065520001000000300578";
        let label: Label = qr_code.parse().unwrap();
        let dsk = "51525-35455-41424-34445-31323-33435-21222-32425".parse().unwrap();
        assert_eq!(label.dsk, Some(dsk));
        assert_eq!(label.pin, Pin(51525));
        assert_eq!(label.requested.as_ref().map(Vec::len), Some(2));
        assert_eq!(label.smart_start, Some(true));
        assert_eq!(" 51525-35455-41424-34445-31323-33435-21222-32425".parse(), Ok(Label::of_dsk(dsk)));
        let pin: Label = "51525".parse().unwrap();
        assert_eq!((pin.pin, pin.dsk), (Pin(51525), None));
    }

    #[test]
    fn what_is_wrong_is_said_of_what_was_meant() {
        assert_eq!("90".parse::<Label>(), Err(LabelError::QrCode(QrCodeError::TooShort)));
        for text in ["", "6553x", "65536", "1234", "51525-35455", "hello, world"] {
            assert_eq!(text.parse::<Label>(), Err(LabelError::NoCode), "{text}");
        }
    }
}
