//! People as they come out of a spreadsheet, an address book or a mail: whom each line means, and at which address. Pure.

use crate::base::text;

/// What stands between the cells of a line.
const BETWEEN: &[char] = &[',', '\t', ';', '、', '，', '；', '<', '>', '＜', '＞'];
/// What stands around a cell.
const AROUND: &[char] = &['"', '“', '”', '「', '」', '\'', '\u{feff}'];
/// So many cells before the address may be one name, as family and given name are.
const NAME_CELLS: usize = 2;

/// The most cells of a line that may be about somebody without an address.
const MOST_CELLS: usize = 12;

/// Names of columns as address books and shops write them.
const ADDRESS_HEADS: &[&str] =
    &["メールアドレス", "メール", "eメール", "アドレス", "mail", "mail address", "email", "e-mail", "email address", "e-mail address"];
const NAME_HEADS: &[&str] = &[
    "お名前",
    "名前",
    "氏名",
    "姓",
    "名",
    "フルネーム",
    "活動名",
    "表示名",
    "クリエイター",
    "クリエイター名",
    "name",
    "full name",
    "first name",
    "last name",
    "given name",
    "family name",
    "surname",
    "creator",
    "display name",
];

/// Which columns hold what, where a head line says so.
struct Columns {
    name: Vec<usize>,
    address: usize,
}

/// Reads people who are not among the creators yet: one a line, name and address in either order, separated by a comma, a tab, or as `Name <address>`; a
/// head line says in which columns they are below it. Readings in kana and handles are no names. What is missing stays empty, and the rules for recipients
/// say so. Of a line with several addresses nobody knows whose they are: it stays together, and is no address.
pub fn people(text: &str) -> Vec<(String, String)> {
    let (mut found, mut held) = (Vec::new(), None);
    for line in text.lines() {
        let cells = cells(line);
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if let Some(columns) = columns(&cells) {
            held = Some(columns);
            continue;
        }
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        found.push(held.as_ref().and_then(|columns| placed(&cells, columns)).unwrap_or_else(|| person(&cells)));
    }
    found
}

/// The cells of a line; what a spreadsheet has put into quotes is one cell.
fn cells(line: &str) -> Vec<String> {
    let trimmed = |cell: &str| cell.trim().trim_matches(AROUND).trim().to_owned();
    if line.contains(['"']) {
        let delimiter = if line.contains('\t') { b'\t' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(line.as_bytes());
        if let Some(Ok(row)) = reader.records().next()
            && row.len() > 1
        {
            return row.iter().map(trimmed).collect();
        }
    }
    line.split(BETWEEN).map(trimmed).collect()
}

/// The columns of a head line; none where the line is no such thing.
fn columns(cells: &[String]) -> Option<Columns> {
    let heads: Vec<String> = cells.iter().map(|cell| text::search_key(cell)).collect();
    let is = |head: &String, words: &[&str]| words.iter().any(|word| *head == text::search_key(word));
    let address = heads.iter().position(|head| is(head, ADDRESS_HEADS))?;
    let names: Vec<usize> = heads.iter().enumerate().filter(|(_, head)| is(head, NAME_HEADS)).map(|(at, _)| at).collect();
    // One word alone may be somebody's name.
    (heads.len() > 1).then(|| Columns { name: names.into_iter().take(NAME_CELLS).collect(), address })
}

/// A line below a head line that names its columns.
fn placed(cells: &[&str], columns: &Columns) -> Option<(String, String)> {
    let names: Vec<&str> = columns.name.iter().filter_map(|at| cells.get(*at)).filter(|cell| !cell.is_empty()).copied().collect();
    let (name, address) = (name_in(&names), *cells.get(columns.address)?);
    (!name.is_empty() && (address.is_empty() || is_address(address))).then(|| (name, address.to_owned()))
}

fn person(cells: &[&str]) -> (String, String) {
    // In a line without other bounds a blank stands before the address.
    let parts: Vec<&str> = cells
        .iter()
        .copied()
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
        // So much without an address is no line of a list, and is said as it stands.
        [] if parts.len() > MOST_CELLS => {
            (parts.iter().filter(|part| !part.contains(AT)).copied().collect::<Vec<_>>().join(" "), String::new())
        }
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
        let list = "\"ACME, Inc.\",株式会社,a@example.com\n会社名,ユーザー名,氏名,E-mail\n\"ACME, Inc.\",@hana,佐藤 花,hana@example.com";
        assert_eq!(people(list)[1..], [told("佐藤 花", "hana@example.com")], "also below other lines, and a company is nobody's name");
        for person in ["メール太郎, m@example.com", "Ismail Kaya"] {
            assert_eq!(people(person).len(), 1, "a person is no head line");
        }
    }

    proptest! {
        #[test]
        fn any_list_of_people_is_read(head in prop::bool::ANY, text in "(\\PC|[,@\"\n]){0,200}") {
            let read = people(&format!("{}{text}", if head { "ID,お名前,メール\n" } else { "" }));
            prop_assert!(read.len() <= text.lines().count());
            prop_assert!(read.iter().all(|(name, _)| !name.contains('@')));
        }
    }
}
