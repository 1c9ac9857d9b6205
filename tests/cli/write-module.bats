#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mender-artifact write module-image and write bootstrap-artifact.

load ../helpers/common

VECTORS=$TESTS/data/vectors
KEY=$VECTORS/keys/test-rsa2048-pkcs8.pem
PUBLIC=$VECTORS/keys/test-rsa2048-pkcs8.pub.pem

# Outputs go to a directory of their own, so that debris in it is seen.
setup() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir out
  echo one >one.txt
  echo two >two.bin
}

module() {
  mender-artifact write module-image -c device -n release-1 -T type -o out/x.mender "$@"
}

bootstrap() {
  mender-artifact write bootstrap-artifact -c device -n release-1 -o out/x.mender "$@"
}

# refuse STATUS SENTENCE COMMAND [OPTION...]: the command fails, says this and no more, and leaves nothing.
refuse() {
  local expected=$1 sentence=$2
  shift 2
  run --separate-stderr "$@"
  assert_failure "$expected"
  refute_output
  assert_equal "$stderr" "$sentence"
  assert_directory out ''
}

header() {
  tar -xOf out/x.mender header.tar.gz | tar -xzOf - "$1"
}

# provides_and_clears PROVIDES CLEARS OPTION...: both as JSON.
provides_and_clears() {
  local provides=$1 clears=$2
  shift 2
  module "$@"
  assert_equal "$* $(header headers/0000/type-info | jq -cS '.artifact_provides // {}')" "$* $provides"
  assert_equal "$* $(header headers/0000/type-info | jq -c '.clears_artifact_provides // []')" "$* $clears"
}

# ---- Modules ----

@test "files keep their order, and none is needed" {
  run --separate-stderr module -f two.bin -f one.txt -k "$KEY"
  assert_success
  refute_output
  assert_equal "$stderr" ''
  assert_equal "$(tar -xOf out/x.mender data/0000.tar.gz | tar -tzf - | paste -sd ' ')" 'two.bin one.txt'
  mender-artifact validate out/x.mender -k "$PUBLIC"
  run --separate-stderr module
  assert_success
  mender-artifact validate out/x.mender
}

@test "the version of the software is provided under the type, and what it replaces is cleared" {
  provides_and_clears '{"rootfs-image.type.version":"release-1"}' '["rootfs-image.type.*"]'
  provides_and_clears '{"fs.x.version":"2"}' '["fs.x.*"]' --software-name x --software-version 2 --software-filesystem fs
  provides_and_clears '{"rootfs-image.version":"3"}' '[]' --no-default-software-version --software-version 3
  provides_and_clears '{}' '[]' --no-default-software-version
  provides_and_clears '{"rootfs-image.type.version":"release-1"}' '[".type.*"]' --software-filesystem ''
  provides_and_clears '{"rootfs-image.rootfs-image.version":"release-1"}' '["rootfs-image.rootfs-image.*"]' \
    -T rootfs-image -f one.txt
}

@test "meta-data is stored minified with its keys sorted; null and {} are none" {
  printf '{ "b" : [1, 2.5, null],\n "a": {"z": true, "y": "\xc3\xa9"} }\n' >meta.json
  module -m meta.json
  assert_equal "$(header headers/0000/meta-data)" '{"a":{"y":"é","z":true},"b":[1,2.5,null]}'
  local none
  for none in null '{}' ' { } '; do
    printf %s "$none" >meta.json
    module -m meta.json
    assert_equal "$(tar -xOf out/x.mender header.tar.gz | tar -tzf - | paste -sd ' ')" 'header-info headers/0000/type-info'
  done
}

@test "meta-data that is no JSON object is refused, and too much of it" {
  local text
  for text in '' '[1]' '"text"' '{"a":' '{"a":1} more' '{"a":1,"a":2}'; do
    printf %s "$text" >meta.json
    run --separate-stderr module -m meta.json
    assert_failure 1
    assert_contains meta-data
    assert_directory out ''
  done
  printf '{"a":"\0"}' >meta.json
  refuse 1 'meta-data file meta.json: not a text' module -m meta.json
  head -c 1048577 /dev/zero | tr '\0' ' ' >meta.json
  refuse 1 'meta-data file meta.json: larger than 1048576 bytes' module -m meta.json
  refuse 1 'can not read meta-data file nope.json: No such file or directory' module -m nope.json
  refuse 1 'can not read meta-data file out: Is a directory' module -m out
}

@test "two files of the same name, and names that devices refuse, are refused" {
  mkdir other
  cp one.txt other
  run --separate-stderr module -f one.txt -f other/one.txt
  assert_failure 1
  assert_contains 'other/one.txt: file already exists'
  cp one.txt 'sp ace.txt'
  refuse 1 'Payload: data file sp ace.txt contains forbidden characters. Only letters, digits and characters in the set ".,_-" are allowed' \
    module -f 'sp ace.txt'
  refuse 1 'Failed to open the payload file: "nope": No such file or directory' module -f nope
}

@test "what is more than is read of a header is not written: meta-data, scripts, all of it" {
  local i
  # Each of them takes six bytes in the artifact.
  printf '{"a":"%s"}' "$(head -c 200000 /dev/zero | tr '\0' '<')" >meta.json
  refuse 1 'meta-data: would be larger than 1048576 bytes' module -m meta.json
  run --separate-stderr module --augment-type type --augment-meta-data meta.json
  assert_failure 1
  assert_contains 'meta-data: would be larger than 1048576 bytes'
  assert_directory out ''
  mkdir scripts
  for i in {1..4097}; do : >"scripts/ArtifactInstall_Enter_00_$i"; done
  refuse 1 'there are more than 4096 scripts' module -s scripts
  rm scripts/*_1
  module -s scripts
  mender-artifact validate out/x.mender
  rm -r scripts/* out/x.mender
  head -c 40000000 /dev/zero | tee scripts/ArtifactInstall_Enter_00 >scripts/ArtifactInstall_Enter_01
  refuse 1 'scripts/ArtifactInstall_Enter_01: the header would be larger than 67108864 bytes' module -s scripts
  truncate -s 27100000 scripts/ArtifactInstall_Enter_01
  module -s scripts
  mender-artifact validate out/x.mender
}

@test "meta-data is never the output" {
  local option
  echo '{"a":1}' >out/meta
  for option in --meta-data --augment-meta-data; do
    run --separate-stderr mender-artifact write module-image -c d -n n -T t --augment-type t "$option" out/meta -o out/meta
    assert_failure 1
    assert_contains "$option out/meta: is the output as well as an input"
    assert_equal "$(cat out/meta)" '{"a":1}'
  done
}

@test "scripts and files with characters that devices cannot unpack are refused by name" {
  echo text >ArtifactInstall_Enter_00_ä
  echo text >ä
  run --separate-stderr mender-artifact write module-image -n n -c t -T m -s ArtifactInstall_Enter_00_ä -o x.mender
  assert_failure 1
  assert_equal "$stderr" 'Invalid script name: "ArtifactInstall_Enter_00_ä" has a character that is not ASCII, which devices can not unpack'
  run --separate-stderr mender-artifact write module-image -n n -c t -T m -f ä -o x.mender
  assert_failure 1
  assert_contains 'data file ä contains forbidden characters'
  [ ! -e x.mender ]
}

@test "a type is needed" {
  refuse 1 'Required flag "type" not set' mender-artifact write module-image -c d -n n -o out/x.mender
  refuse 1 'Required flag "type" not set' module -T ''
}

@test "a type of device and a name are needed" {
  refuse 1 'The `device-type` or `compatible-types` flag is required' \
    mender-artifact write module-image -T t -n n -o out/x.mender
  refuse 1 'The `artifact-name` flag is required' module -n ''
  run --separate-stderr module -t device
  assert_failure 1
  assert_contains '`device-type` and `compatible-types` are mutually exclusive'
}

@test "a name may have blanks, as it always might" {
  module -n 'release 1'
  assert_equal "$(mender-artifact read out/x.mender | sed -n 's/^  Name: //p')" 'release 1'
  mender-artifact validate out/x.mender
}

@test "format version 2 has no modules: 1; other versions are not written: 2" {
  refuse 1 'Module images need at least artifact format version 3' module -v 2
  refuse 2 'Artifact version 4 is not supported' module -v 4
}

@test "the defaults are those of upstream's tool, for every good vector that it wrote" {
  local id file line count=0 arguments
  cp -r "$VECTORS/inputs" "$VECTORS/keys" .
  while read -r line; do
    id=$(jq -r .id <<<"$line")
    file=$(jq -r .file <<<"$line")
    mapfile -d '' -t arguments < <(jq -j '.command[1:][] | . + "\u0000"' <<<"$line")
    # The last -o counts.
    run --separate-stderr mender-artifact "${arguments[@]}" -o out/x.mender
    assert_success
    # Times differ, and so does the order of scripts, which upstream leaves to chance.
    diff <(mender-artifact read "$VECTORS/$file" 2>/dev/null | grep -v modified: | sort) \
      <(mender-artifact read out/x.mender | grep -v modified: | sort) || complain "$id"
    count=$((count + 1))
  done < <(jq -c '.vectors[] | select(.kind == "good" and .command[1] == "write")
    | select(.id | test("^(rootfs-v2.*|module-augmented.*|module-name-120)$") | not) | {id, file, command}' "$VECTORS/index.json")
  [ "$count" -gt 40 ]
}

# ---- Augmented artifacts ----

# contents FILE: names and texts of all members but the payload; checksums of headers differ with the compressor.
contents() {
  local header
  tar -xOf "$1" manifest manifest-augment version | grep -v header
  for header in header header-augment; do
    tar -xOf "$1" $header.tar.gz | tar -tzf -
    tar -xOf "$1" $header.tar.gz | tar -xzOf -
  done
  tar -tf "$1"
  tar -xOf "$1" data/0000.tar.gz | tar -tzf -
}

@test "what augments a module is written as upstream's tool has it, and with a warning" {
  local line arguments
  cp -r "$VECTORS/inputs" "$VECTORS/keys" .
  while read -r line; do
    mapfile -d '' -t arguments < <(jq -j '.command[1:][] | . + "\u0000"' <<<"$line")
    run --separate-stderr mender-artifact "${arguments[@]}" -o out/x.mender
    assert_success
    assert_equal "$stderr" 'warning: this is an augmented artifact, which the device clients of today refuse'
    diff <(contents "$VECTORS/$(jq -r .file <<<"$line")") <(contents out/x.mender)
    foreign /usr/bin/mender-artifact read out/x.mender >/dev/null
  done < <(jq -c '.vectors[] | select(.kind == "good" and (.id | test("^module-augmented"))) | {file, command}' \
    "$VECTORS/index.json")
}

# compare OPTION...: ours and upstream's tool write the same, which upstream's finds valid.
compare() {
  mender-artifact write module-image -n n -c c -T rootfs-image "$@" -o out/x.mender 2>/dev/null
  foreign /usr/bin/mender-artifact write module-image -n n -t c -T rootfs-image "$@" -o reference.mender
  diff <(contents reference.mender 2>/dev/null) <(contents out/x.mender 2>/dev/null)
  foreign /usr/bin/mender-artifact validate out/x.mender
}

@test "an image that is written as a module's is as upstream's tool has it: without meta-data, and augmented too" {
  [ -x /usr/bin/mender-artifact ] || skip "upstream's tool is not installed"
  local options
  echo '{"a":1}' >meta.json
  for options in '' '-m meta.json' '--augment-type rootfs-image' '--augment-type t --augment-provides k:v --augment-meta-data meta.json'; do
    # shellcheck disable=SC2086
    compare -f one.txt $options
  done
  compare --augment-type rootfs-image --augment-file one.txt
  run --separate-stderr mender-artifact write module-image -n n -c c -T rootfs-image -f one.txt --augment-type t --augment-file two.bin \
    -o out/x.mender
  assert_failure 1
  assert_contains 'Rootfs: Must provide exactly one update file'
}

@test "augmenting needs a type, and names of its own" {
  refuse 1 'Must give --augment-type argument if making augmented artifact' module --augment-file one.txt
  refuse 1 'Must give --augment-type argument if making augmented artifact' module --augment-provides a:b
  run --separate-stderr module --augment-type t -f one.txt --augment-file one.txt
  assert_failure 1
  assert_contains 'one.txt: file already exists: two payload files have the same name'
  run --separate-stderr module --augment-type t --augment-file 'sp ace'
  assert_failure 1
  assert_contains 'data file sp ace contains forbidden characters'
  assert_directory out ''
}

# ---- Bootstrap artifacts ----

@test "a bootstrap artifact has no payload, and only what it was given" {
  run --separate-stderr bootstrap -p a:1 -d b:2 -g group --clears-provides 'x.*' -k "$KEY"
  assert_success
  refute_output
  run --separate-stderr mender-artifact read out/x.mender
  assert_contains $'    Provides:\n      a: 1\n    Depends:\n      b: 2\n    Clears Provides: [x.*]'
  assert_contains 'Type: Empty type'
  assert_contains 'Provides group: group'
  mender-artifact validate out/x.mender -k "$PUBLIC"
}

@test "a bootstrap artifact takes no payload and no software version" {
  local option
  for option in file script type meta-data software-name no-default-software-version max-artifact-size; do
    run --separate-stderr bootstrap "--$option" x
    assert_failure 1
    assert_contains "flag provided but not defined: -$option"
  done
}

@test "a bootstrap artifact needs a name and a type of device" {
  refuse 1 'Required flag "artifact-name" not set' mender-artifact write bootstrap-artifact -c d -o out/x.mender
  refuse 1 'must provide `compatible-types` and `artifact-name`' \
    mender-artifact write bootstrap-artifact -n n -o out/x.mender
  refuse 1 'whitespace is not allowed in the artifact-name' bootstrap -n 'a b'
  refuse 1 'Bootstrap artifacts need at least artifact format version 3' bootstrap -v 2
}
