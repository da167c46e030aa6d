//! The house keeps its floors: a module imports only from those below its own.
//!
//! Every path in `src` is read, test code left out, and `use` trees are unfolded: `crate::store`, `super::super::store`
//! and `use crate::{store, tui}` are all the same to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

/// Top floor first.
const FLOORS: [&str; 12] = [
    "cli",
    "tui",
    "monitor",
    "demo",
    "engine",
    "store",
    "spool",
    "cache",
    "sources",
    "analytics",
    "config",
    "domain",
];

/// The screen reads snapshots and sends commands; rows, feeds and tiers are not its business.
const TUI_NEVER: [&str; 3] = ["store", "sources", "cache"];

/// What pure code does not know: I/O, clocks, the environment.
const IMPURE: [&str; 18] = [
    "tokio",
    "tokio_util",
    "sqlx",
    "rusqlite",
    "redis",
    "reqwest",
    "axum",
    "crossterm",
    "ratatui",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "Utc::now",
    "Local::now",
];

/// What is wrong in one file, as sentences. `file` is its path below `src`.
fn faults(file: &Path, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let name = file.display();
    if file.file_name().is_some_and(|n| n == "mod.rs") {
        faults.push(format!(
            "{name}: a module is foo.rs beside foo/, never mod.rs"
        ));
    }
    let module = module_of(file);
    let Some(own) = module.first() else {
        return faults;
    };
    let Some(floor) = FLOORS.iter().position(|f| f == own) else {
        faults.push(format!("{name}: {own} is on no floor of the house"));
        return faults;
    };
    for path in paths(source) {
        let pure = own == "domain" || own == "analytics";
        let parts: Vec<&str> = path.split("::").collect();
        let starts = |what: &str| path == what || path.starts_with(&format!("{what}::"));
        let ends = |what: &str| path.ends_with(&format!("::{what}"));
        if pure && IMPURE.iter().any(|what| starts(what) || ends(what)) {
            faults.push(format!("{name}: {own} is pure and knows no {path}"));
        }
        let Some(target) = target(&module, &parts) else {
            continue;
        };
        let Some(below) = FLOORS.iter().position(|f| *f == target) else {
            // A macro or an item of the crate's root.
            continue;
        };
        if below < floor {
            faults.push(format!(
                "{name}: {own} lies below {target} and imports {path}"
            ));
        }
        if own == "tui" && TUI_NEVER.contains(&target) {
            faults.push(format!(
                "{name}: tui never touches {target}, and imports {path}"
            ));
        }
        if own == "analytics" && target == "config" {
            faults.push(format!(
                "{name}: analytics knows no settings, and imports {path}"
            ));
        }
    }
    faults
}

/// `store/embedded.rs` is `[store, embedded]`; the crate's root is nothing.
fn module_of(file: &Path) -> Vec<String> {
    let without = file.with_extension("");
    let parts = without.iter().map(|p| p.to_string_lossy().into_owned());
    parts
        .filter(|p| p != "lib" && p != "main" && p != "mod")
        .collect()
}

/// The floor that a path leads to, when it leads to the crate's root: by `crate`, or by as many `super`s as it takes.
fn target<'a>(module: &[String], path: &[&'a str]) -> Option<&'a str> {
    let supers = path.iter().take_while(|part| **part == "super").count();
    match path.first() {
        Some(&"crate") => path.get(1).copied(),
        Some(&"super") if supers >= module.len() => path.get(supers).copied(),
        _ => None,
    }
}

/// Every path of two parts and more, with groups unfolded.
fn paths(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let begins = is_word(&tokens[at])
            && tokens.get(at + 1).is_some_and(|t| t == "::")
            && (at == 0 || tokens[at - 1] != "::");
        if begins {
            at = unfold(&tokens, at, "", &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Read one path (or the members of one group) from `at`, after `prefix`; gives where it ended.
fn unfold(tokens: &[String], mut at: usize, prefix: &str, found: &mut Vec<String>) -> usize {
    let mut path = prefix.to_owned();
    while let Some(token) = tokens.get(at) {
        if token == "{" {
            at += 1;
            while let Some(token) = tokens.get(at) {
                match token.as_str() {
                    "}" => return at + 1,
                    _ if is_word(token) || token == "*" => at = unfold(tokens, at, &path, found),
                    _ => at += 1,
                }
            }
            return at;
        }
        if !is_word(token) && token != "*" {
            break;
        }
        if !path.is_empty() {
            path.push_str("::");
        }
        path.push_str(token);
        at += 1;
        if tokens.get(at).is_none_or(|t| t != "::") {
            break;
        }
        at += 1;
    }
    found.push(path);
    at
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single marks, without comments, texts and test code.
fn tokens(source: &str) -> Vec<String> {
    let code = without_tests(&without_texts(source));
    let mut tokens = Vec::new();
    let mut rest = code.as_str();
    while let Some(c) = rest.chars().next() {
        let length = if c.is_alphanumeric() || c == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if !token.trim().is_empty() {
            tokens.push(token.to_owned());
        }
        rest = after;
    }
    tokens
}

/// Comments and the insides of texts as blanks; line breaks stay.
fn without_texts(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_text(rest, &out) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            rest[open..]
                .find(&close)
                .map_or(rest.len(), |end| open + end + close.len())
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") || rest.starts_with("'{'") || rest.starts_with("'}'") {
            3
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        out.extend(rest[..length].chars().filter(|c| *c == '\n'));
        out.push(' ');
        rest = &rest[length..];
    }
    out
}

/// The number of hashes when a raw text begins here.
fn raw_text(rest: &str, before: &str) -> Option<usize> {
    let inside_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let after = rest.strip_prefix('r').filter(|_| !inside_word)?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// Without items marked `#[cfg(test)]`: up to the end of their block, or their semicolon.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let mut depth = 0usize;
        let end = item.find(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && (c == '}' || c == ';')
        });
        rest = end.map_or("", |end| &item[end + 1..]);
    }
    out.push_str(rest);
    out
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_module_imports_only_from_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    // A module of test code only, in a file of its own, is test code.
    files.retain(|file| file.file_name().is_some_and(|name| name != "tests.rs"));
    assert!(files.len() > 30, "only {} files were found", files.len());
    let mut all = Vec::new();
    let mut imports = 0;
    for file in &files {
        let source = std::fs::read_to_string(file).unwrap();
        imports += paths(&source)
            .iter()
            .filter(|p| p.starts_with("crate::"))
            .count();
        all.extend(faults(file.strip_prefix(&src).unwrap(), &source));
    }
    assert!(imports > 50, "only {imports} imports were found");
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_floor_is_a_module_and_every_module_a_floor() {
    let lib =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared = lib
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'));
    let mut declared: Vec<&str> = declared.collect();
    let mut floors = FLOORS.to_vec();
    declared.sort_unstable();
    floors.sort_unstable();
    assert_eq!(declared, floors);
}

#[test]
fn the_rules_can_be_broken() {
    let fault = |file: &str, source: &str| faults(Path::new(file), source).join("\n");
    for (file, source, expected) in [
        (
            "domain/odds.rs",
            "use crate::engine::snapshot::Snapshot;",
            "domain lies below engine",
        ),
        (
            "config.rs",
            "fn f() { crate::cli::main(); }",
            "config lies below cli",
        ),
        (
            "config/a/b.rs",
            "use super::super::super::tui::app;",
            "config lies below tui",
        ),
        (
            "spool/queue.rs",
            "use crate::{\n  domain::{game::GameId, odds},\n  store::{self, lines},\n};",
            "imports crate::store::self",
        ),
        (
            "tui/app.rs",
            "use crate::cache::Tier;",
            "tui never touches cache",
        ),
        ("tui.rs", "use super::sources;", "tui never touches sources"),
        (
            "analytics/devig.rs",
            "use crate::config::settings::Settings;",
            "analytics knows no settings",
        ),
        (
            "analytics/ev.rs",
            "use std::{fmt, fs::File};",
            "pure and knows no std::fs::File",
        ),
        (
            "domain/time.rs",
            "let now = Utc::now();",
            "pure and knows no Utc::now",
        ),
        (
            "domain/time.rs",
            "let now = chrono::Utc::now();",
            "pure and knows no chrono::Utc::now",
        ),
        (
            "domain.rs",
            "use std::time::{Duration, SystemTime};",
            "no std::time::SystemTime",
        ),
        ("domain/mod.rs", "", "never mod.rs"),
        ("helpers.rs", "", "helpers is on no floor"),
        // What looks like a comment or the end of the tests is neither.
        (
            "domain/x.rs",
            "const A: &str = \"// \\\" {\"; use crate::store::x;",
            "domain lies below store",
        ),
        (
            "domain/x.rs",
            "#[cfg(test)]\nmod tests { fn f() { \"}\"; } }\nuse crate::store::x;",
            "domain lies below store",
        ),
        (
            "domain/x.rs",
            "#[cfg(test)]\nuse crate::tui::y;\nuse crate::store::x;",
            "imports crate::store::x",
        ),
    ] {
        let found = fault(file, source);
        assert!(found.contains(expected), "{file}: {source}\nfound: {found}");
    }
}

#[test]
fn what_is_allowed_is_let_through() {
    for (file, source) in [
        (
            "cli/run.rs",
            "use crate::{tui, engine::hub, store, domain};",
        ),
        (
            "engine/hub.rs",
            "use super::snapshot::Snapshot; use super::super::store::lines;",
        ),
        (
            "store/lines.rs",
            "// use crate::tui;\n/* crate::cli */ let s = \"crate::engine\"; let r = r#\"\"crate::demo\"#;",
        ),
        (
            "sources/http.rs",
            "#[cfg(test)]\nmod tests { use crate::demo::server; }",
        ),
        (
            "domain/a.rs",
            "use std::time::Duration; use super::odds::Odds; fn f(fs: &str) {}",
        ),
        (
            "tui/app.rs",
            "use super::super::engine::snapshot::Snapshot; use super::cache_panel;",
        ),
        ("lib.rs", "pub mod domain;"),
    ] {
        let found = faults(Path::new(file), source);
        assert!(found.is_empty(), "{file}: {source}\nfound: {found:?}");
    }
}
