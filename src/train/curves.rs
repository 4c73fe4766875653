//! Curves as a picture that stands alone: it brings its own colours.

use std::fmt::Write as _;

use crate::output::html::escaped;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
/// Where the curves begin, right of the axis' numbers.
const LEFT: f64 = 56.0;
/// Where they end.
const RIGHT: f64 = WIDTH - 16.0;
/// The highest value, under the legend.
const TOP: f64 = 40.0;
/// Zero.
const BOTTOM: f64 = HEIGHT - 26.0;
/// Lines across.
const LINES: u32 = 4;
const COLORS: [&str; 4] = ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700"];

/// A line of [`curves`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve<'a> {
    /// What it shows.
    pub(super) label: &'a str,
    /// `(x, y)` from left to right.
    pub(super) points: Vec<(f64, f64)>,
}

/// Lines over common axes from 0; what is below is drawn at 0.
pub(super) fn curves(name: &str, curves: &[Curve<'_>]) -> String {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let most = |values: &mut dyn Iterator<Item = f64>| {
        let most = values.filter(|v| v.is_finite()).fold(0.0, f64::max);
        if most > 0.0 { most } else { 1.0 }
    };
    let widest = most(&mut points().map(|p| p.0));
    let highest = most(&mut points().map(|p| p.1));
    let x = |value: f64| LEFT + (RIGHT - LEFT) * (value / widest).clamp(0.0, 1.0);
    let y = |value: f64| BOTTOM - (BOTTOM - TOP) * (value / highest).clamp(0.0, 1.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\"><title>{}</title>\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>",
        escaped(name)
    );
    // Writing to a string cannot fail.
    for line in 0..=LINES {
        let value = highest * f64::from(line) / f64::from(LINES);
        let at = y(value);
        let _ = write!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{RIGHT}\" stroke=\"#ddd\"/><text x=\"{:.0}\" \
             y=\"{:.1}\" text-anchor=\"end\">{value:.2}</text>",
            LEFT - 8.0,
            at + 4.0
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{RIGHT}\" y=\"{:.0}\" text-anchor=\"end\">step {widest:.0}</text>",
        HEIGHT - 8.0
    );
    for (number, (curve, color)) in curves.iter().zip(COLORS.iter().cycle()).enumerate() {
        let shown = |p: &&(f64, f64)| p.0.is_finite() && p.1.is_finite();
        let line: Vec<String> = curve
            .points
            .iter()
            .filter(shown)
            .map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1)))
            .collect();
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>\
             <text x=\"{:.0}\" y=\"20\" fill=\"{color}\">{}</text>",
            line.join(" "),
            LEFT + 180.0 * number as f64,
            escaped(curve.label)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_reach_the_corners() {
        let curve = Curve {
            label: "<loss>",
            points: vec![(0.0, 0.4), (50.0, f64::NAN), (100.0, 0.0)],
        };
        let svg = curves("losses", &[curve]);
        assert!(svg.contains("points=\"56.0,40.0 624.0,294.0\""), "{svg}");
        assert!(svg.contains("&lt;loss&gt;") && svg.contains("step 100"));
        assert!(curves("", &[]).ends_with("</svg>\n"));
    }
}
