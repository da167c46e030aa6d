#!/usr/bin/env bash
# The one test command. Gets what the tests need, then runs everything; the runner's own summary comes last.
#
# Needs redis-server and the PostgreSQL programs (15 to 18). What is missing is installed by the system's package
# manager when that needs no question: as root, in CI, or with LINETAPE_INSTALL=1 and sudo. Otherwise the one command
# to type is named, and the exit code is 69.
set -euo pipefail
cd "$(dirname "$0")/.."

has_redis() { command -v redis-server >/dev/null; }

has_postgres() {
    [ -n "${LINETAPE_PG_BIN:-}" ] && [ -x "$LINETAPE_PG_BIN/postgres" ] && return
    { command -v postgres && command -v initdb; } >/dev/null && return
    local dir
    for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
        /usr/local/opt/postgresql@*/bin /Applications/Postgres.app/Contents/Versions/*/bin; do
        [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] && return
    done
    return 1
}

# The command that installs what is missing: $1 redis (0 or 1), $2 postgres (0 or 1).
install_command() {
    local names=()
    if command -v apt-get >/dev/null; then
        [ "$1" = 1 ] && names+=(redis-server)
        [ "$2" = 1 ] && names+=(postgresql)
        echo "apt-get update && apt-get install --yes --no-install-recommends ${names[*]}"
    elif command -v dnf >/dev/null; then
        [ "$1" = 1 ] && names+=(redis)
        [ "$2" = 1 ] && names+=(postgresql-server)
        echo "dnf install --assumeyes ${names[*]}"
    elif command -v pacman >/dev/null; then
        [ "$1" = 1 ] && names+=(redis)
        [ "$2" = 1 ] && names+=(postgresql)
        echo "pacman -Sy --noconfirm ${names[*]}"
    elif command -v apk >/dev/null; then
        [ "$1" = 1 ] && names+=(redis)
        [ "$2" = 1 ] && names+=(postgresql)
        echo "apk add ${names[*]}"
    elif command -v brew >/dev/null; then
        [ "$1" = 1 ] && names+=(redis)
        [ "$2" = 1 ] && names+=(postgresql@17)
        echo "brew install ${names[*]}"
    fi
}

# Start a command the way this machine lets us: as we are, as root already, or by sudo that asks nothing.
run_install() {
    if [ "$(id -u)" = 0 ] || [[ "$1" == brew* ]]; then
        DEBIAN_FRONTEND=noninteractive sh -c "$1"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive sh -c "$1"
    fi
}

may_install() {
    [ "$(id -u)" = 0 ] && return
    case "${LINETAPE_INSTALL:-}${CI:-}" in
        *1* | *true* | *yes*) [[ "$1" == brew* ]] || sudo -n true 2>/dev/null ;;
        *) return 1 ;;
    esac
}

redis=0 postgres=0
has_redis || redis=1
has_postgres || postgres=1
if [ "$redis$postgres" != 00 ]; then
    command=$(install_command "$redis" "$postgres")
    if [ -z "$command" ]; then
        echo "tests/run.sh: redis-server and PostgreSQL are needed, and no known package manager is here; install them" >&2
        exit 69
    fi
    if ! may_install "$command"; then
        echo "tests/run.sh: the tests need more programs; install them with: sudo sh -c '$command'" >&2
        exit 69
    fi
    echo "tests/run.sh: $command" >&2
    run_install "$command" >&2
    if ! has_redis || ! has_postgres; then
        echo "tests/run.sh: still missing after '$command'; see its messages above" >&2
        exit 69
    fi
fi

# Settings of whoever runs the tests must not reach them.
unset DATABASE_URL REDIS_URL REDIS_HOST REDIS_PORT ODDS_API_KEY ODDS_API_KEY_FILE CREDENTIALS_DIRECTORY NO_COLOR
for name in $(compgen -e | grep -E '^(PG|DB_|LINETAPE_)' || true); do
    case $name in LINETAPE_PG_BIN | LINETAPE_INSTALL) ;; *) unset "$name" ;; esac
done

if [ $# -eq 0 ]; then
    # Examples in the docs first, so that the main runner has the last word.
    cargo test --locked --doc
fi
if cargo nextest --version >/dev/null 2>&1; then
    exec cargo nextest run --locked ${CI:+--profile ci} "$@"
fi
exec cargo test --locked --lib --bins --tests --no-fail-fast "$@"
