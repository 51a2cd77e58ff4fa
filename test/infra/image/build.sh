#!/usr/bin/env bash
# Builds the image for real, without a daemon, and runs what is in it. The closing line is `N passed, N failed`.
#
# Needs root, for buildah's chroot isolation. When no registry of images can be reached, the base is a stand-in: Debian
# from its own archive (debootstrap) with Node from the npm package `node`. What it makes is kept in SLUICE_IMAGE_CACHE
# (default: a folder in the temporary one), so that the next run is quick.
set -euo pipefail
cd "$(dirname "$0")/../../.."
# A machine that must have every tool (CI) fails here; another leaves the image out.
skip() {
  echo "NOTICE: the image was not built: $1"
  [ "${SLUICE_REQUIRE_TOOLS:-}" != 1 ] || { echo '0 passed, 1 failed' && exit 1; }
  echo '0 passed, 0 failed'
  exit 0
}
[ "$(uname -s)" = Linux ] || skip 'buildah runs on Linux only'
[ "$(id -u)" = 0 ] || skip 'this needs root, for chroot isolation'
if ! command -v buildah >/dev/null || ! command -v debootstrap >/dev/null; then
  command -v apt-get >/dev/null || skip 'buildah and debootstrap are not on this machine'
  echo 'installing buildah and debootstrap'
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends buildah debootstrap; } \
    >/dev/null 2>&1 || skip 'buildah and debootstrap could not be installed'
fi

cache=${SLUICE_IMAGE_CACHE:-${TMPDIR:-/tmp}/sluice-image}
mkdir -p "$cache"
store=(--storage-driver vfs --root "$cache/storage" --runroot "$cache/run")
wanted=$(sed -n 's/^ARG BASE=//p' Dockerfile)
node_version=$(sed -E 's/.*node:([0-9.]+)-.*/\1/' <<<"$wanted")
node_package=node-linux-$(sed 's/x86_64/x64/; s/aarch64/arm64/' <<<"$(uname -m)")

# stand_in: images localhost/base (Debian and Node) and localhost/build-base (and npm).
stand_in() {
  local rootfs=$cache/rootfs packages=$cache/packages
  if [ ! -e "$rootfs/.complete" ]; then
    rm -rf "$rootfs"
    debootstrap --variant=minbase bookworm "$rootfs" >"$cache/debootstrap.log" 2>&1 || return 1
    # What an image needs of Debian is its libraries; the rest is weight.
    rm -rf "$rootfs"/var/cache/apt/* "$rootfs"/var/lib/apt/lists/* "$rootfs"/usr/share/{doc,man,locale,info}/*
    touch "$rootfs/.complete"
  fi
  # The npm package `node` is a choice between these, one for each machine.
  [ -x "$packages/node_modules/$node_package/bin/node" ] && [ -d "$packages/node_modules/npm" ] ||
    npm install --prefix "$packages" --no-audit --no-fund --no-save "$node_package@$node_version" npm@10 \
      >"$cache/npm.log" 2>&1 || return 1
  local container
  container=$(buildah "${store[@]}" from scratch)
  buildah "${store[@]}" copy -q "$container" "$rootfs" / >/dev/null
  buildah "${store[@]}" copy -q "$container" "$packages/node_modules/$node_package/bin/node" /usr/local/bin/node >/dev/null
  buildah "${store[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah "${store[@]}" commit -q "$container" localhost/base >/dev/null
  buildah "${store[@]}" copy -q "$container" "$packages/node_modules/npm" /usr/local/lib/npm >/dev/null
  buildah "${store[@]}" run --isolation chroot "$container" -- ln -s ../lib/npm/bin/npm-cli.js /usr/local/bin/npm
  # Only the stage that builds sees it; the image is made from the other base.
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || buildah "${store[@]}" config --env NODE_EXTRA_CA_CERTS=/run/extra-ca.pem "$container"
  buildah "${store[@]}" commit -q --rm "$container" localhost/build-base >/dev/null
}

arguments=()
if timeout 30 buildah "${store[@]}" pull -q "$wanted" >/dev/null 2>&1; then
  echo "base: $wanted"
  base=$wanted
else
  echo "base: a stand-in (Debian and Node $node_version), since $wanted cannot be pulled here"
  base=localhost/base
  if ! buildah "${store[@]}" inspect --type image localhost/build-base >/dev/null 2>&1; then
    stand_in || skip "no base: neither a registry, nor Debian's archive, nor npm could be reached"
  fi
  arguments+=(--build-arg "BASE=$base" --build-arg BUILD_BASE=localhost/build-base --pull=never)
fi
# Behind a proxy that signs for registries, npm must trust what this machine trusts.
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r "$NODE_EXTRA_CA_CERTS" ]; then
  arguments+=(--volume "$NODE_EXTRA_CA_CERTS:/run/extra-ca.pem:ro")
fi

started=$SECONDS
buildah "${store[@]}" bud --isolation chroot --format docker --layers=false "${arguments[@]}" -t localhost/sluice . >"$cache/build.log" 2>&1 || {
  tail -n 40 "$cache/build.log"
  echo '0 passed, 1 failed'
  exit 1
}
echo "built in $((SECONDS - started)) s"

container=$(buildah "${store[@]}" from --pull=never localhost/sluice)
below=$(buildah "${store[@]}" from --pull=never "$base")
# Without an overlay each image is a whole copy on the disk: only the newest is kept.
trap 'buildah "${store[@]}" rm "$container" "$below" >/dev/null 2>&1; buildah "${store[@]}" rmi --prune >/dev/null 2>&1' EXIT
buildah "${store[@]}" inspect --type image localhost/sluice >"$cache/image.json"
timeout 300 node --import tsx test/infra/image/check.ts \
  "$(buildah "${store[@]}" mount "$container")" "$(buildah "${store[@]}" mount "$below")" "$cache/image.json"
