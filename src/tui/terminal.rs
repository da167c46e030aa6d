//! What the terminal can show, from what the environment says of it.

use super::Colour;
use super::glyph::Glyphs;
use crate::config::settings::ThemeName;

/// What the environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terminal {
    no_color: bool,
    term: String,
    locale: String,
}

/// A theme, and whether the terminal may still choose between dark and light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Theme of the first frame.
    pub theme: ThemeName,
    /// Whether to ask the terminal for its background.
    pub follows_terminal: bool,
}

impl Terminal {
    /// Read `NO_COLOR`, `TERM` and the locale.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .map(variable)
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        Self {
            no_color: !variable("NO_COLOR").is_empty(),
            term: variable("TERM"),
            locale,
        }
    }

    /// The theme to begin with. A wish on the command line wins over `NO_COLOR`, that over the settings.
    pub fn theme(&self, wished: ThemeName, colour: Colour) -> Choice {
        let mono = match colour {
            Colour::Never => true,
            Colour::Always => false,
            Colour::Auto => self.no_color || self.term == "dumb",
        };
        let theme = match (mono, wished) {
            (true, _) | (_, ThemeName::Mono) => ThemeName::Mono,
            (false, name @ (ThemeName::Light | ThemeName::Contrast)) => name,
            (false, ThemeName::Auto | ThemeName::Dark) => ThemeName::Dark,
        };
        Choice {
            theme,
            // The Linux console does not answer and prints what it does not know.
            follows_terminal: !mono
                && wished == ThemeName::Auto
                && self.term != "linux"
                && self.term != "dumb",
        }
    }

    /// Boxes and arrows where they can be expected; a locale that is not named at all says nothing against them.
    pub fn glyphs(&self) -> Glyphs {
        let locale = self.locale.to_ascii_lowercase();
        let seven_bits = !locale.is_empty() && !locale.contains("utf");
        if seven_bits || matches!(self.term.as_str(), "dumb" | "linux" | "vt100") {
            Glyphs::Ascii
        } else {
            Glyphs::Unicode
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(no_color: bool, term: &str, locale: &str) -> Terminal {
        Terminal {
            no_color,
            term: term.into(),
            locale: locale.into(),
        }
    }

    #[test]
    fn wishes_have_their_order() {
        let xterm = terminal(false, "xterm-256color", "");
        let quiet = terminal(true, "xterm-256color", "");
        let theme = |t: &Terminal, wished, colour| t.theme(wished, colour).theme;
        assert_eq!(
            theme(&xterm, ThemeName::Auto, Colour::Auto),
            ThemeName::Dark
        );
        assert!(xterm.theme(ThemeName::Auto, Colour::Auto).follows_terminal);
        assert!(!xterm.theme(ThemeName::Light, Colour::Auto).follows_terminal);
        assert_eq!(
            theme(&quiet, ThemeName::Light, Colour::Auto),
            ThemeName::Mono
        );
        assert_eq!(
            theme(&quiet, ThemeName::Light, Colour::Always),
            ThemeName::Light
        );
        assert_eq!(
            theme(&xterm, ThemeName::Dark, Colour::Never),
            ThemeName::Mono
        );
        assert_eq!(
            theme(&terminal(false, "dumb", ""), ThemeName::Auto, Colour::Auto),
            ThemeName::Mono
        );
    }

    #[test]
    fn seven_bits_only_where_something_says_so() {
        assert_eq!(terminal(false, "xterm", "").glyphs(), Glyphs::Unicode);
        assert_eq!(
            terminal(false, "xterm", "C.UTF-8").glyphs(),
            Glyphs::Unicode
        );
        assert_eq!(terminal(false, "xterm", "C").glyphs(), Glyphs::Ascii);
        assert_eq!(
            terminal(false, "linux", "en_US.UTF-8").glyphs(),
            Glyphs::Ascii
        );
    }
}
