//! The HTML output in a real browser: Chromium, without a window. Where there is none, the tests
//! say so and check nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use docalign::{
    evaluate::{
        DocumentReport, Family, Mode, ModeResult, Outcome, Pair, PairPictures, Reliability, Report,
        SystemResult, Verdict,
    },
    geometry::{PageIndex, Rect},
    output::{OutputOptions, html},
    pipeline::AlignedDocument,
};

use super::sample;

/// A start with an empty profile takes a second or two, on a busy machine ten times that.
const TIME_LIMIT: Duration = Duration::from_secs(90);

fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: no chromium on this machine, the HTML output was not opened");
    }
    found
}

/// A folder that goes when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("docalign-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Scratch(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the browser made of a page.
struct Opened {
    /// The document after its scripts ran.
    dom: String,
    /// What they complained of.
    console: Vec<String>,
}

fn open(chromium: &Path, name: &str, page: &str, fragment: &str) -> Opened {
    let scratch = Scratch::new(name);
    let file = scratch.0.join("page.html");
    fs::write(&file, page).unwrap();
    let url = format!("file://{}#{fragment}", file.display());
    let profile = format!("--user-data-dir={}", scratch.0.join("profile").display());
    let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
                 --disable-background-networking --enable-logging=stderr --window-size=1400,900 \
                 --virtual-time-budget=4000 --dump-dom";
    let (dom, log) = (scratch.0.join("dom"), scratch.0.join("log"));
    let mut child = Command::new(chromium)
        .args(flags.split_whitespace())
        .args([&profile, &url])
        .stdin(Stdio::null())
        .stdout(fs::File::create(&dom).unwrap())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > TIME_LIMIT {
            child.kill().unwrap();
            panic!("the browser did not finish in {TIME_LIMIT:?}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let log = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
    Opened {
        dom: fs::read_to_string(&dom).unwrap(),
        console: log
            .lines()
            .filter(|line| line.contains("CONSOLE"))
            .map(str::to_owned)
            .collect(),
    }
}

fn page_of(document: &AlignedDocument) -> String {
    let mut out = Vec::new();
    html::write(document, &OutputOptions::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The start tag of the element whose attributes contain all of `parts`.
fn tag_with<'a>(dom: &'a str, parts: &[&str]) -> Option<&'a str> {
    dom.split('<')
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag)
        .find(|tag| parts.iter().all(|part| tag.contains(part)))
}

#[test]
fn a_deep_link_selects_its_visual() {
    let Some(chromium) = chromium() else { return };
    let opened = open(&chromium, "deep", &page_of(&sample::document()), "v1");
    assert_eq!(opened.console, Vec::<String>::new());
    let dom = &opened.dom;
    let row = tag_with(dom, &["class=\"row", "data-id=\"v1\""]).unwrap();
    assert!(row.contains("aria-current=\"true\""), "{row}");
    assert!(tag_with(dom, &["class=\"box", "data-id=\"v1\"", "is-focus"]).is_some());
    assert!(tag_with(dom, &["class=\"box", "data-id=\"p2\"", "is-related"]).is_some());
    assert!(tag_with(dom, &["class=\"box", "data-id=\"p4\"", "is-related"]).is_none());
    assert!(tag_with(dom, &["class=\"card", "data-id=\"p2\""]).is_some());
    assert!(
        dom.contains("It names “Figure 1”."),
        "the evidence is not in words"
    );
    // The page's image is attached, and it is one that this program drew.
    assert!(tag_with(dom, &["img", "src=\"data:image/png;base64,"]).is_some());
}

#[test]
fn script_in_the_text_stays_text() {
    let Some(chromium) = chromium() else { return };
    let mut document = sample::document();
    document.document.structure.title = Some(sample::INJECTION.to_owned());
    document.source.file_name = sample::INJECTION.to_owned();
    document.visuals[0].alt_text = Some(sample::INJECTION.to_owned());
    document.alignment.unresolved_mentions[0].reason = sample::INJECTION.to_owned();
    let page = page_of(&document);
    // Also without the policy, which would stop a script that got in.
    let policy = page
        .lines()
        .find(|line| line.contains("Content-Security-Policy"))
        .unwrap();
    for (name, page) in [("safe", page.clone()), ("bare", page.replace(policy, ""))] {
        let opened = open(&chromium, name, &page, "p2");
        assert_eq!(opened.console, Vec::<String>::new());
        assert!(!opened.dom.contains("<title>broken in"), "a script ran");
        assert!(
            tag_with(&opened.dom, &["img", "onerror"]).is_none(),
            "markup got in"
        );
        assert!(
            opened.dom.contains("&lt;/script&gt;&lt;script&gt;"),
            "the text is gone"
        );
    }
}

/// Points at things and writes down what lights up.
const POINTER: &str = "
const lit = () => [...document.querySelectorAll('.box.is-focus, .box.is-related')].map((n) => n.dataset.id).sort().join(' ');
const at = (selector) => document.querySelector(selector).dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }));
const key = (name) => document.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
setTimeout(() => {
  const seen = [];
  at('.box[data-id=v1]'); seen.push(lit());
  at('.box[data-id=p2]'); seen.push(lit());
  at('.page-name'); seen.push(lit());
  document.querySelector('.row[data-id=v1]').click(); seen.push(location.hash, lit());
  key('Escape'); seen.push(lit());
  document.getElementById('tab-unaligned').click();
  seen.push([...document.querySelectorAll('#list .row')].map((n) => n.textContent).join('; '));
  document.getElementById('tab-paragraphs').click();
  const search = document.getElementById('search');
  search.value = 'WEAK'; search.dispatchEvent(new Event('input'));
  setTimeout(() => {
    seen.push([...document.querySelectorAll('#list .row')].map((n) => n.dataset.id).join(' '));
    document.body.append(Object.assign(document.createElement('pre'), { id: 'seen', textContent: seen.join('\\n') }));
  }, 500);
}, 1000);";

#[test]
fn pointing_and_keys_light_what_belongs_together() {
    let Some(chromium) = chromium() else { return };
    let page = page_of(&sample::document());
    let policy = page
        .lines()
        .find(|line| line.contains("Content-Security-Policy"))
        .unwrap();
    let page = page
        .replace(policy, "")
        .replace("</body>", &format!("<script>{POINTER}</script></body>"));
    let opened = open(&chromium, "pointer", &page, "");
    assert_eq!(opened.console, Vec::<String>::new());
    let seen = opened.dom.split_once("<pre id=\"seen\">").unwrap().1;
    let seen: Vec<&str> = seen.split("</pre>").next().unwrap().lines().collect();
    let expected = [
        "p2 v1", // the figure's paragraph
        "p2 v1", // and back
        "",
        "#v1",
        "p2 v1",
        "",
        "Photop. ii; Figure 9p. iino figure 9 in this document; p. iino text",
        "p4",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn the_policy_allows_one_style_and_one_script() {
    let page = page_of(&sample::document());
    assert_eq!(page.matches("'sha256-").count(), 2);
    assert!(page.contains("default-src 'none'; img-src data:;"));
    for forbidden in [
        "unsafe-inline",
        " onclick=",
        " style=\"",
        "http://",
        "https://",
    ] {
        let found = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!found.contains(forbidden), "{forbidden}");
    }
}

fn wrong_pair(number: &str, outcome: Outcome) -> (Pair, Verdict) {
    let pair = Pair {
        page: PageIndex(4),
        bbox: Rect::new(100.0, 100.0, 110.0, 110.0),
        paragraph: None,
        paragraph_kind: None,
        family: Family::Figure,
        number: Some(number.to_owned()),
        target_page: PageIndex(5),
        target: Rect::new(100.0, 300.0, 200.0, 310.0),
        visual: None,
        k: 1,
        named: None,
        caption_found: false,
        visual_found: false,
    };
    let verdict = Verdict {
        outcome,
        rank: None,
        links: 0,
        predicted: None,
    };
    (pair, verdict)
}

/// Chooses a cause, then a text, and writes down what is shown.
const FILTER: &str = "
const shown = () => [...document.querySelectorAll('.pair:not([hidden])')].map((n) => n.dataset.cause).join(' ');
setTimeout(() => {
  const seen = [shown()];
  document.querySelector('button[data-cause=no-link]').click(); seen.push(shown());
  document.querySelector('button[data-cause=no-link]').click();
  filter.value = 'FIGURE 2.5'; filter.dispatchEvent(new Event('input')); seen.push(shown(), status.textContent);
  document.body.append(Object.assign(document.createElement('pre'), { id: 'seen', textContent: seen.join('\\n') }));
}, 500);";

#[test]
fn the_report_of_an_evaluation_filters_its_pairs() {
    let (pairs, verdicts) = [
        wrong_pair("1", Outcome::NoLink),
        wrong_pair("2.5", Outcome::WrongLink),
        wrong_pair(sample::INJECTION, Outcome::NoLink),
    ]
    .into_iter()
    .unzip();
    let mut reliability = Reliability::default();
    reliability.bins[3].links = 4;
    let report = Report::new(vec![DocumentReport {
        file_name: sample::INJECTION.to_owned(),
        language: sample::INJECTION.to_owned(),
        error: Some(sample::INJECTION.to_owned()),
        pages: 30,
        modes: vec![ModeResult {
            mode: Mode::Open,
            pairs,
            systems: vec![SystemResult {
                name: sample::INJECTION.to_owned(),
                verdicts,
                reliability: Some(reliability),
            }],
        }],
        ..DocumentReport::default()
    }]);
    let mut page = Vec::new();
    report
        .write_html(&PairPictures::default(), &mut page)
        .unwrap();
    let page = String::from_utf8(page).unwrap();
    assert_eq!(page.matches("'sha256-").count(), 2);
    for forbidden in ["unsafe-inline", " onclick=", " style=\"", "{{", "http"] {
        assert!(
            !page.replace("http-equiv", "").contains(forbidden),
            "{forbidden}"
        );
    }
    let Some(chromium) = chromium() else { return };
    let opened = open(&chromium, "report", &page, "");
    assert_eq!(opened.console, Vec::<String>::new());
    let policy = page
        .lines()
        .find(|line| line.contains("Content-Security-Policy"))
        .unwrap();
    let page = page
        .replace(policy, "")
        .replace("</body>", &format!("<script>{FILTER}</script></body>"));
    let opened = open(&chromium, "report-filter", &page, "");
    assert_eq!(opened.console, Vec::<String>::new());
    assert!(!opened.dom.contains("<title>broken in"), "a script ran");
    let seen = opened.dom.split_once("<pre id=\"seen\">").unwrap().1;
    let seen: Vec<&str> = seen.split("</pre>").next().unwrap().lines().collect();
    let expected = [
        "no-link wrong-link no-link",
        "no-link no-link",
        "wrong-link",
        "1 of 3 shown",
    ];
    assert_eq!(seen, expected);
}
