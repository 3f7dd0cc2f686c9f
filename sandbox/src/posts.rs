//! What people publish, on any network: made from the seed and the clock, so that the same day always looks the same.

use chrono::{DateTime, Duration, Utc};

use crate::people::mixed;

/// Somebody's account as far as publishing goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Channel {
    /// Tells channels apart; below 100,000.
    pub key: u64,
    pub seed: u64,
    /// Who it is, for the words.
    pub person: &'static str,
    pub followers: i64,
    /// Publications when the sandbox began.
    pub before: i64,
    pub started: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// One publication.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// From the oldest, which is 0.
    pub n: i64,
    pub at: DateTime<Utc>,
    pub caption: String,
    pub shape: Shape,
    pub figures: Figures,
}

/// What form it has; networks that lack one show another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Picture,
    Album,
    Reel,
    Video,
    Words,
}

/// How it did until now. All grow with the clock and never fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    pub reach: i64,
    pub views: i64,
    pub likes: i64,
    pub comments: i64,
    pub shares: i64,
    pub saves: i64,
    pub reposts: i64,
    pub follows: i64,
    pub visits: i64,
    pub clicks: i64,
}

/// Hours between two publications before the sandbox began, and after.
const HOURS_BEFORE: i64 = 44;
const HOURS_AFTER: i64 = 48;

impl Channel {
    /// How many publications there are now.
    pub fn count(&self) -> i64 {
        if self.before == 0 {
            return 0;
        }
        self.before + (self.now - self.started).num_hours().max(0) / HOURS_AFTER
    }

    /// From the newest on, `skip` left out.
    pub fn newest(&self, skip: usize, take: usize) -> impl Iterator<Item = Post> {
        let count = self.count();
        (0..count).rev().skip(skip).take(take).filter_map(|n| self.post(n))
    }

    /// One publication, if it is out already.
    pub fn post(&self, n: i64) -> Option<Post> {
        if !(0..self.count()).contains(&n) {
            return None;
        }
        let at = if n < self.before {
            self.started - Duration::hours((self.before - n) * HOURS_BEFORE) + Duration::minutes((self.dice(n, 1) % 1_200) as i64)
        } else {
            self.started + Duration::hours((n - self.before + 1) * HOURS_AFTER)
        };
        let shape = match self.dice(n, 2) % 10 {
            0..=2 => Shape::Reel,
            3..=5 => Shape::Album,
            6 => Shape::Video,
            7 => Shape::Words,
            _ => Shape::Picture,
        };
        Some(Post { n, at, caption: self.caption(n), shape, figures: self.figures(n, at, shape == Shape::Reel) })
    }

    /// The stories that are up: three a day, each for 24 hours. The number tells which it is.
    pub fn stories(&self) -> Vec<(i64, DateTime<Utc>)> {
        if self.before == 0 {
            return Vec::new();
        }
        let today = (self.now - self.started).num_days() + DAYS_OF_STORIES;
        let at = |n: i64| self.started + Duration::days(n / 3 - DAYS_OF_STORIES) + Duration::hours(n % 3 * 5 + 1);
        let up = |at: DateTime<Utc>| at <= self.now && self.now < at + Duration::hours(24);
        ((today - 2).max(0) * 3..(today + 1) * 3).map(|n| (n, at(n))).filter(|(_, at)| up(*at)).rev().collect()
    }

    /// How a story did until now.
    pub fn story_figures(&self, n: i64, at: DateTime<Utc>) -> Figures {
        self.figures(1_000_000 + n, at, false)
    }

    fn figures(&self, n: i64, at: DateTime<Utc>, reel: bool) -> Figures {
        let hours = (self.now - at).num_hours().max(0);
        // Most of it comes in the first days, some of it for ever after.
        let grown = |whole: i64| whole * hours / (hours + 30);
        let per_mille = |of: i64, low: u64, high: u64, dice: u64| of * (low + dice % (high - low)) as i64 / 1_000;
        let whole = per_mille(self.followers, 150, 600, self.dice(n, 3)) * if reel { 2 } else { 1 };
        let reach = grown(whole);
        let likes = per_mille(reach, 30, 95, self.dice(n, 4));
        Figures {
            reach,
            views: per_mille(reach, 1_150, 1_700, self.dice(n, 5)),
            likes,
            comments: per_mille(likes, 8, 55, self.dice(n, 6)),
            shares: per_mille(likes, 10, 90, self.dice(n, 7)),
            saves: per_mille(likes, 20, 160, self.dice(n, 8)),
            reposts: per_mille(likes, 4, 40, self.dice(n, 9)),
            follows: per_mille(reach, 0, 4, self.dice(n, 10)),
            visits: per_mille(reach, 8, 30, self.dice(n, 11)),
            clicks: per_mille(reach, 2, 12, self.dice(n, 12)),
        }
    }

    /// A scatter for one purpose of one publication.
    pub fn dice(&self, n: i64, purpose: u64) -> u64 {
        mixed(self.seed.rotate_left(40) ^ self.key.rotate_left(20) ^ mixed(n as u64 ^ (purpose << 50)))
    }

    fn caption(&self, n: i64) -> String {
        let (lines, tags) = words(self.person);
        let line = lines[(self.dice(n, 20) % lines.len() as u64) as usize];
        let tag = tags[(self.dice(n, 21) % tags.len() as u64) as usize];
        let paid = if self.dice(n, 22).is_multiple_of(9) { " #PR #提供" } else { "" };
        if self.person == "emma" && n % 17 == 3 {
            // As long as Instagram allows, give or take.
            return format!("{} {tag}", "Åäö 👨‍👩‍👧‍👦 שלום مرحبا ".repeat(70)).chars().take(2_000).collect();
        }
        format!("{line} {tag} #{}{paid}", self.person)
    }
}

/// Days of stories before the sandbox began.
const DAYS_OF_STORIES: i64 = 3;

/// What somebody says under publications, and their hashtags.
fn words(person: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match person {
        "hana" => (
            &[
                "今日の一汁一菜。新玉ねぎのお味噌汁と菜の花のおひたし",
                "Sunday miso soup, the slow way. だしは前の晩から",
                "鎌倉の朝市で見つけた小松菜。茎はきんぴら、葉はお浸しに",
                "Rice in a clay pot: twelve minutes, then patience 🍚",
                "梅仕事はじめました。今年は3キロ",
                "レンコンのはさみ焼き。シャキシャキが残る厚さは8ミリ",
            ],
            &["#家庭料理", "#homecooking", "#一汁一菜", "#鎌倉"],
        ),
        "ken" => (
            &[
                "小海線、朝霧の中を一番列車",
                "Portra 400, one frame left. Komoro, 5:12 am",
                "北アルプス、初冠雪の日",
                "The last diesel of the evening at Nobeyama 🚃",
                "現像があがりました。失敗も含めて36枚",
            ],
            &["#鉄道写真", "#filmphotography", "#長野", "#trainspotting"],
        ),
        "yamamoto" => (
            &[
                "町家の坪庭、雨の日がいちばん好きです",
                "Matcha for two, in bowls from the kiln next door 🍵",
                "新茶の季節。宇治の畑から届きました",
                "How to hold a tea bowl: with both hands and no hurry",
            ],
            &["#抹茶", "#京都", "#teaceremony", "#器"],
        ),
        "aoi" => (
            &["30km走、最後の5kmは気合い", "Marathon No. 23: Kochi. 残り24都道府県 🏃‍♀️", "朝ランの後のおにぎりが世界一おいしい"],
            &["#マラソン", "#running", "#朝ラン"],
        ),
        "noor" => (
            &[
                "Brioche, third attempt. The crumb finally agrees.",
                "Less sugar than you think, more butter than you admit.",
                "Éclairs au thé vert 🍵",
            ],
            &["#baking", "#lyon", "#patisserie"],
        ),
        "mei" => (
            &[
                "毎日一枚、4,000日目を過ぎました",
                "The same window every morning. The light never repeats.",
                "通勤路の紫陽花、昨日よりひと色深い",
                "Lunch alone, which is a kind of company",
                "傘を忘れた日の空のほうが、よく覚えている",
            ],
            &["#毎日投稿", "#everyday", "#写真日記"],
        ),
        "emma" => (
            &[
                "Kanelbullar, dubbel sats. Grannarna vet redan.",
                "Köket kl. 6: kaffe, regn, katt 🐈",
                "Surdegen lever igen ✨",
                "Rågbröd med mormors recept — 24 timmar och värt varje minut",
            ],
            &["#bakning", "#svensktkök", "#fika"],
        ),
        "tom" => (
            &[
                "200 km, one flat, two bakeries.",
                "Steel is real, and so is the climb after lunch.",
                "Gravel at dusk. Lights on, phone off.",
            ],
            &["#cycling", "#steelbike", "#gravel"],
        ),
        "rin" => (
            &["にじみは止めない、待つ", "Three washes of indigo, then nothing", "今日の一枚：雨上がりの運河", "紙を替えたら、空が変わった"],
            &["#水彩", "#watercolour", "#スケッチ"],
        ),
        "leo" => (
            &["山廃純米、燗でほどける", "Junmai from Niigata: rice first, melon after. 🍶", "One cup, one page of notes. 飲酒は20歳から"],
            &["#日本酒", "#sake", "#nihonshu"],
        ),
        "mika" => (
            &[
                "窯出し。十個のうち三つが残りました",
                "Ash glaze, third firing, and finally this green",
                "湯呑みの口の厚さで、お茶の味は変わります",
            ],
            &["#陶芸", "#pottery", "#器"],
        ),
        "yui" | "kei" | "sora" => {
            (&["はじめまして", "First try. Be kind!", "少しずつ、続けます"], &["#はじめました", "#firstpost", "#日常"])
        }
        _ => (
            &[
                "A quiet day, written down",
                "今日の記録。少しずつ前へ",
                "Something new is coming ✨",
                "いつもありがとうございます",
                "What I learned this week, in one picture",
            ],
            &["#daily", "#日常", "#創作"],
        ),
    }
}

/// A remark under a publication: who and what.
pub(crate) fn remark(dice: u64) -> (&'static str, &'static str) {
    const WHO: &str = "natsu_0812 tea.and.trains mori_no_kuma linnea.b yuki__yuki kitchen_cat osaka_taro rosa.m hiro.walks komugi_pan lea.k \
        umi_to_yama sakura_1123 tomo.film grandma_ines kei_lunch marta.b nagano_note pan_to_coffee jules.d mikan_box \
        otaru_blue sven.cooks chihiro_days ramen_techo ana.lima kaze_no_oto slow.sunday toko_toko ewa.p minato_9 hana_to_cha \
        greta.r yamabiko_k little.oven soba_fan nils_on_rails ao_no_hi paola.v inaka_life";
    const WHAT: [&str; 20] = [
        "美味しそう😍",
        "Love this!",
        "真似してみます！",
        "Where is this?",
        "素敵です✨",
        "Recipe please 🙏",
        "行ってみたい",
        "👏👏👏",
        "次の旅行の参考にします",
        "My camera never gets this light",
        "このラーメン、食べたことあります",
        "I would take the train just for that",
        "コーヒーと合いそう",
        "Saved for the weekend, my kids will love it",
        "写真がきれい。どのカメラですか",
        "Baked it yesterday, the bread came out great",
        "京都に行くときに寄ります",
        "How long did the hike take?",
        "器はどこのものですか",
        "More of this please",
    ];
    let who = WHO.split(' ').nth((dice % 40) as usize).unwrap_or_default();
    (who, WHAT[(dice / 40 % 20) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(hours: i64) -> Channel {
        let started = DateTime::from_timestamp(1_793_600_000, 0).unwrap();
        Channel { key: 1_000, seed: 1, person: "hana", followers: 48_200, before: 268, started, now: started + Duration::hours(hours) }
    }

    #[test]
    fn figures_never_fall_and_come_out_the_same() {
        for n in [0, 100, 267] {
            let mut before = channel(0).post(n).unwrap().figures;
            for hours in [1, 5, 24, 48, 500] {
                let now = channel(hours).post(n).unwrap().figures;
                assert_eq!(now, channel(hours).post(n).unwrap().figures);
                assert!(now.reach >= before.reach && now.likes >= before.likes && now.views >= before.views);
                assert!(now.likes <= now.reach && now.reach <= now.views.max(now.reach));
                before = now;
            }
        }
    }

    #[test]
    fn time_brings_posts_in_order() {
        assert_eq!((channel(0).count(), channel(47).count(), channel(48).count()), (268, 268, 269));
        let times: Vec<_> = channel(200).newest(0, 400).map(|post| post.at).collect();
        assert_eq!(times.len(), 272);
        assert!(times.windows(2).all(|pair| pair[0] > pair[1]));
        assert!(times[0] <= channel(200).now);
    }

    #[test]
    fn stories_last_a_day() {
        let up = channel(2).stories();
        assert!(!up.is_empty());
        let (n, at) = up[0];
        let later = channel(2 + 24).stories();
        assert!(later.iter().all(|(m, _)| *m != n || at + Duration::hours(24) > channel(26).now));
        assert!(channel(300).stories().iter().all(|(_, at)| channel(300).now - *at < Duration::hours(24)));
    }
}
