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

refuse() {
  echo "build_here.sh: $*" >&2
  exit 2
}
case "${1:-}" in
  -h | --help)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' docker/build_here.sh
    exit 0
    ;;
  -*) refuse "$1 is no word of ./ur5rl: docker/build_here.sh --help says what is meant" ;;
esac
[ "$(id -u)" = 0 ] || refuse 'debootstrap and buildah --isolation chroot want root, this is another user: sudo docker/build_here.sh'
for program in debootstrap buildah; do
  command -v "$program" >/dev/null || refuse "$program is missing: apt-get install --no-install-recommends debootstrap buildah"
done

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
    rm -rf "$WORK/unfinished"
    if ! debootstrap --variant=minbase --include=ca-certificates bookworm "$WORK/unfinished" ${MIRROR:+"$MIRROR"} \
      >"$WORK/debootstrap.log" 2>&1; then
      tail -n 20 "$WORK/debootstrap.log" >&2
      echo "build_here.sh: debootstrap has made no base from ${MIRROR:-its own mirror} (MIRROR names another)" >&2
      exit 1
    fi
    mv "$WORK/unfinished" "$WORK/base"
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
