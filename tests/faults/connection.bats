#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A server that is not there, or not the right one, or does not want us: one clear line, exit status 1, nothing written.

load ../helpers/common
load ../helpers/standin
load ../helpers/faults

setup_file() {
  standin_start --worker W,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA --worker Guarded,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA,AUTHTYPE=CLIENTCERT
  make_unsigned_artifact
}

teardown_file() {
  standin_stop
}

@test "no variable set: the setting and its variable are named" {
  standin_without_server
  assert_fault W 'no server is configured' SIGNSERVER_HOSTNAME
}

@test "nobody listens: host and setting are named" {
  export SIGNSERVER_HOSTNAME=localhost:1
  assert_fault W 'localhost:1' SIGNSERVER_HOSTNAME
}

@test "a host that does not exist: it is named" {
  export SIGNSERVER_HOSTNAME=no-such-host.invalid
  assert_fault W 'no-such-host.invalid' SIGNSERVER_HOSTNAME
}

@test "an untrusted CA: the setting for the right one is named" {
  export SIGNSERVER_CA_CERT_PATH=$STANDIN/other-ca.pem
  assert_fault W 'certificate' SIGNSERVER_CA_CERT_PATH
}

@test "a CA file that does not exist: file and setting are named" {
  export SIGNSERVER_CA_CERT_PATH=$BATS_TEST_TMPDIR/none.pem
  assert_fault W none.pem SIGNSERVER_CA_CERT_PATH
}

@test "a certificate for another name: the setting with the name is named" {
  standin_start_in "$BATS_TEST_TMPDIR/other-name" --server-name elsewhere.example --worker W,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA
  assert_fault W SIGNSERVER_HOSTNAME
  standin_stop
}

@test "no client certificate where the worker asks for one: the setting is named" {
  standin_without_client_certificate
  assert_fault Guarded 'client authentication is required' SIGNSERVER_CLIENT_CERT_PATH
}

@test "a stranger's client certificate: the server's words and the setting are named" {
  standin_with_stranger
  assert_fault Guarded SIGNSERVER_CLIENT_CERT_PATH
}

@test "no client certificate where TLS asks for one: the setting is named" {
  standin_start_in "$BATS_TEST_TMPDIR/strict" --client-cert require --worker W,key=p-256,SIGNATUREALGORITHM=NONEwithECDSA
  standin_without_client_certificate
  assert_fault W SIGNSERVER_CLIENT_CERT_PATH
  standin_stop
}

@test "a client certificate file that does not exist: file and setting are named" {
  export SIGNSERVER_CLIENT_CERT_PATH=$BATS_TEST_TMPDIR/none.pem
  assert_fault W none.pem SIGNSERVER_CLIENT_CERT_PATH
}

@test "an unknown worker: it is named, with the server's words" {
  assert_fault Nobody 'No such worker: Nobody'
}

@test "an address that is none: the variable is named" {
  export SIGNSERVER_HOSTNAME=ftp://localhost
  assert_fault_uri signserver:W SIGNSERVER_HOSTNAME
}

@test "a key URI that is none: what one looks like is said" {
  assert_fault_uri 'signserver:W?pin=x' 'signserver:WORKER'
}

@test "a pin that cannot be read: the file is named" {
  assert_fault_uri "signserver:W?cert=$BATS_TEST_TMPDIR/none.pem" none.pem
}
