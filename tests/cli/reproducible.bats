#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The same inputs give the same bytes, whoever writes them, wherever, and with however many threads.

load ../helpers/common

VECTORS=$TESTS/data/vectors
KEY=$VECTORS/keys/test-rsa2048-pkcs8.pem

# Two trees of the same files: the other one is made in another order, at another time, with other modes.
setup() {
  local name
  cd "$BATS_TEST_TMPDIR" || return
  mkdir -p here/scripts there/scripts
  { seq 1 120000 && head -c 1500000 "$BUILD_DIR/apps/mender-artifact"; } >here/payload
  printf 'one\n' >here/second
  for name in Install_Enter_00 Install_Leave_10 Reboot_Enter_01 Commit_Enter_05 Rollback_Enter_02; do
    printf 'exit 0 # %s\n' "$name" >"here/scripts/Artifact$name"
  done
  for name in $(cd here/scripts && ls -r); do cp "here/scripts/$name" there/scripts/; done
  cp here/second here/payload there/
  find there -exec touch -d 2001-02-03 {} +
  chmod -R u=rwX,go=rX here
  chmod -R u=rwx,go=rx there
}

# write OUTPUT OPTION...: RSA's signature is made without chance.
write() {
  local output=$1
  shift
  mender-artifact write module-image -T type -c device -n release-1 -f payload -f second -s scripts -p b:2 -p a:1 \
    -d z:1 -d y:2 -k "$BATS_TEST_TMPDIR/key.pem" -o "$output" "$@"
}

@test "umask, time zone, locale, directory, its order, modes and times do not show, nor threads, for each compression" {
  local id here=$PWD
  cp "$KEY" key.pem
  for id in none gzip lzma zstd_fastest zstd_fast zstd_better zstd_best; do
    (cd here && umask 022 && TZ=UTC LC_ALL=C write "$here/one" --compression "$id" --threads 1)
    (cd there && umask 077 && TZ=Asia/Kathmandu LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 write "$here/other" --compression "$id" --threads 3)
    assert_same_file one other
    (cd there && write - --compression "$id" | cat >"$here/piped")
    assert_same_file one piped
  done
  mender-artifact validate one -k "$KEY"
}

@test "the time of day and SOURCE_DATE_EPOCH's absence do not show, its value does" {
  local here=$PWD
  cp "$KEY" key.pem
  (cd here && SOURCE_DATE_EPOCH=1700000000 write "$here/one" && SOURCE_DATE_EPOCH='' write "$here/zero")
  (cd there && SOURCE_DATE_EPOCH=1700000000 write "$here/other" && write "$here/none")
  assert_same_file one other
  assert_same_file zero none
  run cmp -s one none
  assert_failure 1
}

@test "another user writes the same" {
  local here=$PWD
  local -a nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  cp "$KEY" key.pem
  chmod 644 key.pem
  [ "$(id -u)" = 0 ] || skip 'only root can become another user'
  "${nobody[@]}" "$BUILD_DIR/apps/mender-artifact" --version >/dev/null 2>&1 || skip 'nobody else can run the build'
  chmod o+x "$BATS_RUN_TMPDIR"
  chmod 777 .
  "${nobody[@]}" test -w "$here" || skip 'nobody else can write here'
  (cd here && write "$here/one")
  export -f write
  export BATS_TEST_TMPDIR
  (cd there && "${nobody[@]}" bash -c 'write "$1"' - "$here/other")
  assert_equal "$(stat -c %u other)" 65534
  assert_same_file one other
}
