//! Styles by meaning. The themes are data in `assets/themes`; a file of one's own may replace any part of them.

pub mod slot;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use toml::{Table, Value};

use crate::config::settings::ThemeName;
use slot::Slot;

macro_rules! roles {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        /// A style for each meaning.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Theme {
            /// Hues of series; empty in mono.
            series: Vec<Color>,
            $($(#[$meta])* pub $name: Style),+
        }

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Roles { $($name: StyleData),+ }

        impl Theme {
            fn from_file(file: ThemeFile) -> Self {
                Self {
                    series: file.series.into_iter().map(Color::Indexed).collect(),
                    $($name: file.roles.$name.style()),+
                }
            }

            /// No style at all; stands in while no theme could be read.
            fn plain() -> Self {
                Self { series: Vec::new(), $($name: Style::new()),+ }
            }
        }
    };
}

roles! {
    /// Ordinary text.
    text,
    /// What the eye should find first.
    strong,
    /// Less important text.
    muted,
    /// Text that is nearly background.
    faint,
    /// Border of a panel.
    border,
    /// Border of the panel that gets the keys.
    border_focus,
    /// Title of a panel.
    title,
    /// Title of the panel that gets the keys.
    title_focus,
    /// Column heads.
    heading,
    /// Selected row of the panel that gets the keys.
    selected,
    /// Selected row of another panel.
    selected_idle,
    /// A key to press.
    key,
    /// Something of note without a verdict.
    accent,
    /// Got dearer.
    up,
    /// Got cheaper.
    down,
    /// Changed a moment ago.
    flash,
    /// Best price.
    best,
    /// Not confirmed for too long.
    stale,
    /// Works.
    ok,
    /// Works partly.
    warn,
    /// Does not work.
    error,
    /// Badge of live data.
    live,
    /// Badge of made-up data.
    demo,
    /// Banner of a state somebody chose: frozen, paused.
    banner,
    /// Banner of a state nobody chose: stopped.
    alarm,
    /// The top line.
    header,
    /// Grid of the chart.
    grid,
    /// Marks in the chart.
    mark,
    /// Cursor of the chart.
    cursor,
    /// Small charts.
    spark,
    /// Short messages.
    toast,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    series: Vec<u8>,
    roles: Roles,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the file names each attribute; any may be on"
)]
struct StyleData {
    fg: Option<u8>,
    bg: Option<u8>,
    bold: bool,
    dim: bool,
    underline: bool,
    reverse: bool,
}

impl StyleData {
    fn style(&self) -> Style {
        let mut style = Style::new();
        style.fg = self.fg.map(Color::Indexed);
        style.bg = self.bg.map(Color::Indexed);
        for (wanted, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
        ] {
            if wanted {
                style = style.add_modifier(modifier);
            }
        }
        style
    }
}

impl Theme {
    /// The theme of a name; `Auto` is dark until the terminal has told its background.
    pub fn named(name: ThemeName) -> Self {
        // The shipped files parse, as a test shows; without them the screen still works, only plain.
        toml::from_str(shipped(name)).map_or_else(|_| Self::plain(), Self::from_file)
    }

    /// The theme of a name with the parts that `own`, a theme file, has put in their places.
    ///
    /// Fails with a sentence where the file is no theme: a role that does not exist, a colour beyond 255.
    pub fn with_own(name: ThemeName, own: &str) -> Result<Self, String> {
        let told = |error: toml::de::Error| error.message().to_owned();
        let mut whole: Table = toml::from_str(shipped(name)).map_err(told)?;
        let own: Table = toml::from_str(own).map_err(told)?;
        for (key, value) in own {
            match (whole.get_mut(&key), value) {
                (Some(Value::Table(roles)), Value::Table(own)) => roles.extend(own),
                (_, value) => {
                    whole.insert(key, value);
                }
            }
        }
        let file: ThemeFile = Value::Table(whole).try_into().map_err(told)?;
        if file.series.len() != slot::HUES && !file.series.is_empty() {
            return Err(format!(
                "series has {} colours; write {}, or none at all",
                file.series.len(),
                slot::HUES
            ));
        }
        Ok(Self::from_file(file))
    }

    /// Style of a series; none in mono. The chart dashes the second round of slots, and labels name every line.
    pub fn series(&self, slot: Slot) -> Style {
        self.series
            .get(slot.hue())
            .map_or_else(Style::new, |colour| Style::new().fg(*colour))
    }

    /// Whether there is no colour.
    pub fn is_mono(&self) -> bool {
        self.series.is_empty()
    }
}

const fn shipped(name: ThemeName) -> &'static str {
    match name {
        ThemeName::Auto | ThemeName::Dark => include_str!("../../assets/themes/dark.toml"),
        ThemeName::Light => include_str!("../../assets/themes/light.toml"),
        ThemeName::Contrast => include_str!("../../assets/themes/contrast.toml"),
        ThemeName::Mono => include_str!("../../assets/themes/mono.toml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_themes_parse_and_mono_has_no_colour() {
        for name in [ThemeName::Dark, ThemeName::Light, ThemeName::Contrast] {
            assert_eq!(Theme::named(name).series.len(), slot::HUES, "{name:?}");
            assert_ne!(Theme::named(name), Theme::plain());
        }
        let mono = include_str!("../../assets/themes/mono.toml");
        assert!(toml::from_str::<ThemeFile>(mono).is_ok());
        assert!(!mono.contains("fg =") && !mono.contains("bg ="));
    }

    #[test]
    fn a_file_of_ones_own_replaces_what_it_names_and_is_told_what_is_wrong() {
        let own = "[roles]\nup = { fg = 46 }\n";
        let theme = Theme::with_own(ThemeName::Dark, own).unwrap();
        assert_eq!(theme.up.fg, Some(Color::Indexed(46)));
        assert_eq!(theme.down, Theme::named(ThemeName::Dark).down);
        for (wrong, says) in [
            ("[roles]\nupp = { fg = 46 }", "upp"),
            ("[roles]\nup = { fg = 300 }", "300"),
            ("series = [1, 2]", "2 colours"),
            ("[roles\n", ""),
            ("colour = 3", "colour"),
        ] {
            let error = Theme::with_own(ThemeName::Light, wrong).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
