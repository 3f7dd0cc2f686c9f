//! Texts in the reader's language: `locales/*.yml`, one file a slice, English and Japanese side by side.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
pub use entity::enums::Locale;

/// A text with its places filled: `lang.t("invitations.sent").with("n", 3)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Cow<'static, str>);

impl Text {
    /// A text that is not looked up, such as what somebody typed.
    pub fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self(text.into())
    }

    /// Fills `%{name}`.
    pub fn with(self, name: &str, value: impl fmt::Display) -> Self {
        let place = format!("%{{{name}}}");
        Self(Cow::Owned(self.0.replace(&place, &value.to_string())))
    }

    /// The text as it stands.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into_owned()
    }
}

/// What a language can do: look texts up, and write dates and numbers its own way.
pub trait Lang: Copy {
    /// The text of a key. An unknown key reads as itself; the `tidy` test finds it before a reader does.
    fn t(self, key: &str) -> Text;
    /// The text of a state or another enum: `enum.<kind>.<value>`.
    fn name(self, kind: &str, value: impl fmt::Display) -> Text;
    /// A calendar day: 23 November 2026, 2026年11月23日.
    fn date(self, day: NaiveDate) -> String;
    /// From a first to a last day, either of which may be open: 18 November 2026 – 17 January 2027, 2026年11月18日〜2027年1月17日.
    fn days(self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> String;
    /// An instant in the reader's time zone.
    fn instant(self, at: DateTime<Utc>, zone: chrono_tz::Tz) -> String;
    /// A count in few characters: 48.2K and 3.1M, or 4.8万 and 1.2億.
    fn short(self, count: i64) -> String;
    /// A count in full, with separators.
    fn count(self, count: i64) -> String;
}

impl Lang for Locale {
    fn t(self, key: &str) -> Text {
        match crate::_rust_i18n_try_translate(self.as_str(), key) {
            Some(found) => Text(Cow::Owned(found.into_owned())),
            None => Text(Cow::Owned(key.to_owned())),
        }
    }

    fn name(self, kind: &str, value: impl fmt::Display) -> Text {
        self.t(&format!("enum.{kind}.{value}"))
    }

    fn date(self, day: NaiveDate) -> String {
        match self {
            Locale::Ja => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Locale::En => format!("{} {}", day.format("%-d %B"), day.year()),
        }
    }

    fn days(self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
        if from.is_none() && to.is_none() {
            return String::new();
        }
        let [from, to] = [from, to].map(|day| day.map(|day| self.date(day)).unwrap_or_default());
        match self {
            Locale::Ja => format!("{from}〜{to}"),
            Locale::En => format!("{from} – {to}").trim().to_owned(),
        }
    }

    fn instant(self, at: DateTime<Utc>, zone: chrono_tz::Tz) -> String {
        let local = at.with_timezone(&zone);
        format!("{} {:02}:{:02}", self.date(local.date_naive()), local.hour(), local.minute())
    }

    fn short(self, count: i64) -> String {
        let steps: &[(i64, &str)] = match self {
            Locale::Ja => &[(100_000_000, "億"), (10_000, "万")],
            Locale::En => &[(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")],
        };
        for (size, word) in steps {
            if count.abs() >= *size {
                // Cut, not rounded: 999,999 must not read as a million.
                let tenths = count / (size / 10);
                return match tenths % 10 {
                    0 => format!("{}{word}", tenths / 10),
                    part => format!("{}.{}{word}", tenths / 10, part.abs()),
                };
            }
        }
        self.count(count)
    }

    fn count(self, count: i64) -> String {
        grouped(count)
    }
}

/// Digits in groups of three, as both languages write them.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The language that an `Accept-Language` header asks for first among ours; English if none.
pub fn preferred(header: &str) -> Locale {
    let mut best = (0.0_f32, Locale::En);
    for part in header.split(',') {
        let mut pieces = part.trim().split(';');
        let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        let primary = tag.split('-').next().unwrap_or_default();
        if let Ok(locale) = primary.parse::<Locale>()
            && weight > best.0
        {
            best = (weight, locale);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_each_language_writes_them() {
        assert_eq!(Locale::En.short(999), "999");
        assert_eq!(Locale::En.short(48_250), "48.2K");
        assert_eq!(Locale::En.short(999_999), "999.9K");
        assert_eq!(Locale::En.short(3_000_000), "3M");
        assert_eq!(Locale::Ja.short(9_999), "9,999");
        assert_eq!(Locale::Ja.short(48_250), "4.8万");
        assert_eq!(Locale::Ja.short(123_456_789), "1.2億");
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn the_readers_language() {
        assert_eq!(preferred("ja,en-US;q=0.9"), Locale::Ja);
        assert_eq!(preferred("fr-FR, en;q=0.5, ja;q=0.7"), Locale::Ja);
        assert_eq!(preferred("de"), Locale::En);
        assert_eq!(preferred("ja;q=x;;,"), Locale::Ja);
        assert_eq!(preferred(""), Locale::En);
    }

    #[test]
    fn days() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 3).unwrap();
        assert_eq!(Locale::En.date(day), "3 November 2026");
        assert_eq!(Locale::Ja.date(day), "2026年11月3日");
        assert_eq!(Locale::En.days(Some(day), Some(day)), "3 November 2026 – 3 November 2026");
        assert_eq!(Locale::Ja.days(Some(day), None), "2026年11月3日〜");
        assert_eq!(Locale::En.days(None, Some(day)), "– 3 November 2026");
        assert_eq!(Locale::Ja.days(None, None), "");
    }
}
