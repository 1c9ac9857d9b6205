#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mender-artifact write rootfs-image: what it provides and clears, how it ends, and what a failure leaves behind.

load ../helpers/common

VECTORS=$TESTS/data/vectors
KEY=$VECTORS/keys/test-ecp256-pkcs8.pem
PUBLIC=$VECTORS/keys/test-ecp256-pkcs8.pub.pem

# Outputs go to a directory of their own, so that debris in it is seen.
setup() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir out
  cp "$VECTORS/inputs/random-3000.bin" rootfs.ext4
}

write() {
  mender-artifact write rootfs-image -c device -n release-1 -f rootfs.ext4 -o out/x.mender "$@"
}

# refuse STATUS SENTENCE OPTION...: write fails, says this and no more, and leaves nothing.
refuse() {
  local expected=$1 sentence=$2
  shift 2
  run --separate-stderr write "$@"
  assert_failure "$expected"
  refute_output
  assert_equal "$stderr" "$sentence"
  assert_directory out ''
}

type_info() {
  tar -xOf out/x.mender header.tar.gz | tar -xzOf - headers/0000/type-info
}

# provides_and_clears PROVIDES CLEARS OPTION...: both as JSON; the checksum is left out of what is provided.
provides_and_clears() {
  local provides=$1 clears=$2
  shift 2
  write "$@"
  assert_equal "$* $(type_info | jq -cS '.artifact_provides | del(."rootfs-image.checksum")')" "$* $provides"
  assert_equal "$* $(type_info | jq -c '.clears_artifact_provides // []')" "$* $clears"
}

# ---- The tutorial ----

@test "the tutorial's commands work as they stand, with a key in a file" {
  run --separate-stderr mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender -k "$KEY"
  assert_success
  refute_output
  assert_equal "$stderr" \
    'warning: --device-type is deprecated and will be removed in future versions, use --compatible-types instead'
  run --separate-stderr mender-artifact read artifact.mender
  assert_success
  assert_contains 'Compatible types: [beaglebone]'
  run --separate-stderr mender-artifact validate artifact.mender -k "$KEY"
  assert_success
  run --separate-stderr mender-artifact write rootfs-image -t beaglebone -n release-1 -f rootfs.ext4 -o artifact.mender
  assert_success
  run --separate-stderr mender-artifact sign -o artifact-signed.mender -k "$KEY" artifact.mender
  assert_success
  openssl pkey -in "$KEY" -pubout >pub.pem
  run --separate-stderr mender-artifact validate artifact-signed.mender -k pub.pem
  assert_success
}

# ---- Defaults ----

@test "the version of the software is provided, and what it replaces is cleared" {
  local image='"artifact_group","rootfs_image_checksum"'
  provides_and_clears '{"rootfs-image.version":"release-1"}' "[$image,\"rootfs-image.*\"]"
  provides_and_clears '{"rootfs-image.sw.version":"release-1"}' '["rootfs-image.sw.*"]' --software-name sw
  provides_and_clears '{"data.version":"release-1"}' '["data.*"]' --software-filesystem data
  provides_and_clears '{"rootfs-image.version":"5"}' "[$image,\"rootfs-image.*\"]" --software-version 5
  provides_and_clears '{}' '[]' --no-default-software-version
  provides_and_clears '{"rootfs-image.version":"5"}' '[]' --no-default-software-version --software-version 5
  provides_and_clears '{}' '[]' --no-default-software-version --software-name x
  provides_and_clears '{"rootfs-image.version":"release-1"}' "[\"rootfs-image.*\",$image]" --clears-provides 'rootfs-image.*'
  provides_and_clears '{"rootfs-image.version":"release-1"}' '["z"]' --no-default-clears-provides --clears-provides z
  provides_and_clears '{"rootfs-image.version":"release-1"}' '[".*"]' --software-filesystem ''
}

@test "of -p and a software option for the same key the later one counts" {
  local clears='["artifact_group","rootfs_image_checksum","rootfs-image.*"]'
  provides_and_clears '{"rootfs-image.version":"p"}' "$clears" -p rootfs-image.version:p
  provides_and_clears '{"rootfs-image.version":"p"}' "$clears" --software-version s -p rootfs-image.version:p
  provides_and_clears '{"rootfs-image.version":"s"}' "$clears" -p rootfs-image.version:p --software-version s
  provides_and_clears '{"rootfs-image.version":"release-1"}' "$clears" -p rootfs-image.version:
}

@test "KEY:VALUE is split at the first colon, and of a repeated key the last counts" {
  write -p a:1 -p a:b:c -p empty: -d need:x:y
  assert_equal "$(type_info | jq -c '[.artifact_provides.a, .artifact_provides.empty, .artifact_depends.need]')" '["b:c","","x:y"]'
}

@test "the checksum is provided under the name that is asked for, or not at all" {
  local sum
  sum=$(sha256sum rootfs.ext4 | cut -d ' ' -f 1)
  write -p rootfs-image.checksum:other
  assert_equal "$(type_info | jq -r '.artifact_provides."rootfs-image.checksum"')" "$sum"
  write --legacy-rootfs-image-checksum
  assert_equal "$(type_info | jq -r '.artifact_provides | .rootfs_image_checksum, ."rootfs-image.checksum"')" "$sum"$'\n'null
  write --no-checksum-provide
  assert_equal "$(type_info | jq -c '.artifact_provides | keys')" '["rootfs-image.version"]'
}

@test "names, groups and types reach the header, commas and all" {
  mender-artifact write rootfs-image -n n -c a -c b,c -N old -N older -g group -G g1 -G g2 -f rootfs.ext4 -o out/x.mender
  assert_equal "$(tar -xOf out/x.mender header.tar.gz | tar -xzOf - header-info | jq -cS .artifact_depends,.artifact_provides)" \
    '{"artifact_group":["g1","g2"],"artifact_name":["old","older"],"device_type":["a","b,c"]}
{"artifact_group":"group","artifact_name":"n"}'
}

@test "of several values of a list the empty ones are left out, as a script's unset variable leaves them" {
  local empty=
  write -c "$empty" -G "$empty" -G g -N n -N "$empty" -p "$empty" -p a:b -d "$empty" -d c:d -s "$empty" -s "$VECTORS/inputs/scripts" \
    --no-default-clears-provides --clears-provides x --clears-provides "$empty"
  assert_equal "$(tar -xOf out/x.mender header.tar.gz | tar -xzOf - header-info | jq -c .artifact_depends)" \
    '{"artifact_name":["n"],"device_type":["device"],"artifact_group":["g"]}'
  assert_equal "$(type_info | jq -c '[.artifact_depends, .artifact_provides.a, .clears_artifact_provides]')" '[{"c":"d"},"b",["x"]]'
  write -G "$empty" -G "$empty"
  assert_equal "$(tar -xOf out/x.mender header.tar.gz | tar -xzOf - header-info | jq -c .artifact_depends.artifact_group)" '[""]'
}

@test "scripts come from files and directories, sorted by name" {
  mkdir scripts
  echo b >scripts/ArtifactInstall_Leave_01
  echo a >scripts/ArtifactCommit_Enter_00_first
  echo c >ArtifactReboot_Enter_05
  write -s ArtifactReboot_Enter_05 -s scripts
  assert_equal "$(tar -xOf out/x.mender header.tar.gz | tar -tzf - | grep scripts/ | paste -sd ' ')" \
    'scripts/ArtifactCommit_Enter_00_first scripts/ArtifactInstall_Leave_01 scripts/ArtifactReboot_Enter_05'
}

@test "a directory among the scripts is named before anything is done" {
  mkdir -p scripts/ArtifactInstall_Leave_01
  refuse 1 'scripts/ArtifactInstall_Leave_01: is a directory below one of scripts, where none are looked for' -s scripts -f nope
}

# ---- Output ----

@test "without -o it is artifact.mender in the current directory" {
  run --separate-stderr mender-artifact write rootfs-image -c d -n n -f rootfs.ext4
  assert_success
  mender-artifact validate artifact.mender
}

@test "-o - writes the artifact, and nothing else, to standard output" {
  write
  run bash -c 'mender-artifact write rootfs-image -t device -n release-1 -f rootfs.ext4 -o - 2>/dev/null | cmp - out/x.mender'
  assert_success
  run bash -c "mender-artifact write rootfs-image -c device -n release-1 -f rootfs.ext4 -o - -k '$KEY' |
    mender-artifact validate /dev/stdin -k '$PUBLIC'"
  assert_success
  assert_directory out x.mender
}

@test "the bytes depend on neither umask, time zone, locale, directory nor time stamps" {
  write -s "$VECTORS/inputs/scripts"
  mv out/x.mender first.mender
  mkdir elsewhere
  cp -r "$VECTORS/inputs/scripts" rootfs.ext4 elsewhere
  touch -d 2001-01-01 elsewhere/rootfs.ext4
  chmod 600 elsewhere/rootfs.ext4
  (umask 077 && cd elsewhere && TZ=America/St_Johns LC_ALL=C mender-artifact write rootfs-image -o ../out/y.mender \
    -f rootfs.ext4 -s scripts -n release-1 -c device)
  assert_same_file first.mender out/y.mender
}

@test "SOURCE_DATE_EPOCH is the time of the files; what is none is refused" {
  SOURCE_DATE_EPOCH=1700000000 write
  run --separate-stderr mender-artifact read out/x.mender
  assert_contains 'modified: 2023-11-14 22:13:20 +0000 UTC'
  rm out/x.mender
  SOURCE_DATE_EPOCH=yesterday refuse 1 'SOURCE_DATE_EPOCH is "yesterday", and not a number of seconds since 1970'
}

@test "an input is never the output, by whatever name" {
  cp rootfs.ext4 out/image
  ln -s image out/link
  ln out/image out/hard
  local output
  for output in out/image out/link out/hard; do
    run --separate-stderr mender-artifact write rootfs-image -c d -n n -f out/image -o "$output"
    assert_failure
    refute_output
    assert_same_file out/image rootfs.ext4
  done
  assert_directory out 'hard image link'
}

@test "no file that the command line names is the output: a key, its passphrase, a script" {
  local given name
  echo secret >out/passphrase
  openssl pkcs8 -topk8 -in "$KEY" -passout file:out/passphrase -out out/encrypted.pem
  cp "$KEY" out/key.pem
  ln -s key.pem out/link.pem
  cp "$VECTORS/inputs/hello.txt" out/ArtifactInstall_Enter_00
  (cd out && sha256sum -- * >../before)
  for given in '-k:key.pem:key.pem' '-k:key.pem:link.pem' '-k:link.pem:key.pem' "-k:file.key.pem:key.pem" \
    '-s:ArtifactInstall_Enter_00:ArtifactInstall_Enter_00' '--key-passphrase-file:passphrase:passphrase'; do
    IFS=: read -r option input output <<<"$given"
    input=${input/file./file:$PWD/out/}
    [[ $input == file:* ]] || input=out/$input
    run --separate-stderr mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 -k out/encrypted.pem \
      --key-passphrase-file out/passphrase "$option" "$input" -o "out/$output"
    assert_failure 1
    assert_contains "$input: is the output as well as an input; give the output another name"
    (cd out && sha256sum --quiet -c ../before)
  done
}

@test "an artifact does not go to a terminal, and what to do is said" {
  script -qec true /dev/null >/dev/null 2>&1 || skip 'no terminal can be made here'
  local output
  for output in - /dev/stdout; do
    run script -qec "mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 -o $output" /dev/null
    assert_failure 1
    assert_contains 'an artifact is not written to a terminal; name a file with --output-path, or pipe it to another program'
    refute_contains manifest
  done
}

@test "a link that leads in a circle stays what it is" {
  ln -s b out/a
  ln -s a out/b
  run --separate-stderr mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 -o out/a
  assert_failure 3
  assert_equal "$stderr" 'can not create artifact file: out/a: Too many levels of symbolic links'
  assert_equal "$(readlink out/a out/b | paste -sd ' ')" 'b a'
}

@test "an output that cannot be made fails with 3 and is named" {
  run --separate-stderr mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 -o none/x.mender
  assert_failure 3
  assert_equal "$stderr" 'can not create artifact file: none/x.mender: No such file or directory'
}

@test "a failed write leaves the old artifact untouched, and no debris" {
  echo old >out/x.mender
  local options
  for options in '-f nope' '-k nope.pem' '--max-artifact-size 1KB' '-p nocolon' '-s nope' '--compression brotli' '-v 4'; do
    # shellcheck disable=SC2086
    run --separate-stderr write $options
    assert_failure
    assert_equal "$options $(cat out/x.mender)" "$options old"
    assert_directory out x.mender
  done
}

# ---- What it takes ----

# bytes_read FILE COMMAND...: how much of the file the command reads, with all its threads.
bytes_read() {
  local file=$1
  shift
  strace -f -qq -o trace -P "$file" -e trace=read,pread64,copy_file_range "$@" || return
  awk '/ = [0-9]+$/ { sum += $NF } END { print sum + 0 }' trace
}

@test "a payload is read once for checksum, manifest and compressed tar, and once more for a tar that holds it as it is" {
  strace -qq -o trace true 2>/dev/null || skip 'strace cannot trace here'
  [ -z "${SANITIZE:-}" ] || skip 'strace and a sanitizer do not go together'
  local compression
  head -c 5000000 /dev/urandom >rootfs.ext4
  for compression in gzip lzma zstd_fast; do
    assert_equal "$compression $(bytes_read rootfs.ext4 mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 \
      --compression $compression -k "$KEY" -o out/x.mender)" "$compression 5000000"
  done
  assert_equal "$(bytes_read rootfs.ext4 mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 \
    --compression none -k "$KEY" -o out/x.mender)" 10000000
}

# peak_kib COMMAND...: the most memory that the command has had at a time, on two processors at most.
peak_kib() {
  python3 -c 'import os, resource, subprocess, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

@test "memory is bounded whatever the size of the payload, for writing, signing and validating" {
  [ -z "${SANITIZE:-}" ] || skip 'a sanitizer takes memory of its own'
  local compression kib used
  # As random as an image is, half of it, and larger than any of the limits.
  head -c 3000000 /dev/urandom >random
  for _ in {1..15}; do cat random; head -c 3000000 /dev/zero; done >rootfs.ext4
  while read -r compression kib; do
    used=$(peak_kib mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 --compression "$compression" -o out/x.mender)
    [ "$used" -le "$kib" ] || complain "writing with $compression takes $used KiB" || return
    used=$(peak_kib mender-artifact validate out/x.mender)
    [ "$used" -le 32768 ] || complain "validating $compression takes $used KiB" || return
    used=$(peak_kib mender-artifact sign -k "$KEY" out/x.mender)
    [ "$used" -le 32768 ] || complain "signing $compression takes $used KiB" || return
  done <<'ROWS'
none 32768
gzip 32768
zstd_fastest 65536
zstd_fast 65536
ROWS
}

# ---- What is refused ----

@test "a type of device is needed, in one way of the two" {
  local sentence='must provide `compatible-types`, `artifact-name` and `file`'
  run --separate-stderr mender-artifact write rootfs-image -n n -f rootfs.ext4 -o out/x.mender
  assert_failure 1
  assert_equal "$stderr" "$sentence"
  refuse 1 "$sentence" -n ''
  refuse 1 "$sentence" -f ''
  refuse 1 '`device-type` and `compatible-types` are mutually exclusive' -t other
}

@test "names are checked before anything is written" {
  refuse 1 'whitespace is not allowed in the artifact-name' -n 'a b'
  refuse 1 'whitespace is not allowed in the artifact-name' -n $'a\nb'
  refuse 1 'invalid artifact provides: invalid artifact name: too many characters' -n "$(printf 'n%.0s' {1..257})"
}

@test "KEY:VALUE without a colon is quoted" {
  refuse 1 'argument must have a delimiting colon: foo' -p foo
  refuse 1 'argument must have a delimiting colon: bar' -d bar
}

@test "versions of the format that are not written fail with 2" {
  refuse 2 'Artifact version 1 is not supported' -v 1
  refuse 2 'Artifact version 4 is not supported' -v 4
  refuse 2 'Artifact version 0 is not supported' -v 0
  refuse 1 '--version three: the version of the format must be a number' -v three
  write -v 3
}

# The texts of an artifact of version 2, less the checksums of compressed headers.
version_2() {
  tar -xOf "$1" version manifest | grep -v header
  tar -xOf "$1" header.tar.gz | tar -tzf -
  tar -xOf "$1" header.tar.gz | tar -xzOf -
}

@test "version 2 is written as upstream's tool has it, with a warning; it has no provides" {
  local line arguments
  cp -r "$VECTORS/inputs" "$VECTORS/keys" .
  while read -r line; do
    mapfile -d '' -t arguments < <(jq -j '.command[1:][] | . + "\u0000"' <<<"$line")
    run --separate-stderr mender-artifact "${arguments[@]}" -o out/x.mender
    assert_success
    assert_equal "${stderr_lines[0]}" 'warning: format version 2 is refused by the device clients of today'
    diff <(version_2 "$VECTORS/$(jq -r .file <<<"$line")") <(version_2 out/x.mender)
    foreign /usr/bin/mender-artifact read out/x.mender >/dev/null
  done < <(jq -c '.vectors[] | select(.kind == "good" and (.id | test("^rootfs-v2"))) | {file, command}' "$VECTORS/index.json")
  run --separate-stderr write -v 2 -p a:b
  assert_success
  assert_contains 'warning: --provides is ignored: format version 2 has no place for it'
}

@test "an unknown compressor is named" {
  refuse 1 "compressor 'foo' is not supported: invalid compressor id: foo" --compression foo
}

@test "a level of compression takes effect, and the number of threads does not show" {
  write --compression lzma --compression-level 1 --threads 1
  mv out/x.mender one.mender
  write --compression lzma --compression-level 1 --threads 2
  assert_same_file one.mender out/x.mender
  write --compression lzma --compression-level 9
  run cmp -s one.mender out/x.mender
  assert_failure 1
  mender-artifact validate out/x.mender
}

@test "levels and threads that there are not are refused" {
  refuse 1 'gzip has levels 1 to 12, not 13' --compression-level 13
  refuse 1 'there are no levels of compression "none"; leave the level out' --compression none --compression-level 1
  refuse 1 '--compression-level 0: must be a number from 1 to 999' --compression-level 0
  refuse 1 '--threads many: must be a number from 1 to 999' --threads many
}

@test "keys: one at most, and one that can sign" {
  refuse 1 'too many signing keys given: [key vault-transit-key]' --vault-transit-key v -k "$KEY"
  refuse 1 'too many signing keys given: [key-pkcs11 keyfactor-signserver-worker]' \
    --keyfactor-signserver-worker w --key-pkcs11 pkcs11:x
  refuse 1 'Error reading key file: open nope.pem: No such file or directory' -k nope.pem
}

@test "a worker's name is one path of its URI, whatever is in it" {
  # Without settings the provider refuses, and names the worker: the encoded name has reached it decoded.
  run --separate-stderr write --keyfactor-signserver-worker 'my worker?x=1#/ä'
  assert_failure 1
  assert_contains 'signserver:///my%20worker%3Fx%3D1%23%2F%C3%A4'
  assert_directory out ''
}

# ---- Size ----

@test "what is larger than --max-artifact-size is not written, and fails with 3" {
  run --separate-stderr write --max-artifact-size 1KB
  assert_failure 3
  assert_matches "$stderr" 'Artifact size [0-9]+\.[0-9] KB exceeds maximum allowed size 1KB; out/x.mender is not written'
  assert_directory out ''
  local size
  for size in 1.5MB 1mb ' 1 TB ' 100000 99999B; do
    run --separate-stderr write --max-artifact-size "$size"
    assert_success
    assert_equal "$stderr" ''
  done
}

@test "an artifact of just the size that is allowed is written" {
  write
  local size
  size=$(stat -c %s out/x.mender)
  write --max-artifact-size "$size"
  run write --max-artifact-size $((size - 1))
  assert_failure 3
}

@test "what is larger than --warn-artifact-size is written with a warning" {
  run --separate-stderr write --warn-artifact-size 1.5kb
  assert_success
  refute_output
  assert_matches "$stderr" 'warning: Artifact size [0-9]+\.[0-9] KB exceeds specified limit 1\.5kb'
  mender-artifact validate out/x.mender
}

@test "a size that is none is refused before anything is written" {
  refuse 3 'invalid --max-artifact-size: invalid size format: abc' --max-artifact-size abc
  refuse 3 'invalid --max-artifact-size: unsupported unit: XB (supported: B, KB, MB, GB, TB)' --max-artifact-size 1XB
  refuse 3 'invalid --warn-artifact-size: invalid size format: 1.2.3' --warn-artifact-size 1.2.3
  refuse 3 'invalid --max-artifact-size: invalid size format: -1' --max-artifact-size -1
  refuse 3 'invalid --max-artifact-size: invalid size format: 99999999999TB' --max-artifact-size 99999999999TB
  refuse 3 'invalid --max-artifact-size: less than one byte: 0MB' --max-artifact-size 0MB
  refuse 3 'invalid --warn-artifact-size: less than one byte: 0.9' --warn-artifact-size 0.9
}

@test "sizes are no limits for standard output, and that is said" {
  mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 -o - --max-artifact-size 1B >out/x.mender 2>words
  assert_equal "$(cat words)" 'warning: Artifact size limits are not enforced when writing to stdout'
  mender-artifact validate out/x.mender
  mender-artifact write rootfs-image -c d -n n -f rootfs.ext4 -o /dev/stdout --max-artifact-size 1B 2>words | cat >out/x.mender
  assert_equal "$(cat words)" 'warning: Artifact size limits are not enforced when writing to /dev/stdout'
  mender-artifact validate out/x.mender
}
