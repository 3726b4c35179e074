#!/bin/sh
# Finds a Python that will do and hands over to setup.py, or says in a sentence what is missing.
# Usage: scripts/setup.sh run|dev      (PYTHON=/path/to/python chooses one)
set -eu
cd "$(dirname "$0")/.."

fits='import sys, venv, ensurepip, ssl, sqlite3, fcntl; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))'
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    if "$python" -c "$fits" >/dev/null 2>&1; then
        exec "$python" -I scripts/setup.py "$1"
    fi
done

found=""
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
    3.1[1-4])
        echo "Python $version ($python) lacks a module it normally brings (venv, ensurepip, ssl or sqlite3);" \
            "install it (on Debian and Ubuntu: the package python$version-venv) and run make again." >&2
        exit 1
        ;;
    esac
    found="$found $version ($python)"
done
if [ -n "$found" ]; then
    echo "Python 3.11 to 3.14 is needed, and only these were found:$found." \
        "Install one of them, or name it: make PYTHON=/path/to/python." >&2
else
    echo "Python 3.11 to 3.14 is needed, and no Python was found${PYTHON:+ at $PYTHON}." >&2
fi
exit 1
