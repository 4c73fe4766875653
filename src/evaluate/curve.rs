//! The reliability curve as inline SVG, coloured by the page's style sheet.

use std::fmt::Write as _;

use super::{chart::SvgText, reliability::Reliability};
use crate::output::html::escaped;

/// Width of the chart in its own units, as of the others.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
/// The square in which the curves lie.
const LEFT: f64 = 60.0;
const TOP: f64 = 10.0;
const SIDE: f64 = 340.0;
/// Distance of the rows of the key.
const KEY_ROW: f64 = 84.0;
/// Distance of the lines of a row.
const KEY_LINE: f64 = 17.0;

/// Links of one class of probability.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    probability: f64,
    right: f64,
    links: u32,
}

/// What probabilities are worth, class by class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    name: String,
    notes: [String; 3],
    points: Vec<Point>,
}

impl Curve {
    /// The classes that have links.
    pub(super) fn of(name: &str, reliability: &Reliability) -> Curve {
        let bins = reliability.bins.iter().filter(|bin| bin.links > 0);
        Curve {
            name: name.to_owned(),
            notes: [
                format!("calibration error {:.3}", reliability.expected_error()),
                format!("Brier score {:.3}", reliability.brier()),
                format!("{} links", reliability.links()),
            ],
            points: bins
                .map(|bin| Point {
                    probability: bin.mean(),
                    right: bin.right_share(),
                    links: bin.links,
                })
                .collect(),
        }
    }
}

/// Share of right links over probability; on the dashed line the two agree.
pub(super) fn curves(name: &str, curves: &[Curve]) -> String {
    let mut svg = SvgText::new(WIDTH, HEIGHT, name);
    for tenths in [0, 2, 4, 6, 8, 10] {
        let share = f64::from(tenths) / 10.0;
        let (at_x, at_y) = (x(share), y(share));
        let (right, bottom) = (LEFT + SIDE, TOP + SIDE);
        svg.put(format_args!(
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at_y:.1}\" y2=\"{at_y:.1}\"/>\
             <text class=\"name\" x=\"{:.0}\" y=\"{:.1}\">{:.0} %</text>\
             <text class=\"tick\" x=\"{at_x:.1}\" y=\"{:.0}\">{share:.1}</text>",
            LEFT - 8.0,
            at_y + 4.0,
            share * 100.0,
            bottom + 20.0,
        ));
    }
    svg.put(format_args!(
        "<line class=\"ideal\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>\
         <text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\">probability</text>",
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0),
        LEFT + SIDE / 2.0,
        TOP + SIDE + 38.0
    ));
    for (at, curve) in curves.iter().enumerate() {
        draw(&mut svg, at, curve);
    }
    svg.end()
}

fn x(share: f64) -> f64 {
    LEFT + SIDE * share.clamp(0.0, 1.0)
}

fn y(share: f64) -> f64 {
    TOP + SIDE * (1.0 - share.clamp(0.0, 1.0))
}

fn draw(svg: &mut SvgText, at: usize, curve: &Curve) {
    let mut path = String::new();
    for (at, point) in curve.points.iter().enumerate() {
        let step = if at == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(
            path,
            "{step}{:.1} {:.1}",
            x(point.probability),
            y(point.right)
        );
    }
    svg.put(format_args!(
        "<g class=\"curve curve-{at}\"><path d=\"{path}\"/>"
    ));
    for point in &curve.points {
        svg.put(format_args!(
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\"><title>{}: {} links of {:.2}, {:.1} % \
             right</title></circle>",
            x(point.probability),
            y(point.right),
            (2.5 + f64::from(point.links).log10() * 1.5).min(10.0),
            escaped(&curve.name),
            point.links,
            point.probability,
            point.right * 100.0
        ));
    }
    let row = TOP + 20.0 + at as f64 * KEY_ROW;
    let key = LEFT + SIDE + 20.0;
    svg.put(format_args!(
        "<path d=\"M{key} {:.1}h26\"/></g><text class=\"key\" x=\"{:.0}\" y=\"{row:.0}\">{}</text>",
        row - 4.0,
        key + 34.0,
        escaped(&curve.name)
    ));
    for (line, note) in curve.notes.iter().enumerate() {
        svg.put(format_args!(
            "<text x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            key + 34.0,
            row + KEY_LINE * (line + 1) as f64,
            escaped(note)
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_where_they_should() {
        let mut reliability = Reliability::default();
        reliability.add(0.5, true);
        reliability.add(0.5, false);
        reliability.add(1.0, true);
        let svg = curves("<sure?>", &[Curve::of("open", &reliability)]);
        // The middle of the square, and its upper right corner.
        assert!(svg.contains("d=\"M230.0 180.0L400.0 10.0\""), "{svg}");
        assert!(svg.contains("open: 2 links of 0.50, 50.0 % right"), "{svg}");
        assert!(svg.contains("&lt;sure?&gt;"));
        assert!(curves("", &[]).ends_with("</svg>"));
    }
}
