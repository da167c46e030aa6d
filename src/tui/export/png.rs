//! The chart as a picture, point by point: the same sheet as the SVG, for chats and documents that show no drawings.
//!
//! Lines are level or upright, so they fall on whole points and need no smoothing. Letters are a bitmap face that comes with
//! the drawing library (the public domain "misc fixed" of X11).

use std::convert::Infallible;

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size as Extent};
use embedded_graphics::mono_font::iso_8859_1::{FONT_8X13, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};
use embedded_graphics::primitives::{PrimitiveStyle, Rectangle, StyledDrawable as _};
use embedded_graphics::text::{Alignment, Text};
use embedded_graphics::{Drawable as _, Pixel};

use super::scene::{Align, Rgb, SIZE, Scene, Shape, Size};

/// Points of a dash and of the gap after it.
const DASH: i32 = 3;

/// Three bytes a point, row by row.
struct Sheet {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl OriginDimensions for Sheet {
    fn size(&self) -> Extent {
        Extent::new(self.width, self.height)
    }
}

impl DrawTarget for Sheet {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(at, colour) in pixels {
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else {
                continue;
            };
            if x >= self.width || y >= self.height {
                continue;
            }
            let from = (y as usize * self.width as usize + x as usize) * 3;
            if let Some(point) = self.bytes.get_mut(from..from + 3) {
                point.copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

/// The sheet as a PNG. Fails with a sentence when it cannot be packed.
pub(super) fn draw(scene: &Scene) -> Result<Vec<u8>, String> {
    let (width, height) = (SIZE.0 as u32, SIZE.1 as u32);
    let mut sheet = Sheet {
        width,
        height,
        bytes: scene.ground.repeat(width as usize * height as usize),
    };
    for shape in &scene.shapes {
        let Ok(()) = paint(shape, &mut sheet);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(&sheet.bytes)?;
            writer.finish()
        })
        .map_err(|error| format!("the picture cannot be packed: {error}; s saves a drawing"))?;
    Ok(bytes)
}

fn paint(shape: &Shape, sheet: &mut Sheet) -> Result<(), Infallible> {
    match shape {
        Shape::Rule {
            from,
            to,
            ink,
            dashed: false,
        } => stroke(*from, *to, (1, *ink), sheet),
        Shape::Rule { from, to, ink, .. } => dashes(*from, *to, (1, *ink), sheet),
        Shape::Steps {
            parts,
            ink,
            width,
            dotted,
        } => {
            let line = if *dotted { dashes } else { stroke };
            for part in parts {
                for (one, two) in part.iter().zip(part.iter().skip(1)) {
                    line(*one, *two, (u32::from(*width), *ink), sheet)?;
                }
            }
            Ok(())
        }
        Shape::Words {
            at,
            text,
            ink,
            size,
            align,
        } => {
            let face: &MonoFont<'_> = match size {
                Size::Title => &FONT_10X20,
                Size::Label => &FONT_8X13,
            };
            let alignment = match align {
                Align::Left => Alignment::Left,
                Align::Middle => Alignment::Center,
            };
            let at = Point::new(at.0.round() as i32, at.1.round() as i32);
            let style = MonoTextStyle::new(face, colour(*ink));
            Text::with_alignment(&lettered(text), at, style, alignment)
                .draw(sheet)
                .map(|_| ())
        }
    }
}

/// A level or upright stroke with gaps in it.
fn dashes(
    one: (f64, f64),
    two: (f64, f64),
    pen: (u32, Rgb),
    sheet: &mut Sheet,
) -> Result<(), Infallible> {
    let length = (two.0 - one.0).abs().max((two.1 - one.1).abs());
    let along = |far: f64| {
        let share = (far / length.max(1.0)).min(1.0);
        let between = |from: f64, to: f64| from + (to - from) * share;
        (between(one.0, two.0), between(one.1, two.1))
    };
    for from in (0..length.round() as i32).step_by(DASH as usize * 2) {
        let (from, to) = (f64::from(from), f64::from(from + DASH - 1));
        stroke(along(from), along(to), pen, sheet)?;
    }
    Ok(())
}

/// A level or upright stroke, its ends included.
fn stroke(
    one: (f64, f64),
    two: (f64, f64),
    (width, ink): (u32, Rgb),
    sheet: &mut Sheet,
) -> Result<(), Infallible> {
    let point = |(x, y): (f64, f64)| Point::new(x.round() as i32, y.round() as i32);
    let (one, two) = (point(one), point(two));
    let half = Point::new_equal((width / 2) as i32);
    let corner = Point::new(one.x.min(two.x), one.y.min(two.y)) - half;
    let extent = Extent::new(one.x.abs_diff(two.x) + width, one.y.abs_diff(two.y) + width);
    Rectangle::new(corner, extent).draw_styled(&PrimitiveStyle::with_fill(colour(ink)), sheet)
}

fn colour([red, green, blue]: Rgb) -> Rgb888 {
    Rgb888::new(red, green, blue)
}

/// Words in letters the face has: of other scripts and signs those that look alike.
fn lettered(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '−' | '–' | '—' => ['-', '\0'],
            '…' => ['.', '.'],
            '’' => ['\'', '\0'],
            c => [c, '\0'],
        })
        .filter(|c| *c != '\0')
        .collect()
}
