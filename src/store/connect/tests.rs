use super::*;

fn env(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn server(pairs: &[(&str, &str)]) -> (Server, Vec<String>) {
    let choice = target(None, &env(pairs)).unwrap();
    match choice.target {
        Target::Server(server) => (*server, choice.warnings),
        Target::Embedded => panic!("embedded"),
    }
}

#[test]
fn nothing_set_means_embedded() {
    for pairs in [
        &[][..],
        &[("DATABASE_URL", "")],
        &[("PGUSER", "ann"), ("PGPORT", "6000"), ("PGPASSWORD", "x")],
        &[("DB_PASSWORD", "x")],
    ] {
        let choice = target(None, &env(pairs)).unwrap();
        assert!(matches!(choice.target, Target::Embedded), "{pairs:?}");
    }
    let ignored = target(None, &env(&[("DB_USER", "ann")])).unwrap();
    assert!(ignored.warnings.iter().any(|line| line.contains("DB_USER")));
}

#[test]
fn the_order_is_settings_url_parts_libpq() {
    let all = [
        ("DATABASE_URL", "postgres://u@localhost/from_url"),
        ("DB_HOST", "localhost"),
        ("DB_NAME", "from_parts"),
        ("PGHOST", "localhost"),
        ("PGDATABASE", "from_pg"),
    ];
    let settings = SecretString::from("postgres://u@localhost/from_settings");
    let Target::Server(first) = target(Some(&settings), &env(&all)).unwrap().target else {
        panic!("embedded");
    };
    assert_eq!(first.database(), "from_settings");
    assert_eq!(server(&all).0.database(), "from_url");
    assert_eq!(server(&all[1..]).0.database(), "from_parts");
    assert_eq!(server(&all[3..]).0.database(), "from_pg");
}

#[test]
fn a_disagreement_names_the_winner() {
    let pairs = [
        ("DATABASE_URL", "postgres://u:secret1@localhost/one"),
        ("DB_HOST", "localhost"),
        ("DB_USER", "u"),
        ("DB_NAME", "two"),
        ("DB_PASSWORD", "secret2"),
    ];
    let (_, warnings) = server(&pairs);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("DATABASE_URL wins") && warnings[0].contains("/one"));
    assert!(!warnings[0].contains("secret"));
    let mut same = pairs;
    same[3].1 = "one";
    assert!(server(&same).1.is_empty());
}

#[test]
fn parts_make_a_url_and_odd_passwords_survive() {
    let (server, _) = server(&[
        ("DB_HOST", "127.0.0.1"),
        ("DB_PORT", "6543"),
        ("DB_NAME", "lines"),
        ("DB_USER", "ann"),
        ("DB_PASSWORD", "p@ss/w:rd%41%"),
    ]);
    assert_eq!(server.shown_url(), "postgres://ann@127.0.0.1:6543/lines");
    assert!(
        format!("{:?}", server.options).contains("p@ss/w:rd%41%"),
        "the password reaches sqlx as it was"
    );
    assert!(!format!("{server:?}").contains("p@ss"));
}

#[test]
fn passwords_never_show() {
    let canary = "canary-7f3";
    let url = format!(
        "postgres://ann:{canary}@db.example.org/lines?password={canary}&application_name={canary}"
    );
    let (server, warnings) = server(&[("DATABASE_URL", &url)]);
    assert!(
        !server.shown_url().contains(canary),
        "{}",
        server.shown_url()
    );
    assert!(!format!("{server:?} {warnings:?}").contains(canary));
    for bad in [
        format!("postgres://ann:{canary}@db.example.org/lines?sslmode={canary}"),
        format!("mysql://ann:{canary}@db.example.org/lines"),
        format!("ann:{canary}@db"),
        format!("postgres://ann:{canary}@[::1/lines"),
    ] {
        let error = target(None, &env(&[("DATABASE_URL", &bad)])).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(canary), "{error}");
        assert_eq!(error.exit_code(), 78);
    }
}

#[test]
fn distant_servers_need_tls() {
    let (distant, _) = server(&[("DATABASE_URL", "postgres://u@db.example.org/x")]);
    assert_eq!(
        distant.shown_url(),
        "postgres://u@db.example.org/x?sslmode=require"
    );
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let (local, _) = server(&[("DATABASE_URL", &format!("postgres://u@{host}/x"))]);
        assert!(!local.shown_url().contains("sslmode"), "{host}");
    }
    let (plain, warnings) = server(&[(
        "DATABASE_URL",
        "postgres://u@db.example.org/x?sslmode=disable",
    )]);
    assert!(plain.shown_url().ends_with("sslmode=disable"));
    assert!(warnings.iter().any(|line| line.contains("plain text")));
    let (named, _) = server(&[("PGHOST", "db.example.org"), ("PGSSLMODE", "verify-full")]);
    assert!(named.shown_url().ends_with("sslmode=verify-full"));
}

#[test]
fn sockets_and_services_work() {
    let (socket, _) = server(&[
        ("PGHOST", "/run/postgresql"),
        ("PGDATABASE", "lines"),
        ("PGUSER", "ann"),
    ]);
    assert_eq!(
        socket.options.get_socket().map(std::path::PathBuf::as_path),
        Some(Path::new("/run/postgresql"))
    );
    assert!(socket.is_local());
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join(".pg_service.conf"),
        "[odds]\nhost=127.0.0.1\nport=6000\ndbname=lines\n",
    )
    .unwrap();
    let home = home.path().display().to_string();
    let (service, _) = server(&[("PGSERVICE", "odds"), ("HOME", &home), ("PGUSER", "ann")]);
    assert_eq!(service.shown_url(), "postgres://ann@127.0.0.1:6000/lines");
    let missing = target(None, &env(&[("PGSERVICE", "none"), ("HOME", &home)])).unwrap_err();
    assert!(missing.to_string().contains("none"));
}

#[test]
fn ports_are_checked_and_databases_can_be_swapped() {
    let error = target(None, &env(&[("DB_HOST", "localhost"), ("DB_PORT", "http")])).unwrap_err();
    assert!(error.to_string().contains("DB_PORT"));
    let (server, _) = server(&[("DATABASE_URL", "postgres://u@localhost/live")]);
    let demo = server.with_database("linetape_demo");
    assert_eq!(demo.shown_url(), "postgres://u@localhost/linetape_demo");
    assert_eq!(demo.database(), "linetape_demo");
    let odd = demo.with_database("a/b%41");
    assert_eq!(odd.shown_url(), "postgres://u@localhost/a%2Fb%2541");
    assert_eq!(
        Server::from_url(odd.url, "test").unwrap().database(),
        "a/b%41"
    );
}
