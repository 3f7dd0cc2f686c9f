//! Who lives in the sandbox: fixed people, one for every state that a connector must cope with.

/// Somebody who can log in.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// For control calls and forms.
    pub id: &'static str,
    /// As the login page calls them.
    pub name: &'static str,
    /// What they are here to show, in English and Japanese.
    pub shows: (&'static str, &'static str),
    /// Their Facebook Pages.
    pub pages: &'static [PageOf],
    /// Scopes that are not ticked when the consent page opens.
    pub unticked: &'static [&'static str],
    /// What happens to the grant after it was given.
    pub fate: Fate,
}

/// What happens to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing until it runs out.
    Lasts,
    /// An hour later the person removes the app at the network.
    AppRemovedAfterAnHour,
    /// An hour later the person changes the password.
    PasswordChangedAfterAnHour,
}

/// A Page, perhaps with a professional Instagram account.
#[derive(Clone, Copy, Debug)]
pub struct PageOf {
    /// The Page's name.
    pub name: &'static str,
    /// The account behind it.
    pub account: Option<Account>,
}

/// A professional Instagram account as it is on the first day.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The handle.
    pub username: &'static str,
    /// The name; may be empty.
    pub name: &'static str,
    /// The biography; may be empty.
    pub biography: &'static str,
    /// The website; may be empty.
    pub website: &'static str,
    /// Followers on the first day.
    pub followers: i64,
    /// Follows.
    pub follows: i64,
    /// Posts.
    pub media: i64,
}

/// The talent office's accounts beyond its own, by number, so that listing Pages takes more than one answer.
pub(crate) const OFFICE: &str = "office";
/// How many Pages the office has.
pub(crate) const OFFICE_PAGES: usize = 60;

const fn account(
    username: &'static str,
    name: &'static str,
    biography: &'static str,
    followers: i64,
    follows: i64,
    media: i64,
) -> Option<Account> {
    Some(Account { username, name, biography, website: "", followers, follows, media })
}

/// All of them.
pub const PEOPLE: &[Person] = &[
    Person {
        id: "hana",
        name: "Hana Sato 佐藤 花",
        shows: ("business account, 48,200 followers", "ビジネスアカウント、フォロワー 4.8万人"),
        pages: &[PageOf {
            name: "Hana's Kitchen 花の台所",
            account: Some(Account {
                username: "hana.cooks",
                name: "Hana Sato | 佐藤花",
                biography: "旬の野菜で一汁一菜 🍲\nSeasonal Japanese home cooking from Kamakura. レシピは毎週金曜日",
                website: "https://hana-cooks.example/",
                followers: 48_200,
                follows: 411,
                media: 268,
            }),
        }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "ken",
        name: "Ken Mori 森 健",
        shows: ("business account, 12,400 followers", "ビジネスアカウント、フォロワー 1.2万人"),
        pages: &[PageOf {
            name: "Ken Mori Photography",
            account: account(
                "ken.mori.photo",
                "Ken Mori 森健",
                "Trains, mountains, film. 鉄道と山とフィルム写真。Nagano / 長野",
                12_400,
                830,
                1_204,
            ),
        }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "yui",
        name: "Yui Tanaka 田中 結衣",
        shows: (
            "business account, 40 followers: too few for audience figures",
            "ビジネスアカウント、フォロワー 40人（オーディエンス指標には不足）",
        ),
        pages: &[PageOf { name: "Yui begins", account: account("yui.begins", "田中結衣", "はじめました。", 40, 12, 3) }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "sora",
        name: "Sora Ito 伊藤 空",
        shows: ("personal account, no Page", "個人アカウント、Facebookページなし"),
        pages: &[],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "mika",
        name: "Mika Ono 小野 美香",
        shows: ("a Page without Instagram", "Instagram未連携のFacebookページ"),
        pages: &[PageOf { name: "Mika's Pottery 美香の陶芸", account: None }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "aoi",
        name: "Aoi Kimura 木村 葵",
        shows: ("leaves the insights scope unticked", "インサイトの許可を外したまま"),
        pages: &[PageOf {
            name: "Aoi runs",
            account: account("aoi.runs", "Aoi 🏃‍♀️", "フルマラソン 3:21 / Marathon in every prefecture", 8_905, 204, 512),
        }],
        unticked: &["instagram_manage_insights"],
        fate: Fate::Lasts,
    },
    Person {
        id: "emma",
        name: "Emma Lindqvist",
        shows: ("three accounts to choose from, names in many scripts", "選べるアカウントが3つ、多言語の名前"),
        pages: &[
            PageOf {
                name: "Emma i köket",
                account: account(
                    "emma.i.koket",
                    "Emma Lindqvist 👩‍🍳",
                    "Åäö ñ ß — שלום — مرحبا — 𝓯𝓪𝓷𝓬𝔂 — 👨‍👩‍👧‍👦🇸🇪\u{200d} zero‑width\u{200b} and \"quotes\" <b>not bold</b>",
                    91_337,
                    640,
                    2_048,
                ),
            },
            PageOf { name: "Emma reser", account: account("emma.reser", "", "", 5_120, 77, 91) },
            PageOf { name: "Emma & Co", account: account("emma_and_co", "Emma & Co", "Press: hello@emma.example", 1_001, 3, 44) },
            PageOf { name: "Emma's old Page", account: None },
        ],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: OFFICE,
        name: "Hoshi Talent Office 星タレント事務所",
        shows: ("sixty Pages: the list takes several answers", "ページ60件、一覧は数回に分割"),
        pages: &[],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "rin",
        name: "Rin Abe 阿部 凛",
        shows: ("removes the app an hour after linking", "連携の1時間後にアプリを削除"),
        pages: &[PageOf { name: "Rin paints", account: account("rin.paints", "阿部凛", "水彩 / watercolour", 22_050, 318, 640) }],
        unticked: &[],
        fate: Fate::AppRemovedAfterAnHour,
    },
    Person {
        id: "tom",
        name: "Tom Becker",
        shows: ("changes the password an hour after linking", "連携の1時間後にパスワードを変更"),
        pages: &[PageOf {
            name: "Tom on bikes",
            account: account("tom.on.bikes", "Tom Becker", "Steel frames, long roads.", 3_480, 512, 199),
        }],
        unticked: &[],
        fate: Fate::PasswordChangedAfterAnHour,
    },
    Person {
        id: "yamamoto",
        name: "Aoi Yamamoto 山本 葵",
        shows: ("creator account, 31,400 followers", "クリエイターアカウント、フォロワー 3.1万人"),
        pages: &[PageOf {
            name: "Machiya tea 町家のお茶",
            account: account("aoi.machiya", "山本 葵 | Aoi", "京都の町家から、お茶と器 / Tea and pottery in Kyoto", 31_400, 296, 733),
        }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "noor",
        name: "Noor Haddad",
        shows: ("creator account, 5,870 followers", "クリエイターアカウント、フォロワー 5,870人"),
        pages: &[PageOf {
            name: "Noor bakes",
            account: account("noor.bakes", "Noor Haddad", "Little sugar, much tea. Lyon", 5_870, 402, 318),
        }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "mei",
        name: "Mei Fujita 藤田 芽衣",
        shows: ("business account with 5,000 posts", "投稿5,000件のビジネスアカウント"),
        pages: &[PageOf {
            name: "Mei every day",
            account: account("mei.everyday", "藤田芽衣", "毎日投稿 / every single day since 2013", 27_300, 150, 5_000),
        }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "kei",
        name: "Kei Nakamura 中村 圭",
        shows: ("no posts yet, insights still empty", "投稿ゼロ、インサイトはまだ空"),
        pages: &[PageOf { name: "Kei starts", account: account("kei.starts", "中村圭", "準備中", 1_204, 88, 0) }],
        unticked: &[],
        fate: Fate::Lasts,
    },
    Person {
        id: "leo",
        name: "Leo Marchetti",
        shows: ("age-gated: others cannot look the account up", "年齢制限あり：他者からは検索不可"),
        pages: &[PageOf {
            name: "Leo's Sake Notes",
            account: account("leo.sake.notes", "Leo Marchetti", "Nihonshu, one cup a day. 20歳から。", 9_410, 377, 288),
        }],
        unticked: &[],
        fate: Fate::Lasts,
    },
];

/// Somebody by id.
pub fn person(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}

/// A Page as the network keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub id: String,
    pub name: String,
    pub account: Option<IgAccount>,
}

/// An Instagram account as the network keeps it.
#[derive(Clone, Debug)]
pub(crate) struct IgAccount {
    pub id: String,
    pub username: String,
    pub name: String,
    pub biography: String,
    pub website: String,
    pub followers: i64,
    pub follows: i64,
    /// Publications now.
    pub media: i64,
    /// Publications on the first day.
    pub before: i64,
}

/// Everybody's number, from 1.
pub(crate) fn number_of(person: &Person) -> u64 {
    PEOPLE.iter().position(|p| p.id == person.id).unwrap_or(0) as u64 + 1
}

/// How many worlds come before this one: the second seed's people are others than the first's, so that many worlds can be one network.
pub(crate) fn nth(seed: u64) -> u64 {
    seed.saturating_sub(1) % 1_000
}

/// A name that nobody in another world has.
pub(crate) fn apart(name: &str, seed: u64) -> String {
    match nth(seed) {
        0 => name.to_owned(),
        nth => format!("{name}{nth}"),
    }
}

/// The professional accounts of a person, each with a key that tells it from all others.
pub(crate) fn accounts_of(person: &Person, seed: u64, days: i64) -> Vec<(u64, IgAccount)> {
    let key = |n: usize| number_of(person) * 1_000 + n as u64;
    pages_of(person, seed, days).into_iter().enumerate().filter_map(|(n, page)| Some((key(n), page.account?))).collect()
}

/// A person's id, as this app sees it; the same for the same seed.
pub(crate) fn user_id(person: &Person, seed: u64) -> String {
    let number = number_of(person);
    format!("{}", 122_000_000_000_000 + seed % 1_000 * 1_000_000 + number)
}

/// The Pages of a person, `days` after the first. Ids are the same for the same seed.
pub(crate) fn pages_of(person: &Person, seed: u64, days: i64) -> Vec<Page> {
    let number = number_of(person);
    let page_id = |n: usize| format!("{}", 100_000_000_000_000 + seed % 1_000 * 1_000_000 + number * 1_000 + n as u64);
    let account_id = |n: usize| format!("{}", 17_841_400_000_000_000 + seed % 1_000 * 1_000_000 + number * 1_000 + n as u64);
    if person.id == OFFICE {
        return (0..OFFICE_PAGES)
            .map(|n| Page {
                id: page_id(n),
                name: format!("Hoshi Talent {:02}", n + 1),
                account: (n % 10 != 9).then(|| IgAccount {
                    id: account_id(n),
                    username: apart(&format!("hoshi.talent{:02}", n + 1), seed),
                    name: format!("星タレント {:02}", n + 1),
                    biography: String::new(),
                    website: String::new(),
                    followers: 100 * (n as i64 + 1) + growth(seed, number * 1_000 + n as u64, 100, days),
                    follows: 10,
                    media: 20 + days / 2,
                    before: 20,
                }),
            })
            .collect();
    }
    let page = |(n, page): (usize, &PageOf)| Page {
        id: page_id(n),
        name: page.name.into(),
        account: page.account.map(|account| IgAccount {
            id: account_id(n),
            username: apart(account.username, seed),
            name: account.name.into(),
            biography: account.biography.into(),
            website: account.website.into(),
            followers: account.followers + growth(seed, number * 1_000 + n as u64, account.followers, days),
            follows: account.follows,
            media: if account.media == 0 { 0 } else { account.media + days / 2 },
            before: account.media,
        }),
    };
    person.pages.iter().enumerate().map(page).collect()
}

/// Followers gained after so many days: up to a few per thousand a day, now and then a loss; the same for the same seed.
pub(crate) fn growth(seed: u64, account: u64, base: i64, days: i64) -> i64 {
    (0..days.clamp(0, 3_650))
        .map(|day| (mixed(seed ^ account.rotate_left(20) ^ day as u64) % 5) as i64 - 1)
        .map(|per_mille| base * per_mille / 1_000)
        .sum()
}

/// SplitMix64: a good enough scatter without state.
pub(crate) fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_differ_and_stay() {
        let all: Vec<String> = PEOPLE
            .iter()
            .flat_map(|person| pages_of(person, 7, 0))
            .flat_map(|page| [Some(page.id), page.account.map(|a| a.id)].into_iter().flatten())
            .collect();
        assert_eq!(all.len(), all.iter().collect::<HashSet<_>>().len());
        assert_eq!(pages_of(&PEOPLE[0], 7, 0)[0].id, pages_of(&PEOPLE[0], 7, 90)[0].id);
        assert_ne!(pages_of(&PEOPLE[0], 7, 0)[0].id, pages_of(&PEOPLE[0], 8, 0)[0].id);
    }

    #[test]
    fn figures_grow_the_same_way_twice() {
        let followers = |days| pages_of(&PEOPLE[0], 1, days)[0].account.as_ref().unwrap().followers;
        assert_eq!(followers(0), 48_200);
        assert_eq!(followers(30), followers(30));
        assert!(followers(90) > 48_200);
    }
}
