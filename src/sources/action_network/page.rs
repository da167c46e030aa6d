//! The odds page of the web site: the version 2 answer inside a Next.js page.

use super::books::{self, BookRow};
use super::not_a_response;
use super::scoreboard::{self, Scoreboard};
use crate::sources::collector::Collector;
use crate::sources::json::{Dict, Document, Pointer, Scalar, Shape, record};
use crate::sources::{NotAResponse, Refusal};

const MARK: &str = "id=\"__NEXT_DATA__\"";

/// The JSON a page carries.
pub(in crate::sources) fn next_data(page: &str) -> Result<&str, NotAResponse> {
    let start = page
        .find(MARK)
        .and_then(|mark| page.get(mark..)?.find('>').map(|end| mark + end + 1));
    start
        .and_then(|start| page.get(start..))
        .and_then(|rest| rest.split_once("</script>"))
        .map(|(json, _)| json)
        .ok_or_else(|| {
            NotAResponse(
                "this is a web page without odds data, most likely a block or error page; nothing is read from it and the feed is asked again"
                    .into(),
            )
        })
}

record! {
    NextData<'a> { props: Props<'a> = "props" }
}
record! {
    Props<'a> { page: PageProps<'a> = "pageProps" }
}
record! {
    PageProps<'a> {
        books: Dict<'a, BookRow<'a>> = "allBooks",
        scoreboard: Scoreboard<'a> = "scoreboardResponse",
    }
}

/// Decode a page's JSON.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let data: NextData<'_> = document.read()?;
    let page = data.props.page;
    if page.scoreboard.shape != Shape::Right && page.books.shape != Shape::Right {
        return Err(not_a_response(document, "an odds page").into());
    }
    let root = Pointer::Root;
    let props = root.key("props");
    let place = props.key("pageProps");
    books::rows(&page.books, &place.key("allBooks"), &mut collector);
    let scoreboard_place = place.key("scoreboardResponse");
    match page.scoreboard.shape {
        Shape::Right => {
            // The page's server notes when it got the answer it shows.
            let received: &Scalar<'_> = &page.scoreboard.received_at;
            collector.decoded.taken_at =
                collector.optional_time(received, &scoreboard_place.key("receivedAt"));
            scoreboard::games(&page.scoreboard, &scoreboard_place, &mut collector);
        }
        Shape::Absent | Shape::Null => {}
        Shape::Wrong => collector
            .rejects
            .push(&scoreboard_place, "the scoreboard is not an object"),
    }
    Ok(collector)
}
