//! Channels of coloured lights.

use hub_model::color::{hue_saturation_to_rgb, rgb_to_hue_saturation};

/// The colour temperature of warm white, in kelvin; devices do not say theirs.
pub(super) const WARM: f64 = 2700.0;
/// The colour temperature of cold white, in kelvin.
pub(super) const COLD: f64 = 6500.0;

/// Hue (0–360) and saturation (0–100) of red, green and blue.
pub(super) fn hue_saturation(red: u8, green: u8, blue: u8) -> (f64, f64) {
    let [red, green, blue] = [red, green, blue].map(f64::from);
    rgb_to_hue_saturation(red, green, blue)
}

/// Red, green and blue of a hue and saturation, at full brightness: how bright a light is says another class.
pub(super) fn red_green_blue(hue: f64, saturation: f64) -> [u8; 3] {
    let (red, green, blue) = hue_saturation_to_rgb(hue, saturation);
    // From 0 to 255.
    [red, green, blue].map(|channel| (channel * 255.0).round() as u8)
}

/// The colour temperature of a mixture; none = both are off.
pub(super) fn color_temperature(warm: u8, cold: u8) -> Option<f64> {
    let (warm, cold) = (f64::from(warm), f64::from(cold));
    let share = cold / (warm + cold);
    share.is_finite().then_some(WARM + (COLD - WARM) * share)
}

/// Warm and cold white of a colour temperature; what is out of range is clamped.
pub(super) fn whites(kelvin: f64) -> [u8; 2] {
    let share = ((kelvin - WARM) / (COLD - WARM)).clamp(0.0, 1.0);
    // From 0 to 255.
    [((1.0 - share) * 255.0).round() as u8, (share * 255.0).round() as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_there_and_back() {
        for hue in (0..360).step_by(30) {
            for saturation in [25.0, 50.0, 100.0] {
                let [red, green, blue] = red_green_blue(f64::from(hue), saturation);
                let (hue_again, saturation_again) = hue_saturation(red, green, blue);
                let turn = (hue_again - f64::from(hue)).rem_euclid(360.0);
                assert!(
                    turn.min(360.0 - turn) < 1.0 && (saturation_again - saturation).abs() < 1.0,
                    "{hue} {saturation}"
                );
            }
        }
        assert_eq!(hue_saturation(0, 0, 0), (0.0, 0.0));
    }

    #[test]
    fn whites_go_there_and_back() {
        for kelvin in [2700.0, 4000.0, 6500.0] {
            let [warm, cold] = whites(kelvin);
            assert!((color_temperature(warm, cold).unwrap() - kelvin).abs() < 20.0);
        }
        assert_eq!(whites(1000.0), [255, 0]);
        assert_eq!(color_temperature(0, 0), None);
    }
}
