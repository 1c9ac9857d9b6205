#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mender-artifact write rootfs-image from a device over ssh, and from standard input. The ssh in PATH is one of the test: it runs
# the command here, with the device's programs, and keeps the words that it got.

load ../helpers/common

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir bin device out
  head -c 300000 /dev/urandom >image
  printf 'rootfs-image.version=old\nrootfs-image.checksum=stale\nrootfs-image.app.version=7\nother=x\n' >provides
  make_program bin/ssh 'printf "%s\n" "$@" >>'"$PWD"'/words
    while [ "$1" != /bin/sh ]; do shift; done
    PATH='"$PWD"'/device:/usr/bin:/bin exec /bin/sh -c "$*"'
  make_program device/id 'echo 0'
  make_program device/mender-snapshot "exec cat $PWD/image"
  make_program device/mender-update "exec cat $PWD/provides"
  make_program bin/blkid 'echo vfat'
  make_program bin/fsck.vfat "echo \"\$1\" >$PWD/fsck-option; cmp \"\$2\" $PWD/image >$PWD/fsck-seen 2>&1"
  PATH=$PWD/bin:$PATH
}

# make_program FILE SCRIPT
make_program() {
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod +x "$1"
}

write() {
  mender-artifact write rootfs-image -c device -n release-1 -o out/x.mender -f ssh://root@target:2222 "$@" </dev/null
}

provides() {
  tar -xOf out/x.mender header.tar.gz | tar -xzOf - headers/0000/type-info | jq -r ".artifact_provides[\"$1\"] // \"none\""
}

# fail STATUS SENTENCE OPTION...: write fails and says this at the end, and leaves nothing.
fail() {
  local expected=$1 sentence=$2
  shift 2
  run --separate-stderr write "$@"
  assert_failure "$expected"
  assert_contains "$sentence"
  assert_directory out ''
}

@test "the image arrives to the byte, every time, though it comes with the words before it" {
  local i
  make_program device/mender-snapshot "printf 'Initializing nothing\n'; exec cat $PWD/image"
  printf 'Initializing nothing\n' | cat - image >expected
  for i in 1 2 3 4 5; do
    write
    tar -xOf out/x.mender data/0000.tar.gz | tar -xzOf - rootfs.img | cmp - expected
    assert_equal "$(provides rootfs-image.app.version)" 7
  done
  mender-artifact validate out/x.mender
}

@test "the device's provides are taken, but for the checksum and what is given here" {
  write -p rootfs-image.app.version:8
  assert_equal "$(provides rootfs-image.app.version)" 8
  assert_equal "$(provides rootfs-image.version)" release-1
  assert_equal "$(provides rootfs-image.checksum)" "$(sha256sum <image | cut -d' ' -f1)"
  assert_equal "$(provides other)" none
  write --no-checksum-provide
  assert_equal "$(provides rootfs-image.checksum)" none
}

@test "ssh gets the arguments, the port unless they have one, and the destination" {
  write -S -i -S key
  assert_equal "$(sed '/^exec\|^if\|^.if/,$d' words | paste -sd ' ')" \
    '-i key -p 2222 -o ServerAliveInterval=30 -o ServerAliveCountMax=1 root@target /bin/sh -c'
  rm words
  write -S -p22
  refute_matches_words '2222'
}

refute_matches_words() {
  if grep -qx "$1" words; then complain "ssh got the word $1"; fi
}

@test "addresses that are none, or that ssh would take for options, never reach it" {
  local address
  for address in ssh:// ssh://user@ ssh://@host ssh://-oProxyCommand=x ssh://a@-oProxyCommand=x ssh://host:port ssh://host:1234567 \
    'ssh://host name' ssh://host/path ssh://[::1; do
    fail 1 "$address: must be ssh://[user@]host[:port]" -f "$address"
  done
  refute_exists words
  write -f 'ssh://[fe80::1]:22'
  grep -qx fe80::1 words
}

@test "the image is repaired, and what fsck can not repair is no artifact" {
  write
  assert_equal "$(cat fsck-option) $(cat fsck-seen)" '-a '
  make_program bin/fsck.vfat 'exit 1'
  write
  rm out/x.mender
  make_program bin/fsck.vfat 'exit 12'
  fail 3 'runFsck error: fsck.vfat: exit status 12'
  make_program bin/blkid 'exit 2'
  run --separate-stderr write
  assert_success
  assert_contains 'warning: the snapshot is not checked'
}

@test "an ordinary user's PATH, without blkid and fsck in it, is no reason to skip the repair" {
  [ -x /usr/sbin/blkid ] && [ -x /usr/sbin/mkfs.ext4 ] || skip 'no blkid or mkfs.ext4 in /usr/sbin'
  /usr/sbin/mkfs.ext4 -q -F image 1M
  rm bin/blkid bin/fsck.vfat
  PATH=$PWD/bin:$BUILD_DIR/apps:/usr/bin:/bin
  run type -P blkid fsck.ext4
  refute_output
  run --separate-stderr write
  assert_success
  refute_contains 'Skipping'
  refute_contains 'is not checked'
  assert_contains 'clean'
}

@test "a device without Mender, one that breaks off and one that sends nothing are errors" {
  make_program bin/ssh 'exit 255'
  fail 3 'SSH error: root@target: exit status 255'
  make_program bin/ssh 'exit 0'
  fail 3 'SSH error: root@target: the script did not begin'
  make_program bin/ssh 'echo Initializing snapshot...'
  fail 3 'the snapshot is empty'
  make_program bin/ssh 'echo Initializing snapshot...; echo half; kill -9 $$'
  fail 3 'SSH error: root@target'
}

@test "a device that can not tell what it provides is warned of" {
  make_program device/mender-update 'exit 2'
  run --separate-stderr write
  assert_success
  assert_contains 'warning: the device does not tell what its root file system provides (exit status 2)'
}

@test "a device's words reach standard error, without its control characters" {
  make_program bin/ssh 'printf "wel\033come\n"; exit 3'
  run --separate-stderr write
  assert_failure 3
  refute_output
  assert_contains 'wel?come'
}

@test "what a login prints without ending its line does not hide the beginning of the image" {
  make_program bin/ssh 'while [ "$1" != /bin/sh ]; do shift; done
    printf "Welcome. "
    PATH='"$PWD"'/device:/usr/bin:/bin exec /bin/sh -c "$*"'
  run --separate-stderr write
  assert_success
  assert_contains 'Welcome. '
  refute_contains Initializing
  tar -xOf out/x.mender data/0000.tar.gz | tar -xzOf - rootfs.img | cmp - image
  assert_equal "$(provides rootfs-image.app.version)" 7
  # Whatever it is, and however much: where the marker lies in the line makes no difference.
  for length in 200 231 232 233 240 255 256 257 600; do
    sed -i "s/printf .*/printf %${length}s I/" bin/ssh
    write
    tar -xOf out/x.mender data/0000.tar.gz | tar -xzOf - rootfs.img | cmp - image
  done 2>words
}

@test "of what the device says only its own words are shown, and not our marks between them" {
  make_program device/mender-snapshot "echo hello >&2; exec cat $PWD/image"
  run --separate-stderr write
  assert_success
  assert_contains hello
  refute_contains Initializing
}

@test "nothing stays behind where the snapshot was kept, when all goes well and when ssh dies" {
  mkdir tmp
  write --tmp tmp
  assert_directory tmp ''
  make_program bin/ssh 'echo Initializing snapshot...; echo half; exit 1'
  run write --tmp tmp
  assert_failure 3
  assert_directory tmp ''
  run --separate-stderr write --tmp nowhere
  assert_failure 3
  assert_contains 'can not make a file for the snapshot in nowhere: No such file or directory'
}

@test "a device that does not begin is given up after a while" {
  strace -qq -o trace true 2>/dev/null || skip 'strace cannot trace here'
  [ -z "${SANITIZE:-}" ] || skip 'strace and a sanitizer do not go together'
  make_program bin/ssh "echo \$\$ >$PWD/pid; exec cat $PWD/forever"
  mkfifo forever
  # The first wait is over as if its time were.
  run --separate-stderr strace -qq -o trace -e trace=poll -e inject=poll:retval=0:when=1 \
    mender-artifact write rootfs-image -c device -n n -o out/x.mender -f ssh://target
  assert_failure 3
  assert_contains 'SSH error: Input deadline exceeded'
  assert_directory out ''
  if [ -s pid ] && kill -0 "$(cat pid)" 2>/dev/null; then complain 'ssh still runs'; fi
}

@test "a password for sudo is not shown while it is typed, and what is typed afterwards is" {
  script -qec true /dev/null >/dev/null 2>&1 || skip 'no terminal can be made here'
  local then
  mkfifo forever
  for then in 'echo Initializing snapshot...; exit 1' "kill -TERM \$PPID; exec cat $PWD/forever" 'exit 255'; do
    make_program bin/ssh "stty -a >$PWD/during; $then"
    run script -qec "mender-artifact write rootfs-image -c device -n n -o out/x.mender -f ssh://target; stty -a >$PWD/after" /dev/null
    grep -qw -e '-echo' during || complain "the terminal echoes: $then"
    grep -w echo after | grep -qvw -e '-echo' || complain "the terminal does not echo any more: $then"
  done
}

@test "a signal ends ssh, and ends us as it should" {
  make_program bin/ssh "echo \$\$ >$PWD/pid; echo Initializing snapshot...; kill -TERM \$PPID; exec cat $PWD/forever"
  mkfifo forever
  run write
  assert_equal "$status" 143
  if kill -0 "$(cat pid)" 2>/dev/null; then complain 'ssh still runs'; fi
  assert_equal "$(find out -type f)" ''
}

@test "an image comes from standard input, a pipe or a file" {
  # Beside the output, and not where temporary files are, which may be memory.
  TMPDIR=$PWD/nowhere mender-artifact write rootfs-image -c device -n release-1 -o out/x.mender -f - < <(cat image)
  tar -xOf out/x.mender data/0000.tar.gz | tar -xzOf - rootfs.img | cmp - image
  mender-artifact write rootfs-image -c device -n release-1 -o out/y.mender -f - <image
  assert_same_file out/x.mender out/y.mender
  assert_directory out x.mender y.mender
}

@test "nothing at all on standard input is no image: who was to write it has failed" {
  local input
  : >empty
  for input in '</dev/null' '< <(false)' '<empty'; do
    run --separate-stderr eval "mender-artifact write rootfs-image -c device -n release-1 -o out/x.mender -f - $input"
    assert_failure 1
    assert_contains '/dev/stdin: is empty'
    assert_directory out ''
  done
}
