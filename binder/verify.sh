#!/usr/bin/env bash
# Rebuilds Binder's environment from the very files that Binder reads, in a clean virtual environment, and executes the
# notebooks 01 to 04 in it beside a running JupyterLab, within Binder's 1 GB of memory.
#
#   binder/verify.sh
#
# PYTHON chooses the interpreter where the one of environment.yml is not here.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PYTHONPATH PIP_CONSTRAINT
export PIP_DISABLE_PIP_VERSION_CHECK=1 VNB_HOME="$work/home" HOME="$work"

wanted=$(sed -n 's/^ *- python=//p' binder/environment.yml)
python=python$wanted
"$python" -c '' 2>/dev/null || python=${PYTHON:-python3}
"$python" -m venv "$work/env"
export PATH="$work/env/bin:$PATH" VIRTUAL_ENV="$work/env"
echo "python: $(python --version), environment.yml asks for $wanted"

# What environment.yml lists beside Python and pip, as pip installs it; conda's `=` would be pip's `==`.
sed -n '/^dependencies:/,$s/^ *- \([a-z].*\)/\1/p' binder/environment.yml | grep -v '^\(python\|pip\)\b' >"$work/asked.txt"
before=$(du -sm "$work/env" | cut -f1)
pip install -q -c binder/constraints.txt -r "$work/asked.txt"

# The repository as git would clone it, with what is not committed yet.
mkdir "$work/repository"
git ls-files -z --cached --others --exclude-standard | xargs -0 -I{} sh -c '[ ! -e "$1" ] || printf "%s\0" "$1"' _ {} |
    tar --null -T - -cf - | tar -xf - -C "$work/repository"
cd "$work/repository"
binder/postBuild
pip list --format=freeze | grep -v '^\(vnb\|pip\|setuptools\|wheel\)=' | tr '[:upper:]_' '[:lower:]-' | sort >"$work/has.txt"
sed '/^#/d' binder/constraints.txt | tr '_' '-' | sort >"$work/pinned.txt"
loose=$(comm -23 "$work/has.txt" "$work/pinned.txt")
[ -z "$loose" ] || { echo "installed, but not as pinned: run binder/lock.py"; echo "$loose"; exit 1; }

# What we add to Binder's image: packages, and the repository with what was built in it.
size=$(($(du -sm "$work/env" | cut -f1) - before + $(du -sm . | cut -f1)))
echo "image content: $size MB"
[ "$size" -lt 1000 ]

cat >"$work/execute.sh" <<'END'
set -euo pipefail
jupyter lab --no-browser --allow-root --ServerApp.port=0 --ServerApp.ip=127.0.0.1 >server.log 2>&1 &
server=$!
trap 'kill $server; wait $server 2>/dev/null || true' EXIT
until jupyter server list 2>/dev/null | grep -q "::"; do kill -0 $server; sleep 0.2; done
cd notebooks
for notebook in 0[1-4]_*.ipynb; do
    echo "$notebook"
    jupyter execute --output="$OLDPWD/done-$notebook" "$notebook" 2>execute.log || { cat execute.log; exit 1; }
done
END
python binder/limited.py 1000 bash "$work/execute.sh"
