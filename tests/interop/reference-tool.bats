#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Debian's mender-artifact reads and validates what we write, and we what it writes.

load ../helpers/common
load ../helpers/standin

REFERENCE=/usr/bin/mender-artifact

# In setup_file a skip would count as a failure.
setup() {
  [ -x $REFERENCE ] || skip "Debian's mender-artifact is not installed"
  cd "$BATS_TEST_TMPDIR" || return
}

setup_file() {
  [ -x $REFERENCE ] || return 0
  cd "$BATS_FILE_TMPDIR" || return
  standin_start --worker RsaWorker --worker EcWorker,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA
  mke2fs -q -t ext4 rootfs.ext4 1M
  mkdir scripts
  printf '#!/bin/sh\nexit 0\n' | tee scripts/ArtifactInstall_Enter_00_check >scripts/ArtifactCommit_Leave_10
  printf 'one\n' >one.txt
  printf 'two\n' >two.txt
  printf '{"b": [1, 2.5], "a": "<x>"}' >meta.json
  openssl genrsa -traditional -out rsa.pem 2048 2>/dev/null
  openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
  local key
  for key in rsa ec; do
    openssl pkey -in $key.pem -pubout -out $key.pub
  done
  for key in RsaWorker EcWorker; do
    openssl x509 -pubkey -noout -in "$STANDIN/$key.pem" -out "$key.pub"
  done
}

teardown_file() {
  [ -z "${STANDIN:-}" ] || standin_stop
}

# The reference validates FILE with KEY.pub and reads the name we gave.
assert_reference_takes() {
  run "$REFERENCE" validate "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success
  run "$REFERENCE" read "$1"
  assert_success
  assert_contains 'Name: release-1'
}

assert_we_take() {
  run --separate-stderr mender-artifact validate "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success
  run --separate-stderr mender-artifact read "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success
  assert_contains 'Name: release-1'
  assert_contains 'Signature: signed and verified correctly'
}

@test "our rootfs artifacts of each compression and worker are valid to the reference" {
  for compression in none gzip lzma; do
    for worker in RsaWorker EcWorker; do
      mender-artifact write rootfs-image -c dev -n release-1 -f "$BATS_FILE_TMPDIR/rootfs.ext4" -o out.mender \
        --compression $compression --keyfactor-signserver-worker $worker
      assert_reference_takes out.mender $worker
    done
  done
}

@test "our artifact with scripts, provides, depends and groups is valid to the reference" {
  mender-artifact write rootfs-image -c dev -c dev2 -n release-1 -f "$BATS_FILE_TMPDIR/rootfs.ext4" -o out.mender \
    -s "$BATS_FILE_TMPDIR/scripts" -p kernel:6.1 -d bootloader:2 -g group -G group -N release-0 -k "$BATS_FILE_TMPDIR/rsa.pem"
  assert_reference_takes out.mender rsa
  assert_contains 'ArtifactInstall_Enter_00_check'
  assert_contains 'kernel: 6.1'
}

@test "our module image with files and meta-data is valid to the reference" {
  mender-artifact write module-image -T mod -c dev -n release-1 -f "$BATS_FILE_TMPDIR/one.txt" -f "$BATS_FILE_TMPDIR/two.txt" \
    -m "$BATS_FILE_TMPDIR/meta.json" -o out.mender -k "$BATS_FILE_TMPDIR/ec.pem"
  assert_reference_takes out.mender ec
  assert_contains 'two.txt'
}

@test "our bootstrap artifact is valid to the reference" {
  mender-artifact write bootstrap-artifact -c dev -n release-1 -p kernel:6.1 -o out.mender -k "$BATS_FILE_TMPDIR/ec.pem"
  assert_reference_takes out.mender ec
}

@test "our rootfs artifacts that a key in a PEM file signed are valid to the reference" {
  for key in rsa ec; do
    mender-artifact write rootfs-image -c dev -n release-1 -f "$BATS_FILE_TMPDIR/rootfs.ext4" -o out.mender \
      -k "$BATS_FILE_TMPDIR/$key.pem"
    assert_reference_takes out.mender $key
  done
}

@test "the reference refuses ours under another key, as we refuse its own" {
  mender-artifact write rootfs-image -c dev -n release-1 -f "$BATS_FILE_TMPDIR/rootfs.ext4" -o ours.mender --key signserver:RsaWorker
  run "$REFERENCE" validate ours.mender -k "$BATS_FILE_TMPDIR/rsa.pub"
  assert_failure
  "$REFERENCE" write rootfs-image --no-progress -t dev -n release-1 -f "$BATS_FILE_TMPDIR/rootfs.ext4" -o theirs.mender \
    -k "$BATS_FILE_TMPDIR/rsa.pem"
  run mender-artifact validate theirs.mender -k "$BATS_FILE_TMPDIR/RsaWorker.pub"
  assert_failure 5
}

@test "the reference's artifacts, signed by us, are valid to it, and to us" {
  "$REFERENCE" write rootfs-image --no-progress -t dev -n release-1 -f "$BATS_FILE_TMPDIR/rootfs.ext4" -o rootfs.mender
  "$REFERENCE" --compression lzma write module-image -T mod -t dev -n release-1 -f "$BATS_FILE_TMPDIR/one.txt" -o module.mender
  for artifact in rootfs module; do
    for worker in RsaWorker EcWorker; do
      mender-artifact sign $artifact.mender -o signed.mender --key signserver:$worker
      assert_reference_takes signed.mender $worker
      assert_we_take signed.mender $worker
    done
    mender-artifact sign $artifact.mender -o signed.mender --key "$BATS_FILE_TMPDIR/ec.pem"
    assert_reference_takes signed.mender ec
  done
}

@test "the reference's artifacts of each compression and key are valid to us" {
  for compression in none gzip lzma; do
    for key in rsa ec; do
      "$REFERENCE" --compression $compression write rootfs-image --no-progress -t dev -n release-1 \
        -f "$BATS_FILE_TMPDIR/rootfs.ext4" -s "$BATS_FILE_TMPDIR/scripts" -o theirs.mender -k "$BATS_FILE_TMPDIR/$key.pem"
      assert_we_take theirs.mender $key
    done
  done
}

@test "the reference's module images of each compression are valid to us" {
  for compression in none gzip lzma; do
    "$REFERENCE" --compression $compression write module-image -T mod -t dev -n release-1 -f "$BATS_FILE_TMPDIR/one.txt" \
      -f "$BATS_FILE_TMPDIR/two.txt" -m "$BATS_FILE_TMPDIR/meta.json" -o theirs.mender -k "$BATS_FILE_TMPDIR/rsa.pem"
    assert_we_take theirs.mender rsa
  done
}

# members TOOL DIRECTORY: what TOOL makes of the same inputs, unpacked.
members() {
  mkdir "$2"
  "$1" --compression none write module-image -T mod -t dev -n release-1 -f "$BATS_FILE_TMPDIR/one.txt" \
    -m "$BATS_FILE_TMPDIR/meta.json" -o "$2/out.mender"
  tar -xf "$2/out.mender" -C "$2"
  tar -xf "$2/header.tar" -C "$2"
}

@test "the members of the same inputs are the reference's, byte for byte" {
  members mender-artifact ours
  members "$REFERENCE" theirs
  for member in version header-info headers/0000/type-info headers/0000/meta-data; do
    assert_same_file ours/$member theirs/$member
  done
}
