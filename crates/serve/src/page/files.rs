//! The files of the page, built into the program.

/// A file: its name below `/ui/files/`, its content type, its bytes.
type File = (&'static str, &'static str, &'static [u8]);

const JS: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

macro_rules! module {
    ($name:literal) => {
        ($name, JS, include_bytes!(concat!("../../page/", $name)))
    };
}

static FILES: &[File] = &[
    module!("acl.js"),
    module!("audit.js"),
    module!("compare.js"),
    module!("data.js"),
    module!("dom.js"),
    module!("graph.js"),
    module!("keys.js"),
    module!("main.js"),
    module!("objects.js"),
    module!("overview.js"),
    module!("search.js"),
    module!("space.js"),
    module!("token.js"),
    ("common.css", CSS, snapscope_report::COMMON_STYLE.as_bytes()),
    ("page.css", CSS, include_bytes!("../../page/page.css")),
    ("pictures.css", CSS, snapscope_pictures::STYLE.as_bytes()),
];

/// The HTML page, which is the same for all views.
pub(crate) const INDEX: &[u8] = include_bytes!("../../page/index.html");

/// The views, each with its path below `/ui/`.
const VIEWS: [&str; 12] = [
    "overview", "space", "keys", "catalog", "graph", "acl", "audit", "compare", "series", "list",
    "object", "search",
];

/// Whether a path below `/ui/` is a view.
pub(crate) fn is_view(path: &str) -> bool {
    path.is_empty() || VIEWS.contains(&path)
}

/// The content type and the bytes of a file.
pub(crate) fn file(name: &str) -> Option<(&'static str, &'static [u8])> {
    let (_, media, bytes) = FILES.iter().find(|(known, ..)| *known == name)?;
    Some((*media, *bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each file that the page or a module refers to exists, and each view has its row.
    #[test]
    fn what_files_name_exists() {
        let index = std::str::from_utf8(INDEX).unwrap();
        for name in index.split("/ui/files/").skip(1) {
            let name = name.split('"').next().unwrap();
            assert!(file(name).is_some(), "{name}");
        }
        for (_, media, bytes) in FILES.iter().filter(|(_, media, _)| *media == JS) {
            assert_eq!(*media, JS);
            let text = std::str::from_utf8(bytes).unwrap();
            for name in text.split("from \"./").skip(1) {
                let name = name.split('"').next().unwrap();
                assert!(file(name).is_some(), "{name}");
            }
        }
        let (_, main) = file("main.js").unwrap();
        let main = std::str::from_utf8(main).unwrap();
        for view in VIEWS {
            assert!(main.contains(&format!("[\"{view}\", ")), "{view}");
        }
    }
}
