//! Units: one spelling for each, whatever a radio calls it.

/// Other spellings that are met in the field, and the canonical one.
const ALIASES: &[(&str, &str)] = &[
    ("C", "°C"),
    ("℃", "°C"),
    ("ºC", "°C"),
    ("℉", "°F"),
    ("F", "°F"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("S", "s"),
    ("min.", "min"),
    ("H", "h"),
    ("meter", "m"),
    ("meters", "m"),
    ("metre", "m"),
    ("metres", "m"),
    ("Celsius", "°C"),
    ("Fahrenheit", "°F"),
    ("watt", "W"),
    ("w", "W"),
    ("volt", "V"),
    ("sec.", "s"),
    ("gg", "d"),
    ("LEL %", "%LEL"),
    ("liter", "L"),
    ("liters", "L"),
    ("litre", "L"),
    ("litres", "L"),
    ("μS/cm", "µS/cm"),
    ("uS/cm", "µS/cm"),
    ("μR/h", "µR/h"),
    ("mcg/m³", "µg/m³"),
    ("ug/m³", "µg/m³"),
    ("mg/m3", "mg/m³"),
    ("m^3", "m³"),
    ("m3/h", "m³/h"),
    ("KWh", "kWh"),
    ("kwh", "kWh"),
    ("KW", "kW"),
    ("minute", "min"),
    ("minutes", "min"),
    ("mins", "min"),
    ("hour", "h"),
    ("hours", "h"),
    ("Hr", "h"),
    ("hr", "h"),
    ("day", "d"),
    ("days", "d"),
    ("lux", "lx"),
    ("Lx", "lx"),
    ("µg/m3", "µg/m³"),
    ("μg/m³", "µg/m³"),
    ("ug/m3", "µg/m³"),
    ("m3", "m³"),
    ("VAR", "var"),
    ("VAr", "var"),
    ("VArh", "varh"),
    ("kVArh", "kvarh"),
    ("kVARh", "kvarh"),
    ("percent", "%"),
    ("PPM", "ppm"),
    ("LEL", "%LEL"),
    ("mbar", "hPa"),
];

/// The canonical spelling of a unit: surrounding blanks removed, aliases resolved without regard to case where the
/// canonical spelling itself is not met. An unknown unit passes through.
pub fn canonical(unit: &str) -> &str {
    let unit = unit.trim();
    if let Some((_, canonical)) = ALIASES.iter().find(|(alias, _)| *alias == unit) {
        return canonical;
    }
    ALIASES
        .iter()
        .find(|(alias, _)| alias.len() > 2 && alias.eq_ignore_ascii_case(unit))
        .map_or(unit, |(_, canonical)| canonical)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn units_have_one_spelling() {
        for (raw, wanted) in [
            ("  C", "°C"),
            ("℃", "°C"),
            ("Sec", "s"),
            ("Hours", "h"),
            ("LUX", "lx"),
            ("kWh", "kWh"),
            ("furlong", "furlong"),
        ] {
            assert_eq!(canonical(raw), wanted, "{raw}");
        }
    }
}
