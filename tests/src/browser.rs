//! A browser without JavaScript: cookies, redirects, pages read by CSS selectors, forms filled in as a person would.

use std::sync::Arc;

use reqwest::{Client, Method, StatusCode, Url, cookie::Jar, header::HeaderMap};
use scraper::{ElementRef, Html, Selector};

/// A browser with its cookies.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    home: Url,
    language: Arc<std::sync::Mutex<String>>,
}

impl Browser {
    /// With nobody signed in, in English.
    pub fn new(url: &str) -> Self {
        let jar = Arc::new(Jar::default());
        let client = Client::builder()
            .cookie_provider(jar.clone())
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("Story/1.0")
            // Nothing here is https, and to read the machine's certificates takes a while.
            .tls_built_in_root_certs(false)
            .build()
            .expect("a client");
        Self { client, jar, home: url.parse().expect("an address"), language: Arc::new("en".to_owned().into()) }
    }

    /// Asks for pages in `ja` or `en`, as long as nobody is signed in.
    pub fn language(&self, language: &str) -> &Self {
        *self.language.lock().expect("language") = language.to_owned();
        self
    }

    /// Puts a cookie in: `name=value; Path=/`.
    pub fn keep(&self, cookie: &str) {
        self.jar.add_cookie_str(cookie, &self.home);
    }

    /// The cookies as they would be sent: `hibiki=…`.
    pub fn cookies(&self) -> String {
        use reqwest::cookie::CookieStore;
        self.jar.cookies(&self.home).map(|v| v.to_str().unwrap_or_default().to_owned()).unwrap_or_default()
    }

    /// Opens an address and follows redirects.
    pub async fn get(&self, path: &str) -> Page {
        let page = self.get_only(path).await;
        self.followed(page).await
    }

    /// Opens an address without following.
    pub async fn get_only(&self, path: &str) -> Page {
        self.send(Method::GET, path, None).await
    }

    /// Sends a form from a page of ours and follows redirects.
    pub async fn post<K: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(K, V)]) -> Page {
        let page = self.post_only(path, fields).await;
        self.followed(page).await
    }

    /// Sends a form from a page of ours without following.
    pub async fn post_only<K: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(K, V)]) -> Page {
        let fields = fields.iter().map(|(k, v)| (k.as_ref().to_owned(), v.as_ref().to_owned())).collect();
        self.send(Method::POST, path, Some(fields)).await
    }

    /// The server's origin, as its own pages send it.
    pub fn origin(&self) -> String {
        self.home.origin().ascii_serialization()
    }

    /// A request to be filled and sent by the story, with this browser's cookies.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let language = self.language.lock().expect("language").clone();
        self.client.request(method, self.home.join(path).expect("a path")).header("Accept-Language", language)
    }

    async fn send(&self, method: Method, path: &str, form: Option<Vec<(String, String)>>) -> Page {
        let mut request = self.request(method, path).header("Accept", "text/html");
        if let Some(form) = form {
            let origin = self.home.origin().ascii_serialization();
            request = request.header("Origin", origin).header("Sec-Fetch-Site", "same-origin").form(&form);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers, url) = (response.status(), response.headers().clone(), response.url().clone());
        let bytes = response.bytes().await.expect("a body");
        let html = String::from_utf8_lossy(&bytes).into_owned();
        Page { browser: self.clone(), status, headers, path: url[url::Position::BeforePath..].to_owned(), html }
    }

    async fn followed(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            match page.location() {
                Some(to) => page = self.get_only(&to).await,
                None => return page,
            }
        }
        panic!("redirects without end at {}", page.path);
    }
}

/// A page that was answered.
#[derive(Clone)]
pub struct Page {
    browser: Browser,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Its address, without the server's.
    pub path: String,
    /// The HTML.
    pub html: String,
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|e| panic!("{css}: {e}"))
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Page {
    /// 200.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.is(200)
    }

    /// Some status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{} → {}\n{}", self.path, self.location().unwrap_or_default(), self.text());
        self
    }

    /// Whether it is the page at this address.
    #[track_caller]
    pub fn at(self, path: &str) -> Self {
        assert_eq!(self.path, path, "{}\n{}", self.status, self.text());
        self
    }

    /// A response header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<String> {
        self.status.is_redirection().then(|| self.header("location").to_owned())
    }

    /// All that can be read on it, white space folded.
    pub fn text(&self) -> String {
        let body = self.all("main");
        if body.is_empty() { self.all("body").join(" ") } else { body.join(" ") }
    }

    /// The texts of all that the selector finds.
    pub fn all(&self, css: &str) -> Vec<String> {
        Html::parse_document(&self.html).select(&selector(css)).map(text_of).collect()
    }

    /// How often the selector finds something.
    pub fn count(&self, css: &str) -> usize {
        Html::parse_document(&self.html).select(&selector(css)).count()
    }

    /// The text of the one that the selector finds.
    #[track_caller]
    pub fn one(&self, css: &str) -> String {
        let found = self.all(css);
        assert_eq!(found.len(), 1, "{css} on {}: {found:?}\n{}", self.path, self.text());
        found.into_iter().next().unwrap_or_default()
    }

    /// An attribute of the first that the selector finds.
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.html);
        html.select(&selector(css)).next().and_then(|e| e.value().attr(name)).map(str::to_owned)
    }

    /// The values of all fields that the selector finds.
    pub fn values(&self, css: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        html.select(&selector(css)).filter_map(|e| e.value().attr("value")).map(str::to_owned).collect()
    }

    /// Says the text somewhere in its content.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.text().contains(text), "{} does not say {text:?}:\n{}", self.path, self.text());
        self
    }

    /// Says the text nowhere.
    #[track_caller]
    pub fn silent_about(self, text: &str) -> Self {
        assert!(!self.html.contains(text), "{} says {text:?}:\n{}", self.path, self.text());
        self
    }

    /// The sentence from the page before.
    pub fn notice(&self) -> String {
        self.all("#notices").join(" ")
    }

    /// What stands beside a field as wrong with it.
    pub fn problem(&self, field: &str) -> Option<String> {
        self.all(&format!("[id='f-{field}-problem']")).into_iter().next()
    }

    /// The fields with a problem, in the order of the summary; the whole form's are empty.
    pub fn problems(&self) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        let items = selector("[data-problems] li");
        let link = selector("a");
        html.select(&items)
            .map(|li| match li.select(&link).next().and_then(|a| a.value().attr("href")) {
                Some(href) => href.trim_start_matches("#f-").to_owned(),
                None => String::new(),
            })
            .collect()
    }

    /// What a field holds.
    pub fn value(&self, field: &str) -> Option<String> {
        self.attribute(&format!("[name='{field}']"), "value").or_else(|| self.all(&format!("textarea[name='{field}']")).into_iter().next())
    }

    /// Opens the first link that says `text`.
    pub async fn follow(&self, text: &str) -> Page {
        let href = {
            let html = Html::parse_document(&self.html);
            let found = html.select(&selector("a[href]")).find(|a| text_of(*a).contains(text)).and_then(|a| a.value().attr("href"));
            found.unwrap_or_else(|| panic!("no link says {text:?} on {}:\n{}", self.path, self.text())).to_owned()
        };
        self.browser.get(&href).await
    }

    /// Whether a form leads to this address (without its query).
    pub fn has_form(&self, action: &str) -> bool {
        self.count(&format!("form[action='{action}']")) > 0
    }

    /// The form that leads to this address, filled as it stands on the page.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let html = Html::parse_document(&self.html);
        let Some(form) = html.select(&selector(&format!("form[action='{action}']"))).next() else {
            panic!("no form leads to {action} on {}; there are: {:?}", self.path, self.actions())
        };
        let mut filled = Form {
            browser: self.browser.clone(),
            action: action.to_owned(),
            method: form.value().attr("method").unwrap_or("get").to_ascii_lowercase(),
            fields: Vec::new(),
            names: Vec::new(),
            kinds: Vec::new(),
            buttons: Vec::new(),
        };
        for field in form.select(&selector("input[name], select[name], textarea[name], button[name]")) {
            filled.read(field);
        }
        filled
    }

    /// Where the forms of its main part lead to.
    pub fn actions(&self) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        html.select(&selector("main form")).filter_map(|f| f.value().attr("action").map(str::to_owned)).collect()
    }
}

/// A form being filled in. Fields that are not on the page cannot be filled.
pub struct Form {
    browser: Browser,
    action: String,
    /// `get` or `post`.
    pub method: String,
    fields: Vec<(String, String)>,
    /// Every field with the value that it may send, if fixed.
    names: Vec<(String, Option<String>)>,
    /// Every field that can be typed into or chosen in, with its kind: `text`, `email`, `textarea`, `select`, ….
    kinds: Vec<(String, String)>,
    buttons: Vec<(String, String)>,
}

impl Form {
    fn read(&mut self, field: ElementRef<'_>) {
        let attr = |name: &str| field.value().attr(name).map(str::to_owned);
        let Some(name) = attr("name") else { return };
        let value = attr("value");
        let kind = attr("type").filter(|_| field.value().name() == "input").unwrap_or_else(|| match field.value().name() {
            "input" => "text".into(),
            other => other.to_owned(),
        });
        if !matches!(kind.as_str(), "hidden" | "button" | "submit") {
            self.kinds.push((name.clone(), kind));
        }
        match (field.value().name(), attr("type").as_deref()) {
            ("textarea", _) => {
                let text: String = field.text().collect();
                self.names.push((name.clone(), None));
                self.fields.push((name, text.trim_start_matches('\n').to_owned()));
            }
            ("select", _) => {
                let options: Vec<_> = field.select(&selector("option")).collect();
                let several = attr("multiple").is_some();
                let chosen = options.iter().filter(|o| o.value().attr("selected").is_some()).collect::<Vec<_>>();
                let of = |o: &ElementRef<'_>| o.value().attr("value").map_or_else(|| text_of(*o), str::to_owned);
                self.names.extend(options.iter().map(|o| (name.clone(), Some(of(o)))));
                match (chosen.first(), several) {
                    (Some(option), false) => self.fields.push((name, of(option))),
                    (None, false) => self.fields.extend(options.first().map(|o| (name, of(o)))),
                    (_, true) => self.fields.extend(chosen.iter().map(|o| (name.clone(), of(o)))),
                }
            }
            ("input", Some("checkbox" | "radio")) => {
                let value = value.unwrap_or_else(|| "on".into());
                self.names.push((name.clone(), Some(value.clone())));
                if attr("checked").is_some() {
                    self.fields.push((name, value));
                }
            }
            // A button sends its value only if it is the one that is pressed.
            ("button", _) | ("input", Some("submit" | "image")) => {
                self.buttons.push((name.clone(), value.clone().unwrap_or_default()));
                self.names.push((name, value));
            }
            _ => {
                self.names.push((name.clone(), None));
                self.fields.push((name, value.unwrap_or_default()));
            }
        }
    }

    /// Types a value, or chooses the one option of a select or radio group.
    #[track_caller]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        let offered: Vec<_> = self.names.iter().filter(|(n, _)| n == name).collect();
        assert!(!offered.is_empty(), "the form to {} has no field {name}; it has {:?}", self.action, self.names());
        let fits = offered.iter().any(|(_, fixed)| fixed.as_ref().is_none_or(|fixed| *fixed == value));
        assert!(fits, "{name} of the form to {} does not offer {value:?} but {offered:?}", self.action);
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value));
        self
    }

    /// Types anything, also what the page does not offer.
    pub fn force(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// Ticks a box that stands alone.
    #[track_caller]
    pub fn tick(mut self, name: &str) -> Self {
        let value = self.names.iter().find_map(|(n, fixed)| (n == name).then(|| fixed.clone()).flatten());
        let value = value.unwrap_or_else(|| panic!("no box {name} in the form to {}; it has {:?}", self.action, self.names()));
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value));
        self
    }

    /// Ticks one more of several boxes.
    #[track_caller]
    pub fn also(mut self, name: &str, value: &str) -> Self {
        let offered = self.names.iter().any(|(n, fixed)| n == name && fixed.as_deref() == Some(value));
        assert!(offered, "{name} of the form to {} does not offer {value:?}: {:?}", self.action, self.names);
        if !self.fields.iter().any(|(n, v)| n == name && v == value) {
            self.fields.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Unticks every box of a name.
    pub fn untick(mut self, name: &str) -> Self {
        self.fields.retain(|(n, _)| n != name);
        self
    }

    /// What a field holds now.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The fields of the form.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.names.iter().map(|(n, _)| n.as_str()).collect();
        names.dedup();
        names
    }

    /// The fields that can be typed into or chosen in, each with its kind: `text`, `email`, `textarea`, `select`, ….
    pub fn kinds(&self) -> &[(String, String)] {
        &self.kinds
    }

    /// Its buttons that send a value of their own.
    pub fn buttons(&self) -> &[(String, String)] {
        &self.buttons
    }

    /// Where it leads to.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Sends it and follows redirects.
    pub async fn send(self) -> Page {
        match self.method.as_str() {
            "post" => self.browser.post(&self.action, &self.fields).await,
            _ => {
                let mut url = Url::parse("http://x.test").and_then(|base| base.join(&self.action)).expect("an address");
                url.query_pairs_mut().clear().extend_pairs(&self.fields);
                self.browser.get(&url[url::Position::BeforePath..]).await
            }
        }
    }
}
