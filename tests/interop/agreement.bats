#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Of all artifacts that fuzzing has come upon (fuzz/seeds, fuzz/kept), those that we call valid are so to Debian's tool and device
# client too.

load ../helpers/common
load ../helpers/device

REFERENCE=/usr/bin/mender-artifact

# Those that we call valid are in the folder valid, and what we read in them in valid.tsv: name, a device's type and the payload's.
setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  mkdir all valid
  local target file
  for target in reader resign; do
    mkdir all/$target
    tar -C all/$target -xf "$TESTS/fuzz/kept/$target.tar.xz"
    cp "$TESTS/fuzz/seeds/$target"/* all/$target
  done
  for file in all/*/*; do
    mender-artifact validate "$file" >/dev/null 2>&1 || continue
    mv "$file" valid
    file=valid/${file##*/}
    mender-artifact read --json "$file" 2>/dev/null |
      jq -r --arg name "${file##*/}" '[$name, .compatible_types[0], .payload.type // "none"] | @tsv' >>valid.tsv
  done
}

# for_each_valid FUNCTION
for_each_valid() {
  local row failures=0 count=0
  cd "$BATS_FILE_TMPDIR/valid" || return
  while IFS=$'\t' read -r -a row <&7; do
    count=$((count + 1))
    "$1" "${row[@]}" || failures=$((failures + 1))
  done 7<../valid.tsv
  assert_equal $failures 0
  [ $count -ge 20 ] || complain "only $count are valid"
}

reference_takes() {
  # Release 3.9 does not know zstd.
  [[ $RELEASE != 3.* ]] || ! tar -tf "$1" | grep -q '\.zst$' || return 0
  run $REFERENCE validate "$1"
  [ "$status" -eq 0 ] || complain "$1"
}

device_takes() {
  device_installs "$@"
  [ "$status" -eq 0 ] || is_for_another_device || complain "$1"
}

@test "what we call valid is valid to the reference" {
  [ -x $REFERENCE ] || skip "Debian's mender-artifact is not installed"
  RELEASE=$($REFERENCE --version | awk '{ print $3 }')
  for_each_valid reference_takes
}

@test "what we call valid is installed by a device" {
  # Earlier ones know neither bootstrap artifacts nor how to be told what a rootfs-image is for.
  [[ $("$TESTS/helpers/device-client") == 5.* ]] || skip 'release 5 of mender-client is not installed'
  for_each_valid device_takes
}
