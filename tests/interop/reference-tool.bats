#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Debian's mender-artifact reads and validates what we write, and we what it writes: release 3.9, or 4.1, which knows zstd too
# and whose `read` has the layout of ours.

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
  # "mender-artifact version 4.1.0+ds1-1"
  RELEASE=$($REFERENCE --version | awk '{ print $3 }')
  COMPRESSIONS='none gzip lzma'
  [[ $RELEASE == 3.* ]] || COMPRESSIONS+=' zstd_fastest zstd_fast zstd_better zstd_best'
  export RELEASE COMPRESSIONS
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

KINDS='rootfs rootfs-scripts module module-files module-empty bootstrap'

# write_artifact TOOL KIND COMPRESSION OUTPUT OPTION...: the same of each tool.
write_artifact() {
  local tool=$1 kind=$2 compression=$3 output=$4 what
  shift 4
  case $kind in
  rootfs) what=(rootfs-image --no-progress -f "$BATS_FILE_TMPDIR/rootfs.ext4") ;;
  rootfs-scripts) what=(rootfs-image --no-progress -f "$BATS_FILE_TMPDIR/rootfs.ext4" -s "$BATS_FILE_TMPDIR/scripts") ;;
  module) what=(module-image -T mod -f "$BATS_FILE_TMPDIR/one.txt") ;;
  module-files)
    what=(module-image -T mod -f "$BATS_FILE_TMPDIR/one.txt" -f "$BATS_FILE_TMPDIR/two.txt" -m "$BATS_FILE_TMPDIR/meta.json")
    ;;
  module-empty) what=(module-image -T mod) ;;
  bootstrap) what=(bootstrap-artifact -p kernel:6.1) ;;
  version-2) what=(rootfs-image --no-progress -v 2 -f "$BATS_FILE_TMPDIR/rootfs.ext4" -s "$BATS_FILE_TMPDIR/scripts") ;;
  augmented)
    what=(module-image -T mod -f "$BATS_FILE_TMPDIR/one.txt" -m "$BATS_FILE_TMPDIR/meta.json" --augment-type mod
      --augment-file "$BATS_FILE_TMPDIR/two.txt" --augment-provides a:b --augment-depends c:d)
    ;;
  esac
  # Its bars are no matter, and our warning of -t neither.
  run --separate-stderr "$tool" --compression "$compression" write "${what[@]}" -t dev -n release-1 -o "$output" "$@"
  assert_success
}

# The reference validates FILE with KEY.pub and reads the name we gave, in the layout that is ours if it is that of release 4.
assert_reference_takes() {
  local theirs
  run --separate-stderr "$REFERENCE" validate "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success || return
  run --separate-stderr "$REFERENCE" read "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success || return
  assert_contains 'Name: release-1' || return
  [[ $RELEASE != 3.* ]] || return 0
  theirs=${output/Compatible devices:/Compatible types:}
  run --separate-stderr mender-artifact read "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_output "$theirs"
}

assert_we_take() {
  run --separate-stderr mender-artifact validate "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success || return
  run --separate-stderr mender-artifact read "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success || return
  assert_contains 'Name: release-1' && assert_contains 'Signature: signed and verified correctly'
}

# each_round_trip TOOL ASSERTION KEY=OPTION...: what TOOL writes of each kind, with each compression and key, passes.
each_round_trip() {
  local tool=$1 assertion=$2 kind compression key
  shift 2
  for kind in $KINDS; do
    for compression in $COMPRESSIONS; do
      for key in "$@"; do
        write_artifact "$tool" "$kind" "$compression" out.mender -k "${key#*=}"
        "$assertion" out.mender "${key%%=*}" || complain "$kind, $compression, $key"
      done
    done
  done
}

@test "the reference takes each kind of ours with each compression, signed by RSA and EC workers" {
  each_round_trip mender-artifact assert_reference_takes RsaWorker=signserver:RsaWorker EcWorker=signserver:EcWorker
}

@test "we take each kind of the reference's with each compression, signed by RSA and EC keys" {
  each_round_trip "$REFERENCE" assert_we_take "rsa=$BATS_FILE_TMPDIR/rsa.pem" "ec=$BATS_FILE_TMPDIR/ec.pem"
}

# Devices refuse them, and so does our validate.
assert_we_read() {
  run --separate-stderr mender-artifact read "$1" -k "$BATS_FILE_TMPDIR/$2.pub"
  assert_success || return
  assert_contains 'Name: release-1' && assert_contains 'Signature: signed and verified correctly'
}

@test "what no device takes any more, version 2 and augmented, goes both ways as well" {
  local kind compression
  for kind in version-2 augmented; do
    # The reference does not find the second header again that it has compressed with zstd.
    for compression in none gzip lzma; do
      write_artifact mender-artifact $kind $compression ours.mender -k "$BATS_FILE_TMPDIR/rsa.pem"
      assert_reference_takes ours.mender rsa || complain "ours, $kind, $compression"
      write_artifact "$REFERENCE" $kind $compression theirs.mender -k "$BATS_FILE_TMPDIR/ec.pem"
      assert_we_read theirs.mender ec || complain "theirs, $kind, $compression"
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

# Its numbers of the time; ours are those that came after.
@test "what is invalid or can not be opened ends with the reference's status, one further" {
  head -c 100 "$REFERENCE" >invalid.mender
  for file in invalid.mender missing.mender; do
    run "$REFERENCE" validate $file
    assert_failure
    local theirs=$status
    run mender-artifact validate $file
    assert_failure $((theirs + 1))
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
