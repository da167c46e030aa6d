//! The rows of a page's tables of splits, read token by token.
//!
//! No tree is built: what a hostile page may cost grows with its length and not faster, and a row that was saved
//! without its table is a row all the same.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::names;
use super::table::{Cell, Kind, Link, Page, Part, Row, Section};
use crate::sources::NotAResponse;

/// Bytes given to the tokenizer at a time.
const CHUNK: usize = 16 << 10;
/// Chunks in which at least one tag or text must end.
const SILENT_CHUNKS: u32 = 4;
/// The tokenizer compares each attribute of a tag with those before it; a page may cost this many comparisons.
const MOST_COMPARISONS: usize = 50_000_000;
/// Rows read of one page: a day's games of every league several times over.
const MOST_ROWS: usize = 5_000;
/// Cells of one row.
const MOST_CELLS: usize = 40;
/// Parts of one cell, and links of one part.
const MOST_PARTS: usize = 8;
/// Bytes kept of one text.
const LONGEST_TEXT: usize = 400;

/// Read the tables of splits of a page.
pub(super) fn read(text: &str) -> Result<Page, NotAResponse> {
    let tokenizer = Tokenizer::new(
        Sink::default(),
        html5ever::tokenizer::TokenizerOpts::default(),
    );
    let queue = BufferQueue::default();
    let mut rest = text;
    let (mut tokens, mut silent) = (0, 0);
    while !rest.is_empty() {
        let (chunk, later) = rest.split_at(rest.floor_char_boundary(CHUNK.min(rest.len())));
        rest = later;
        queue.push_back(StrTendril::from_slice(chunk));
        let _ = tokenizer.feed(&queue);
        let state = tokenizer.sink.0.borrow();
        silent = if state.tokens == tokens {
            silent + 1
        } else {
            0
        };
        tokens = state.tokens;
        if silent >= SILENT_CHUNKS || state.comparisons > MOST_COMPARISONS {
            return Err(NotAResponse(
                "this page has a tag larger than any page of VSiN; nothing is read from it".into(),
            ));
        }
    }
    tokenizer.end();
    let mut state = tokenizer.sink.0.take();
    state.page.cut = state.table.is_some();
    state.close_row();
    Ok(state.page)
}

#[derive(Default)]
struct Sink(RefCell<State>);

#[derive(Default)]
struct State {
    page: Page,
    tokens: u64,
    comparisons: usize,
    table: Option<Kind>,
    /// Tables so far by kind.
    tables: [usize; 2],
    section: Section,
    /// Bodies of this table so far.
    bodies: usize,
    /// Rows of this section so far.
    rows: usize,
    row: Option<Row>,
    in_cell: bool,
    /// Tables inside the open cell.
    nested: usize,
    divs: usize,
    /// At which depth of `div` the hidden part of the cell began.
    hidden: Option<usize>,
    in_link: bool,
    in_badge: bool,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                state.tokens += 1;
                let count = tag.attrs.len();
                state.comparisons = state.comparisons.saturating_add(count * count / 2);
                match tag.kind {
                    TagKind::StartTag => return state.start(&tag),
                    TagKind::EndTag => state.end(&tag.name),
                }
            }
            Token::CharacterTokens(text) => {
                state.tokens += 1;
                state.text(&text);
            }
            Token::CommentToken(_) => state.tokens += 1,
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    let found = tag.attrs.iter().find(|one| *one.name.local == *name)?;
    Some(&found.value)
}

fn has_class(tag: &Tag, class: &str) -> bool {
    attribute(tag, "class").is_some_and(|all| all.split_ascii_whitespace().any(|one| one == class))
}

impl State {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let raw = |kind: RawKind| TokenSinkResult::RawData(kind);
        match &*tag.name {
            "script" => return raw(ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => return raw(Rawtext),
            "title" | "textarea" => return raw(Rcdata),
            "table" if self.in_cell => self.nested += 1,
            "table" => self.open_table(tag),
            _ if self.nested > 0 => {}
            "thead" => self.open_section(Section::Head),
            "tfoot" => self.open_section(Section::Foot),
            "tbody" => self.open_section(Section::Body),
            "tr" => self.open_row(tag),
            "td" | "th" => self.open_cell(&tag.name),
            _ => self.inside(tag),
        }
        TokenSinkResult::Continue
    }

    fn end(&mut self, name: &str) {
        match name {
            "table" if self.nested > 0 => self.nested -= 1,
            _ if self.nested > 0 => {}
            "table" => {
                self.close_row();
                self.table = None;
            }
            "tr" => self.close_row(),
            "td" | "th" => self.close_cell(),
            "div" => {
                if self.hidden == Some(self.divs) {
                    self.hidden = None;
                }
                self.divs = self.divs.saturating_sub(1);
            }
            "a" => self.in_link = false,
            "span" => self.in_badge = false,
            _ => {}
        }
    }

    fn open_table(&mut self, tag: &Tag) {
        self.close_row();
        let kind = if has_class(tag, "freezetable") {
            Kind::Freeze
        } else if has_class(tag, "sp-table") {
            Kind::Sp
        } else {
            Kind::Other
        };
        match (kind, &mut self.tables) {
            (Kind::Freeze, [freeze, _]) => *freeze += 1,
            (Kind::Sp, [_, sp]) => *sp += 1,
            (Kind::Other, _) => {}
        }
        self.page.has_table |= kind != Kind::Other;
        self.table = Some(kind);
        (self.section, self.bodies, self.rows) = (Section::Body, 0, 0);
    }

    fn open_section(&mut self, section: Section) {
        self.close_row();
        self.section = section;
        self.rows = 0;
        self.bodies += usize::from(section == Section::Body);
    }

    fn open_row(&mut self, tag: &Tag) {
        self.close_row();
        self.rows += 1;
        if self.table == Some(Kind::Other) || self.page.rows.len() >= MOST_ROWS {
            self.page.more_rows |= self.table != Some(Kind::Other);
            return;
        }
        let [freeze, sp] = self.tables;
        self.row = Some(Row {
            table: self.table.map(|kind| match kind {
                Kind::Sp => (kind, sp),
                _ => (kind, freeze),
            }),
            section: self.section,
            body: self.bodies.max(1),
            number: self.rows,
            is_sp: self.table == Some(Kind::Sp) || has_class(tag, "sp-row"),
            code: attribute(tag, "data-gamecode").map(short),
            ..Row::default()
        });
    }

    fn open_cell(&mut self, name: &str) {
        self.close_cell();
        let Some(row) = &mut self.row else { return };
        let is_header = name == "th";
        let number = 1 + row
            .cells
            .iter()
            .filter(|c| c.is_header == is_header)
            .count();
        if row.cells.len() < MOST_CELLS {
            row.cells.push(Cell {
                is_header,
                number,
                parts: vec![Part::default()],
            });
            self.in_cell = true;
        }
    }

    fn close_cell(&mut self) {
        (self.in_cell, self.in_link, self.in_badge) = (false, false, false);
        (self.divs, self.hidden, self.nested) = (0, None, 0);
    }

    fn close_row(&mut self) {
        self.close_cell();
        if let Some(row) = self.row.take() {
            self.page.rows.push(row);
        }
    }

    /// A tag that is no part of the table itself.
    fn inside(&mut self, tag: &Tag) {
        if &*tag.name == "a"
            && let Some(date) = attribute(tag, "href").and_then(names::link_date)
        {
            self.page.date.get_or_insert(date);
        }
        if !self.in_cell {
            return;
        }
        if let Some(row) = &mut self.row {
            for name in ["data-param2", "data-gamecode"] {
                if let Some(code) = attribute(tag, name).filter(|code| !code.is_empty()) {
                    row.code.get_or_insert_with(|| short(code));
                }
            }
            let view = attribute(tag, "data-param1").and_then(|it| it.strip_suffix("splitsgame"));
            let results = attribute(tag, "id").and_then(|it| it.strip_suffix("results"));
            if let Some(view) = view.or(results).and_then(names::book) {
                self.page.book.get_or_insert(view);
            }
        }
        match &*tag.name {
            "div" => {
                self.divs += 1;
                if self.hidden.is_none() && has_class(tag, "collapse") {
                    self.hidden = Some(self.divs);
                }
                self.text(" ");
            }
            "hr" if self.hidden.is_none() => {
                if let Some(parts) = self.parts().filter(|parts| parts.len() < MOST_PARTS) {
                    parts.push(Part::default());
                }
                self.in_link = false;
            }
            "br" => self.text(" "),
            "a" if self.hidden.is_none() => {
                let link = Link {
                    is_team: has_class(tag, "sp-team-link")
                        || attribute(tag, "href").is_some_and(|href| href.contains("/teams/")),
                    is_dialog: attribute(tag, "data-param1").is_some(),
                    text: String::new(),
                };
                if let Some(part) = self.part().filter(|part| part.links.len() < MOST_PARTS) {
                    part.links.push(link);
                    self.in_link = true;
                }
            }
            "span" if self.hidden.is_none() => {
                self.in_badge = has_class(tag, "sp-badge") || has_class(tag, "sp-badge-line");
            }
            _ => {}
        }
    }

    fn parts(&mut self) -> Option<&mut Vec<Part>> {
        let cell = self.row.as_mut()?.cells.last_mut()?;
        Some(&mut cell.parts)
    }

    fn part(&mut self) -> Option<&mut Part> {
        self.parts()?.last_mut()
    }

    fn text(&mut self, text: &str) {
        if !self.in_cell || self.nested > 0 || self.hidden.is_some() {
            return;
        }
        let (in_link, in_badge) = (self.in_link, self.in_badge);
        if let Some(part) = self.part() {
            if in_badge {
                append(&mut part.badge, text);
            }
            match part.links.last_mut().filter(|_| in_link) {
                Some(link) => append(&mut link.text, text),
                None => append(&mut part.loose, text),
            }
            append(&mut part.text, text);
        }
    }
}

/// As much of `text` as there is room for, each run of blanks (also hard ones) as one.
fn append(out: &mut String, text: &str) {
    for c in text.chars() {
        if out.len() >= LONGEST_TEXT {
            return;
        }
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_TEXT / 4).collect()
}
