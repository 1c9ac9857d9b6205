#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A server that is not there, or not the right one, or does not want us: one clear line, exit status 1, nothing written.

load ../helpers/common
load ../helpers/openssl
load ../helpers/standin
load ../helpers/faults

EC=key=p-256,SIGNATUREALGORITHM=NONEwithECDSA

# Besides the server of this file: one that lets nobody in without its CA's certificate, one of another name, and one without TLS.
setup_file() {
  standin_start_in "$BATS_FILE_TMPDIR/strict" --client-cert require --worker "W,$EC"
  standin_start_in "$BATS_FILE_TMPDIR/elsewhere" --server-name elsewhere.example --worker "W,$EC"
  standin_start_in "$BATS_FILE_TMPDIR/plain" --http --worker "W,$EC"
  standin_start --worker "W,$EC" --worker "Guarded,$EC,AUTHTYPE=CLIENTCERT" \
    --worker "Locked,$EC,AUTHTYPE=UsernamePasswordAuthorizer,user=build:secret"
  make_unsigned_artifact
  name_host
}

teardown_file() {
  local server
  for server in strict elsewhere plain standin; do
    standin_stop "$BATS_FILE_TMPDIR/$server"
  done
}

# What follows talks to another of the servers.
use_server() {
  standin_use "$BATS_FILE_TMPDIR/$1"
  name_host
}

# ---- Where ----

@test "no variable set: the setting and its variable are named" {
  standin_without_server
  assert_fault W 'wrong setting' 'no server is configured' SIGNSERVER_HOSTNAME 'openssl.cnf'
}

@test "nobody listens: host and setting are named" {
  export SIGNSERVER_HOSTNAME=localhost:1
  use_openssl_config last 'retries = 0'
  assert_fault W 'no connection to the server' 'at localhost:1: ' SIGNSERVER_HOSTNAME
}

@test "a host that does not exist: it is named" {
  # No name server is asked for one with a label of more than 63 characters.
  SIGNSERVER_HOSTNAME=$(printf 'no-such-host%.0s' 1 2 3 4 5 6).invalid
  export SIGNSERVER_HOSTNAME
  use_openssl_config last 'retries = 0'
  assert_fault W 'no connection to the server' "at $SIGNSERVER_HOSTNAME: " 'resolve host' '(check the setting url (SIGNSERVER_HOSTNAME))'
}

@test "the first of two servers is dead: the second is asked" {
  export SIGNSERVER_HOSTNAME="localhost:1, $SIGNSERVER_HOSTNAME"
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:W
  mender-artifact validate out.mender -k "$STANDIN/W.pem"
}

@test "several servers fail: each is named with its problem" {
  use_openssl_config last 'retries = 0'
  SIGNSERVER_HOSTNAME="localhost:1, localhost:2" refute_opening signserver:W 'no connection to the server' \
    'worker W at localhost:2: ' '(after 2 attempts); before that, localhost:1: Failed to connect'
  SIGNSERVER_HOSTNAME="localhost:1, $SIGNSERVER_HOSTNAME" refute_opening signserver:Nobody 'no such worker' \
    "worker Nobody at $HOST: HTTP 404: " '; before that, localhost:1: '
}

@test "an address that is none: the variable is named" {
  export SIGNSERVER_HOSTNAME=ftp://localhost
  refute_opening signserver:W 'wrong setting' 'SIGNSERVER_HOSTNAME = "ftp://localhost"' 'neither https nor http'
}

@test "a server that does not speak TLS: the setting for the port is named" {
  use_server plain
  SIGNSERVER_HOSTNAME=https://${SIGNSERVER_HOSTNAME#http://}
  export SIGNSERVER_HOSTNAME
  use_openssl_config last 'retries = 0'
  refute_opening signserver:W 'TLS failure' 'worker W at ' 'names an HTTPS port' SIGNSERVER_HOSTNAME
}

@test "a server that speaks TLS 1.1 at most: what it lacks is said" {
  use_openssl_config last 'retries = 0'
  tls_server -tls1_1 -cipher 'DEFAULT:@SECLEVEL=0' -cert "$STANDIN/server.pem" -key "$STANDIN/server.key"
  SIGNSERVER_HOSTNAME=https://localhost:$PORT refute_signature signserver:W 'TLS failure' "worker W at localhost:$PORT: " 'TLS 1.2 or newer is needed'
  tls_server_stop
}

@test "a server that speaks nothing but TLS, addressed without: the setting that says so is named, and no certificate" {
  export SIGNSERVER_HOSTNAME=http://$HOST
  use_openssl_config last 'retries = 0'
  refute_opening signserver:W "worker W at $HOST: " 'SIGNSERVER_HOSTNAME' 'https'
  refute_contains SIGNSERVER_CLIENT_CERT_PATH
}

# ---- Who the server is ----

@test "an untrusted CA: the setting for the right one is named" {
  export SIGNSERVER_CA_CERT_PATH=$STANDIN/other-ca.pem
  assert_fault W 'TLS failure' "at $HOST: " 'certificate' SIGNSERVER_CA_CERT_PATH
}

@test "the system's CAs do not do for a CA of our own: the setting is named" {
  unset SIGNSERVER_CA_CERT_PATH
  assert_fault W 'TLS failure' "at $HOST: " 'certificate' SIGNSERVER_CA_CERT_PATH
}

@test "a CA file that does not exist: file and setting are named" {
  export SIGNSERVER_CA_CERT_PATH=$BATS_TEST_TMPDIR/none.pem
  assert_fault W 'wrong setting' "cannot read $BATS_TEST_TMPDIR/none.pem: No such file" SIGNSERVER_CA_CERT_PATH
}

@test "a CA file without certificates: the setting is named" {
  echo nothing >empty.pem
  export SIGNSERVER_CA_CERT_PATH=$BATS_TEST_TMPDIR/empty.pem
  assert_fault W 'wrong setting' SIGNSERVER_CA_CERT_PATH
}

# Without retries, each request takes a connection of its own. The key is open when the reader of the message opens the pipe.
@test "a CA that is taken out of the CA file is trusted no longer, also by a process that runs" {
  mkfifo pipe
  cp "$STANDIN/ca.pem" ca.pem
  export SIGNSERVER_CA_CERT_PATH=$PWD/ca.pem
  use_openssl_config last 'retries = 0'
  timeout 60 sh -c 'exec >pipe; cp "$0" ca.pem; printf "a message"' "$STANDIN/other-ca.pem" 3>&- &
  run openssl dgst -sha256 -sign signserver:W -out signature pipe
  wait $!
  assert_failure
  assert_contains 'TLS failure'
  [ ! -s signature ]
}

@test "a certificate for another name: the setting with the name is named" {
  use_server elsewhere
  SIGNSERVER_HOSTNAME=${SIGNSERVER_HOSTNAME/elsewhere.example/localhost}
  export SIGNSERVER_HOSTNAME
  name_host
  assert_fault W 'TLS failure' "at $HOST: " 'target host name' SIGNSERVER_HOSTNAME
}

# ---- Who we are ----

@test "no client certificate where the worker asks for one: the setting is named" {
  standin_without_client_certificate
  assert_fault Guarded 'not authorised' "at $HOST: HTTP 400: " 'client authentication is required' SIGNSERVER_CLIENT_CERT_PATH
}

@test "a stranger's client certificate: the server's words and the setting are named" {
  standin_with_stranger
  assert_fault Guarded 'not authorised' "at $HOST: HTTP 400: " 'Client is not authorized: "CN=stranger' SIGNSERVER_CLIENT_CERT_PATH
}

@test "no client certificate where TLS asks for one: the setting is named" {
  use_server strict
  standin_without_client_certificate
  assert_fault W "at $HOST: " SIGNSERVER_CLIENT_CERT_PATH
}

@test "a stranger's client certificate where TLS asks for one: the setting is named" {
  use_server strict
  standin_with_stranger
  assert_fault W "at $HOST: " SIGNSERVER_CLIENT_CERT_PATH
}

@test "the strict server lets its own client in" {
  use_server strict
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:W
}

@test "a client certificate file that does not exist: file and setting are named" {
  export SIGNSERVER_CLIENT_CERT_PATH=$BATS_TEST_TMPDIR/none.pem
  assert_fault W 'wrong setting' "cannot read $BATS_TEST_TMPDIR/none.pem: No such file" SIGNSERVER_CLIENT_CERT_PATH
}

@test "a client key of another certificate: both settings are named" {
  export SIGNSERVER_CLIENT_CERT_KEY_PATH=$STANDIN/stranger.key
  assert_fault W 'wrong setting' SIGNSERVER_CLIENT_CERT_PATH SIGNSERVER_CLIENT_CERT_KEY_PATH
}

@test "a client key without a certificate: both variables are named" {
  unset SIGNSERVER_CLIENT_CERT_PATH
  refute_opening signserver:W 'wrong setting' SIGNSERVER_CLIENT_CERT_KEY_PATH SIGNSERVER_CLIENT_CERT_PATH
}

# The client's key is encrypted from now on. OpenSSL 3.0 loses 16 bytes each time that a passphrase is wrong.
use_encrypted_key() {
  openssl pkey -in "$STANDIN/client.key" -aes256 -passout pass:open-sesame -out client.key
  export SIGNSERVER_CLIENT_CERT_KEY_PATH=$PWD/client.key ASAN_OPTIONS=detect_leaks=0
}

@test "an encrypted client key without its passphrase is an error, with it as good as another" {
  use_encrypted_key
  assert_fault W 'wrong setting' client-key-passphrase-file
  echo open-sesame >passphrase
  use_openssl_config last "client-key-passphrase-file = $PWD/passphrase"
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:W
}

@test "nobody at the terminal is asked for the passphrase of an encrypted client key" {
  script -qec true /dev/null >/dev/null 2>&1 || skip 'no terminal can be made here'
  use_encrypted_key
  run script -qec "mender-artifact sign '$BATS_FILE_TMPDIR/unsigned.mender' -o out.mender --key signserver:W" /dev/null </dev/null
  assert_failure 1
  assert_contains client-key-passphrase-file
  refute_contains 'pass phrase'
}

@test "a password that is missing or wrong: the server's words and the settings are named" {
  assert_fault Locked 'not authorised' "at $HOST: HTTP 401: Username/password authentication required" username password-file
  echo open-sesame >password
  use_openssl_config last 'username = build' "password-file = $PWD/password"
  assert_fault Locked 'not authorised' "at $HOST: HTTP 401: Authentication denied"
  refute_contains open-sesame
  echo secret >password
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o out.mender --key signserver:Locked
}

# ---- Which key ----

@test "an unknown worker: it is named, with the server's words" {
  refute_opening signserver:Nobody 'no such worker' "worker Nobody at $HOST: HTTP 404: No such worker: Nobody"
  refute_signing "signserver:Nobody?cert=$STANDIN/W.pem" 'no such worker' "worker Nobody at $HOST: HTTP 404: No such worker: Nobody"
}

@test "a file that has the name of a worker's URI is not taken for the worker" {
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signserver:W
  mkdir signserver: && cp signserver:W signserver:/W
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o by-option.mender --keyfactor-signserver-worker W
  mender-artifact sign "$BATS_FILE_TMPDIR/unsigned.mender" -o by-uri.mender --key signserver:///W
  mender-artifact validate by-option.mender -k "$STANDIN/W.pem"
  mender-artifact validate by-uri.mender -k "$STANDIN/W.pem"
}

@test "a key URI that is none: what one looks like is said" {
  refute_opening 'signserver:W?pin=x' 'malformed key URI' 'signserver:WORKER'
}

@test "a pin that cannot be read: worker, file and who names it are named" {
  refute_opening "signserver:W?cert=$BATS_TEST_TMPDIR/none.pem" 'wrong setting' 'worker W: ' \
    "$BATS_TEST_TMPDIR/none.pem: No such file or directory (see ?cert= in its URI)"
  mkdir -p pins/W.pem
  use_openssl_config last "certificate-dir = $PWD/pins"
  refute_opening signserver:W 'wrong setting' 'worker W: ' "$PWD/pins/W.pem: " '(see the setting certificate-dir)'
}

@test "a directory of pins that is not there is an error, and its workers are not opened without a pin" {
  use_openssl_config last "certificate-dir = $PWD/pinz"
  refute_opening signserver:W 'wrong setting' 'worker W: ' "$PWD/pinz: No such file or directory" '(see the setting certificate-dir)'
}

@test "a pin that holds no certificate: worker, file and who names it are named" {
  mkdir pins
  echo nothing >pins/W.pem
  refute_opening "signserver:W?cert=$PWD/pins/W.pem" 'wrong setting' "worker W: $PWD/pins/W.pem holds neither" '(see ?cert= in its URI)'
  use_openssl_config last "certificate-dir = $PWD/pins"
  refute_opening signserver:W 'wrong setting' "worker W: $PWD/pins/W.pem holds neither" '(see the setting certificate-dir)'
}

@test "a failure of TLS is one entry in OpenSSL's error queue, and libcurl's own are not among them" {
  use_openssl_config last
  export SIGNSERVER_CA_CERT_PATH=$STANDIN/other-ca.pem
  run openssl pkey -in signserver:W -pubout
  assert_failure 1
  assert_equal "$(grep -c ':error:' <<<"$output")" 1
}

# ---- Revocation ----

@test "a server whose certificate is not in the list of revoked ones signs" {
  use_openssl_config last "crl-file = $STANDIN/ca.crl"
  openssl pkey -in signserver:W -pubout -out pub.pem
}

@test "a revoked server, and lists that are of no use: the setting is named" {
  use_openssl_config last 'retries = 0' "crl-file = $STANDIN/revoked.crl"
  refute_signature signserver:W 'TLS failure' "worker W at $HOST: " revoked '(the list in crl-file says so'
  use_openssl_config last 'retries = 0' "crl-file = $STANDIN/expired.crl"
  refute_signature signserver:W 'TLS failure' "worker W at $HOST: " 'expired' '(see crl-file'
  use_openssl_config last 'retries = 0' "crl-file = $BATS_FILE_TMPDIR/elsewhere/ca.crl"
  refute_signature signserver:W 'TLS failure' "worker W at $HOST: " '(see crl-file: a list in it has the name, and not the signature'
  use_openssl_config last 'retries = 0' "crl-file = $STANDIN/ca.pem"
  refute_signature signserver:W 'wrong setting' '(see crl-file: it must hold PEM lists'
  use_openssl_config last 'retries = 0' "crl-file = $PWD/missing.crl"
  refute_signature signserver:W 'wrong setting' "crl-file: cannot read $PWD/missing.crl"
}
