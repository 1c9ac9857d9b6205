#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# openssl's commands with a key on a worker. What they make is verified by an openssl that has never heard of us, with
# the worker's public key.

load ../helpers/common
load ../helpers/standin
load ../helpers/openssl

# restricted_key DIGEST SALT [DIGEST-OF-MGF1]: the file of an RSA-PSS key that signs with nothing else.
restricted_key() {
  local file=$BATS_FILE_TMPDIR/$1-$2-${3:-$1}.key
  plain_openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt "rsa_pss_keygen_md:sha$1" \
    -pkeyopt "rsa_pss_keygen_mgf1_md:sha${3:-$1}" -pkeyopt "rsa_pss_keygen_saltlen:$2" -out "$file" 2>/dev/null
  echo "$file"
}

# The same as the settings of a worker whose certificate alone knows of it: to SignServer's tokens an RSA key is an RSA key.
restricted_certificate() {
  local file
  file=$(restricted_key "$@")
  plain_openssl req -x509 -key "$file" -subj /CN=restricted -out "${file%.key}.pem"
  plain_openssl rsa -in "$file" -traditional 2>/dev/null | sed 's/RSA-PSS /RSA /' >"${file%.key}.rsa"
  echo "key=${file%.key}.rsa,cert=${file%.key}.pem"
}

setup_file() {
  standin_start --worker RSA --worker EC,key=p-256 --worker P384,key=p-384 \
    --worker PSS,SIGNATUREALGORITHM=NONEwithRSAandMGF1 --worker ED,key=ed25519 \
    --worker HASHES,SIGNATUREALGORITHM=SHA256withRSA,CLIENTSIDEHASHING=false \
    --worker RAW,CLIENTSIDEHASHING=false --worker RAWEC,key=p-256,CLIENTSIDEHASHING=false \
    --worker EITHER,ALLOW_CLIENTSIDEHASHING_OVERRIDE=true \
    --worker TWICE,SIGNATUREALGORITHM=SHA256withRSA,ALLOW_CLIENTSIDEHASHING_OVERRIDE=true,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-256 \
    --worker ONLY384,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-384 \
    --worker MISFIT,SIGNATUREALGORITHM=NONEwithECDSA \
    --worker ONLY1,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-1 \
    --worker ONLY224,key=p-256,ACCEPTED_HASH_DIGEST_ALGORITHMS=SHA-224 \
    --worker "PSS384,key=$(restricted_key 384 48),SIGNATUREALGORITHM=NONEwithRSAandMGF1" \
    --worker "PSS20,key=$(restricted_key 256 20),SIGNATUREALGORITHM=NONEwithRSAandMGF1" \
    --worker "CERT384,$(restricted_certificate 384 48),SIGNATUREALGORITHM=NONEwithRSAandMGF1" \
    --worker "CERT512,$(restricted_certificate 512 64),SIGNATUREALGORITHM=SHA256withRSAandMGF1" \
    --worker "MASK1,$(restricted_certificate 256 32 1),SIGNATUREALGORITHM=NONEwithRSAandMGF1" \
    --worker LIES,fault=after-1:bad-signature --worker CHANGES,fault=after-1:other-key \
    --worker SHOWSOTHER,fault=other-certificate --worker SHOWSNONE,fault=missing-certificate
  for worker in RSA EC P384 PSS ED HASHES RAW RAWEC EITHER TWICE ONLY384 ONLY1 ONLY224 PSS384 PSS20 CERT384 CERT512 MASK1 LIES CHANGES SHOWSOTHER SHOWSNONE; do
    plain_openssl x509 -in "$STANDIN/$worker.pem" -noout -pubkey >"$STANDIN/$worker.pub"
  done
}

teardown_file() {
  standin_stop
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  use_openssl_config last
  echo 'a message' >message
  plain_openssl dgst -sha256 -binary -out digest message
}

verify() {
  plain_openssl dgst "${@:3}" -verify "$STANDIN/$1.pub" -signature "$2" message
}

refute() {
  ! "$@"
}

# requests WORKER COMMAND...: runs the command, and prints how many requests it made to the worker.
requests() {
  local before
  before=$(standin_requests "$1")
  "${@:2}" >&2
  echo $(($(standin_requests "$1") - before))
}

@test "storeutl shows key and certificate" {
  for worker in RSA EC; do
    run openssl storeutl -noout -text "signserver:$worker"
    assert_success
    assert_contains "Private key on a SignServer worker: signserver:///$worker"
    assert_contains "0: Pkey"
    assert_contains "1: Certificate"
    assert_contains "Total found: 2"
  done
}

@test "storeutl honours what is expected" {
  run openssl storeutl -noout -certs signserver:RSA
  assert_success
  assert_contains "Total found: 1"
  run openssl storeutl -noout -keys signserver:RSA
  assert_success
  assert_contains "Total found: 1"
  assert_equal "$(requests RSA openssl storeutl -noout -crls signserver:RSA)" 0
}

@test "storeutl refuses search criteria that the provider does not filter by" {
  run openssl storeutl -certs -subject /CN=x signserver:RSA
  assert_failure
}

@test "pkey gives the public half" {
  for worker in RSA EC P384 PSS ED; do
    openssl pkey -in "signserver:$worker" -pubout -out pub
    diff pub "$STANDIN/$worker.pub"
    openssl pkey -in "signserver:$worker" -noout -check
    openssl pkey -in "signserver:$worker" -noout -text_pub >text
    diff text <(plain_openssl pkey -pubin -in "$STANDIN/$worker.pub" -noout -text)
  done
}

@test "pkey -text says where the private key is" {
  run openssl pkey -in signserver:EC -text -noout
  assert_success
  assert_contains "Private key on a SignServer worker: signserver:///EC"
  assert_contains "NIST CURVE: P-256"
}

@test "a public point is written in the form that was asked for, of one key and not of another" {
  openssl pkey -in signserver:EC -pubout -ec_conv_form compressed -out pub
  diff pub <(plain_openssl pkey -pubin -in "$STANDIN/EC.pub" -pubout -ec_conv_form compressed)
  openssl ec -in signserver:EC -pubout -out pub
  diff pub "$STANDIN/EC.pub"
}

@test "RSA encrypts with the public half, and what only the private one can do names the worker" {
  openssl pkeyutl -encrypt -inkey signserver:RSA -in digest -pkeyopt rsa_padding_mode:oaep -out encrypted
  run openssl pkeyutl -decrypt -inkey signserver:RSA -in encrypted -pkeyopt rsa_padding_mode:oaep
  assert_failure
  assert_contains "worker RSA"
  assert_contains "signs and does not decrypt"
}

@test "x509 shows the certificate" {
  for worker in RSA EC; do
    openssl x509 -in "signserver:$worker" -out certificate.pem
    diff <(plain_openssl x509 -in certificate.pem -outform DER | sha256sum) \
      <(plain_openssl x509 -in "$STANDIN/$worker.pem" -outform DER | sha256sum)
  done
}

@test "dgst signs" {
  for worker in RSA EC P384 HASHES RAW RAWEC EITHER TWICE; do
    openssl dgst -sha256 -sign "signserver:$worker" -out signature message
    verify "$worker" signature -sha256
    openssl dgst -sha256 -prverify "signserver:$worker" -signature signature message
  done
}

@test "dgst signs with every digest that the worker takes" {
  for md in sha384 sha512; do
    for worker in RSA EC RAW RAWEC; do
      openssl dgst -$md -sign "signserver:$worker" -out signature message
      verify "$worker" signature -$md
    done
  done
  openssl dgst -sha384 -sign signserver:ONLY384 -out signature message
  verify ONLY384 signature -sha384
}

@test "dgst without a digest uses the one of the worker, or the usual one" {
  for worker in RSA HASHES; do
    openssl dgst -sign "signserver:$worker" -out signature message
    verify "$worker" signature -sha256
  done
}

@test "dgst signs an empty file" {
  : >message
  for worker in RSA EC HASHES RAW; do
    openssl dgst -sha256 -sign "signserver:$worker" -out signature message
    verify "$worker" signature -sha256
  done
}

@test "dgst signs PSS, with the salt that a worker makes, whatever is left open" {
  for salt in digest 32 auto -2; do
    openssl dgst -sha256 -sign signserver:PSS -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:$salt \
      -out signature message
    verify PSS signature -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
  done
  openssl dgst -sha512 -sign signserver:PSS -sigopt rsa_padding_mode:pss -out signature message
  verify PSS signature -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:64
}

@test "a key that is restricted to a salt which no worker makes signs only where the worker's is asked for" {
  for uri in signserver:PSS20 "signserver:PSS20?cert=$STANDIN/PSS20.pem"; do
    run openssl dgst -sha256 -sign "$uri" -out sig message
    assert_failure
    assert_contains "the key of worker PSS20 is restricted to PSS salts of 20 bytes"
    assert_contains SIGNATUREALGORITHM
    [ ! -s sig ]
    for length in digest 32 auto; do
      openssl dgst -sha256 -sign "$uri" -sigopt "rsa_pss_saltlen:$length" -out sig message
      verify PSS20 sig -sha256 -sigopt rsa_pss_saltlen:digest
      rm sig
    done
  done
  assert_equal "$(requests PSS20 refute openssl dgst -sha256 -sign "signserver:PSS20?cert=$STANDIN/PSS20.pem" message)" 0
}

@test "a key that is restricted to a longer salt than the digest's does not sign, whatever is asked for" {
  plain_openssl pkey -in "$(restricted_key 256 48)" -pubout -out long.pub
  for option in "" "-sigopt rsa_pss_saltlen:auto"; do
    # shellcheck disable=SC2086
    run openssl dgst -sha256 -sign "signserver:PSS20?cert=$PWD/long.pub" $option message
    assert_failure
    assert_contains "the key of worker PSS20 is restricted to PSS salts of 48 bytes"
    assert_contains "without that restriction"
  done
}

@test "a key that is restricted to another digest for MGF1 than the digest does not sign, and says so, pinned or not" {
  for uri in signserver:MASK1 "signserver:MASK1?cert=$STANDIN/MASK1.pem"; do
    run openssl dgst -sha256 -sign "$uri" -out sig message
    assert_failure
    assert_contains "the key of worker MASK1 is restricted to MGF1 with SHA1"
    assert_contains "the worker uses the digest for MGF1 as well (its SIGNATUREALGORITHM), here SHA256"
    assert_contains "without that restriction"
    [ ! -s sig ]
  done
  assert_equal "$(requests MASK1 refute openssl dgst -sha256 -sign "signserver:MASK1?cert=$STANDIN/MASK1.pem" message)" 0
}

@test "a worker that hashes with another digest than its key is restricted to is told so" {
  run openssl dgst -sha512 -sign signserver:CERT512 -out sig message
  assert_failure
  assert_contains "worker CERT512 at"
  assert_contains "whose RSA-PSS key is restricted to SHA512"
  [ ! -s sig ]
}

@test "a key that is restricted to one digest signs a bare digest without its name" {
  plain_openssl dgst -sha384 -binary -out digest message
  openssl pkeyutl -sign -inkey signserver:PSS384 -in digest -out sig
  verify PSS384 sig -sha384
}

@test "PSS of a PKCS#1 worker, and the reverse, names what decides it" {
  run openssl dgst -sha256 -sign signserver:RSA -sigopt rsa_padding_mode:pss -out signature message
  assert_failure
  assert_contains "worker RSA signs PKCS#1 v1.5"
  assert_contains SIGNATUREALGORITHM
  run openssl dgst -sha256 -sign signserver:PSS -out signature message
  assert_failure
  assert_contains "worker PSS signs RSASSA-PSS"
  [ ! -s signature ]
}

@test "pkeyutl signs a digest" {
  for worker in RSA EC P384 RAW RAWEC; do
    openssl pkeyutl -sign -inkey "signserver:$worker" -in digest -pkeyopt digest:sha256 -out signature
    verify "$worker" signature -sha256
    openssl pkeyutl -verify -inkey "signserver:$worker" -in digest -pkeyopt digest:sha256 -sigfile signature
  done
  openssl pkeyutl -sign -inkey signserver:PSS -in digest -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss \
    -out signature
  verify PSS signature -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
}

@test "pkeyutl knows a digest by its length (EC) or by its DigestInfo (RSA), and asks for its name otherwise" {
  openssl pkeyutl -sign -inkey signserver:EC -in digest -out signature
  verify EC signature -sha256
  printf '\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20' | cat - digest >info
  openssl pkeyutl -sign -inkey signserver:RSA -in info -out signature
  verify RSA signature -sha256
  run openssl pkeyutl -sign -inkey signserver:RSA -in digest -out signature
  assert_failure
  assert_contains "-pkeyopt digest:sha256"
}

@test "pkeyutl -rawin signs a message" {
  for worker in RSA EC HASHES RAW; do
    openssl pkeyutl -sign -rawin -digest sha256 -inkey "signserver:$worker" -in message -out signature
    verify "$worker" signature -sha256
  done
  openssl pkeyutl -sign -rawin -inkey signserver:ED -in message -out signature
  plain_openssl pkeyutl -verify -rawin -pubin -inkey "$STANDIN/ED.pub" -in message -sigfile signature
}

@test "a worker that hashes for itself does not sign a digest, and says which property changes that" {
  run openssl pkeyutl -sign -inkey signserver:HASHES -in digest -pkeyopt digest:sha256 -out signature
  assert_failure
  assert_contains "worker HASHES"
  assert_contains CLIENTSIDEHASHING
}

@test "a worker that hashes for itself names its digest when another one is asked for" {
  run openssl dgst -sha512 -sign signserver:HASHES -out signature message
  assert_failure
  assert_contains "worker HASHES hashes with SHA256"
}

@test "a digest that cannot be sent is refused with its name, pinned or not, and one that is never asked for" {
  for uri in signserver:RSA "signserver:RSA?cert=$STANDIN/RSA.pem"; do
    run openssl dgst -sha3-256 -sign "$uri" -out signature message
    assert_failure
    assert_contains "worker RSA cannot be sent a SHA3-256 digest; SHA-256, SHA-384 and SHA-512 are those"
    run openssl dgst -sha512-256 -sign "$uri" -out signature message
    assert_failure
    assert_contains "worker RSA: sha512-256 is not among the digests that SignServer is asked for"
    [ ! -s signature ]
  done
}

# Pinned, so that nothing but the message would be sent; whether the worker's ways are known makes no difference.
@test "a message that is longer than max-message is not sent, and the sentence is the same for every worker" {
  use_openssl_config last 'max-message = 1000' "certificate-dir = $STANDIN"
  head -c 1001 /dev/zero >message
  before=$(standin_requests ED)
  run openssl pkeyutl -sign -rawin -inkey signserver:ED -in message -out signature
  assert_failure
  assert_contains "worker ED hashes for itself, and a message of 1001 bytes is longer than the setting max-message lets through (1000)"
  assert_equal "$(standin_requests ED)" "$before"
  for uri in signserver:HASHES "signserver:HASHES?cert=$STANDIN/HASHES.pem"; do
    run openssl dgst -sha256 -sign "$uri" -out signature message
    assert_failure
    assert_contains "worker HASHES hashes for itself, and a message of 1001 bytes is longer than the setting max-message lets through (1000)"
  done
  openssl dgst -sha256 -sign signserver:RSA -out signature message
  verify RSA signature -sha256
  head -c 1000 /dev/zero >message
  openssl dgst -sha256 -sign signserver:HASHES -out signature message
  verify HASHES signature -sha256
}

@test "req makes certificates and requests" {
  for worker in RSA EC P384 ED HASHES RAW; do
    openssl req -new -x509 -key "signserver:$worker" -subj /CN=x -out certificate.pem
    plain_openssl verify -CAfile certificate.pem certificate.pem
    diff <(plain_openssl x509 -in certificate.pem -noout -pubkey) "$STANDIN/$worker.pub"
    openssl req -new -key "signserver:$worker" -subj /CN=x -out request.pem
    plain_openssl req -in request.pem -noout -verify
  done
  openssl req -new -x509 -key signserver:PSS -subj /CN=x -sigopt rsa_padding_mode:pss -out certificate.pem
  plain_openssl verify -CAfile certificate.pem certificate.pem
}

@test "x509 -req signs as an authority" {
  plain_openssl req -new -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=leaf -out leaf.csr
  for worker in RSA EC; do
    openssl req -new -x509 -key "signserver:$worker" -subj /CN=authority -addext basicConstraints=critical,CA:true \
      -out ca.pem
    openssl x509 -req -in leaf.csr -CA ca.pem -CAkey "signserver:$worker" -CAcreateserial -out leaf.pem
    plain_openssl verify -CAfile ca.pem leaf.pem
  done
  run openssl x509 -req -in leaf.csr -CA "$STANDIN/EC.pem" -CAkey signserver:RSA -CAcreateserial -out leaf.pem
  assert_failure
}

@test "cms signs" {
  for worker in RSA EC HASHES; do
    openssl cms -sign -in message -nodetach -signer "$STANDIN/$worker.pem" -inkey "signserver:$worker" -outform DER \
      -out signed
    plain_openssl cms -verify -in signed -inform DER -noverify -out text
    diff text <(sed 's/$/\r/' message)
  done
  openssl cms -sign -in message -nodetach -signer signserver:RSA -inkey signserver:RSA -outform DER -out signed
  plain_openssl cms -verify -in signed -inform DER -noverify -out text
  openssl cms -sign -in message -nodetach -noattr -signer signserver:RSA -inkey signserver:RSA -outform DER -out signed
  plain_openssl cms -verify -in signed -inform DER -noverify -out text
  openssl cms -sign -in message -nodetach -signer signserver:PSS -inkey signserver:PSS -keyopt rsa_padding_mode:pss \
    -outform DER -out signed
  plain_openssl cms -verify -in signed -inform DER -noverify -out text
}

@test "a TLS server has its key on a worker" {
  for worker in EC PSS ED; do
    for version in tls1_2 tls1_3; do
      tls_server -key "signserver:$worker" -cert "$STANDIN/$worker.pem" "-$version"
      OPENSSL_CONF=/dev/null tls_client "-$version" -partial_chain -CAfile "$STANDIN/$worker.pem" -purpose any
      tls_server_stop
    done
  done
}

@test "all of this in every order of the providers" {
  for order in first preferred; do
    use_openssl_config $order
    for worker in RSA EC HASHES; do
      openssl pkey -in "signserver:$worker" -pubout -out pub
      diff pub "$STANDIN/$worker.pub"
      openssl dgst -sha256 -sign "signserver:$worker" -out signature message
      verify "$worker" signature -sha256
      openssl req -new -x509 -key "signserver:$worker" -subj /CN=x -out certificate.pem
      plain_openssl verify -CAfile certificate.pem certificate.pem
    done
  done
  OPENSSL_CONF=/dev/null openssl dgst -provider default -provider signserver -sha256 -sign signserver:EC \
    -out signature message
  verify EC signature -sha256
}

@test "a configuration that asks for FIPS of everything opens no key, and one that prefers it does" {
  use_openssl_config last
  printf 'default_properties = fips=yes\n' >>"$OPENSSL_CONF"
  run openssl dgst -sha256 -sign signserver:EC -out sig message
  assert_failure
  assert_contains 'No store loader found'
  use_openssl_config last
  printf 'default_properties = ?fips=yes\n' >>"$OPENSSL_CONF"
  openssl dgst -sha256 -sign signserver:EC -out sig message
  verify EC sig -sha256
}

@test "the scheme is read without regard to case, and with slashes it is no file of that name" {
  touch signserver:RSA
  openssl dgst -sha256 -sign SIGNSERVER:RSA -out signature message
  verify RSA signature -sha256
  openssl dgst -sha256 -sign signserver:///RSA -out signature message
  verify RSA signature -sha256
}

@test "a signature is one request with a pin, and two without; a public key none, and one" {
  assert_equal "$(requests RSA openssl pkey -in signserver:RSA -noout)" 1
  assert_equal "$(requests RSA openssl dgst -sha256 -sign signserver:RSA -out signature message)" 2
  pin="?cert=$STANDIN/RSA.pem"
  assert_equal "$(requests RSA openssl pkey -in "signserver:RSA$pin" -pubout -out pub)" 0
  diff pub "$STANDIN/RSA.pub"
  assert_equal "$(requests RSA openssl x509 -in "signserver:RSA$pin" -noout)" 0
  assert_equal "$(requests RSA openssl dgst -sha256 -sign "signserver:RSA$pin" -out signature message)" 1
  verify RSA signature -sha256
  assert_equal "$(requests RSA openssl dgst -sha256 -prverify "signserver:RSA$pin" -signature signature message)" 0
}

@test "a worker that accepts one digest only, whichever it is, opens without a pin" {
  for worker in ONLY384:sha384 ONLY1:sha1 ONLY224:sha224 PSS384:sha384 CERT384:sha384; do
    openssl dgst "-${worker#*:}" -sign "signserver:${worker%:*}" -out sig message
    verify "${worker%:*}" sig "-${worker#*:}"
  done
}

@test "a worker that signs no digest at all is one error, with what may be wrong" {
  run openssl pkey -in signserver:MISFIT -noout
  assert_failure
  assert_contains "worker MISFIT at"
  assert_contains "Error initializing signer (the key of the worker, its SIGNATUREALGORITHM and the digest do not fit)"
  assert_equal "$(grep -c error:4080 <<<"$output")" 1
}

@test "certificate-dir pins, as certificate or as public key, PEM or DER" {
  mkdir pins
  cp "$STANDIN/RSA.pem" pins/
  cp "$STANDIN/EC.pub" pins/EC.pem
  plain_openssl x509 -in "$STANDIN/PSS.pem" -outform DER -out pins/PSS.pem
  plain_openssl pkey -pubin -in "$STANDIN/P384.pub" -pubout -outform DER -out pins/P384.pem
  use_openssl_config last "certificate-dir = $PWD/pins"
  for worker in RSA EC PSS P384; do
    assert_equal "$(requests $worker openssl pkey -in signserver:$worker -pubout -out pub)" 0
    diff pub "$STANDIN/$worker.pub"
  done
  assert_equal "$(requests EC openssl dgst -sha256 -sign signserver:EC -out signature message)" 1
  verify EC signature -sha256
  run openssl x509 -in signserver:EC -noout
  assert_failure
  assert_contains "worker EC is pinned to a public key"
  assert_equal "$(requests ED openssl pkey -in signserver:ED -noout)" 2
}

@test "a pinned worker's ways are learnt with its first signature" {
  for worker in HASHES RAW RAWEC TWICE; do
    openssl dgst -sha256 -sign "signserver:$worker?cert=$STANDIN/$worker.pem" -out signature message
    verify $worker signature -sha256
  done
  run openssl dgst -sha256 -sign "signserver:PSS?cert=$STANDIN/PSS.pem" -out signature message
  assert_failure
  assert_contains "worker PSS signs RSASSA-PSS"
}

# One that takes a digest, and one that is asked with a probe, because it takes messages only.
@test "a key of another type than the pinned one is one error that says so" {
  for worker in RSA HASHES; do
    run openssl dgst -sha256 -sign "signserver:$worker?cert=$STANDIN/EC.pem" -out signature message
    assert_failure
    assert_contains 'answer from another key'
    assert_equal "$(grep -c ':error:' <<<"$output")" 1
    [ ! -s signature ]
  done
}

@test "a key that is not the pinned one is refused" {
  run openssl dgst -sha256 -sign "signserver:RSA?cert=$STANDIN/RAW.pem" -out signature message
  assert_failure
  assert_contains "signed with another key"
  [ ! -s signature ]
}

@test "a signature that does not verify is not handed out" {
  run openssl dgst -sha256 -sign signserver:LIES -out signature message
  assert_failure
  assert_contains "worker LIES at localhost"
  assert_contains "does not verify"
  [ ! -s signature ]
}

@test "a key that changes between probe and signature is noticed" {
  run openssl dgst -sha256 -sign signserver:CHANGES -out signature message
  assert_failure
  assert_contains "worker CHANGES"
  assert_contains "another key"
}

@test "a certificate of another key is not believed" {
  run openssl pkey -in signserver:SHOWSOTHER -noout
  assert_failure
  assert_contains "does not verify under its certificate"
}

@test "a worker that shows no certificate needs a pin" {
  run openssl pkey -in signserver:SHOWSNONE -noout
  assert_failure
  assert_contains certificate-dir
  openssl dgst -sha256 -sign "signserver:SHOWSNONE?cert=$STANDIN/SHOWSNONE.pem" -out signature message
  verify SHOWSNONE signature -sha256
}

@test "a worker that does not exist is one error that names it" {
  run openssl pkey -in signserver:nobody -noout
  assert_failure
  assert_contains "No such worker: nobody"
  assert_equal "$(grep -c 'error:.*signserver' <<<"$output")" 1
}

@test "a worker's name cannot lead to another path" {
  for uri in signserver:. signserver:.. signserver:%2e%2e signserver:a%2Fb signserver: signserver:a%00; do
    run openssl pkey -in $uri -noout
    assert_failure
  done
}
