#!/bin/sh
# Installs spatialplan from this folder without a network. Needs Python @PYTHON@ and nothing else.
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
for candidate in "${PYTHON:-}" python@PYTHON@ python3 python; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")'; then
        exec "$candidate" "$here/install.py" "$@"
    fi
done
echo "未找到 Python @PYTHON@；请先安装，或用 PYTHON=路径 指明。见 README.txt。" >&2
echo "Python @PYTHON@ was not found; install it, or set PYTHON to it. See README.txt." >&2
exit 2
