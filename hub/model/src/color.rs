//! Colours: hue and saturation to CIE 1931 x and y and back, at full brightness, for lights of a wide gamut under D65.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::Value;

/// How far apart two colours may lie on the x-y plane and still be taken for the same: radios and lamps round.
const SAME: f64 = 0.02;

/// Whether two composites are colours that look the same; none when one of them is no colour.
pub(crate) fn agree(first: &BTreeMap<Arc<str>, Value>, second: &BTreeMap<Arc<str>, Value>) -> Option<bool> {
    let ((first_x, first_y), (second_x, second_y)) = (xy(first)?, xy(second)?);
    Some((first_x - second_x).hypot(first_y - second_y) <= SAME)
}

/// The place of a colour on the x-y plane.
fn xy(color: &BTreeMap<Arc<str>, Value>) -> Option<(f64, f64)> {
    let number =
        |name: &str, max: f64| color.get(name).and_then(Value::as_number).filter(|number| (0.0..=max).contains(number));
    if !color.keys().all(|name| matches!(&**name, "hue" | "saturation" | "x" | "y")) {
        return None;
    }
    match (number("x", 1.0), number("y", 1.0)) {
        (Some(x), Some(y)) => Some((x, y)),
        _ => Some(hue_saturation_to_xy(number("hue", 360.0)?, number("saturation", 100.0)?)),
    }
}

/// From hue (degrees) and saturation (%) to x and y.
pub fn hue_saturation_to_xy(hue: f64, saturation: f64) -> (f64, f64) {
    let (red, green, blue) = hue_saturation_to_rgb(hue, saturation);
    let (red, green, blue) = (linear(red), linear(green), linear(blue));
    let x = red * 0.664_511 + green * 0.154_324 + blue * 0.162_028;
    let y = red * 0.283_881 + green * 0.668_433 + blue * 0.047_685;
    let z = red * 0.000_088 + green * 0.072_310 + blue * 0.986_039;
    let sum = x + y + z;
    if sum <= 0.0 { (0.0, 0.0) } else { (x / sum, y / sum) }
}

/// From x and y to hue (degrees) and saturation (%). Points outside the gamut are brought to its edge.
pub fn xy_to_hue_saturation(x: f64, y: f64) -> (f64, f64) {
    let y = y.max(1e-5);
    let (big_x, big_z) = (x / y, (1.0 - x - y) / y);
    let red = big_x * 1.656_492 - 0.354_851 - big_z * 0.255_038;
    let green = -big_x * 0.707_196 + 1.655_397 + big_z * 0.036_152;
    let blue = big_x * 0.051_713 - 0.121_364 + big_z * 1.011_530;
    let greatest = red.max(green).max(blue);
    if greatest <= 0.0 || !greatest.is_finite() {
        return (0.0, 0.0);
    }
    let channel = |value: f64| gamma((value / greatest).max(0.0));
    rgb_to_hue_saturation(channel(red), channel(green), channel(blue))
}

/// From hue (degrees) and saturation (%) to red, green and blue as a screen has them (sRGB), each 0 to 1.
pub fn hue_saturation_to_rgb(hue: f64, saturation: f64) -> (f64, f64, f64) {
    let saturation = (saturation / 100.0).clamp(0.0, 1.0);
    let channel = |shift: f64| {
        let k = (shift + hue.rem_euclid(360.0) / 60.0).rem_euclid(6.0);
        1.0 - saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    };
    (channel(5.0), channel(3.0), channel(1.0))
}

/// From red, green and blue as a screen has them (sRGB) to hue (degrees) and saturation (%). Their brightness does not
/// matter.
pub fn rgb_to_hue_saturation(red: f64, green: f64, blue: f64) -> (f64, f64) {
    let greatest = red.max(green).max(blue);
    let range = greatest - red.min(green).min(blue);
    if greatest <= 0.0 || range <= 0.0 {
        return (0.0, 0.0);
    }
    let sector = if greatest == red {
        (green - blue) / range
    } else if greatest == green {
        (blue - red) / range + 2.0
    } else {
        (red - green) / range + 4.0
    };
    ((sector * 60.0).rem_euclid(360.0), range / greatest * 100.0)
}

fn linear(channel: f64) -> f64 {
    if channel > 0.04045 { ((channel + 0.055) / 1.055).powf(2.4) } else { channel / 12.92 }
}

fn gamma(channel: f64) -> f64 {
    if channel > 0.003_130_8 { 1.055 * channel.powf(1.0 / 2.4) - 0.055 } else { channel * 12.92 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree() {
        for hue in (0..360).step_by(15) {
            for saturation in [20.0, 50.0, 100.0] {
                let (x, y) = hue_saturation_to_xy(f64::from(hue), saturation);
                let (hue_again, saturation_again) = xy_to_hue_saturation(x, y);
                let turn = (hue_again - f64::from(hue)).rem_euclid(360.0);
                assert!(turn.min(360.0 - turn) < 1.0, "{hue} {saturation}: {hue_again}");
                assert!((saturation_again - saturation).abs() < 1.0, "{hue} {saturation}: {saturation_again}");
            }
        }
    }

    #[test]
    fn white_has_no_saturation_and_nonsense_no_colour() {
        let (x, y) = hue_saturation_to_xy(0.0, 0.0);
        assert!((x - 0.3227).abs() < 0.01 && (y - 0.329).abs() < 0.01, "{x} {y}");
        assert!(!xy_to_hue_saturation(0.0, 0.0).0.is_nan());
    }
}
