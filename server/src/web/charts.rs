//! The one chart component: a picture and the same figures as a table. Lines are drawn at the server by charts-rs; their colours are those
//! of the stylesheet, which knows them by the values below. Bars are the table itself, since charts-rs measures no Japanese and counts
//! people in fractions.

use charts_rs::{ChartBase, Color, LineChart, NIL_VALUE, Series};

use super::layout::Page;
use crate::{
    base::lang::{Lang, Locale, Text},
    error::Result,
};

/// A chart with its table.
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// How it is drawn.
    pub picture: Picture,
    /// The heads of the table: what, and how much.
    pub heads: Vec<String>,
    /// The rows of the table.
    pub rows: Vec<Row>,
}

/// How a chart is drawn.
pub enum Picture {
    /// A bar in each row of the table, the longest for this figure.
    Bars(i64),
    /// A line.
    Line(Svg),
}

/// A picture that was made here, with every text in it escaped: a template writes it as it is.
pub struct Svg(String);

impl std::fmt::Display for Svg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Svg {}

/// A row of a chart's table.
pub struct Row {
    /// What it is about.
    pub what: String,
    /// How much, in words.
    pub figure: String,
    /// How much, for the bar.
    pub value: i64,
}

/// The width of every picture; it shrinks with the page, so that this is about a phone's.
const WIDE: f32 = 420.0;
/// Points of a line are thinned to so many, or their dates run into each other.
const POINTS: usize = 12;

// The colours of the light theme in `hibiki.css`; it finds the parts by them and colours them in the dark.
const INK: &str = "#555877";
const LINE: &str = "#dedacf";
const SERIES: &str = "#2f3480";

fn dress(chart: &mut ChartBase, high: f32) {
    chart.width = WIDE;
    chart.height = high;
    chart.font_family = "inherit".into();
    chart.background_color = Color::transparent();
    chart.series.colors = vec![SERIES.into()];
    chart.grid.stroke_color = LINE.into();
    chart.x_axis.font.color = INK.into();
    chart.x_axis.font.size = 13.0;
    chart.x_axis.stroke_color = LINE.into();
    chart.series.label.font.color = INK.into();
    chart.series.label.font.size = 13.0;
    chart.legend.show = Some(false);
    chart.margin = (8.0, 16.0, 4.0, 4.0).into();
}

/// The largest unit in which the figures read well, and its word: 万 and 億, or K and M.
fn unit(lang: Locale, most: i64) -> (i64, &'static str) {
    let steps: &[(i64, &str)] = match lang {
        Locale::Ja => &[(100_000_000, "億"), (10_000, "万")],
        Locale::En => &[(1_000_000, "M"), (1_000, "K")],
    };
    // With a single unit the axis would count in halves of it.
    steps.iter().find(|(size, _)| most >= 2 * size).copied().unwrap_or((1, ""))
}

impl Chart {
    /// Bars, one below the other: a funnel, a comparison. Their table is the picture. None while there is nothing to show.
    pub fn bars(page: &Page, title: Text, what: Text, count: Text, bars: &[(String, i64)]) -> Option<Self> {
        let most = bars.iter().map(|(_, n)| *n).max().filter(|most| *most > 0)?;
        Some(Self {
            title: title.into(),
            picture: Picture::Bars(most),
            heads: vec![what.into(), count.into()],
            rows: bars.iter().map(|(name, n)| Row { what: name.clone(), figure: page.lang.count(*n), value: *n }).collect(),
        })
    }

    /// A line through time, from a first to a last reading. Where a figure was not told there is a gap. None with fewer than two figures.
    pub fn line(page: &Page, title: Text, what: Text, readings: &[(chrono::NaiveDate, Option<i64>)]) -> Result<Option<Self>> {
        let Some(most) = readings.iter().filter_map(|(_, n)| *n).max() else { return Ok(None) };
        let (size, word) = unit(page.lang, most);
        let points: Vec<_> = readings.iter().map(|(day, n)| (*day, n.map(|n| n as f32 / size as f32))).collect();
        let figure = |at: usize| readings[at].1.map(|n| page.lang.count(n));
        Self::drawn(page, title, what, &points, word, figure)
    }

    /// A line of figures that have decimals, such as scores; one of them is shown.
    pub fn decimals(page: &Page, title: Text, what: Text, readings: &[(chrono::NaiveDate, Option<f64>)]) -> Result<Option<Self>> {
        let points: Vec<_> = readings.iter().map(|(day, n)| (*day, n.map(|n| n as f32))).collect();
        Self::drawn(page, title, what, &points, "", |at| readings[at].1.map(|n| format!("{n:.1}")))
    }

    fn drawn(
        page: &Page,
        title: Text,
        what: Text,
        readings: &[(chrono::NaiveDate, Option<f32>)],
        word: &str,
        figure: impl Fn(usize) -> Option<String>,
    ) -> Result<Option<Self>> {
        if readings.iter().filter(|(_, n)| n.is_some()).count() < 2 {
            return Ok(None);
        }
        let step = readings.len().div_ceil(POINTS).max(1);
        // The newest reading is always among them.
        let shown: Vec<_> = readings.iter().rev().step_by(step).rev().collect();
        let values = shown.iter().map(|(_, n)| n.unwrap_or(NIL_VALUE)).collect();
        let days = shown.iter().map(|(day, _)| day.format("%-m/%-d").to_string()).collect();
        let mut chart = LineChart::new(vec![Series::new(what.to_string(), values)], days);
        dress(&mut chart, 190.0);
        for axis in &mut chart.y_axis_configs {
            axis.font.color = INK.into();
            axis.font.size = 13.0;
            axis.formatter = Some(format!("{{c}}{word}"));
        }
        let day = page.t("parts.chart_day").into();
        Ok(Some(Self {
            title: title.into(),
            picture: Picture::Line(Svg(chart.svg().map_err(anyhow::Error::from)?)),
            heads: vec![day, what.into()],
            rows: readings
                .iter()
                .enumerate()
                .rev()
                .map(|(at, (day, n))| Row {
                    what: page.date(day),
                    figure: figure(at).unwrap_or_else(|| page.t("parts.unknown").into()),
                    value: n.unwrap_or_default().round() as i64,
                })
                .collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_as_each_language_counts() {
        assert_eq!(unit(Locale::En, 1_999), (1, ""));
        assert_eq!(unit(Locale::En, 48_000), (1_000, "K"));
        assert_eq!(unit(Locale::En, 3_000_000), (1_000_000, "M"));
        assert_eq!(unit(Locale::Ja, 19_999), (1, ""));
        assert_eq!(unit(Locale::Ja, 48_000), (10_000, "万"));
        assert_eq!(unit(Locale::Ja, 300_000_000), (100_000_000, "億"));
    }
}
