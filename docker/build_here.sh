#!/usr/bin/env bash
# Builds docker/Dockerfile and runs it, where there is no Docker: on a base of debootstrap, by buildah without a
# daemon. For root on Debian: apt-get install --no-install-recommends debootstrap buildah
#   docker/build_here.sh [WORDS...]       of ./ur5rl in the image; default: launch async_sac_2 duration:=30
# Set what this machine's package indexes need:
#   MIRROR    of Debian's packages; default: debootstrap's own
#   VOLUMES   folders and files to mount while building, as FROM:TO, such as pip's configuration and certificates
#   STORAGE   of buildah: vfs works anywhere, overlay is faster and smaller; default: vfs
#   WORK      folder for base, image and log; default: a new one under /var/tmp, removed at the end
set -efuo pipefail # -f: VOLUMES is taken as it is written
if [ -n "${WORK:-}" ]; then WORK=$(realpath -m -- "$WORK"); fi
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

volumes=()
for volume in ${VOLUMES:-}; do
  [[ $volume =~ ^(/[^:]+):/[^:]+$ && -e ${BASH_REMATCH[1]} ]] \
    || refuse "VOLUMES has $volume, which is no FROM:TO of two absolute paths, the first of which is there"
  volumes+=(--volume "$volume:ro")
done

# What is mounted in it is left: a debootstrap that was killed leaves proc, sys and dev of this machine there.
remove() {
  rm -rf --one-file-system "$1" && return
  echo "build_here.sh: $1 cannot be removed: unmount what /proc/mounts names in it (umount PATH), then try again" >&2
  return 1
}
made=''
if [ -z "${WORK:-}" ]; then
  WORK=$(mktemp -d /var/tmp/ur5rl-image.XXXXXX)
  made=$WORK
fi
store=(buildah --storage-driver "${STORAGE:-vfs}" --root "$WORK/storage" --runroot "$WORK/run")
container=''
# shellcheck disable=SC2329 # the trap calls it
clean_up() {
  if [ -n "$container" ]; then "${store[@]}" rm "$container" >/dev/null || true; fi
  if [ -n "$made" ]; then remove "$made" || true; fi
}
trap clean_up EXIT

mkdir -p "$WORK/storage" 2>/dev/null || refuse "WORK is $WORK, in which no folder can be made: name another"
"${store[@]}" info >/dev/null || refuse "STORAGE is ${STORAGE:-vfs}, which buildah does not take, as it says above"
[ $# -gt 0 ] || set -- launch async_sac_2 duration:=30

step() { printf '%s  %s\n' "$(date +%T)" "$*"; }

base=$WORK/ur5rl-base
if ! "${store[@]}" inspect --type image localhost/debian:bookworm-slim >/dev/null 2>&1; then
  step 'making the base'
  if [ ! -d "$base" ]; then
    remove "$base.unfinished"
    if ! debootstrap --variant=minbase --include=ca-certificates bookworm "$base.unfinished" ${MIRROR:+"$MIRROR"} \
      >"$base.log" 2>&1; then
      tail -n 20 "$base.log" >&2
      echo "build_here.sh: debootstrap has made no base from ${MIRROR:-its own mirror} (MIRROR names another)" >&2
      exit 1
    fi
    mv "$base.unfinished" "$base"
  fi
  tar -C "$base" --exclude='./proc/*' --exclude='./dev/*' --exclude='./sys/*' --exclude='./var/lib/apt/lists/*' \
    --exclude='./var/cache/apt/archives/*.deb' -cf "$base.tar" .
  scratch=$("${store[@]}" from scratch)
  "${store[@]}" add -q "$scratch" "$base.tar" / >/dev/null
  "${store[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$scratch"
  "${store[@]}" commit -q --rm "$scratch" localhost/debian:bookworm-slim >/dev/null
  rm "$base.tar"
fi

step 'building the image'
started=$SECONDS
if ! "${store[@]}" bud --isolation chroot --format docker --layers "${volumes[@]}" \
  --build-arg BASE=localhost/debian:bookworm-slim -f docker/Dockerfile -t ur5rl .; then
  echo 'build_here.sh: no image was built; where it was a package index, VOLUMES mounts pip.conf and certificates' >&2
  exit 1
fi
step "built in $((SECONDS - started)) s, $("${store[@]}" images --format '{{.Size}}' localhost/ur5rl)"

step "running ./ur5rl $*"
container=$("${store[@]}" from ur5rl)
code=0
"${store[@]}" run --isolation chroot "$container" -- tini -s -- ./ur5rl "$@" || code=$?
step "ended with exit code $code"
exit "$code"
