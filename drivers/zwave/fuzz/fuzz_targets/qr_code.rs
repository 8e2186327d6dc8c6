//! Any text as a QR code, a DSK or a PIN: what is read can be shown and read again.
#![no_main]

use driver_zwave::security::qr_code::QrCode;
use driver_zwave::security::{Dsk, Pin};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(code) = QrCode::parse(text) {
        assert_eq!(code.dsk.to_string().parse(), Ok(code.dsk));
    }
    if let Ok(dsk) = text.parse::<Dsk>() {
        assert_eq!(dsk.to_string().parse(), Ok(dsk));
    }
    if let Ok(pin) = text.parse::<Pin>() {
        assert_eq!(pin.to_string(), text.trim());
    }
});
