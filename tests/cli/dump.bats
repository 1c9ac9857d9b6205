#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mender-artifact dump: what it takes out is what went in, and the command that it prints puts it together again.

load ../helpers/common

VECTORS=$TESTS/data/vectors

# dump_all FILE: into files, scripts and meta, which are made.
dump_all() {
  run --separate-stderr mender-artifact dump "$1" --files files --scripts scripts --meta-data meta "${@:2}"
}

# What read says, but for the signature, which is not dumped, the files' times, and the scripts' order, which writing sorts.
report() {
  mender-artifact read "$1" 2>/dev/null | sed -e '/^ *Signature:/d' -e 's/^\( *modified: \).*/\1/' | sort
}

@test "the command that is printed, run by a shell, writes an artifact that says and holds the same" {
  local vector name total=0
  for vector in "$VECTORS"/good/*.mender; do
    name=${vector##*/}
    mender-artifact read "$vector" >/dev/null 2>&1 || continue
    # A list of alternatives, and a name that is too long for devices, can be read and not be written.
    [[ $name != rootfs-depends-list.mender && $name != module-name-120.mender ]] || continue
    rm -rf files scripts meta again.mender
    dump_all "$vector" --print-cmdline
    assert_success
    sh -c "mender-artifact $output -o again.mender" 2>words || complain "$name: $output" "$(cat words)"
    diff <(report "$vector") <(report again.mender) || complain "$name differs"
    total=$((total + 1))
  done
  [ $total -gt 40 ]
}

@test "an artifact that we wrote comes out byte for byte when it is dumped and written" {
  mkdir in
  printf 'one\n' >in/one
  printf 'two\n' >in/two
  printf '#!/bin/sh\n' >ArtifactInstall_Enter_00
  printf '{"a": {"b": [1, "x y"]}}' >meta.json
  mender-artifact write module-image -n "it's a name" -t 'one type' -t two -T module -f in/one -f in/two \
    -s ArtifactInstall_Enter_00 -m meta.json -p 'a key:a value' -d 'x:$(y)' --provides-group g -G h -N before \
    --compression lzma -o first.mender
  dump_all first.mender --print-cmdline
  assert_success
  touch -d @0 files/one files/two
  eval "mender-artifact $output -o second.mender"
  assert_same_file first.mender second.mender
}

@test "what augments an artifact is dumped apart, and put together again byte for byte" {
  printf 'one\n' >one
  printf 'two\n' >two
  printf '{"a": 1}' >meta.json
  printf '{"b": 2}' >more.json
  mender-artifact write module-image -n n -c c -T module -f one -m meta.json --augment-type module --augment-file two \
    --augment-meta-data more.json --augment-provides k:v --augment-depends d:e -o first.mender
  dump_all first.mender --print-cmdline
  assert_success
  assert_equal "$(cat meta/0000.meta-data meta/0000.meta-data-augment | paste -sd ' ')" '{"a":1} {"b":2}'
  touch -d @0 files/one files/two
  eval "mender-artifact $output -o second.mender"
  assert_same_file first.mender second.mender

  rm -r files meta scripts
  mender-artifact write module-image -n n -c c -T module --augment-type module --augment-meta-data more.json -o first.mender
  dump_all first.mender --print-cmdline
  assert_contains '--augment-meta-data meta/0000.meta-data-augment'
  refute_contains ' --meta-data'
}

@test "files, scripts and meta-data are what was put in, with their modes" {
  printf 'payload\n' >payload
  printf '#!/bin/sh\nexit 0\n' >ArtifactInstall_Enter_00
  printf '{"b": 1,\n "a": 2}' >meta.json
  mender-artifact write module-image -n n -t t -T module -f payload -s ArtifactInstall_Enter_00 -m meta.json -o a.mender
  umask 022
  dump_all a.mender
  assert_success
  refute_output
  assert_same_file payload files/payload
  assert_same_file ArtifactInstall_Enter_00 scripts/ArtifactInstall_Enter_00
  assert_equal "$(jq -S -c . meta/0000.meta-data)" '{"a":2,"b":1}'
  assert_equal "$(stat -c %a files/payload scripts/ArtifactInstall_Enter_00 meta/0000.meta-data | paste -sd ' ')" '644 755 644'
}

@test "what is not asked for is not written, and not in the command" {
  mender-artifact dump "$VECTORS/good/module-scripts.mender" --scripts only --print-cmdline >line
  grep -q -- '--script only/' line
  run ! grep -q -- --file line
  assert_directory . line only
}

@test "--print0-cmdline separates with NUL and quotes nothing" {
  printf x >a-file
  mender-artifact write module-image -n n -t t -T module -f a-file -o a.mender
  mender-artifact dump a.mender --files 'the dir' --print0-cmdline >line
  mapfile -d '' -t words <line
  assert_equal "${words[0]} ${words[1]}" 'write module-image'
  assert_equal "${words[-1]}" 'the dir/a-file'
}

@test "the two ways of printing exclude each other, and nothing is dumped" {
  dump_all "$VECTORS/good/rootfs-gzip.mender" --print-cmdline --print0-cmdline
  assert_failure 1
  assert_contains '--print-cmdline and --print0-cmdline are conflicting options.'
  refute_exists files
}

@test "a file that is there is not overwritten, and what was dumped before it is taken away" {
  mkdir files
  echo mine >files/two.txt
  printf 1 >one.txt
  printf 2 >two.txt
  mender-artifact write module-image -n n -t t -T module -f one.txt -f two.txt -o a.mender
  dump_all a.mender
  assert_failure 7
  assert_contains 'Error dumping Artifact: can not install two.txt: open files/two.txt'
  assert_contains 'use an empty directory'
  assert_equal "$(cat files/two.txt)" mine
  assert_directory files two.txt
}

@test "a link in the directory is not followed" {
  mkdir files
  ln -s ../victim files/text-20k.txt
  dump_all "$VECTORS/good/rootfs-gzip.mender"
  assert_failure 7
  refute_exists victim
}

@test "of a damaged artifact nothing is left" {
  head -c 3000 "$VECTORS/good/module-several-files.mender" >cut.mender
  dump_all cut.mender --print-cmdline
  assert_failure 5
  refute_output
  assert_contains 'Error dumping Artifact: '
  assert_equal "$(find files scripts meta -type f)" ""
}

@test "an artifact that is not there, none at all, or two, are refused" {
  run --separate-stderr mender-artifact dump nothing.mender
  assert_failure 4
  assert_contains 'open nothing.mender: No such file or directory'
  for artifacts in '' "$VECTORS/good/rootfs-none.mender $VECTORS/good/rootfs-gzip.mender"; do
    # shellcheck disable=SC2086
    run --separate-stderr mender-artifact dump --files files $artifacts
    assert_failure 1
    assert_contains 'Need to specify exactly one Artifact with dump command'
    refute_exists files
  done
}

@test "a directory that cannot be made names itself" {
  echo >file
  run --separate-stderr mender-artifact dump "$VECTORS/good/rootfs-gzip.mender" --files file/below
  assert_failure 7
  assert_contains 'can not make the directory file/below'
}

# craft HEADER_INFO TYPE_INFO [FILE...]: x.mender, as no write command makes it.
craft() {
  local file
  rm -rf parts files
  mkdir -p parts/headers/0000 parts/data
  printf '{"format":"mender","version":3}' >parts/version
  printf '%s' "$1" >parts/header-info
  printf '%s' "$2" >parts/headers/0000/type-info
  shift 2
  tar -C parts -cf parts/header.tar header-info headers/0000/type-info
  tar -cf parts/data/0000.tar -T <(printf '%s\n' "$@")
  {
    for file; do sha256sum "$file" | sed 's|  |  data/0000/|'; done
    (cd parts && sha256sum header.tar version)
  } >parts/manifest
  tar -C parts -cf x.mender version manifest header.tar data/0000.tar
}

# header_info TYPE...: of so many payloads.
header_info() {
  printf '{"payloads":[%s],"artifact_provides":{"artifact_name":"a name"},"artifact_depends":{"device_type":["c"]}}' \
    "$(printf '{"type":%s}\n' "$@" | paste -sd ,)"
}

@test "what the command that is printed does not write again is warned of" {
  local warning type_info
  while IFS='|' read -r warning type type_info; do
    craft "$(header_info "$type")" "{\"type\":$type$type_info}"
    dump_all x.mender --print-cmdline
    assert_success
    assert_contains "warning: $warning"
    assert_equal "$warning ${#stderr_lines[@]}" "$warning 1"
  done <<'ROWS'
provides a:b has a colon in its key|"t"|,"artifact_provides":{"a:b":"c"}
depends a:b has a colon in its key|"t"|,"artifact_depends":{"a:b":"c"}
depends device_type has a key that write refuses|"t"|,"artifact_depends":{"device_type":"c"}
provides artifact_group has a key that write refuses|"t"|,"artifact_provides":{"artifact_group":"c"}
the artifact says that it clears no provides|"t"|,"clears_artifact_provides":[]
one of the provides that it clears is empty|"t"|,"clears_artifact_provides":["","x"]
the artifact has no image of a root file system in it|"rootfs-image"|
the artifact's name has white space in it|null|
ROWS
  craft "$(header_info '"t"')" '{"type":"t","artifact_provides":{"a":"b:c"},"clears_artifact_provides":["x"]}'
  dump_all x.mender --print-cmdline
  assert_success
  assert_equal "$stderr" ''
}

@test "two payloads are more than dump can take apart: 6, and to validate an invalid artifact: 5" {
  craft "$(header_info '"t"' '"u"')" '{"type":"t"}'
  dump_all x.mender
  assert_failure 6
  assert_contains 'The dump command can handle one payload only: header.tar: header-info: there is more than one payload'
  run mender-artifact validate x.mender
  assert_failure 5
  run mender-artifact read x.mender
  assert_failure 1
}

@test "without /proc files are dumped all the same, and artifacts are written and signed" {
  local artifact=$VECTORS/good/rootfs-gzip.mender key=$VECTORS/keys/test-rsa2048-pkcs8.pem
  [ -z "${SANITIZE:-}" ] || skip 'sanitizers want /proc themselves'
  unshare -rm sh -c 'mount -t tmpfs none /proc' 2>/dev/null || skip 'no file system can be mounted here'
  printf 'one\n' >one
  dump_all "$artifact"
  unshare -rm sh -euc 'mount -t tmpfs none /proc
    mender-artifact dump --files bare "$1"
    mender-artifact write module-image -n n -c c -T t -f one -o new.mender
    mender-artifact sign -k "$2" new.mender' - "$artifact" "$key"
  diff -r files bare
  mender-artifact validate -k "$key" new.mender
  [ -z "$(find . -name '.artifact*')" ]
}
