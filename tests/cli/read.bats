#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mender-artifact read: the report byte for byte, and what it says when there is none.

load ../helpers/common

VECTORS=$TESTS/data/vectors
UNSIGNED=$VECTORS/good/rootfs-gzip.mender
RSA=$VECTORS/good/signed-rsa2048-pkcs1.mender
RSA_PUBLIC=$VECTORS/keys/test-rsa2048-pkcs1.pub.pem

# The good vector that we do not read as upstream's tool does: 4.4.0 refuses it, and devices take it.
DIFFERENT='^v390-rootfs-signed$'

@test "the report on every good vector is that of upstream's tool, byte for byte" {
  local query='.vectors[] | select(.kind | IN("good", "handmade-wellformed")) | select(.id | test($different) | not)
    | .read, .read_with_right_key | select(. != null)
    | [.stdout, .exit, (.args | length), .args[]] | .[] | tostring + "\u0000"'
  local expected expected_status count argument args total=0
  cd "$VECTORS" || return
  while IFS= read -r -d '' expected; do
    IFS= read -r -d '' expected_status
    IFS= read -r -d '' count
    args=()
    while [ ${#args[@]} -lt "$count" ]; do
      IFS= read -r -d '' argument
      args+=("$argument")
    done
    status=0
    mender-artifact "${args[@]}" >"$BATS_TEST_TMPDIR/report" 2>"$BATS_TEST_TMPDIR/words" || status=$?
    assert_equal "${args[*]} $status" "${args[*]} $expected_status"
    printf %s "$expected" | diff - "$BATS_TEST_TMPDIR/report" || complain "${args[*]}"
    total=$((total + 1))
  done < <(jq -j --arg different "$DIFFERENT" "$query" index.json)
  [ "$total" -gt 70 ]
}

@test "the signature is one of four things, and decides nothing" {
  local no_key='Signature: signed but no key for verification provided; please use `-k` option for providing verification key'
  run --separate-stderr mender-artifact read "$UNSIGNED"
  assert_success
  assert_contains 'Signature: no signature'
  run --separate-stderr mender-artifact read "$UNSIGNED" -k "$RSA_PUBLIC"
  assert_success
  assert_contains 'Signature: no signature'
  run --separate-stderr mender-artifact read "$RSA"
  assert_success
  assert_contains "$no_key"
  run --separate-stderr mender-artifact read "$RSA" -k "$RSA_PUBLIC"
  assert_success
  assert_contains 'Signature: signed and verified correctly'
  run --separate-stderr mender-artifact read "$RSA" -k "$VECTORS/keys/test-other-rsa2048.pub.pem"
  assert_success
  assert_contains 'Signature: signed; verification using provided key failed'
}

@test "a key that cannot be used is a failure, and there is no report" {
  run --separate-stderr mender-artifact read "$RSA" -k nope.pem
  assert_failure 1
  refute_output
  assert_equal "$stderr" 'Error reading key file: open nope.pem: No such file or directory'
}

@test "what cannot be opened fails with 4, what is broken with 1, and both without a report" {
  run --separate-stderr mender-artifact read nope.mender
  assert_failure 4
  refute_output
  assert_contains 'Can not open artifact'
  assert_contains nope.mender

  head -c 4000 "$UNSIGNED" >cut.mender
  run --separate-stderr mender-artifact read cut.mender
  assert_failure 1
  refute_output

  run --separate-stderr mender-artifact read
  assert_failure 1
  assert_equal "$stderr" $'Nothing specified, nothing read. \nMaybe you wanted to say \'artifacts read <pathspec>\'?'
}

@test "a pipe is as good as a file" {
  run --separate-stderr bash -c "cat '$UNSIGNED' | mender-artifact read /dev/stdin"
  assert_success
  assert_output "$(mender-artifact read "$UNSIGNED")"
}

@test "times are local" {
  echo x >file
  SOURCE_DATE_EPOCH=1700000000 mender-artifact write module-image -T t -n a -c d -f file -o x.mender
  assert_equal "$(mender-artifact read x.mender | grep modified)" '        modified: 2023-11-14 22:13:20 +0000 UTC'
  assert_equal "$(TZ=Europe/Berlin mender-artifact read x.mender | grep modified)" \
    '        modified: 2023-11-14 23:13:20 +0100 CET'
  assert_equal "$(TZ='<-03>3' mender-artifact read x.mender | grep modified)" \
    '        modified: 2023-11-14 19:13:20 -0300 -03'
}

@test "a warning goes to standard error, and the report is complete" {
  run --separate-stderr mender-artifact read "$VECTORS/good/v390-rootfs-signed.mender"
  assert_success
  assert_contains 'Type: '
  [[ $stderr == 'warning: '* ]] || complain 'no warning'
}

@test "control characters are shown, not sent: C0, DEL and C1, in values and in meta-data" {
  printf '{"k\\u007f":"a\\u009bb\\u001bc","\xc3\xa9":"\xe2\x82\xac"}' >meta.json
  mender-artifact write module-image -T t -n a -c d -m meta.json -o x.mender \
    -p $'key\x7f:a\x1bb\xc2\x9bc\xc3\xa9' -d $'need:\ttab'
  run --separate-stderr mender-artifact read x.mender
  assert_success
  assert_contains '      key\x7f: a\x1bb\x9bcé'
  assert_contains '      need: \x09tab'
  assert_contains '        "k\u007f": "a\u009bb\u001bc",'
  assert_contains '        "é": "€"'
  [[ $output != *[$'\001'-$'\010'$'\013'-$'\037'$'\177']* ]] || complain 'a control character came through'
}

@test "meta-data is indented, with empty lists and nesting" {
  printf '{"z":[],"a":{},"s":"br{ac}es, [and]: \\"quotes\\"","l":[1,[2,{"x":null}],true]}' >meta.json
  mender-artifact write module-image -T t -n a -c d -m meta.json -o x.mender
  run --separate-stderr mender-artifact read x.mender
  assert_success
  assert_contains '    Metadata:
      {
        "a": {},
        "l": [
          1,
          [
            2,
            {
              "x": null
            }
          ],
          true
        ],
        "s": "br{ac}es, [and]: \"quotes\"",
        "z": []
      }
    Files: []'
}

@test "a progress bar is for terminals, and --no-progress is for nobody" {
  script -qec true /dev/null >/dev/null 2>&1 || skip 'no terminal can be made here'
  run --separate-stderr mender-artifact read "$UNSIGNED"
  assert_equal "$stderr" ''
  run script -qec "mender-artifact read '$UNSIGNED'" /dev/null
  assert_success
  assert_contains ' MB/s'
  run script -qec "mender-artifact read --no-progress '$UNSIGNED'" /dev/null
  assert_success
  refute_contains ' MB/s'
}

@test "writing, signing and validating show a bar too, with the time that is left" {
  script -qec true /dev/null >/dev/null 2>&1 || skip 'no terminal can be made here'
  local command
  head -c 20000000 /dev/urandom >payload
  for command in "write module-image -c d -n n -T t -f payload -o x.mender --compression-level 12 --threads 1" \
    "validate x.mender" "sign -f -k '$VECTORS/keys/test-rsa2048-pkcs8.pem' x.mender"; do
    run script -qec "mender-artifact $command" /dev/null
    assert_success
    assert_matches "$output" '.*payload \[\.* *\] +[0-9]+ % +[0-9.]+ MB/s.*'
    [[ $command != write* ]] || assert_contains ' s left'
    run script -qec "mender-artifact $command --no-progress" /dev/null
    assert_success
    refute_contains ' MB/s'
  done
}

# ---- For programs ----

@test "JSON says what the report says" {
  mender-artifact read --json "$VECTORS/good/module-provides-depends.mender" >json
  mender-artifact read "$VECTORS/good/module-provides-depends.mender" >report
  assert_equal "$(jq -r '"  Name: " + .name' json)" "$(grep '^  Name: ' report)"
  assert_equal "$(jq -r '"  - Type: " + .payload.type' json)" "$(grep '  - Type: ' report)"
  assert_equal "$(jq -r '.payload.provides | to_entries[] | "      \(.key): \(.value)"' json)" \
    "$(sed -n '/Provides:$/,/Depends:/p' report | grep '^      ')"
  assert_equal "$(jq -r '.payload.files[] | "\(.checksum) \(.name) \(.size)"' json)" \
    "$(sed -n 's/^.*\(checksum\|name\|size\): //p' <(sed -n '/Files:/,$p' report) | paste -sd ' ' | xargs -n 3)"
}

@test "JSON has null for what an empty payload lacks" {
  printf '{"big":12345678901234567890,"tenth":0.1,"text":"\\\\u0000","one":1}' >meta.json
  mender-artifact write module-image -T t -n a -c d -m meta.json -p 'k:"\u0000"' --clears-provides x -o x.mender
  mender-artifact read --json x.mender >json
  jq -e . json >/dev/null
  grep -qF '"meta_data": {"big":12345678901234567000,"one":1,"tenth":0.1,"text":"\\u0000"}' json
  assert_equal "$(jq -r .payload.provides.k json)" '"\u0000"'
  assert_equal "$(jq -c .payload.clears_provides json)" '["x","rootfs-image.t.*"]'
  mender-artifact write module-image -T t -n a -c d --no-default-clears-provides -o x.mender
  assert_equal "$(mender-artifact read --json x.mender | jq -c .payload.clears_provides)" null
  mender-artifact read --json "$VECTORS/good/bootstrap.mender" >json
  assert_equal "$(jq -c '[.payload.type, .payload.meta_data, .payload.files]' json)" '[null,null,[]]'
}

# ---- Augmented artifacts ----

# Takes the augmented vector apart; `again` puts it together.
take_apart() {
  tar -xf "$VECTORS/good/module-augmented.mender"
}

again() {
  tar --format=ustar -cf again.mender version manifest manifest-augment header.tar.gz header-augment.tar.gz data/0000.tar.gz
}

@test "what only manifest-augment lists is not taken for the header, nor the reverse" {
  take_apart
  grep ' header.tar.gz' manifest >>manifest-augment
  sed -i '/ header.tar.gz/d' manifest
  again
  run --separate-stderr mender-artifact read again.mender
  assert_failure 1
  assert_contains "checksum missing for file: 'header.tar.gz'"
  take_apart
  grep ' header-augment.tar.gz' manifest-augment >>manifest
  sed -i '/ header-augment.tar.gz/d' manifest-augment
  again
  run --separate-stderr mender-artifact read again.mender
  assert_failure 1
  assert_contains "checksum missing for file: 'header-augment.tar.gz'"
}

@test "a file that both manifests list is refused" {
  take_apart
  grep ' data/' manifest >>manifest-augment
  again
  run --separate-stderr mender-artifact read again.mender
  assert_failure 1
  assert_contains 'file already exists'
}

@test "what is added has no scripts" {
  take_apart
  mkdir header
  tar -C header -xzf header-augment.tar.gz
  mkdir header/scripts
  echo >header/scripts/ArtifactInstall_Enter_00
  tar --format=ustar -C header -cf header-augment.tar header-info scripts/ArtifactInstall_Enter_00 headers/0000/type-info
  gzip -nf header-augment.tar
  sed -i "s/^.*  header-augment/$(sha256sum <header-augment.tar.gz | cut -c 1-64)  header-augment/" manifest-augment
  again
  run --separate-stderr mender-artifact read again.mender
  assert_failure 1
  assert_contains 'invalid header path "scripts/ArtifactInstall_Enter_00"'
}

@test "what is added is laid over what is there, and what does not fit is refused" {
  echo 1 >one
  echo 2 >two
  printf '{"a": {"x": 1, "y": [1]}, "b": 1}' >meta.json
  printf '{"a": {"x": 2, "z": 3}, "c": null}' >more.json
  write() {
    mender-artifact write module-image -n n -c t -T module -f one -m meta.json -p a:1 -p b:1 -d d:1 \
      --augment-type module --augment-file two --augment-provides b:2 --augment-provides c:2 --augment-depends d:2 \
      --augment-meta-data more.json -o a.mender 2>/dev/null
  }
  write
  mender-artifact read a.mender >report 2>/dev/null
  assert_equal "$(sed -n '/Provides:$/,/Clears/p' report | paste -sd '|' | tr -d ' ')" \
    'Provides:|a:1|b:2|c:2|rootfs-image.module.version:n|Depends:|d:2|ClearsProvides:[rootfs-image.module.*]'
  assert_equal "$(sed -n '/Metadata:/,/Files:/p' report | sed '1d;$d' | jq -c .)" '{"a":{"x":2,"y":[1],"z":3},"b":1,"c":null}'
  for conflict in '{"a": 1}' '{"b": {}}'; do
    echo "$conflict" >more.json
    write
    run --separate-stderr mender-artifact read a.mender
    assert_failure 1
    assert_contains 'Type conflict: object/non-object'
  done
  echo '{"a": {"y": 1}}' >more.json
  write
  run --separate-stderr mender-artifact read a.mender
  assert_failure 1
  assert_contains 'y: Type conflict: list/non-list'
}
