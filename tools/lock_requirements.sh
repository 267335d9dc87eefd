#!/usr/bin/env bash
# Write requirements/*.txt from pyproject.toml: every version pinned, every file's hash recorded, no index address.
#
#   tools/lock_requirements.sh             resolve again, keeping the pins that still satisfy pyproject.toml
#   tools/lock_requirements.sh --upgrade   take the newest versions that fit together
#   tools/lock_requirements.sh --check     write nothing; fail if the files do not follow from pyproject.toml
#
# One resolution serves Python 3.11 and everything newer (markers where they differ). `development.txt` is resolved first
# and constrains `runtime.txt`, so the second is a subset of the first, pin for pin.
# Needs uv and a package index. It is the maintainers' tool: installing needs pip only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check=no
upgrade=()
case "${1-}" in
    "") ;;
    --check) check=yes ;;
    --upgrade) upgrade=(--upgrade) ;;
    *)
        sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp requirements/*.txt "$scratch/" 2>/dev/null || true # the present pins are uv's preferences

# Usage: resolve NAME ARGUMENT...; uv's own header would name the machine's paths, so it is replaced.
resolve() {
    local name=$1 notes=$2
    shift 2
    uv pip compile pyproject.toml "$@" "${upgrade[@]}" --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file "$scratch/$name.txt"
    {
        echo "# Written by tools/lock_requirements.sh from pyproject.toml; do not edit."
        echo "# $notes"
        cat "$scratch/$name.txt"
    } >"$scratch/$name.new"
}

resolve development "Everything of runtime.txt with the same pins, and what builds, tests and checks it." --group development
resolve runtime "What \`hospes\` needs to run, and what installs it (build group)." --group build \
    --constraint "$scratch/development.txt"

# An environment of its own, so nothing of pyproject.toml (its overrides) may decide here.
uv pip compile requirements/training.in "${upgrade[@]}" --no-config --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file "$scratch/training.txt"
{
    echo "# Written by tools/lock_requirements.sh from requirements/training.in; do not edit."
    cat "$scratch/training.txt"
} >"$scratch/training.new"

for name in development runtime training; do
    if [ "$check" = yes ]; then
        diff -u "requirements/$name.txt" "$scratch/$name.new" >&2 || {
            echo "requirements/$name.txt does not follow from pyproject.toml: run tools/lock_requirements.sh" >&2
            exit 1
        }
    else
        mkdir -p requirements
        mv "$scratch/$name.new" "requirements/$name.txt"
        echo "requirements/$name.txt: $(grep -c '==' "requirements/$name.txt") pins"
    fi
done
