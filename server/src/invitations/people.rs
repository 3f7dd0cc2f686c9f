//! People as they come out of a spreadsheet, an address book or a mail: whom each line means, and at which address. Pure.

use crate::base::text;

/// What stands between the cells of a line.
const BETWEEN: &[char] = &[',', '\t', ';', '、', '，', '；', '<', '>', '＜', '＞'];
/// What stands around a cell.
const AROUND: &[char] = &['"', '“', '”', '「', '」', '\'', '\u{feff}'];
/// So many cells before the address may be one name, as family and given name are.
const NAME_CELLS: usize = 2;

/// Heads of columns, folded.
const ADDRESS_HEADS: &[&str] = &["メール", "めーる", "アドレス", "あどれす", "mail"];
const READING_HEADS: &[&str] = &["ふりがな", "かな", "よみ", "読み", "kana", "reading"];
const NAME_HEADS: &[&str] = &["名前", "氏名", "姓", "名", "name", "クリエイター", "くりえいたー"];

/// Which columns hold what, where the first line says so.
struct Columns {
    name: Vec<usize>,
    address: usize,
}

/// Reads people who are not among the creators yet: one a line, name and address in either order, separated by a comma, a tab, or as `Name <address>`; a
/// head line says which columns they are in. Readings in kana and handles are no names. What is missing stays empty, and the rules for recipients say so. Of
/// a line with several addresses nobody knows whose they are: it stays together, and is no address.
pub fn people(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines().filter(|line| !cells(line).iter().all(|cell| cell.is_empty())).peekable();
    let columns = lines.peek().and_then(|line| columns(line));
    if columns.is_some() {
        lines.next();
    }
    lines.map(|line| columns.as_ref().and_then(|columns| placed(line, columns)).unwrap_or_else(|| person(line))).collect()
}

fn cells(line: &str) -> Vec<&str> {
    line.split(BETWEEN).map(|cell| cell.trim().trim_matches(AROUND).trim()).collect()
}

/// The columns of a head line; none where the line is no such thing.
fn columns(line: &str) -> Option<Columns> {
    let heads: Vec<String> = cells(line).into_iter().map(text::search_key).collect();
    let is = |head: &String, words: &[&str]| words.iter().any(|word| head.contains(word));
    if heads.iter().any(|head| head.contains('@')) {
        return None;
    }
    let address = heads.iter().position(|head| is(head, ADDRESS_HEADS))?;
    let is_name = |(at, head): (usize, &String)| (at != address && !is(head, READING_HEADS) && is(head, NAME_HEADS)).then_some(at);
    Some(Columns { name: heads.iter().enumerate().filter_map(is_name).take(NAME_CELLS).collect(), address })
}

/// A line below a head line that names its columns.
fn placed(line: &str, columns: &Columns) -> Option<(String, String)> {
    let cells = cells(line);
    let name: Vec<&str> = columns.name.iter().filter_map(|at| cells.get(*at)).filter(|cell| !cell.is_empty()).copied().collect();
    let address = *cells.get(columns.address)?;
    (!name.is_empty() && (address.is_empty() || is_address(address))).then(|| (without_reading(&name.join(" ")), address.to_owned()))
}

fn person(line: &str) -> (String, String) {
    // In a line without other bounds a blank stands before the address.
    let parts: Vec<&str> = cells(line)
        .into_iter()
        .flat_map(|cell| match cell.rsplit_once(char::is_whitespace) {
            Some((name, address)) if is_address(address) && !name.contains(AT) => vec![name.trim(), address],
            _ => vec![cell],
        })
        .filter(|part| !part.is_empty())
        .collect();
    let addresses: Vec<&str> = parts.iter().copied().filter(|part| is_address(part)).collect();
    let (before, after) = match addresses.first().and_then(|first| parts.iter().position(|part| part == first)) {
        Some(at) => parts.split_at(at),
        None => (parts.as_slice(), [].as_slice()),
    };
    let name = Some(name_in(before)).filter(|name| !name.is_empty()).unwrap_or_else(|| name_in(after));
    match addresses.as_slice() {
        [address, others @ ..] if others.iter().any(|other| other != address) => (name, addresses.join(", ")),
        [address, ..] => (name, (*address).to_owned()),
        // What comes nearest to an address, so that it can be said what is wrong with it.
        [] => {
            let nearly = parts.iter().skip(1).find(|part| part.is_ascii() && part.contains('.') && !part.contains(' '));
            let rest: Vec<&str> = parts.iter().copied().filter(|part| Some(part) != nearly).collect();
            (name_in(&rest), nearly.copied().unwrap_or_default().to_owned())
        }
    }
}

const AT: [char; 2] = ['@', '＠'];

/// Something before the sign and something after it; a handle has nothing before.
fn is_address(cell: &str) -> bool {
    cell.split_once(AT).is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
}

/// The name among cells: neither a number, a handle, a link nor a reading beside a name.
fn name_in(cells: &[&str]) -> String {
    let is_other = |cell: &str| cell.contains(AT) || cell.contains("://") || cell.chars().all(|c| c.is_numeric());
    let mut names: Vec<&str> = cells.iter().copied().filter(|cell| !is_other(cell)).collect();
    if names.iter().any(|cell| !is_kana(cell)) {
        names.retain(|cell| !is_kana(cell));
    } else {
        names.truncate(1);
    }
    without_reading(&names.into_iter().take(NAME_CELLS).collect::<Vec<_>>().join(" "))
}

/// 佐藤 美咲（サトウ ミサキ） is called 佐藤 美咲.
fn without_reading(name: &str) -> String {
    let name = name.trim();
    let open = name.find(['（', '(']).filter(|at| *at > 0 && name.ends_with(['）', ')']));
    match open.map(|at| name.split_at(at)) {
        Some((before, bracket)) if is_kana(bracket.trim_matches(['（', '(', '）', ')'])) && !is_kana(before) => before.trim().to_owned(),
        _ => name.to_owned(),
    }
}

/// Kana alone, in any width.
fn is_kana(text: &str) -> bool {
    let is = |c: char| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}') || c.is_whitespace();
    text.chars().any(|c| !c.is_whitespace()) && text.chars().all(is)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str) -> (String, String) {
        people(line).pop().expect("somebody")
    }

    fn told(name: &str, address: &str) -> (String, String) {
        (name.to_owned(), address.to_owned())
    }

    #[test]
    fn two_addresses_in_a_line_are_nobodys() {
        assert_eq!(read("Two, two@snack.example, three@snack.example"), told("Two", "two@snack.example, three@snack.example"));
        assert!(text::Email::parse(&read("a@b.example c@d.example").1).is_err());
        assert_eq!(read("Two, two@snack.example, two@snack.example"), told("Two", "two@snack.example"));
    }

    #[test]
    fn people_as_they_are_pasted() {
        for line in [
            "花子, hana@example.com",
            "hana@example.com\t花子",
            "花子、hana@example.com",
            "「花子」 <hana@example.com>",
            " 花子；hana@example.com ",
            "花子 hana@example.com",
            "花子　hana@example.com",
            "12,花子,hana@example.com,@hana_cafe,https://example.com/hana",
            "花子,はなこ,hana@example.com",
            "花子,hana@example.com,ハナコ",
            "花子（ハナコ）,hana@example.com",
            "花子(ﾊﾅｺ),hana@example.com",
        ] {
            assert_eq!(read(line), told("花子", "hana@example.com"), "{line}");
        }
        assert_eq!(read("Doe, Jane, jane@example.com").0, "Doe Jane");
        assert_eq!(read("田中\t三郎\tタナカ\tサブロウ\tx@example.com").0, "田中 三郎");
        assert_eq!(read("ひかり, h@example.com").0, "ひかり", "kana alone is a name");
        assert_eq!(read("Hana (Cafe), h@example.com").0, "Hana (Cafe)");
        assert_eq!(read("hana@example.com"), told("", "hana@example.com"));
        assert_eq!(read("hana"), told("hana", ""));
        assert_eq!(read("林 優,"), told("林 優", ""));
        assert_eq!(read("花子, hana.example.com"), told("花子", "hana.example.com"));
        assert_eq!(read("花子, @hana"), told("花子", ""), "a handle is no address");
        assert_eq!(people("\n \r\na, a@b.example\n").len(), 1);
    }

    #[test]
    fn a_head_line_says_what_is_where() {
        let list =
            "No.,Instagram,お名前,フリガナ,メールアドレス\n1,@hana,花子,ハナコ,hana@example.com\n2,,次郎,ジロウ,\n3,,,,x@example.com\n";
        assert_eq!(people(list), [told("花子", "hana@example.com"), told("次郎", ""), told("", "x@example.com")]);
        let list = "\u{feff}Last name\tFirst name\tE-mail\nDoe\tJane\tjane@example.com";
        assert_eq!(people(list), [told("Doe Jane", "jane@example.com")]);
        assert_eq!(people("メール太郎, m@example.com"), [told("メール太郎", "m@example.com")], "a person is no head line");
    }

    proptest! {
        #[test]
        fn any_list_of_people_is_read(text in "(\\PC|[,@\n]){0,200}") {
            let read = people(&text);
            prop_assert!(read.len() <= text.lines().count());
            prop_assert!(read.iter().all(|(name, _)| !name.contains('@')));
        }
    }
}
