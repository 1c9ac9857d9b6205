#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Key references: files that stand for a key on a worker, for commands and programs that read key files only.

load ../helpers/common
load ../helpers/standin
load ../helpers/openssl

WORKERS="RSA PSS EC ED"

setup_file() {
  local worker
  standin_start --worker RSA --worker PSS,SIGNATUREALGORITHM=NONEwithRSAandMGF1 --worker EC,key=p-256 \
    --worker ED,key=ed25519 --worker OTHER,key=p-256 --worker GUARDED,key=p-256,AUTHTYPE=CLIENTCERT \
    --worker CHANGES,key=p-256,fault=after-1:other-key
  use_openssl_config last
  cd "$BATS_FILE_TMPDIR" || return
  for worker in $WORKERS; do
    openssl pkey -in "signserver:$worker" -out "$worker.key"
    plain_openssl x509 -in "$STANDIN/$worker.pem" -noout -pubkey >"$worker.pub"
  done
  export FILES=$BATS_FILE_TMPDIR
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  use_openssl_config last
  echo 'a message' >message
}

verify() {
  plain_openssl dgst "${@:3}" -verify "$FILES/$1.pub" -signature "$2" message
}

# requests WORKER COMMAND...: runs the command, and prints how many requests it made to the worker.
requests() {
  local before
  before=$(standin_requests "$1")
  "${@:2}" >&2
  echo $(($(standin_requests "$1") - before))
}

# The file as bytes of DER, and DER as such a file.
to_der() {
  sed '/^-----/d' "$1" | base64 -d
}

to_pem() {
  echo '-----BEGIN SIGNSERVER KEY REFERENCE-----'
  base64 -w 64
  echo '-----END SIGNSERVER KEY REFERENCE-----'
}

# refused FILE SENTENCE: by who reads key files itself and by OSSL_STORE, with one entry of ours in the error queue.
refused() {
  run openssl pkey -in "$1" -noout
  assert_failure
  assert_contains "$2"
  assert_equal "$(grep -c 'error:.*signserver' <<<"$output")" 1
  run openssl s_server -accept 127.0.0.1:0 -cert "$STANDIN/EC.pem" -key "$1"
  assert_failure
  assert_contains "$2"
}

@test "a reference is a file with a label of its own, the worker's URI and public key, and nothing else" {
  for worker in $WORKERS; do
    assert_equal "$(head -n 1 "$FILES/$worker.key")" "-----BEGIN SIGNSERVER KEY REFERENCE-----"
    assert_equal "$(tail -n 1 "$FILES/$worker.key")" "-----END SIGNSERVER KEY REFERENCE-----"
    plain_openssl asn1parse -in "$FILES/$worker.key" >parsed
    grep -q "UTF8STRING *:SignServer key reference\$" parsed
    grep -q "UTF8STRING *:signserver:///$worker\$" parsed
    offset=$(sed -n '5s/^ *\([0-9]*\):d=1 .*/\1/p' parsed)
    to_der "$FILES/$worker.key" | tail -c +$((offset + 1)) | plain_openssl pkey -pubin -inform DER >pub
    diff pub "$FILES/$worker.pub"
  done
}

@test "a reference is read without a request, and a signature is one" {
  assert_equal "$(requests EC openssl pkey -in "$FILES/EC.key" -pubout -out pub)" 0
  diff pub "$FILES/EC.pub"
  assert_equal "$(requests EC openssl pkey -in "$FILES/EC.key" -check -noout)" 0
  assert_equal "$(requests EC openssl dgst -sha256 -sign "$FILES/EC.key" -out signature message)" 1
  verify EC signature -sha256
  assert_equal "$(requests EC openssl dgst -sha256 -prverify "$FILES/EC.key" -signature signature message)" 0
}

@test "a reference does what the URI does, in every order of the providers" {
  for order in last first preferred; do
    use_openssl_config $order
    for worker in RSA EC; do
      openssl dgst -sha256 -sign "$FILES/$worker.key" -out signature message
      verify $worker signature -sha256
      openssl pkey -in "$FILES/$worker.key" -out again
      diff again "$FILES/$worker.key"
      openssl pkey -in "signserver:$worker" -out again
      diff again "$FILES/$worker.key"
    done
    openssl dgst -sha256 -sign "$FILES/PSS.key" -sigopt rsa_padding_mode:pss -out signature message
    verify PSS signature -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
    openssl pkeyutl -sign -rawin -inkey "$FILES/ED.key" -in message -out signature
    plain_openssl pkeyutl -verify -rawin -pubin -inkey "$FILES/ED.pub" -in message -sigfile signature
  done
  export OPENSSL_CONF=/dev/null
  openssl dgst -provider default -provider signserver -sha256 -sign "$FILES/EC.key" -out signature message
  verify EC signature -sha256
}

@test "pkey shows what a reference stands for" {
  run openssl pkey -in "$FILES/EC.key" -text -noout
  assert_success
  assert_contains "Private key on a SignServer worker: signserver:///EC"
  openssl pkey -in "$FILES/EC.key" -text_pub -noout >text
  diff text <(plain_openssl pkey -pubin -in "$FILES/EC.pub" -noout -text)
  for check in -check -pubcheck; do
    run openssl pkey -in "$FILES/EC.key" $check -noout
    assert_success
    assert_contains "Key is valid"
  done
  run openssl storeutl -noout -text "$FILES/RSA.key"
  assert_success
  assert_contains "Private key on a SignServer worker: signserver:///RSA"
  assert_contains "Total found: 1"
}

@test "a reference names the host that the URI named, and not the file that it was pinned with" {
  host=$(sed 's,https://,,' "$STANDIN/url")
  openssl pkey -in "signserver://$host/EC?cert=$STANDIN/EC.pem" -out written
  run openssl pkey -in written -text -noout
  assert_contains "signserver://$host/EC"
  refute_contains cert
  openssl dgst -sha256 -sign written -out signature message
  verify EC signature -sha256
}

@test "ts answers with a reference, which it can only be given as a file" {
  plain_openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=ca -out ca.pem \
    -addext basicConstraints=critical,CA:true
  for worker in RSA EC; do
    openssl req -new -key "$FILES/$worker.key" -subj /CN=tsa -out tsa.csr
    plain_openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem \
      -extfile <(echo extendedKeyUsage=critical,timeStamping)
    printf '%s\n' '[tsa]' default_tsa=it '[it]' serial=serial default_policy=1.2.3.4 digests=sha256 \
      signer_digest=sha256 ess_cert_id_alg=sha256 >ts.cnf
    plain_openssl ts -query -data message -sha256 -cert -out request
    openssl ts -reply -config ts.cnf -queryfile request -inkey "$FILES/$worker.key" -signer tsa.pem -out response
    plain_openssl ts -verify -in response -queryfile request -CAfile ca.pem
  done
}

@test "req, x509, cms and spkac sign with a reference" {
  plain_openssl req -new -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=leaf -out leaf.csr
  for worker in RSA EC ED; do
    openssl req -new -x509 -key "$FILES/$worker.key" -subj /CN=ca -addext basicConstraints=critical,CA:true -out ca.pem
    openssl x509 -req -in leaf.csr -CA ca.pem -CAkey "$FILES/$worker.key" -CAcreateserial -out leaf.pem
    plain_openssl verify -CAfile ca.pem leaf.pem
  done
  for worker in RSA EC; do
    openssl cms -sign -in message -nodetach -signer "$STANDIN/$worker.pem" -inkey "$FILES/$worker.key" -outform DER \
      -out signed
    plain_openssl cms -verify -in signed -inform DER -noverify -out text
    openssl spkac -key "$FILES/$worker.key" -digest sha256 -out spkac
    plain_openssl spkac -in spkac -verify -noout
  done
}

@test "a certificate and a reference share a file, in either order" {
  cat "$STANDIN/EC.pem" "$FILES/EC.key" >after
  cat "$FILES/EC.key" "$STANDIN/EC.pem" >before
  sed 's/$/\r/' before >crlf
  (echo 'Of the web server:' && cat "$FILES/EC.key") >text
  for file in after before crlf text; do
    openssl pkey -in $file -pubout -out pub
    diff pub "$FILES/EC.pub"
    tls_server -key $file -cert "$STANDIN/EC.pem"
    OPENSSL_CONF=/dev/null tls_client -partial_chain -CAfile "$STANDIN/EC.pem" -purpose any
    tls_server_stop
  done
}

@test "a local key before a reference is the one that is read, and a passphrase is asked for as ever" {
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out local.pem
  plain_openssl pkey -in local.pem -aes256 -passout pass:secret -out encrypted.pem
  for file in local encrypted; do
    cat $file.pem "$FILES/EC.key" >both
    openssl pkey -in both -passin pass:secret -out read.pem
    diff read.pem local.pem
    cat "$FILES/EC.key" $file.pem >both
    openssl pkey -in both -passin pass:secret -out read.pem
    diff read.pem "$FILES/EC.key"
  done
}

@test "a TLS server and a TLS client have a reference for a key" {
  for worker in EC PSS ED; do
    for version in tls1_2 tls1_3; do
      tls_server -key "$FILES/$worker.key" -cert "$STANDIN/$worker.pem" "-$version"
      OPENSSL_CONF=/dev/null tls_client "-$version" -partial_chain -CAfile "$STANDIN/$worker.pem" -purpose any
      tls_server_stop
    done
  done
}

@test "curl, in which the provider uses libcurl for itself, has a reference for its client key" {
  # curl(1) under a preloaded sanitizer may wait for ever for setlocale(3)'s lock, without us as well.
  [ -z "${SANITIZE:-}" ] || skip 'curl does not bear a preloaded sanitizer'
  plain_openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -subj /CN=localhost -out server.pem
  for worker in EC PSS; do
    tls_server -key server.key -cert server.pem -Verify 1 -verify_return_error -partial_chain \
      -CAfile "$STANDIN/$worker.pem"
    run curl -sS --max-time 60 --cacert server.pem --resolve "localhost:$PORT:127.0.0.1" \
      --cert "$STANDIN/$worker.pem" --key "$FILES/$worker.key" "https://localhost:$PORT/"
    tls_server_stop
    assert_success
    assert_contains "Verify return code: 0 (ok)"
  done
}

@test "mender-artifact signs and validates with a reference, and says what is wrong with a damaged one" {
  write=(mender-artifact write module-image -T type -c device -n name -f message -o artifact --key)
  for worker in RSA EC; do
    "${write[@]}" "$FILES/$worker.key"
    mender-artifact validate artifact --key "$FILES/$worker.key"
    OPENSSL_CONF=/dev/null mender-artifact validate artifact --key "$FILES/$worker.pub"
  done
  sed '2s/./!/' "$FILES/EC.key" >damaged
  run "${write[@]}" damaged
  assert_failure
  assert_contains "the key reference is damaged"
}

@test "mender-artifact says what a reference needs where no configuration activates the provider" {
  unset OPENSSL_CONF
  run --separate-stderr mender-artifact write module-image -T type -c device -n name -f message -o artifact --key "$FILES/EC.key"
  assert_failure 1
  assert_contains "$FILES/EC.key refers to a key of the OpenSSL provider \"signserver\"; activate that in openssl.cnf"
  refute_exists artifact
  mkfifo pipe
  (cat "$FILES/EC.key" >pipe) &
  run --separate-stderr timeout 10 mender-artifact write module-image -T type -c device -n name -f message -o artifact --key pipe
  assert_failure 1
  assert_contains 'there is no private key in pipe'
}

@test "rsa and ec write a reference, and the public halves that they always did" {
  openssl rsa -in signserver:RSA -out written
  diff written "$FILES/RSA.key"
  openssl ec -in signserver:EC -out written
  diff written "$FILES/EC.key"
  openssl rsa -in "$FILES/RSA.key" -RSAPublicKey_out -outform DER -out written
  plain_openssl rsa -pubin -in "$FILES/RSA.pub" -RSAPublicKey_out -outform DER | cmp - written
  openssl pkey -in "$FILES/EC.key" -pubout -outform DER -out written
  plain_openssl pkey -pubin -in "$FILES/EC.pub" -pubout -outform DER | cmp - written
}

@test "what would have to hold the private key itself is refused, with the way out" {
  # shellcheck disable=SC2043
  while read -r command; do
    # shellcheck disable=SC2086
    run openssl $command -out written
    assert_failure
    assert_contains "stays on the server and cannot be written"
    assert_contains "openssl pkey -in signserver:///"
    [ ! -s written ]
  done <<COMMANDS
pkey -in signserver:RSA -outform DER
rsa -in signserver:RSA -outform DER
rsa -in signserver:RSA -traditional
ec -in signserver:EC -outform DER
pkcs8 -topk8 -nocrypt -in $FILES/EC.key
pkcs8 -topk8 -passout pass:secret -in $FILES/EC.key
pkcs12 -export -inkey signserver:RSA -in $STANDIN/RSA.pem -passout pass:secret
pkcs12 -export -inkey $FILES/EC.key -in $STANDIN/EC.pem -passout pass:secret
COMMANDS
}

@test "pkey -traditional writes nothing, and it is libcrypto that says so" {
  run openssl pkey -in signserver:RSA -traditional -out written
  assert_failure
  refute_contains ':signserver:'
  assert_contains PEM_write_bio_PrivateKey_traditional
  [ ! -s written ]
}

@test "a reference is not encrypted, because nothing in it is secret" {
  for command in "pkey -in signserver:RSA" "rsa -in signserver:RSA" "ec -in signserver:EC"; do
    # shellcheck disable=SC2086
    run openssl $command -aes256 -passout pass:secret -out written
    assert_failure
    assert_contains "leave out the cipher"
    [ ! -s written ]
  done
}

@test "a reference is a public key where a private key's file is one" {
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out local.key
  run plain_openssl pkey -pubin -in local.key -noout
  local expected=$status
  run openssl pkey -pubin -in "$FILES/EC.key" -noout
  assert_equal "$status" "$expected"
}

@test "a damaged reference is refused, in words" {
  to_der "$FILES/EC.key" >der
  head -c 100 der | to_pem >shorter
  refused shorter "cut short"
  (cat der && echo) | to_pem >longer
  refused longer "something follows it"
  sed 's,///EC,///E/,' der | to_pem >slash
  refused slash "in a key reference: signserver:///E/"
  sed 's,///EC,///E\x00,' der | to_pem >nul
  refused nul NUL
  sed 's/\x02\x01\x01/\x02\x01\x02/' der | to_pem >version
  refused version "another version than 1"
  sed '2s/./!/' "$FILES/EC.key" >base64
  refused base64 "no PEM"
  sed '$d' "$FILES/EC.key" >endless
  refused endless "no end"
  (head -n 1 "$FILES/EC.key" && head -c 100000 /dev/zero | base64 -w 64 && tail -n 1 "$FILES/EC.key") >huge
  refused huge "over 32768 bytes"
  (head -c 20000 /dev/zero | cat der - | to_pem) >padded
  refused padded "too long"
  sed '1a Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n' "$FILES/EC.key" >header
  refused header "no PEM without headers"
}

@test "a reference that names a file is refused, and the file is not opened" {
  mkfifo pipe # whoever opens it waits for ever
  uri="signserver:///EC?cert=pipe"
  to_der "$FILES/EC.key" >der
  # The lengths of the URI and of the whole grow by what is added: 10 bytes.
  (printf '\x30\x81\x94' && tail -c +4 der | sed "s,\x10signserver:///EC,\x1a$uri,") | to_pem >named
  run foreign timeout 10 openssl pkey -in named -noout
  assert_failure
  assert_contains "?cert="
}

@test "credentials do not go to a host that only the reference names" {
  openssl pkey -in "signserver://$(sed 's,https://,,' "$STANDIN/url")/GUARDED" -out guarded.key
  openssl dgst -sha256 -sign guarded.key -out signature message
  unset SIGNSERVER_HOSTNAME
  use_openssl_config last 'url = https://elsewhere.invalid'
  run openssl dgst -sha256 -sign guarded.key -out signature message
  assert_failure
  assert_contains "client authentication is required"
}

@test "a worker whose key was replaced does not sign with the reference any more" {
  openssl pkey -in signserver:CHANGES -out changes.key
  run openssl dgst -sha256 -sign changes.key -out signature message
  assert_failure
  assert_contains "worker CHANGES"
  assert_contains "another key"
  [ ! -s signature ]
}

@test "a pin that says otherwise than the reference is told" {
  mkdir pins
  use_openssl_config last "certificate-dir = $PWD/pins"
  cp "$STANDIN/EC.pem" pins/EC.pem
  openssl pkey -in "$FILES/EC.key" -noout
  for other in OTHER RSA; do
    cp "$STANDIN/$other.pem" pins/EC.pem
    refused "$FILES/EC.key" "certificate-dir pins it to"
    assert_contains "worker EC: "
    refute_contains "different key types"
  done
}

@test "a wrong setting is told when a reference is read, and is nothing to a key file" {
  use_openssl_config last 'timeout = soon'
  refused "$FILES/EC.key" "timeout"
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out local.pem
  openssl pkey -in local.pem -noout
}

# refuse_client_key SETTING-WITH-VARIABLE FILE: the connection's own key is a reference, and that is the one error.
refuse_client_key() {
  run foreign timeout 20 openssl dgst -sha256 -sign "$FILES/EC.key" -out signature message
  assert_failure 1
  assert_equal "$(grep -c ':error:' <<<"$output")" 1
  assert_contains "key needed for its own connection"
  assert_contains "$1: the key in $2 is on SignServer"
}

@test "a reference cannot be the client key of the connection that it needs, and the setting is named" {
  cat "$STANDIN/client.pem" "$FILES/EC.key" >both.pem
  for inner in '' 'inner-providers = default signserver'; do
    use_openssl_config last "$inner"
    export SIGNSERVER_CLIENT_CERT_PATH=$STANDIN/EC.pem SIGNSERVER_CLIENT_CERT_KEY_PATH=$FILES/EC.key
    refuse_client_key 'client-key (SIGNSERVER_CLIENT_CERT_KEY_PATH)' "$FILES/EC.key"
    unset SIGNSERVER_CLIENT_CERT_KEY_PATH
    export SIGNSERVER_CLIENT_CERT_PATH=$PWD/both.pem
    refuse_client_key 'client-cert (SIGNSERVER_CLIENT_CERT_PATH)' "$PWD/both.pem"
  done
}

# A key that is generated here is ours, and written by us.
@test "local keys are written as ever where the provider is listed first" {
  use_openssl_config first
  for type in "RSA -pkeyopt rsa_keygen_bits:2048" "EC -pkeyopt ec_paramgen_curve:P-256" ED25519; do
    # shellcheck disable=SC2086
    openssl genpkey -algorithm $type -out key
    assert_equal "$(head -n 1 key)" "-----BEGIN PRIVATE KEY-----"
    plain_openssl pkey -in key -check -noout
    # shellcheck disable=SC2086
    openssl genpkey -algorithm $type -outform DER -out key
    plain_openssl pkey -inform DER -in key -check -noout
    # shellcheck disable=SC2086
    openssl genpkey -algorithm $type -aes256 -pass pass:secret -out key
    assert_equal "$(head -n 1 key)" "-----BEGIN ENCRYPTED PRIVATE KEY-----"
    plain_openssl pkey -in key -passin pass:secret -check -noout
    run plain_openssl pkey -in key -passin pass:wrong -noout
    assert_failure
  done
  openssl ecparam -name prime256v1 -genkey -noout -out key
  assert_equal "$(head -n 1 key)" "-----BEGIN EC PRIVATE KEY-----"
  plain_openssl pkey -in key -check -noout
  openssl ecparam -name prime256v1 -genkey -noout -outform DER -out key
  plain_openssl ec -inform DER -in key -check -noout
  openssl genrsa -traditional -aes128 -passout pass:secret -out key 2048
  assert_equal "$(head -n 2 key | paste -sd ' ')" "-----BEGIN RSA PRIVATE KEY----- Proc-Type: 4,ENCRYPTED"
  plain_openssl pkey -in key -passin pass:secret -check -noout
}
