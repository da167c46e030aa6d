//! libpq's service file, which sqlx does not read: `[name]` and `key=value` lines.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Environment, TargetError, home_file, value};
use crate::domain::clean::clean;

/// The parameters of a service, from `PGSERVICEFILE`, else `~/.pg_service.conf`.
pub(super) fn read(
    service: &str,
    env: &Environment,
) -> Result<BTreeMap<String, String>, TargetError> {
    let file = value(env, "PGSERVICEFILE")
        .map(PathBuf::from)
        .or_else(|| home_file(env, ".pg_service.conf"))
        .unwrap_or_else(|| PathBuf::from(".pg_service.conf"));
    std::fs::read_to_string(&file)
        .ok()
        .and_then(|text| find(&text, service))
        .ok_or_else(|| TargetError::NoService {
            service: clean(service, 60),
            file: file.display().to_string(),
        })
}

/// The block of a service; none when the text has no such block.
fn find(text: &str, service: &str) -> Option<BTreeMap<String, String>> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| {
        line.strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .is_some_and(|name| name == service)
    })?;
    let block = lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect();
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_its_block_only() {
        let text =
            "# ours\n[one]\nhost=a\n\n[two]\nhost = b\nport=6000\n#port=7000\n[three]\nhost=c\n";
        let two = find(text, "two").unwrap();
        assert_eq!(two.get("host").map(String::as_str), Some("b"));
        assert_eq!(two.get("port").map(String::as_str), Some("6000"));
        assert!(find(text, "four").is_none());
    }
}
