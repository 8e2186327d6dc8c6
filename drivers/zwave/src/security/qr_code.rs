//! What the QR code of a device says: its DSK, and for SmartStart what it is (SDS13937, node provisioning information).

use sha1::{Digest, Sha1};

use super::dsk::Dsk;
use super::security_class::SecurityClass;

/// What a QR code says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QrCode {
    /// Whether the device can be added by SmartStart; otherwise the code only spares typing the DSK.
    pub smart_start: bool,
    /// What the device would like to be granted, the most trusted first.
    pub requested: Vec<SecurityClass>,
    /// Who the device is.
    pub dsk: Dsk,
    /// What kind of device it is.
    pub product_type: Option<ProductType>,
    /// Which product it is.
    pub product: Option<ProductId>,
    /// How often the device asks to be added, in seconds at most.
    pub maximum_inclusion_interval_seconds: Option<u16>,
    /// The serial number of this one device.
    pub uuid: Option<[u8; 16]>,
    /// Whether the device can join by Long Range; `None` if the code does not say.
    pub long_range: Option<bool>,
}

/// What kind of device it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProductType {
    /// Generic and specific device class.
    pub device_class: [u8; 2],
    /// The icon for an installer.
    pub installer_icon: u16,
}

/// Which product it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProductId {
    /// The maker.
    pub manufacturer: u16,
    /// The maker's kind of product.
    pub product_type: u16,
    /// The maker's product.
    pub product: u16,
    /// Of the application on the device.
    pub version: (u8, u8),
}

/// Why a text is no QR code of a Z-Wave device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum QrCodeError {
    /// Something else was scanned.
    #[error("a Z-Wave QR code is a row of digits that begins with 90; scan the code on the device or its box")]
    NotZWave,
    /// Its end is missing.
    #[error("the QR code ends too early; scan it again, or copy all of its digits")]
    TooShort,
    /// Digits are wrong.
    #[error("the QR code's checksum is wrong; scan it again, or compare its digits")]
    Checksum,
    /// A number is greater than it can be.
    #[error("a number in the QR code is too great; scan it again, or compare its digits")]
    Number,
    /// A version or a part that this driver does not know and must not ignore.
    #[error("the QR code is of a newer kind than this hub knows; add the device with its DSK instead")]
    Unsupported,
}

/// Longer codes are refused; 13 parts of the longest kind fit.
const LONGEST: usize = 1_400;
const LEAD_IN: &str = "90";
/// Lead-in, version and checksum, which the checksum does not cover.
const BEFORE_CHECKED: usize = 9;

const PRODUCT_TYPE: u16 = 0x00;
const PRODUCT_ID: u16 = 0x01;
const MAXIMUM_INCLUSION_INTERVAL: u16 = 0x02;
const UUID_16: u16 = 0x03;
const SUPPORTED_PROTOCOLS: u16 = 0x04;

/// Of the maximum inclusion interval, in seconds.
const INTERVAL_UNIT: u16 = 128;

impl QrCode {
    /// Reads the text of a code; blanks and line breaks do not matter.
    pub fn parse(text: &str) -> Result<Self, QrCodeError> {
        if text.len() > LONGEST {
            return Err(QrCodeError::NotZWave);
        }
        let code: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        if !code.starts_with(LEAD_IN) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(QrCodeError::NotZWave);
        }
        let checked = code.get(BEFORE_CHECKED..).ok_or(QrCodeError::TooShort)?;
        let mut digits = Digits(&code[LEAD_IN.len()..]);
        let version = digits.number(2)?;
        if version > 1 {
            return Err(QrCodeError::Unsupported);
        }
        let checksum = digits.number(5)?;
        let requested = byte(digits.number(3)?)?;
        let groups = digits.groups()?;
        let [first, second, ..]: [u8; 20] = Sha1::digest(checked.as_bytes()).into();
        if u16::from_be_bytes([first, second]) != checksum {
            return Err(QrCodeError::Checksum);
        }
        let mut parsed = Self {
            smart_start: version == 1,
            requested: SecurityClass::of_bits(requested).collect(),
            dsk: Dsk::from_groups(groups),
            product_type: None,
            product: None,
            maximum_inclusion_interval_seconds: None,
            uuid: None,
            long_range: None,
        };
        while !digits.0.is_empty() {
            parsed.read_part(&mut digits)?;
        }
        Ok(parsed)
    }

    fn read_part(&mut self, digits: &mut Digits<'_>) -> Result<(), QrCodeError> {
        let kind_and_critical = digits.number(2)?;
        let length = digits.number(2)?;
        let mut value = Digits(digits.take(length.into())?);
        match kind_and_critical >> 1 {
            PRODUCT_TYPE => {
                let device_class = value.number(5)?.to_be_bytes();
                self.product_type = Some(ProductType { device_class, installer_icon: value.number(5)? });
            }
            PRODUCT_ID => {
                let [manufacturer, product_type, product, version] = [(); 4].map(|()| value.number(5));
                let [major, minor] = version?.to_be_bytes();
                self.product = Some(ProductId {
                    manufacturer: manufacturer?,
                    product_type: product_type?,
                    product: product?,
                    version: (major, minor),
                });
            }
            MAXIMUM_INCLUSION_INTERVAL => {
                self.maximum_inclusion_interval_seconds = Some(value.number(2)? * INTERVAL_UNIT);
            }
            UUID_16 => {
                let _shown_to_people_as = value.number(2)?;
                self.uuid = Some(Dsk::from_groups(value.groups()?).0);
            }
            SUPPORTED_PROTOCOLS => {
                let width = value.0.len().min(5);
                self.long_range = Some(value.number(width)? & 0b10 != 0);
            }
            _ if kind_and_critical & 1 == 1 => return Err(QrCodeError::Unsupported),
            _ => {}
        }
        Ok(())
    }
}

fn byte(number: u16) -> Result<u8, QrCodeError> {
    u8::try_from(number).map_err(|_| QrCodeError::Number)
}

/// Digits that are still to be read.
struct Digits<'code>(&'code str);

impl<'code> Digits<'code> {
    fn take(&mut self, count: usize) -> Result<&'code str, QrCodeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(QrCodeError::TooShort)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, width: usize) -> Result<u16, QrCodeError> {
        self.take(width)?.parse().map_err(|_| QrCodeError::Number)
    }

    fn groups(&mut self) -> Result<[u16; 8], QrCodeError> {
        let mut groups = [0; 8];
        for group in &mut groups {
            *group = self.number(5)?;
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the specification.
    const DIMMER: &str = "900132782003515253545541424344453132333435212223242500100435301537022065520001000000300578";

    #[test]
    fn a_dimmer() {
        let code = QrCode::parse(DIMMER).unwrap();
        assert_eq!(
            code,
            QrCode {
                smart_start: true,
                requested: vec![SecurityClass::S2Authenticated, SecurityClass::S2Unauthenticated],
                dsk: "51525-35455-41424-34445-31323-33435-21222-32425".parse().unwrap(),
                product_type: Some(ProductType { device_class: [0x11, 0x01], installer_icon: 0x0601 }),
                product: Some(ProductId {
                    manufacturer: 0xFFF0,
                    product_type: 0x0064,
                    product: 0x0003,
                    version: (2, 66)
                }),
                maximum_inclusion_interval_seconds: None,
                uuid: None,
                long_range: None,
            }
        );
        let spaced = format!(" {}\n{} ", &DIMMER[..30], &DIMMER[30..]);
        assert_eq!(QrCode::parse(&spaced), Ok(code));
    }

    #[test]
    fn a_door_lock_with_a_serial_number() {
        let code = "9001346230075152535455414243444531323334352122232425001016387007680220655210100000017002880642002122232425414243444511121314153132333435";
        let code = QrCode::parse(code).unwrap();
        assert_eq!(code.requested.len(), 3);
        assert_eq!(code.uuid.map(u128::from_be_bytes), Some(0x52e6_7ea9_a1d0_868d_2b71_7ab7_7a5b_829b));
        assert_eq!(code.product_type.map(|kind| kind.device_class), Some([0x40, 0x03]));
    }

    #[test]
    fn without_smart_start_it_only_spares_typing() {
        let code = DIMMER.replacen("9001", "9000", 1);
        assert_eq!(QrCode::parse(&code).map(|code| code.smart_start), Ok(false));
    }

    #[test]
    fn what_is_no_qr_code() {
        let wrong = DIMMER.replacen("32782", "32783", 1);
        let newer = DIMMER.replacen("9001", "9002", 1);
        for (text, error) in [
            ("", QrCodeError::NotZWave),
            ("https://example.com", QrCodeError::NotZWave),
            ("1100", QrCodeError::NotZWave),
            ("90ab", QrCodeError::NotZWave),
            ("900012345001", QrCodeError::TooShort),
            (&DIMMER[..60], QrCodeError::Checksum),
            (&wrong, QrCodeError::Checksum),
            (&newer, QrCodeError::Unsupported),
            (&"9".repeat(2_000), QrCodeError::NotZWave),
        ] {
            assert_eq!(QrCode::parse(text), Err(error), "{text}");
        }
    }

    /// A code with a right checksum, so that what follows it is read.
    fn with_parts(parts: &str) -> String {
        let checked = format!("{}{parts}", &DIMMER[9..52]);
        let digest: [u8; 20] = Sha1::digest(checked.as_bytes()).into();
        format!("9001{:05}{checked}", u16::from_be_bytes([digest[0], digest[1]]))
    }

    #[test]
    fn parts() {
        assert_eq!(QrCode::parse(&with_parts("040205")).unwrap().maximum_inclusion_interval_seconds, Some(640));
        assert_eq!(QrCode::parse(&with_parts("0803003")).unwrap().long_range, Some(true));
        assert_eq!(QrCode::parse(&with_parts("9803123")).map(|code| code.long_range), Ok(None));
        assert_eq!(QrCode::parse(&with_parts("9903123")), Err(QrCodeError::Unsupported));
        assert_eq!(QrCode::parse(&with_parts("0410")), Err(QrCodeError::TooShort));
        assert_eq!(QrCode::parse(&with_parts("00109999999999")), Err(QrCodeError::Number));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}", parts in "[0-9]{0,80}") {
            let _ = QrCode::parse(&text);
            let _ = QrCode::parse(&with_parts(&parts));
        }
    }
}
