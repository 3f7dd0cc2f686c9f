//! Money: an integer of minor units and a currency; never a float.

use entity::enums::Locale;

use super::lang::grouped;
use crate::error::{Code, Wrong};

/// A currency that Hibiki can count in (ISO 4217).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Currency {
    /// Japanese yen, without minor units.
    Jpy,
    /// United States dollar.
    Usd,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
}

impl Currency {
    /// Every currency, the default first.
    pub const ALL: &'static [Self] = &[Self::Jpy, Self::Usd, Self::Eur, Self::Gbp];

    /// The code of ISO 4217.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Jpy => "JPY",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
        }
    }

    /// How many decimals the minor unit has.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Usd | Self::Eur | Self::Gbp => 2,
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Result<Self, Wrong> {
        Self::ALL.iter().copied().find(|c| c.code() == code.trim()).ok_or_else(|| Wrong::new(Code::Invalid, "base.problem.currency"))
    }
}

/// An amount. Amounts of different currencies are never added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// The amount in minor units: yen, cents.
    pub minor: i64,
    /// What it is counted in.
    pub currency: Currency,
}

/// More than any fee or budget, and far from overflow when a million of them are added.
const MOST: i64 = 1_000_000_000_000;

impl Money {
    /// From a row; a code that we do not know reads as yen, which `Currency::parse` at the door rules out.
    pub fn from_row(minor: i64, code: &str) -> Self {
        Self { minor, currency: Currency::parse(code).unwrap_or(Currency::Jpy) }
    }

    /// Reads what a person types: `30000`, `30,000`, `３００００`, `¥30,000`, `120.50`.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Wrong> {
        let wrong = || Wrong::new(Code::Invalid, "base.problem.money");
        let folded = super::text::fold_width(text);
        let cleaned: String = folded
            .trim()
            .trim_start_matches(['¥', '\\', '$', '€', '£'])
            .trim_end_matches('円')
            .chars()
            .filter(|c| *c != ',' && *c != ' ')
            .collect();
        let (whole, part) = cleaned.split_once('.').unwrap_or((&cleaned, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 15 || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        let decimals = currency.decimals() as usize;
        if part.len() > decimals {
            return Err(Wrong::new(Code::Invalid, "base.problem.money_decimals").with("n", decimals));
        }
        let minor: i64 = format!("{whole}{part:0<decimals$}").parse().map_err(|_| wrong())?;
        Self::checked(minor, currency)
    }

    /// From an API's minor units.
    pub fn checked(minor: i64, currency: Currency) -> Result<Self, Wrong> {
        if minor < 0 {
            Err(Wrong::new(Code::Invalid, "base.problem.money"))
        } else if minor > MOST {
            Err(Wrong::new(Code::TooLong, "base.problem.money_too_much"))
        } else {
            Ok(Self { minor, currency })
        }
    }

    /// As a form field shows it again: plain digits.
    pub fn plain(self) -> String {
        let decimals = self.currency.decimals();
        let unit = 10_i64.pow(decimals);
        match decimals {
            0 => self.minor.to_string(),
            _ => format!("{}.{:0width$}", self.minor / unit, self.minor % unit, width = decimals as usize),
        }
    }

    /// As a reader of `locale` expects it.
    pub fn formatted(self, locale: Locale) -> String {
        let decimals = self.currency.decimals();
        let unit = 10_i64.pow(decimals);
        let number = match decimals {
            0 => grouped(self.minor),
            _ => format!("{}.{:0width$}", grouped(self.minor / unit), (self.minor % unit).abs(), width = decimals as usize),
        };
        match (self.currency, locale) {
            (Currency::Jpy, Locale::Ja) => format!("{number}円"),
            (Currency::Jpy, Locale::En) => format!("¥{number}"),
            (Currency::Usd, Locale::Ja) => format!("{number}米ドル"),
            (Currency::Usd, Locale::En) => format!("US${number}"),
            (Currency::Eur, Locale::Ja) => format!("{number}ユーロ"),
            (Currency::Eur, Locale::En) => format!("€{number}"),
            (Currency::Gbp, Locale::Ja) => format!("{number}ポンド"),
            (Currency::Gbp, Locale::En) => format!("£{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_type() {
        let yen = |t| Money::parse(t, Currency::Jpy).map(|m| m.minor);
        assert_eq!(yen("30000"), Ok(30_000));
        assert_eq!(yen(" ¥30,000 "), Ok(30_000));
        assert_eq!(yen("３０，０００円"), Ok(30_000));
        assert!(yen("30.5").is_err());
        assert!(yen("-1").is_err());
        assert!(yen("").is_err());
        assert!(yen("9999999999999999999").is_err());
        let usd = |t| Money::parse(t, Currency::Usd).map(|m| m.minor);
        assert_eq!(usd("120.5"), Ok(12_050));
        assert_eq!(usd("0.05"), Ok(5));
        assert!(usd("1.234").is_err());
    }

    proptest! {
        #[test]
        fn plain_reads_back(minor in 0..=MOST, which in 0..Currency::ALL.len()) {
            let money = Money { minor, currency: Currency::ALL[which] };
            prop_assert_eq!(Money::parse(&money.plain(), money.currency), Ok(money));
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}", which in 0..Currency::ALL.len()) {
            let _ = Money::parse(&text, Currency::ALL[which]);
        }
    }
}
