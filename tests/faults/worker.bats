#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Workers that cannot, or may not, do what is asked: the property that decides is named. Those that can, do.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

EC=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA

setup_file() {
  standin_start --worker "Off,$EC,DISABLED=TRUE" --worker "Broken,$EC,ACCEPTED_HASH_DIGEST_ALGORITHMS=" \
    --worker "Offline,$EC,token=offline" --worker "Expired,$EC,not-before=20200101000000Z,not-after=20210101000000Z" \
    --worker "Worn,$EC,KEYUSAGELIMIT=1" \
    --worker Hashing256,SIGNATUREALGORITHM=SHA256withRSA --worker Hashing512,SIGNATUREALGORITHM=SHA512withRSA \
    --worker Twice,SIGNATUREALGORITHM=SHA256withRSA,CLIENTSIDEHASHING=true,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-256 \
    --worker Raw,SIGNATUREALGORITHM=NONEwithRSA,CLIENTSIDEHASHING=false \
    --worker "Only512,$EC,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-512" \
    --worker Pss,SIGNATUREALGORITHM=NONEwithRSAandMGF1 --worker P384,key=p-384,SIGNATUREALGORITHM=NONEwithECDSA \
    --worker Ed,key=ed25519
  make_unsigned_artifact
  name_host
}

teardown_file() {
  standin_stop
}

# ---- May not ----

@test "a disabled worker: the server's words and the property are named" {
  use_openssl_config last 'retries = 0'
  assert_fault Off "at $HOST: HTTP 503: " 'Worker{name: Off} is disabled' 'DISABLED'
}

@test "a misconfigured worker: the server's words are passed on" {
  assert_fault Broken "at $HOST: HTTP 500: " 'Worker is misconfigured' 'status on the server'
}

@test "a crypto token that is not active: the server's words and the way out are named" {
  use_openssl_config last 'retries = 0'
  assert_fault Offline "at $HOST: HTTP 503: " "Signtoken isn't active" 'activate the worker'
}

@test "an expired certificate: the server's words and the way out are named" {
  use_openssl_config last 'retries = 0'
  assert_fault Expired "at $HOST: HTTP 503: " 'expired at ' 'renew the worker'
}

@test "a key that has signed as often as it may: the property is named" {
  use_openssl_config last 'retries = 0'
  refute_signed_artifact signserver:Worn 'worker Worn' "at $HOST: HTTP 503: Key usage limit exceeded" KEYUSAGELIMIT
}

# ---- Hashing on the server ----

# assert_signs WORKER: an artifact, and a file, and both verify without the server.
assert_signs() {
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o "$1.mender" --key "signserver:$1"
  standin_without_server
  openssl x509 -in "$STANDIN/$1.pem" -pubkey -noout -out pub.pem
  mender-artifact validate "$1.mender" -k pub.pem
}

@test "a worker that hashes with SHA-256 for itself signs artifacts and messages" {
  openssl_with_provider dgst -sha256 -sign signserver:Hashing256 -out signature "$BATS_FILE_TMPDIR/payload.bin"
  assert_signs Hashing256
  openssl dgst -sha256 -verify pub.pem -signature signature "$BATS_FILE_TMPDIR/payload.bin"
}

@test "a worker that hashes for itself signs no bare digest: the property is named" {
  head -c 32 /dev/zero >digest
  run --separate-stderr openssl_with_provider pkeyutl -sign -inkey signserver:Hashing256 -in digest -pkeyopt digest:sha256 -out signature
  assert_failure_says 'worker Hashing256 hashes for itself' CLIENTSIDEHASHING ALLOW_CLIENTSIDEHASHING_OVERRIDE
  [ ! -s signature ] || complain 'there is a signature'
}

@test "a worker that hashes with SHA-512 signs no artifact: the property is named" {
  refute_signed_artifact signserver:Hashing512 'worker Hashing512' SHA512 SHA256 SIGNATUREALGORITHM
}

@test "a worker that would hash a digest once more is found out: the property is named" {
  refute_opening signserver:Twice 'worker Twice' "at $HOST: HTTP 400: Server-side hashing requested but not allowed" CLIENTSIDEHASHING
  refute_signing "signserver:Twice?cert=$STANDIN/Twice.pem" 'worker Twice' CLIENTSIDEHASHING
}

@test "a worker that pads only, without client-side hashing, signs artifacts" {
  assert_signs Raw
}

# ---- Other digests, paddings and keys ----

@test "a digest that the worker does not accept: the property is named" {
  refute_signing signserver:Only512 'worker Only512' "at $HOST: HTTP 400: " 'non-accepted digest' ACCEPTED_HASH_DIGEST_ALGORITHMS
}

@test "a PSS worker signs no artifact, pinned or not: the property is named" {
  refute_signed_artifact signserver:Pss 'worker Pss' PSS SIGNATUREALGORITHM
  refute_signed_artifact "signserver:Pss?cert=$STANDIN/Pss.pem" 'worker Pss' PSS SIGNATUREALGORITHM
}

@test "a key that no device takes signs no artifact: what devices take is said" {
  refute_signed_artifact signserver:Ed signserver:Ed ED25519 'EC P-256'
  refute_signed_artifact "signserver:Ed?cert=$STANDIN/Ed.pem" ED25519 'EC P-256'
}

@test "a P-384 worker signs artifacts, with a warning that not every device takes them" {
  run --separate-stderr mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:P384
  assert_success
  assert_contains 'warning: signserver:P384: signatures with an EC P-384 key'
  mender-artifact validate out.mender -k "$STANDIN/P384.pem"
}
