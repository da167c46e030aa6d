//! The chart as a drawing: a step line for each book over the range on the screen.

use std::fmt::Write as _;

use super::scene::{Align, Rgb, SIZE, Scene, Shape, Size};
use super::screen::escaped;

/// The sheet as SVG.
pub(super) fn draw(scene: &Scene) -> String {
    let (width, height) = SIZE;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>",
        hex(scene.ground)
    );
    for shape in &scene.shapes {
        match shape {
            Shape::Rule {
                from,
                to,
                ink,
                dashed,
            } => {
                let dash = if *dashed {
                    " stroke-dasharray=\"3 3\""
                } else {
                    ""
                };
                let _ = writeln!(
                    out,
                    "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{}\"{dash}/>",
                    from.0,
                    to.0,
                    from.1,
                    to.1,
                    hex(*ink)
                );
            }
            Shape::Steps {
                parts,
                ink,
                width,
                dotted,
            } => {
                let dots = if *dotted {
                    " stroke-dasharray=\"2 4\""
                } else {
                    ""
                };
                let _ = writeln!(
                    out,
                    "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{dots}/>",
                    path(parts),
                    hex(*ink)
                );
            }
            Shape::Words {
                at,
                text,
                ink,
                size,
                align,
            } => {
                let size = match size {
                    Size::Title => " font-size=\"18\" font-weight=\"bold\"",
                    Size::Label => "",
                };
                let anchor = match align {
                    Align::Left => "",
                    Align::Middle => " text-anchor=\"middle\"",
                };
                let _ = writeln!(
                    out,
                    "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{}\"{size}{anchor}>{}</text>",
                    at.0,
                    at.1,
                    hex(*ink),
                    escaped(text)
                );
            }
        }
    }
    out.push_str("</svg>\n");
    out
}

fn path(parts: &[Vec<(f64, f64)>]) -> String {
    let mut path = String::new();
    for part in parts {
        let mut before: Option<(f64, f64)> = None;
        for (x, y) in part {
            let _ = match before {
                None => write!(path, "M{x:.1} {y:.1}"),
                Some((from, _)) if (from - x).abs() > f64::EPSILON => write!(path, "H{x:.1}"),
                Some(_) => write!(path, "V{y:.1}"),
            };
            before = Some((*x, *y));
        }
    }
    path
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
