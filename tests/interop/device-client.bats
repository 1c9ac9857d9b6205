#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Debian's device client installs what we wrote and signed, and nothing that was touched since.

load ../helpers/common
load ../helpers/standin

# Why the device client cannot run here; nothing when it can.
obstacle() {
  command -v mender >/dev/null || echo 'mender-client is not installed'
  unshare --mount true 2>/dev/null || unshare --mount --map-root-user true 2>/dev/null ||
    echo 'mount namespaces are not permitted here'
}

# In setup_file a skip would count as a failure.
setup() {
  [ -z "$OBSTACLE" ] || skip "$OBSTACLE"
  cd "$BATS_TEST_TMPDIR" || return
}

setup_file() {
  OBSTACLE=$(obstacle | head -n 1)
  export OBSTACLE
  [ -z "$OBSTACLE" ] || return 0
  cd "$BATS_FILE_TMPDIR" || return
  standin_start --worker RsaWorker --worker EcWorker,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA --worker Other
  printf 'the payload of this test\n' >payload.bin
  local worker
  for worker in RsaWorker EcWorker Other; do
    openssl x509 -pubkey -noout -in "$STANDIN/$worker.pem" -out "$worker.pub"
    mender-artifact write module-image -T test-mod -c test-device -n release-1 --compression none -f payload.bin \
      -o "$worker.mender" --key "signserver:$worker"
  done
  mender-artifact write module-image -T test-mod -c test-device -n release-1 --compression none -f payload.bin -o unsigned.mender
}

teardown_file() {
  [ -z "${STANDIN:-}" ] || standin_stop
}

# install KEY FILE: what a device does that trusts KEY.
install_as_device() {
  mkdir device
  cp "$BATS_FILE_TMPDIR/$1" device/pub.pem
  run "$TESTS/helpers/device-client" "$PWD/device" "$2"
}

assert_installed() {
  assert_success
  assert_contains 'authenticated digital signature of artifact'
  assert_equal "$(cut -d ' ' -f 1 device/installed)" "$(sha256sum "$BATS_FILE_TMPDIR/payload.bin" | cut -d ' ' -f 1)"
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

@test "the device installs what an RSA worker signed" {
  install_as_device RsaWorker.pub "$BATS_FILE_TMPDIR/RsaWorker.mender"
  assert_installed
}

@test "the device installs what an EC P-256 worker signed" {
  install_as_device EcWorker.pub "$BATS_FILE_TMPDIR/EcWorker.mender"
  assert_installed
}

@test "the device installs what was signed after it was written" {
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o signed.mender --key signserver:EcWorker
  install_as_device EcWorker.pub "$PWD/signed.mender"
  assert_installed
}

@test "the device installs a gzip artifact" {
  mender-artifact write module-image -T test-mod -c test-device -n release-1 -f "$BATS_FILE_TMPDIR/payload.bin" -o gzip.mender \
    --key signserver:EcWorker
  install_as_device EcWorker.pub "$PWD/gzip.mender"
  assert_installed
}

@test "the device refuses what another key signed" {
  install_as_device RsaWorker.pub "$BATS_FILE_TMPDIR/Other.mender"
  assert_refused 'invalid signature'
}

@test "the device refuses a changed payload" {
  tamper 'the payload of this test' 'THE payload of this test'
  install_as_device RsaWorker.pub "$PWD/tampered.mender"
  assert_refused 'invalid checksum'
  run mender-artifact validate tampered.mender -k "$BATS_FILE_TMPDIR/RsaWorker.pub"
  assert_failure 5
}

@test "the device refuses a changed manifest" {
  tamper 'data/0000/payload.bin' 'data/0000/payload.bim'
  install_as_device RsaWorker.pub "$PWD/tampered.mender"
  assert_refused 'invalid signature'
  run mender-artifact validate tampered.mender -k "$BATS_FILE_TMPDIR/RsaWorker.pub"
  assert_failure 5
}

@test "the device refuses a changed signature" {
  local signature other
  signature=$(tar -xOf "$BATS_FILE_TMPDIR/RsaWorker.mender" manifest.sig)
  other=$(tar -xOf "$BATS_FILE_TMPDIR/Other.mender" manifest.sig)
  tamper "$signature" "$other"
  install_as_device RsaWorker.pub "$PWD/tampered.mender"
  assert_refused 'invalid signature'
  run mender-artifact validate tampered.mender -k "$BATS_FILE_TMPDIR/RsaWorker.pub"
  assert_failure 5
}

@test "the device refuses an unsigned artifact while it has a key" {
  install_as_device RsaWorker.pub "$BATS_FILE_TMPDIR/unsigned.mender"
  assert_refused 'expecting signed artifact'
}
