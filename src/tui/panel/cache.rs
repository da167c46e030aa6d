//! Hit rates by tier and key family.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};

use super::Draw;
use crate::engine::snapshot::TierView;
use crate::tui::figures;
use crate::tui::widget::spark;

/// Draw it: in little room one line for the tiers and one for the families.
pub fn view(draw: &Draw<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let cache = &draw.snapshot.cache;
    let inner = draw.frame("Cache", "", area, buffer);
    let rate = |tier: &TierView| {
        tier.hit_rate()
            .map_or_else(|| "–".to_owned(), figures::percent)
    };
    let tight = inner.height <= 4;
    let mut lines = Vec::new();
    let width = usize::from(inner.width).saturating_sub(4).min(60);
    let bars = spark::bars(
        cache.rate.iter().map(|r| r.map(f64::from)),
        if tight {
            width.saturating_sub(22).min(12)
        } else {
            width
        },
        Some(1.0),
    );
    let redis = cache.redis.as_ref().map_or_else(
        || Span::styled(cache.redis_state.clone(), theme.muted),
        |tier| {
            let up = cache.redis_state == "up";
            let text = if up {
                rate(tier)
            } else {
                cache.redis_state.clone()
            };
            Span::styled(text, if up { theme.strong } else { theme.warn })
        },
    );
    if tight {
        lines.push(Line::from(vec![
            Span::styled("mem ", theme.muted),
            Span::styled(rate(&cache.memory), theme.strong),
            Span::styled("  ", theme.muted),
            Span::styled(bars, theme.spark),
        ]));
        lines.push(Line::from(vec![Span::styled("redis ", theme.muted), redis]));
        let families: Vec<String> = cache
            .families
            .iter()
            .map(|f| {
                format!(
                    "{} {}",
                    f.name,
                    family_rate(f.memory_hits + f.redis_hits, f.misses)
                )
            })
            .collect();
        lines.push(Line::styled(families.join("  "), theme.muted));
    } else {
        lines.push(Line::from(Span::styled(bars, theme.spark)));
        let tier = |name: &str, tier: &TierView| {
            Line::from(vec![
                Span::styled(format!("{name:<8}"), theme.muted),
                Span::styled(format!("{:>8}", rate(tier)), theme.strong),
                Span::styled(
                    format!(
                        "  {} hits  {} misses  {} errors{}",
                        figures::short(tier.hits),
                        figures::short(tier.misses),
                        tier.errors,
                        tier.entries
                            .map(|n| format!("  {} entries", figures::short(n)))
                            .unwrap_or_default()
                    ),
                    theme.muted,
                ),
            ])
        };
        lines.push(tier("memory", &cache.memory));
        match &cache.redis {
            Some(redis_tier) => {
                lines.push(tier("redis", redis_tier));
                lines.push(Line::from(vec![
                    Span::styled("        ", theme.muted),
                    redis,
                ]));
            }
            None => lines.push(Line::from(vec![
                Span::styled("redis   ", theme.muted),
                redis,
            ])),
        }
        lines.push(Line::default());
        lines.push(Line::styled(
            "family     hit rate     memory      redis     misses",
            theme.heading,
        ));
        for family in &cache.families {
            lines.push(Line::from(vec![
                Span::raw(format!("{:<10} ", family.name)),
                Span::styled(
                    format!(
                        "{:>8}",
                        family_rate(family.memory_hits + family.redis_hits, family.misses)
                    ),
                    theme.strong,
                ),
                Span::styled(
                    format!(
                        " {:>10} {:>10} {:>10}",
                        figures::short(family.memory_hits),
                        figures::short(family.redis_hits),
                        figures::short(family.misses)
                    ),
                    theme.muted,
                ),
            ]));
        }
    }
    let asked = cache.memory.hits + cache.memory.misses > 0;
    if !asked && lines.len() < inner.height.into() {
        lines.push(Line::styled(
            "Nothing was asked of it yet: open a chart (2).",
            theme.muted,
        ));
    }
    Paragraph::new(lines).render(inner, buffer);
}

fn family_rate(hits: u64, misses: u64) -> String {
    let tier = TierView {
        hits,
        misses,
        ..TierView::default()
    };
    tier.hit_rate()
        .map_or_else(|| "–".to_owned(), figures::percent)
}
