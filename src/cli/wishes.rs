//! Keys, theme and alerts are read again while the screen is open, whenever their files change.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use super::context::Context;
use crate::config::load;
use crate::config::settings::Screen;
use crate::engine::signals::presets::Presets;
use crate::tui::Wished;
use crate::tui::msg::Wishes;

/// How often somebody looks whether a file changed: by its time, which costs next to nothing.
const LOOK: Duration = Duration::from_secs(1);

/// What the theme's own file holds; none where none is named or it cannot be read, which the next change may mend.
pub fn own_theme(screen: &Screen) -> Option<String> {
    let file = screen.theme_file.as_deref()?;
    std::fs::read_to_string(file).ok()
}

/// Watch the settings' file and the theme's; each change is read and told. Ends with its last listener.
pub fn watch(context: &Context) -> watch::Receiver<Wished> {
    let now = Wishes {
        screen: context.settings.screen.clone(),
        alerts: context.settings.alerts.clone(),
        own_theme: own_theme(&context.settings.screen),
    };
    let mut theme = now.screen.theme_file.clone();
    let (tell, told) = watch::channel(Ok(now));
    let (inputs, settings) = (
        std::sync::Arc::clone(&context.inputs),
        context.paths.config_file.clone(),
    );
    tokio::spawn(async move {
        let mut seen = stamps(settings.clone(), theme.clone()).await;
        loop {
            tokio::select! {
                () = tell.closed() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let now = stamps(settings.clone(), theme.clone()).await;
            if now == seen {
                continue;
            }
            seen = now;
            let inputs = std::sync::Arc::clone(&inputs);
            // A folder on a network may not answer; the screen must not wait for it.
            let read = tokio::task::spawn_blocking(move || -> Wished {
                let loaded = load(&inputs).map_err(|error| error.to_string())?;
                Presets::checked(&loaded.settings.signals, &loaded.provenance)
                    .map_err(|error| error.to_string())?;
                let screen = loaded.settings.screen;
                Ok(Wishes {
                    own_theme: own_theme(&screen),
                    alerts: loaded.settings.alerts,
                    screen,
                })
            });
            let Ok(wished) = read.await else { continue };
            if let Ok(wishes) = &wished {
                theme.clone_from(&wishes.screen.theme_file);
                seen = stamps(settings.clone(), theme.clone()).await;
            }
            if tell.send(wished).is_err() {
                return;
            }
        }
    });
    told
}

type Stamp = Option<(SystemTime, u64)>;

/// When the files were written last, and how long they are.
async fn stamps(settings: Option<PathBuf>, theme: Option<PathBuf>) -> [Stamp; 2] {
    let stamp = |file: Option<&Path>| {
        let about = std::fs::metadata(file?).ok()?;
        Some((about.modified().ok()?, about.len()))
    };
    let looked =
        tokio::task::spawn_blocking(move || [stamp(settings.as_deref()), stamp(theme.as_deref())]);
    looked.await.unwrap_or_default()
}
