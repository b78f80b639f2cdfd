//! Colours for terminals: a type's name, its brackets and its leaves, in the CSS colour that the type gives itself.
//!
//! A terminal has red, green and blue from 0 to 255 and no transparency, so every way to write a colour ends there, and
//! an alpha is left out. A colour that is written in a way not known here is not drawn.

use super::names::NAMES;
use super::part::Part;

/// Red, green and blue.
pub(super) type Ink = [u8; 3];

/// Gives each part the ink of its type.
pub(super) fn ink(parts: &mut [Part]) {
    for part in parts {
        part.ink = part.info.and_then(|info| info.color).and_then(of_css);
    }
}

/// Writes `text` in the ink of a part.
pub(super) fn paint(out: &mut String, part: &Part, text: &str) {
    match part.ink.filter(|_| !text.is_empty()) {
        Some([red, green, blue]) => {
            out.push_str(&format!("\x1b[38;2;{red};{green};{blue}m{text}\x1b[39m"));
        }
        None => out.push_str(text),
    }
}

/// `#rgb`, `#rrggbb` (with or without alpha), a name, `rgb(..)`, `hsl(..)` or `oklch(..)`.
fn of_css(text: &str) -> Option<Ink> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(digits) = text.strip_prefix('#') {
        return of_digits(digits);
    }
    let Some((function, inside)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        let place = NAMES.binary_search_by_key(&text.as_str(), |(name, _)| *name).ok()?;
        let [_, red, green, blue] = NAMES[place].1.to_be_bytes();
        return Some([red, green, blue]);
    };
    // With commas or without; what comes fourth is the alpha.
    let words: Vec<&str> = inside.split([' ', ',', '/']).filter(|word| !word.is_empty()).collect();
    let (&[first, second, third] | &[first, second, third, _]) = words.as_slice() else { return None };
    match function {
        "rgb" | "rgba" => Some([first, second, third].map(|word| number(word, 255.0)))
            .filter(|found| found.iter().all(Option::is_some))
            .map(|found| found.map(|level| byte(level.unwrap_or_default() / 255.0))),
        "hsl" | "hsla" => Some(of_hsl(angle(first)?, number(second, 1.0)?, number(third, 1.0)?)),
        "oklch" => Some(of_oklch(number(first, 1.0)?, number(second, 0.4)?, angle(third)?)),
        _ => None,
    }
}

fn of_digits(digits: &str) -> Option<Ink> {
    let nibbles: Vec<u8> =
        digits.chars().map(|digit| digit.to_digit(16).map(|it| it as u8)).collect::<Option<_>>()?;
    match *nibbles.as_slice() {
        [r, g, b] | [r, g, b, _] => Some([17 * r, 17 * g, 17 * b]),
        [r, rr, g, gg, b, bb] | [r, rr, g, gg, b, bb, _, _] => Some([16 * r + rr, 16 * g + gg, 16 * b + bb]),
        _ => None,
    }
}

/// A finite number; a percentage is a part of `whole`.
fn number(word: &str, whole: f64) -> Option<f64> {
    let number = match word.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().ok()? / 100.0 * whole,
        None => word.parse().ok()?,
    };
    number.is_finite().then_some(number)
}

/// Degrees.
fn angle(word: &str) -> Option<f64> {
    number(word.strip_suffix("deg").unwrap_or(word), 360.0)
}

fn byte(level: f64) -> u8 {
    // From 0 to 255 after the clamp.
    (level.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// As CSS Color 4 defines it: hue in degrees, saturation and lightness from 0 to 1.
fn of_hsl(hue: f64, saturation: f64, lightness: f64) -> Ink {
    let (saturation, lightness) = (saturation.clamp(0.0, 1.0), lightness.clamp(0.0, 1.0));
    let reach = saturation * lightness.min(1.0 - lightness);
    let level = |start: f64| {
        let place = (start + hue / 30.0).rem_euclid(12.0);
        byte(lightness - reach * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0))
    };
    [level(0.0), level(8.0), level(4.0)]
}

/// As CSS Color 4 defines it, through Oklab and linear light: lightness from 0 to 1, chroma, hue in degrees.
fn of_oklch(lightness: f64, chroma: f64, hue: f64) -> Ink {
    let (sine, cosine) = hue.to_radians().sin_cos();
    let (a, b) = (chroma * cosine, chroma * sine);
    let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    let light = [
        4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short,
    ];
    light.map(|level| {
        byte(if level <= 0.003_130_8 { 12.92 * level } else { 1.055 * level.powf(1.0 / 2.4) - 0.055 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of CSS Color 4's own examples, and of its formulas computed in Python.
    #[test]
    fn every_way_to_write_a_colour_ends_in_red_green_and_blue() {
        for (text, wanted) in [
            ("#93cce1", [0x93, 0xcc, 0xe1]),
            ("#0f8c", [0x00, 0xff, 0x88]),
            ("#ABCDEF80", [0xab, 0xcd, 0xef]),
            ("orange", [255, 165, 0]),
            ("AliceBlue", [240, 248, 255]),
            ("yellowgreen", [154, 205, 50]),
            ("rgb(51, 170, 51)", [51, 170, 51]),
            ("rgba(20% 66.67% 20% / 0.5)", [51, 170, 51]),
            ("rgb(-5 300 0)", [0, 255, 0]),
            ("hsl(120 100% 25%)", [0, 128, 0]),
            ("hsl(207deg, 50%, 70%)", [140, 182, 217]),
            ("hsl(-153 50% 70% / 1)", [140, 182, 217]),
            ("oklch(0.785 0.103 38.5 / 1.0)", [242, 162, 136]),
            ("oklch(0.785 0.103 186.9 / 1.0)", [95, 206, 196]),
            ("oklch(78.5% 25.75% 38.5)", [242, 162, 136]),
            ("oklch(1 0 0)", [255, 255, 255]),
            ("oklch(0.5 0 0)", [99, 99, 99]),
        ] {
            assert_eq!(of_css(text), Some(wanted), "{text}");
        }
        for text in [
            "",
            "#",
            "#12345",
            "#ggg",
            "#ééé",
            "blurple",
            "rgb()",
            "rgb(1 2)",
            "rgb(1 x 3)",
            "oklch(1 nan 0)",
            "lch(1 2 3)",
            ")(",
        ] {
            assert_eq!(of_css(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_in_order() {
        assert!(NAMES.is_sorted_by(|(left, _), (right, _)| left < right));
    }
}
