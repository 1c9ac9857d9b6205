#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Debian's device client installs what we wrote and signed, and nothing that was touched since: release 3.4, or 5, which is
# another program (helpers/device-client) and takes more.

load ../helpers/common
load ../helpers/device
load ../helpers/standin

# Why the device client cannot run here; nothing when it can.
obstacle() {
  [ -n "$CLIENT" ] || echo 'mender-client is not installed'
  # Only the older one is in need of it.
  [[ $CLIENT != 3.* ]] || unshare --mount true 2>/dev/null || unshare --mount --map-root-user true 2>/dev/null ||
    echo 'mount namespaces are not permitted here'
}

# In setup_file a skip would count as a failure.
setup() {
  [ -z "$OBSTACLE" ] || skip "$OBSTACLE"
  cd "$BATS_TEST_TMPDIR" || return
}

setup_file() {
  CLIENT=$("$TESTS/helpers/device-client")
  OBSTACLE=$(obstacle | head -n 1)
  export CLIENT OBSTACLE
  [ -z "$OBSTACLE" ] || return 0
  cd "$BATS_FILE_TMPDIR" || return
  case $CLIENT in
  3.*)
    export KINDS='one-file files no-file scripts' COMPRESSIONS='none gzip lzma'
    export WRONG_SIGNATURE='invalid signature' WRONG_CHECKSUM='invalid checksum'
    ;;
  *)
    export KINDS='one-file files no-file scripts rootfs bootstrap'
    export COMPRESSIONS='none gzip lzma zstd_fastest zstd_fast zstd_better zstd_best'
    export WRONG_SIGNATURE='Wrong manifest signature or wrong key' WRONG_CHECKSUM='does not match the expected checksum'
    ;;
  esac
  standin_start --worker RsaWorker --worker EcWorker,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA --worker Other
  printf 'the payload of this test\n' >payload.bin
  printf 'and another\n' >second.bin
  printf '{"a": {"b": 1}}' >meta.json
  local worker
  for worker in RsaWorker EcWorker Other; do
    openssl x509 -pubkey -noout -in "$STANDIN/$worker.pem" -out "$worker.pub"
    write_artifact one-file none "$worker.mender" --key "signserver:$worker"
  done
  write_artifact one-file none unsigned.mender
}

teardown_file() {
  [ -z "${STANDIN:-}" ] || standin_stop
}

# write_artifact KIND COMPRESSION OUTPUT OPTION...
write_artifact() {
  local kind=$1 compression=$2 output=$3 payload=$BATS_FILE_TMPDIR/payload.bin what
  shift 3
  case $kind in
  one-file) what=(module-image -T mod -f "$payload") ;;
  files) what=(module-image -T mod -f "$payload" -f "$BATS_FILE_TMPDIR/second.bin" -m "$BATS_FILE_TMPDIR/meta.json") ;;
  no-file) what=(module-image -T mod) ;;
  scripts) what=(module-image -T mod -f "$payload" -s ArtifactInstall_Enter_00 -s ArtifactInstall_Leave_00) ;;
  rootfs) what=(rootfs-image -f "$payload") ;;
  bootstrap) what=(bootstrap-artifact) ;;
  esac
  mender-artifact write "${what[@]}" -c dev -n release-1 --compression "$compression" -o "$output" "$@"
}

# The sums of the files of a KIND, as the device has them in the end.
sums() {
  local files=(payload.bin)
  case $1 in
  files) files+=(second.bin) ;;
  no-file | bootstrap) return ;;
  esac
  (cd "$BATS_FILE_TMPDIR" && sha256sum -- "${files[@]}")
}

# install KEY FILE: what a device does that trusts KEY.
install_as_device() {
  mkdir -p device
  cp "$BATS_FILE_TMPDIR/$1" device/pub.pem
  device_installs "$2"
}

# assert_installed KIND
assert_installed() {
  assert_success || return
  assert_equal "$(cat device/installed 2>/dev/null)" "$(sums "$1")"
}

assert_refused() {
  assert_failure 1
  assert_contains "$1"
  refute_exists device/installed
}

# A copy of RsaWorker.mender with OLD replaced by NEW, of the same length, at its first place.
tamper() {
  local offset
  offset=$(grep -aboF -m 1 -- "$1" "$BATS_FILE_TMPDIR/RsaWorker.mender" | head -n 1 | cut -d : -f 1)
  cp "$BATS_FILE_TMPDIR/RsaWorker.mender" tampered.mender
  printf '%s' "$2" | dd of=tampered.mender bs=1 seek="$offset" conv=notrunc status=none
}

@test "the device installs each kind of artifact with each compression, signed by RSA and EC workers" {
  local kind compression worker script
  for script in ArtifactInstall_Enter_00 ArtifactInstall_Leave_00; do
    printf '#!/bin/sh\necho %s >>"%s/ran"\n' $script "$PWD" >$script
  done
  for kind in $KINDS; do
    for compression in $COMPRESSIONS; do
      for worker in RsaWorker EcWorker; do
        write_artifact "$kind" "$compression" "$kind.mender" --key signserver:$worker
        rm -f ran
        install_as_device $worker.pub "$PWD/$kind.mender"
        assert_installed "$kind" || complain "$kind, $compression, $worker"
        [ "$kind" != scripts ] || assert_equal "$(paste -sd ' ' ran)" 'ArtifactInstall_Enter_00 ArtifactInstall_Leave_00'
      done
    done
  done
}

@test "the device installs what was signed after it was written" {
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o signed.mender --key signserver:EcWorker
  install_as_device EcWorker.pub "$PWD/signed.mender"
  assert_installed one-file
}

@test "the device installs what a P-384 key signed, as the warning says of the releases that do" {
  openssl ecparam -name secp384r1 -genkey -noout -out p384.pem
  openssl pkey -in p384.pem -pubout -out "$BATS_FILE_TMPDIR/p384.pub"
  run --separate-stderr write_artifact one-file none p384.mender -k p384.pem
  assert_success
  assert_contains 'P-384'
  install_as_device p384.pub "$PWD/p384.mender"
  if [[ $CLIENT == 3.* ]]; then
    assert_refused 'invalid'
  else
    assert_installed one-file
  fi
}

@test "the device refuses what another key signed" {
  install_as_device RsaWorker.pub "$BATS_FILE_TMPDIR/Other.mender"
  assert_refused "$WRONG_SIGNATURE"
}

@test "the device refuses a changed payload" {
  tamper 'the payload of this test' 'THE payload of this test'
  install_as_device RsaWorker.pub "$PWD/tampered.mender"
  assert_refused "$WRONG_CHECKSUM"
  run mender-artifact validate tampered.mender -k "$BATS_FILE_TMPDIR/RsaWorker.pub"
  assert_failure 5
}

@test "the device refuses a changed manifest" {
  tamper 'data/0000/payload.bin' 'data/0000/payload.bim'
  install_as_device RsaWorker.pub "$PWD/tampered.mender"
  assert_refused "$WRONG_SIGNATURE"
  run mender-artifact validate tampered.mender -k "$BATS_FILE_TMPDIR/RsaWorker.pub"
  assert_failure 5
}

@test "the device refuses a changed signature" {
  local signature other
  signature=$(tar -xOf "$BATS_FILE_TMPDIR/RsaWorker.mender" manifest.sig)
  other=$(tar -xOf "$BATS_FILE_TMPDIR/Other.mender" manifest.sig)
  tamper "$signature" "$other"
  install_as_device RsaWorker.pub "$PWD/tampered.mender"
  assert_refused "$WRONG_SIGNATURE"
  run mender-artifact validate tampered.mender -k "$BATS_FILE_TMPDIR/RsaWorker.pub"
  assert_failure 5
}

@test "the device refuses an unsigned artifact while it has a key" {
  install_as_device RsaWorker.pub "$BATS_FILE_TMPDIR/unsigned.mender"
  assert_refused 'expecting signed artifact'
}
