#!/usr/bin/env bash
# Builds the wallet's and the console's page into the Python package (clients/pages/README.md).
#
#   tools/build_pages.sh            installs, checks the types, runs the tests, writes the pages
#   tools/build_pages.sh --check    the same, but fails when a committed file differs from what its source gives
#
# It needs Node 20.19 or newer with npm, and an npm registry for the first installation; nothing else in the repository
# does. The pages are committed, so that installing and running Hospes needs neither.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../clients/pages"

npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent types
npm test --silent
npm run --silent build -- "$@"
