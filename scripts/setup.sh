# Sourced by the other scripts: a virtual environment in .venv with the package and the extras asked
# for. Safe to run again; installs only when pyproject.toml or the extras have changed.

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
        if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "spatialplan needs Python 3.11 or newer; set PYTHON to one" >&2
    return 1
}

# A Python for Windows makes .venv/Scripts where others make .venv/bin.
find_programs() {
    local folder
    for folder in .venv/bin .venv/Scripts; do
        if [ -x "$folder/python" ] || [ -x "$folder/python.exe" ]; then
            echo "$folder"
            return
        fi
    done
}

set_up() {
    local extras="$1" python stamp programs
    python=$(find_python)
    stamp=".venv/installed-$(printf '%s' "$extras" | cat - pyproject.toml | cksum | cut -d' ' -f1)"
    if [ ! -f "$stamp" ]; then
        programs=$(find_programs)
        [ -n "$programs" ] || "$python" -m venv .venv
        programs=$(find_programs)
        echo "Installing spatialplan${extras} into .venv ..."
        "$programs/python" -m pip install --quiet --disable-pip-version-check --editable ".${extras}"
        touch "$stamp"
    fi
    export PATH="$PWD/$(find_programs):$PATH"
}
