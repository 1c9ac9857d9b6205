#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The audit has a line for each signature, good or not, and what it cannot record is never asked for.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

EC=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA

setup_file() {
  standin_start --worker "W,$EC" --worker "Liar,$EC,fault=bad-signature" --worker Ed,key=ed25519 \
    --worker "Lost,$EC,fault=first-1:reset" --worker PSS,SIGNATUREALGORITHM=NONEwithRSAandMGF1 \
    --worker Twice,SIGNATUREALGORITHM=SHA256withRSA,ALLOW_CLIENTSIDEHASHING_OVERRIDE=true,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-256 \
    --worker "Locked,$EC,AUTHTYPE=UsernamePasswordAuthorizer,user=build:secret"
  name_host
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export SIGNSERVER_AUDIT_FILE=$PWD/audit
  use_openssl_config last 'retries = 0' "certificate-dir = $STANDIN"
  printf 'a message' >message
}

sign() {
  openssl dgst -sha256 -sign "signserver:$1" -out signature message
}

@test "a signature has a line that fits the server's log" {
  sign W
  openssl x509 -in "$STANDIN/W.pem" -pubkey -noout | openssl pkey -pubin -outform DER -out key.der
  jq -e --arg host "$HOST" --arg digest "$(sha256sum <message | cut -d' ' -f1)" --arg key "$(sha256sum <key.der | cut -d' ' -f1)" \
    '.purpose == "sign" and .worker == "W" and .host == $host and .digestAlgorithm == "SHA-256" and .digest == $digest and
     .key == $key and (.archiveId | length) == 40 and (.requestId | tonumber | type) == "number" and .milliseconds >= 0 and
     .outcome == "signed" and (.time | test("^20[0-9-]{8}T[0-9:]{8}[.][0-9]{3}Z$"))' audit
  assert_equal "$(wc -l <audit)" 1
  assert_equal "$(stat -c %a audit)" 600
}

@test "lines are added, and a message has the digest that the server logs" {
  sign W
  openssl pkeyutl -sign -inkey signserver:Ed -rawin -in message -out signature
  assert_equal "$(jq -r '.worker' audit | tr '\n' ' ')" 'W Ed '
  assert_equal "$(jq -r '.digest' audit | uniq | wc -l)" 1
}

@test "a probe has a line of its own" {
  use_openssl_config last
  openssl pkey -in signserver:W -pubout -out pub.pem
  assert_equal "$(jq -r '.purpose + " " + .outcome + " " + (.key | length | tostring)' audit)" 'probe signed 64'
}

# assert_all_recorded: what Twice has signed from now on, and what of it has a line.
assert_all_recorded() {
  local before
  before=$(standin_requests Twice)
  rm -f audit
  sign Twice
  assert_equal "$(jq -r '.purpose + " " + .outcome' audit | tr '\n' ';')" "$1"
  assert_equal "$(wc -l <audit)" $(($(standin_requests Twice) - before))
}

@test "a signature that only shows how the worker signs has a line, too" {
  assert_all_recorded 'probe signed;sign signed;'
  # The digest that was hashed once more is what the server logs.
  assert_equal "$(jq -r .digest audit | head -n 1)" "$(openssl dgst -sha256 -binary message | sha256sum | cut -d' ' -f1)"
  use_openssl_config last
  assert_all_recorded 'probe signed;probe signed;sign signed;'
}

@test "a signature with a padding that nobody asked for has a line, too" {
  run sign PSS
  assert_equal "$(jq -r '.purpose + " " + .outcome' audit | tr '\n' ';')" 'probe signed;sign unsupported by the worker;'
  assert_equal "$(jq -r '.digest' audit | uniq)" "$(sha256sum <message | cut -d' ' -f1)"
}

@test "a line tells that a request was sent again, because the worker may have signed more than once" {
  use_openssl_config last "certificate-dir = $STANDIN"
  sign Lost
  sign Lost
  assert_equal "$(jq -r '"\(.outcome) \(.attempts)"' audit | tr '\n' ';')" 'signed 2;signed 1;'
}

@test "failures have their reason, and no secret" {
  printf 'wrong-secret\n' >password
  use_openssl_config last 'retries = 0' "certificate-dir = $STANDIN" 'username = build' "password-file = $PWD/password"
  run sign Liar
  run sign Locked
  assert_equal "$(jq -r '.worker + ": " + .outcome' audit | tr '\n' ';')" 'Liar: bad signature from the server;Locked: not authorised;'
  jq -e 'select(.worker == "Locked").error | contains("Authentication denied")' audit
  run ! grep -E 'wrong-secret|Basic|d3Jvbmct' audit
}

# assert_refused WORD...: nothing is asked.
assert_refused() {
  local before
  before=$(standin_requests)
  refute_signature signserver:W 'wrong setting' 'worker W: audit-file (SIGNSERVER_AUDIT_FILE)' "$@"
  assert_equal "$(standin_requests)" "$before"
}

@test "without a place for its line nothing is asked" {
  SIGNSERVER_AUDIT_FILE=$PWD/missing/audit assert_refused "$PWD/missing/audit" 'No such file'
  SIGNSERVER_AUDIT_FILE=$PWD assert_refused 'directory'
  ln -s target link
  SIGNSERVER_AUDIT_FILE=$PWD/link assert_refused 'symbolic link'
  [ ! -e target ]
  mkfifo pipe
  SIGNSERVER_AUDIT_FILE=$PWD/pipe assert_refused 'pipe'
}

@test "keys of others leave no audit file" {
  plain_openssl genpkey -algorithm EC -pkeyopt group:P-256 -out local.pem
  openssl dgst -sha256 -sign local.pem -out signature message
  [ ! -e audit ]
}
