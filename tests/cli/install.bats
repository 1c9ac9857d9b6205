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

@test "a program builds against the installed header and pkg-config file" {
  cat >program.c <<'PROGRAM'
#include <artifact.h>
#include <stdio.h>
int main(void)
{
    struct artifact_error error = {0};
    struct artifact_info *info = artifact_read("/nonexistent", NULL, &error);
    artifact_info_free(info);
    printf("%d %s\n", error.code == ARTIFACT_CANNOT_OPEN, error.message);
    return 0;
}
PROGRAM
  [ -z "${SANITIZE:-}" ] || skip 'the library of this build needs its sanitizer'
  pc=$(dirname "$(find "$PREFIX" -name artifact.pc)")
  export PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$BATS_FILE_TMPDIR/root
  # shellcheck disable=SC2046
  cc -Wall -Werror -o program program.c -I"$PREFIX/include" -L"$(dirname "$pc")" $(pkg-config --libs-only-l artifact)
  run env LD_LIBRARY_PATH="$(dirname "$pc")" ./program
  assert_success
  assert_contains '1 '
}
