#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The HTTP interface of servers before 6.0: pinned keys sign with it as over REST, and a missing pin is told before anything is
# asked.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

EC=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA

setup_file() {
  standin_start --old --worker "W,$EC" --worker "R,SIGNATUREALGORITHM=NONEwithRSA" --worker 'Ed,key=ed25519' \
    --worker 'Raw,SIGNATUREALGORITHM=NONEwithRSA,CLIENTSIDEHASHING=false' \
    --worker 'With space&more,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA,id=77' \
    --worker "Only512,$EC,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-512" --worker "Off,$EC,DISABLED=TRUE" \
    --worker "Locked,$EC,AUTHTYPE=UsernamePasswordAuthorizer,user=build:secret" \
    --worker "Liar,$EC,fault=bad-signature" --worker "Page,$EC,fault=html:200" --worker "Empty,$EC,fault=empty-signature" \
    --worker "Cut,$EC,fault=cut" --worker "Huge,$EC,fault=huge" --worker "Other,$EC,fault=other-key" \
    --worker "Json,$EC,fault=deep-json,fault=wrong-type"
  make_unsigned_artifact
  name_host
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  use_openssl_config last 'interface = http' 'retries = 0' "certificate-dir = $STANDIN"
}

# assert_signs URI CERTIFICATE: a message, with one request.
assert_signs() {
  printf 'a message' >message
  openssl dgst -sha256 -sign "$1" -out signature message
  openssl x509 -in "$2" -pubkey -noout -out pub.pem
  openssl dgst -sha256 -verify pub.pem -signature signature message
}

@test "a pinned key signs, with one request" {
  assert_signs signserver:W "$STANDIN/W.pem"
  assert_equal "$(standin_requests W)" 1
  assert_equal "$(standin_last_request W | jq -r .interface)" http
}

@test "RSA workers sign, also one that wants a DigestInfo" {
  assert_signs signserver:R "$STANDIN/R.pem"
  assert_signs signserver:Raw "$STANDIN/Raw.pem"
}

@test "a worker that takes messages signs one" {
  printf 'a message' >message
  openssl pkeyutl -sign -inkey signserver:Ed -rawin -in message -out signature
  openssl pkeyutl -verify -certin -inkey "$STANDIN/Ed.pem" -rawin -in message -sigfile signature
}

@test "an artifact is signed" {
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:W
  mender-artifact validate out.mender -k "$STANDIN/W.pem"
}

@test "a worker is found by its number, and by a name that has to be encoded" {
  pin=$(echo "$STANDIN"/With*.pem)
  cp "$pin" pin.pem
  assert_signs "signserver:77?cert=$PWD/pin.pem" pin.pem
  assert_signs "signserver:With%20space%26more?cert=$PWD/pin.pem" pin.pem
}

# post PATH: the digest of a message to a worker of that path, as a client other than ours does it; prints the status.
post() {
  printf 'a message' | plain_openssl dgst -sha256 -binary >digest
  OPENSSL_CONF=/dev/null curl --silent --cacert "$STANDIN/ca.pem" --data-binary @digest --output signature \
    --write-out '%{http_code}' --header 'Content-Type: application/octet-stream' \
    "$SIGNSERVER_HOSTNAME/signserver/$1REQUEST_METADATA.USING_CLIENTSUPPLIED_HASH=true&REQUEST_METADATA.CLIENTSIDE_HASHDIGESTALGORITHM=SHA-256"
}

@test "the stand-in answers at both paths, and below /worker to names as they stand alone" {
  local path
  printf 'a message' >message
  plain_openssl x509 -in "$STANDIN/W.pem" -pubkey -noout -out pub.pem
  for path in 'process?workerName=W&' 'worker/W?' 'worker/W?workerName=R&'; do
    assert_equal "$(post "$path")" 200
    plain_openssl dgst -sha256 -verify pub.pem -signature signature message
  done
  assert_equal "$(post 'process?workerId=77&')" 200
  assert_equal "$(post 'worker/77?')" 404
  assert_equal "$(post 'worker/With%20space%26more?')" 404
}

@test "faults of the answer's JSON are none of an answer without" {
  assert_signs signserver:Json "$STANDIN/Json.pem"
}

@test "without a pin nothing is asked, and the way out is named" {
  use_openssl_config last 'interface = http'
  before=$(standin_requests)
  refute_opening signserver:W 'wrong setting' 'worker W: interface = http does not tell' '?cert=FILE' certificate-dir
  assert_equal "$(standin_requests)" "$before"
}

@test "REST on a server that has none: the setting is named" {
  use_openssl_config last
  refute_opening signserver:W "at $HOST: HTTP 404: " 'interface = http'
}

@test "refusals have the server's words, from header and page, and the way out" {
  refute_signature signserver:Only512 "worker Only512 at $HOST: HTTP 400: Client specified a non-accepted digest" ACCEPTED_HASH_DIGEST_ALGORITHMS
  refute_signature signserver:Off "worker Off at $HOST: HTTP 503: " 'is disabled' DISABLED
  refute_signature signserver:Locked 'not authorised' "HTTP 401: " 'username and password-file'
  refute_signature "signserver:Nobody?cert=$STANDIN/W.pem" 'no such worker' 'Worker Not Found'
}

@test "what is no good signature reaches nobody" {
  refute_signing signserver:Liar 'bad signature' "worker Liar at $HOST: "
  refute_signing signserver:Other 'bad signature' "worker Other at $HOST: "
  refute_signing signserver:Page 'bad answer' "at $HOST: HTTP 200: " text/html
  refute_signing signserver:Empty 'bad answer' 'is empty'
  refute_signing signserver:Cut 'no connection to the server' "at $HOST"
  refute_signing signserver:Huge 'bad answer' 'over 1048576 bytes'
}
