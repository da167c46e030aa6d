//! `/web/v1/books`: the shops the feed carries.

use serde_json::{Value, json};

use super::super::market::Market;
use super::super::reply::Reply;
use super::super::shop::Shop;

/// The book list, in the form of the web page's `allBooks`: an object keyed by id.
pub(super) fn body(market: &Market) -> Reply {
    let books: serde_json::Map<String, Value> = market
        .cast
        .shops
        .iter()
        .filter_map(|shop| Some((shop.an?.to_string(), book(shop)?)))
        .collect();
    Reply::ok(&books)
}

fn book(shop: &Shop) -> Option<Value> {
    let id = shop.an?;
    let name = match &shop.state {
        Some(state) if shop.takes_bets() => format!("{} {state}", shop.title),
        _ => shop.title.clone(),
    };
    let meta = if shop.is_opener() {
        json!({"logos": {}, "states": [], "is_promoted": false, "betsync_status": 0})
    } else {
        json!({
            "logos": {}, "states": shop.state.iter().collect::<Vec<_>>(), "website": null,
            "deeplink": {"has_multi": false, "is_supported": false},
            "is_legal": shop.state.is_some(), "is_promoted": false, "is_preferred": false,
            "betsync_type": 1, "betsync_status": 0, "provider_type_id": 1,
            "primary_color": null, "secondary_color": null,
            "is_fastbet_enabled_app": false, "is_fastbet_enabled_web": false,
        })
    };
    Some(json!({
        "id": id, "display_name": name, "abbr": shop.abbr, "source_name": shop.source_name, "meta": meta,
        "parent_name": shop.parent_name, "book_parent_id": shop.parent, "affiliate_id": null,
    }))
}
