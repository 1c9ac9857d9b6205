#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a client shows of itself reaches the server, in each form that the settings take it in.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

setup_file() {
  standin_start --worker W,key=p-256 --worker Guarded,key=p-256,AUTHTYPE=CLIENTCERT
  name_host
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  standin_without_client_certificate
  printf 'a message' >message
}

# assert_signs_as COMMON-NAME LINE...: with these settings the client's certificate of that name arrives.
assert_signs_as() {
  local name=$1
  shift
  use_openssl_config last "$@"
  openssl dgst -sha256 -sign "signserver:Guarded?cert=$STANDIN/Guarded.pem" -out signature message
  assert_equal "$(standin_last_request Guarded | jq -r '"\(.status) \(.client)"')" "200 $name"
}

@test "the client certificate is taken from PEM, in one file with its key or in two" {
  assert_signs_as client "client-cert = $STANDIN/client.pem" "client-key = $STANDIN/client.key"
  cat "$STANDIN/client.key" "$STANDIN/client.pem" >both.pem
  assert_signs_as client "client-cert = $PWD/both.pem"
}

@test "the client certificate is taken from PKCS#12, with and without a password" {
  plain_openssl pkcs12 -export -in "$STANDIN/client.pem" -inkey "$STANDIN/client.key" -passout pass: -out open.p12
  assert_signs_as client "client-cert = $PWD/open.p12"
  plain_openssl pkcs12 -export -in "$STANDIN/client.pem" -inkey "$STANDIN/client.key" -passout pass:open-sesame -out locked.p12
  echo open-sesame >passphrase
  assert_signs_as client "client-cert = $PWD/locked.p12" "client-key-passphrase-file = $PWD/passphrase"
}

@test "PKCS#12 whose password is missing or wrong: the setting is named, and the password is not shown" {
  plain_openssl pkcs12 -export -in "$STANDIN/client.pem" -inkey "$STANDIN/client.key" -passout pass:open-sesame -out locked.p12
  use_openssl_config last 'retries = 0' "client-cert = $PWD/locked.p12"
  refute_signature signserver:Guarded 'wrong setting' "worker Guarded at $HOST: " client-key-passphrase-file
  echo close-sesame >passphrase
  use_openssl_config last 'retries = 0' "client-cert = $PWD/locked.p12" "client-key-passphrase-file = $PWD/passphrase"
  refute_signature signserver:Guarded 'wrong setting' "worker Guarded at $HOST: " client-key-passphrase-file
  refute_contains sesame
}

@test "name and password arrive" {
  printf opensesame >password
  use_openssl_config last 'username = build' "password-file = $PWD/password"
  openssl dgst -sha256 -sign "signserver:W?cert=$STANDIN/W.pem" -out signature message
  assert_equal "$(standin_last_request W | jq -r .authorization)" "Basic $(printf build:opensesame | base64)"
}

# The key is open, and its probe answered, when the reader of the message opens the pipe.
@test "a token arrives, and one that was replaced arrives with the next request of the same process" {
  mkfifo pipe
  echo first >token
  use_openssl_config last "bearer-token-file = $PWD/token"
  timeout 60 sh -c 'exec >pipe; echo second >token; printf "a message"' 3>&- &
  openssl dgst -sha256 -sign signserver:W -out signature pipe
  wait $!
  assert_equal "$(jq -r -s 'map(select(.worker == "W")) | .[-2:][] | .authorization' "$STANDIN/requests.jsonl" | paste -sd ,)" \
    'Bearer first,Bearer second'
  openssl x509 -in "$STANDIN/W.pem" -pubkey -noout -out pub.pem
  openssl dgst -sha256 -verify pub.pem -signature signature message
}
