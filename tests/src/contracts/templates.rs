//! Templates: nothing inline that the content security policy would refuse, nothing from other hosts, a comment that says what each needs.

use regex::Regex;

use super::{none, sources};

#[test]
fn nothing_inline_and_nothing_from_elsewhere() {
    let rules = [
        (r#"\sstyle\s*="#, "an inline style"),
        (r"<style[\s>]", "a style element"),
        (r"<script(?![^>]*\ssrc=)", "an inline script"),
        (r#"<[a-z][^>]*\son[a-z]+\s*="#, "an event handler"),
        (r#"javascript:"#, "a javascript: address"),
        (r#"(?:src|srcset|action)\s*=\s*"(?:https?:)?//"#, "something from another host"),
        (r#"<link[^>]*href\s*=\s*"(?:https?:)?//"#, "a style or font from another host"),
        (r#"\|\s*safe"#, "text that is not escaped"),
    ];
    let scripts = Regex::new(r"<script[^>]*>").expect("regex");
    let mut wrong = Vec::new();
    // Mail programs know no style sheets; their templates are checked by the stories of mails.
    for file in sources("templates", ".html").into_iter().filter(|f| !f.path.starts_with("templates/mails/")) {
        for (rule, what) in rules {
            // The engine has no look-ahead, so a script's source is looked for by hand.
            if rule.contains("(?!") {
                wrong.extend(
                    scripts.find_iter(&file.text).filter(|s| !s.as_str().contains(" src=")).map(|_| format!("{}: {what}", file.path)),
                );
                continue;
            }
            for found in Regex::new(rule).expect("regex").find_iter(&file.text) {
                let line = file.text[..found.start()].matches('\n').count() + 1;
                // `attrs` is written as it stands: only literals of templates come there.
                let allowed = what.contains("escaped") && file.path == "templates/parts/forms.html";
                if !allowed {
                    wrong.push(format!("{}:{line}: {what}: {}", file.path, found.as_str()));
                }
            }
        }
    }
    none("templates that break the policy", wrong);
}

#[test]
fn every_template_says_what_it_needs() {
    let bare = sources("templates", ".html")
        .into_iter()
        .filter(|f| !f.text.lines().take(4).any(|line| line.contains("{#")))
        .map(|f| f.path)
        .collect();
    none("templates without a comment at their top: {#- … Needs: page, form. -#}", bare);
}

/// A link to an address that somebody else chose is marked as such, tells nobody where the reader came from, and lends it no weight (B29).
#[test]
fn links_outside_are_marked() {
    let links = Regex::new(r#"<a [^>]*href="([^"]*)"[^>]*>.*?</a>"#).expect("regex");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in sources("templates", ".html").into_iter().filter(|f| !f.path.starts_with("templates/mails/")) {
        for found in links.captures_iter(&file.text) {
            let (link, href) = (&found[0], &found[1]);
            // Addresses of our own are made by `urls`, and come as `href`; what others chose is the `url` of something.
            let chosen = href.trim_matches(['{', '}', ' ']).ends_with(".url");
            // This one opens the authenticator app on the same device.
            let outside = href.contains("://") || (chosen && file.path != "templates/accounts/security.html");
            let marked = link.contains("rel=\"noopener noreferrer nofollow\"") && link.contains("ui::icon(page, \"external\")");
            count += usize::from(outside);
            if outside != marked {
                wrong.push(format!("{}: {link}", file.path));
            }
        }
    }
    assert!(count >= 5, "{count}");
    none("links outside without their mark, or marked links inside", wrong);
}
