#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and that it can be used from there.

load ../helpers/common

setup_file() {
  DESTDIR=$BATS_FILE_TMPDIR/root cmake --install "$BUILD_DIR" >/dev/null
  PREFIX=$BATS_FILE_TMPDIR/root$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$BUILD_DIR/CMakeCache.txt")
  export PREFIX
}

@test "the module goes where libcrypto looks for providers, and exports one symbol" {
  modules=$(env -u OPENSSL_MODULES openssl version -m | sed 's/.*"\(.*\)"/\1/')
  assert_exists "$BATS_FILE_TMPDIR/root$modules/signserver.so"
  assert_equal "$(nm -D --defined-only "$BATS_FILE_TMPDIR/root$modules/signserver.so" | cut -d ' ' -f 3)" OSSL_provider_init
}

@test "loading the module loads neither libcurl nor libssl" {
  run readelf -d "$BUILD_DIR/provider/signserver.so"
  refute_contains libcurl
  refute_contains libssl
}

@test "the installed tool runs" {
  run "$PREFIX/bin/mender-artifact" --version
  assert_success
  assert_contains 'mender-artifact version'
}

@test "manuals and examples are installed" {
  for page in man1/mender-artifact.1 man1/signserver-standin.1 man7/provider-signserver.7; do
    assert_exists "$PREFIX/share/man/$page"
  done
  assert_exists "$PREFIX/share/doc/signserver-openssl/examples/openssl-system.cnf"
}

@test "completion is installed where the shells look for it" {
  for file in bash-completion/completions/mender-artifact zsh/site-functions/_mender-artifact \
    fish/vendor_completions.d/mender-artifact.fish; do
    assert_exists "$PREFIX/share/$file"
  done
}

@test "the library exports what its header declares, and nothing else" {
  library=$(find "$PREFIX" -name libartifact.so)
  nm -D --defined-only "$library" | sed -n 's/.* T \(.*\)@@.*/\1/p' | sort >exported
  grep -o '\bartifact_[a-z_]*(' "$PREFIX/include/artifact.h" | tr -d '(' | sort -u >declared
  [ -s exported ]
  diff declared exported
}

@test "a program finds no library of another minor version, whose structures may differ: not by name, not by symbol" {
  library=$(find "$PREFIX" -name libartifact.so)
  series=$("$PREFIX/bin/mender-artifact" --version | sed -n 's/.* version \([0-9]*\.[0-9]*\)\.[0-9]*$/\1/p')
  assert_matches "$series" '[0-9]+[.][0-9]+'
  assert_equal "$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" "libartifact.so.$series"
  assert_equal "$(nm -D --defined-only "$library" | sed -n 's/.* T .*@@//p' | sort -u)" "ARTIFACT_$series"
}

# Only what is installed is used, and what pkg-config says of it.
@test "the example builds against the installed library, and releases a signed artifact" {
  [ -z "${SANITIZE:-}" ] || skip 'the library of this build needs its sanitizer'
  folder=$(dirname "$(dirname "$(find "$PREFIX" -name artifact.pc)")")
  export PKG_CONFIG_PATH=$folder/pkgconfig LD_LIBRARY_PATH=$folder
  # shellcheck disable=SC2046
  cc -Wall -Wextra -Werror -o release "$PREFIX/share/doc/signserver-openssl/examples/release.c" \
    $(pkg-config --define-variable=prefix="$PREFIX" --define-variable=libdir="$folder" \
      --define-variable=includedir="$PREFIX/include" --cflags --libs artifact)
  local keys=$TESTS/data/vectors/keys
  echo image >image
  run ./release "$keys/test-ecp256-pkcs8.pem" "$keys/test-ecp256-pkcs8.pub.pem" image release.mender
  assert_success
  assert_equal "$output" 'release.mender holds release-1: signed and verified'
  mender-artifact validate release.mender -k "$keys/test-ecp256-pkcs8.pub.pem"

  run ./release "$keys/test-ecp256-pkcs8.pem" "$keys/test-other-ecp256.pub.pem" image release.mender
  assert_failure
  assert_equal "$output" 'release.mender holds release-1: not signed with this key'
  run ./release nope.pem "$keys/test-ecp256-pkcs8.pub.pem" image another.mender
  assert_failure
  assert_contains 'nope.pem: No such file or directory'
  refute_exists another.mender
}
