//! What a failed statement means for the rows in hand.
//!
//! The drain acts on three answers only: wait and try the same batch again, set the bad row aside, or stop and call
//! a person. Anything unknown calls a person: waiting for ever hides it, and setting rows aside could set all aside.

use sqlx::Error;

/// What to do about a database error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The database is away, busy or restarting: wait with growing pauses, reconnect, send the same batch.
    Transient,
    /// A row is bad and will stay bad: halve the batch until the row is found, put it aside with the reason, go on.
    Poison,
    /// Rights, schema or configuration are wrong: pause and say so until a person has changed something.
    Operator,
}

impl Failure {
    /// The word used in logs, `operational` tables and `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Poison => "poison",
            Self::Operator => "operator",
        }
    }
}

/// What a database error means for the batch that met it.
pub fn classify(error: &Error) -> Failure {
    match error {
        Error::Database(database) => {
            // A migration changed a table under a prepared statement; the next connection plans it anew.
            if database.message().starts_with("cached plan must not") {
                return Failure::Transient;
            }
            database
                .code()
                .map_or(Failure::Operator, |code| classify_sqlstate(&code))
        }
        // A server that dies in the middle of a reply reads as a protocol error; the pool replaces the connection.
        Error::Io(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::Protocol(_)
        | Error::BeginFailed => Failure::Transient,
        Error::Encode(_) => Failure::Poison,
        _ => Failure::Operator,
    }
}

/// What a five-character SQLSTATE means (PostgreSQL manual, appendix A).
pub fn classify_sqlstate(code: &str) -> Failure {
    match code {
        // lock not available · statement timeout or cancel · serialisation · deadlock · read-only (a standby, or a
        // primary being switched over) · idle in transaction timeout
        "55P03" | "57014" | "40001" | "40P01" | "25006" | "25P03" => Failure::Transient,
        // connection · resources (disk, memory, connections) · shutdown and start-up · operating system I/O
        _ if ["08", "53", "57P0", "58"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Failure::Transient
        }
        // cardinality · data · constraint · check option · program limits (an index row too long)
        _ if ["21", "22", "23", "44", "54"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Failure::Poison
        }
        _ => Failure::Operator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_fall_into_three_classes() {
        for code in [
            "08006", "53300", "53100", "55P03", "57P01", "57P03", "40001", "40P01", "25006",
            "57014", "58030",
        ] {
            assert_eq!(classify_sqlstate(code), Failure::Transient, "{code}");
        }
        for code in ["22003", "22P05", "23505", "23514", "21000", "54000"] {
            assert_eq!(classify_sqlstate(code), Failure::Poison, "{code}");
        }
        for code in [
            "42P01", "42501", "28P01", "3D000", "XX000", "P0001", "26000", "",
        ] {
            assert_eq!(classify_sqlstate(code), Failure::Operator, "{code}");
        }
    }

    #[test]
    fn driver_errors_are_classified_too() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        assert_eq!(classify(&Error::Io(refused)), Failure::Transient);
        assert_eq!(classify(&Error::PoolTimedOut), Failure::Transient);
        assert_eq!(classify(&Error::Encode("nul".into())), Failure::Poison);
        assert_eq!(
            classify(&Error::ColumnNotFound("line".into())),
            Failure::Operator
        );
    }
}
