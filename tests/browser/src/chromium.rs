//! A headless Chromium, driven through chromedriver, that looks and listens: screenshots, accessibility, console.

use std::{
    io::{BufRead, BufReader},
    panic::AssertUnwindSafe,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use futures_util::{FutureExt, future::join_all};
use hibiki_tests::{
    Stage,
    database::Kind,
    peers::{missing, root},
    stage::{tell_with, until},
};
use serde_json::{Value, json};
use server::config::Config;
use tempfile::TempDir;
use thirtyfour::{By, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver, WebElement};

/// The browser of one story.
pub struct Chromium {
    /// For what the helpers do not offer.
    pub driver: WebDriver,
    home: String,
    language: String,
    chromedriver: Child,
    _profile: TempDir,
}

/// The widths at which every page is looked at: a phone's and a desk's.
pub const WIDTHS: [u32; 2] = [360, 1280];

/// The height of both.
const HEIGHT: u64 = 900;

/// The themes in which every page is looked at, as the system asks for them.
pub const THEMES: [&str; 2] = ["light", "dark"];

/// Whether a page is to be pictured: all of them where `HIBIKI_TEST_PICTURES` is set, as `bin/screenshots` does, since a picture takes longer
/// than all else that is done with a page; otherwise those that everybody sees, so that taking pictures is tried too.
fn pictured(name: &str) -> bool {
    name.starts_with("public-") || std::env::var_os("HIBIKI_TEST_PICTURES").is_some()
}

/// Where the screenshots lie.
fn screenshots() -> PathBuf {
    let dir = root().join("target/screenshots");
    std::fs::create_dir_all(&dir).expect("a folder");
    dir
}

impl Chromium {
    /// Tells a story in a browser that asks for pages in `ja` or `en`, on SQLite. Says so and passes where there is no browser.
    pub fn tell(language: &str, story: impl AsyncFnOnce(&Stage, &Self)) {
        Self::tell_with([language], |_| {}, async |stage, [chromium]| story(stage, chromium).await);
    }

    /// As [`Chromium::tell`], with other settings, and in several browsers at once.
    pub fn tell_with<const N: usize>(
        languages: [&str; N],
        settings: impl FnOnce(&mut Config),
        story: impl AsyncFnOnce(&Stage, [&Self; N]),
    ) {
        let found = |name: &str| Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        if !found("chromedriver") || !root().join("tests/peers/node_modules/axe-core").exists() {
            return missing("chromedriver (apt install chromium-driver) and axe-core (npm ci --prefix tests/peers)");
        }
        tell_with(Kind::Sqlite, settings, async |stage| {
            let browsers = join_all(languages.map(|language| Self::start(stage, language))).await;
            let all = std::array::from_fn(|n| &browsers[n]);
            // A story that fails must not leave a browser running.
            let told = AssertUnwindSafe(story(stage, all)).catch_unwind().await;
            join_all(browsers.into_iter().map(Self::end)).await;
            if let Err(why) = told {
                std::panic::resume_unwind(why);
            }
        });
    }

    async fn start(stage: &Stage, language: &str) -> Self {
        let mut chromedriver =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("chromedriver starts");
        let output = chromedriver.stdout.take().expect("its output");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| line.split_once("successfully on port ").map(|(_, rest)| rest.trim_end_matches('.').to_owned()))
            .expect("chromedriver says its port");
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = TempDir::with_prefix("hibiki-browser-").expect("a folder");
        let mut wanted = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
        ] {
            wanted.add_arg(argument).expect("an argument");
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display())).expect("an argument");
        wanted.add_arg(&format!("--lang={language}")).expect("an argument");
        wanted.add_experimental_option("prefs", json!({ "intl.accept_languages": language })).expect("an option");
        wanted.set_browser_log_level(LoggingPrefsLogLevel::Warning).expect("an option");
        let driver = WebDriver::new(&format!("http://127.0.0.1:{port}"), wanted).await.expect("a browser");
        driver.set_implicit_wait_timeout(Duration::from_secs(2)).await.expect("a time");
        let chromium = Self {
            driver,
            home: stage.app.config.public_url.as_str().trim_end_matches('/').to_owned(),
            language: language.to_owned(),
            chromedriver,
            _profile: profile,
        };
        chromium.width(WIDTHS[0]).await;
        chromium.theme(THEMES[0]).await;
        // Clearing the cache and reading the weight of a page need it.
        chromium.command("Network.enable", json!({})).await;
        chromium
    }

    async fn end(mut self) {
        self.driver.quit().await.expect("the browser quits");
        let _ = (self.chromedriver.kill(), self.chromedriver.wait());
    }

    /// As wide as a device.
    pub async fn width(&self, width: u32) {
        self.size(width, HEIGHT).await;
    }

    async fn size(&self, width: u32, height: u64) {
        // The window itself cannot be as narrow as a phone; the emulated device can.
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// As a system that is set to light or dark.
    pub async fn theme(&self, theme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.command("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Asks the browser itself, by the DevTools protocol.
    pub async fn command(&self, name: &str, params: Value) -> Value {
        self.driver.cdp().send_raw(name, params).await.expect("the browser obeys")
    }

    /// Opens a page of ours by its path, or any by its address.
    pub async fn open(&self, path: &str) {
        let url = if path.starts_with('/') { format!("{}{path}", self.home) } else { path.to_owned() };
        self.driver.goto(url).await.expect("the page opens");
    }

    /// Opens a page as somebody does who was never here, and tells how many bytes came for it: the page with its styles, scripts and
    /// images, compressed as they were sent, with their headers. Not counted is the icon in the browser's tab, which holds up nothing.
    pub async fn open_cold(&self, path: &str) -> u64 {
        // Turning the cache off is what empties the part of it that lies in memory.
        for off in [true, false] {
            self.command("Network.setCacheDisabled", json!({ "cacheDisabled": off })).await;
        }
        self.command("Network.clearBrowserCache", json!({})).await;
        self.open(path).await;
        let weighed = self.run(
            "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => [e.name, e.transferSize])",
        );
        let weighed = weighed.await;
        weighed.as_array().into_iter().flatten().filter_map(|entry| entry[1].as_u64()).sum()
    }

    /// Shows HTML that came by another way than from the server, such as a mail.
    pub async fn show(&self, html: &str) {
        self.open(&format!("data:text/html;charset=utf-8;base64,{}", BASE64.encode(html))).await;
    }

    /// Waits until the page says something.
    pub async fn says(&self, text: &str) {
        until(&format!("{text:?}"), async || self.text().await.contains(text).then_some(())).await;
    }

    /// Waits until a script gives `true`.
    pub async fn holds(&self, script: &str) {
        until(script, async || (self.run(script).await == Value::Bool(true)).then_some(())).await;
    }

    /// Waits until the page's path begins so.
    pub async fn arrives(&self, path: &str) {
        until(path, async || self.path().await.starts_with(path).then_some(())).await;
    }

    /// Puts a person's session in: `hibiki=…`, as `Browser::cookies` gives it.
    pub async fn sign_in(&self, cookies: &str) {
        self.open("/conduct").await;
        for (name, value) in cookies.split("; ").filter_map(|c| c.split_once('=')) {
            let mut cookie = thirtyfour::Cookie::new(name, value);
            cookie.set_path("/");
            self.driver.add_cookie(cookie).await.expect("a cookie");
        }
    }

    /// The path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.expect("an address");
        url.as_str().strip_prefix(&self.home).unwrap_or(url.as_str()).to_owned()
    }

    /// The one that a CSS selector finds; waits for it a little.
    pub async fn find(&self, css: &str) -> WebElement {
        match self.driver.find(By::Css(css.to_owned())).await {
            Ok(element) => element,
            Err(e) => panic!("{css} on {}: {e}\n{}", self.path().await, self.text().await),
        }
    }

    /// Types into a field.
    pub async fn type_in(&self, name: &str, text: &str) {
        self.find(&format!("[name='{name}']")).await.send_keys(text).await.expect("typed");
    }

    /// Types into a field in place of what it holds.
    pub async fn retype(&self, name: &str, text: &str) {
        self.find(&format!("[name='{name}']")).await.clear().await.expect("cleared");
        self.type_in(name, text).await;
    }

    /// Clicks.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        element.scroll_into_view().await.expect("in view");
        element.click().await.expect("clicked");
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        self.run("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script and gives what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.expect("the script runs").json().clone()
    }

    /// Looks at the page as it is, on a phone and on a desk, in the light and in the dark: no axe violation, nothing wider than the screen, no
    /// complaint in the console. With a screenshot of each in `target/screenshots`, named `role-page_language_width_theme.png`, where they
    /// are asked for.
    pub async fn look(&self, name: &str) {
        if let Err(why) = self.try_look(name).await {
            panic!("{name}: {why}");
        }
    }

    /// As [`Chromium::look`]; what is wrong is told instead of a panic.
    pub async fn try_look(&self, name: &str) -> Result<(), String> {
        let mut wrong = Vec::new();
        let pictured = pictured(name);
        let language = self.run("return document.documentElement.lang").await;
        let language = language.as_str().filter(|said| !said.is_empty()).unwrap_or(&self.language);
        for width in WIDTHS {
            self.width(width).await;
            if pictured && width == WIDTHS[0] {
                // So that the bar at the foot of a phone stands at the foot of the picture.
                let height = self.run("return document.documentElement.scrollHeight").await;
                self.size(width, height.as_u64().unwrap_or_default().clamp(HEIGHT, 20_000)).await;
            }
            for theme in THEMES {
                self.theme(theme).await;
                if pictured {
                    self.shoot(&format!("{name}_{language}_{width}_{theme}")).await;
                }
                // What the dark changes is colour alone, and the desk shows all that there is of it.
                if theme == "light" || width == WIDTHS[1] {
                    wrong.extend(self.axe(theme).await.into_iter().map(|what| format!("at {width}, {theme}: {what}")));
                }
            }
            let wide = self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
            if wide != json!(0) {
                wrong.push(format!("wider than {width} px by {wide}"));
            }
        }
        self.width(WIDTHS[0]).await;
        self.theme(THEMES[0]).await;
        wrong.extend(self.complaints().await);
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }

    /// Puts the weight of a page's first load beside its screenshots.
    pub fn note_weight(&self, name: &str, bytes: u64) {
        std::fs::write(screenshots().join(format!("{name}_{}.bytes", self.language)), bytes.to_string()).expect("written");
    }

    async fn shoot(&self, name: &str) {
        // The whole page, not only what fits the window: with the pictures that a reader would scroll to.
        let load = "const done = arguments[arguments.length - 1]; for (const image of document.images) image.loading = 'eager'; \
                    Promise.allSettled([...document.images].map(image => image.decode())).then(() => done(true))";
        self.driver.execute_async(load, Vec::new()).await.expect("the pictures load");
        let png = self.command("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true })).await;
        let png = BASE64.decode(png["data"].as_str().unwrap_or_default()).expect("base64");
        std::fs::write(screenshots().join(format!("{name}.png")), png).expect("written");
    }

    /// What the console complained about since the last look: errors of scripts, files that are not there, the content security policy.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.expect("the log");
        // A form that is refused answers 422, which the console notes.
        log.into_iter().map(|entry| format!("{} {}", entry.level, entry.message)).filter(|line| !line.contains("status of 422")).collect()
    }

    /// The accessibility rules that the page breaks, with the elements that do. In the dark only the rules of colour: the others have been
    /// asked in the light.
    async fn axe(&self, theme: &str) -> Vec<String> {
        if self.run("return !window.axe").await == json!(true) {
            let axe = std::fs::read_to_string(root().join("tests/peers/node_modules/axe-core/axe.min.js")).expect("axe-core");
            // Given by the driver, so the page's content security policy does not matter.
            self.run(&axe).await;
        }
        let mut options = json!({ "resultTypes": ["violations"] });
        if theme == "dark" {
            options["runOnly"] = json!(["color-contrast", "link-in-text-block"]);
        } else if self.path().await.starts_with("data:") {
            // A mail stands inside the page of a mail program, whose landmarks are not ours to make.
            options["rules"] = json!({ "landmark-one-main": { "enabled": false }, "region": { "enabled": false } });
        }
        let script = format!(
            "const done = arguments[arguments.length - 1]; axe.run(document, {options}).then(r => done(r.violations.map(v => \
             v.id + ': ' + v.help + ' — ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + (n.failureSummary || '')).join(' | '))))"
        );
        let found = self.driver.execute_async(script, Vec::new()).await.expect("axe runs").json().clone();
        found.as_array().into_iter().flatten().map(|what| what.as_str().unwrap_or_default().to_owned()).collect()
    }
}
