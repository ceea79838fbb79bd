#!/bin/sh
# Assembles a release of the sealed Linux kernel: release.sh OUTDIR
#
# The kernel and its modules come from Debian's cloud kernel package, which is downloaded and unpacked,
# never installed; PID 1 is compiled from ../../src/main/c. Needs a Debian with apt, dpkg-deb, xz, cc and make.
# PACKAGE names another kernel package than the one that linux-image-cloud-amd64 depends on.
#
# OUTDIR then holds vmlinuz, modules/NN-name.ko in load order, init, VERSION, copyright, SHA256SUMS.
set -eu

# What a virtual machine of KubeVirt or QEMU has: the network card, the random number device, the power
# button, and the device that tells the host of a kernel panic. A name that a kernel has built in is skipped.
WANTED="virtio_pci virtio_net virtio-rng button evdev pvpanic-pci"

out=${1:?usage: release.sh OUTDIR}
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/unikernel-operator/debian-kernel

step() { echo "linux kernel release: $*" >&2; }
fail() { step "$*"; exit 1; }

for tool in apt-get apt-cache dpkg-deb xz cc make sha256sum; do
    command -v "$tool" > /dev/null || fail "needs $tool: apt-get install apt dpkg xz-utils gcc libc6-dev make coreutils"
done

package=${PACKAGE:-$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -1)}
[ -n "$package" ] || fail "apt knows no linux-image-cloud-amd64: run apt-get update, or set PACKAGE"
version=$(apt-cache show --no-all-versions "$package" | sed -n 's/^Version: //p')
[ -n "$version" ] || fail "apt knows no package $package: run apt-get update"

# Paths of these modules and of what they need, in an order that loads; a subshell, for it calls itself.
load_order() (
    for name in $(echo "$1" | tr ',' ' '); do
        pattern=$(echo "$name" | sed 's/[-_]/[-_]/g')
        file=$(find "$work" -path '*/modules/*' -name "$pattern.ko*" | head -1)
        [ -n "$file" ] || continue
        case $file in *.xz) xz -d "$file"; file=${file%.xz} ;; esac
        load_order "$(tr '\0' '\n' < "$file" | sed -n 's/^depends=//p' | head -1)"
        echo "$file"
    done
)

# Fills a directory with all that comes from the package.
unpack_kernel() {
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    step "downloading $package $version (about 27 MB)"
    (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$package")
    step "unpacking $package"
    dpkg-deb -x "$work"/*.deb "$work"
    mkdir -p "$1/modules"
    number=10
    for file in $(load_order "$WANTED" | awk '!seen[$0]++'); do
        cp "$file" "$1/modules/$number-$(basename "$file")"
        number=$((number + 1))
    done
    cp "$work"/boot/vmlinuz-* "$1/vmlinuz"
    cp "$work/usr/share/doc/$package/copyright" "$1/copyright"
    echo "$version" > "$1/VERSION"
}

# One kernel is kept: the one of this version, unpacked by this script as it is now.
kept=$cache/${package}_${version}_$(cksum < "$0" | tr ' ' '-')
if [ ! -d "$kept" ]; then
    rm -rf "$cache"
    mkdir -p "$cache"
    unpack_kernel "$kept.part"
    mv "$kept.part" "$kept"
fi

mkdir -p "$out"
rm -rf "$out/modules"
cp -R "$kept/." "$out/"

step "compiling PID 1"
make -s -B -C "$here/../../src/main/c" OUT="$(cd "$out" && pwd)"

chmod -R u=rwX,go=rX "$out"
(cd "$out" && rm -f SHA256SUMS && find . -type f ! -name SHA256SUMS | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum > SHA256SUMS)
step "$package $version is in $out"
