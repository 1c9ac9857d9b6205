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
  cd "$BATS_TEST_TMPDIR" || return
  strace -qq -o trace true 2>/dev/null || skip 'strace cannot trace here'
}

# How often each of the calls is made, by the thread that makes it most often: "CALL COUNT" in lines.
count_calls() {
  strace -f -qq -o trace -e "trace=$CALLS" "$@" >/dev/null 2>&1
  sed -n 's/^\([0-9]*\) *\([a-z0-9_]*\)(.*/\1 \2/p' trace | sort | uniq -c | sort -k3,3 -k1,1nr | awk '!seen[$3]++ { print $3, $1 }'
}

# At most five numbers up to COUNT, the first and the last among them.
spread() {
  awk -v count="$1" 'BEGIN { for (i = 0; i < 5; i++) print 1 + int(i * (count - 1) / 4) }' | sort -nu
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

# What may lie in `out`: the target, and between the last two calls of a replacement, which no signal handler could mend after
# SIGKILL, the complete file under the name it has for that instant.
assert_no_debris() {
  local file files
  mapfile -t files < <(ls -A out)
  for file in "${files[@]}"; do
    [ "$file" = target.mender ] || [[ $1 == rename*signal* && $file == .artifact-* ]] || complain "left behind after $1: $file" || return
  done
}

# attempt CALL INJECTION COMMAND...
attempt() {
  local call=$1 injection=$2 code=0
  shift 2
  begin
  strace -f -qq -o trace -e "trace=$call" -e "inject=$call:$injection" "$@" >stdout 2>stderr || code=$?
  assert_whole "$code" || complain "after $call:$injection: $(cat stderr)" || return
  assert_no_debris "$call:$injection" || return
  [[ $code -ne 0 && $injection == error=* ]] || return 0
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
      attempt "$call" "signal=SIGKILL:when=$n" "$@" || return
      attempts=$((attempts + 3))
    done
  done 7<calls
  attempt fsync signal=SIGTERM:when=1 "$@"
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

@test "a reader who goes away ends write without a word of triumph" {
  # shellcheck disable=SC2016
  run --separate-stderr bash -c 'mender-artifact write module-image -T t -c c -n n -f "$1" -o - | head -c 1000 >part; exit "${PIPESTATUS[0]}"' \
    bash "$BATS_FILE_TMPDIR/payload"
  assert_failure
  assert_equal "$(stat -c %s part)" 1000
}

@test "a device that is full is named" {
  run --separate-stderr mender-artifact write module-image -T t -c c -n n -f "$BATS_FILE_TMPDIR/payload" -o /dev/full
  assert_failure
  assert_contains /dev/full
  assert_contains 'No space left on device'
}

@test "a file system that is full keeps the old artifact, and has room again afterwards" {
  unshare --mount true 2>/dev/null || skip 'mounting is not permitted here'
  cp "$BATS_FILE_TMPDIR/unsigned.mender" old.mender
  # shellcheck disable=SC2016
  run unshare --mount --propagation private bash -euc '
    mkdir small
    mount -t tmpfs -o size=800k tmpfs small
    cp old.mender small/target.mender
    free=$(stat -f -c %f small)
    ! mender-artifact write module-image --compression none -T t -c c -n n -f "$1" -o small/target.mender || exit 3
    cmp small/target.mender old.mender
    [ "$(ls -A small)" = target.mender ]
    [ "$(stat -f -c %f small)" = "$free" ]' bash "$BATS_FILE_TMPDIR/payload"
  assert_success
  assert_contains 'small/target.mender: No space left on device'
}
