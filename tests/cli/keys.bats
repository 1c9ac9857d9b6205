#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Keys of every kind, for signing and for verifying: passphrases, several keys, and keys that devices do not take.

load ../helpers/common
load ../helpers/openssl

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  mender-artifact write module-image -T t -c c -n n -o unsigned.mender
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.pem
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem
  plain_openssl genpkey -algorithm ED25519 -out ed.pem
  plain_openssl pkey -in p256.pem -aes256 -passout pass:opensesame -out encrypted.pem
  plain_openssl req -new -x509 -key p256.pem -subj /CN=x -days 2 -out certificate.pem
  local key
  for key in p256 p384 ed; do
    plain_openssl pkey -in $key.pem -pubout -out $key.pub
  done
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  cp "$BATS_FILE_TMPDIR"/* .
  printf 'opensesame\nsecond line\n' >passphrase
}

# sign KEY [OPTION...]
sign() {
  run --separate-stderr mender-artifact sign unsigned.mender -o signed.mender -k "$@"
}

# validate OPTION...
validate() {
  run --separate-stderr mender-artifact validate signed.mender "$@"
}

# ---- Forms of files ----

@test "EC PARAMETERS in front of a key, as openssl writes it, do no harm" {
  plain_openssl ecparam -genkey -name prime256v1 -out plain.pem
  grep -q 'BEGIN EC PARAMETERS' plain.pem
  sign plain.pem
  assert_success
  validate -k plain.pem
  assert_success
}

@test "signatures are verified with a public key, a certificate, or the private key, as PEM and as DER" {
  sign p256.pem
  assert_success
  plain_openssl x509 -in certificate.pem -outform DER -out certificate.der
  plain_openssl pkey -pubin -in p256.pub -outform DER -out p256.der
  for key in p256.pub certificate.pem p256.pem certificate.der p256.der; do
    validate -k $key
    assert_success
  done
}

# ---- None ----

@test "an empty key, as a variable that is not set gives it, is no wish to have nothing signed or verified" {
  local option
  for option in --key --keyfactor-signserver-worker --key-pkcs11 --azure-key; do
    run --separate-stderr mender-artifact write module-image -T t -c c -n n -o written.mender $option ''
    assert_failure 1
    assert_equal "$stderr" "$option is empty: name a key, or leave the option out"
    refute_exists written.mender
    run --separate-stderr mender-artifact sign unsigned.mender -o signed.mender $option ''
    assert_failure 1
    assert_contains "$option is empty"
    refute_exists signed.mender
    for command in read validate; do
      run --separate-stderr mender-artifact $command unsigned.mender $option=
      assert_failure 1
      refute_output
      assert_contains "$option is empty"
    done
  done
  run --separate-stderr mender-artifact sign unsigned.mender -o signed.mender --keyfactor-signserver-worker '' -k p256.pem
  assert_success
}

# ---- Passphrases ----

@test "the passphrase of a key is the first line of --key-passphrase-file, for each command that takes a key" {
  sign encrypted.pem --key-passphrase-file passphrase
  assert_success
  validate -k encrypted.pem --key-passphrase-file passphrase
  assert_success
  mender-artifact write module-image -T t -c c -n n -k encrypted.pem --key-passphrase-file passphrase -o written.mender
  mender-artifact validate written.mender -k p256.pub
  printf 'opensesame\r\n' >passphrase
  sign encrypted.pem --key-passphrase-file passphrase
  assert_success
  printf 'opensesame' >passphrase
  sign encrypted.pem --key-passphrase-file <(cat passphrase)
  assert_success
}

@test "without a terminal and without a file for the passphrase, the option is named, and nothing is waited for" {
  run --separate-stderr setsid mender-artifact sign unsigned.mender -k encrypted.pem -o signed.mender <<<opensesame
  assert_failure 1
  assert_contains 'encrypted.pem is protected by a passphrase'
  assert_contains '--key-passphrase-file'
  refute_exists signed.mender
}

@test "a passphrase that does not fit, or cannot be read, is an error that names the file" {
  echo wrong >passphrase
  sign encrypted.pem --key-passphrase-file passphrase
  assert_failure 1
  assert_contains 'encrypted.pem can not be decrypted with this passphrase'
  sign encrypted.pem --key-passphrase-file none
  assert_failure 1
  assert_contains '--key-passphrase-file none: No such file or directory'
  : >passphrase
  sign encrypted.pem --key-passphrase-file passphrase
  assert_failure 1
  assert_contains '--key-passphrase-file passphrase: its first line is empty'
  head -c 5000 /dev/zero | tr '\0' x >passphrase
  sign encrypted.pem --key-passphrase-file passphrase
  assert_failure 1
  assert_contains 'too long'
  refute_exists signed.mender
}

@test "who sits at a terminal is asked" {
  script -qec true /dev/null >/dev/null 2>&1 || skip 'no terminal can be made here'
  run script -qec 'mender-artifact sign unsigned.mender -k encrypted.pem -o signed.mender' /dev/null <<<opensesame
  assert_success
  assert_contains 'Passphrase of encrypted.pem: '
  validate -k p256.pub
  assert_success
}

# ---- Several ----

@test "any of several keys, or of a directory of keys, may have signed" {
  sign p256.pem
  validate -k p384.pub -k p256.pub
  assert_success
  mkdir -p keys/sub
  cp p384.pub keys/1-old.pem
  cp certificate.pem keys/2-new.pem
  echo 'no key' >keys/.hidden
  validate -k keys
  assert_success
  mender-artifact read signed.mender -k keys | grep -q 'signed and verified correctly'
  rm keys/2-new.pem
  validate -k keys
  assert_failure 5
  cp p256.pub keys/3.pem
  validate -k keys -k p384.pub
  assert_success
}

@test "when none of several keys fits, how many there were is said" {
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem
  sign p256.pem
  validate -k other.pem -k p384.pub
  assert_failure 5
  assert_contains 'none of the 2 keys fits'
}

@test "a file in a directory of keys that is none is named, and so is a directory without keys" {
  sign p256.pem
  mkdir keys
  validate -k keys
  assert_failure 1
  assert_contains 'keys: there is no key in this directory'
  cp p256.pub keys/a.pem
  echo 'about these keys' >keys/README
  validate -k keys
  assert_failure 1
  assert_contains 'keys/README'
}

@test "with other key options beside it, --key is still one of too many" {
  sign p256.pem
  validate -k p256.pub -k p384.pub --keyfactor-signserver-worker W
  assert_failure 1
  assert_contains 'too many signing keys given: [key keyfactor-signserver-worker]'
}

# ---- What devices take ----

@test "P-384 signs and verifies, with a warning about the devices that do not take it" {
  sign p384.pem
  assert_success
  assert_contains 'warning: p384.pem: signatures with an EC P-384 key are verified by devices with the C++ client'
  validate -k p384.pub
  assert_success
  assert_contains 'warning: signatures with an EC P-384 key'
  # DER, which is what these devices expect.
  tar -xOf signed.mender manifest.sig | base64 -d >signature
  tar -xOf signed.mender manifest >manifest
  plain_openssl dgst -sha256 -verify p384.pub -signature signature manifest
}

@test "a key that no device verifies with is refused, unless that is allowed" {
  sign ed.pem
  assert_failure 1
  assert_contains 'keys of type ED25519 are not supported: devices verify RSA'
  assert_contains '--allow-unsupported'
  refute_exists signed.mender
  run --separate-stderr mender-artifact write module-image -T t -c c -n n -k ed.pem -o signed.mender
  assert_failure 1
  refute_exists signed.mender

  sign ed.pem --allow-unsupported
  assert_success
  assert_contains 'warning: ed.pem: no device verifies signatures with such a key'
  mender-artifact write module-image -T t -c c -n n -k ed.pem -o written.mender --allow-unsupported
  validate -k ed.pub
  assert_failure 1
  assert_contains '--allow-unsupported'
  validate -k ed.pub --allow-unsupported
  assert_success
  assert_contains 'warning: no device verifies'
  tar -xOf signed.mender manifest.sig | base64 -d >signature
  tar -xOf signed.mender manifest >manifest
  plain_openssl pkeyutl -verify -rawin -pubin -inkey ed.pub -sigfile signature -in manifest
}

@test "RSA-PSS keys and other curves sign where that is allowed, and verify" {
  plain_openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.pem
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.pem
  for key in pss p521; do
    sign $key.pem
    assert_failure 1
    sign $key.pem --allow-unsupported
    assert_success
    validate -k $key.pem --allow-unsupported
    assert_success
  done
}
