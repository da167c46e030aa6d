//! Key paths of JSON, and paths of elements and attributes of XML and HTML.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

pub type Paths = BTreeSet<(String, &'static str)>;

/// Every path of a JSON value with the type there; keys that are numbers are one key.
pub fn walk(value: &Value, path: &str, out: &mut Paths) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    out.insert((path.to_owned(), kind));
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|v| walk(v, &format!("{path}/-"), out)),
        Value::Object(map) => {
            for (key, v) in map {
                walk(v, &format!("{path}/{key}"), out);
            }
        }
        _ => {}
    }
}

/// Elements that hold nothing and are not closed, in HTML.
const VOID: [&str; 3] = ["hr", "img", "meta"];

/// Every element and attribute of markup, by the path of its elements. Enough for well-formed bodies without `>` in
/// their attributes.
pub fn walk_markup(text: &str) -> Paths {
    let mut out = Paths::new();
    let mut open: Vec<&str> = Vec::new();
    for piece in text.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        if tag.starts_with(['!', '?']) {
            continue;
        }
        if tag.starts_with('/') {
            open.pop();
            continue;
        }
        let name = tag.split([' ', '/', '\n']).next().unwrap();
        open.push(name);
        let path = open.join("/");
        for attribute in tag
            .split("=\"")
            .filter_map(|part| part.rsplit([' ', '\n']).next())
        {
            let key = attribute.trim();
            if tag.contains(&format!("{key}=\""))
                && key
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b"-0123456789_".contains(&b))
            {
                out.insert((format!("{path}@{key}"), "attribute"));
            }
        }
        out.insert((path, "element"));
        if tag.ends_with('/') || VOID.contains(&name) {
            open.pop();
        }
    }
    out
}

/// The text of captures whose names pass; none when they are not on this machine.
pub fn captured(directory: &str, keep: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let base = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/payloads")
        .join(directory);
    let Ok(files) = std::fs::read_dir(&base) else {
        println!("skipped: no captures in ../shared/payloads/{directory}");
        return None;
    };
    let texts: Vec<String> = files
        .map(|file| file.unwrap())
        .filter(|file| keep(&file.file_name().to_string_lossy()))
        .map(|file| {
            let text = std::fs::read_to_string(file.path()).unwrap();
            text.trim_start_matches('\u{feff}').to_owned()
        })
        .collect();
    assert!(!texts.is_empty(), "no capture matched in {directory}");
    Some(texts)
}

/// The key paths of JSON captures.
pub fn captured_paths(directory: &str, keep: impl Fn(&str) -> bool) -> Option<Paths> {
    let mut out = Paths::new();
    for text in captured(directory, keep)? {
        walk(&serde_json::from_str(&text).unwrap(), "", &mut out);
    }
    Some(out)
}

/// `demo` may hold nothing the captures lack but what `allowed` argues for, and must cover them but for `absent`.
pub fn compare(demo: &Paths, captured: &Paths, allowed: &[&str], absent: &[&str]) {
    let extra: Vec<_> = demo
        .difference(captured)
        .filter(|(path, _)| !allowed.iter().any(|p| path.contains(p)))
        .collect();
    assert!(extra.is_empty(), "the captures have no {extra:#?}");
    let missing: Vec<_> = captured
        .difference(demo)
        .filter(|(path, _)| !absent.iter().any(|p| path.contains(p)))
        .collect();
    assert!(missing.is_empty(), "the demo has no {missing:#?}");
}
