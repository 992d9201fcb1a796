//! What keys do, without a terminal.

use super::super::keys::{Below, Keys};
use super::super::object::Look;
use super::super::table::{AtHand, Cell, Heading, Line, Page, Place, Table};
use super::*;
use proptest::prelude::*;
use snapscope_objects::kinds;
use std::sync::Arc;

fn kv() -> &'static snapscope_objects::kind::ObjectKind {
    kinds::by_name("kv").unwrap()
}

fn line(name: &str, target: Target) -> Line {
    let cells = vec![Cell::text(name.as_bytes()), Cell::number(1)];
    let question = Some(format!("key read {name}"));
    Line { cells, target, question, is_sentence: false }
}

fn table(title: &str, lines: Vec<Line>, objects: Option<Objects>) -> Table {
    Table {
        title: title.to_owned(),
        columns: Heading::all([("name", 0), ("keys", 0)]),
        rows: Arc::new(AtHand(lines)),
        objects,
        note: None,
        imported: 0,
    }
}

fn below(prefix: &str) -> Below {
    Below { prefix: prefix.into(), keys: 0..3 }
}

fn objects(below: Option<Below>) -> Objects {
    Objects { kind: kv(), below, filter: None, with_imported: false }
}

fn object(name: &str) -> Target {
    Target::Object(kv(), Place::Named(name.into()))
}

/// A browser that shows the contents.
fn browser() -> Browser {
    let mut browser = Browser::new("a.snap");
    browser.resize(80, 24);
    let many = (0..50).map(|n| line(&format!("key-{n}"), object("x")));
    let mut lines = vec![
        line("folder", Target::Keys(below("app/"))),
        line("kind", Target::List(kv())),
        line("object", object("app/a")),
        line("nothing", Target::Nothing("open nodes".to_owned())),
        line("page", Target::Text(Arc::new(Page::default()))),
    ];
    lines.extend(many);
    load(&mut browser, lines);
    browser
}

fn load(browser: &mut Browser, lines: Vec<Line>) {
    let table = table("contents", lines, None);
    browser.push(View::table(table, &Kept::default()));
}

fn type_in(browser: &mut Browser, text: &str) {
    text.chars().for_each(|c| assert!(browser.key(Key::Char(c)).is_none()));
}

fn title(browser: &Browser) -> &str {
    browser.views.last().unwrap().title()
}

/// Opens the list of keys below a prefix.
fn with_list() -> Browser {
    let mut browser = browser();
    let (to, ask) = browser.key(Key::Enter).unwrap();
    assert!(matches!(ask, Ask::Level { by_size: false, .. }));
    let objects = objects(Some(below("app/")));
    let lines = ["a", "b", "c"].map(|name| line(name, object(name))).to_vec();
    browser.answer(to, Told::Table(table("app/", lines, Some(objects))));
    browser
}

#[test]
fn nothing_is_asked_before_the_snapshot_is_read() {
    let mut browser = Browser::new("a\u{1b}[31m.snap");
    assert!(!browser.name.contains('\u{1b}'));
    for key in [Key::Enter, Key::Tab, Key::Char('a'), Key::Char('n'), Key::Char('s'), Key::Escape] {
        assert!(browser.key(key).is_none(), "{key:?}");
    }
    assert!(browser.is_waiting() && !browser.is_over);
    browser.key(Key::Char('q'));
    assert!(browser.is_over);
}

#[test]
fn a_line_opens_and_escape_goes_back_to_it() {
    let mut browser = with_list();
    assert_eq!(title(&browser), "app/");
    browser.key(Key::Down);
    let (to, ask) = browser.key(Key::Enter).unwrap();
    assert!(matches!(ask, Ask::Object { look: Look::Json, shown: false, .. }));
    let page = Page { title: "key b".to_owned(), lines: vec!["{}".to_owned()], question: None };
    browser.answer(to, Told::Page(page));
    assert_eq!(title(&browser), "key b");
    browser.key(Key::Escape);
    assert_eq!((title(&browser), browser.views.last().unwrap().cursor.at), ("app/", 1));
    browser.key(Key::Left);
    browser.key(Key::Escape);
    assert_eq!(title(&browser), "contents");
}

#[test]
fn values_are_masked_until_v() {
    let mut browser = with_list();
    let (to, _) = browser.key(Key::Enter).unwrap();
    browser.answer(to, Told::Page(Page::default()));
    let (to, ask) = browser.key(Key::Tab).unwrap();
    assert!(matches!(ask, Ask::Object { look: Look::Text, shown: false, .. }));
    browser.answer(to, Told::Page(Page::default()));
    let (to, ask) = browser.key(Key::Char('v')).unwrap();
    assert!(matches!(ask, Ask::Object { look: Look::Text, shown: true, .. }));
    browser.answer(to, Told::Page(Page::default()));
    let (_, ask) = browser.key(Key::Char('v')).unwrap();
    assert!(matches!(ask, Ask::Object { look: Look::Text, shown: false, .. }));
    // Another object is masked again.
    browser.key(Key::Escape);
    browser.key(Key::Escape);
    let (_, ask) = browser.key(Key::Enter).unwrap();
    assert!(matches!(ask, Ask::Object { look: Look::Json, shown: false, .. }));
}

#[test]
fn what_was_given_up_changes_nothing_when_it_comes() {
    let mut browser = browser();
    let (to, _) = browser.key(Key::Enter).unwrap();
    assert!(browser.is_waiting());
    browser.key(Key::Escape);
    assert!(!browser.is_waiting() && browser.current() > to);
    browser.answer(to, Told::Table(table("late", Vec::new(), None)));
    assert_eq!(title(&browser), "contents");
}

#[test]
fn a_filter_that_is_wrong_can_be_corrected() {
    let mut browser = with_list();
    browser.key(Key::Char('f'));
    type_in(&mut browser, "Flags = 1");
    let (to, ask) = browser.key(Key::Enter).unwrap();
    assert!(matches!(ask, Ask::List(Objects { filter: Some(_), below: Some(_), .. })));
    browser.answer(to, Told::Failed("unexpected \"=\"\n  more".to_owned()));
    assert_eq!(browser.message.as_deref(), Some("unexpected \"=\""));
    assert_eq!(browser.prompt.as_ref().unwrap().text, "Flags = 1");
    browser.key(Key::Clear);
    type_in(&mut browser, "Flags == 1");
    let (to, ask) = browser.key(Key::Enter).unwrap();
    let Ask::List(objects) = ask else { panic!("a list") };
    browser.answer(to, Told::Table(table("kv where", Vec::new(), Some(objects))));
    // An empty filter is the folder again; another one takes its place.
    browser.key(Key::Char('f'));
    browser.key(Key::Clear);
    assert!(browser.key(Key::Enter).is_none());
    assert_eq!(title(&browser), "app/");
}

#[test]
fn a_filter_needs_a_list() {
    let mut browser = browser();
    browser.key(Key::Char('f'));
    assert!(browser.prompt.is_none() && browser.message.is_some());
}

#[test]
fn a_search_chooses_the_line_that_is_found() {
    let mut browser = browser();
    assert!(browser.key(Key::Char('n')).is_none());
    browser.key(Key::Char('/'));
    type_in(&mut browser, "KEY-40q?");
    for _ in 0..2 {
        browser.key(Key::Backspace);
    }
    let (to, ask) = browser.key(Key::Enter).unwrap();
    let Ask::Find { text, from: 0, backwards: false, .. } = ask else { panic!("a search") };
    assert_eq!(text, "KEY-40");
    browser.answer(to, Told::Found(Some(45)));
    assert_eq!(browser.views.last().unwrap().cursor.at, 45);
    let (to, ask) = browser.key(Key::Char('N')).unwrap();
    assert!(matches!(ask, Ask::Find { from: 45, backwards: true, .. }));
    browser.answer(to, Told::Found(None));
    assert_eq!(browser.message.as_deref(), Some("\"KEY-40\" not found"));
}

#[test]
fn who_can_begins_with_what_is_chosen() {
    let mut browser = browser();
    browser.key(Key::Char('w'));
    assert_eq!(browser.prompt.as_ref().unwrap().text, "key read folder");
    let (_, ask) = browser.key(Key::Enter).unwrap();
    assert!(matches!(ask, Ask::WhoCan(text) if text == "key read folder"));
}

#[test]
fn a_line_that_opens_nothing_says_what_does() {
    let mut browser = browser();
    for _ in 0..3 {
        browser.key(Key::Down);
    }
    assert!(browser.key(Key::Enter).is_none());
    assert_eq!(browser.message.as_deref(), Some("open nodes"));
}

#[test]
fn objects_of_peers_come_and_go() {
    let mut browser = with_list();
    assert!(browser.key(Key::Char('p')).is_none());
    assert_eq!(browser.message.as_deref(), Some("nothing here is imported from peers"));
    browser.key(Key::Escape);
    browser.key(Key::Down);
    let (mut to, mut ask) = browser.key(Key::Enter).unwrap();
    for with_imported in [true, false] {
        let Ask::List(objects) = ask else { panic!("a list") };
        let list = Table { imported: 3, ..table("services", Vec::new(), Some(objects)) };
        browser.answer(to, Told::Table(list));
        (to, ask) = browser.key(Key::Char('p')).unwrap();
        assert!(matches!(&ask, Ask::List(o) if o.with_imported == with_imported));
        assert_eq!(browser.views.len(), 2);
    }
}

#[test]
fn help_is_left_by_any_other_key() {
    let mut browser = browser();
    browser.key(Key::Char('?'));
    browser.key(Key::Down);
    assert_eq!(browser.help, Some(1));
    browser.key(Key::Char('q'));
    assert!(browser.help.is_none() && !browser.is_over);
}

#[test]
fn keys_of_a_folder_are_sorted_by_size_and_back() {
    let mut browser = with_list();
    let (to, ask) = browser.key(Key::Char('s')).unwrap();
    assert!(matches!(ask, Ask::Level { by_size: true, .. }));
    let objects = objects(Some(below("app/")));
    browser.answer(to, Told::Table(table("app/", Vec::new(), Some(objects))));
    assert_eq!(browser.views.len(), 2);
    let (_, ask) = browser.key(Key::Char('s')).unwrap();
    assert!(matches!(ask, Ask::Level { by_size: false, .. }));
}

/// A key of any sort.
fn any_key() -> impl Strategy<Value = Key> {
    let named = [
        Key::Up,
        Key::Down,
        Key::PageUp,
        Key::PageDown,
        Key::Home,
        Key::End,
        Key::Enter,
        Key::Escape,
        Key::Left,
        Key::Right,
        Key::Tab,
        Key::Backspace,
        Key::Clear,
    ];
    prop_oneof![
        3 => prop::sample::select(named.to_vec()),
        2 => prop::sample::select("hjklgGnNvsfwap/? x\u{1b}".chars().collect::<Vec<_>>()).prop_map(Key::Char),
    ]
}

/// Answers as a reader would give them.
fn answer_to(ask: &Ask, turn: u8) -> Told {
    let lines = || (0..turn).map(|n| line(&n.to_string(), object("x"))).collect();
    match (ask, turn % 5) {
        (_, 4) => Told::Failed("no\nroom".to_owned()),
        (Ask::Level { below, .. }, _) => {
            let objects = objects(Some(below.clone()));
            Told::Table(table("keys", lines(), Some(objects)))
        }
        (Ask::List(objects), _) => Told::Table(table("list", lines(), Some(objects.clone()))),
        (Ask::Object { .. }, _) => {
            let lines = (0..turn).map(|n| "x".repeat(usize::from(n) * 3)).collect();
            Told::Page(Page { title: "object".to_owned(), lines, question: None })
        }
        (Ask::WhoCan(_) | Ask::Audit, _) => Told::Table(table("answer", lines(), None)),
        (Ask::Find { rows, .. }, turn) => {
            Told::Found((rows.len() > 0).then(|| usize::from(turn) % rows.len()))
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_a_line_is_chosen_that_is_there(
        steps in prop::collection::vec((any_key(), 0u8..60, any::<bool>(), 20usize..100, 5usize..40), 1..80),
    ) {
        let mut browser = browser();
        let mut waiting: Option<(u64, Ask)> = None;
        for (key, turn, comes, width, height) in steps {
            if let Some(asked) = browser.key(key) {
                waiting = Some(asked);
            }
            if comes && let Some((to, ask)) = waiting.take() {
                browser.answer(to, answer_to(&ask, turn));
            }
            if turn % 7 == 0 {
                browser.resize(width, height);
            }
            prop_assert!(!browser.views.is_empty() && !browser.is_over);
            let (view, height) = (browser.views.last().unwrap(), browser.height());
            let (cursor, count) = (view.cursor, view.count());
            prop_assert!(cursor.at < count.max(1));
            prop_assert!(cursor.top <= cursor.at);
            let is_page = matches!(view.body, Body::Page { .. });
            prop_assert!(is_page || cursor.at < cursor.top + height);
        }
    }
}

#[test]
fn a_folder_of_no_keys_is_empty() {
    let keys = Keys::new(Arc::new(tempfile::tempfile().unwrap()), Vec::new());
    let level = keys.level(&keys.all(), &|| true).unwrap();
    assert_eq!((keys.count(), level.len()), (0, 0));
}
