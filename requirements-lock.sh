#!/bin/sh
# Locks every dependency by version and hash, in a form that names no registry.
set -eu
compile() {
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-header --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
cd "$(dirname "$0")"
compile requirements-build.in -o requirements-build.lock
compile --override requirements-overrides.txt pyproject.toml --group models -o requirements.lock
compile --override requirements-overrides.txt pyproject.toml -c requirements.lock \
    --extra postgres --extra baseline --extra openvino --extra milvus --extra bench --extra parquet --extra video --group models --group test --group lint -o requirements-dev.lock
