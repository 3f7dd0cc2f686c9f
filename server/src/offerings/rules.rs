//! Offerings: which formats a network has, and what a price line may hold. Pure.

use entity::{
    enums::{Format, Network},
    json::NetworkFormat,
};

use crate::{
    base::{
        money::{Currency, Money},
        text,
    },
    error::{Check, Code, Result, Wrong},
};

/// How many price lines a creator may have.
pub const MOST: usize = 60;
/// For how many hours a deleted line can be brought back.
pub const UNDO_HOURS: i64 = 24;

/// The formats of a network (M10).
pub const fn formats_of(network: Network) -> &'static [Format] {
    use Format::*;
    match network {
        Network::Instagram => &[Reel, Image, Carousel, Story, Live, Ugc, Shopping, Collab, Takeover],
        Network::Youtube => &[LongVideo, ShortVideo, Live],
        Network::Facebook => &[Video, Live, LongPost, Promotion, Event],
        Network::X => &[Photo, ShortVideo, Text, Promotion],
        Network::Tiktok => &[ShortVideo, Image, Carousel, Live, HashtagChallenge, LiveShopping],
        Network::Twitch => &[Live, Vod],
        Network::Pinterest => &[Pin],
        Network::Linkedin => &[Video, Live, LongPost, Promotion, ThoughtLeaderAd],
        Network::Reddit => &[Forum, Ama],
        Network::Bluesky | Network::Mastodon => &[Text, Photo, Video],
        Network::Blog => &[Article, Ebook],
    }
}

/// Every kind of work, in the order of the networks.
pub fn every_work() -> impl Iterator<Item = NetworkFormat> {
    Network::ALL.iter().flat_map(|&network| formats_of(network).iter().map(move |&format| NetworkFormat { network, format }))
}

/// Reads a format that its network has.
pub fn work(check: &mut Check, network: &str, format: &str) -> Option<NetworkFormat> {
    let network = check.take("network", text::choice::<Network>(network))?;
    let read = text::choice::<Format>(format).and_then(|format| match formats_of(network).contains(&format) {
        true => Ok(format),
        false => Err(Wrong::new(Code::Invalid, "offerings.problem.format")),
    });
    check.take("format", read).map(|format| NetworkFormat { network, format })
}

/// A price line as weak strings.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// A network.
    pub network: String,
    /// One of its formats.
    pub format: String,
    /// The wished fee, in the currency's own notation.
    pub price: String,
    /// ISO 4217.
    pub currency: String,
    /// What is in it; at most 300 characters.
    pub note: String,
}

/// A price line, read and found fine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What kind of work.
    pub work: NetworkFormat,
    /// The wished fee; nothing is a gift.
    pub price: Money,
    /// What is in it.
    pub note: String,
}

/// Reads a price line. All problems come at once.
pub fn line(typed: &Typed) -> Result<Line> {
    let mut check = Check::default();
    let work = work(&mut check, &typed.network, &typed.format);
    let currency = check.take("currency", Currency::parse(&typed.currency));
    // With a wrong currency the amount is still looked at: all problems at once.
    let price = check.take("price", price(&typed.price, currency.unwrap_or(Currency::Usd)));
    let note = check.take("note", text::optional_body(&typed.note, 300));
    let (work, _, price, note) = check.all((work, currency, price, note))?;
    Ok(Line { work, price, note })
}

fn price(typed: &str, currency: Currency) -> Result<Money, Wrong> {
    if typed.trim().is_empty() {
        return Err(Wrong::required());
    }
    let price = Money::parse(typed, currency)?;
    if price.minor > 0 { Ok(price) } else { Err(Wrong::new(Code::Invalid, "offerings.problem.free")) }
}

/// The line to show as "from …": the lowest in the reader's currency, else the lowest in the first currency there is. Amounts of
/// different currencies are never compared.
pub fn lowest<'a>(lines: &'a [entity::offering::Model], preferred: &str) -> Option<&'a entity::offering::Model> {
    let currency = if lines.iter().any(|l| l.currency == preferred) { preferred } else { lines.first()?.currency.as_str() };
    lines.iter().filter(|l| l.currency == currency).min_by_key(|l| l.price_minor)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::{
        ids::{CreatorId, OfferingId},
        offering,
    };
    use proptest::prelude::*;
    use sea_orm::prelude::Uuid;

    use super::*;
    use crate::error::Error;

    fn typed(network: &str, format: &str, price: &str, currency: &str) -> Typed {
        Typed { network: network.into(), format: format.into(), price: price.into(), currency: currency.into(), note: String::new() }
    }

    #[test]
    fn every_network_has_formats_each_once() {
        for &network in Network::ALL {
            let formats = formats_of(network);
            assert!(!formats.is_empty(), "{network}");
            assert!(formats.iter().enumerate().all(|(i, f)| !formats[..i].contains(f)), "{network}");
        }
        let used: Vec<_> = every_work().map(|w| w.format).collect();
        assert!(Format::ALL.iter().all(|f| used.contains(f)), "a format that no network has");
    }

    #[test]
    fn lines() {
        let line = line(&typed("instagram", "reel", "３０，０００円", "JPY")).unwrap();
        assert_eq!((line.price.minor, line.work.format), (30_000, Format::Reel));
        let fields = |t: Typed| match super::line(&t) {
            Err(Error::User(problems)) => problems.iter().map(|p| p.field.to_string()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(fields(typed("youtube", "reel", "0", "JPY")), ["format", "price"]);
        assert_eq!(fields(typed("", "reel", "", "YEN")), ["network", "currency", "price"]);
    }

    #[test]
    fn the_lowest_price_is_of_one_currency() {
        let at = |minor, currency: &str| offering::Model {
            id: OfferingId(Uuid::nil()),
            creator_id: CreatorId(Uuid::nil()),
            network: Network::X,
            format: Format::Text,
            price_minor: minor,
            currency: currency.into(),
            note: String::new(),
            deleted_at: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let lines = [at(50_000, "JPY"), at(20_000, "USD"), at(30_000, "JPY")];
        assert_eq!(lowest(&lines, "JPY").unwrap().price_minor, 30_000);
        assert_eq!(lowest(&lines, "EUR").unwrap().price_minor, 30_000);
        assert_eq!(lowest(&lines, "USD").unwrap().price_minor, 20_000);
        assert!(lowest(&[], "USD").is_none());
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(network in "\\PC{0,12}", format in "\\PC{0,12}", price in "\\PC{0,30}", currency in "\\PC{0,4}") {
            let _ = line(&typed(&network, &format, &price, &currency));
        }
    }
}
