#!/usr/bin/env bash
# Draws the README's pictures anew, from the real program in a real pseudo-terminal on the demo market (two minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --locked --test pty -- --ignored pictures::
ls -l docs/pictures
