//! Finds explicit words however they are written: width, case, kana, lookalikes, digits for letters, letters set apart, letters masked.

use std::collections::BTreeMap;

use super::lists::{Entry, allowed, shipped};
use crate::text::{Dictionary, Kind, Lang, fold, kind, narrow, skeleton, unleet, words};

/// An explicit word in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The listed word.
    pub word: String,
    /// Its kind.
    pub kind: String,
    /// 1 mild, 2 strong, 3 extreme; one less in a quotation or a title.
    pub severity: u8,
    /// The severity was lowered since it is quoted or a title.
    pub is_softened: bool,
    /// The sentence as it was written, cut at 160 signs.
    pub quote: String,
}

/// Lists, ready for many texts.
#[derive(Debug)]
pub struct Vetting {
    entries: Vec<Entry>,
    /// Searched in the unleeted text.
    english: Dictionary<Option<usize>>,
    /// Searched with kana as they are: katakana words keep their bounds.
    japanese: Dictionary<Option<usize>>,
    /// Searched with kana folded, for words that mix them.
    mixed: Dictionary<Option<usize>>,
    /// Long enough to be known with letters masked: the word as it is compared, and whether words of its script stand apart.
    maskable: Vec<Maskable>,
}

#[derive(Debug)]
struct Maskable {
    number: usize,
    word: Vec<char>,
    is_spaced: bool,
}

impl Maskable {
    fn of((number, entry): (usize, &Entry)) -> Option<Self> {
        let word: Vec<char> = skeleton(&entry.word).chars().collect();
        let is_spaced = word.iter().all(|c| kind(*c) == Kind::Letter);
        (word.len() >= if is_spaced { 4 } else { 3 }).then_some(Self { number, word, is_spaced })
    }
}

const LONGEST_QUOTE: usize = 160;
/// Signs that stand for a letter that everybody knows.
const MASKS: &[char] = &['*', '＊', '○', '〇', '◯', '●', '×', '✕', '_', '#', '☆', '★', '■', '□'];

impl Vetting {
    /// Takes the lists, and innocent words that hold a listed one.
    #[must_use]
    pub fn new(entries: Vec<Entry>, allowed: &[&str]) -> Self {
        let guards = || allowed.iter().map(|w| ((*w).to_owned(), None));
        let of = |japanese: bool| entries.iter().enumerate().filter(move |(_, e)| (e.lang == Lang::Ja) == japanese);
        let other_kana = |word: &str| -> String { fold(word).chars().map(katakana).collect() };
        let in_all_kana = of(true).flat_map(|(i, e)| [(e.word.clone(), Some(i)), (fold(&e.word), Some(i)), (other_kana(&e.word), Some(i))]);
        // Guards in hiragana hold for hiragana only: katakana words have bounds.
        let japanese: BTreeMap<String, Option<usize>> = in_all_kana.chain(guards()).map(|(w, i)| (narrow(&w), i)).collect();
        Self {
            english: Dictionary::new(unleet, of(false).map(|(i, e)| (e.word.clone(), Some(i))).chain(guards())),
            japanese: Dictionary::new(narrow, japanese),
            mixed: Dictionary::new(fold, of(true).map(|(i, e)| (e.word.clone(), Some(i))).chain(guards())),
            maskable: entries.iter().enumerate().filter_map(Maskable::of).collect(),
            entries,
        }
    }

    /// With the lists that ship.
    #[must_use]
    pub fn shipped() -> Self {
        Self::new(shipped(), &allowed())
    }

    /// All explicit words of a text, sentence by sentence.
    #[must_use]
    pub fn check(&self, text: &str) -> Vec<Finding> {
        let is_title = is_about_a_title(text);
        let mut found = Vec::new();
        for sentence in sentences(text) {
            let mut numbers: Vec<usize> = Vec::new();
            numbers.extend(self.plain(sentence));
            numbers.extend(self.masked(sentence));
            let mut told: Vec<usize> = Vec::new();
            for number in numbers {
                if told.contains(&number) {
                    continue;
                }
                told.push(number);
                let entry = &self.entries[number];
                let is_softened = is_title || is_quoted(sentence, &entry.word);
                found.push(Finding {
                    word: entry.word.clone(),
                    kind: entry.kind.clone(),
                    severity: if is_softened { entry.severity.saturating_sub(1).max(1) } else { entry.severity },
                    is_softened,
                    quote: sentence.trim().chars().take(LONGEST_QUOTE).collect(),
                });
            }
        }
        found
    }

    fn plain(&self, sentence: &str) -> Vec<usize> {
        let search = |dictionary: &Dictionary<Option<usize>>, text: &str| -> Vec<(usize, usize, usize)> {
            let prepared = dictionary.prepared(text);
            let hits = dictionary.find(&prepared);
            let whole = hits.iter().filter(|hit| stands_alone(&prepared, hit.start, hit.end));
            whole.filter_map(|hit| Some(((*hit.value)?, hit.start, hit.end))).collect()
        };
        let mut found: Vec<usize> = search(&self.english, &together(sentence)).into_iter().map(|(i, ..)| i).collect();
        found.extend(search(&self.japanese, sentence).into_iter().map(|(i, ..)| i));
        // Folding changes signs one for one after `narrow`, so places can be compared.
        let before: Vec<char> = self.japanese.prepared(sentence).chars().collect();
        let after = self.mixed.prepared(sentence);
        for (i, start, end) in search(&self.mixed, sentence) {
            let (from, to) = (after[..start].chars().count(), after[..end].chars().count());
            let original = before.get(from..to).unwrap_or_default();
            let is_hiragana = |c: &char| ('\u{3041}'..='\u{3096}').contains(c);
            let is_katakana = |c: &char| ('\u{30a1}'..='\u{30fa}').contains(c);
            if original.iter().any(is_hiragana) && original.iter().any(is_katakana) {
                found.push(i);
            }
        }
        found
    }

    /// Words with some letters masked: the first letter and at least half of all must be there.
    fn masked(&self, sentence: &str) -> Vec<usize> {
        if !sentence.contains(MASKS) {
            return Vec::new();
        }
        let signs: Vec<char> = skeleton(sentence).chars().collect();
        let is_mask = |c: &char| MASKS.contains(c);
        let masks: Vec<usize> = signs.iter().enumerate().filter(|(_, c)| is_mask(c)).map(|(at, _)| at).collect();
        let fits = |masked: &Maskable| {
            let Maskable { word, is_spaced, .. } = masked;
            let free = |c: Option<&char>| c.is_none_or(|c| !is_spaced || !(kind(*c).is_spaced() || is_mask(c)));
            // Only a window with a mask behind its first sign can be one.
            let starts = masks.iter().flat_map(|mask| mask.saturating_sub(word.len() - 1)..*mask);
            let windows = starts.filter_map(|at| Some((at, signs.get(at..at + word.len())?)));
            windows.filter(|(_, window)| window.first() == word.first()).any(|(at, window)| {
                let same = window.iter().zip(word).all(|(c, w)| c == w || is_mask(c));
                let visible = window.iter().filter(|c| !is_mask(c)).count();
                let is_alone = || free(at.checked_sub(1).and_then(|b| signs.get(b))) && free(signs.get(at + word.len()));
                same && visible < word.len() && visible * 2 >= word.len() && is_alone()
            })
        };
        self.maskable.iter().filter(|masked| fits(masked)).map(|masked| masked.number).collect()
    }
}

/// Figures over a creator's posts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Posts looked at.
    pub posts: usize,
    /// Posts with a finding, per 1,000; `None` without posts.
    pub per_thousand: Option<f64>,
    /// Posts by their worst finding: mild, strong, extreme.
    pub by_severity: [usize; 3],
    /// The worst findings with their posts' places, 20 at most.
    pub worst: Vec<(usize, Finding)>,
}

/// Sums up the findings of posts.
#[must_use]
pub fn summary(posts: &[Vec<Finding>]) -> Summary {
    let mut by_severity = [0; 3];
    let mut worst: Vec<(usize, Finding)> = Vec::new();
    for (i, findings) in posts.iter().enumerate() {
        if let Some(most) = findings.iter().map(|f| f.severity).max() {
            by_severity[usize::from(most.clamp(1, 3)) - 1] += 1;
        }
        worst.extend(findings.iter().map(|f| (i, f.clone())));
    }
    worst.sort_by(|a, b| b.1.severity.cmp(&a.1.severity).then(a.0.cmp(&b.0)));
    worst.truncate(20);
    #[expect(clippy::cast_precision_loss, reason = "counts of posts")]
    let per_thousand = (!posts.is_empty()).then(|| 1000.0 * by_severity.iter().sum::<usize>() as f64 / posts.len() as f64);
    Summary { posts: posts.len(), per_thousand, by_severity, worst }
}

/// Two or three hiragana stand in other words all the time (しゃぶしゃぶ, はげしい, うんちく). Such a find counts only between other signs or the particles that go before and after a
/// noun; all others count anywhere.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let is_hiragana = |c: char| ('\u{3041}'..='\u{309f}').contains(&c) || c == 'ー';
    let found = &text[start..end];
    if found.chars().count() > 3 || !found.chars().all(is_hiragana) {
        return true;
    }
    let before = text[..start].chars().next_back().is_none_or(|c| !is_hiragana(c) || "のはがをにでとも".contains(c));
    let after = text[end..].chars().next().is_none_or(|c| !is_hiragana(c) || "のはがをにでともだなよっー".contains(c));
    before && after
}

/// Cut after 。！？ and line ends, and after a stop that white space follows: `f.u.c.k` is no row of sentences.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let is_stop = matches!(c, '.' | '!' | '?') && text[end..].starts_with(char::is_whitespace);
        if is_stop || matches!(c, '\n' | '。' | '！' | '？') {
            found.push(&text[from..end]);
            from = end;
        }
    }
    found.push(&text[from..]);
    found
}

/// Single letters set apart by one and the same sign are put together: `f u c k`, `s-h-i-t`.
fn together(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let is_letter = |i: usize| signs.get(i).is_some_and(|c| kind(*c) == Kind::Letter);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < signs.len() {
        let gap = signs.get(at + 1).copied().filter(|c| matches!(c, ' ' | '.' | '-' | '_' | '*'));
        let starts = is_letter(at) && !(at > 0 && is_letter(at - 1));
        let mut end = at;
        while let Some(gap) = gap
            && starts
            && signs.get(end + 1) == Some(&gap)
            && is_letter(end + 2)
            && !is_letter(end + 3)
        {
            end += 2;
        }
        if end >= at + 4 {
            out.extend((at..=end).step_by(2).map(|i| signs[i]));
            at = end + 1;
        } else {
            out.push(signs[at]);
            at += 1;
        }
    }
    out
}

fn is_quoted(sentence: &str, word: &str) -> bool {
    let inner = fold(word);
    let pairs = [('「', '」'), ('『', '』'), ('“', '”'), ('"', '"'), ('‘', '’')];
    pairs.iter().any(|(open, close)| {
        let mut rest = sentence;
        while let Some(from) = rest.find(*open) {
            let after = &rest[from + open.len_utf8()..];
            let Some(to) = after.find(*close) else { return false };
            if fold(&after[..to]).contains(&inner) {
                return true;
            }
            rest = &after[to + close.len_utf8()..];
        }
        false
    })
}

/// The post speaks of a song or its words.
fn is_about_a_title(text: &str) -> bool {
    let folded = narrow(text);
    let english =
        words(&folded).iter().any(|w| matches!(w.text, "song" | "lyrics" | "lyric" | "album" | "track" | "nowplaying" | "movie" | "novel"));
    english || ["♪", "歌詞", "曲名", "の曲", "楽曲", "映画「", "小説「"].iter().any(|sign| folded.contains(sign))
}

fn katakana(c: char) -> char {
    match c {
        '\u{3041}'..='\u{3096}' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static OURS: LazyLock<Vetting> = LazyLock::new(Vetting::shipped);

    fn found(text: &str) -> Vec<String> {
        OURS.check(text).into_iter().map(|f| f.word).collect()
    }

    #[test]
    fn disguises_are_seen_through() {
        for text in ["what the FUCK", "f u c k this", "f.u.c.k", "fuuuuck", "f*ck", "ｆｕｃｋ", "fսck", "fu\u{200b}ck"] {
            assert_eq!(found(text), ["fuck"], "{text}");
        }
        assert_eq!(found("sh1t happens"), ["shit"]);
        for text in ["ちんこ", "チンコ", "ﾁﾝｺ", "ちンこ", "ち○こ", "チ●コ"] {
            assert!(!found(text).is_empty(), "{text}");
        }
        assert_eq!(found("まじで死ね"), ["死ね"]);
        for text in ["このばか！", "お前はアホだな", "うんこ踏んだ", "まじキモい", "はげの上司"] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn innocent_words_stay() {
        for text in [
            "Scunthorpe class assessment, a cocktail and a shiitake",
            "Dick Van Dyke was great",
            "パチンコに行く",
            "ぱちんこ屋の看板",
            "シネマとイエローのカスタム",
            "泣くばかりで約束を忘れた",
            "そばかすが可愛い",
            "電車の運行状況",
            "うれしいし、ね",
            "死ねばいいのにとは言わない",
            "カスタードとデブリ",
            "2 * 3 = 6 and f(x)",
            "バスの運行はうんこうひょうで",
            "そばから離れない",
            "角でぶつかる",
            "はげしい雨",
            "家にかえろう",
            "好きもいいけど",
            "うんちくを語る",
            "しゃぶしゃぶ食べ放題",
            "可愛いしね",
            "がいじんさん",
            "食べればかなり元気になる",
            "息を殺す場面",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn quotations_weigh_less_and_are_shown() {
        let plain = &OURS.check("Good day. You asshole! Bye.")[0];
        assert_eq!((plain.severity, plain.is_softened, plain.quote.as_str()), (2, false, "You asshole!"));
        let quoted = &OURS.check("監督は「死ね」と言った")[0];
        assert_eq!((quoted.severity, quoted.is_softened), (2, true));
        assert!(OURS.check("Best lyrics: fuck the rain ♪")[0].is_softened);
    }

    #[test]
    fn lists_of_others_join() {
        let mut entries = shipped();
        entries.extend(crate::vetting::lines("zorgle\n", Lang::En, 2, "elsewhere"));
        let vetting = Vetting::new(entries, &allowed());
        assert_eq!(vetting.check("You ZORGLE")[0].kind, "elsewhere");
    }

    #[test]
    fn the_sum() {
        let posts: Vec<_> = ["fine day", "shit", "damn, shit", "fuck"].iter().map(|t| OURS.check(t)).collect();
        let sum = summary(&posts);
        assert_eq!((sum.posts, sum.per_thousand, sum.by_severity), (4, Some(750.0), [0, 2, 1]));
        assert_eq!((sum.worst[0].0, sum.worst[0].1.severity), (3, 3));
        assert_eq!(summary(&[]).per_thousand, None);
    }

    proptest! {
        #[test]
        fn any_text_is_checked(text in "\\PC{0,60}|[fuck*○ちんこチンコ「」. ]{0,30}") {
            prop_assert!(OURS.check(&text).iter().all(|f| (1..=3).contains(&f.severity)));
        }

        #[test]
        fn width_and_case_do_not_matter(text in "[a-z ]{0,12}(fuck|shit|hello)[ a-z]{0,12}") {
            let wide: String = text.chars().map(|c| if c == ' ' { c } else { char::from_u32(c as u32 + 0xfee0).unwrap() }).collect();
            prop_assert_eq!(found(&wide), found(&text));
            prop_assert_eq!(found(&text.to_uppercase()), found(&text));
        }
    }
}
