#!/usr/bin/env bash
# Builds docker/Dockerfile and runs it, where there is no Docker: on a base of debootstrap, by buildah without a
# daemon. For root on Debian: apt-get install --no-install-recommends debootstrap buildah
#   docker/build_here.sh [WORDS...]       of ./ur5rl in the image; default: launch async_sac_2 duration:=30
# Set what this machine's package indexes need:
#   MIRROR    of Debian's packages; default: debootstrap's own
#   VOLUMES   folders and files to mount while building, as FROM:TO, such as pip's configuration and certificates
#   STORAGE   of buildah: vfs works anywhere, overlay is faster and smaller; default: vfs
#   WORK      folder for base, image and log; default: a new one under /var/tmp, removed at the end
set -euo pipefail
cd "$(dirname "$0")/.."

made=''
if [ -z "${WORK:-}" ]; then
  WORK=$(mktemp -d /var/tmp/ur5rl-image.XXXXXX)
  made=$WORK
fi
store=(buildah --storage-driver "${STORAGE:-vfs}" --root "$WORK/storage" --runroot "$WORK/run")
container=''
clean_up() {
  if [ -n "$container" ]; then "${store[@]}" rm "$container" >/dev/null || true; fi
  if [ -n "$made" ]; then rm -rf "$made"; fi
}
trap clean_up EXIT

volumes=()
for volume in ${VOLUMES:-}; do
  volumes+=(--volume "$volume:ro")
done
[ $# -gt 0 ] || set -- launch async_sac_2 duration:=30

step() { printf '%s  %s\n' "$(date +%T)" "$*"; }

if ! "${store[@]}" inspect --type image localhost/debian:bookworm-slim >/dev/null 2>&1; then
  step 'making the base'
  if [ ! -d "$WORK/base" ]; then
    debootstrap --variant=minbase --include=ca-certificates bookworm "$WORK/base" ${MIRROR:+"$MIRROR"} \
      >"$WORK/debootstrap.log"
  fi
  rm -rf "$WORK"/base/var/cache/apt/archives/*.deb "$WORK"/base/var/lib/apt/lists/*
  tar -C "$WORK/base" --exclude='./proc/*' --exclude='./dev/*' --exclude='./sys/*' -cf "$WORK/base.tar" .
  base=$("${store[@]}" from scratch)
  "${store[@]}" add -q "$base" "$WORK/base.tar" / >/dev/null
  "${store[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
  "${store[@]}" commit -q --rm "$base" localhost/debian:bookworm-slim >/dev/null
  rm "$WORK/base.tar"
fi

step 'building the image'
started=$SECONDS
"${store[@]}" bud --isolation chroot --format docker --layers "${volumes[@]}" \
  --build-arg BASE=localhost/debian:bookworm-slim -f docker/Dockerfile -t ur5rl .
step "built in $((SECONDS - started)) s, $("${store[@]}" images --format '{{.Size}}' localhost/ur5rl)"

step "running ./ur5rl $*"
container=$("${store[@]}" from ur5rl)
code=0
"${store[@]}" run --isolation chroot "$container" -- tini -s -- ./ur5rl "$@" || code=$?
step "ended with exit code $code"
exit "$code"
