#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A remote key does what a local key does: every command of helpers/parity.bash with each kind of key in PARITY_KINDS,
# once from a file and once from a worker that holds the same key, with the provider at its place PARITY_ORDER in
# openssl.cnf (flags: on the command line). Exit status, output and warnings must not differ, and what was signed must
# verify the same.

load ../helpers/common
load ../helpers/standin
load ../helpers/openssl
load ../helpers/parity

setup_file() {
  export PARITY_KINDS=${PARITY_KINDS:-rsa-2048 rsa-2048-raw rsa-2048-either rsa-2048-hashes rsa-2048-hashes-either rsa-2048-mgf1
    rsa-2048-mgf1-either rsa-2048-mgf1-hashes rsa-3072 rsa-4096 rsa-pss rsa-pss-hashes rsa-pss-sha256 ec-P-256 ec-P-256-raw
    ec-P-256-either ec-P-256-hashes ec-P-384 ec-P-521 ec-secp224r1 ec-secp256k1 ec-brainpoolP256r1 ed25519 ed448
    ml-dsa-44 ml-dsa-65 ml-dsa-87 slh-dsa-sha2-128f slh-dsa-shake-128f}
  parity_make_keys
  parity_start_workers
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  flags=()
  if [ "${PARITY_ORDER:-last}" = flags ]; then
    flags=(-provider default -provider signserver)
    export OPENSSL_CONF=/dev/null
  else
    use_openssl_config "${PARITY_ORDER:-last}"
  fi
}

@test "a worker's key and certificate are shown as those of a file" {
  parity_compare show
}

@test "dgst signs and verifies as with a file" {
  parity_compare digest
}

@test "the message functions of libcrypto sign and verify as with a file" {
  [ -e "$BUILD_DIR/tests/message_api" ] || skip 'OpenSSL 3.4 is the first that has them'
  [ "${PARITY_ORDER:-last}" != flags ] || skip 'the program that calls them takes no flags'
  parity_compare message
}

@test "pkeyutl signs, verifies and encrypts as with a file" {
  parity_compare pkeyutl
}

@test "req, x509 and spkac certify as with a file" {
  parity_compare certify
}

@test "-propquery chooses as with a file" {
  parity_compare query
}

@test "ca and crl work as with a file" {
  parity_compare authority
}

@test "cms and smime sign as with a file" {
  parity_compare cms
}

@test "ocsp and ts respond as with a file" {
  parity_compare respond
}

@test "TLS servers and clients shake hands as with a file" {
  parity_compare tls
}
