//! Line charts.

use crate::COLOURS;
use crate::drawing::{Drawing, escaped, number};
use crate::label::fitted;
use crate::scale::ticks;
use std::fmt::Write as _;

/// A line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Its name, for the legend.
    pub name: String,
    /// Its value at each position; `None` where it has no value.
    pub values: Vec<Option<f64>>,
}

/// A chart of lines over shared positions.
#[derive(Debug, Clone)]
pub struct LineChart<'a> {
    /// Positions from left to right, ascending, for example times.
    pub at: Vec<f64>,
    /// Labels below the first and the last position.
    pub ends: [String; 2],
    /// The lines.
    pub courses: Vec<Course>,
    /// Formats a value.
    pub label: &'a dyn Label,
    /// Whether values are bytes: then round numbers are powers of two.
    pub is_bytes: bool,
}

/// Formats the values of an axis.
pub trait Label: std::fmt::Debug {
    /// A value in a few characters.
    fn label(&self, value: f64) -> String;
}

const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 26.0;

impl LineChart<'_> {
    /// Draws the chart with a legend below it.
    #[must_use]
    pub fn svg(&self, width: f64, height: f64, title: &str, about: &str) -> String {
        let mut out = self.picture(width, height, title, about);
        out.push_str("<ul class=\"legend\">");
        for (nth, course) in self.courses.iter().enumerate() {
            let (colour, name) = (nth % COLOURS, escaped(&course.name));
            let _ = write!(out, "<li><span class=\"swatch colour-{colour}\"></span>{name}</li>");
        }
        out.push_str("</ul>");
        out
    }

    /// Draws the chart without a legend.
    #[must_use]
    pub fn picture(&self, width: f64, height: f64, title: &str, about: &str) -> String {
        let mut drawing = Drawing::new("lines", width, height, title, about);
        let values = self.courses.iter().flat_map(|course| course.values.iter().flatten());
        let most = values.copied().fold(0.0, f64::max);
        let ticks = ticks(most, self.is_bytes);
        let top = ticks.last().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
        let y = |value: f64| TOP + (height - TOP - BOTTOM) * (1.0 - value / top);
        for tick in &ticks {
            let line = format!("M{} {}H{}", number(LEFT), number(y(*tick)), number(width - RIGHT));
            drawing.path("grid", &line);
            drawing.text("tick", LEFT - 8.0, y(*tick) + 4.0, &self.label.label(*tick));
        }
        let (first, last) = (self.at.first().copied(), self.at.last().copied());
        let (first, last) = (first.unwrap_or(0.0), last.unwrap_or(1.0));
        let span = if last > first { last - first } else { 1.0 };
        let x = |at: f64| {
            let part = if last > first { (at - first) / span } else { 0.5 };
            LEFT + (width - LEFT - RIGHT) * part
        };
        for (nth, course) in self.courses.iter().enumerate() {
            drawing.open(&format!("course colour-{}", nth % COLOURS), Some(&course.name));
            let mut data = String::new();
            let mut is_down = false;
            for (at, value) in self.at.iter().zip(&course.values) {
                let Some(value) = value else {
                    is_down = false;
                    continue;
                };
                let verb = if is_down { 'L' } else { 'M' };
                let _ = write!(data, "{verb}{} {}", number(x(*at)), number(y(*value)));
                is_down = true;
            }
            drawing.path("line", &data);
            // With many snapshots, points would hide the line.
            if self.at.len() <= 40 {
                for (at, value) in self.at.iter().zip(&course.values) {
                    if let Some(value) = value {
                        drawing.circle("point", x(*at), y(*value), 3.0);
                    }
                }
            }
            drawing.close();
        }
        let half = (width - LEFT - RIGHT) / 2.0;
        let end = |text: &str| fitted(text, 12.0, half).unwrap_or_default();
        drawing.text("start", LEFT, height - 8.0, &end(&self.ends[0]));
        drawing.text("end", width - RIGHT, height - 8.0, &end(&self.ends[1]));
        drawing.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Plain;

    impl Label for Plain {
        fn label(&self, value: f64) -> String {
            number(value)
        }
    }

    #[test]
    fn a_gap_interrupts_the_line() {
        let values = vec![Some(1.0), None, Some(4.0), Some(2.0)];
        let chart = LineChart {
            at: vec![0.0, 1.0, 2.0, 3.0],
            ends: ["<first>".into(), "last".into()],
            courses: vec![Course { name: "a".into(), values }],
            label: &Plain,
            is_bytes: false,
        };
        let svg = chart.svg(400.0, 200.0, "t", "d");
        assert!(svg.contains("d=\"M64 133") && svg.contains("M280 10L388 92"), "{svg}");
        assert!(svg.contains("&lt;first&gt;") && !svg.contains("NaN"));
    }
}
