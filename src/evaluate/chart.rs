//! Charts as inline SVG. All colours come from the page's style sheet by class, so that they follow
//! its light and dark themes; a plotting library would fix them in each mark.

use std::fmt::Write as _;

use crate::output::html::escaped;

/// Width of a chart in its own units; the page scales it.
const WIDTH: f64 = 640.0;
/// Where the bars begin, right of their labels.
const LEFT: f64 = 170.0;
/// Where they end at the most, left of the numbers.
const RIGHT: f64 = 520.0;
/// Height of a bar's row.
const ROW: f64 = 30.0;
/// Thickness of a bar.
const BAR: f64 = 16.0;
/// Height of the axis under the bars.
const AXIS: f64 = 26.0;

/// A bar of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    pub(super) label: String,
    /// How long it is, in the chart's unit.
    pub(super) value: f64,
    /// Where the true value is likely to lie.
    pub(super) interval: Option<(f64, f64)>,
    /// A second value, shown as a mark.
    pub(super) mark: Option<f64>,
    /// What stands at its right.
    pub(super) note: String,
    /// What the pointer shows.
    pub(super) hint: String,
}

impl Bar {
    /// A row without a bar that names those below it.
    pub(super) fn heading(label: &str) -> Bar {
        Bar {
            label: label.to_owned(),
            value: 0.0,
            interval: None,
            mark: None,
            note: String::new(),
            hint: label.to_owned(),
        }
    }

    fn is_heading(&self) -> bool {
        self.note.is_empty()
    }
}

/// What a chart counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Shares of 1, shown in percent.
    Share,
    /// Whole numbers.
    Count,
}

impl Unit {
    fn tick(self, value: f64) -> String {
        match self {
            // Ticks are multiples of half a percent.
            Unit::Share => format!("{} %", (value * 1000.0).round() / 10.0),
            Unit::Count => format!("{}", value.round()),
        }
    }

    /// The least distance of two ticks.
    fn finest(self) -> f64 {
        match self {
            Unit::Share => 0.005,
            Unit::Count => 1.0,
        }
    }
}

/// A chart being written.
pub(super) struct SvgText(String);

impl SvgText {
    /// A chart of this size in its own units; the page scales it.
    pub(super) fn new(width: f64, height: f64, name: &str) -> SvgText {
        SvgText(format!(
            "<svg class=\"chart\" viewBox=\"0 0 {width} {height:.0}\" role=\"img\" \
             aria-label=\"{}\">",
            escaped(name)
        ))
    }

    pub(super) fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.0.write_fmt(arguments);
    }

    pub(super) fn end(mut self) -> String {
        self.0.push_str("</svg>");
        self.0
    }
}

/// Horizontal bars with their intervals and marks over a common axis.
pub(super) fn bars(name: &str, unit: Unit, bars: &[Bar]) -> String {
    let longest = bars
        .iter()
        .flat_map(|bar| {
            [
                Some(bar.value),
                bar.mark,
                bar.interval.map(|(_, high)| high),
            ]
        })
        .flatten()
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    let step = tick_step(longest, unit);
    let end = (longest / step).ceil().max(1.0) * step;
    let x = |value: f64| {
        let part = value / end;
        // What is no number is drawn as nothing.
        let part = if part.is_nan() { 0.0 } else { part };
        LEFT + (RIGHT - LEFT) * part.clamp(0.0, 1.0)
    };
    let bottom = bars.len() as f64 * ROW;
    let mut svg = SvgText::new(WIDTH, bottom + AXIS, name);
    let mut tick = 0.0;
    while tick <= end + step / 2.0 {
        let at = x(tick);
        svg.put(format_args!(
            "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"0\" y2=\"{bottom:.0}\"/>\
                 <text class=\"tick\" x=\"{at:.1}\" y=\"{:.0}\">{}</text>",
            bottom + 17.0,
            unit.tick(tick)
        ));
        tick += step;
    }
    for (row, bar) in bars.iter().enumerate() {
        draw_bar(&mut svg, bar, row as f64 * ROW + ROW / 2.0, x);
    }
    svg.end()
}

fn draw_bar(svg: &mut SvgText, bar: &Bar, middle: f64, x: impl Fn(f64) -> f64) {
    let top = middle - BAR / 2.0;
    let text = middle + 4.5;
    if bar.is_heading() {
        let label = escaped(&bar.label);
        svg.put(format_args!(
            "<text class=\"heading\" x=\"0\" y=\"{text:.1}\">{label}</text>"
        ));
        return;
    }
    svg.put(format_args!(
        "<g><title>{}</title><rect class=\"row\" x=\"0\" y=\"{:.1}\" width=\"{WIDTH}\" \
             height=\"{ROW}\"/><text class=\"name\" x=\"{:.0}\" y=\"{text:.1}\">{}</text>\
             <rect class=\"bar\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{BAR}\" \
             rx=\"2\"/>",
        escaped(&bar.hint),
        middle - ROW / 2.0,
        LEFT - 12.0,
        escaped(&bar.label),
        x(bar.value) - LEFT
    ));
    if let Some((low, high)) = bar.interval {
        let (low, high) = (x(low), x(high));
        svg.put(format_args!(
            "<path class=\"interval\" d=\"M{low:.1} {:.1}v8m0-4H{high:.1}m0-4v8\"/>",
            middle - 4.0
        ));
    }
    if let Some(mark) = bar.mark {
        svg.put(format_args!(
            "<circle class=\"mark\" cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"4\"/>",
            x(mark)
        ));
    }
    svg.put(format_args!(
        "<text class=\"note\" x=\"{WIDTH}\" y=\"{text:.1}\">{}</text></g>",
        escaped(&bar.note)
    ));
}

/// A dot of a document: its pages, its error, how many pairs it has, what the pointer shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dot {
    pub(super) pages: u32,
    pub(super) error: f64,
    pub(super) pairs: u32,
    pub(super) hint: String,
}

/// The documents by their pages (a logarithmic axis) and errors, larger where they have more pairs.
pub(super) fn scatter(name: &str, dots: &[Dot]) -> String {
    const HEIGHT: f64 = 300.0;
    const FIRST: f64 = 54.0;
    const BOTTOM: f64 = HEIGHT - AXIS;
    let most = dots.iter().map(|dot| dot.pages).max().unwrap_or(1).max(10);
    let decades = f64::from(most).log10();
    let x = |pages: f64| FIRST + (WIDTH - FIRST - 16.0) * pages.max(1.0).log10() / decades;
    let y = |error: f64| BOTTOM - 12.0 - (BOTTOM - 24.0) * error.clamp(0.0, 1.0);
    let mut svg = SvgText::new(WIDTH, HEIGHT, name);
    for quarter in 0..=4 {
        let error = f64::from(quarter) / 4.0;
        let at = y(error);
        svg.put(format_args!(
            "<line class=\"grid\" x1=\"{FIRST}\" x2=\"{WIDTH}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text class=\"name\" x=\"{:.0}\" y=\"{:.1}\">{:.0} %</text>",
            FIRST - 8.0,
            at + 4.0,
            error * 100.0
        ));
    }
    for pages in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000] {
        if pages <= most {
            svg.put(format_args!(
                "<text class=\"tick\" x=\"{:.1}\" y=\"{:.0}\">{pages}</text>",
                x(f64::from(pages)),
                HEIGHT - 8.0
            ));
        }
    }
    for dot in dots {
        svg.put(format_args!(
            "<circle class=\"dot\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\"><title>{}</title>\
                 </circle>",
            x(f64::from(dot.pages)),
            y(dot.error),
            (2.5 + f64::from(dot.pairs).sqrt() * 0.6).min(14.0),
            escaped(&dot.hint)
        ));
    }
    svg.end()
}

/// The distance of ticks: 1, 2 or 5 times a power of ten, so that there are three to seven.
fn tick_step(longest: f64, unit: Unit) -> f64 {
    let rough = (longest / 5.0).max(unit.finest());
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * power >= rough * 0.999)
        .unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(value: f64, interval: Option<(f64, f64)>) -> Bar {
        Bar {
            label: "<de>".to_owned(),
            value,
            interval,
            mark: None,
            note: "7 pairs".to_owned(),
            hint: String::new(),
        }
    }

    #[test]
    fn ticks_are_round_and_few() {
        let cases = [
            (0.13, Unit::Share, 0.05),
            (0.9, Unit::Share, 0.2),
            (0.0, Unit::Share, 0.005),
            (1234.0, Unit::Count, 500.0),
            (2.0, Unit::Count, 1.0),
        ];
        for (longest, unit, step) in cases {
            assert!((tick_step(longest, unit) - step).abs() < 1e-9, "{longest}");
        }
    }

    #[test]
    fn lengths_follow_values() {
        let svg = bars(
            "errors",
            Unit::Share,
            &[bar(0.1, None), bar(0.05, Some((0.025, 0.1)))],
        );
        // 0.1 reaches the end of the axis at 520, 0.05 its middle.
        assert!(svg.contains("width=\"350.0\" height=\"16\""), "{svg}");
        assert!(svg.contains("width=\"175.0\" height=\"16\""), "{svg}");
        assert!(svg.contains("d=\"M257.5 41.0v8m0-4H520.0m0-4v8\""), "{svg}");
        assert!(svg.contains("&lt;de&gt;"));
    }

    #[test]
    fn nothing_to_show_is_an_empty_chart() {
        assert!(bars("", Unit::Count, &[]).ends_with("</svg>"));
        assert!(!bars("", Unit::Share, &[bar(f64::NAN, None)]).contains("NaN"));
        assert!(scatter("", &[]).ends_with("</svg>"));
    }
}
