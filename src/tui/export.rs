//! What is on the screen, taken away from it: rows as CSV, the chart as SVG or PNG, the screen as text, with its colours
//! or as HTML.

mod png;
mod rows;
mod scene;
mod screen;
mod svg;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panel::Panel;
use super::ui::Ui;

/// A form to take it away in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The rows of the panel with the keys.
    Csv,
    /// The chart as a drawing.
    Svg,
    /// The chart as a picture.
    Png,
    /// The screen in letters.
    Text,
    /// The screen in letters and colour sequences.
    Ansi,
    /// The screen as a page.
    Html,
}

impl Form {
    /// Every form, as the menu lists them.
    pub const ALL: [Self; 6] = [
        Self::Csv,
        Self::Svg,
        Self::Png,
        Self::Text,
        Self::Ansi,
        Self::Html,
    ];

    /// The key that chooses it.
    pub const fn key(self) -> char {
        match self {
            Self::Csv => 'c',
            Self::Svg => 's',
            Self::Png => 'p',
            Self::Text => 't',
            Self::Ansi => 'a',
            Self::Html => 'h',
        }
    }

    /// Name in the palette, and the end of the file's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Text => "txt",
            Self::Ansi => "ansi",
            Self::Html => "html",
        }
    }

    /// What it holds.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Csv => "the rows of the panel with the keys",
            Self::Svg => "the chart, drawn with lines",
            Self::Png => "the chart as a picture",
            Self::Text => "the screen as text",
            Self::Ansi => "the screen as text with its colours",
            Self::Html => "the screen as a page with its colours",
        }
    }
}

/// Something to take away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Name for a file: no directory, no character that needs care.
    pub name: String,
    /// What is in it.
    pub content: Content,
}

/// What is in an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Words.
    Text(String),
    /// An image file.
    Picture(Vec<u8>),
}

impl Content {
    /// As a file has it.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Picture(bytes) => bytes,
        }
    }
}

/// Make it of what is shown now. Fails with a sentence where there is nothing to take.
pub fn make(ui: &Ui, form: Form) -> Result<Export, String> {
    let (subject, content) = match form {
        Form::Csv => (file_word(ui.focus), Content::Text(rows::csv(ui)?)),
        Form::Svg => ("chart", Content::Text(svg::draw(&scene::chart(ui)?))),
        Form::Png => ("chart", Content::Picture(png::draw(&scene::chart(ui)?)?)),
        Form::Text => ("screen", Content::Text(screen::text(&picture(ui)))),
        Form::Ansi => ("screen", Content::Text(screen::ansi(&picture(ui)))),
        Form::Html => ("screen", Content::Text(screen::html(&picture(ui)))),
    };
    let at = ui.now().with_timezone(&ui.zone).format("%Y%m%d-%H%M%S");
    Ok(Export {
        name: format!("linetape-{subject}-{at}.{}", form.name()),
        content,
    })
}

const fn file_word(panel: Panel) -> &'static str {
    match panel {
        Panel::Board => "board",
        Panel::Chart => "chart",
        Panel::Tape => "tape",
        Panel::Signals => "signals",
        _ => "rows",
    }
}

/// The screen without what lies over it: the menu that asked is not what somebody wants.
fn picture(ui: &Ui) -> Buffer {
    let bare = Ui {
        overlays: Vec::new(),
        toasts: std::collections::VecDeque::new(),
        ..ui.clone()
    };
    let mut buffer = Buffer::empty(Rect::new(0, 0, ui.size.0, ui.size.1));
    super::draw::draw(&bare, &mut buffer);
    buffer
}

#[cfg(test)]
mod tests;
