#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Keys on a PKCS#11 token (SoftHSM's) for artifacts, through PKCS11_SERVICE: the provider that Debian has since 13 (pkcs11-provider),
# or libp11's engine, where no provider serves them.

load ../helpers/common
load ../helpers/openssl

# What token and engine leave behind at the end of a process is not ours.
[ -z "${SANITIZE:-}" ] || export ASAN_OPTIONS=detect_leaks=0

SERVICE=${PKCS11_SERVICE:-engine}

# Why there is nothing to test; nothing when there is.
obstacle() {
  type -P softhsm2-util >/dev/null && [ -n "$PKCS11_MODULE_PATH" ] || echo 'SoftHSM is not installed'
  case $SERVICE in
  engine) [ -n "$(find /usr/lib -path '*/engines-3/pkcs11.so')" ] || echo "libp11's engine is not installed" ;;
  provider) [ -e "$OPENSSL_MODULES/pkcs11.so" ] || echo 'pkcs11-provider is not installed' ;;
  esac
}

setup_file() {
  export SOFTHSM2_CONF=$BATS_FILE_TMPDIR/softhsm2.conf
  mkdir "$BATS_FILE_TMPDIR/tokens"
  echo "directories.tokendir = $BATS_FILE_TMPDIR/tokens" >"$SOFTHSM2_CONF"
  PKCS11_MODULE_PATH=$(find /usr/lib -name libsofthsm2.so | head -n 1)
  export PKCS11_MODULE_PATH
  cd "$BATS_FILE_TMPDIR" || return
  # The folder of this build has no such provider: with it the engine's turn comes.
  if [ "$SERVICE" = provider ]; then
    mkdir modules
    find /usr/lib -path '*/ossl-modules/pkcs11.so' -exec ln -s '{}' modules \;
    export OPENSSL_MODULES=$PWD/modules OPENSSL_CONF=$PWD/openssl.cnf
    # SoftHSM has ended already when OpenSSL, at the end of a process, has the provider tell it to.
    cat >openssl.cnf <<CONF
openssl_conf = init
[init]
providers = providers
[providers]
pkcs11 = pkcs11_section
[pkcs11_section]
pkcs11-module-path = $PKCS11_MODULE_PATH
pkcs11-module-quirks = no-deinit
CONF
  fi
  OBSTACLE=$(obstacle | head -n 1)
  export OBSTACLE
  [ -z "$OBSTACLE" ] || return 0
  softhsm2-util --init-token --free --label token --pin 1234 --so-pin 1234 >/dev/null
  plain_openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
  plain_openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
  local key id=1
  for key in ec rsa; do
    plain_openssl pkey -in $key.pem -pubout -out $key.pub
    softhsm2-util --import $key.pem --token token --label $key --id 0$id --pin 1234 >/dev/null
    id=$((id + 1))
  done
  echo 1234 >pin
  mender-artifact write module-image -T t -c c -n n -o unsigned.mender
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  [ -z "$OBSTACLE" ] || skip "$OBSTACLE"
  cp "$BATS_FILE_TMPDIR"/{*.mender,*.pub,pin} .
}

@test "keys on a token sign artifacts, which anyone verifies" {
  for key in ec rsa; do
    mender-artifact sign --key-pkcs11 "pkcs11:token=token;object=$key;pin-value=1234" -o $key.mender unsigned.mender
    mender-artifact validate $key.mender -k $key.pub
    mender-artifact write module-image -T t -c c -n n -k "pkcs11:token=token;object=$key;pin-value=1234" -o $key.mender
    mender-artifact validate $key.mender -k $key.pub
  done
}

@test "keys on a token verify" {
  mender-artifact sign --key-pkcs11 'pkcs11:token=token;object=ec;pin-value=1234' unsigned.mender
  mender-artifact validate --key-pkcs11 'pkcs11:token=token;object=ec' unsigned.mender
  run --separate-stderr mender-artifact validate --key-pkcs11 'pkcs11:token=token;object=rsa' unsigned.mender
  assert_failure 5
}

@test "the PIN may be in the file for passphrases" {
  mender-artifact sign --key-pkcs11 'pkcs11:token=token;object=ec' --key-passphrase-file pin unsigned.mender
  mender-artifact validate unsigned.mender -k ec.pub
}

@test "a key that is not on the token is named, and nothing is signed" {
  cp unsigned.mender before.mender
  run --separate-stderr mender-artifact sign --key-pkcs11 'pkcs11:token=token;object=none;pin-value=1234' unsigned.mender
  assert_failure 1
  assert_contains 'Can not use signing key provided: '
  assert_contains 'object=none'
  assert_same_file unsigned.mender before.mender
}
