//! What is shown, taken away.

use crate::engine::event::Severity;
use crate::tui::effect::Effect;
use crate::tui::export::{self, Content, Export, Form};
use crate::tui::ui::Ui;

/// Take away what is shown.
pub(in crate::tui) fn take(ui: &mut Ui, form: Form, copy: bool) -> Vec<Effect> {
    match export::make(ui, form) {
        Err(why) => {
            ui.toast(Severity::Warning, why);
            Vec::new()
        }
        Ok(export) if !copy => {
            ui.saving = Some((export.name.clone(), ui.elapsed));
            vec![Effect::Save(export)]
        }
        Ok(Export {
            name,
            content: Content::Text(text),
        }) => {
            ui.toast(
                Severity::Info,
                format!("Handed {name} to the terminal for its clipboard"),
            );
            vec![Effect::Copy(text)]
        }
        Ok(_) => {
            ui.toast(
                Severity::Warning,
                format!(
                    "A terminal's clipboard takes words only; {} saves the picture as a file",
                    form.key()
                ),
            );
            Vec::new()
        }
    }
}
