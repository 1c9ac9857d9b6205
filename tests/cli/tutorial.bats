#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The commands of the tutorial, as they stand there, with nothing set but the SIGNSERVER_* variables.

load ../helpers/common
load ../helpers/standin

EC=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA

setup_file() {
  standin_start --worker YOUR_WORKER --worker "EC_WORKER,$EC" --worker GUARDED,AUTHTYPE=CLIENTCERT \
    --worker WRITE --worker SIGN --worker "WRITE_PINNED,$EC" --worker "SIGN_PINNED,$EC"
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

# After `run mender-artifact validate`.
assert_validated() {
  assert_success
  assert_output "Artifact file '$1' validated successfully"
}

# ---- Verbatim ----

@test "no configuration of OpenSSL knows the provider here" {
  run openssl list -providers
  assert_success
  refute_contains signserver
  [ -z "${OPENSSL_CONF:-}" ] || complain 'OPENSSL_CONF is set'
}

@test "write with a worker, read, and validate with the worker" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --keyfactor-signserver-worker YOUR_WORKER
  run --separate-stderr mender-artifact read artifact.mender
  assert_success
  assert_contains 'Name: release-1'
  assert_contains 'Compatible types: [beaglebone]'
  assert_contains 'Signature: signed but no key for verification provided'
  run --separate-stderr mender-artifact validate artifact.mender --keyfactor-signserver-worker YOUR_WORKER
  assert_validated artifact.mender
}

@test "write, sign with a worker, and validate with the worker's certificate" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender
  mender-artifact sign -o artifact-signed.mender --keyfactor-signserver-worker YOUR_WORKER artifact.mender
  openssl x509 -pubkey -noout -in MenderPlainSigner.cer > pub.pem ; mender-artifact validate artifact-signed.mender -k pub.pem
}

# ---- The same with other keys ----

# tutorial PUBLIC-KEY KEY-OPTION...: all six commands.
tutorial() {
  local public_key=$1
  shift
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender "$@"
  run --separate-stderr mender-artifact read artifact.mender "$@"
  assert_success
  assert_contains 'Signature: signed and verified correctly'
  run --separate-stderr mender-artifact validate artifact.mender "$@"
  assert_validated artifact.mender
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender
  mender-artifact sign -o artifact-signed.mender "$@" artifact.mender
  run --separate-stderr mender-artifact validate artifact-signed.mender -k "$public_key"
  assert_validated artifact-signed.mender
}

# make_key NAME ARGUMENT...: NAME.pem by openssl genpkey, and NAME.pub.
make_key() {
  local name=$1
  shift
  openssl genpkey -quiet "$@" -out "$name.pem"
  openssl pkey -in "$name.pem" -pubout -out "$name.pub"
}

@test "an RSA worker, by the option of its own" {
  tutorial "$STANDIN/YOUR_WORKER.pem" --keyfactor-signserver-worker YOUR_WORKER
  assert_equal "$(signature_length artifact-signed.mender)" 256
}

@test "an RSA worker, by its URI: the bytes are those of its own option" {
  tutorial "$STANDIN/YOUR_WORKER.pem" --key signserver:YOUR_WORKER
  mender-artifact sign artifact.mender -o by-option.mender --keyfactor-signserver-worker YOUR_WORKER
  assert_same_file by-option.mender artifact-signed.mender
}

@test "an EC P-256 worker, by the option of its own: the signature is stored as r and s in 64 bytes" {
  tutorial "$STANDIN/EC_WORKER.pem" --keyfactor-signserver-worker EC_WORKER
  assert_equal "$(signature_length artifact-signed.mender)" 64
}

@test "an EC P-256 worker, by its URI: the signature is stored as r and s in 64 bytes" {
  tutorial "$STANDIN/EC_WORKER.pem" --key signserver:EC_WORKER
  assert_equal "$(signature_length artifact-signed.mender)" 64
}

@test "an RSA key in a PEM file, without any server" {
  standin_without_server
  make_key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
  tutorial rsa.pub --key rsa.pem
  assert_equal "$(signature_length artifact-signed.mender)" 256
}

@test "an EC P-256 key in a PEM file, without any server: the signature is stored as r and s in 64 bytes" {
  standin_without_server
  make_key ec -algorithm EC -pkeyopt ec_paramgen_curve:P-256
  tutorial ec.pub --key ec.pem
  assert_equal "$(signature_length artifact-signed.mender)" 64
}

@test "three variables do: the client's certificate and key may be one file" {
  cat "$STANDIN/client.pem" "$STANDIN/client.key" >client.pem
  unset SIGNSERVER_CLIENT_CERT_KEY_PATH
  export SIGNSERVER_CLIENT_CERT_PATH=$PWD/client.pem
  tutorial "$STANDIN/GUARDED.pem" --keyfactor-signserver-worker GUARDED
}

# ---- What it costs the server ----

# requests WORKER COMMAND...: how many it takes.
requests() {
  local before worker=$1
  before=$(standin_requests "$worker")
  shift
  "$@" >/dev/null
  echo $(($(standin_requests "$worker") - before))
}

@test "without a pin, signing is two requests over one connection, validating one" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o unsigned.mender
  assert_equal "$(requests WRITE mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --key signserver:WRITE)" 2
  assert_equal "$(standin_connections WRITE)" 1
  assert_equal "$(requests SIGN mender-artifact sign unsigned.mender -o signed.mender --keyfactor-signserver-worker SIGN)" 2
  assert_equal "$(standin_connections SIGN)" 1
  assert_equal "$(requests WRITE mender-artifact validate artifact.mender --key signserver:WRITE)" 1
  assert_equal "$(requests SIGN mender-artifact validate signed.mender --keyfactor-signserver-worker SIGN)" 1
}

@test "several artifacts are signed over one connection" {
  local before connections
  inputs
  mender-artifact write rootfs-image -c beaglebone -n release-1 -f rootfs.ext4 -o one.mender
  cp one.mender two.mender
  cp one.mender three.mender
  before=$(standin_requests SIGN)
  connections=$(standin_connections SIGN)
  mender-artifact sign --keyfactor-signserver-worker SIGN one.mender two.mender three.mender
  # One that asks for the key, and one for each signature.
  assert_equal "$(($(standin_requests SIGN) - before))" 4
  assert_equal "$(($(standin_connections SIGN) - connections))" 1
}

@test "with a pin, signing is one request, validating none" {
  inputs
  mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o unsigned.mender
  local write="signserver:WRITE_PINNED?cert=$STANDIN/WRITE_PINNED.pem" sign="signserver:SIGN_PINNED?cert=$STANDIN/SIGN_PINNED.pem"
  assert_equal "$(requests WRITE_PINNED mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender --key "$write")" 1
  assert_equal "$(requests SIGN_PINNED mender-artifact sign unsigned.mender -o signed.mender --key "$sign")" 1
  assert_equal "$(requests WRITE_PINNED mender-artifact validate artifact.mender --key "$write")" 0
  assert_equal "$(requests SIGN_PINNED mender-artifact validate signed.mender --key "$sign")" 0
}
