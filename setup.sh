#!/bin/sh
# Makes the virtual environment with the locked versions. Called by make; safe to call again.
set -eu
PYTHON="${PYTHON:-python3}"
VENV="${VENV:-.venv}"
CPU_INDEX="https://download.pytorch.org/whl/cpu"

say() { printf '%s\n' "$*" >&2; }

command -v "$PYTHON" >/dev/null 2>&1 || {
  say "Python was not found. Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv),"
  say "or name one: make run PYTHON=/path/to/python3"
  exit 1
}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  say "$("$PYTHON" --version) is too old: Python 3.11 or newer is needed. Name one: make run PYTHON=python3.11"
  exit 1
}
if [ ! -x "$VENV/bin/python" ]; then
  say "Making the virtual environment $VENV ..."
  "$PYTHON" -m venv "$VENV" || {
    say "The virtual environment could not be made. On Debian: apt-get install python3-venv; then try again."
    exit 1
  }
fi
free_kb=$(df -Pk "$VENV" | awk 'NR==2 {print $4}')
if [ "$free_kb" -lt 3000000 ]; then
  say "Only $((free_kb / 1024)) MB are free here; the set-up needs about 3 GB. Make room and try again."
  exit 1
fi

pip() { "$VENV/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

torch=$(grep '^torch==' requirements.lock)
if ! "$VENV/bin/python" -c 'import torch' >/dev/null 2>&1; then
  say "Installing PyTorch for the CPU (first time only) ..."
  # On Linux the registry's own build carries gigabytes for GPUs: take the CPU build where the
  # PyTorch index can be reached, else whatever pip is configured to find.
  if [ "$(uname -s)" = Linux ] && "$VENV/bin/python" - "$CPU_INDEX" <<'PY' >/dev/null 2>&1
import sys, urllib.request
urllib.request.urlopen(sys.argv[1] + "/torch/", timeout=5)
PY
  then
    pip install --index-url "$CPU_INDEX" "$torch" || pip install "$torch"
  else
    pip install "$torch"
  fi || {
    say "PyTorch could not be installed. Check the network (or pip's proxy settings) and run the command again;"
    say "what is already installed is kept."
    exit 1
  }
fi
say "Installing the libraries ..."
pip install -r requirements.lock && pip install --no-deps --no-build-isolation -e . || {
  say "The libraries could not be installed. Check the network (or pip's proxy settings) and run the command again;"
  say "what is already installed is kept."
  exit 1
}
say "Set-up done."
