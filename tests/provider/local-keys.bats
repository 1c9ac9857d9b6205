#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Local keys with the provider loaded in each way that there is: no command may end or speak otherwise than without us,
# and what it wrote is good where nobody has heard of us.

load ../helpers/common
load ../helpers/openssl

# What one part of the work says, with the flags of the test; plain: where nobody has heard of us.
local_keys() {
  LOCAL_KEYS_FLAGS=${flags[*]} foreign env "$TESTS/helpers/local-keys" "$1"
}

plain_local_keys() {
  LOCAL_KEYS_FLAGS=${plain_flags[*]} OPENSSL_CONF=/dev/null "$TESTS/helpers/local-keys" "$1"
}

# What is expected, in a directory of its own, whose keys the tests work with.
expect_plain() {
  local part
  export EXPECTED=$BATS_FILE_TMPDIR/$1
  mkdir "$EXPECTED"
  cd "$EXPECTED" || return
  for part in generate inspect work check; do
    plain_local_keys "$part" >"$part.expected"
  done
}

setup_file() {
  plain_flags=()
  expect_plain plain
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  flags=() plain_flags=()
}

# assert_same PART FILE: it says what it says without us.
assert_same() {
  diff -U 1 "$EXPECTED/$1.expected" "$2" || complain "not what $1 says without the provider (-)"
}

compare() {
  run openssl pkey "${flags[@]}" -in signserver:W -noout
  assert_contains SIGNSERVER_HOSTNAME
  mkdir generated worked
  cd generated || return
  local_keys generate >out.generate
  assert_same generate out.generate
  plain_local_keys inspect >out.inspect
  assert_same inspect out.inspect
  cd ../worked || return
  cp "$EXPECTED"/*.{pem,params} .
  local_keys work >out.work
  assert_same work out.work
  local_keys check >out.check
  assert_same check out.check
  plain_local_keys check >out.plain
  assert_same check out.plain
}

# The sanitizers are slow, and see the same code in three ways.
skip_where_slow() {
  [ -z "${SANITIZE:-}" ] || skip 'slow with sanitizers'
}

# assert_successes PART MINIMUM: fewer would mean that failures are compared.
assert_successes() {
  [ "$(grep -c '^0 ' "$EXPECTED/$1.expected")" -ge "$2" ] || complain "too many failures without us: $1"
}

@test "the commands of the plain run do what they are there for" {
  assert_successes generate 10
  assert_successes work 105
  assert_successes check 80
}

@test "local keys, signserver listed last" {
  use_openssl_config last
  compare
}

@test "local keys, signserver listed first" {
  use_openssl_config first
  compare
}

@test "local keys, signserver preferred by a property query" {
  use_openssl_config preferred
  compare
}

@test "local keys, signserver loaded twice" {
  skip_where_slow
  use_openssl_config first
  sed -i "s,^default = .*,&\nagain = again_section," "$OPENSSL_CONF"
  printf '[again_section]\nactivate = 1\nidentity = again\nmodule = %s\n' "$BUILD_DIR/provider/signserver.so" >>"$OPENSSL_CONF"
  compare
  [ "$(openssl list -providers | grep -c 'SignServer provider')" -eq 2 ]
}

@test "local keys, signserver loaded with -provider, last" {
  skip_where_slow
  export OPENSSL_CONF=/dev/null
  flags=(-provider default -provider signserver)
  compare
}

@test "local keys, signserver loaded with -provider, first" {
  skip_where_slow
  export OPENSSL_CONF=/dev/null
  flags=(-provider signserver -provider default)
  compare
}

@test "local keys, signserver loaded with -provider and preferred by -propquery" {
  skip_where_slow
  export OPENSSL_CONF=/dev/null
  flags=(-provider signserver -provider default -propquery '?provider=signserver')
  compare
}

@test "local keys in a library context that is not the default one" {
  skip_where_slow
  # openssl then makes one, which has the providers of the command line.
  export OPENSSL_TEST_LIBCTX=1 OPENSSL_CONF=/dev/null
  flags=(-provider signserver -provider default) plain_flags=(-provider default)
  expect_plain libctx
  # Some commands of OpenSSL 3.0 cannot make certificates there.
  assert_successes work 90
  assert_successes check 60
  cd "$BATS_TEST_TMPDIR" || return
  compare
}
