#!/usr/bin/env bash
# Makes .venv with everything in requirements.txt, on a machine that has Python 3.13 or uv.
# Nothing to do, and nothing said, when .venv is what requirements.txt asks for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# Without byte code every start of every program pays for compiling it.
unset PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

stamp=.venv/.stamp
wanted="$PWD
$(cat requirements.txt)"
if [[ -x .venv/bin/python && -f $stamp && "$(cat "$stamp")" == "$wanted" ]]; then
    exit 0
fi

is_3_13() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in python3.13 python3 python "$(pyenv prefix 3.13 2>/dev/null || true)/bin/python"; do
        if command -v "$candidate" >/dev/null && is_3_13 "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

pin_of() {
    sed -n "s/^$1==\([^ ]*\).*/\1/p" requirements.txt
}

new_environment() {
    local python
    rm -rf .venv
    if command -v uv >/dev/null; then
        uv venv --quiet --python 3.13 .venv
        uv pip install --quiet --python .venv/bin/python "uv==$(pin_of uv)"
    elif python="$(find_python)"; then
        "$python" -m venv .venv || {
            echo "Python's venv module does not work here: install it (Debian: python3.13-venv) or uv." >&2
            exit 1
        }
        .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(pin_of uv)"
    else
        echo "Python 3.13 is needed, or uv, which brings it; neither was found." >&2
        exit 1
    fi
}

echo "Setting up .venv from requirements.txt" >&2
rm -f "$stamp"
if ! [[ -x .venv/bin/uv ]] || ! is_3_13 .venv/bin/python || ! .venv/bin/uv --version >/dev/null 2>&1; then
    new_environment
fi
.venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python -r requirements.txt
printf '%s\n' "$wanted" > "$stamp"
