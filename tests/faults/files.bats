#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A disk that is full or broken, and a process that is killed: what was at the target is still there, whole, or the new file is,
# and nothing else lies beside it. strace lets one system call after the other fail.

load ../helpers/common

CALLS=write,pwrite64,copy_file_range,ftruncate,fallocate,fchmod,fchown,fsync,linkat,renameat,renameat2

# LeakSanitizer and strace both want to trace the process.
[ -z "${SANITIZE:-}" ] || export ASAN_OPTIONS=detect_leaks=0

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return
  # Half of it can be compressed.
  openssl enc -aes-128-ctr -pass pass: -nosalt </dev/zero 2>/dev/null | head -c 300000 >payload
  head -c 300000 /dev/zero >>payload
  mender-artifact write module-image -T t -c c -n old -o unsigned.mender -f payload
  cp "$TESTS/data/vectors/keys/test-rsa2048-pkcs8.pem" key.pem
}

setup() {
  PRELOAD=()
  cd "$BATS_TEST_TMPDIR" || return
  strace -qq -o trace true 2>/dev/null || skip 'strace cannot trace here'
}

# How often each of the calls is made, by the thread that makes it most often: "CALL COUNT" in lines.
count_calls() {
  strace -f -qq -o trace "${PRELOAD[@]}" -e "trace=$CALLS" "$@" >/dev/null 2>&1
  sed -n 's/^\([0-9]*\) *\([a-z0-9_]*\)(.*/\1 \2/p' trace | sort | uniq -c | sort -k3,3 -k1,1nr | awk '!seen[$3]++ { print $3, $1 }'
}

# At most five numbers up to COUNT, the first and the last among them.
spread() {
  awk -v count="$1" 'BEGIN { for (i = 0; i < 5; i++) print 1 + int(i * (count - 1) / 4) }' | sort -nu
}

# As where a file system has no files without a name: for all that is run from here on.
without_tmpfile() {
  PRELOAD=(-E "LD_PRELOAD=$BUILD_DIR/tests/no_tmpfile.so")
  export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
}

# begin: the directory `out` as it is before each attempt; the test defines what is in it.
begin() {
  rm -rf out
  mkdir out
  before
}

# After an attempt: the target is what it was, or what it is to be. A command that is done with all but telling may fail with
# the new one in place.
assert_whole() {
  local target=out/target.mender
  if [ -e "$target" ] && cmp -s "$target" new.mender; then
    return
  fi
  [ "$1" -ne 0 ] || complain "exit status 0, and the target is not what it should be" || return
  if [ -e old.mender ]; then
    assert_same_file "$target" old.mender
  else
    refute_exists "$target"
  fi
}

# What may lie in `out`: the target, and after SIGKILL between the last two calls of a replacement the complete file under the name
# it has for that instant.
assert_no_debris() {
  local file files
  mapfile -t files < <(ls -A out)
  for file in "${files[@]}"; do
    [ "$file" = target.mender ] || [[ $1 == rename*SIGKILL* && $file == .artifact-* ]] || complain "left behind after $1: $file" || return
  done
}

# A signal that ends the command is seen by the shell; threads of the library take none.
assert_ended() {
  local number
  number=$(kill -l "${1#SIG}")
  [ "$2" -eq 0 ] || [ "$2" -eq $((128 + number)) ] || complain "after $1 the exit status is $2"
}

# attempt CALL INJECTION COMMAND...
attempt() {
  local call=$1 injection=$2 code=0
  shift 2
  begin
  strace -f -qq -o trace "${PRELOAD[@]}" -e "trace=$call" -e "inject=$call:$injection" "$@" >stdout 2>stderr || code=$?
  assert_whole "$code" || complain "after $call:$injection: $(cat stderr)" || return
  assert_no_debris "$call:$injection" || return
  if [[ $injection == signal=* ]]; then
    injection=${injection#signal=}
    assert_ended "${injection%:*}" "$code" || return
    return 0
  fi
  [ $code -ne 0 ] || return 0
  assert_equal "$(wc -l <stderr)" 1
  grep -q -e 'No space left on device' -e 'Input/output error' stderr || complain "after $call:$injection: $(cat stderr)"
}

# endure COMMAND...: makes out/target.mender, which is new.mender when all goes well; `old.mender` is what was there before.
endure() {
  local call count n attempts=0
  begin
  count_calls "$@" >calls
  cp out/target.mender new.mender
  [ -s calls ] || complain 'nothing was traced' || return
  while read -r call count <&7; do
    for n in $(spread "$count"); do
      attempt "$call" "error=ENOSPC:when=$n" "$@" || return
      attempt "$call" "error=EIO:when=$n" "$@" || return
      attempt "$call" "signal=SIGTERM:when=$n" "$@" || return
      # A file with a name stays.
      [ ${#PRELOAD[@]} -gt 0 ] || attempt "$call" "signal=SIGKILL:when=$n" "$@" || return
      attempts=$((attempts + 3))
    done
  done 7<calls
  [ $attempts -gt 10 ] || complain "only $attempts attempts"
}

write_with() {
  endure mender-artifact write module-image --compression "$1" -T t -c c -n new -f "$BATS_FILE_TMPDIR/payload" -o out/target.mender
}

replacing() {
  cp "$BATS_FILE_TMPDIR/unsigned.mender" old.mender
  before() { cp old.mender out/target.mender; }
}

creating() {
  before() { :; }
}

@test "write, uncompressed, replaces an artifact wholly or not at all" {
  replacing
  write_with none
}

@test "write with gzip makes an artifact wholly or not at all" {
  creating
  write_with gzip
}

@test "write with zstd replaces an artifact wholly or not at all" {
  replacing
  write_with zstd_fast
}

@test "write with lzma makes an artifact wholly or not at all" {
  creating
  write_with lzma
}

@test "sign in place leaves the signed artifact or the unsigned one" {
  replacing
  endure mender-artifact sign -k "$BATS_FILE_TMPDIR/key.pem" out/target.mender
}

@test "sign to another file makes it wholly or not at all" {
  creating
  endure mender-artifact sign -k "$BATS_FILE_TMPDIR/key.pem" -o out/target.mender "$BATS_FILE_TMPDIR/unsigned.mender"
}

@test "write makes an artifact wholly or not at all where no file is without a name" {
  without_tmpfile
  creating
  write_with zstd_fast
}

@test "sign in place leaves the signed artifact or the unsigned one where no file is without a name" {
  without_tmpfile
  replacing
  endure mender-artifact sign -k "$BATS_FILE_TMPDIR/key.pem" out/target.mender
}

@test "whatever signal ends write, it takes the file away that has a name already, and ends by the signal" {
  local signal number
  without_tmpfile
  for signal in HUP INT QUIT PIPE TERM XCPU XFSZ; do
    mkdir out
    number=$(kill -l $signal)
    # bats ignores some of them, which is inherited.
    run -$((128 + number)) env --default-signal strace -f -qq -o trace "${PRELOAD[@]}" -e trace=pwrite64 -e "inject=pwrite64:signal=SIG$signal:when=2" \
      mender-artifact write module-image --compression none -T t -c c -n new -f "$BATS_FILE_TMPDIR/payload" -o out/target.mender
    assert_directory out ''
    rmdir out
  done
}

@test "a signal just when a scratch file has a name leaves nothing" {
  without_tmpfile
  mkdir out
  run strace -f -qq -o trace "${PRELOAD[@]}" -e trace=unlinkat -e inject=unlinkat:signal=SIGTERM:when=1 \
    mender-artifact write module-image --compression none -T t -c c -n new -f "$BATS_FILE_TMPDIR/payload" -o out/target.mender
  assert_failure 143
  assert_directory out ''
}

@test "a signal just when a snapshot has a name leaves nothing" {
  without_tmpfile
  mkdir out tmp bin
  printf '#!/bin/sh\necho Initializing snapshot...; cat /etc/passwd\n' >bin/ssh
  chmod +x bin/ssh
  PATH=$PWD/bin:$PATH run strace -qq -o trace "${PRELOAD[@]}" -e trace=unlink -e inject=unlink:signal=SIGTERM:when=1 \
    mender-artifact write rootfs-image -c c -n new -f ssh://device --tmp tmp -o out/target.mender
  assert_failure 143
  assert_directory tmp ''
}

@test "a signal that is ignored, as nohup has it, ends nothing" {
  without_tmpfile
  mkdir out
  run env --ignore-signal=HUP strace -f -qq -o trace "${PRELOAD[@]}" -e trace=pwrite64 -e inject=pwrite64:signal=SIGHUP:when=2 \
    mender-artifact write module-image --compression none -T t -c c -n new -f "$BATS_FILE_TMPDIR/payload" -o out/target.mender
  assert_success
  grep -q SIGHUP trace
  mender-artifact validate out/target.mender
}

@test "a signal leaves no part of a file that is dumped, where it has a name already" {
  without_tmpfile
  run strace -f -qq -o trace "${PRELOAD[@]}" -e trace=write -e inject=write:signal=SIGTERM:when=2 \
    mender-artifact dump --files files "$BATS_FILE_TMPDIR/unsigned.mender"
  assert_failure 143
  assert_directory files ''
}

@test "a payload that cannot be read to its end makes no artifact" {
  creating
  begin
  for compression in none gzip; do
    for n in 1 2; do
      run strace -f -qq -o trace -P "$BATS_FILE_TMPDIR/payload" -e trace=read -e "inject=read:error=EIO:when=$n" \
        mender-artifact write module-image --compression $compression -T t -c c -n new -f "$BATS_FILE_TMPDIR/payload" -o out/target.mender
      assert_failure 1
      assert_contains 'payload'
      assert_contains 'Input/output error'
      assert_directory out
    done
  done
}

@test "an artifact that cannot be read to its end is not dumped, and nothing is left" {
  run strace -f -qq -o trace -P "$BATS_FILE_TMPDIR/unsigned.mender" -e trace=read,pread64 -e inject=read,pread64:error=EIO:when=2 \
    mender-artifact dump --files files "$BATS_FILE_TMPDIR/unsigned.mender"
  assert_failure
  assert_contains 'Input/output error'
  [ ! -e files ] || assert_directory files
}

# leave_after BYTES COMMAND...: a pipe whose reader goes away after so many bytes, first as a shell has it, then with SIGPIPE
# ignored as many a program that starts others has it.
leave_after() {
  local bytes=$1
  shift
  run --separate-stderr bash -c 'bytes=$1; shift; "$@" | head -c "$bytes" >part; exit "${PIPESTATUS[0]}"' bash "$bytes" "$@"
  assert_failure 141
  assert_equal "$stderr$(stat -c %s part)" "$bytes"
  run --separate-stderr bash -c 'trap "" PIPE; bytes=$1; shift; "$@" | head -c "$bytes" >part; exit "${PIPESTATUS[0]}"' \
    bash "$bytes" "$@"
  assert_failure
  assert_contains 'standard output: Broken pipe'
  assert_equal "${#stderr_lines[@]}" 1
}

@test "a reader who goes away, early or late, ends write and sign without a word of triumph" {
  local bytes compression
  for bytes in 1 1000 100000; do
    for compression in none gzip lzma; do
      leave_after $bytes mender-artifact write module-image --compression $compression -T t -c c -n n -f "$BATS_FILE_TMPDIR/payload" -o -
    done
    leave_after $bytes mender-artifact sign -k "$BATS_FILE_TMPDIR/key.pem" -o - "$BATS_FILE_TMPDIR/unsigned.mender"
  done
}

@test "a device that is full is named" {
  run --separate-stderr mender-artifact write module-image -T t -c c -n n -f "$BATS_FILE_TMPDIR/payload" -o /dev/full
  assert_failure
  assert_contains /dev/full
  assert_contains 'No space left on device'
}

# fill COMMAND...: in a small file system, `small`, with an old artifact in it as target.mender; the command is to find it full.
fill() {
  unshare --mount true 2>/dev/null || skip 'mounting is not permitted here'
  # shellcheck disable=SC2016
  run unshare --mount --propagation private bash -euc '
    mkdir -p small
    mount -t tmpfs -o size=500k tmpfs small
    cp "$1" small/target.mender
    free=$(stat -f -c %f small)
    ! "${@:2}" || exit 3
    cmp small/target.mender "$1"
    [ "$(ls -A small)" = target.mender ]
    [ "$(stat -f -c %f small)" = "$free" ]' bash "$BATS_FILE_TMPDIR/unsigned.mender" "$@"
  assert_success
  assert_contains 'No space left on device'
}

@test "a file system that is full keeps the old artifact, and has room again afterwards" {
  local compression
  for compression in none gzip lzma zstd_fast; do
    fill mender-artifact write module-image --compression $compression -T t -c c -n n -f "$BATS_FILE_TMPDIR/payload" -o small/target.mender
    fill mender-artifact write module-image --compression $compression -T t -c c -n n -f "$BATS_FILE_TMPDIR/payload" -o small/new.mender
  done
  fill mender-artifact sign -k "$BATS_FILE_TMPDIR/key.pem" small/target.mender
  fill mender-artifact sign -k "$BATS_FILE_TMPDIR/key.pem" -o small/new.mender "$BATS_FILE_TMPDIR/unsigned.mender"
}
