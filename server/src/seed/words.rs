//! What invented people are called and what they say. Nobody of these names is meant.

use entity::enums::Network;

/// A name, how it is read in katakana, and in Latin letters.
pub(super) type Read = (&'static str, &'static str, &'static str);

/// Japanese family names.
pub(super) const FAMILIES: &[Read] = &[
    ("佐藤", "サトウ", "sato"),
    ("鈴木", "スズキ", "suzuki"),
    ("高橋", "タカハシ", "takahashi"),
    ("田中", "タナカ", "tanaka"),
    ("伊藤", "イトウ", "ito"),
    ("渡辺", "ワタナベ", "watanabe"),
    ("山本", "ヤマモト", "yamamoto"),
    ("中村", "ナカムラ", "nakamura"),
    ("小林", "コバヤシ", "kobayashi"),
    ("加藤", "カトウ", "kato"),
    ("吉田", "ヨシダ", "yoshida"),
    ("山田", "ヤマダ", "yamada"),
    ("森", "モリ", "mori"),
    ("池田", "イケダ", "ikeda"),
    ("橋本", "ハシモト", "hashimoto"),
    ("石川", "イシカワ", "ishikawa"),
];

/// Japanese given names.
pub(super) const GIVEN: &[Read] = &[
    ("花", "ハナ", "hana"),
    ("結衣", "ユイ", "yui"),
    ("健", "ケン", "ken"),
    ("さくら", "サクラ", "sakura"),
    ("葵", "アオイ", "aoi"),
    ("翔太", "ショウタ", "shota"),
    ("美香", "ミカ", "mika"),
    ("空", "ソラ", "sora"),
    ("蓮", "レン", "ren"),
    ("陽菜", "ヒナ", "hina"),
    ("拓海", "タクミ", "takumi"),
    ("凛", "リン", "rin"),
    ("大輝", "ダイキ", "daiki"),
    ("直子", "ナオコ", "naoko"),
];

/// Given names elsewhere.
pub(super) const FIRST: &[&str] =
    &["Ada", "Ben", "Clara", "Diego", "Emma", "Felix", "Grace", "Hugo", "Iris", "Jonas", "Kim", "Lena", "Maya", "Noah", "Olivia", "Priya"];

/// Family names elsewhere.
pub(super) const LAST: &[&str] =
    &["Adams", "Berg", "Chen", "Dubois", "Evans", "Fischer", "Garcia", "Hughes", "Ibrahim", "Jansen", "Kumar", "Lopez", "Moreau", "Novak"];

/// Where people live, and of a hundred how many.
pub(super) const COUNTRIES: &[(&str, u64)] =
    &[("JP", 45), ("US", 18), ("GB", 8), ("KR", 6), ("TW", 5), ("FR", 5), ("DE", 5), ("BR", 4), ("IN", 3), ("", 1)];

/// Where they show themselves; the commoner, the oftener.
pub(super) const NETWORKS: &[Network] = &[
    Network::Instagram,
    Network::Instagram,
    Network::Instagram,
    Network::Youtube,
    Network::Youtube,
    Network::Tiktok,
    Network::Tiktok,
    Network::X,
    Network::Twitch,
];

/// Skills beside the main category.
pub(super) const SKILLS: &[&str] =
    &["tea", "camping", "vegan", "street photo", "手芸", "カフェ巡り", "筋トレ", "子育て", "retro games", "skincare"];

/// Brands, before a number.
pub(super) const BRANDS: &[&str] = &["Midori Tea", "Kaze Outdoors", "Lumen Skincare", "みなと食品", "Northwind Audio"];

/// Campaigns, before a number.
pub(super) const CAMPAIGNS: &[&str] = &["First flush", "Summer launch", "秋の新作", "Open studio", "Holiday gifts", "春の旅"];

/// What brands write, in English and Japanese.
pub(super) const BRAND_SAYS: &[[&str; 2]] = &[
    ["Thank you for joining! Does the schedule work for you?", "ご参加ありがとうございます。日程はいかがでしょうか。"],
    ["The parcel has left today.", "本日、商品を発送しました。"],
    [
        "We love the draft. One wish: could the label be seen a little longer?",
        "とても良い下書きです。ラベルをもう少し長く映していただけますか。",
    ],
    ["Please remember the disclosure in the first line.", "1行目の広告表記をお忘れなくお願いします。"],
];

/// What creators write, in English and Japanese.
pub(super) const CREATOR_SAYS: &[[&str; 2]] = &[
    ["Yes, that works well for me.", "はい、問題ありません。"],
    ["It has arrived, thank you!", "届きました。ありがとうございます！"],
    ["I will send a draft by Friday.", "金曜日までに下書きをお送りします。"],
    ["Could I post in the evening? My followers read then.", "夜に投稿してもよいですか。その時間によく見てもらえます。"],
];
