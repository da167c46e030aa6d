//! `linetape database grants`: who may do what, and what is missing.

use serde::Serialize;
use sqlx::PgPool;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::{Opened, failed};
use crate::cli::table::{Align, Table};
use crate::store::roles::{self, Grant};
use crate::store::session::{self, Standing};

#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    grant: &'a Grant,
}

#[derive(Serialize)]
struct Works<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    standing: &'a Standing,
}

#[derive(Serialize)]
struct Missing<'a> {
    r#type: &'static str,
    statement: &'a str,
}

/// Print the matrix, then the statements that would complete it.
pub async fn print(context: &Context, opened: &Opened) -> Result<(), CliError> {
    let matrix = roles::matrix(&opened.pool).await.map_err(failed)?;
    let missing = roles::missing(&opened.pool).await.map_err(failed)?;
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let standing = session::standing(&mut connection).await.map_err(failed)?;
    let mut data = context.output.data();
    if context.output.json {
        for grant in &matrix {
            data.json(&Row {
                r#type: "grant",
                grant,
            })?;
        }
        data.json(&Works {
            r#type: "session",
            standing: &standing,
        })?;
        for statement in &missing {
            data.json(&Missing {
                r#type: "missing",
                statement,
            })?;
        }
        return data.finish();
    }
    let mut columns = vec![("role", Align::Left)];
    columns.extend(
        ["raw_data", "core_betting", "analytics", "operational"].map(|name| (name, Align::Left)),
    );
    columns.push(("members", Align::Left));
    let mut table = Table::new(&columns);
    for grants in matrix.chunk_by(|a, b| a.role == b.role) {
        let Some(first) = grants.first() else {
            continue;
        };
        let mut cells = vec![first.role.clone()];
        cells.extend(grants.iter().map(cell));
        cells.push(match first.members.as_slice() {
            [] => "-".to_owned(),
            members => members.join(", "),
        });
        table.row(cells);
    }
    table.print(&context.output, &mut data)?;
    data.line("")?;
    data.line(&format!("linetape works as {}", standing.sentence()))?;
    if !missing.is_empty() {
        data.line("")?;
        data.line("Missing. Let a superuser run in this database:")?;
        for statement in &missing {
            data.line(&format!("{statement};"))?;
        }
    }
    data.finish()
}

/// What is granted, in few letters; what should be and is not stands in brackets.
fn cell(grant: &Grant) -> String {
    if !grant.exists {
        return "no such role".to_owned();
    }
    let lacking = grant.wanted.iter().filter(|w| !grant.granted.contains(w));
    let lacking: Vec<&str> = lacking.map(String::as_str).collect();
    let rights = match grant.granted.join(" ").as_str() {
        "" => "-".to_owned(),
        "select insert update delete truncate references trigger" => "all".to_owned(),
        rights => rights.to_owned(),
    };
    if lacking.is_empty() {
        rights
    } else {
        format!("{rights} (lacks {})", lacking.join(" "))
    }
}

/// Complete roles and grants, or warn that somebody else must.
pub async fn make(context: &Context, owners: &PgPool) -> Result<(), CliError> {
    let left = roles::make(owners).await.map_err(failed)?;
    if !left.is_empty() {
        context.output.warn(&format!(
            "roles are not complete: {} statements need somebody with more rights; `linetape database grants` prints them",
            left.len()
        ));
    }
    Ok(())
}
