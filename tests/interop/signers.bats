#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs of others that sign: given a worker's URI or, where they read key files only, its PEM reference, they sign with
# the worker's key. What they made is verified with the certificate alone, without our provider.

load ../helpers/common
load ../helpers/standin
load ../helpers/openssl

setup_file() {
  standin_start --worker RSA --worker PSS,SIGNATUREALGORITHM=NONEwithRSAandMGF1 --worker EC,key=p-256
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  use_openssl_config last
  for worker in RSA PSS EC; do
    openssl pkey -in "signserver:$worker" -out "$worker.ref"
  done
}

# Without our provider.
plain() {
  OPENSSL_CONF=/dev/null "$@"
}

# Older ones hold a key for private only if they can read its private number.
@test "xmlsec1 signs XML" {
  xmlsec1 --help-sign | grep -q -- --privkey-openssl-store || skip "xmlsec1 1.3.7 is the first that takes such keys"
  local ds=http://www.w3.org/2000/09/xmldsig# more=http://www.w3.org/2001/04/xmldsig-more# method worker
  for worker in RSA EC; do
    method=$([ $worker = EC ] && echo ecdsa-sha256 || echo rsa-sha256)
    cat >template.xml <<XML
<?xml version="1.0"?>
<release xmlns="urn:release"><image>rootfs</image><Signature xmlns="$ds"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="$more$method"/>
<Reference URI=""><Transforms><Transform Algorithm="${ds}enveloped-signature"/></Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>
</SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature></release>
XML
    foreign xmlsec1 --sign --lax-key-search --privkey-openssl-store "signserver:$worker" --output signed.xml template.xml
    plain xmlsec1 --verify --lax-key-search --pubkey-cert-pem "$STANDIN/$worker.pem" signed.xml
    sed -i 's/rootfs/rootkit/' signed.xml
    run plain xmlsec1 --verify --lax-key-search --pubkey-cert-pem "$STANDIN/$worker.pem" signed.xml
    assert_failure
  done
}

@test "osslsigncode signs a cabinet" {
  echo 'an application' >application
  gcab -c application.cab application
  foreign osslsigncode sign -certs "$STANDIN/RSA.pem" -key RSA.ref -in application.cab -out signed.cab
  plain osslsigncode verify -CAfile "$STANDIN/ca.pem" -in signed.cab
}

@test "Python's ssl serves TLS" {
  cat >serve.py <<'PY'
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
connection = context.wrap_socket(listener.accept()[0], server_side=True)
connection.sendall(b"hello from Python\n")
connection.close()
PY
  local worker port
  for worker in PSS EC; do
    exec 8< <(foreign /usr/bin/python3 serve.py "$STANDIN/$worker.pem" $worker.ref 2>python.log 3>&- 4>&-)
    read -r -u 8 port || complain "$(cat python.log)"
    run plain_openssl s_client -connect "127.0.0.1:$port" -quiet -verify_return_error -partial_chain \
      -CAfile "$STANDIN/$worker.pem" </dev/null
    assert_contains "hello from Python"
    exec 8<&-
  done
}
