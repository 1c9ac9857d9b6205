#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The commands of the tutorial, as they stand there, with nothing set but the SIGNSERVER_* variables.

load ../helpers/common
load ../helpers/standin

setup_file() {
  standin_start --worker YOUR_WORKER --worker EC_WORKER,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA \
    --worker ONCE --worker ONCE_PINNED
  mke2fs -q -t ext4 "$BATS_FILE_TMPDIR/rootfs.ext4" 1M
}

teardown_file() {
  standin_stop
}

inputs() {
  cp "$BATS_FILE_TMPDIR/rootfs.ext4" .
  cp "$STANDIN/YOUR_WORKER.pem" MenderPlainSigner.cer
}

# Bytes of the signature in an artifact.
signature_length() {
  tar -xOf "$1" manifest.sig | base64 -d | wc -c
}

@test "write with a worker, read, and validate with the worker" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --keyfactor-signserver-worker YOUR_WORKER
  run --separate-stderr mender-artifact read artifact.mender
  assert_success
  assert_contains 'Name: release-1'
  assert_contains 'Signature: signed but no key for verification provided'
  run --separate-stderr mender-artifact validate artifact.mender --keyfactor-signserver-worker YOUR_WORKER
  assert_success
  assert_output "Artifact file 'artifact.mender' validated successfully"
}

@test "write, sign with a worker, and validate with the worker's certificate" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender
  mender-artifact sign -o artifact-signed.mender --keyfactor-signserver-worker YOUR_WORKER artifact.mender
  openssl x509 -pubkey -noout -in MenderPlainSigner.cer > pub.pem ; mender-artifact validate artifact-signed.mender -k pub.pem
}

@test "--key with a worker's URI does what the worker's own option does" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o by-option.mender --keyfactor-signserver-worker YOUR_WORKER
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o by-uri.mender --key signserver:YOUR_WORKER
  assert_same_file by-option.mender by-uri.mender
  mender-artifact validate by-uri.mender --key signserver:YOUR_WORKER
}

@test "--key with a PEM file signs and validates without any server" {
  inputs
  standin_without_server
  openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem
  openssl pkey -in key.pem -pubout -out pub.pem
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --key key.pem
  mender-artifact validate artifact.mender -k pub.pem
}

@test "a P-256 worker's signature is stored as r and s in 64 bytes, and validates" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --keyfactor-signserver-worker EC_WORKER
  assert_equal "$(signature_length artifact.mender)" 64
  mender-artifact validate artifact.mender --keyfactor-signserver-worker EC_WORKER
  openssl x509 -pubkey -noout -in "$STANDIN/EC_WORKER.pem" -out pub.pem
  mender-artifact validate artifact.mender -k pub.pem
}

@test "signing is two requests without a pin, validating one" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --key signserver:ONCE
  assert_equal "$(standin_requests ONCE)" 2
  assert_equal "$(standin_connections ONCE)" 1
  mender-artifact validate artifact.mender --key signserver:ONCE
  assert_equal "$(standin_requests ONCE)" 3
}

@test "signing is one request with a pin, validating none" {
  inputs
  pinned="signserver:ONCE_PINNED?cert=$STANDIN/ONCE_PINNED.pem"
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --key "$pinned"
  assert_equal "$(standin_requests ONCE_PINNED)" 1
  mender-artifact validate artifact.mender --key "$pinned"
  assert_equal "$(standin_requests ONCE_PINNED)" 1
}
